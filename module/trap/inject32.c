// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions that the hypervisor makes a 32-bit guest take (ARM DDI 0487J.a,
 * G1.12): mode, banked registers and syndrome are set as the CPU would set them.
 */
#include <linux/bits.h>
#include <asm/ptrace.h>

#include "trap.h"

/* Offsets from the vector base. */
#define VECTOR_UNDEF		0x04
#define VECTOR_PREFETCH_ABORT	0x0c
#define VECTOR_DATA_ABORT	0x10
#define VECTORS_HIGH		0xffff0000ULL

/* SCTLR (ARM DDI 0487J.a, G8.2.126); EE is where SCTLR_EL1 has it. */
#define SCTLR32_V		BIT_ULL(13)
#define SCTLR32_SPAN		BIT_ULL(23)
#define SCTLR32_TE		BIT_ULL(30)
#define SCTLR32_DSSBS		BIT_ULL(31)

/* PSTATE as in SPSR_EL2; SPSR_<mode> has DIT in another place. */
#define PSTATE32_DIT		BIT_ULL(24)
#define PSTATE32_SSBS		BIT_ULL(23)
#define PSTATE32_PAN		BIT_ULL(22)
#define PSTATE32_SS		BIT_ULL(21)
#define SPSR32_DIT		BIT_ULL(21)

/* Kept on entry: N Z C V, Q, GE, F, A, and DIT and PAN. */
#define PSTATE32_KEPT		(PSR_AA32_N_BIT | PSR_AA32_Z_BIT | PSR_AA32_C_BIT | \
				 PSR_AA32_V_BIT | PSR_AA32_Q_BIT | PSR_AA32_GE_MASK | \
				 PSR_AA32_F_BIT | PSR_AA32_A_BIT | PSTATE32_DIT | PSTATE32_PAN)

/* Where AArch64 sees LR_abt and LR_und (ARM DDI 0487J.a, D1.21.1). */
#define X_LR_ABT		20
#define X_LR_UND		22

#define TTBCR_EAE		BIT_ULL(31)
#define FSR_LPAE		BIT_ULL(9)
#define FSR_WNR			BIT_ULL(11)
#define FSR_EXTERNAL_LPAE	0x10
#define FSR_EXTERNAL_SHORT	0x08

static u64 spsr_from_pstate(u64 pstate)
{
	u64 spsr = pstate & ~(PSTATE32_DIT | PSTATE32_SS);

	return pstate & PSTATE32_DIT ? spsr | SPSR32_DIT : spsr;
}

static u64 pstate_on_entry(u64 pstate, u64 sctlr, u64 mode)
{
	u64 new = (pstate & PSTATE32_KEPT) | PSR_AA32_I_BIT | mode;

	if (sctlr & SCTLR32_TE)
		new |= PSR_AA32_T_BIT;
	if (sctlr & SCTLR_ELx_EE)
		new |= PSR_AA32_E_BIT;
	if (!(sctlr & SCTLR32_SPAN))
		new |= PSTATE32_PAN;
	if (sctlr & SCTLR32_DSSBS)
		new |= PSTATE32_SSBS;
	return new;
}

static void enter_mode(struct vcpu *vcpu, u64 mode, u64 vector)
{
	u64 sctlr = *vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1);
	u64 base = sctlr & SCTLR32_V ? VECTORS_HIGH :
				       lower_32_bits(*vcpu_sysreg(vcpu, EL2_REG_VBAR_EL1));

	vcpu->el2.pstate = pstate_on_entry(vcpu->el2.pstate, sctlr, mode);
	vcpu->el2.pc = base + vector;
}

void inject32_undef(struct vcpu *vcpu)
{
	u64 pstate = vcpu->el2.pstate;

	vcpu->el2.aarch32.spsr[EL2_SPSR_UND] = spsr_from_pstate(pstate);
	vcpu->el2.regs[X_LR_UND] = vcpu->el2.pc + (pstate & PSR_AA32_T_BIT ? 2 : 4);
	enter_mode(vcpu, PSR_AA32_MODE_UND, VECTOR_UNDEF);
}

/* Fault status of a synchronous external abort, in the format that is in use. */
static u64 external_fsr(struct vcpu *vcpu)
{
	return *vcpu_sysreg(vcpu, EL2_REG_TCR_EL1) & TTBCR_EAE ?
		FSR_LPAE | FSR_EXTERNAL_LPAE : FSR_EXTERNAL_SHORT;
}

static void record_prefetch_abort(struct vcpu *vcpu)
{
	u64 *far = vcpu_sysreg(vcpu, EL2_REG_FAR_EL1);

	vcpu->el2.aarch32.ifsr32_el2 = external_fsr(vcpu);
	*far = lower_32_bits(*far) | vcpu->el2.far_el2 << BITS_PER_TYPE(u32);
}

static void record_data_abort(struct vcpu *vcpu)
{
	u64 *far = vcpu_sysreg(vcpu, EL2_REG_FAR_EL1);
	u64 wnr = vcpu->el2.esr_el2 & ESR_ELx_WNR ? FSR_WNR : 0;

	*vcpu_sysreg(vcpu, EL2_REG_ESR_EL1) = external_fsr(vcpu) | wnr;
	*far = (*far & GENMASK_ULL(63, 32)) | lower_32_bits(vcpu->el2.far_el2);
}

void inject32_abort(struct vcpu *vcpu)
{
	bool fetch = trap_class(vcpu->el2.esr_el2) == ESR_ELx_EC_IABT_LOW;

	if (fetch)
		record_prefetch_abort(vcpu);
	else
		record_data_abort(vcpu);
	vcpu->el2.aarch32.spsr[EL2_SPSR_ABT] = spsr_from_pstate(vcpu->el2.pstate);
	vcpu->el2.regs[X_LR_ABT] = vcpu->el2.pc + (fetch ? 4 : 8);
	enter_mode(vcpu, PSR_AA32_MODE_ABT | PSR_AA32_A_BIT,
		   fetch ? VECTOR_PREFETCH_ABORT : VECTOR_DATA_ABORT);
}
