// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU with its caches off sees after a batch what the host wrote before it.  The page
 * may be idle all the while, so that no batch cleans it.  Then its first access does, by
 * any vCPU, as long as some vCPU of the VM has its caches off.  QEMU has no caches to show
 * that with, so this counts; the model has them (selftests/model).
 */
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../lib/onereg.h"
#include "../lib/program.h"
#include "../lib/runner.h"
#include "../lib/setway_stages.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	64

/* Watched pages that are idle when the VMM writes to them. */
#define PAGE_DISK	3
#define PAGE_DMA	5
#define PAGE_LATE	7

static void __own_page guest_flush_and_look(void)
{
	guest_mmu_on();
	guest_touch(MEMORY_IPA, PAGES_WATCHED, SZ_4K);
	guest_flush(GUEST_CISW, 0);
	guest_sync(STARTED);		/* all is idle; the VMM writes */
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	guest_read(MEMORY_PAGE(PAGE_DISK));
	guest_sync(TOUCHED);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_sync(OFF);
	guest_read(MEMORY_PAGE(PAGE_DISK));
	guest_read(MEMORY_PAGE(PAGE_DMA));
	guest_sync(TOUCHED_OFF);
	sctlr_change(SCTLR_M | SCTLR_C, 0);
	guest_sync(ON);
	guest_read(MEMORY_PAGE(PAGE_DMA));
	guest_sync(TOUCHED_ON);
}

/* Stays as it is out of reset, its caches off. */
static void __own_page guest_stay_off(void)
{
	guest_sync(STARTED);
	guest_read(MEMORY_PAGE(PAGE_LATE));
	guest_sync(TOUCHED);
	guest_mmu_on();
	guest_sync(ON);
}

FIXTURE(observer)
{
	struct vm *vm;
	struct vcpu *vcpu;
	struct vcpu *other;
};

FIXTURE_VARIANT(observer)
{
	u32 policy;
};

FIXTURE_VARIANT_ADD(observer, exact) { .policy = SETWAY_POLICY_EXACT };
FIXTURE_VARIANT_ADD(observer, af) { .policy = SETWAY_POLICY_AF };

FIXTURE_SETUP(observer)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	self->other = vcpu_add(self->vm, 1);
	program_enter(self->vcpu, guest_flush_and_look, 0, 0, 0);
	program_enter(self->other, guest_stay_off, 0, 0, 0);
}

FIXTURE_TEARDOWN(observer)
{
	vm_destroy(self->vm);
}

/* Past the stages in between. */
static void run_until(struct vcpu *vcpu, u64 stage)
{
	struct ucall ucall;

	do
		program_run(vcpu, &ucall);
	while (ucall.args[0] != stage);
}

static void vmm_write(struct vm *vm, u64 page)
{
	u64 *hva = vm_hva(vm, MEMORY_PAGE(page), SZ_4K);

	WRITE_ONCE(*hva, page);
}

static u64 idle_cleaned(struct vm *vm)
{
	return counter_read(vm, "idle_cleaned");
}

TEST_F(observer, sees_what_was_written_to_idle_pages)
{
	struct vm *vm = self->vm;
	u64 before;

	if (!vm_has_policy(vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	program_run_to(self->vcpu, STARTED);
	EXPECT_ACCESSED(vm);
	vmm_write(vm, PAGE_DISK);
	vmm_write(vm, PAGE_DMA);
	program_run_to(self->vcpu, FLUSHED);

	/* with its caches on it sees what there is, and no page is cleaned for that */
	before = idle_cleaned(vm);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(PAGE_DISK, 1));
	EXPECT_EQ(before, idle_cleaned(vm));

	/* the toggle takes that page back, or it would be let in uncleaned */
	program_run_to(self->vcpu, OFF);
	EXPECT_ACCESSED(vm);
	program_run_to(self->vcpu, TOUCHED_OFF);
	EXPECT_ACCESSED(vm, pages_at(PAGE_DISK, 1), pages_at(PAGE_DMA, 1));
	/* all that is accessed since was idle, and the guest has seen it before */
	EXPECT_EQ(before + accessed_pages(vm), idle_cleaned(vm));

	program_run_to(self->vcpu, ON);
	before = idle_cleaned(vm);
	program_run_to(self->vcpu, TOUCHED_ON);
	EXPECT_ACCESSED(vm, pages_at(PAGE_DMA, 1));
	EXPECT_EQ(before, idle_cleaned(vm));
}

/* A page that a vCPU with its caches on lets in is there for the other as well. */
TEST_F(observer, may_be_another_vcpu)
{
	struct vm *vm = self->vm;
	u64 before;

	if (!vm_has_policy(vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	program_run_to(self->vcpu, STARTED);
	program_run_to(self->other, STARTED);
	program_run_to(self->vcpu, FLUSHED);
	vmm_write(vm, PAGE_DISK);
	before = idle_cleaned(vm);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(PAGE_DISK, 1));
	EXPECT_EQ(before + 1, idle_cleaned(vm));
}

/* No toggle brings it there, so that its start is the batch. */
TEST_F(observer, is_a_vcpu_that_starts)
{
	struct vm *vm = self->vm;
	u64 accessed, cleaned, before;

	if (!vm_has_policy(vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	run_until(self->vcpu, TOUCHED);
	accessed = accessed_pages(vm);
	cleaned = counter_read(vm, "pages_cleaned");
	EXPECT_EQ(0, counter_read_vcpu(self->other, "uncached_starts"));
	program_run_to(self->other, STARTED);
	EXPECT_EQ(1, counter_read_vcpu(self->other, "uncached_starts"));
	EXPECT_EQ(cleaned + accessed, counter_read(vm, "pages_cleaned"));
	EXPECT_ACCESSED(vm);
	before = idle_cleaned(vm);
	program_run_to(self->other, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(PAGE_LATE, 1));
	EXPECT_LT(before, idle_cleaned(vm));
	EXPECT_EQ(1, counter_read_vcpu(self->other, "uncached_starts"));
}

TEST_F(observer, is_one_by_the_registers_of_userspace)
{
	struct vm *vm = self->vm;
	u64 sctlr, toggles, cleaned, accessed;

	if (!vm_has_policy(vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	run_until(self->vcpu, TOUCHED);
	toggles = counter_read(vm, "cache_toggles");
	cleaned = counter_read(vm, "pages_cleaned");
	accessed = accessed_pages(vm);
	sctlr = reg_get(self->vcpu, REG_SCTLR_EL1);
	reg_set(self->vcpu, REG_SCTLR_EL1, sctlr & ~(u64)(SCTLR_M | SCTLR_C));
	program_run_to(self->vcpu, OFF);
	EXPECT_EQ(toggles + 1, counter_read(vm, "cache_toggles"));
	EXPECT_EQ(cleaned + accessed, counter_read(vm, "pages_cleaned"));
	program_run_to(self->vcpu, TOUCHED_OFF);
	EXPECT_LE(2, idle_cleaned(vm));
}

static void __own_page guest_off_unseen(void)
{
	guest_mmu_on();
	guest_touch(MEMORY_IPA, PAGES_WATCHED, SZ_4K);
	guest_flush(GUEST_CISW, 0);
	sctlr_change(0, SCTLR_I);	/* the caches are on: watched no more */
	guest_sync(STARTED);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_read(MEMORY_PAGE(PAGE_DISK));
	guest_sync(TOUCHED_OFF);
	guest_read(MEMORY_PAGE(PAGE_DISK));
	guest_sync(OFF);
}

/* It did not trap, but the next exit tells: a fault, or under af the stage. */
TEST_F(observer, is_one_whose_toggle_went_unseen)
{
	struct vm *vm = self->vm;
	u64 starts, toggles;

	if (!vm_has_policy(vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	program_enter(self->vcpu, guest_off_unseen, 0, 0, 0);
	program_run_to(self->vcpu, STARTED);
	EXPECT_EQ(0, idle_cleaned(vm));
	vmm_write(vm, PAGE_DISK);
	starts = counter_read(vm, "uncached_starts");
	toggles = counter_read(vm, "cache_toggles");
	run_until(self->vcpu, variant->policy == SETWAY_POLICY_AF ? OFF : TOUCHED_OFF);
	EXPECT_EQ(toggles, counter_read(vm, "cache_toggles"));
	EXPECT_EQ(starts + 1, counter_read(vm, "uncached_starts"));
	EXPECT_ACCESSED(vm, pages_at(PAGE_DISK, 1));
	EXPECT_EQ(accessed_pages(vm), idle_cleaned(vm));
}

/* Is a page let in uncleaned, now that the other vCPU does not run? */
static void expect_nobody_looks(struct __test_metadata *_metadata, FIXTURE_DATA(observer) * self)
{
	u64 before = idle_cleaned(self->vm);

	program_run_to(self->vcpu, FLUSHED);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_EQ(before, idle_cleaned(self->vm));
	EXPECT_ACCESSED(self->vm, pages_at(PAGE_DISK, 1));
}

TEST_F(observer, is_none_when_it_is_off)
{
	struct kvm_mp_state off = { .mp_state = KVM_MP_STATE_STOPPED };
	struct runner runner;

	if (!vm_has_policy(self->vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	program_run_to(self->other, STARTED);
	program_run_to(self->vcpu, STARTED);
	vcpu_ioctl(self->other, KVM_SET_MP_STATE, &off);
	/* It counts until it waits. */
	runner_start(&runner, self->other);
	runner_wait_asleep(&runner);
	EXPECT_EQ(EINTR, runner_stop(&runner));
	expect_nobody_looks(_metadata, self);
}

TEST_F(observer, is_none_when_it_is_closed)
{
	if (!vm_has_policy(self->vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	program_run_to(self->other, STARTED);
	program_run_to(self->vcpu, STARTED);
	/* the mapping is one of the file as well */
	munmap(self->other->run, ioctl(self->vm->device_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(self->other->fd);
	self->other->fd = -1;
	expect_nobody_looks(_metadata, self);
}

TEST_F(observer, is_none_with_its_caches_on)
{
	if (!vm_has_policy(self->vm, variant->policy))
		SKIP(return, NO_ACCESS_FLAGS);
	run_until(self->other, ON);
	program_run_to(self->vcpu, STARTED);
	expect_nobody_looks(_metadata, self);
}

/* There, every batch cleans all that is mapped. */
TEST(observers_cost_nothing_under_full)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	struct vcpu *other = vcpu_add(vm, 1);

	program_enter(vcpu, guest_flush_and_look, 0, 0, 0);
	program_enter(other, guest_stay_off, 0, 0, 0);
	vm_set_policy(vm, SETWAY_POLICY_FULL);
	program_run_to(other, STARTED);
	run_until(vcpu, TOUCHED_OFF);
	EXPECT_EQ(0, idle_cleaned(vm));
	EXPECT_EQ(0, counter_read(vm, "uncached_starts"));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
