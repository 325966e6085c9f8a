// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's side of what EL2 answers: the values are those that the trap handlers here
 * would give, so that a guest cannot tell who answered.
 */
#include <linux/bitfield.h>
#include <linux/module.h>
#include <asm/esr.h>
#include <asm/memory.h>
#include <asm/sysreg.h>

#include "../el2/sysreg.h"
#include "../stage2/quiet.h"
#include "../stats/trace.h"
#include "../vgic/v3/ich.h"
#include "../vm.h"
#include "answers.h"
#include "setway.h"
#include "sysreg.h"

/* Syndromes of reads into X0. */
#define CTR_READ		((u64)ESR_ELx_EC_SYS64 << ESR_ELx_EC_SHIFT | ESR_ELx_IL | \
				 ESR_ELx_SYS64_ISS_SYS_CTR_READ)
#define CTR_READ_AARCH32	((u64)ESR_ELx_EC_CP15_32 << ESR_ELx_EC_SHIFT | ESR_ELx_IL | \
				 ESR_ELx_CV | FIELD_PREP(ESR_ELx_COND_MASK, COND_AL) | \
				 ESR_ELx_CP15_32_ISS_SYS_VAL(0, 1, 0, 0) | \
				 ESR_ELx_CP15_32_ISS_DIR_READ)
#define COND_AL			0xe

static bool answers = true;
module_param(answers, bool, 0644);
MODULE_PARM_DESC(answers, "let EL2 answer what needs no host (default: on)");

static u64 answer_of(struct vcpu *vcpu, u32 encoding)
{
	struct sysreg_access access = { .encoding = encoding, .is_read = true };

	return sysreg_answer(vcpu, &access) ? access.value : 0;
}

/* Some CPUs do not say the condition of a T32 instruction: el2/answer.c has that. */
static void ctr_init(struct vcpu *vcpu)
{
	struct el2_ctr *ctr = &vcpu->el2.ctr;

	ctr->value = answer_of(vcpu, SYS_CTR_EL0);
	ctr->esr = CTR_READ;
	ctr->it = 0;
	if (vcpu_el1_is_aarch32(vcpu)) {
		ctr->value = lower_32_bits(ctr->value);
		ctr->esr = CTR_READ_AARCH32;
		ctr->it = EL2_SPSR_IT;
	}
}

void answers_init(struct vcpu *vcpu)
{
	struct el2_answers *el2 = &vcpu->el2.answers;
	unsigned int i;

	ctr_init(vcpu);
	el2->stage2 = virt_to_phys(&vcpu->vm->stage2);
	el2->clidr = answer_of(vcpu, SYS_CLIDR_EL1);
	for (i = 0; i < EL2_NR_CCSIDR; i++)
		el2->ccsidr[i] = sysreg_ccsidr(i);
	for (i = 0; i < EL2_NR_IDS; i++)
		el2->ids[i] = answer_of(vcpu, sys_reg(3, 0, 0,
						      EL2_ID_CRM_FIRST + i / EL2_ID_CRM_SIZE,
						      i % EL2_ID_CRM_SIZE));
}

void answers_allow(struct vcpu *vcpu)
{
	struct el2_answers *el2 = &vcpu->el2.answers;

	el2->cached = !vcpu->setway.uncached;
	el2->refused = false;
	el2->may = 0;
	if (!READ_ONCE(answers) || trace_exit_enabled() || trace_entry_enabled())
		return;
	el2->may = EL2_ANSWER_ID;
	if (!trace_revalidate_enabled())
		el2->may |= EL2_ANSWER_FAULT;
	if (vcpu->el2.vgic.ich_hcr_el2 & (ICH_HCR_TRAP_GROUP0 | ICH_HCR_TRAP_GROUP1))
		el2->may |= EL2_ANSWER_ACK;
}

void answers_add(struct vcpu *vcpu)
{
	struct el2_answers *el2 = &vcpu->el2.answers;

	counter_add(&vcpu->counters, COUNTER_EL2_SYSREG, el2->nr_ids);
	counter_add(&vcpu->counters, COUNTER_EL2_FPSIMD, el2->nr_fpsimd);
	if (el2->nr_faults)
		quiet_count(&vcpu->vm->stage2, el2->nr_faults);
	counter_add(&vcpu->counters, COUNTER_EL2_REVALIDATIONS, el2->nr_faults);
	counter_add(&vcpu->counters, COUNTER_STAGE2_FAULTS, el2->nr_faults);
	counter_add(&vcpu->counters, COUNTER_REVALIDATIONS, el2->nr_faults);
	el2->nr_ids = 0;
	el2->nr_faults = 0;
	el2->nr_fpsimd = 0;
}
