// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long writes to SCTLR_EL1 and its companions are trapped (HCR_EL2.TVM): while
 * the caches are off, and after a flush until the first such write.  A guest that
 * runs with its caches on does not pay for each switch between its processes, and
 * neither does one that is stopped and goes on, or moves to another host.
 */
#include "../lib/gic.h"
#include "../lib/onereg.h"
#include "../lib/setway_cases.h"
#include "../lib/snapshot.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	64
#define CACHES		(SCTLR_M | SCTLR_C)

static __always_inline u64 value_of(u64 what)
{
	u64 value = 0;

	if (what == SWITCH_TTBR0)
		asm volatile("mrs %0, ttbr0_el1" : "=r" (value));
	else if (what == SWITCH_SCTLR)
		asm volatile("mrs %0, sctlr_el1" : "=r" (value));
	return value;
}

static __always_inline void guest_switches(u64 what)
{
	u64 value = value_of(what);
	unsigned int i;

	for (i = 0; i < SWITCHES; i++) {
		if (what == SWITCH_CONTEXTIDR)
			asm volatile("msr contextidr_el1, %0\n\tisb" : : "r" (value));
		else if (what == SWITCH_TTBR0)
			asm volatile("msr ttbr0_el1, %0\n\tisb" : : "r" (value));
		else
			asm volatile("msr sctlr_el1, %0\n\tisb" : : "r" (value));
	}
}

static void __own_page guest_switching(u64 what)
{
	guest_mmu_on();
	guest_sync(STARTED);
	guest_switches(what);
	guest_sync(WRITTEN);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	guest_switches(what);
	guest_sync(ON);
	guest_switches(what);
	guest_sync(TOUCHED_ON);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
	sctlr_change(0, CACHES);
	guest_sync(OFF);
	guest_switches(what);
	guest_sync(TOUCHED_OFF);
}

FIXTURE(watch) {
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(watch) {
	enum setway_switched what;
};

FIXTURE_VARIANT_ADD(watch, contextidr) { .what = SWITCH_CONTEXTIDR };
FIXTURE_VARIANT_ADD(watch, ttbr0) { .what = SWITCH_TTBR0 };
FIXTURE_VARIANT_ADD(watch, sctlr) { .what = SWITCH_SCTLR };

FIXTURE_SETUP(watch)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_switching, variant->what, 0, 0);
}

FIXTURE_TEARDOWN(watch)
{
	vm_destroy(self->vm);
}

TEST_F(watch, ends_with_the_first_write)
{
	case_switches(_metadata, self->vcpu);
}

/* A flush of one vCPU is nothing that the others would have to be watched for. */
TEST_F(watch, is_for_the_vcpu_that_flushed)
{
	struct vcpu *other = vcpu_add(self->vm, 1);

	program_enter(other, guest_switching, variant->what, 0, 0);
	program_run_to(other, STARTED);
	program_run_to(self->vcpu, STARTED);
	program_run_to(self->vcpu, WRITTEN);
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_SYSREGS(other, WRITTEN, 0);
	EXPECT_SYSREGS(self->vcpu, ON, 1);
}

/* To another VM, as to another host: what the guest writes first may be a toggle. */
static void move(struct machine *machine)
{
	struct snapshot *snapshot;

	vcpu_complete(machine->vm->vcpus[0]);
	snapshot = snapshot_take(machine, SNAPSHOT_VCPUS_FIRST);
	machine_destroy(machine);
	*machine = snapshot_restore(snapshot);
	snapshot_free(snapshot);
}

TEST_F(watch, begins_anew_in_another_vm)
{
	struct machine machine = { .vm = self->vm, .gic = gic_create(self->vm) };

	program_run_to(self->vcpu, STARTED);
	move(&machine);
	EXPECT_SYSREGS(machine.vm->vcpus[0], WRITTEN, 1);
	EXPECT_SYSREGS(machine.vm->vcpus[0], FLUSHED, 0);
	EXPECT_SYSREGS(machine.vm->vcpus[0], ON, 1);
	EXPECT_SYSREGS(machine.vm->vcpus[0], TOUCHED_ON, 0);
	EXPECT_EQ(0, counter_read(machine.vm, "cache_toggles"));

	/* between the flush and the toggle */
	program_run_to(machine.vm->vcpus[0], FLUSHED_AGAIN);
	move(&machine);
	EXPECT_SYSREGS(machine.vm->vcpus[0], OFF, 1);
	EXPECT_EQ(1, counter_read(machine.vm, "cache_toggles"));
	self->vm = machine.vm;
}

static void __own_page guest_is_toggled(void)
{
	guest_mmu_on();
	guest_write(MEMORY_PAGE(1), 1);
	guest_sync(TOUCHED);
	guest_write(MEMORY_PAGE(2), 1);
	guest_sync(OFF);
	guest_switches(SWITCH_CONTEXTIDR);
	guest_sync(TOUCHED_OFF);
	guest_write(MEMORY_PAGE(3), 1);
	guest_sync(ON);
	guest_switches(SWITCH_CONTEXTIDR);
	guest_sync(TOUCHED_ON);
}

static void caches_set(struct vcpu *vcpu, bool enabled)
{
	u64 sctlr = reg_get(vcpu, REG_SCTLR_EL1) & ~CACHES;

	reg_set(vcpu, REG_SCTLR_EL1, enabled ? sctlr | CACHES : sctlr);
}

FIXTURE(userspace) {
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(userspace)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_is_toggled, 0, 0, 0);
}

FIXTURE_TEARDOWN(userspace)
{
	vm_destroy(self->vm);
}

/* What userspace does to the caches is seen, too. */
static void toggle_and_run(struct __test_metadata *_metadata, struct vcpu *vcpu, bool enabled,
			   u64 stage)
{
	u64 accessed = accessed_pages(vcpu->vm);
	struct tally t = tally_read(vcpu->vm);

	caches_set(vcpu, enabled);
	program_run_to(vcpu, stage);
	t = tally_since(vcpu->vm, &t);
	EXPECT_EQ(1, t.toggles);
	EXPECT_EQ(accessed, t.cleaned);
	EXPECT_EQ(counter_read(vcpu->vm, "mapped_pages") - accessed, t.skipped);
}

TEST_F(userspace, toggles_are_batches)
{
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_ACCESSED(self->vm, pages_at(1, 1));
	toggle_and_run(_metadata, self->vcpu, false, OFF);
	EXPECT_ACCESSED(self->vm, pages_at(2, 1));
	EXPECT_SYSREGS(self->vcpu, TOUCHED_OFF, SWITCHES);

	toggle_and_run(_metadata, self->vcpu, true, ON);
	EXPECT_ACCESSED(self->vm, pages_at(3, 1));
	EXPECT_SYSREGS(self->vcpu, TOUCHED_ON, 1);
	EXPECT_EQ(3, counter_read(self->vm, "cache_toggles"));
	EXPECT_EQ(0, counter_read(self->vm, "setway_batches"));
}

/* Two changes before the next KVM_RUN are one batch; that they cancel does not matter. */
TEST_F(userspace, toggles_twice)
{
	program_run_to(self->vcpu, TOUCHED);
	caches_set(self->vcpu, false);
	caches_set(self->vcpu, true);
	EXPECT_EQ(3, counter_read(self->vm, "cache_toggles"));
	program_run_to(self->vcpu, OFF);
	EXPECT_ACCESSED(self->vm, pages_at(2, 1));
}

/* A VM that is made anew on another host has no memory yet that could be cleaned. */
TEST_F(userspace, toggles_nothing_before_the_first_run)
{
	vm_set_policy(self->vm, SETWAY_POLICY_FULL);
	vm_premap(self->vm, MEMORY_SLOT);
	caches_set(self->vcpu, true);
	caches_set(self->vcpu, false);
	EXPECT_EQ(0, counter_read(self->vm, "cache_toggles"));
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_EQ(1, counter_read(self->vm, "cache_toggles"));
}

/* Caches that went off unseen, as they may, are watched for once userspace tells. */
static void __own_page guest_off_unseen(void)
{
	guest_mmu_on();
	sctlr_change(0, CACHES);
	guest_sync(OFF_UNSEEN);
	sctlr_change(CACHES, 0);
	guest_sync(ON);
}

TEST_F(userspace, tells_that_the_caches_are_off)
{
	program_enter(self->vcpu, guest_off_unseen, 0, 0, 0);
	program_run_to(self->vcpu, OFF_UNSEEN);
	EXPECT_EQ(1, counter_read(self->vm, "cache_toggles"));
	sctlr_set_same(self->vcpu);
	EXPECT_SYSREGS(self->vcpu, ON, 1);
	EXPECT_EQ(2, counter_read(self->vm, "cache_toggles"));
}

TEST_HARNESS_MAIN
