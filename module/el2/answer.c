// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits that need nothing of the host's, answered in the guest's world: of its registers
 * only the general ones have been saved.
 *
 * A fault on an idle page is answered by tracker_revalidate(), the kernel's own, compiled
 * for EL2.  Whoever waits for such walks to end (&stage2_ops.sync_walkers) interrupts the
 * CPUs in vm->running.  This CPU is one of them for as long as it is in the guest and
 * here.  It takes the interrupt when EL2 has returned to the guest, so the walk is over
 * then.  The interrupt also ends the run: what is requested of the vCPU waits for no
 * longer than that.
 */
#include <linux/bitfield.h>
#include <linux/compiler.h>
#include <asm/ptrace.h>

#include "../trap/syndrome.h"
#include "runtime.h"
#include "sysreg.h"

/*
 * ISS of MRS and MSR, and of MRC and MCR (ARM DDI 0487J.a, D19.2.37).  The fields of both
 * are in the same places, but for op0, where the others have their condition.
 */
#define ISS_READ	BIT(0)
#define ISS_CRM		GENMASK(4, 1)
#define ISS_CRN		GENMASK(13, 10)
#define ISS_OP1		GENMASK(16, 14)
#define ISS_OP2		GENMASK(19, 17)
#define ISS_OP0		GENMASK(21, 20)
#define ISS_COND	GENMASK(23, 20)
#define ISS_CV		BIT(24)

#define ISS_REG		(ISS_OP1 | ISS_CRN | ISS_CRM | ISS_OP2)
#define REG(op1, crm, op2)	((op1) << 14 | (crm) << 1 | (op2) << 17)	/* CRn 0 */
#define REG_CTR32	REG(0, 0, 1)
#define REG_CCSIDR	REG(1, 0, 0)
#define REG_CLIDR	REG(1, 0, 1)
#define REG_CSSELR	REG(2, 0, 0)

#define OP0_REGISTER	3
#define CRN_GIC		12		/* ICC_<reg>_EL1, in AArch32 as well */
#define COND_AL		0xe
#define RT_ZR		31
#define CSSELR_BITS	GENMASK(3, 0)
#define CSSELR_IND	BIT(0)

/* AArch32 has only the first two rows of ID registers. */
#define ID_CRM_LAST32	2

/* CNTV_CTL_EL0: ENABLE, IMASK, ISTATUS */
#define CTL_ALL		GENMASK(2, 0)
#define CTL_FIRED	(BIT(0) | BIT(2))

#define SCTLR_CACHED	(BIT(0) | BIT(2))	/* M | C */

/*
 * Is it one that the guest executes, and of a kind that is answered here?  A condition
 * may have failed (see trap/insn.c), so an instruction that has one is the host's.
 */
static bool insn_is_plain(u64 esr, u64 spsr)
{
	if (trap_class(esr) == ESR_ELx_EC_SYS64)
		return FIELD_GET(ISS_OP0, esr) == OP0_REGISTER;
	return !(spsr & EL2_SPSR_IT) &&
	       (!(esr & ISS_CV) || FIELD_GET(ISS_COND, esr) == COND_AL);
}

/* An instruction that EL2 has done is over: it was a step, and no target of a branch. */
static void insn_skip(u64 spsr)
{
	write_sysreg(read_sysreg(elr_el2) + EL2_INSN_SIZE, elr_el2);
	spsr &= ~EL2_SPSR_SS;
	/* Of both masks together the compiler makes a constant of two more instructions. */
	OPTIMIZER_HIDE_VAR(spsr);
	write_sysreg(spsr & ~EL2_SPSR_BTYPE, spsr_el2);
}

static bool id_read(const struct el2_vcpu *vcpu, u64 esr, u64 *value)
{
	const struct el2_answers *answers = &vcpu->answers;
	bool aarch32 = trap_class(esr) != ESR_ELx_EC_SYS64;
	u64 reg = esr & ISS_REG;
	unsigned int crm;

	/* Of a T32 instruction, on a CPU that does not say its condition; else entry.S's. */
	if (aarch32 && reg == REG_CTR32) {
		*value = vcpu->ctr.value;
		return true;
	}
	switch (reg) {
	case REG_CCSIDR:
		*value = answers->ccsidr[answers->csselr & CSSELR_IND];
		return true;
	case REG_CLIDR:
		*value = answers->clidr;
		return true;
	case REG_CSSELR:
		*value = answers->csselr;
		return true;
	}
	crm = FIELD_GET(ISS_CRM, esr);
	if ((reg & (ISS_OP1 | ISS_CRN)) || crm < EL2_ID_CRM_FIRST ||
	    crm > (aarch32 ? ID_CRM_LAST32 : EL2_ID_CRM_LAST))
		return false;
	*value = answers->ids[(crm - EL2_ID_CRM_FIRST) * EL2_ID_CRM_SIZE + FIELD_GET(ISS_OP2, esr)];
	return true;
}

static bool id_write(struct el2_answers *answers, u64 esr, u64 value)
{
	if ((esr & ISS_REG) != REG_CSSELR)
		return false;
	answers->csselr = value & CSSELR_BITS;
	return true;
}

static bool id_answer(struct el2_vcpu *vcpu, u64 esr)
{
	struct el2_answers *answers = &vcpu->answers;
	unsigned int rt = FIELD_GET(EL2_ESR_RT, esr);
	u64 spsr = read_sysreg(spsr_el2);
	u64 value;

	if (!(answers->may & EL2_ANSWER_ID) || !insn_is_plain(esr, spsr))
		return false;
	if (esr & ISS_READ) {
		if (!id_read(vcpu, esr, &value))
			return false;
		if (rt != RT_ZR)
			vcpu->regs[rt] = value;
	} else if (!id_write(answers, esr, rt == RT_ZR ? 0 : vcpu->regs[rt])) {
		return false;
	}
	answers->nr_ids++;
	insn_skip(spsr);
	return true;
}

static bool vtimer_line_is_high(void)
{
	return (read_sysreg(cntv_ctl_el0) & CTL_ALL) == CTL_FIRED;
}

/*
 * The guest may be about to acknowledge the virtual timer's interrupt, and has not moved
 * the timer: let the CPU do the access again, and all that follow.
 */
static bool ack_answer(struct el2_vcpu *vcpu, u64 esr)
{
	struct el2_answers *answers = &vcpu->answers;

	if (!(answers->may & EL2_ANSWER_ACK) || FIELD_GET(ISS_CRN, esr) != CRN_GIC ||
	    !vtimer_line_is_high())
		return false;
	write_sysreg_s(read_sysreg_s(EL2_SYS_ICH_HCR_EL2) & ~EL2_ICH_HCR_TALL, EL2_SYS_ICH_HCR_EL2);
	answers->may &= ~EL2_ANSWER_ACK;
	answers->nr_ids++;
	return true;
}

static bool caches_are_on(void)
{
	return (read_sysreg(sctlr_el1) & SCTLR_CACHED) == SCTLR_CACHED;
}

bool el2_guest_fault(struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 esr)
{
	struct el2_answers *answers = &vcpu->answers;

	if (READ_ONCE(vcpu->requests) || !(answers->may & EL2_ANSWER_FAULT) ||
	    !trap_is_translation_fault(esr) || caches_are_on() != answers->cached)
		return false;
	if (fault_record_abort(cpu, vcpu, esr) != EL2_EXIT_SYNC)
		return false;
	if (tracker_revalidate((struct stage2 *)answers->stage2, trap_fault_ipa(vcpu),
			       trap_fault_access(esr))) {
		answers->refused = true;
		return false;
	}
	answers->nr_faults++;
	return true;
}

bool el2_guest_answer(struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 esr)
{
	unsigned int class = trap_class(esr);

	/* The host has no answer to this one. */
	if (class == ESR_ELx_EC_FP_ASIMD)
		return fpsimd_guest_load(cpu, vcpu);
	if (class != ESR_ELx_EC_SYS64 && class != ESR_ELx_EC_CP15_32)
		return false;
	if (READ_ONCE(vcpu->requests))
		return false;
	return id_answer(vcpu, esr) || ack_answer(vcpu, esr);
}
