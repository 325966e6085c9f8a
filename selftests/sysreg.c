// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers: what the guest can read and write, and what is undefined
 * to it.  Undefined means an exception in the guest, never trouble for the host.
 */
#include "lib/test.h"

/* The syndrome of reading a register; its value goes to *value. */
#define TRY_MRS(name, value)	GUEST_TRY("mrs %0, " name, "=r" (*(value)))

/* The syndrome of writing one. */
#define TRY_MSR(name, value)	({					\
	u64 __value = (value);						\
									\
	GUEST_TRY("msr " name ", %0", "+r" (__value));		\
})

#define ASSERT_WORKS(try)	GUEST_ASSERT_EQ(0, try)

/* An undefined instruction has no syndrome but its class. */
#define ASSERT_UNDEFINED(try)	GUEST_ASSERT_EQ(ESR_EC_UNKNOWN | BIT(25), try)

#define READS(crm)							\
	X("s3_0_c0_c" #crm "_0") X("s3_0_c0_c" #crm "_1")		\
	X("s3_0_c0_c" #crm "_2") X("s3_0_c0_c" #crm "_3")		\
	X("s3_0_c0_c" #crm "_4") X("s3_0_c0_c" #crm "_5")		\
	X("s3_0_c0_c" #crm "_6") X("s3_0_c0_c" #crm "_7")

/* All of the ID space is there, reserved registers as zero: D17.3.2. */
static void guest_reads_id_registers(void)
{
	u64 value;

#define X(name) ASSERT_WORKS(TRY_MRS(name, &value));
	READS(1)
	READS(2)
	READS(3)
	READS(4)
	READS(5)
	READS(6)
	READS(7)
#undef X
	ASSERT_WORKS(TRY_MRS("midr_el1", &value));
	ASSERT_WORKS(TRY_MRS("mpidr_el1", &value));
	ASSERT_WORKS(TRY_MRS("revidr_el1", &value));
	ASSERT_WORKS(TRY_MRS("aidr_el1", &value));
}

static void guest_writes_id_registers(void)
{
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c4_0", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c5_0", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c7_0", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c7_7", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c0_0", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c0_5", 0));
}

/* What the ID registers promise must be true, so they may only promise little. */
static void guest_checks_promises(void)
{
	u64 pfr0, pfr1, dfr0, isar1;

	asm volatile("mrs %0, id_aa64pfr0_el1" : "=r" (pfr0));
	asm volatile("mrs %0, id_aa64pfr1_el1" : "=r" (pfr1));
	asm volatile("mrs %0, id_aa64dfr0_el1" : "=r" (dfr0));
	asm volatile("mrs %0, id_aa64isar1_el1" : "=r" (isar1));
	/* EL0 and EL1 in AArch64, at least */
	GUEST_ASSERT(pfr0 & 0xf);
	GUEST_ASSERT(pfr0 >> 4 & 0xf);
	/* SVE, SME, MTE, PMU, SPE and pointer authentication: nobody asked for them */
	GUEST_ASSERT_EQ(0, pfr0 >> 32 & 0xf);
	GUEST_ASSERT_EQ(0, pfr1 >> 24 & 0xf);
	GUEST_ASSERT_EQ(0, pfr1 >> 8 & 0xf);
	GUEST_ASSERT_EQ(0, dfr0 >> 8 & 0xf);
	GUEST_ASSERT_EQ(0, dfr0 >> 32 & 0xf);
	GUEST_ASSERT_EQ(0, isar1 & (GENMASK(11, 4) | GENMASK(31, 24)));
}

static void guest_uses_features_that_it_has_not(void)
{
	u64 value;

	/* SVE: ZCR_EL1 */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c1_c2_0", &value));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c1_c2_0", 0));
	/* pointer authentication: APIAKeyLo_EL1 */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c2_c1_0", &value));
	/* MTE: GCR_EL1 */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c1_c0_6", &value));
	/* the PMU: PMCR_EL0, PMCCNTR_EL0, PMCCFILTR_EL0 */
	ASSERT_UNDEFINED(TRY_MRS("pmcr_el0", &value));
	ASSERT_UNDEFINED(TRY_MSR("pmccntr_el0", 0));
	ASSERT_UNDEFINED(TRY_MRS("s3_3_c14_c15_7", &value));
	/* statistical profiling: PMSCR_EL1, trace buffer: TRBLIMITR_EL1 */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c9_c9_0", &value));
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c9_c11_0", &value));
	/* activity monitors: AMCR_EL0 */
	ASSERT_UNDEFINED(TRY_MRS("s3_3_c13_c2_0", &value));
}

static void guest_uses_what_nobody_has(void)
{
	u64 value;

	ASSERT_UNDEFINED(TRY_MRS("s3_0_c14_c12_7", &value));
	ASSERT_UNDEFINED(TRY_MSR("s3_7_c12_c12_7", 0));
	/* implementation defined */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c15_c7_7", &value));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c15_c7_7", 0));
	/* EL2's and EL3's */
	ASSERT_UNDEFINED(TRY_MRS("hcr_el2", &value));
	ASSERT_UNDEFINED(TRY_MSR("vbar_el2", 0));
	ASSERT_UNDEFINED(TRY_MRS("vttbr_el2", &value));
	ASSERT_UNDEFINED(TRY_MRS("sctlr_el3", &value));
	ASSERT_UNDEFINED(TRY_MRS("spsr_el2", &value));
}

static void guest_writes_what_is_read_only(void)
{
	ASSERT_UNDEFINED(TRY_MSR("s3_3_c0_c0_1", 0));	/* CTR_EL0 */
	ASSERT_UNDEFINED(TRY_MSR("s3_1_c0_c0_1", 0));	/* CLIDR_EL1 */
	ASSERT_UNDEFINED(TRY_MSR("s3_1_c0_c0_0", 0));	/* CCSIDR_EL1 */
	ASSERT_UNDEFINED(TRY_MSR("s3_3_c14_c0_2", 0));	/* CNTVCT_EL0 */
}

static void guest_reads_the_cache_geometry(void)
{
	u64 value, level;

	ASSERT_WORKS(TRY_MRS("ctr_el0", &value));
	/* at least 16 bytes a line, at most 2 KiB */
	GUEST_ASSERT((value >> 16 & 0xf) >= 2 && (value >> 16 & 0xf) <= 9);
	ASSERT_WORKS(TRY_MRS("clidr_el1", &value));
	/* there is a cache */
	GUEST_ASSERT(value & 7);
	ASSERT_WORKS(TRY_MRS("dczid_el0", &value));
	for (level = 0; level < 7; level++) {
		ASSERT_WORKS(TRY_MSR("csselr_el1", level << 1));
		ASSERT_WORKS(TRY_MRS("csselr_el1", &value));
		GUEST_ASSERT_EQ(level << 1, value);
		asm volatile("isb");
		ASSERT_WORKS(TRY_MRS("ccsidr_el1", &value));
	}
}

/* What a kernel does to its debug registers at boot. */
static void guest_sets_up_debugging(void)
{
	u64 value;

	ASSERT_WORKS(TRY_MSR("mdscr_el1", 0));
	ASSERT_WORKS(TRY_MSR("oslar_el1", 0));
	ASSERT_WORKS(TRY_MSR("osdlr_el1", 0));
	ASSERT_WORKS(TRY_MRS("oslsr_el1", &value));
	ASSERT_WORKS(TRY_MRS("mdscr_el1", &value));
	ASSERT_WORKS(TRY_MSR("dbgbcr0_el1", 0));
	ASSERT_WORKS(TRY_MSR("dbgbvr0_el1", 0x1000));
	ASSERT_WORKS(TRY_MRS("dbgbvr0_el1", &value));
	GUEST_ASSERT_EQ(0x1000, value);
	ASSERT_WORKS(TRY_MSR("dbgwcr0_el1", 0));
}

static void guest_uses_el1_registers(void)
{
	u64 value;

	ASSERT_WORKS(TRY_MSR("tpidr_el0", 0x1234));
	ASSERT_WORKS(TRY_MRS("tpidr_el0", &value));
	GUEST_ASSERT_EQ(0x1234, value);
	ASSERT_WORKS(TRY_MSR("far_el1", 0x5678));
	ASSERT_WORKS(TRY_MRS("far_el1", &value));
	GUEST_ASSERT_EQ(0x5678, value);
	ASSERT_WORKS(TRY_MSR("contextidr_el1", 0x9abc));
	ASSERT_WORKS(TRY_MRS("contextidr_el1", &value));
	GUEST_ASSERT_EQ(0x9abc, value);
	ASSERT_WORKS(TRY_MRS("actlr_el1", &value));
	ASSERT_WORKS(TRY_MSR("cntkctl_el1", 0));
	ASSERT_WORKS(TRY_MRS("isr_el1", &value));
}

/* Time goes on, and never back. */
static void guest_reads_the_time(void)
{
	u64 frequency, before, now, i;

	ASSERT_WORKS(TRY_MRS("cntfrq_el0", &frequency));
	GUEST_ASSERT(frequency);
	ASSERT_WORKS(TRY_MRS("cntvct_el0", &before));
	for (i = 0; i < 10000; i++) {
		asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (now));
		GUEST_ASSERT(now >= before);
		before = now;
	}
	for (i = 0; i < 1000000 && now == before; i++)
		asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (now));
	GUEST_ASSERT(now > before);
	ASSERT_WORKS(TRY_MRS("cntpct_el0", &now));
}

/* M, C and I go on and off as written, with the traps of that or without. */
static void guest_toggles_its_caches(void)
{
	u64 i, sctlr;

	for (i = 0; i < 10; i++) {
		guest_mmu_on();
		asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
		GUEST_ASSERT_EQ(SCTLR_M | SCTLR_C | SCTLR_I,
				sctlr & (SCTLR_M | SCTLR_C | SCTLR_I));
		guest_sctlr_change(0, SCTLR_C);
		asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
		GUEST_ASSERT_EQ(SCTLR_M | SCTLR_I,
				sctlr & (SCTLR_M | SCTLR_C | SCTLR_I));
		guest_mmu_off();
		asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
		GUEST_ASSERT_EQ(0, sctlr & (SCTLR_M | SCTLR_C | SCTLR_I));
	}
}

static void guest_issues_undefined_instructions(void)
{
	ASSERT_UNDEFINED(GUEST_TRY(".inst 0"));
	ASSERT_UNDEFINED(GUEST_TRY(".inst 0xffffffff"));
	/* EL2's */
	ASSERT_UNDEFINED(GUEST_TRY("tlbi alle2"));
	ASSERT_UNDEFINED(GUEST_TRY("at s1e2r, xzr"));
}

#define TEST_GUEST(name)				\
TEST(name)						\
{							\
	struct vcpu *vcpu = program_vcpu(guest_##name);	\
							\
	program_finish(vcpu);				\
	vm_destroy(vcpu->vm);				\
}

TEST_GUEST(reads_id_registers)
TEST_GUEST(writes_id_registers)
TEST_GUEST(checks_promises)
TEST_GUEST(uses_features_that_it_has_not)
TEST_GUEST(uses_what_nobody_has)
TEST_GUEST(writes_what_is_read_only)
TEST_GUEST(reads_the_cache_geometry)
TEST_GUEST(sets_up_debugging)
TEST_GUEST(uses_el1_registers)
TEST_GUEST(reads_the_time)
TEST_GUEST(toggles_its_caches)
TEST_GUEST(issues_undefined_instructions)

TEST_HARNESS_MAIN
