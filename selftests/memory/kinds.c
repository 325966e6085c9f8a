// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory is whatever the VMM has: files, huge pages, pages that are not
 * there yet or that somebody else brings, memory that the guest cannot write to.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	1024
#define SIZE_WATCHED	(PAGES_WATCHED * SZ_4K)

/* The page that things happen to, and another in the same 2 MiB. */
#define PAGE		7
#define NEIGHBOUR	8

#define CONTENTS(n)	(0x1111000000000000ULL + (n))
#define BY_GUEST	0x2222222222222222ULL
#define BY_HOST		0x3333333333333333ULL

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

FIXTURE(memory)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(memory)
{
	u32 policy;
};

FIXTURE_VARIANT_ADD(memory, exact)
{
	.policy = SETWAY_POLICY_EXACT,
};

FIXTURE_VARIANT_ADD(memory, full)
{
	.policy = SETWAY_POLICY_FULL,
};

FIXTURE_SETUP(memory)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
	vm_set_policy(self->vm, variant->policy);
	puppet_start(self->vcpu);
}

FIXTURE_TEARDOWN(memory)
{
	vm_destroy(self->vm);
}

/* The watched memory is this; it goes with the VM. */
static void memory_use(struct vm *vm, void *hva, u32 flags)
{
	vm_memslot_add(vm, MEMORY_SLOT, (struct memslot){
		.ipa = MEMORY_IPA, .size = SIZE_WATCHED, .hva = hva, .flags = flags,
	});
}

static u64 *page_hva(struct vm *vm, u64 n)
{
	return vm_hva(vm, MEMORY_PAGE(n), SZ_4K);
}

static void pages_fill(u64 *hva)
{
	u64 i;

	for (i = 0; i < PAGES_WATCHED; i++)
		hva[i * SZ_4K / sizeof(*hva)] = CONTENTS(i);
}

/* Guest and host see what the other one writes to a page. */
static bool page_is_shared(struct vcpu *vcpu, u64 n)
{
	u64 *hva = page_hva(vcpu->vm, n);

	puppet_write(vcpu, MEMORY_PAGE(n), BY_GUEST);
	if (*hva != BY_GUEST)
		return false;
	*hva = BY_HOST;
	return puppet_read(vcpu, MEMORY_PAGE(n)) == BY_HOST;
}

static bool pages_have_contents(struct vcpu *vcpu)
{
	u64 i;

	for (i = 0; i < PAGES_WATCHED; i += 31) {
		if (puppet_read(vcpu, MEMORY_PAGE(i)) != CONTENTS(i))
			return false;
	}
	return true;
}

/* After a batch nothing is accessed but the code, or under full, all is. */
static bool batch_takes_back(struct vm *vm, struct vcpu *vcpu, u32 policy)
{
	u64 accessed = accessed_pages(vm), cleaned = counter_read(vm, "pages_cleaned");

	puppet_flush(vcpu);
	if (counter_read(vm, "pages_cleaned") != cleaned + accessed)
		return false;
	return policy == SETWAY_POLICY_FULL || accessed_is(vm, MEMORY_WINDOW, NULL, 0);
}

/* Pages that nobody has written yet are all the same page of zeroes. */
TEST_F(memory, read_before_it_is_written)
{
	void *hva = memory_alloc(SIZE_WATCHED, SZ_2M);

	memory_small(hva, SIZE_WATCHED);
	memory_use(self->vm, hva, 0);
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(NEIGHBOUR)));
	EXPECT_ACCESSED(self->vm, pages_at(PAGE, 2));
	puppet_write(self->vcpu, MEMORY_PAGE(PAGE), BY_GUEST);
	EXPECT_EQ(BY_GUEST, *page_hva(self->vm, PAGE));
	EXPECT_EQ(BY_GUEST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(NEIGHBOUR)));
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));
	EXPECT_TRUE(page_is_shared(self->vcpu, NEIGHBOUR));
	EXPECT_ACCESSED(self->vm, pages_at(PAGE, 2));
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));
}

/* Return: huge pages, or NULL. */
static void *memory_thp(void)
{
	void *hva = memory_alloc(SIZE_WATCHED, SZ_2M);

	if (madvise(hva, SIZE_WATCHED, MADV_HUGEPAGE))
		return NULL;
	memory_populate(hva, SIZE_WATCHED);
	return memory_huge(hva) == SIZE_WATCHED ? hva : NULL;
}

/* Under full, blocks of 2 MiB; the kernel takes them apart and puts them together. */
TEST_F(memory, of_transparent_huge_pages)
{
	bool full = variant->policy == SETWAY_POLICY_FULL;
	void *hva = memory_thp();
	struct mapping first;

	if (!hva)
		SKIP(return, "no transparent huge pages to be had");
	pages_fill(hva);
	memory_use(self->vm, hva, 0);
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	EXPECT_EQ(PAGES_WATCHED, pages_mapped(self->vm, MEMORY_WINDOW));
	ASSERT_EQ(1, mappings_read(self->vm, pages_at(0, 1), &first, 1));
	EXPECT_EQ(full ? SZ_2M : SZ_4K, first.leaf_size);
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));

	/* a hole of one page, which the huge page around it does not survive */
	ASSERT_EQ(0, madvise(page_hva(self->vm, PAGE), SZ_4K, MADV_DONTNEED));
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_EQ(CONTENTS(NEIGHBOUR), puppet_read(self->vcpu, MEMORY_PAGE(NEIGHBOUR)));
	ASSERT_EQ(1, mappings_read(self->vm, pages_at(PAGE, 1), &first, 1));
	EXPECT_EQ(SZ_4K, first.leaf_size);
	puppet_write(self->vcpu, MEMORY_PAGE(PAGE), CONTENTS(PAGE));
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));
	EXPECT_TRUE(page_is_shared(self->vcpu, NEIGHBOUR));
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));
}

TEST_F(memory, that_becomes_huge)
{
	void *hva = memory_alloc(SIZE_WATCHED, SZ_2M);

	memory_small(hva, SIZE_WATCHED);
	pages_fill(hva);
	memory_use(self->vm, hva, 0);
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	puppet_flush(self->vcpu);
	ASSERT_EQ(0, madvise(hva, SIZE_WATCHED, MADV_HUGEPAGE));
	if (madvise(hva, SIZE_WATCHED, MADV_COLLAPSE) || memory_huge(hva) != SIZE_WATCHED)
		SKIP(return, "no MADV_COLLAPSE: %s", strerror(errno));
	EXPECT_EQ(0, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));
}

/* A file, which can lose pages in the middle and at its end. */
TEST_F(memory, of_a_file)
{
	int file = memfd_create("guest", MFD_CLOEXEC);
	u64 word = BY_HOST;
	u64 *hva;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, ftruncate(file, SIZE_WATCHED));
	hva = mmap(NULL, SIZE_WATCHED, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ASSERT_NE(MAP_FAILED, hva);
	pages_fill(hva);
	memory_use(self->vm, hva, 0);
	EXPECT_TRUE(pages_have_contents(self->vcpu));

	ASSERT_EQ(sizeof(word), pwrite(file, &word, sizeof(word), PAGE * SZ_4K));
	EXPECT_EQ(BY_HOST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	puppet_write(self->vcpu, MEMORY_PAGE(PAGE), BY_GUEST);
	ASSERT_EQ(sizeof(word), pread(file, &word, sizeof(word), PAGE * SZ_4K));
	EXPECT_EQ(BY_GUEST, word);
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));

	ASSERT_EQ(0, fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       PAGE * SZ_4K, SZ_4K));
	EXPECT_EQ(0, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));

	ASSERT_EQ(0, ftruncate(file, PAGE * SZ_4K));
	EXPECT_GE(PAGE, pages_mapped(self->vm, MEMORY_WINDOW));
	puppet_order(self->vcpu, PUPPET_READ, MEMORY_PAGE(PAGE), 0);
	EXPECT_ERRNO(EFAULT, __vcpu_run(self->vcpu));
	ASSERT_EQ(0, ftruncate(file, SIZE_WATCHED));
	EXPECT_EQ(0, puppet_obey(self->vcpu));
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));
	close(file);
}

/* The guest reads a slot that it cannot write: that is a device, to it. */
TEST_F(memory, that_the_guest_can_only_read)
{
	u64 *hva = memory_alloc(SIZE_WATCHED, SZ_2M);
	struct kvm_run *run = self->vcpu->run;
	struct mapping mapping;

	memory_small(hva, SIZE_WATCHED);
	pages_fill(hva);
	memory_use(self->vm, hva, KVM_MEM_READONLY);
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));

	EXPECT_EQ(CONTENTS(PAGE), puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	if (variant->policy == SETWAY_POLICY_EXACT) {
		EXPECT_ACCESSED(self->vm, pages_at(PAGE, 1));
		ASSERT_EQ(1, mappings_read(self->vm, pages_at(PAGE, 1), &mapping, 1));
		EXPECT_TRUE(mapping.accessed);
		EXPECT_FALSE(mapping.writable);
	}
	puppet_order(self->vcpu, PUPPET_WRITE, MEMORY_PAGE(PAGE), BY_GUEST);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	EXPECT_EQ(MEMORY_PAGE(PAGE), run->mmio.phys_addr);
	EXPECT_EQ(1, run->mmio.is_write);
	EXPECT_EQ(BY_GUEST, *(u64 *)run->mmio.data);
	puppet_obey(self->vcpu);
	EXPECT_EQ(CONTENTS(PAGE), *page_hva(self->vm, PAGE));
	*page_hva(self->vm, PAGE) = BY_HOST;
	EXPECT_EQ(BY_HOST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));

	/* an idle page: neither read nor mapped yet, and mapped but idle */
	puppet_order(self->vcpu, PUPPET_WRITE, MEMORY_PAGE(PAGE), BY_GUEST);
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	puppet_obey(self->vcpu);
	EXPECT_EQ(BY_HOST, *page_hva(self->vm, PAGE));
}

/* Somebody else brings the pages, when they are asked for. */
struct bringer {
	int uffd;
	pthread_t thread;
	unsigned int brought;
};

static void *bring_pages(void *data)
{
	u64 page[SZ_4K / sizeof(u64)] = { BY_HOST };
	struct bringer *bringer = data;
	struct uffdio_copy copy = { .src = (u64)page, .len = SZ_4K };
	struct uffd_msg message;

	while (read(bringer->uffd, &message, sizeof(message)) == sizeof(message)) {
		copy.dst = align_down(message.arg.pagefault.address, SZ_4K);
		bringer->brought++;
		if (ioctl(bringer->uffd, UFFDIO_COPY, &copy))
			fail("UFFDIO_COPY: %s", strerror(errno));
	}
	return NULL;
}

static bool bringer_start(struct bringer *bringer, void *hva)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register region = {
		.range = { (u64)hva, SIZE_WATCHED },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	bringer->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (bringer->uffd < 0)
		return false;
	if (ioctl(bringer->uffd, UFFDIO_API, &api) ||
	    ioctl(bringer->uffd, UFFDIO_REGISTER, &region))
		fail("userfaultfd: %s", strerror(errno));
	return !pthread_create(&bringer->thread, NULL, bring_pages, bringer);
}

TEST_F(memory, that_somebody_else_brings)
{
	void *hva = memory_alloc(SIZE_WATCHED, SZ_2M);
	struct bringer bringer = { 0 };

	memory_small(hva, SIZE_WATCHED);
	if (!bringer_start(&bringer, hva))
		SKIP(return, "no userfaultfd: %s", strerror(errno));
	memory_use(self->vm, hva, 0);
	EXPECT_EQ(BY_HOST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	puppet_write(self->vcpu, MEMORY_PAGE(NEIGHBOUR), BY_GUEST);
	EXPECT_EQ(2, bringer.brought)
		TH_LOG("neighbours are not asked for");
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));
	EXPECT_TRUE(batch_takes_back(self->vm, self->vcpu, variant->policy));

	/* what is dropped is asked for again */
	ASSERT_EQ(0, madvise(page_hva(self->vm, PAGE), SZ_4K, MADV_DONTNEED));
	EXPECT_EQ(BY_HOST, puppet_read(self->vcpu, MEMORY_PAGE(PAGE)));
	EXPECT_EQ(3, bringer.brought);
	EXPECT_EQ(BY_GUEST, puppet_read(self->vcpu, MEMORY_PAGE(NEIGHBOUR)));
}

/* What was written to swap comes back. */
TEST_F(memory, that_is_paged_out)
{
	void *hva = memory_alloc(SIZE_WATCHED, SZ_2M);
	unsigned long long kib = 0;
	char line[128];
	FILE *file;

	file = fopen("/proc/meminfo", "re");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file) && sscanf(line, "SwapFree: %llu", &kib) != 1)
		continue;
	fclose(file);
	if (kib < SIZE_WATCHED / 1024)
		SKIP(return, "no swap");
	memory_small(hva, SIZE_WATCHED);
	pages_fill(hva);
	memory_use(self->vm, hva, 0);
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	ASSERT_EQ(0, madvise(hva, SIZE_WATCHED, MADV_PAGEOUT));
	EXPECT_GT(PAGES_WATCHED, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_TRUE(pages_have_contents(self->vcpu));
	EXPECT_TRUE(page_is_shared(self->vcpu, PAGE));
}

TEST_HARNESS_MAIN
