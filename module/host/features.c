// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU has that a world switch must know of.  Taken from the CPU itself
 * and not from the kernel's view of the whole system: a register that exists
 * here has to be kept apart, whether or not the kernel makes use of it.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "takeover.h"

/*
 * Fields of the ID registers (ARM DDI 0487K.a, D23.2): the register, the shift
 * of the 4-bit field, the value from which on the feature is there.
 */
#define ID_FIELDS(X)						\
	X(ID_AA64PFR0_EL1,	24, 1,	EL2_CPU_GICV3)		\
	X(ID_AA64PFR0_EL1,	28, 1,	EL2_CPU_RAS)		\
	X(ID_AA64PFR0_EL1,	40, 1,	EL2_CPU_MPAM)		\
	X(ID_AA64PFR1_EL1,	16, 1,	EL2_CPU_MPAM)		\
	X(ID_AA64PFR0_EL1,	44, 1,	EL2_CPU_AMU)		\
	X(ID_AA64PFR1_EL1,	24, 1,	EL2_CPU_SME)		\
	X(ID_AA64MMFR0_EL1,	56, 1,	EL2_CPU_FGT)		\
	X(ID_AA64MMFR0_EL1,	56, 2,	EL2_CPU_FGT2)		\
	X(ID_AA64MMFR1_EL1,	4, 2,	EL2_CPU_VMID16)		\
	X(ID_AA64MMFR1_EL1,	16, 1,	EL2_CPU_LOR)		\
	X(ID_AA64MMFR1_EL1,	40, 1,	EL2_CPU_HCX)		\
	X(ID_AA64DFR0_EL1,	4, 1,	EL2_CPU_TRACE)		\
	X(ID_AA64DFR0_EL1,	40, 1,	EL2_CPU_TRF)

#define ID_FIELD_MASK	0xfULL

#define DFR0_PMU	GENMASK_ULL(11, 8)
#define PMU_IMP_DEF	0xf
#define DFR0_SPE	GENMASK_ULL(35, 32)
#define PMBIDR_P	BIT_ULL(4)	/* the buffer belongs to a higher EL */

static bool pmu_is_there(void)
{
	u64 version = FIELD_GET(DFR0_PMU, read_cpuid(ID_AA64DFR0_EL1));

	return version && version != PMU_IMP_DEF;
}

/* If the buffer is not EL1's then its registers trap, and are not in use. */
static bool spe_is_ours(void)
{
	return FIELD_GET(DFR0_SPE, read_cpuid(ID_AA64DFR0_EL1)) &&
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
	return features;
}

u64 el2_cpu_features(void)
{
	u64 features = errata();

#define ID_FIELD_TEST(reg, shift, least, feature)			\
	if ((read_cpuid(reg) >> (shift) & ID_FIELD_MASK) >= (least))	\
		features |= (feature);
	ID_FIELDS(ID_FIELD_TEST)

	if (pmu_is_there())
		features |= EL2_CPU_PMU;
	if (spe_is_ours())
		features |= EL2_CPU_SPE;
	return features;
}
