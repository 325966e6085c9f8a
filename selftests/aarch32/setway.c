// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: Set/Way operations and caches going on and off, from 32-bit code.  What
 * a 64-bit guest does in setway/batch.c, setway/loop.c and setway/toggle.c comes to
 * the same here.
 */
#include "../lib/gic.h"
#include "../lib/program32.h"
#include "../lib/setway_cases.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"
#include "guest/setway.h"

REQUIRE_SETWAY();
REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

#define PAGES_WATCHED	1024

GUEST32(loop);
GUEST32(setway_touch_and_flush);
GUEST32(setway_again_and_again);
GUEST32(setway_dma);
GUEST32(setway_two_loops);
GUEST32(setway_two_halves);
GUEST32(setway_two_loops_in_turn);
GUEST32(setway_switching);
GUEST32(setway_off_and_on);
GUEST32(setway_one_bit_at_a_time);

static struct vcpu *vcpu_watched(const void *function, u32 argument)
{
	struct vcpu *vcpu = program32_vcpu(function);

	vm_watch(vcpu->vm, PAGES_WATCHED);
	program32_enter(vcpu, function, argument, 0, 0);
	return vcpu;
}

FIXTURE(kind) {
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(kind) {
	enum setway_kind kind;
};

FIXTURE_VARIANT_ADD(kind, dcisw) { .kind = SETWAY_DCISW };
FIXTURE_VARIANT_ADD(kind, dccsw) { .kind = SETWAY_DCCSW };
FIXTURE_VARIANT_ADD(kind, dccisw) { .kind = SETWAY_DCCISW };

FIXTURE_SETUP(kind)
{
	self->vcpu = vcpu_watched(guest32_setway_touch_and_flush, variant->kind);
}

FIXTURE_TEARDOWN(kind)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(kind, cleans_only_what_was_accessed)
{
	struct vm *vm = self->vcpu->vm;

	vm_premap(vm, MEMORY_SLOT);
	case_touch_and_flush(_metadata, self->vcpu);
	EXPECT_EQ(2, counter_read(vm, "setway_ops"));
	EXPECT_EQ(2, counter_read(vm, "setway_batches"));
	EXPECT_EQ(2, counter_read(vm, "exits_setway"));
	EXPECT_EQ(0, counter_read(vm, "cache_toggles"));
}

TEST_F(kind, cleans_only_what_was_accessed_of_what_faults_mapped)
{
	case_touch_and_flush(_metadata, self->vcpu);
}

TEST(no_batch_is_dropped)
{
	struct vcpu *vcpu = vcpu_watched(guest32_setway_again_and_again, 0);

	case_again_and_again(_metadata, vcpu);
	vm_destroy(vcpu->vm);
}

FIXTURE(way_round) {
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(way_round) {
	struct setway_loop loop;
};

FIXTURE_VARIANT_ADD(way_round, one_line) { .loop = { 1, 0, 0, 0, 0 } };
FIXTURE_VARIANT_ADD(way_round, way_outer) { .loop = { 2, 6, 2, 0, 0 } };
FIXTURE_VARIANT_ADD(way_round, way_outer_descending) { .loop = { 2, 6, 2, 1, 0 } };
FIXTURE_VARIANT_ADD(way_round, set_outer) { .loop = { 2, 6, 2, 0, 1 } };
FIXTURE_VARIANT_ADD(way_round, set_outer_descending) { .loop = { 2, 6, 2, 1, 1 } };

static u64 loop_set(struct vm *vm, const struct setway_loop *loop)
{
	*(struct setway_loop *)program32_data(vm, guest32_loop) = *loop;
	return loop->levels << (loop->set_bits + loop->way_bits);
}

FIXTURE_SETUP(way_round)
{
	self->vcpu = vcpu_watched(guest32_setway_two_loops, 0);
}

FIXTURE_TEARDOWN(way_round)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(way_round, is_one_batch_a_loop)
{
	case_two_loops(_metadata, self->vcpu, loop_set(self->vcpu->vm, &variant->loop));
}

TEST_F(way_round, is_one_batch_for_each_of_two_kinds_in_turn)
{
	program32_enter(self->vcpu, guest32_setway_two_loops_in_turn, 2, 0, 0);
	case_kinds_in_turn(_metadata, self->vcpu, 2,
			   loop_set(self->vcpu->vm, &variant->loop));
}

TEST_F(way_round, is_one_batch_for_each_of_three_kinds_in_turn)
{
	program32_enter(self->vcpu, guest32_setway_two_loops_in_turn, 3, 0, 0);
	case_kinds_in_turn(_metadata, self->vcpu, 3,
			   loop_set(self->vcpu->vm, &variant->loop));
}

FIXTURE(between) {
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(between) {
	enum setway_between what;
	unsigned int batches;
};

FIXTURE_VARIANT_ADD(between, nothing) { NOTHING, 1 };
FIXTURE_VARIANT_ADD(between, accesses) { ACCESSES, 1 };
FIXTURE_VARIANT_ADD(between, cache_id) { CACHE_ID, 1 };
FIXTURE_VARIANT_ADD(between, mmio) { MMIO, 2 };
FIXTURE_VARIANT_ADD(between, hypercall) { HYPERCALL, 2 };
FIXTURE_VARIANT_ADD(between, secure_call) { SECURE_CALL, 2 };
FIXTURE_VARIANT_ADD(between, wait) { WAIT, 2 };
FIXTURE_VARIANT_ADD(between, sctlr) { SCTLR_WRITE, 2 };
FIXTURE_VARIANT_ADD(between, context_switch) { CONTEXT_SWITCH, 2 };
FIXTURE_VARIANT_ADD(between, sgi) { SGI, 2 };
FIXTURE_VARIANT_ADD(between, sgi_group0) { SGI_GROUP0, 2 };

FIXTURE_SETUP(between)
{
	self->vcpu = vcpu_watched(guest32_setway_two_halves, variant->what);
	if (variant->what >= SGI)
		gic_create(self->vcpu->vm);
}

FIXTURE_TEARDOWN(between)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(between, two_halves_of_a_loop)
{
	const struct setway_loop loop = { .levels = 2, .set_bits = 6, .way_bits = 2 };

	case_two_halves(_metadata, self->vcpu, variant->what,
			loop_set(self->vcpu->vm, &loop), variant->batches);
}

/* With tables in the long format, and in the short one. */
FIXTURE(mmu) {
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(mmu) {
	bool is_short;
};

FIXTURE_VARIANT_ADD(mmu, long_format) { .is_short = false };
FIXTURE_VARIANT_ADD(mmu, short_format) { .is_short = true };

FIXTURE_SETUP(mmu)
{
	self->vcpu = vcpu_watched(guest32_setway_off_and_on, variant->is_short);
}

FIXTURE_TEARDOWN(mmu)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(mmu, toggle_is_a_batch)
{
	case_toggles(_metadata, self->vcpu);
}

TEST_F(mmu, toggle_is_not_watched_for_while_caches_are_on)
{
	case_unwatched(_metadata, self->vcpu);
}

TEST_F(mmu, toggle_is_watched_for_after_a_reset)
{
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		program32_enter(self->vcpu, guest32_setway_off_and_on, variant->is_short, 0, 0);
		program_run_to(self->vcpu, STARTED);
		EXPECT_EQ(i, counter_read(self->vcpu->vm, "cache_toggles"));
		vcpu_reset(self->vcpu, VCPU32_FEATURES);
	}
}

TEST_F(mmu, batches_without_a_toggle_between_them)
{
	program32_enter(self->vcpu, guest32_setway_dma, variant->is_short, 0, 0);
	case_dma(_metadata, self->vcpu);
}

FIXTURE(watch) {
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(watch) {
	enum setway_switched what;
	bool is_short;
};

FIXTURE_VARIANT_ADD(watch, contextidr) { SWITCH_CONTEXTIDR, false };
FIXTURE_VARIANT_ADD(watch, contextidr_short) { SWITCH_CONTEXTIDR, true };
FIXTURE_VARIANT_ADD(watch, ttbr0_64) { SWITCH_TTBR0_64, false };
FIXTURE_VARIANT_ADD(watch, ttbr0_short) { SWITCH_TTBR0, true };
FIXTURE_VARIANT_ADD(watch, dacr_short) { SWITCH_DACR, true };
FIXTURE_VARIANT_ADD(watch, sctlr) { SWITCH_SCTLR, false };

FIXTURE_SETUP(watch)
{
	self->vcpu = vcpu_watched(guest32_setway_switching, 0);
	program32_enter(self->vcpu, guest32_setway_switching, variant->what,
			variant->is_short, 0);
}

FIXTURE_TEARDOWN(watch)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(watch, ends_with_the_first_write)
{
	case_switches(_metadata, self->vcpu);
}

TEST(toggle_takes_both_bits)
{
	struct vcpu *vcpu = vcpu_watched(guest32_setway_one_bit_at_a_time, 0);

	case_both_bits(_metadata, vcpu);
	vm_destroy(vcpu->vm);
}

TEST(cleans_all_that_is_mapped_under_full)
{
	struct vcpu *vcpu = vcpu_watched(guest32_setway_touch_and_flush, SETWAY_DCCISW);
	struct vm *vm = vcpu->vm;
	u64 mapped;

	vm_set_policy(vm, SETWAY_POLICY_FULL);
	vm_premap(vm, MEMORY_SLOT);
	program_run_to(vcpu, TOUCHED);
	mapped = counter_read(vm, "mapped_pages");
	EXPECT_LT(PAGES_WATCHED, mapped);
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(mapped, counter_read(vm, "pages_cleaned"));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
