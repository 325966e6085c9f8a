// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an instruction trapped in AArch32 needs: it may have 16 bits, be in an
 * IT block, have a condition that fails, or name a register that is banked for
 * its mode.
 */
#include <linux/bitfield.h>
#include <asm/debug-monitors.h>
#include <asm/esr.h>
#include <asm/ptrace.h>

#include "trap.h"

/* ITSTATE in PSTATE (ARM DDI 0487J.a, G1.5.1): IT[7:2], IT[1:0]. */
#define PSTATE_IT_HIGH		GENMASK_ULL(15, 10)
#define PSTATE_IT_LOW		GENMASK_ULL(26, 25)
#define IT_LOW_BITS		2
#define IT_MASK_LAST		GENMASK(2, 0)	/* clear: the block's last instruction */
#define IT_SHIFTED		GENMASK(4, 0)
#define IT_COND_SHIFT		4

/* ISS of a trapped conditional instruction (ARM DDI 0487J.a, D19.2.37). */
#define ISS_CV			BIT_ULL(24)
#define ISS_COND		GENMASK_ULL(23, 20)
#define ISS_SMC_MAY_FAIL	BIT_ULL(19)	/* CCKNOWNPASS, of SMC */

#define COND_AL			0xe
#define CONDITIONAL_CLASSES	0x10	/* exception classes below are, and SMC */

#define INSN_NARROW		2
#define INSN_WIDE		4

static u64 it_get(u64 pstate)
{
	return FIELD_GET(PSTATE_IT_HIGH, pstate) << IT_LOW_BITS | FIELD_GET(PSTATE_IT_LOW, pstate);
}

static u64 it_set(u64 pstate, u64 it)
{
	pstate &= ~(PSTATE_IT_HIGH | PSTATE_IT_LOW);
	return pstate | FIELD_PREP(PSTATE_IT_HIGH, it >> IT_LOW_BITS) |
	       FIELD_PREP(PSTATE_IT_LOW, it & GENMASK(IT_LOW_BITS - 1, 0));
}

/* What the end of an instruction does to ITSTATE (ARM DDI 0487J.a, F1.2.3). */
static u64 it_advance(u64 it)
{
	if (!(it & IT_MASK_LAST))
		return 0;
	return (it & ~IT_SHIFTED) | ((it << 1) & IT_SHIFTED);
}

static bool condition_flags_pass(unsigned int cond, u64 pstate)
{
	bool n = pstate & PSR_AA32_N_BIT;
	bool z = pstate & PSR_AA32_Z_BIT;
	bool c = pstate & PSR_AA32_C_BIT;
	bool v = pstate & PSR_AA32_V_BIT;

	switch (cond >> 1) {
	case 0:
		return z;		/* EQ */
	case 1:
		return c;		/* CS */
	case 2:
		return n;		/* MI */
	case 3:
		return v;		/* VS */
	case 4:
		return c && !z;		/* HI */
	case 5:
		return n == v;		/* GE */
	case 6:
		return n == v && !z;	/* GT */
	default:
		return true;		/* AL */
	}
}

static unsigned int condition_of(u64 esr, u64 pstate)
{
	u64 it = it_get(pstate);

	if (esr & ISS_CV)
		return FIELD_GET(ISS_COND, esr);
	/*
	 * The syndrome has no condition.  That of a Thumb instruction in an IT block
	 * is in ITSTATE.
	 */
	return it ? it >> IT_COND_SHIFT : COND_AL;
}

static bool may_have_failed(u64 esr)
{
	unsigned int class = trap_class(esr);

	return class < CONDITIONAL_CLASSES ||
	       (class == ESR_ELx_EC_SMC32 && (esr & ISS_SMC_MAY_FAIL));
}

bool aarch32_condition_passed(const struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	u64 pstate = vcpu->el2.pstate;
	unsigned int cond;
	bool pass;

	if (!may_have_failed(esr))
		return true;
	cond = condition_of(esr, pstate);
	pass = condition_flags_pass(cond, pstate);
	/* An odd condition is the opposite of the even one below it, except above AL. */
	return (cond & 1) && cond >> 1 != COND_AL >> 1 ? !pass : pass;
}

static void aarch32_skip_insn(struct vcpu *vcpu)
{
	u64 pstate = vcpu->el2.pstate;
	bool wide = vcpu->el2.esr_el2 & ESR_ELx_IL;

	vcpu->el2.pc += wide || !(pstate & PSR_AA32_T_BIT) ? INSN_WIDE : INSN_NARROW;
	vcpu->el2.pstate = it_set(pstate, it_advance(it_get(pstate)));
}

/* Registers that are banked by mode (ARM DDI 0487J.a, D1.21.1). */
#define R_BANKED_FIQ		8	/* the first of Fiq mode's, up to LR */
#define R_SP			13
#define R_LR			14
#define X_FIQ_OFFSET		16	/* X24 is R8_fiq, and so on */
#define X_LR_IRQ		16	/* behind each LR its mode's SP */
#define X_LR_SVC		18
#define X_LR_ABT		20
#define X_LR_UND		22

static unsigned int banked_reg(unsigned int lr, unsigned int rt)
{
	return rt == R_LR ? lr : lr + 1;
}

/*
 * If the syndrome is right, its number is an AArch64 number, and none that is
 * changed here: no instruction in these modes transfers another mode's register.
 */
unsigned int aarch32_transfer_reg(const struct vcpu *vcpu, unsigned int rt)
{
	u64 mode = vcpu->el2.pstate & PSR_AA32_MODE_MASK;

	if (!vcpu_in_aarch32(vcpu) || rt < R_BANKED_FIQ || rt > R_LR)
		return rt;
	if (mode == PSR_AA32_MODE_FIQ)
		return rt + X_FIQ_OFFSET;
	if (rt < R_SP)
		return rt;
	switch (mode) {
	case PSR_AA32_MODE_IRQ:
		return banked_reg(X_LR_IRQ, rt);
	case PSR_AA32_MODE_SVC:
		return banked_reg(X_LR_SVC, rt);
	case PSR_AA32_MODE_ABT:
		return banked_reg(X_LR_ABT, rt);
	case PSR_AA32_MODE_UND:
		return banked_reg(X_LR_UND, rt);
	default:
		return rt;
	}
}

void vcpu_skip_insn(struct vcpu *vcpu)
{
	/* The instruction was a step. */
	vcpu->el2.pstate &= ~(u64)DBG_SPSR_SS;
	if (vcpu_in_aarch32(vcpu)) {
		aarch32_skip_insn(vcpu);
		return;
	}
	vcpu->el2.pc += INSN_WIDE;
	vcpu->el2.pstate &= ~(u64)PSR_BTYPE_MASK;
}
