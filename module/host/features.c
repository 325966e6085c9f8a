// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which features of a CPU concern the world switch.  The CPU itself is asked,
 * and not the kernel about the whole system: a register that exists here has to
 * be kept apart, whether or not the kernel uses it.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include <asm/kvm_arm.h>
#include <asm/sysreg.h>

#include "takeover.h"

#define DFR0_PMU	GENMASK_ULL(11, 8)
#define PMU_IMP_DEF	0xf
#define DFR0_SPE	GENMASK_ULL(35, 32)
#define PMBIDR_P	BIT_ULL(4)	/* the buffer belongs to a higher EL */

static bool pmu_is_there(u64 dfr0)
{
	u64 version = FIELD_GET(DFR0_PMU, dfr0);

	return version && version != PMU_IMP_DEF;
}

/* If the buffer does not belong to EL1, its registers trap and are not in use. */
static bool spe_is_ours(u64 dfr0)
{
	return FIELD_GET(DFR0_SPE, dfr0) &&
	       !(read_sysreg_s(SYS_PMBIDR_EL1) & PMBIDR_P);
}

/* Known to the kernel from the CPUs' MIDR; of no concern to CPUs without. */
static u64 errata(void)
{
	u64 features = 0;

	if (cpus_have_cap(ARM64_WORKAROUND_REPEAT_TLBI))
		features |= EL2_CPU_REPEAT_TLBI;
	if (cpus_have_cap(ARM64_WORKAROUND_1508412))
		features |= EL2_CPU_PAR_DMB;
	if (cpus_have_cap(ARM64_WORKAROUND_834220))
		features |= EL2_CPU_HPFAR_AT;
	/* A kernel that does not know of it cannot say that no CPU has it. */
	if (!IS_ENABLED(CONFIG_ARM64_WORKAROUND_SPECULATIVE_AT) ||
	    cpus_have_cap(ARM64_WORKAROUND_SPECULATIVE_AT))
		features |= EL2_CPU_AT_WALKS;
	return features;
}

/* Return: the feature, if the 4-bit field of an ID register has at least a value. */
static u64 feature(u64 id, unsigned int shift, unsigned int least, u64 bit)
{
	return (id >> shift & GENMASK(3, 0)) >= least ? bit : 0;
}

/* Fields of the ID registers: ARM DDI 0487K.a, D23.2. */
u64 el2_cpu_features(void)
{
	u64 pfr0 = read_cpuid(ID_AA64PFR0_EL1);
	u64 pfr1 = read_cpuid(ID_AA64PFR1_EL1);
	u64 mmfr0 = read_cpuid(ID_AA64MMFR0_EL1);
	u64 mmfr1 = read_cpuid(ID_AA64MMFR1_EL1);
	u64 dfr0 = read_cpuid(ID_AA64DFR0_EL1);

	return feature(pfr0, 24, 1, EL2_CPU_GICV3) |
	       feature(pfr0, 28, 1, EL2_CPU_RAS) |
	       feature(pfr0, 40, 1, EL2_CPU_MPAM) |
	       feature(pfr1, 16, 1, EL2_CPU_MPAM) |
	       feature(pfr0, 44, 1, EL2_CPU_AMU) |
	       feature(pfr1, 24, 1, EL2_CPU_SME) |
	       feature(mmfr0, 56, 1, EL2_CPU_FGT) |
	       feature(mmfr0, 56, 2, EL2_CPU_FGT2) |
	       feature(mmfr1, 4, 2, EL2_CPU_VMID16) |
	       feature(mmfr1, 40, 1, EL2_CPU_HCX) |
	       feature(dfr0, 4, 1, EL2_CPU_TRACE) |
	       feature(dfr0, 40, 1, EL2_CPU_TRF) |
	       (pmu_is_there(dfr0) ? EL2_CPU_PMU : 0) |
	       (spe_is_ours(dfr0) ? EL2_CPU_SPE : 0) |
	       errata();
}

u64 el2_cpu_hcr(void)
{
	u64 pfr0 = read_cpuid(ID_AA64PFR0_EL1);
	u64 mmfr1 = read_cpuid(ID_AA64MMFR1_EL1);

	return feature(pfr0, 28, 1, HCR_TERR | HCR_TEA) |
	       feature(mmfr1, 16, 1, HCR_TLOR) |
	       (cpus_have_cap(ARM64_WORKAROUND_CAVIUM_TX2_219_TVM) ? HCR_TVM : 0);
}
