// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to coprocessor registers, of which the hypervisor traps some.
 */
#include "guest32.h"
#include "trap.h"
#include "trap_asm.h"

u32 results[TRAP_RESULTS], results_untrapped[TRAP_RESULTS];

/* In an order in which none changes what another means. */
static void vm_registers_write(void)
{
	WRITE(0x00000035, TTBCR);
	WRITE(0x12344000, TTBR0);
	WRITE(0x56788000, TTBR1);
	WRITE(0x51015401, DACR);
	WRITE(0x00000c75, DFSR);
	WRITE(0x00001405, IFSR);
	WRITE(0x11111111, "p15, 0, %0, c5, c1, 0");	/* ADFSR */
	WRITE(0x22222222, "p15, 0, %0, c5, c1, 1");	/* AIFSR */
	WRITE(0x89abcdef, DFAR);
	WRITE(0xfedcba98, IFAR);
	WRITE(0x000a81a4, MAIR0);		/* as PRRR */
	WRITE(0x40e040e0, MAIR1);		/* as NMRR */
	WRITE(0x33333333, "p15, 0, %0, c10, c3, 0");	/* AMAIR0 */
	WRITE(0x44444444, "p15, 0, %0, c10, c3, 1");	/* AMAIR1 */
	WRITE(0x12345678, "p15, 0, %0, c13, c0, 1");	/* CONTEXTIDR */
}

static void vm_registers_read(u32 *to)
{
	*to++ = READ(TTBCR);
	*to++ = READ(TTBR0);
	*to++ = READ(TTBR1);
	*to++ = READ(DACR);
	*to++ = READ(DFSR);
	*to++ = READ(IFSR);
	*to++ = READ("p15, 0, %0, c5, c1, 0");
	*to++ = READ("p15, 0, %0, c5, c1, 1");
	*to++ = READ(DFAR);
	*to++ = READ(IFAR);
	*to++ = READ(MAIR0);
	*to++ = READ(MAIR1);
	*to++ = READ("p15, 0, %0, c10, c3, 0");
	*to++ = READ("p15, 0, %0, c10, c3, 1");
	*to++ = READ("p15, 0, %0, c13, c0, 1");
}

void trap_vm_registers(void)
{
	guest_sync(TRAP_STARTED);
	vm_registers_write();
	vm_registers_read(results);
	guest_sync(TRAP_TRAPPED);
	guest_mmu_on();
	guest_mmu_off();
	guest_sync(TRAP_ON_AND_OFF);
	vm_registers_write();
	vm_registers_read(results_untrapped);
	guest_sync(TRAP_UNTRAPPED);
}

void trap_sctlr(void)
{
	u32 sctlr = READ(SCTLR);

	WRITE(sctlr | SCTLR_I, SCTLR);
	GUEST_ASSERT_EQ(sctlr | SCTLR_I, READ(SCTLR));
	guest_report(0, READ(SCTLR), 0);
	WRITE(sctlr & ~SCTLR_I, SCTLR);
	GUEST_ASSERT_EQ(sctlr & ~SCTLR_I, READ(SCTLR));
}

#define TTBR1_64	"p15, 1, %Q0, %R0, c2"

/* A 32-bit access leaves the high half alone. */
void trap_ttbr_halves(void)
{
	WRITE(TTBCR_EAE, TTBCR);
	WRITE64(0x0056000312345000, TTBR0_64);
	WRITE64(0x0078000156789000, TTBR1_64);
	GUEST_ASSERT_EQ(0x0056000312345000, READ64(TTBR0_64));
	GUEST_ASSERT_EQ(0x0078000156789000, READ64(TTBR1_64));
	guest_sync(TRAP_STARTED);
	WRITE(0x0badc000, TTBR0);
	WRITE(0x0ced8000, TTBR1);
	GUEST_ASSERT_EQ(0x0badc000, READ(TTBR0));
	GUEST_ASSERT_EQ(0x0ced8000, READ(TTBR1));
	guest_sync(TRAP_TRAPPED);
}

void trap_id_registers(u32 rows)
{
	id_registers_read(results, rows);
	guest_sync(TRAP_TRAPPED);
}

#define CSSELR	"p15, 2, %0, c0, c0, 0"
#define CCSIDR	"p15, 1, %0, c0, c0, 0"

void trap_cache_id(void)
{
	results[0] = READ("p15, 1, %0, c0, c0, 1");	/* CLIDR */
	results[1] = READ("p15, 0, %0, c0, c0, 1");	/* CTR */
	WRITE(0, CSSELR);
	GUEST_ASSERT_EQ(0, READ(CSSELR));
	results[2] = READ(CCSIDR);
	WRITE(1, CSSELR);
	GUEST_ASSERT_EQ(1, READ(CSSELR));
	results[3] = READ(CCSIDR);
	results[4] = READ("p15, 1, %0, c0, c0, 7");	/* AIDR */
	guest_sync(TRAP_TRAPPED);
}

#define ACTLR	"p15, 0, %0, c1, c0, 1"

void trap_identification(void)
{
	results[0] = READ("p15, 0, %0, c0, c0, 0");	/* MIDR */
	results[1] = READ("p15, 0, %0, c0, c0, 5");	/* MPIDR */
	results[2] = READ("p15, 0, %0, c0, c0, 6");	/* REVIDR */
	results[3] = READ(ACTLR);
	WRITE(~results[3], ACTLR);
	GUEST_ASSERT_EQ(results[3], READ(ACTLR));
	GUEST_ASSERT_EQ(0, READ("p15, 0, %0, c0, c0, 2"));	/* TCMTR */
	GUEST_ASSERT_EQ(0, READ("p15, 0, %0, c0, c0, 3"));	/* TLBTR */
	guest_sync(TRAP_TRAPPED);
}

#define EXPECT_UNDEF(insn) do {						\
	u32 __a = 0x5a, __b = 0xa5;					\
	u32 __vector = GUEST_TRY(insn, [a] "+r" (__a), [b] "+r" (__b));	\
									\
	GUEST_ASSERT_EQ(VECTOR_UNDEF, __vector);			\
	GUEST_ASSERT_EQ(0x5a, __a);					\
	GUEST_ASSERT_EQ(0xa5, __b);					\
} while (0)

/* What a guest without a PMU does not have, and what nobody has. */
void trap_undefined(void)
{
	EXPECT_UNDEF("mrc p15, 0, %[a], c9, c12, 0");	/* PMCR */
	EXPECT_UNDEF("mcr p15, 0, %[a], c9, c12, 0");
	EXPECT_UNDEF("mrc p15, 0, %[a], c9, c13, 0");	/* PMCCNTR */
	EXPECT_UNDEF("mrrc p15, 0, %[a], %[b], c9");	/* and its 64 bits */
	EXPECT_UNDEF("mcrr p15, 0, %[a], %[b], c9");
	EXPECT_UNDEF("mrc p15, 0, %[a], c14, c12, 7");	/* PMCCFILTR */
	EXPECT_UNDEF("mrrc p15, 5, %[a], %[b], c14");
	EXPECT_UNDEF("mcrr p15, 5, %[a], %[b], c14");
	EXPECT_UNDEF("mrc p15, 4, %[a], c1, c1, 0");	/* HCR */
	EXPECT_UNDEF("mrc p15, 0, %[a], c1, c1, 0");	/* SCR */
	EXPECT_UNDEF("mcr p15, 0, %[a], c0, c1, 0");	/* ID_PFR0, to write */
	EXPECT_UNDEF("mcr p15, 1, %[a], c0, c0, 1");	/* CLIDR */
	EXPECT_UNDEF("mrc p15, 0, %[a], c7, c14, 2");	/* DCCISW, to read */
	EXPECT_UNDEF("mrrc p14, 3, %[a], %[b], c7");
	EXPECT_UNDEF("ldc p14, c5, [%[a]], #4");	/* DBGDTRTXint */
	EXPECT_UNDEF("stc p14, c5, [%[a]], #4");
	EXPECT_UNDEF("udf #0");
}

/* Debug registers are there, or at least do no harm. */
void trap_debug(void)
{
	results[0] = READ("p14, 0, %0, c0, c0, 0");		/* DBGDIDR */
	results[1] = READ("p14, 0, %0, c1, c1, 4");		/* DBGOSLSR */
	results[2] = READ("p14, 0, %0, c0, c1, 0");		/* DBGDSCRint */
	GUEST_ASSERT_EQ(0, READ64("p14, 0, %Q0, %R0, c1"));		/* DBGDRAR */
	GUEST_ASSERT_EQ(0, READ64("p14, 0, %Q0, %R0, c2"));		/* DBGDSAR */
	GUEST_ASSERT_EQ(0, READ("p14, 0, %0, c1, c0, 0"));
	GUEST_ASSERT_EQ(0, READ("p14, 0, %0, c2, c0, 0"));
	WRITE(0, "p14, 0, %0, c0, c2, 2");			/* DBGDSCRext */
	WRITE(0, "p14, 0, %0, c0, c0, 4");			/* DBGBVR0 */
	WRITE(0, "p14, 0, %0, c0, c0, 5");			/* DBGBCR0 */
	GUEST_ASSERT_EQ(0, READ("p14, 0, %0, c0, c0, 5"));
	WRITE(0, "p14, 0, %0, c1, c0, 4");			/* DBGOSLAR */
	guest_sync(TRAP_TRAPPED);
}

/* As who polls the debug channel reads DBGDSCRint: into the flags. */
void trap_flags(void)
{
	u32 flags;

	asm volatile("msr apsr_nzcvq, #0xf8000000\n\t"
		     "mrc p14, 0, apsr_nzcv, c0, c1, 0\n\t"
		     "mrs %0, apsr" : "=r" (flags) : : "cc");
	GUEST_ASSERT_EQ(0x08000000, flags & 0xf8000000);
}

/* The timers: ARM DDI 0487J.a, G8.7 */
#define CNTP_TVAL	"p15, 0, %0, c14, c2, 0"
#define CNTP_CTL	"p15, 0, %0, c14, c2, 1"
#define CNTV_TVAL	"p15, 0, %0, c14, c3, 0"
#define CNTV_CTL	"p15, 0, %0, c14, c3, 1"
#define CNTPCT		"p15, 0, %Q0, %R0, c14"
#define CNTVCT		"p15, 1, %Q0, %R0, c14"
#define CNTP_CVAL	"p15, 2, %Q0, %R0, c14"
#define CNTV_CVAL	"p15, 3, %Q0, %R0, c14"
#define CTL_IMASK	2
#define CTL_ISTATUS	4
#define TICKS		0x40000000U
#define FAR_AHEAD	0x123456789abcdef0ULL

static void timer_tval_seen(u64 cval, u64 before, u64 after)
{
	GUEST_ASSERT(cval >= before + TICKS);
	GUEST_ASSERT(cval <= after + TICKS);
}

static void trap_physical_timer(void)
{
	u64 before;

	WRITE(CTL_IMASK, CNTP_CTL);
	WRITE64(FAR_AHEAD, CNTP_CVAL);
	GUEST_ASSERT_EQ(FAR_AHEAD, READ64(CNTP_CVAL));
	GUEST_ASSERT_EQ(CTL_IMASK, READ(CNTP_CTL));
	guest_sync(TRAP_STARTED);
	before = READ64(CNTPCT);
	WRITE(TICKS, CNTP_TVAL);
	timer_tval_seen(READ64(CNTP_CVAL), before, READ64(CNTPCT));
	GUEST_ASSERT(READ(CNTP_TVAL) <= TICKS);
	WRITE(-1, CNTP_TVAL);
	GUEST_ASSERT(READ64(CNTP_CVAL) < READ64(CNTPCT));
	GUEST_ASSERT(READ(CNTP_TVAL) >> 31);
	WRITE(CTL_IMASK | 1, CNTP_CTL);
	GUEST_ASSERT_EQ(CTL_ISTATUS | CTL_IMASK | 1, READ(CNTP_CTL));
	WRITE(0, CNTP_CTL);
}

static void trap_virtual_timer(void)
{
	u64 before;

	WRITE(CTL_IMASK, CNTV_CTL);
	WRITE64(FAR_AHEAD, CNTV_CVAL);
	GUEST_ASSERT_EQ(FAR_AHEAD, READ64(CNTV_CVAL));
	GUEST_ASSERT_EQ(CTL_IMASK, READ(CNTV_CTL));
	guest_sync(TRAP_TRAPPED);
	before = READ64(CNTVCT);
	WRITE(TICKS, CNTV_TVAL);
	timer_tval_seen(READ64(CNTV_CVAL), before, READ64(CNTVCT));
	GUEST_ASSERT(READ(CNTV_TVAL) <= TICKS);
	WRITE(0, CNTV_CTL);
}

void trap_timers(void)
{
	trap_physical_timer();
	trap_virtual_timer();
}

#define PSCI_VERSION		0x84000000U
#define PSCI_CPU_ON		0x84000003U
#define PSCI_CPU_ON_64		0xc4000003U
#define PSCI_AFFINITY_INFO	0x84000004U
#define PSCI_FEATURES		0x8400000aU
#define PSCI_SYSTEM_OFF		0x84000008U
#define PSCI_NOT_SUPPORTED	0xffffffffU
#define PSCI_VERSION_1_0	0x10000U

static u32 hvc(u32 function, u32 a, u32 b, u32 c)
{
	register u32 r0 asm("r0") = function;
	register u32 r1 asm("r1") = a;
	register u32 r2 asm("r2") = b;
	register u32 r3 asm("r3") = c;

	asm volatile(".arch_extension virt\n\thvc #0"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3) : : "memory");
	return r0;
}

static u32 smc(u32 function)
{
	register u32 r0 asm("r0") = function;

	asm volatile(".arch_extension sec\n\tsmc #0"
		     : "+r" (r0) : : "r1", "r2", "r3", "memory");
	return r0;
}

void trap_calls(void)
{
	GUEST_ASSERT(hvc(PSCI_VERSION, 0, 0, 0) >= PSCI_VERSION_1_0);
	GUEST_ASSERT_EQ(0, hvc(PSCI_FEATURES, PSCI_CPU_ON, 0, 0));
	GUEST_ASSERT_EQ(PSCI_NOT_SUPPORTED, hvc(PSCI_CPU_ON_64, 1, 0, 0));
	GUEST_ASSERT_EQ(0, hvc(PSCI_AFFINITY_INFO, 0, 0, 0));
	guest_report(TRAP_TRAPPED, smc(PSCI_VERSION), 0);
	hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
}

/* Data is as big-endian for the new one as for the caller. */
void trap_cpu_on(u32 is_big)
{
	u32 ret;

	if (is_big)
		asm volatile("setend be");
	ret = hvc(PSCI_CPU_ON, 1, (unsigned long)secondary_thumb, 0x5ec0);
	if (is_big)
		asm volatile("setend le");
	GUEST_ASSERT_EQ(0, ret);
}

void trap_waits(void)
{
	asm volatile("wfe\n\twfe\n\tsev\n\twfe");
	guest_sync(TRAP_STARTED);
	asm volatile("wfi");
	guest_sync(TRAP_TRAPPED);
}
