// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caches that a guest is shown: one level, one set, one way, with lines of
 * the size that they have; so that a whole flush is one operation.
 */
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	8

/* CTR_EL0, ARM DDI 0487J.a, D19.2.34: log2 of words */
#define CTR_IMINLINE(ctr)	((ctr) & 0xf)
#define CTR_DMINLINE(ctr)	((ctr) >> 16 & 0xf)

/* CLIDR_EL1, D19.2.26 */
#define CLIDR_CTYPE(clidr, level)	((clidr) >> (3 * ((level) - 1)) & 7)
#define CLIDR_CTYPE_SEPARATE		3
#define CLIDR_LEVELS			7
#define CLIDR_LOUIS(clidr)		((clidr) >> 21 & 7)
#define CLIDR_LOC(clidr)		((clidr) >> 24 & 7)
#define CLIDR_LOUU(clidr)		((clidr) >> 27 & 7)

/* CCSIDR_EL1 without FEAT_CCIDX, D19.2.24: log2 of words, less 2; less 1; less 1 */
#define CCSIDR_LINE(ccsidr)		(((ccsidr) & 7) + 2)
#define CCSIDR_WAYS(ccsidr)		(((ccsidr) >> 3 & 0x3ff) + 1)
#define CCSIDR_SETS(ccsidr)		(((ccsidr) >> 13 & 0x7fff) + 1)

/* CSSELR_EL1, D19.2.33 */
#define CSSELR_INSTRUCTION	BIT(0)
#define CSSELR_LEVEL(level)	(((level) - 1) << 1)

enum stage {
	CTR = 1,
	CLIDR,
	CCSIDR,
	CSSELR,
	TOUCHED,
	FLUSHED,
};

static inline u64 ccsidr_of(u64 csselr)
{
	u64 ccsidr;

	asm volatile("msr csselr_el1, %1\n\tisb\n\tmrs %0, ccsidr_el1"
		     : "=r" (ccsidr) : "r" (csselr));
	return ccsidr;
}

static inline u64 csselr_read(void)
{
	u64 csselr;

	asm volatile("mrs %0, csselr_el1" : "=r" (csselr));
	return csselr;
}

static void guest_identify(void)
{
	u64 ctr, clidr;

	asm volatile("mrs %0, ctr_el0" : "=r" (ctr));
	guest_report(CTR, ctr, 0);
	asm volatile("mrs %0, clidr_el1" : "=r" (clidr));
	guest_report(CLIDR, clidr, 0);
	guest_report(CCSIDR, ccsidr_of(CSSELR_LEVEL(1)),
		     ccsidr_of(CSSELR_LEVEL(1) | CSSELR_INSTRUCTION));
}

FIXTURE(geometry)
{
	struct vm *vm;
	struct vcpu *vcpu;
	struct ucall ucall;
};

FIXTURE_SETUP(geometry)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
}

FIXTURE_TEARDOWN(geometry)
{
	vm_destroy(self->vm);
}

/* What the host's userspace is told is what all of its CPUs have. */
static u64 host_ctr(void)
{
	u64 ctr;

	asm("mrs %0, ctr_el0" : "=r" (ctr));
	return ctr;
}

TEST_F(geometry, one_level_one_set_one_way)
{
	u64 ctr, clidr;
	unsigned int level, i;

	program_enter(self->vcpu, guest_identify, 0, 0, 0);
	program_run(self->vcpu, &self->ucall);
	ASSERT_EQ(CTR, self->ucall.args[0]);
	ctr = self->ucall.args[1];
	EXPECT_EQ(host_ctr(), ctr);

	program_run(self->vcpu, &self->ucall);
	ASSERT_EQ(CLIDR, self->ucall.args[0]);
	clidr = self->ucall.args[1];
	EXPECT_EQ(CLIDR_CTYPE_SEPARATE, CLIDR_CTYPE(clidr, 1));
	for (level = 2; level <= CLIDR_LEVELS; level++)
		EXPECT_EQ(0, CLIDR_CTYPE(clidr, level));
	EXPECT_EQ(1, CLIDR_LOUIS(clidr));
	EXPECT_EQ(1, CLIDR_LOC(clidr));
	EXPECT_EQ(1, CLIDR_LOUU(clidr));

	program_run(self->vcpu, &self->ucall);
	ASSERT_EQ(CCSIDR, self->ucall.args[0]);
	for (i = 1; i <= 2; i++) {
		EXPECT_EQ(1, CCSIDR_SETS(self->ucall.args[i]));
		EXPECT_EQ(1, CCSIDR_WAYS(self->ucall.args[i]));
	}
	EXPECT_EQ(CTR_DMINLINE(ctr), CCSIDR_LINE(self->ucall.args[1]));
	EXPECT_EQ(CTR_IMINLINE(ctr), CCSIDR_LINE(self->ucall.args[2]));
}

/* A cache that is not there may read as anything, but not as more work. */
static void guest_ask_for_other_levels(void)
{
	u64 level, ccsidr;

	for (level = 2; level <= CLIDR_LEVELS; level++) {
		ccsidr = ccsidr_of(CSSELR_LEVEL(level));
		GUEST_ASSERT_EQ(CSSELR_LEVEL(level), csselr_read());
		GUEST_ASSERT_EQ(1, CCSIDR_SETS(ccsidr));
		GUEST_ASSERT_EQ(1, CCSIDR_WAYS(ccsidr));
	}
	/* reserved bits stay 0 */
	ccsidr_of(~0UL);
	GUEST_ASSERT_EQ(CSSELR_LEVEL(8) | CSSELR_INSTRUCTION, csselr_read());
}

TEST_F(geometry, other_levels)
{
	program_enter(self->vcpu, guest_ask_for_other_levels, 0, 0, 0);
	program_finish(self->vcpu);
}

/* What can only be read has no name for writing: this is its encoding. */
static void guest_write_to_identification(void)
{
	u64 esr, zero = 0;

	esr = GUEST_TRY("msr s3_1_c0_c0_0, %0", "+r" (zero));	/* CCSIDR_EL1 */
	GUEST_ASSERT(esr);
	GUEST_ASSERT_EQ(ESR_EC_UNKNOWN, ESR_EC(esr));
	esr = GUEST_TRY("msr s3_1_c0_c0_1, %0", "+r" (zero));	/* CLIDR_EL1 */
	GUEST_ASSERT(esr);
	GUEST_ASSERT_EQ(ESR_EC_UNKNOWN, ESR_EC(esr));
}

TEST_F(geometry, cannot_be_written)
{
	program_enter(self->vcpu, guest_write_to_identification, 0, 0, 0);
	program_finish(self->vcpu);
}

static void guest_select(u64 csselr)
{
	asm volatile("msr csselr_el1, %0" : : "r" (csselr));
	guest_sync(CSSELR);
	GUEST_ASSERT_EQ(csselr, csselr_read());
}

TEST_F(geometry, each_vcpu_selects_for_itself)
{
	struct vcpu *other = vcpu_add(self->vm, 1);

	program_enter(self->vcpu, guest_select, CSSELR_LEVEL(1), 0, 0);
	program_enter(other, guest_select, CSSELR_LEVEL(2) | CSSELR_INSTRUCTION, 0, 0);
	program_run_to(self->vcpu, CSSELR);
	program_run_to(other, CSSELR);
	EXPECT_EQ(CSSELR_LEVEL(1), reg_get(self->vcpu, REG_CSSELR_EL1));
	EXPECT_EQ(CSSELR_LEVEL(2) | CSSELR_INSTRUCTION, reg_get(other, REG_CSSELR_EL1));
	program_finish(self->vcpu);
	program_finish(other);
}

/* As an operating system does that believes what it is shown. */
static void guest_flush_all(void)
{
	u64 ops;

	guest_write(MEMORY_PAGE(3), 1);
	guest_sync(TOUCHED);
	ops = guest_setway_all(GUEST_ISW);
	GUEST_ASSERT_EQ(1, ops);
	guest_sync(FLUSHED);
}

TEST_F(geometry, makes_a_flush_one_operation)
{
	program_enter(self->vcpu, guest_flush_all, 0, 0, 0);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_ACCESSED(self->vm, pages_at(3, 1));
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_EQ(1, counter_read(self->vm, "setway_ops"));
	EXPECT_EQ(1, counter_read(self->vm, "setway_batches"));
	EXPECT_ACCESSED(self->vm);
	program_finish(self->vcpu);
}

TEST_HARNESS_MAIN
