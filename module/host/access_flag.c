// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can the CPUs set access flags at stage 2 (FEAT_HAFDBS)?  The kernel says what all of
 * them have; what one of them does wrong is known by its name.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

#include "el2.h"

/* ID_AA64MMFR1_EL1: at least 1 if the CPU sets access flags (ARM DDI 0487K.a, D23.2). */
#define MMFR1_HAFDBS	GENMASK_ULL(3, 0)

#define PART_AMPERE1A	0xac4	/* cputype.h of 6.1 does not have it */

/* AC03_CPU_38 and AC04_CPU_10: no flag is to be set by hardware at stage 2. */
static const u32 models_with_erratum[] = {
	MIDR_AMPERE1,
	MIDR_CPU_MODEL(ARM_CPU_IMP_AMPERE, PART_AMPERE1A),
};

static void erratum_look(void *found)
{
	u32 midr = read_cpuid_id() & MIDR_CPU_MODEL_MASK;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(models_with_erratum); i++)
		if (models_with_erratum[i] == midr)
			WRITE_ONCE(*(bool *)found, true);
}

const char *el2_access_flag_refusal(void)
{
	bool erratum = false;

	if (!FIELD_GET(MMFR1_HAFDBS, read_sanitised_ftr_reg(SYS_ID_AA64MMFR1_EL1)))
		return "not all CPUs set access flags (FEAT_HAFDBS)";
	on_each_cpu(erratum_look, &erratum, true);
	return erratum ? "erratum AC03_CPU_38: a CPU does not set access flags rightly" : NULL;
}
