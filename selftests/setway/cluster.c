// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clusters: a fault lets the guest in to some neighbours as well, to the more the more
 * of them it has used, and a batch begins anew.  What a batch cleans is still what is
 * accessed, to the page.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES		1024
#define LARGEST		64

#define BY_HOST		0x5a
#define BY_GUEST	0x1234567
#define UNTOUCHED	200
#define TRIES		100
#define PAUSE_US	10000

enum { FIRST = 1, NEXT, FLUSHED_ONCE, AGAIN, SWEPT, FLUSHED_ALL };

/* With its caches off each page that it comes to would be cleaned by itself. */
static void __own_page guest_touches(void)
{
	u64 page;

	guest_mmu_on();
	guest_write(MEMORY_PAGE(20), 1);
	guest_sync(FIRST);
	guest_write(MEMORY_PAGE(24), 1);
	guest_sync(NEXT);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_ONCE);
	guest_write(MEMORY_PAGE(20), 2);
	guest_sync(AGAIN);
	for (page = 512; page < PAGES; page++)
		guest_write(MEMORY_PAGE(page), page);
	guest_sync(SWEPT);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_ALL);
}

/* No neighbour of any of these is in: as many faults, and the host counts them at the end. */
#define QUIET_PAGES	2560
#define QUIET_STEP	8

static void __own_page guest_is_quiet(void)
{
	u64 page;

	guest_mmu_on();
	for (page = 0; page < QUIET_PAGES + LARGEST; page++)
		guest_write(MEMORY_PAGE(page), page);
	guest_flush(GUEST_CISW, 0);
	for (page = 0; page < QUIET_PAGES; page += QUIET_STEP)
		guest_write(MEMORY_PAGE(page), page);
	guest_sync(FIRST);
	guest_write(MEMORY_PAGE(QUIET_PAGES), 1);
	guest_sync(NEXT);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_ONCE);
	guest_write(MEMORY_PAGE(QUIET_PAGES), 2);
	guest_sync(AGAIN);
}

/* The last one is let in to by EL2. */
static void __own_page guest_writes(void)
{
	guest_mmu_on();
	guest_write(MEMORY_PAGE(20), BY_GUEST);
	guest_write(MEMORY_PAGE(24), BY_GUEST);
	guest_write(MEMORY_PAGE(28), BY_GUEST);
	guest_sync(FIRST);
}

static int cluster_set(struct vm *vm, u32 pages)
{
	return ioctl(vm->fd, SETWAY_SET_CLUSTER, &pages);
}

static u32 cluster_get(struct vm *vm)
{
	u32 pages;

	vm_ioctl(vm, SETWAY_GET_CLUSTER, &pages);
	return pages;
}

FIXTURE(cluster)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(cluster)
{
	self->vm = vm_watched(PAGES);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_touches, 0, 0, 0);
}

FIXTURE_TEARDOWN(cluster)
{
	vm_destroy(self->vm);
}

TEST_F(cluster, grows_and_begins_anew)
{
	struct vm *vm = self->vm;
	u64 accessed, cleaned;

	ASSERT_EQ(0, cluster_set(vm, LARGEST));
	vm_premap(vm, MEMORY_SLOT);
	program_run_to(self->vcpu, FIRST);
	EXPECT_ACCESSED(vm, pages_at(20, 4));
	program_run_to(self->vcpu, NEXT);
	EXPECT_ACCESSED(vm, pages_at(20, 12));

	accessed = accessed_pages(vm);
	cleaned = counter_read(vm, "pages_cleaned");
	program_run_to(self->vcpu, FLUSHED_ONCE);
	EXPECT_EQ(accessed, counter_read(vm, "pages_cleaned") - cleaned);
	program_run_to(self->vcpu, AGAIN);
	EXPECT_ACCESSED(vm, pages_at(20, 4));
}

/* 16, 16, 32, 64, ... pages are shown; 4, 4, 8, 16, 32, 64, ... are let in to. */
#define SHOWN_BY	10
#define LET_IN_BY	12

TEST_F(cluster, makes_few_faults_of_many)
{
	struct vm *vm = self->vm;
	u64 faults, by_el2, stale, accessed, cleaned;

	ASSERT_EQ(0, cluster_set(vm, LARGEST));
	vm_premap(vm, MEMORY_SLOT);
	program_run_to(self->vcpu, FIRST);
	program_run_to(self->vcpu, NEXT);
	program_run_to(self->vcpu, FLUSHED_ONCE);
	program_run_to(self->vcpu, AGAIN);
	faults = counter_read(vm, "stage2_faults");
	by_el2 = counter_read(vm, "el2_revalidations");
	stale = counter_read(vm, "stale_cleaned");
	program_run_to(self->vcpu, SWEPT);
	EXPECT_EQ(LET_IN_BY, counter_read(vm, "stage2_faults") - faults);
	EXPECT_EQ(LET_IN_BY - SHOWN_BY, counter_read(vm, "el2_revalidations") - by_el2)
		TH_LOG("the host is asked only for what is to be shown");
	EXPECT_EQ(512, counter_read(vm, "stale_cleaned") - stale)
		TH_LOG("each page is cleaned once");

	accessed = accessed_pages(vm);
	cleaned = counter_read(vm, "pages_cleaned");
	program_run_to(self->vcpu, FLUSHED_ALL);
	EXPECT_EQ(accessed, counter_read(vm, "pages_cleaned") - cleaned);
}

TEST(is_large_when_no_batch_is_expected)
{
	struct vm *vm = vm_watched(QUIET_PAGES + LARGEST);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	u64 accessed, cleaned;

	ASSERT_EQ(0, cluster_set(vm, LARGEST));
	program_enter(vcpu, guest_is_quiet, 0, 0, 0);
	program_run_to(vcpu, FIRST);
	accessed = accessed_pages(vm);
	program_run_to(vcpu, NEXT);
	EXPECT_EQ(LARGEST, accessed_pages(vm) - accessed);
	accessed = accessed_pages(vm);
	cleaned = counter_read(vm, "pages_cleaned");
	program_run_to(vcpu, FLUSHED_ONCE);
	EXPECT_EQ(accessed, counter_read(vm, "pages_cleaned") - cleaned)
		TH_LOG("the batch after all cleans what is accessed");
	/* Another one is expected again. */
	program_run_to(vcpu, AGAIN);
	EXPECT_ACCESSED(vm, pages_at(QUIET_PAGES, 4));
	vm_destroy(vm);
}

static u64 *page_at(struct vm *vm, u64 nr)
{
	return vm_hva(vm, MEMORY_PAGE(nr), SZ_4K);
}

/*
 * The host is not told when EL2 lets the guest in to a page, so it has to take the page
 * for dirty before.  Memory that was given up and is clean is taken by reclaim.
 */
TEST_F(cluster, loses_nothing)
{
	void *memory = page_at(self->vm, 0);
	unsigned int tries;

	ASSERT_EQ(0, cluster_set(self->vm, LARGEST));
	program_enter(self->vcpu, guest_writes, 0, 0, 0);
	memset(memory, BY_HOST, PAGES * SZ_4K);
	ASSERT_EQ(0, madvise(memory, PAGES * SZ_4K, MADV_FREE));
	program_run_to(self->vcpu, FIRST);
	for (tries = 0; tries < TRIES && *page_at(self->vm, UNTOUCHED); tries++) {
		ASSERT_EQ(0, madvise(memory, PAGES * SZ_4K, MADV_PAGEOUT));
		usleep(PAUSE_US);
	}
	EXPECT_EQ(0, *page_at(self->vm, UNTOUCHED))
		TH_LOG("reclaim has taken nothing");
	EXPECT_EQ(BY_GUEST, *page_at(self->vm, 20));
	EXPECT_EQ(BY_GUEST, *page_at(self->vm, 24));
	EXPECT_EQ(BY_GUEST, *page_at(self->vm, 28));
}

TEST_F(cluster, of_one_is_exact)
{
	ASSERT_EQ(0, cluster_set(self->vm, 1));
	vm_premap(self->vm, MEMORY_SLOT);
	program_run_to(self->vcpu, FIRST);
	EXPECT_ACCESSED(self->vm, pages_at(20, 1));
	program_run_to(self->vcpu, NEXT);
	EXPECT_ACCESSED(self->vm, pages_at(20, 1), pages_at(24, 1));
}

TEST_F(cluster, takes_powers_of_two_before_the_first_run)
{
	const u32 wrong[] = { 0, 3, 63, 2 * LARGEST, ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-1, cluster_set(self->vm, wrong[i]));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(1, cluster_get(self->vm));
	EXPECT_EQ(0, cluster_set(self->vm, 2));
	EXPECT_EQ(2, cluster_get(self->vm));
	EXPECT_EQ(-1, ioctl(self->vm->fd, SETWAY_SET_CLUSTER, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->vm->fd, SETWAY_GET_CLUSTER, NULL));
	EXPECT_EQ(EFAULT, errno);

	program_run_to(self->vcpu, FIRST);
	EXPECT_EQ(-1, cluster_set(self->vm, LARGEST));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(2, cluster_get(self->vm));
}

/* A VM has the parameter's value. */
TEST(default_is_the_modules)
{
	struct vm *vm = vm_create_as_is(0);

	EXPECT_EQ(LARGEST, cluster_get(vm));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
