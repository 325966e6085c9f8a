// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy "af": the CPU's access flags tell which pages the guest has used, so that an
 * idle page costs no fault.  What a batch cleans is the same as under "exact"; observer.c
 * has what is different while a vCPU has its caches off.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../lib/file.h"
#include "../lib/program.h"
#include "../lib/setway_stages.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PARAMETER	"/sys/module/setway/parameters/policy"
#define PAGES_WATCHED	1024

/* Watched pages that are used between batches. */
#define PAGE_WRITTEN	3
#define PAGE_READ	700
#define PAGE_DROPPED	9

static void __own_page guest_flush_and_use(void)
{
	guest_mmu_on();
	guest_touch(MEMORY_IPA, PAGES_WATCHED, SZ_4K);
	guest_sync(TOUCHED);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(PAGE_WRITTEN), 1);
	guest_read(MEMORY_PAGE(PAGE_READ));
	guest_sync(TOUCHED_AGAIN);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
	guest_report(WRITTEN, guest_read(MEMORY_PAGE(PAGE_WRITTEN)),
		     guest_read(MEMORY_PAGE(PAGE_DROPPED)));
}

FIXTURE(af)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(af)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_flush_and_use, 0, 0, 0);
}

FIXTURE_TEARDOWN(af)
{
	vm_destroy(self->vm);
}

TEST_F(af, cleans_only_what_was_accessed)
{
	struct vm *vm = self->vm;

	if (!vm_has_policy(vm, SETWAY_POLICY_AF))
		SKIP(return, NO_ACCESS_FLAGS);
	vm_premap(vm, MEMORY_SLOT);
	EXPECT_ACCESSED(vm);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(0, PAGES_WATCHED));
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_ACCESSED(vm);
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	EXPECT_ACCESSED(vm, pages_at(PAGE_WRITTEN, 1), pages_at(PAGE_READ, 1));
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED_AGAIN);
	EXPECT_ACCESSED(vm);
}

TEST_F(af, costs_no_fault_on_an_idle_page)
{
	struct tally before, cost;

	if (!vm_has_policy(self->vm, SETWAY_POLICY_AF))
		SKIP(return, NO_ACCESS_FLAGS);
	program_run_to(self->vcpu, TOUCHED);
	program_run_to(self->vcpu, FLUSHED);
	before = tally_read(self->vm);
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	program_run_to(self->vcpu, FLUSHED_AGAIN);
	cost = tally_since(self->vm, &before);
	EXPECT_EQ(0, cost.faults);
	EXPECT_EQ(0, cost.revalidations);
	EXPECT_EQ(1, cost.batches);
}

/* An idle page is a mapping: what the VMM drops is gone for the guest as well. */
TEST_F(af, unmaps_idle_pages)
{
	u64 *hva = vm_hva(self->vm, MEMORY_PAGE(PAGE_DROPPED), SZ_4K);
	struct ucall ucall;

	if (!vm_has_policy(self->vm, SETWAY_POLICY_AF))
		SKIP(return, NO_ACCESS_FLAGS);
	*hva = 1;
	program_run_to(self->vcpu, TOUCHED);
	program_run_to(self->vcpu, FLUSHED);
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	ASSERT_EQ(0, madvise(hva, SZ_4K, MADV_DONTNEED));
	program_run_to(self->vcpu, FLUSHED_AGAIN);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(WRITTEN, ucall.args[0]);
	EXPECT_EQ(1, ucall.args[1]);
	EXPECT_EQ(0, ucall.args[2]);
}

/* Of a vCPU that was there before the policy as well. */
TEST_F(af, is_chosen_before_anything_runs)
{
	u32 policy = SETWAY_POLICY_AF;

	if (!vm_has_policy(self->vm, SETWAY_POLICY_AF))
		SKIP(return, NO_ACCESS_FLAGS);
	EXPECT_EQ(0, ioctl(self->vm->fd, SETWAY_GET_POLICY, &policy));
	EXPECT_EQ(SETWAY_POLICY_AF, policy);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_EQ(-1, ioctl(self->vm->fd, SETWAY_SET_POLICY, &policy));
	EXPECT_EQ(EBUSY, errno);
}

/* Both ways to ask for it give the same answer, and leave what was there if that is no. */
TEST_F(af, is_refused_where_the_cpus_cannot)
{
	bool there = vm_has_policy(self->vm, SETWAY_POLICY_AF);
	char before[16], after[16];
	u32 policy = SETWAY_POLICY_AF;
	int ret;

	file_read(PARAMETER, before, sizeof(before));
	ret = file_write(PARAMETER, "af");
	EXPECT_EQ(there ? 0 : -1, ret);
	EXPECT_TRUE(there || errno == EOPNOTSUPP);
	file_read(PARAMETER, after, sizeof(after));
	EXPECT_STREQ(there ? "af\n" : before, after);
	EXPECT_EQ(0, file_write(PARAMETER, before));

	policy = SETWAY_POLICY_AF + 1;
	EXPECT_EQ(-1, ioctl(self->vm->fd, SETWAY_SET_POLICY, &policy));
	EXPECT_EQ(EINVAL, errno);
}

TEST_HARNESS_MAIN
