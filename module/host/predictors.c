// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has to be done about the branch predictors when a guest exits.
 *
 * All of RAM is mapped at EL2 and in the kernel, and a guest can train predictors for
 * what runs there: their targets (Spectre v2), or just the history by which they choose
 * among targets (Spectre BHB).  Which CPUs that concerns, and what helps, is as in the
 * kernel's own mitigations and KVM's:
 *
 *	v2	ID_AA64PFR0_EL1.CSV2, or known not to speculate	   nothing to do
 *		SMCCC_ARCH_WORKAROUND_1				   call it
 *	BHB	CSV2 of 3, ID_AA64MMFR1_EL1.ECBHB, or known to be	   nothing to do
 *		ID_AA64ISAR2_EL1.CLRBHB				   CLRBHB
 *		one of the table below				   its loop of branches
 *		SMCCC_ARCH_WORKAROUND_3				   call it
 *
 * WORKAROUND_1 drops the history as well.  Where v2 cannot be helped nothing is done
 * about BHB, as that would be of no use.
 *
 * The firmware is called by SMC: HVC at EL2 is for EL2 itself.  A kernel whose own calls
 * are HVCs runs on a hypervisor, which then is the one to keep its guests apart.
 */
#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>

#include "el2.h"
#include "takeover.h"

/* Fields of the ID registers: ARM DDI 0487K.a, D23.2. */
#define PFR0_CSV2		GENMASK_ULL(59, 56)
#define CSV2_NO_TRAINING	1
#define CSV2_NO_HISTORY		3
#define MMFR1_ECBHB		GENMASK_ULL(63, 60)
#define ID_AA64ISAR2		sys_reg(3, 0, 0, 6, 2)
#define ISAR2_CLRBHB		GENMASK_ULL(31, 28)

/* ARM DEN 0028E, 7.5.2: the CPU that is asked on does not need the call. */
#define FIRMWARE_UNAFFECTED	1

/**
 * struct predictor_model - what is known of a CPU by its name
 * @midr: implementer and part of MIDR_EL1
 * @loop: branches that fill the history; 0 if a loop is no help
 * @no_v2: does not speculate by targets
 * @no_bhb: nor by a history
 */
struct predictor_model {
	u32 midr;
	u8 loop;
	bool no_v2;
	bool no_bhb;
};

static const struct predictor_model models[] = {
	{ MIDR_CORTEX_A35, .no_v2 = true, .no_bhb = true },
	{ MIDR_CORTEX_A53, .no_v2 = true, .no_bhb = true },
	{ MIDR_CORTEX_A55, .no_v2 = true, .no_bhb = true },
	{ MIDR_BRAHMA_B53, .no_v2 = true, .no_bhb = true },
	{ MIDR_QCOM_KRYO_2XX_SILVER, .no_v2 = true, .no_bhb = true },
	{ MIDR_QCOM_KRYO_3XX_SILVER, .no_v2 = true, .no_bhb = true },
	{ MIDR_QCOM_KRYO_4XX_SILVER, .no_v2 = true, .no_bhb = true },
	{ MIDR_CORTEX_A510, .no_bhb = true },
	{ MIDR_CORTEX_A520, .no_bhb = true },
	{ MIDR_HISI_TSV110, .loop = 32, .no_v2 = true },
	{ MIDR_CORTEX_A57, .loop = 8 },
	{ MIDR_CORTEX_A72, .loop = 8 },
	{ MIDR_AMPERE1, .loop = 11 },
	{ MIDR_CORTEX_A76, .loop = 24 },
	{ MIDR_CORTEX_A76AE, .loop = 24 },
	{ MIDR_CORTEX_A77, .loop = 24 },
	{ MIDR_NEOVERSE_N1, .loop = 24 },
	{ MIDR_QCOM_KRYO_4XX_GOLD, .loop = 24 },
	{ MIDR_HISI_HIP09, .loop = 24 },
	{ MIDR_CORTEX_A78, .loop = 32 },
	{ MIDR_CORTEX_A78AE, .loop = 32 },
	{ MIDR_CORTEX_A78C, .loop = 32 },
	{ MIDR_CORTEX_X1, .loop = 32 },
	{ MIDR_CORTEX_X1C, .loop = 32 },
	{ MIDR_CORTEX_A710, .loop = 32 },
	{ MIDR_CORTEX_X2, .loop = 32 },
	{ MIDR_NEOVERSE_N2, .loop = 32 },
	{ MIDR_NEOVERSE_V1, .loop = 32 },
	{ MIDR_CORTEX_A715, .loop = 38 },
	{ MIDR_CORTEX_A720, .loop = 38 },
	{ MIDR_CORTEX_X3, .loop = 132 },
	{ MIDR_NEOVERSE_V2, .loop = 132 },
};

/* What a guest can do to this CPU's predictors. */
enum predictor_state {
	PREDICTOR_UNAFFECTED,
	PREDICTOR_MITIGATED,
	PREDICTOR_VULNERABLE,
};

static const char * const state_names[] = {
	[PREDICTOR_UNAFFECTED] = "not affected",
	[PREDICTOR_MITIGATED] = "mitigated",
	[PREDICTOR_VULNERABLE] = "vulnerable",
};

/**
 * struct predictor_choice - what was found out of a CPU
 * @v2: Spectre v2
 * @bhb: Spectre BHB
 */
struct predictor_choice {
	enum predictor_state v2;
	enum predictor_state bhb;
};

static DEFINE_PER_CPU(struct predictor_choice, predictor_choice);

/* Not inlined, these two, so that tests can answer in their place. */
static noinline s64 predictor_firmware(u32 function)
{
	struct arm_smccc_res res;

	if (arm_smccc_1_1_get_conduit() != SMCCC_CONDUIT_SMC)
		return SMCCC_RET_NOT_SUPPORTED;
	arm_smccc_1_1_smc(ARM_SMCCC_ARCH_FEATURES_FUNC_ID, function, &res);
	return (s32)res.a0;
}

static noinline u64 predictor_isar2(void)
{
	return read_sysreg_s(ID_AA64ISAR2);
}

static const struct predictor_model *model_find(void)
{
	static const struct predictor_model unknown;
	u32 midr = read_cpuid_id() & MIDR_CPU_MODEL_MASK;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (models[i].midr == midr)
			return &models[i];
	return &unknown;
}

static enum predictor_state firmware_use(struct el2_cpu *cpu, u32 function)
{
	switch (predictor_firmware(function)) {
	case SMCCC_RET_SUCCESS:
		cpu->predictors = EL2_PREDICTORS_FIRMWARE;
		cpu->predictors_argument = function;
		return PREDICTOR_MITIGATED;
	case FIRMWARE_UNAFFECTED:
		return PREDICTOR_UNAFFECTED;
	default:
		return PREDICTOR_VULNERABLE;
	}
}

static enum predictor_state v2_choose(struct el2_cpu *cpu, const struct predictor_model *model)
{
	u64 pfr0 = read_cpuid(ID_AA64PFR0_EL1);

	if (FIELD_GET(PFR0_CSV2, pfr0) >= CSV2_NO_TRAINING || model->no_v2)
		return PREDICTOR_UNAFFECTED;
	if (cpu_mitigations_off())
		return PREDICTOR_VULNERABLE;
	return firmware_use(cpu, ARM_SMCCC_ARCH_WORKAROUND_1);
}

/* Something at each exit, unless the firmware is called anyway. */
static enum predictor_state history_forget(struct el2_cpu *cpu, enum el2_predictors how,
					   u64 argument)
{
	if (cpu->predictors == EL2_PREDICTORS_KEEP) {
		cpu->predictors = how;
		cpu->predictors_argument = argument;
	}
	return PREDICTOR_MITIGATED;
}

static enum predictor_state bhb_choose(struct el2_cpu *cpu, const struct predictor_model *model,
				       enum predictor_state v2)
{
	u64 pfr0 = read_cpuid(ID_AA64PFR0_EL1);
	u64 mmfr1 = read_cpuid(ID_AA64MMFR1_EL1);

	if (FIELD_GET(PFR0_CSV2, pfr0) >= CSV2_NO_HISTORY || model->no_bhb)
		return PREDICTOR_UNAFFECTED;
	if (v2 == PREDICTOR_VULNERABLE || cpu_mitigations_off())
		return PREDICTOR_VULNERABLE;
	if (FIELD_GET(MMFR1_ECBHB, mmfr1))
		return PREDICTOR_MITIGATED;
	if (FIELD_GET(ISAR2_CLRBHB, predictor_isar2()))
		return history_forget(cpu, EL2_PREDICTORS_CLRBHB, 0);
	if (model->loop)
		return history_forget(cpu, EL2_PREDICTORS_LOOP, model->loop);
	return firmware_use(cpu, ARM_SMCCC_ARCH_WORKAROUND_3);
}

void el2_cpu_predictors(struct el2_cpu *cpu)
{
	struct predictor_choice *choice = this_cpu_ptr(&predictor_choice);
	const struct predictor_model *model = model_find();

	cpu->predictors = EL2_PREDICTORS_KEEP;
	cpu->predictors_argument = 0;
	choice->v2 = v2_choose(cpu, model);
	choice->bhb = bhb_choose(cpu, model, choice->v2);
}

static void exits_show(struct seq_file *m, const struct el2_cpu *cpu)
{
	switch (cpu->predictors) {
	case EL2_PREDICTORS_LOOP:
		seq_printf(m, "loop of %llu\n", cpu->predictors_argument);
		break;
	case EL2_PREDICTORS_CLRBHB:
		seq_puts(m, "clrbhb\n");
		break;
	case EL2_PREDICTORS_FIRMWARE:
		seq_printf(m, "firmware call 0x%llx\n", cpu->predictors_argument);
		break;
	default:
		seq_puts(m, "nothing\n");
		break;
	}
}

void el2_show_mitigations(struct seq_file *m)
{
	unsigned int cpu;

	cpus_read_lock();
	for_each_cpu(cpu, &el2_cpus) {
		const struct predictor_choice *choice = per_cpu_ptr(&predictor_choice, cpu);

		seq_printf(m, "cpu%u: spectre-v2 %s, spectre-bhb %s, at exits: ", cpu,
			   state_names[choice->v2], state_names[choice->bhb]);
		exits_show(m, per_cpu(el2_cpu, cpu));
	}
	cpus_read_unlock();
}
