// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops of Set/Way operations over a geometry that the guest was built with: a
 * loop is one batch, however it goes round; but two loops are two.
 */
#include <pthread.h>

#include "../lib/alarm.h"
#include "../lib/gic.h"
#include "../lib/module.h"
#include "../lib/setway_cases.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	64
#define SGI_ANY		5

/*
 * More lines than most caches have; with SETWAY_LONG=1 more than setway keeps in
 * mind, which is 128 Ki.
 */
#define MANY_LINES	(6 * 1024)
#define TOO_MANY_LINES	(132 * 1024)

/**
 * struct geometry - caches as somebody wrote them down, and a way round them
 * @levels: of caches, all alike
 * @sets: a power of two
 * @ways: a power of two
 * @descending: from the last line to the first
 * @set_outer: all ways of a set first, then the next set
 */
struct geometry {
	u32 levels;
	u32 sets;
	u32 ways;
	bool descending;
	bool set_outer;
};

/* Lines of 64 bytes; the number of the way is at the top. */
#define LINE_SHIFT	6
#define LEVEL_SHIFT	1

static inline u64 lines(const struct geometry *g)
{
	return (u64)g->levels * g->sets * g->ways;
}

/* The operand of a loop's operation number @i. */
static inline u64 line_operand(const struct geometry *g, u64 i)
{
	u64 at = g->descending ? lines(g) - 1 - i : i;
	u64 level = at / (g->sets * g->ways), in_level = at % (g->sets * g->ways);
	u64 way = g->set_outer ? in_level % g->ways : in_level / g->sets;
	u64 set = g->set_outer ? in_level / g->ways : in_level % g->sets;

	/* log2(ways) bits from the top */
	return way * (BIT(32) / g->ways) | set << LINE_SHIFT | level << LEVEL_SHIFT;
}

static inline void guest_loop_part(const struct geometry *g, u64 from, u64 to)
{
	for (; from < to; from++)
		guest_flush(GUEST_CISW, line_operand(g, from));
}

static void __own_page guest_two_loops(const struct geometry *g)
{
	guest_write(MEMORY_PAGE(1), 1);
	guest_read((u64)g);
	guest_sync(TOUCHED);
	guest_loop_part(g, 0, lines(g));
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(2), 1);
	guest_read((u64)g);
	guest_sync(TOUCHED_AGAIN);
	guest_loop_part(g, 0, lines(g));
	guest_sync(FLUSHED_AGAIN);
}

FIXTURE(way_round)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(way_round)
{
	struct geometry geometry;
};

FIXTURE_VARIANT_ADD(way_round, one_line)
{
	.geometry = { 1, 1, 1, false, false },
};

FIXTURE_VARIANT_ADD(way_round, way_outer)
{
	.geometry = { 2, 64, 4, false, false },
};

FIXTURE_VARIANT_ADD(way_round, way_outer_descending)
{
	.geometry = { 2, 64, 4, true, false },
};

FIXTURE_VARIANT_ADD(way_round, set_outer)
{
	.geometry = { 2, 64, 4, false, true },
};

FIXTURE_VARIANT_ADD(way_round, set_outer_descending)
{
	.geometry = { 2, 64, 4, true, true },
};

FIXTURE_SETUP(way_round)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_two_loops, (u64)&variant->geometry, 0, 0);
}

FIXTURE_TEARDOWN(way_round)
{
	vm_destroy(self->vm);
}

TEST_F(way_round, is_one_batch_a_loop)
{
	case_two_loops(_metadata, self->vcpu, lines(&variant->geometry));
}

static const struct geometry halves = { .levels = 2, .sets = 64, .ways = 4 };

static inline void guest_hypercall(void)
{
	register u64 x0 asm("x0") = 0x84000000;		/* PSCI_VERSION */

	asm volatile("hvc #0" : "+r" (x0) : : "x1", "x2", "x3", "memory");
}

static inline void guest_secure_call(void)
{
	register u64 x0 asm("x0") = 0x84000000;

	asm volatile("smc #0" : "+r" (x0) : : "x1", "x2", "x3", "memory");
}

/* A timer that has fired already, so that it does not wait. */
static inline void guest_wait_fired(void)
{
	asm volatile("msr cntv_cval_el0, xzr\n\t"
		     "msr cntv_ctl_el0, %0\n\t"
		     "isb\n\twfi" : : "r" (BIT(0)) : "memory");
}

/* As a loop does that asks for the next level's geometry. */
static inline void guest_cache_id(void)
{
	u64 id;

	asm volatile("mrs %0, clidr_el1\n\t"
		     "msr csselr_el1, xzr\n\tisb\n\t"
		     "mrs %0, ccsidr_el1\n\t"
		     "mrs %0, ctr_el0" : "=&r" (id));
}

static void __own_page guest_loop_in_two_halves(u64 between)
{
	u64 half = lines(&halves) / 2;

	guest_write(MEMORY_PAGE(1), 1);
	guest_loop_part(&halves, 0, half);
	guest_write(MEMORY_PAGE(2), 1);
	switch (between) {
	case NOTHING:
		break;
	case ACCESSES:
		guest_write(MEMORY_PAGE(1), 2);
		guest_read(MEMORY_PAGE(3));
		break;
	case CACHE_ID:
		guest_cache_id();
		break;
	case MMIO:
		guest_sync(TOUCHED);
		break;
	case HYPERCALL:
		guest_hypercall();
		break;
	case SECURE_CALL:
		guest_secure_call();
		break;
	case WAIT:
		guest_wait_fired();
		break;
	case SCTLR_WRITE:
		guest_sctlr_change(0, SCTLR_I);
		break;
	case CONTEXT_SWITCH:
		asm volatile("msr contextidr_el1, xzr\n\tisb" : : : "memory");
		break;
	case SGI:
		icc_write(ICC_SGI1R_EL1, GIC_SGI_TO_OTHERS(SGI_ANY));
		break;
	case SGI_GROUP0:
		icc_write(ICC_SGI0R_EL1, GIC_SGI_TO_OTHERS(SGI_ANY));
		break;
	}
	guest_loop_part(&halves, half, 2 * half);
	guest_sync(FLUSHED);
}

FIXTURE(between)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(between)
{
	enum setway_between what;
	unsigned int batches;
};

FIXTURE_VARIANT_ADD(between, nothing)
{
	.what = NOTHING, .batches = 1,
};

FIXTURE_VARIANT_ADD(between, accesses)
{
	.what = ACCESSES, .batches = 1,
};

FIXTURE_VARIANT_ADD(between, cache_id)
{
	.what = CACHE_ID, .batches = 1,
};

FIXTURE_VARIANT_ADD(between, mmio)
{
	.what = MMIO, .batches = 2,
};

FIXTURE_VARIANT_ADD(between, hypercall)
{
	.what = HYPERCALL, .batches = 2,
};

FIXTURE_VARIANT_ADD(between, secure_call)
{
	.what = SECURE_CALL, .batches = 2,
};

FIXTURE_VARIANT_ADD(between, wait)
{
	.what = WAIT, .batches = 2,
};

FIXTURE_VARIANT_ADD(between, sctlr)
{
	.what = SCTLR_WRITE, .batches = 2,
};

FIXTURE_VARIANT_ADD(between, context_switch)
{
	.what = CONTEXT_SWITCH, .batches = 2,
};

/* That the memory is ready can be told to another vCPU as well. */
FIXTURE_VARIANT_ADD(between, sgi)
{
	.what = SGI, .batches = 2,
};

FIXTURE_VARIANT_ADD(between, sgi_group0)
{
	.what = SGI_GROUP0, .batches = 2,
};

FIXTURE_SETUP(between)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	if (variant->what >= SGI)
		gic_create(self->vm);
	program_enter(self->vcpu, guest_loop_in_two_halves, variant->what, 0, 0);
}

FIXTURE_TEARDOWN(between)
{
	vm_destroy(self->vm);
}

TEST_F(between, two_halves_of_a_loop)
{
	case_two_halves(_metadata, self->vcpu, variant->what, lines(&halves),
			variant->batches);
}

/* A loop of one kind, then of another, with the same operands. */
static void __own_page guest_loops_of_two_kinds(void)
{
	u64 i;

	for (i = 0; i < lines(&halves); i++)
		guest_flush(GUEST_CISW, line_operand(&halves, i));
	for (i = 0; i < lines(&halves); i++)
		guest_flush(GUEST_ISW, line_operand(&halves, i));
	guest_sync(FLUSHED);
}

TEST(loops_of_two_kinds)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_loops_of_two_kinds, 0, 0, 0);
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(2, counter_read(vm, "setway_batches"));
	EXPECT_EQ(2 * lines(&halves) - 2, counter_read(vm, "setway_coalesced"));
	vm_destroy(vm);
}

/* All kinds on a line before it goes on to the next. */
static inline void guest_in_turn(const struct geometry *g, u64 kinds)
{
	u64 i;

	for (i = 0; i < lines(g); i++) {
		guest_flush(GUEST_CSW, line_operand(g, i));
		if (kinds > 2)
			guest_flush(GUEST_CISW, line_operand(g, i));
		guest_flush(GUEST_ISW, line_operand(g, i));
	}
}

static void __own_page guest_two_loops_in_turn(const struct geometry *g, u64 kinds)
{
	guest_write(MEMORY_PAGE(1), 1);
	guest_read((u64)g);
	guest_sync(TOUCHED);
	guest_in_turn(g, kinds);
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(2), 1);
	guest_read((u64)g);
	guest_sync(TOUCHED_AGAIN);
	guest_in_turn(g, kinds);
	guest_sync(FLUSHED_AGAIN);
}

TEST_F(way_round, is_one_batch_for_each_of_two_kinds_in_turn)
{
	program_enter(self->vcpu, guest_two_loops_in_turn, (u64)&variant->geometry, 2, 0);
	case_kinds_in_turn(_metadata, self->vcpu, 2, lines(&variant->geometry));
}

TEST_F(way_round, is_one_batch_for_each_of_three_kinds_in_turn)
{
	program_enter(self->vcpu, guest_two_loops_in_turn, (u64)&variant->geometry, 3, 0);
	case_kinds_in_turn(_metadata, self->vcpu, 3, lines(&variant->geometry));
}

/* Half of the lines cleaned, then invalidated: what comes then is a flush of its own. */
static void __own_page guest_clean_invalidate_clean(const struct geometry *g)
{
	u64 i, half = lines(g) / 2;

	for (i = 0; i < half; i++)
		guest_flush(GUEST_CSW, line_operand(g, i));
	for (i = 0; i < half; i++)
		guest_flush(GUEST_ISW, line_operand(g, i));
	guest_write(MEMORY_PAGE(2), 1);
	for (; i < 2 * half; i++)
		guest_flush(GUEST_CSW, line_operand(g, i));
	guest_sync(FLUSHED);
}

TEST(clean_invalidate_and_clean)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_clean_invalidate_clean, (u64)&halves, 0, 0);
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(3, counter_read(vm, "setway_batches"));
	EXPECT_EQ(lines(&halves) / 2 * 3 - 3, counter_read(vm, "setway_coalesced"));
	EXPECT_ACCESSED(vm);
	vm_destroy(vm);
}

/* Over and over the same line, as if to be sure. */
static void __own_page guest_same_line(void)
{
	u64 i;

	guest_flush(GUEST_CISW, line_operand(&halves, 1));
	guest_flush(GUEST_CISW, line_operand(&halves, 2));
	for (i = 0; i < 10; i++)
		guest_flush(GUEST_CISW, line_operand(&halves, 2));
	guest_sync(FLUSHED);
}

TEST(the_same_line_again)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_same_line, 0, 0, 0);
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(12, counter_read(vm, "setway_ops"));
	EXPECT_EQ(11, counter_read(vm, "setway_batches"));
	EXPECT_EQ(1, counter_read(vm, "setway_coalesced"));
	vm_destroy(vm);
}

/* Signals come in between; the loop goes on. */
static const struct geometry chip = { .levels = 2, .sets = 256, .ways = 4 };

TEST(a_loop_is_not_ended_by_signals)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_two_loops, (u64)&chip, 0, 0);
	program_run_to(vcpu, TOUCHED);
	alarm_every(1);
	program_run_to(vcpu, FLUSHED);
	alarm_every(0);
	EXPECT_LT(0, alarm_count());
	EXPECT_EQ(1, counter_read(vm, "setway_batches"));
	EXPECT_EQ(lines(&chip), counter_read(vm, "setway_ops"));
	vm_destroy(vm);
}

/* A cache that is larger than most. */
static const struct geometry large = { .levels = 2, .sets = MANY_LINES / 8, .ways = 4 };
static const struct geometry too_large = { .levels = 2, .sets = TOO_MANY_LINES / 8, .ways = 4 };

static void __own_page guest_large_loops(const struct geometry *g)
{
	guest_write(MEMORY_PAGE(1), 1);
	guest_loop_part(g, 0, lines(g));
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(1), 1);
	guest_loop_part(g, 0, 10);
	guest_sync(FLUSHED_AGAIN);
}

/* A batch too many is never wrong; one batch for each operation would be a pity. */
TEST(many_operands)
{
	const struct geometry *g = is_long_run() ? &too_large : &large;
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	u64 batches;

	program_enter(vcpu, guest_large_loops, (u64)g, 0, 0);
	program_run_to(vcpu, FLUSHED);
	batches = counter_read(vm, "setway_batches");
	EXPECT_LE(1, batches);
	EXPECT_GE(lines(g) == MANY_LINES ? 1 : 2, batches);
	EXPECT_EQ(lines(g), counter_read(vm, "setway_ops"));
	EXPECT_EQ(lines(g) - batches, counter_read(vm, "setway_coalesced"));
	EXPECT_ACCESSED(vm);
	program_run_to(vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(batches + 1, counter_read(vm, "setway_batches"));
	EXPECT_ACCESSED(vm);
	vm_destroy(vm);
}

/* Each vCPU has a loop of its own. */
static void *run_to_flushed(void *vcpu)
{
	program_run_to(vcpu, TOUCHED);
	program_run_to(vcpu, FLUSHED);
	return NULL;
}

TEST(two_vcpus_in_their_loops)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpus[2];
	pthread_t threads[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		vcpus[i] = vcpu_add(vm, i);
		program_enter(vcpus[i], guest_two_loops, (u64)&chip, 0, 0);
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, run_to_flushed, vcpus[i]));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(lines(&chip), counter_read_vcpu(vcpus[i], "setway_ops"));
		EXPECT_EQ(1, counter_read_vcpu(vcpus[i], "setway_batches"));
		EXPECT_EQ(lines(&chip) - 1, counter_read_vcpu(vcpus[i], "setway_coalesced"));
	}
	EXPECT_EQ(2, counter_read(vm, "setway_batches"));
	EXPECT_ACCESSED(vm);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
