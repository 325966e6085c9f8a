// SPDX-License-Identifier: GPL-2.0-only
/*
 * An idle page is mapped as much as an accessed one: whatever the VMM does to
 * its memory or its slots, the guest sees the result with its next access, and
 * nothing of what was there before.
 */
#include <sys/mman.h>

#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	1024
#define SIZE_WATCHED	(PAGES_WATCHED * SZ_4K)

/* The page that things happen to, and others that they do not happen to. */
#define PAGE		7
#define NEIGHBOUR	8
#define FAR_AWAY	900

/* Where a slot can be moved to. */
#define ELSEWHERE_IPA	(MEMORY_IPA + SZ_1G)

/* What the VMM has put into page @n, and what else goes into pages. */
#define CONTENTS(n)	(0x1111000000000000ULL + (n))
#define BY_GUEST	0x2222222222222222ULL
#define BY_HOST		0x3333333333333333ULL

/* How the page is at stage 2 when it happens. */
enum state {
	IDLE,		/* never accessed, mapped along with a neighbour */
	READ,
	WRITTEN,	/* with what was there already */
	TAKEN_BACK,	/* accessed before the last batch, but not since */
};

FIXTURE(page)
{
	struct vm *vm;
	struct vcpu *vcpu;
	u64 *hva;
};

FIXTURE_VARIANT(page)
{
	enum state state;
};

FIXTURE_VARIANT_ADD(page, idle)
{
	.state = IDLE,
};

FIXTURE_VARIANT_ADD(page, read)
{
	.state = READ,
};

FIXTURE_VARIANT_ADD(page, written)
{
	.state = WRITTEN,
};

FIXTURE_VARIANT_ADD(page, taken_back)
{
	.state = TAKEN_BACK,
};

static u64 *page_hva(struct vm *vm, u64 n)
{
	return vm_hva(vm, MEMORY_PAGE(n), SZ_4K);
}

static void pages_fill(struct vm *vm)
{
	u64 i;

	for (i = 0; i < PAGES_WATCHED; i++)
		*page_hva(vm, i) = CONTENTS(i);
}

FIXTURE_SETUP(page)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	self->hva = page_hva(self->vm, PAGE);
	pages_fill(self->vm);
	puppet_start(self->vcpu);
	puppet_read(self->vcpu, MEMORY_PAGE(0));
	puppet_read(self->vcpu, MEMORY_PAGE(FAR_AWAY));
	ASSERT_EQ(PAGES_WATCHED, pages_mapped(self->vm, MEMORY_WINDOW));
	switch (variant->state) {
	case IDLE:
		break;
	case READ:
		ASSERT_EQ(CONTENTS(PAGE), puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
		break;
	case WRITTEN:
		puppet_write(self->vcpu, MEMORY_PAGE(PAGE), CONTENTS(PAGE));
		break;
	case TAKEN_BACK:
		puppet_write(self->vcpu, MEMORY_PAGE(PAGE), CONTENTS(PAGE));
		puppet_flush(self->vcpu);
		break;
	}
}

FIXTURE_TEARDOWN(page)
{
	vm_destroy(self->vm);
}

/* Guest and host see what the other one writes, in this page and around it. */
static bool page_is_shared(struct vcpu *vcpu)
{
	u64 *hva = page_hva(vcpu->vm, PAGE);

	puppet_write(vcpu, MEMORY_PAGE(PAGE), BY_GUEST);
	if (*hva != BY_GUEST)
		return false;
	*hva = BY_HOST;
	return puppet_read(vcpu, MEMORY_PAGE(PAGE)) == BY_HOST &&
	       puppet_read(vcpu, MEMORY_PAGE(NEIGHBOUR)) == CONTENTS(NEIGHBOUR) &&
	       puppet_read(vcpu, MEMORY_PAGE(FAR_AWAY)) == CONTENTS(FAR_AWAY);
}

/* The guest asks for the word, and the VMM has to answer. */
static bool page_is_outside(struct vcpu *vcpu, u64 ipa)
{
	struct kvm_run *run = vcpu->run;

	puppet_order(vcpu, PUPPET_READ, ipa, 0);
	if (vcpu_run(vcpu) != KVM_EXIT_MMIO || run->mmio.phys_addr != ipa ||
	    run->mmio.is_write || run->mmio.len != sizeof(u64))
		return false;
	*(u64 *)run->mmio.data = BY_HOST;
	return puppet_obey(vcpu) == BY_HOST;
}

/* The access can neither be done nor be left out: KVM_RUN says so. */
static bool page_is_lost(struct vcpu *vcpu, enum puppet_order order)
{
	puppet_order(vcpu, order, MEMORY_PAGE(PAGE), BY_GUEST);
	return __vcpu_run(vcpu) == -1 && errno == EFAULT;
}

static bool page_is_batched(struct vcpu *vcpu)
{
	u64 cleaned, accessed;

	puppet_read(vcpu, MEMORY_PAGE(PAGE));
	accessed = accessed_pages(vcpu->vm);
	cleaned = counter_read(vcpu->vm, "pages_cleaned");
	puppet_flush(vcpu);
	return counter_read(vcpu->vm, "pages_cleaned") == cleaned + accessed &&
	       accessed_is(vcpu->vm, MEMORY_WINDOW, NULL, 0);
}

TEST_F(page, of_a_deleted_slot)
{
	u64 mapped = counter_read(self->vm, "mapped_pages");
	u64 *hva;

	vm_memory_remove(self->vm, MEMORY_SLOT);
	EXPECT_EQ(0, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_EQ(mapped - PAGES_WATCHED, counter_read(self->vm, "mapped_pages"));
	EXPECT_TRUE(page_is_outside(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(page_is_outside(self->vcpu, MEMORY_PAGE(FAR_AWAY)));

	/* other memory, at the same address */
	hva = vm_memory_add(self->vm, MEMORY_SLOT, MEMORY_IPA, SIZE_WATCHED, 0);
	memory_small(hva, SIZE_WATCHED);
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	pages_fill(self->vm);
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

TEST_F(page, of_a_moved_slot)
{
	vm_memslot_move(self->vm, MEMORY_SLOT, ELSEWHERE_IPA);
	EXPECT_EQ(0, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_TRUE(page_is_outside(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_EQ(CONTENTS(PAGE), puppet_read(self->vcpu, ELSEWHERE_IPA + PAGE * SZ_4K));
	puppet_write(self->vcpu, ELSEWHERE_IPA + PAGE * SZ_4K, BY_GUEST);
	EXPECT_EQ(BY_GUEST, *self->hva);
	vm_memslot_move(self->vm, MEMORY_SLOT, MEMORY_IPA);
	EXPECT_EQ(BY_GUEST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

TEST_F(page, dropped_by_the_vmm)
{
	ASSERT_EQ(0, madvise(self->hva, SZ_4K, MADV_DONTNEED));
	EXPECT_EQ(PAGES_WATCHED - 1, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));

	/* and all of it at once */
	ASSERT_EQ(0, madvise(page_hva(self->vm, 0), SIZE_WATCHED, MADV_DONTNEED));
	EXPECT_EQ(0, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_ACCESSED(self->vm);
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
}

static bool page_remap(u64 *hva)
{
	return mmap(hva, SZ_4K, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hva;
}

TEST_F(page, unmapped_by_the_vmm)
{
	ASSERT_EQ(0, munmap(self->hva, SZ_4K));
	EXPECT_GT(PAGES_WATCHED, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_TRUE(page_is_lost(self->vcpu, PUPPET_READ));

	/* once there is something again, the access is done */
	ASSERT_TRUE(page_remap(self->hva));
	EXPECT_EQ(0, puppet_obey(self->vcpu));
	ASSERT_EQ(0, munmap(self->hva, SZ_4K));
	EXPECT_TRUE(page_is_lost(self->vcpu, PUPPET_WRITE));
	ASSERT_TRUE(page_remap(self->hva));
	puppet_obey(self->vcpu);
	EXPECT_EQ(BY_GUEST, *self->hva);
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

TEST_F(page, moved_away_by_the_vmm)
{
	u64 *moved;

	moved = mremap(self->hva, SZ_4K, SZ_4K, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	ASSERT_NE(MAP_FAILED, moved);
	EXPECT_GT(PAGES_WATCHED, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_EQ(CONTENTS(PAGE), *moved);
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	puppet_write(self->vcpu, MEMORY_PAGE(PAGE), BY_GUEST);
	EXPECT_EQ(CONTENTS(PAGE), *moved)
		TH_LOG("it is not the guest's any more");
	EXPECT_TRUE(page_is_shared(self->vcpu));

	/* and back again, over what is there now */
	ASSERT_EQ(self->hva, mremap(moved, SZ_4K, SZ_4K, MREMAP_MAYMOVE | MREMAP_FIXED,
				    self->hva));
	EXPECT_EQ(CONTENTS(PAGE), puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

TEST_F(page, that_the_vmm_can_only_read)
{
	ASSERT_EQ(0, mprotect(self->hva, SZ_4K, PROT_READ));
	EXPECT_EQ(CONTENTS(PAGE), puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(page_is_batched(self->vcpu));
	EXPECT_TRUE(page_is_lost(self->vcpu, PUPPET_WRITE));
	EXPECT_EQ(CONTENTS(PAGE), *self->hva);
	ASSERT_EQ(0, mprotect(self->hva, SZ_4K, PROT_READ | PROT_WRITE));
	puppet_obey(self->vcpu);
	EXPECT_EQ(BY_GUEST, *self->hva);
	EXPECT_TRUE(page_is_shared(self->vcpu));
}

TEST_F(page, that_the_vmm_cannot_even_read)
{
	ASSERT_EQ(0, mprotect(self->hva, SZ_4K, PROT_NONE));
	EXPECT_TRUE(page_is_lost(self->vcpu, PUPPET_READ));
	ASSERT_EQ(0, mprotect(self->hva, SZ_4K, PROT_READ | PROT_WRITE));
	EXPECT_EQ(CONTENTS(PAGE), puppet_obey(self->vcpu));
	EXPECT_TRUE(page_is_shared(self->vcpu));
}

/*
 * It has its caches off then, and what the VMM has loaded in the meantime is to be in
 * memory when it looks: it sees each page for the first time.
 */
TEST_F(page, when_its_vcpu_starts_again)
{
	u64 cleaned;

	*self->hva = BY_HOST;
	vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	puppet_start(self->vcpu);
	cleaned = counter_read(self->vm, "stale_cleaned");
	EXPECT_EQ(BY_HOST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_EQ(cleaned + 1, counter_read(self->vm, "stale_cleaned"));
	EXPECT_EQ(CONTENTS(FAR_AWAY), puppet_read(self->vcpu, MEMORY_PAGE(FAR_AWAY)));
	EXPECT_EQ(cleaned + 2, counter_read(self->vm, "stale_cleaned"));
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

/* A child has its own copy from fork() on; what the guest writes is ours. */
static pid_t child_fork(const u64 *page, u64 contents, int go)
{
	pid_t child = fork();
	char byte;

	if (child)
		return child;
	if (read(go, &byte, 1) != 1)
		_exit(2);
	_exit(*page != contents);
}

TEST_F(page, shared_with_a_child)
{
	int go[2], status;
	pid_t child;

	ASSERT_EQ(0, pipe(go));
	child = child_fork(self->hva, CONTENTS(PAGE), go[0]);
	ASSERT_LT(0, child);
	puppet_write(self->vcpu, MEMORY_PAGE(PAGE), BY_GUEST);
	EXPECT_EQ(BY_GUEST, *self->hva);
	ASSERT_EQ(1, write(go[1], "x", 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status)
		TH_LOG("the child sees what the guest wrote");
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

/* The kernel moves pages about to make room for larger ones. */
TEST_F(page, moved_about_by_the_kernel)
{
	FILE *file = fopen("/proc/sys/vm/compact_memory", "we");
	u64 i;

	if (!file)
		SKIP(return, "no compaction: %s", strerror(errno));
	fprintf(file, "1\n");
	fclose(file);
	for (i = 0; i < PAGES_WATCHED; i += 13)
		EXPECT_EQ(CONTENTS(i), puppet_read(self->vcpu, MEMORY_PAGE(i)));
	EXPECT_TRUE(page_is_shared(self->vcpu));
	EXPECT_TRUE(page_is_batched(self->vcpu));
}

TEST_HARNESS_MAIN
