// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest writes is not the host's to drop: a page that it can write to is dirty
 * for the host's reclaim.  One that it has no use for is not, so that reclaim can have it.
 */
#include <linux/kernel-page-flags.h>
#include <sys/mman.h>

#include "../lib/hostpage.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES		512
#define SIZE		(PAGES * SZ_4K)
#define PAGE		7	/* the one that the guest touches */

#define BY_GUEST(n)	(0x2222000000000000ULL + (n))
#define BY_HOST(n)	(0x1111000000000000ULL + (n))

#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define SPLIT		"/sys/kernel/debug/split_huge_pages"
#define TRIES		50
#define PAUSE_US	10000
#define IN_HAND_MAX	64	/* the lists of two or four CPUs, of 15 pages each */

FIXTURE(dirty)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(dirty)
{
	u32 policy;
	bool premap;
};

FIXTURE_VARIANT_ADD(dirty, exact) { .policy = SETWAY_POLICY_EXACT };
FIXTURE_VARIANT_ADD(dirty, full) { .policy = SETWAY_POLICY_FULL };
FIXTURE_VARIANT_ADD(dirty, exact_premapped) { .policy = SETWAY_POLICY_EXACT, .premap = true };
FIXTURE_VARIANT_ADD(dirty, full_premapped) { .policy = SETWAY_POLICY_FULL, .premap = true };

FIXTURE_SETUP(dirty)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
	vm_set_policy(self->vm, variant->policy);
}

FIXTURE_TEARDOWN(dirty)
{
	vm_destroy(self->vm);
}

static void memory_use(struct vm *vm, void *hva, bool premap)
{
	vm_memslot_add(vm, MEMORY_SLOT, (struct memslot){
		.ipa = MEMORY_IPA, .size = SIZE, .hva = hva,
	});
	if (premap)
		vm_premap(vm, MEMORY_SLOT);
}

static u64 *page_at(void *hva, u64 n)
{
	return hva + n * SZ_4K;
}

static void pages_fill(void *hva)
{
	u64 i;

	for (i = 0; i < PAGES; i++)
		*page_at(hva, i) = BY_HOST(i);
}

static void pages_write(struct vcpu *vcpu)
{
	u64 i;

	for (i = 0; i < PAGES; i++)
		puppet_write(vcpu, MEMORY_PAGE(i), BY_GUEST(i));
}

static unsigned int pages_lost(void *hva)
{
	unsigned int lost = 0;
	u64 i;

	for (i = 0; i < PAGES; i++)
		lost += *page_at(hva, i) != BY_GUEST(i);
	return lost;
}

static unsigned int pages_dirty(void *hva)
{
	unsigned int dirty = 0;
	u64 i;

	for (i = 0; i < PAGES; i++)
		dirty += hostpage_frame(page_at(hva, i)) &&
			 hostpage_has(page_at(hva, i), KPF_DIRTY);
	return dirty;
}

static bool pages_contiguous(void *hva)
{
	u64 first = hostpage_frame(hva), i;

	for (i = 1; i < PAGES; i++)
		if (hostpage_frame(page_at(hva, i)) != first + i)
			return false;
	return first && first % PAGES == 0;
}

static void pages_read(void *hva)
{
	u64 i;

	for (i = 0; i < PAGES; i++)
		READ_ONCE(*page_at(hva, i));
}

/*
 * Take a huge page apart: 512 small ones, side by side.  It does not work as long as
 * anything else in the kernel has the page in hand.
 */
static bool pages_split(void *hva)
{
	char where[64];

	if (!hostpage_has(hva, KPF_THP))
		return false;
	snprintf(where, sizeof(where), "%d,%p,%p", getpid(), hva, hva + SIZE);
	if (!hostpage_write(SPLIT, where))
		return false;
	/* those of a file are to be mapped again */
	pages_read(hva);
	return !hostpage_has(hva, KPF_THP) && pages_contiguous(hva);
}

/* Anonymous memory, 512 pages side by side, all given up. */
static void *memory_given_up(void)
{
	unsigned int tries;
	void *hva;

	for (tries = 0; tries < TRIES; tries++) {
		hva = memory_alloc(SIZE, SZ_2M);
		if (madvise(hva, SIZE, MADV_HUGEPAGE))
			return NULL;
		pages_fill(hva);
		/* Not to be put together again by khugepaged, which copies what it finds. */
		if (pages_split(hva) && !madvise(hva, SIZE, MADV_NOHUGEPAGE))
			return madvise(hva, SIZE, MADV_FREE) ? NULL : hva;
		munmap(hva, SIZE);
		usleep(PAUSE_US);
	}
	return NULL;
}

static void *file_map(void)
{
	int file = memfd_create("guest", MFD_CLOEXEC);
	void *hva = memory_alloc(SIZE, SZ_2M);

	if (file < 0 || ftruncate(file, SIZE) || !hostpage_write(THP "shmem_enabled", "advise"))
		fail("no file in huge pages: %s", strerror(errno));
	hva = mmap(hva, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
	close(file);
	return madvise(hva, SIZE, MADV_HUGEPAGE) ? NULL : hva;
}

/* A file in memory, the same, that everybody has only read so far. */
static void *memory_only_read(void)
{
	unsigned int tries;
	void *hva;

	for (tries = 0; tries < TRIES; tries++) {
		hva = file_map();
		if (!hva)
			return NULL;
		pages_read(hva);
		if (pages_split(hva))
			return hva;
		munmap(hva, SIZE);
		usleep(PAUSE_US);
	}
	return NULL;
}

/* All that the guest wrote is there when the host had need of its memory. */
static void expect_nothing_lost(struct __test_metadata *_metadata, struct vcpu *vcpu, void *hva)
{
	pages_write(vcpu);
	EXPECT_EQ(0, madvise(hva, SIZE, MADV_PAGEOUT));
	EXPECT_EQ(0, pages_lost(hva));
}

TEST_F(dirty, what_was_given_up)
{
	void *hva = memory_given_up();

	ASSERT_NE(NULL, hva);
	memory_use(self->vm, hva, variant->premap);
	puppet_start(self->vcpu);
	expect_nothing_lost(_metadata, self->vcpu, hva);
}

TEST_F(dirty, what_was_only_read)
{
	void *hva = memory_only_read();

	ASSERT_NE(NULL, hva);
	memory_use(self->vm, hva, variant->premap);
	puppet_start(self->vcpu);
	expect_nothing_lost(_metadata, self->vcpu, hva);
}

/* One page of the host's, as large as a block. */
TEST_F(dirty, a_huge_page_that_was_given_up)
{
	void *hva = memory_alloc(SIZE, SZ_2M);

	ASSERT_EQ(0, madvise(hva, SIZE, MADV_HUGEPAGE));
	pages_fill(hva);
	ASSERT_TRUE(hostpage_has(hva, KPF_THP));
	ASSERT_EQ(0, madvise(hva, SIZE, MADV_FREE));
	memory_use(self->vm, hva, variant->premap);
	puppet_start(self->vcpu);
	expect_nothing_lost(_metadata, self->vcpu, hva);
}

/* Read first, and written only when that needs no fault any more. */
TEST_F(dirty, what_was_read_before_it_is_written)
{
	void *hva = memory_given_up();
	u64 i;

	ASSERT_NE(NULL, hva);
	memory_use(self->vm, hva, variant->premap);
	puppet_start(self->vcpu);
	for (i = 0; i < PAGES; i++)
		puppet_read(self->vcpu, MEMORY_PAGE(i));
	puppet_flush(self->vcpu);
	expect_nothing_lost(_metadata, self->vcpu, hva);
}

FIXTURE(touched)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(touched)
{
	u32 policy;
};

FIXTURE_VARIANT_ADD(touched, exact) { .policy = SETWAY_POLICY_EXACT };
FIXTURE_VARIANT_ADD(touched, full) { .policy = SETWAY_POLICY_FULL };

FIXTURE_SETUP(touched)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
	vm_set_policy(self->vm, variant->policy);
}

FIXTURE_TEARDOWN(touched)
{
	vm_destroy(self->vm);
}

/* What was given up and reads as zero has been taken. */
static unsigned int pages_taken(void *hva)
{
	unsigned int taken = 0;
	u64 i;

	for (i = 0; i < PAGES; i++)
		taken += *page_at(hva, i) == 0;
	return taken;
}

/*
 * What the guest has no use for stays given up.  A page that the kernel has in hand for
 * something else when it looks is kept for good: a few of 511.
 */
TEST_F(touched, and_not_the_neighbours)
{
	void *hva = memory_given_up();
	unsigned int tries;

	ASSERT_NE(NULL, hva);
	memory_use(self->vm, hva, false);
	puppet_start(self->vcpu);
	ASSERT_EQ(0, pages_dirty(hva));
	puppet_write(self->vcpu, MEMORY_PAGE(PAGE), BY_GUEST(PAGE));
	EXPECT_EQ(1, pages_dirty(hva));
	for (tries = 0; tries < TRIES && pages_taken(hva) != PAGES - 1; tries++) {
		EXPECT_EQ(0, madvise(hva, SIZE, MADV_PAGEOUT));
		usleep(PAUSE_US);
	}
	EXPECT_LE(PAGES - 1 - IN_HAND_MAX, pages_taken(hva));
	EXPECT_EQ(BY_GUEST(PAGE), *page_at(hva, PAGE));
}

TEST_HARNESS_MAIN
