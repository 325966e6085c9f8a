// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers: what the guest can read and write, and what is undefined
 * to it.  Undefined means an exception in the guest, never trouble for the host.
 */
#include "../lib/test.h"

/* Instructions that the guest makes up, and a page for them to act upon */
#define CODE_BASE	0x10000000UL
#define DATA_BASE	0x10001000UL

/* MRS, MSR and SYS: ARM DDI 0487J.a, C5.1.2. The operand is in x0. */
#define INSN_SYSTEM	0xd5000000
#define INSN_READ	BIT(21)
#define INSN_REGISTER(op0, op1, crn, crm, op2) \
	((u32)((op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5))
#define INSN_RET	0xd65f03c0

/* How ESR_EL1 describes these exceptions, besides "undefined" */
#define ESR_IL		BIT(25)
#define ESR_UNDEFINED	(ESR_EC_UNKNOWN << 26 | ESR_IL)
#define ESR_EC_SVE	0x19
#define ESR_EC_SME	0x1d

/* FP, SIMD, SVE and SME do not trap to EL1: D19.2.29 */
#define CPACR_NO_TRAPS	(GENMASK(17, 16) | GENMASK(21, 20) | GENMASK(25, 24))

/* The syndrome of reading a register; its value goes to *value. */
#define TRY_MRS(name, value)	GUEST_TRY("mrs %0, " name, "=r" (*(value)))

/* The syndrome of writing one. */
#define TRY_MSR(name, value)	GUEST_TRY("msr " name ", %0", "+r" ((u64){ value }))

#define ASSERT_WORKS(try) do {						\
	u64 __esr = (try);						\
									\
	__GUEST_ASSERT(!__esr, #try " works", __esr, 0);		\
} while (0)

#define ASSERT_UNDEFINED(try) do {					\
	u64 __esr = (try);						\
									\
	__GUEST_ASSERT(__esr == ESR_UNDEFINED, #try " is undefined", __esr, 0); \
} while (0)

/* Run one instruction with *x0 in x0. Return: its syndrome, 0 if it worked. */
static u64 try_insn(u32 insn, u64 *x0)
{
	register u64 operand asm("x0") = *x0;
	u64 code = CODE_BASE, esr;

	guest_write(CODE_BASE, (u64)INSN_RET << 32 | insn);
	asm volatile("dc cvau, %0\n\t"
		     "dsb ish\n\t"
		     "ic ivau, %0\n\t"
		     "dsb ish\n\t"
		     "isb" : : "r" (code) : "memory");
	esr = GUEST_TRY("blr %1", "+r" (operand), "+r" (code));
	*x0 = operand;
	return esr;
}

/* The ID registers are read-only, all of their space is there: D19.3.2. */
static void guest_reads_id_registers(void)
{
	u32 crm, op2, insn;
	u64 value = 0;

	for (crm = 1; crm <= 7; crm++) {
		for (op2 = 0; op2 <= 7; op2++) {
			insn = INSN_SYSTEM | INSN_REGISTER(3, 0, 0, crm, op2);
			ASSERT_WORKS(try_insn(insn | INSN_READ, &value));
			ASSERT_UNDEFINED(try_insn(insn, &value));
		}
	}
	ASSERT_WORKS(TRY_MRS("midr_el1", &value));
	ASSERT_WORKS(TRY_MRS("mpidr_el1", &value));
	ASSERT_WORKS(TRY_MRS("revidr_el1", &value));
	ASSERT_WORKS(TRY_MRS("aidr_el1", &value));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c0_0", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c0_c0_5", 0));
}

/* It works, has no meaning, or has one that EL1 does not allow. */
static bool is_expected(u64 esr)
{
	return !esr || esr == ESR_UNDEFINED || ESR_EC(esr) == ESR_EC_FP ||
	       ESR_EC(esr) == ESR_EC_SYSREG || ESR_EC(esr) == ESR_EC_SVE ||
	       ESR_EC(esr) == ESR_EC_SME ||
	       ESR_EC(esr) == ESR_EC_DABT_SAME;
}

/* What the guest cannot do without if it is to tell of the others */
static bool is_needed(u32 insn)
{
	u32 reg = insn & ~(INSN_SYSTEM | INSN_READ);

	return reg == INSN_REGISTER(3, 0, 1, 0, 0) ||	/* SCTLR_EL1 */
	       reg == INSN_REGISTER(3, 0, 12, 0, 0) ||	/* VBAR_EL1 */
	       reg == INSN_REGISTER(3, 0, 13, 0, 4) ||	/* TPIDR_EL1 */
	       (reg & GENMASK(15, 12)) == INSN_REGISTER(0, 0, 4, 0, 0);	/* SP */
}

/* One instruction for each encoding of op1, CRn, CRm and op2 */
static void guest_tries_all(u64 insn, u64 operand)
{
	const u32 first = insn, last = insn | INSN_REGISTER(0, 7, 15, 15, 7);
	const u32 step = INSN_REGISTER(0, 0, 0, 0, 1);
	u64 x0;

	for (insn = first; insn <= last; insn += step) {
		if (!(insn & INSN_READ) && is_needed(insn))
			continue;
		x0 = operand;
		__GUEST_ASSERT(is_expected(try_insn(insn, &x0)),
			       "the instruction works or is undefined",
			       insn, guest_cpu()->esr);
	}
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

	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r" (CPACR_NO_TRAPS));
	/* SVE: ZCR_EL1 */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c1_c2_0", &value));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c1_c2_0", 0));
	/* SME: SMCR_EL1, SVCR */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c1_c2_6", &value));
	ASSERT_UNDEFINED(TRY_MRS("s3_3_c4_c2_2", &value));
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
	/* GIC, of either group and of both: ICC_{IAR0,IAR1,PMR,SGI1R}_EL1 */
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c12_c8_0", &value));
	ASSERT_UNDEFINED(TRY_MRS("s3_0_c12_c12_0", &value));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c4_c6_0", 0));
	ASSERT_UNDEFINED(TRY_MSR("s3_0_c12_c11_5", 0));
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
	ASSERT_WORKS(TRY_MSR("dbgbvr0_el1", 0));
	ASSERT_WORKS(TRY_MRS("dbgbvr0_el1", &value));
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
	/* across an exit to the host: reading ACTLR_EL1 is one */
	ASSERT_WORKS(TRY_MSR("par_el1", 0x801));
	ASSERT_WORKS(TRY_MRS("actlr_el1", &value));
	ASSERT_WORKS(TRY_MRS("par_el1", &value));
	GUEST_ASSERT_EQ(0x801, value);
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

/* The host */

static struct vcpu *sysreg_vcpu(const void *function)
{
	struct vcpu *vcpu = program_vcpu(function);

	vm_memory_add(vcpu->vm, 0, CODE_BASE, 2 * SZ_4K, 0);
	return vcpu;
}

static void guest_run(const void *function)
{
	struct vcpu *vcpu = sysreg_vcpu(function);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(reads_id_registers)
{
	guest_run(guest_reads_id_registers);
}

TEST(checks_promises)
{
	guest_run(guest_checks_promises);
}

TEST(uses_features_that_it_has_not)
{
	guest_run(guest_uses_features_that_it_has_not);
}

TEST(uses_what_nobody_has)
{
	guest_run(guest_uses_what_nobody_has);
}

TEST(writes_what_is_read_only)
{
	guest_run(guest_writes_what_is_read_only);
}

TEST(reads_the_cache_geometry)
{
	guest_run(guest_reads_the_cache_geometry);
}

TEST(sets_up_debugging)
{
	guest_run(guest_sets_up_debugging);
}

TEST(uses_el1_registers)
{
	guest_run(guest_uses_el1_registers);
}

TEST(reads_the_time)
{
	guest_run(guest_reads_the_time);
}

TEST(toggles_its_caches)
{
	guest_run(guest_toggles_its_caches);
}

TEST(issues_undefined_instructions)
{
	guest_run(guest_issues_undefined_instructions);
}

/* Whatever a guest tries, the exception is its own. */
FIXTURE(every)
{
};

FIXTURE_VARIANT(every)
{
	u64 insn;
	u64 operand;
};

FIXTURE_VARIANT_ADD(every, register_read)
{
	.insn = INSN_SYSTEM | INSN_READ | INSN_REGISTER(3, 0, 0, 0, 0),
};

FIXTURE_VARIANT_ADD(every, register_written)
{
	.insn = INSN_SYSTEM | INSN_REGISTER(3, 0, 0, 0, 0),
};

FIXTURE_VARIANT_ADD(every, debug_register_read)
{
	.insn = INSN_SYSTEM | INSN_READ | INSN_REGISTER(2, 0, 0, 0, 0),
};

FIXTURE_VARIANT_ADD(every, debug_register_written)
{
	.insn = INSN_SYSTEM | INSN_REGISTER(2, 0, 0, 0, 0),
};

/* Maintenance of caches and TLBs, translation */
FIXTURE_VARIANT_ADD(every, system_instruction)
{
	.insn = INSN_SYSTEM | INSN_REGISTER(1, 0, 0, 0, 0),
	.operand = DATA_BASE,
};

FIXTURE_VARIANT_ADD(every, system_instruction_with_result)
{
	.insn = INSN_SYSTEM | INSN_READ | INSN_REGISTER(1, 0, 0, 0, 0),
};

FIXTURE_SETUP(every)
{
}

FIXTURE_TEARDOWN(every)
{
}

TEST_F(every, works_or_is_undefined)
{
	struct vcpu *vcpu = sysreg_vcpu(guest_tries_all);

	reg_set(vcpu, REG_X(1), variant->insn);
	reg_set(vcpu, REG_X(2), variant->operand);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
