/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's side of tests of Set/Way and of cache toggles that a 64-bit and a
 * 32-bit guest have in common.  Each takes a vCPU that is about to run the guest's
 * side, in a VM made by vm_watched() or its like.
 */
#ifndef SELFTESTS_LIB_SETWAY_CASES_H
#define SELFTESTS_LIB_SETWAY_CASES_H

#include "onereg.h"
#include "setway_stages.h"
#include "test.h"
#include "tracking.h"

/**
 * case_touch_and_flush() - each batch cleans the pages accessed since the last
 * @_metadata: of the test
 * @vcpu: touches pages 0, 5, 511, 512 and 1023, flushes, touches 5, flushes
 */
static inline void case_touch_and_flush(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	program_run_to(vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(0, 1), pages_at(5, 1), pages_at(511, 2),
			pages_at(1023, 1));
	EXPECT_EQ(0, counter_read(vm, "pages_cleaned"));
	EXPECT_EXACT_BATCH(vcpu, FLUSHED);
	EXPECT_ACCESSED(vm);

	program_run_to(vcpu, TOUCHED_AGAIN);
	EXPECT_ACCESSED(vm, pages_at(5, 1));
	EXPECT_EXACT_BATCH(vcpu, FLUSHED_AGAIN);
	EXPECT_ACCESSED(vm);
}

/**
 * case_again_and_again() - each operation of six is a batch
 * @_metadata: of the test
 * @vcpu: repeats operations, or changes their kind, with one operand
 */
static inline void case_again_and_again(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(6, counter_read(vm, "setway_ops"));
	EXPECT_EQ(6, counter_read(vm, "setway_batches"));
	EXPECT_EQ(0, counter_read(vm, "setway_coalesced"));
	EXPECT_EQ(0, counter_read(vm, "cache_toggles"));
}

/**
 * case_dma() - batches without a toggle between them are as many
 * @_metadata: of the test
 * @vcpu: turns its caches on, and flushes DMA_BUFFERS times after two pages
 */
static inline void case_dma(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	u64 i;

	for (i = 0; i < DMA_BUFFERS; i++) {
		program_run_to(vcpu, TOUCHED);
		EXPECT_ACCESSED(vm, pages_at(i, 1), pages_at(100 + i, 1));
		EXPECT_EXACT_BATCH(vcpu, FLUSHED);
		EXPECT_ACCESSED(vm);
	}
	EXPECT_EQ(1, counter_read(vm, "cache_toggles"));
}

/**
 * case_two_loops() - a loop is one batch, two loops are two
 * @_metadata: of the test
 * @vcpu: touches page 1, loops, touches page 2, loops
 * @ops: operations in a loop
 */
static inline void case_two_loops(struct __test_metadata *_metadata, struct vcpu *vcpu, u64 ops)
{
	struct vm *vm = vcpu->vm;

	program_run_to(vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(1, 1));
	EXPECT_EXACT_BATCH(vcpu, FLUSHED);
	EXPECT_EQ(ops, counter_read(vm, "setway_ops"));
	EXPECT_EQ(ops - 1, counter_read(vm, "setway_coalesced"));

	program_run_to(vcpu, TOUCHED_AGAIN);
	EXPECT_ACCESSED(vm, pages_at(2, 1));
	EXPECT_EXACT_BATCH(vcpu, FLUSHED_AGAIN);
	EXPECT_ACCESSED(vm);
	EXPECT_EQ(2, counter_read(vm, "setway_batches"));
	EXPECT_EQ(2 * ops, counter_read(vm, "setway_ops"));
	EXPECT_EQ(2 * ops - 2, counter_read(vm, "setway_coalesced"));
}

/**
 * case_two_halves() - what ends a loop, and what does not
 * @_metadata: of the test
 * @vcpu: touches page 1, does half of a loop, touches page 2, does something else,
 *	and the other half
 * @what: what else
 * @ops: operations in a loop
 * @batches: how many the two halves are
 */
static inline void case_two_halves(struct __test_metadata *_metadata, struct vcpu *vcpu,
				   enum setway_between what, u64 ops, u64 batches)
{
	struct vm *vm = vcpu->vm;

	if (what == MMIO)
		program_run_to(vcpu, TOUCHED);
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(ops, counter_read(vm, "setway_ops"));
	EXPECT_EQ(batches, counter_read(vm, "setway_batches"));
	EXPECT_EQ(ops - batches, counter_read(vm, "setway_coalesced"));
	EXPECT_EQ(0, counter_read(vm, "cache_toggles"));
	/* what was written between the halves waits for the next batch, or was in it */
	if (batches == 2)
		EXPECT_ACCESSED(vm);
	else if (what == ACCESSES)
		EXPECT_ACCESSED(vm, pages_at(1, 3));
	else
		EXPECT_ACCESSED(vm, pages_at(2, 1));
}

/**
 * case_toggles() - caches going off and on are a batch each
 * @_metadata: of the test
 * @vcpu: turns them on, flushes, and turns them off and on, with a page touched
 *	before each
 */
static inline void case_toggles(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	program_run_to(vcpu, STARTED);
	EXPECT_EQ(1, counter_read(vm, "cache_toggles"));
	EXPECT_LT(0, counter_read(vm, "pages_cleaned"));

	program_run_to(vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(1, 1));
	EXPECT_EXACT_BATCH(vcpu, OFF);
	EXPECT_ACCESSED(vm);
	program_run_to(vcpu, TOUCHED_OFF);
	EXPECT_ACCESSED(vm, pages_at(2, 1));
	EXPECT_EXACT_BATCH(vcpu, ON);
	EXPECT_ACCESSED(vm);
	EXPECT_EQ(3, counter_read(vm, "cache_toggles"));
	EXPECT_EQ(1, counter_read(vm, "setway_batches"))
		TH_LOG("toggles are counted apart");
}

/**
 * case_unwatched() - no write to SCTLR traps while the caches are on
 * @_metadata: of the test
 * @vcpu: as for case_toggles(), and then turns them off once more
 *
 * The next exit, OFF_UNSEEN's, tells that they are off.  Then the vCPU takes a batch
 * before it goes on, as a vCPU that starts with its caches off does.
 */
static inline void case_unwatched(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	u64 accessed, starts;
	struct tally t;

	program_run_to(vcpu, STARTED);
	program_run_to(vcpu, TOUCHED);
	program_run_to(vcpu, OFF);
	program_run_to(vcpu, TOUCHED_OFF);
	program_run_to(vcpu, ON);
	program_run_to(vcpu, TOUCHED_ON);
	EXPECT_ACCESSED(vm, pages_at(3, 1));
	accessed = accessed_pages(vm);
	starts = counter_read(vm, "uncached_starts");
	t = tally_read(vm);
	program_run_to(vcpu, OFF_UNSEEN);
	t = tally_since(vm, &t);
	EXPECT_EQ(0, t.toggles);
	EXPECT_EQ(0, t.sysregs);
	EXPECT_EQ(0, t.cleaned);
	EXPECT_EQ(starts, counter_read(vm, "uncached_starts"));
	EXPECT_EQ(accessed, accessed_pages(vm));
	t = tally_read(vm);
	program_run_to(vcpu, WRITTEN);
	t = tally_since(vm, &t);
	EXPECT_EQ(starts + 1, counter_read(vm, "uncached_starts"));
	EXPECT_EQ(accessed, t.cleaned);
	EXPECT_ACCESSED(vm);
}

/**
 * case_both_bits() - caches are on when both C and M are
 * @_metadata: of the test
 * @vcpu: writes SCTLR seven times without having both set before or after; then
 *	four times, of which three make a difference
 */
static inline void case_both_bits(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct tally t;

	program_run_to(vcpu, STARTED);
	t = tally_read(vm);
	program_run_to(vcpu, CACHES_ALONE);
	t = tally_since(vm, &t);
	EXPECT_EQ(7, t.sysregs);
	EXPECT_EQ(0, t.toggles);
	EXPECT_EQ(0, t.cleaned);
	t = tally_read(vm);
	program_run_to(vcpu, ON);
	t = tally_since(vm, &t);
	EXPECT_EQ(4, t.sysregs);
	EXPECT_EQ(3, t.toggles);
}

/**
 * case_kinds_in_turn() - kinds that take turns on each line are a batch each
 * @_metadata: of the test
 * @vcpu: touches page 1, loops, touches page 2, loops
 * @kinds: that take turns
 * @lines: of a loop
 */
static inline void case_kinds_in_turn(struct __test_metadata *_metadata, struct vcpu *vcpu,
				      u64 kinds, u64 lines)
{
	struct vm *vm = vcpu->vm;

	program_run_to(vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(1, 1));
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(kinds * lines, counter_read(vm, "setway_ops"));
	EXPECT_EQ(kinds, counter_read(vm, "setway_batches"));
	EXPECT_EQ(kinds * lines - kinds, counter_read(vm, "setway_coalesced"));
	EXPECT_ACCESSED(vm);

	program_run_to(vcpu, TOUCHED_AGAIN);
	EXPECT_ACCESSED(vm, pages_at(2, 1));
	program_run_to(vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(2 * kinds * lines, counter_read(vm, "setway_ops"));
	EXPECT_EQ(2 * kinds, counter_read(vm, "setway_batches"));
	EXPECT_EQ(2 * (kinds * lines - kinds), counter_read(vm, "setway_coalesced"));
	EXPECT_ACCESSED(vm);
}

/**
 * EXPECT_SYSREGS() - run to a stage and expect so many trapped registers
 * @cpu: vCPU
 * @stage: the next
 * @n: how many
 */
#define EXPECT_SYSREGS(cpu, stage, n) do {				\
	struct vcpu *__vcpu = (cpu);					\
	struct tally __t = tally_read(__vcpu->vm);			\
									\
	program_run_to(__vcpu, stage);					\
	__t = tally_since(__vcpu->vm, &__t);				\
	EXPECT_EQ(n, __t.sysregs);					\
} while (0)

/**
 * sctlr_set_same() - write SCTLR_EL1 as VMMs do that stop a guest and go on
 * @vcpu: whose
 */
static inline void sctlr_set_same(struct vcpu *vcpu)
{
	reg_set(vcpu, REG_SCTLR_EL1, reg_get(vcpu, REG_SCTLR_EL1));
}

/**
 * case_switches() - a flush with the caches on makes one switch an exit, not all
 * @_metadata: of the test
 * @vcpu: turns its caches on, switches, flushes, switches twice, flushes, turns its
 *	caches off, and switches
 */
static inline void case_switches(struct __test_metadata *_metadata, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct tally t;

	program_run_to(vcpu, STARTED);
	EXPECT_SYSREGS(vcpu, WRITTEN, 0);
	sctlr_set_same(vcpu);
	EXPECT_SYSREGS(vcpu, FLUSHED, 0);
	EXPECT_SYSREGS(vcpu, ON, 1);
	sctlr_set_same(vcpu);
	EXPECT_SYSREGS(vcpu, TOUCHED_ON, 0);
	EXPECT_EQ(1, counter_read(vm, "cache_toggles"));

	/* what TVM is for: the toggle after a flush, though userspace came between */
	program_run_to(vcpu, FLUSHED_AGAIN);
	sctlr_set_same(vcpu);
	t = tally_read(vm);
	EXPECT_EXACT_BATCH(vcpu, OFF);
	t = tally_since(vm, &t);
	EXPECT_EQ(1, t.sysregs);
	EXPECT_EQ(1, t.toggles);
	EXPECT_EQ(2, counter_read(vm, "setway_batches"));

	/* and the next one: nothing is missed while the caches are off */
	EXPECT_SYSREGS(vcpu, TOUCHED_OFF, SWITCHES);
	EXPECT_EQ(2, counter_read(vm, "cache_toggles"));
}

#endif /* SELFTESTS_LIB_SETWAY_CASES_H */
