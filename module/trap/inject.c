// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions that the hypervisor makes the guest take.  The saved registers are
 * changed as the CPU would have changed the real ones (ARM DDI 0487J.a, D1.3).
 */
#include <linux/bitfield.h>
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include <asm/kvm_arm.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#include "trap.h"

/* Offsets of the synchronous vectors from VBAR_EL1 (ARM DDI 0487J.a, D1.3.1.5). */
#define VECTOR_CURRENT_SP0	0x000
#define VECTOR_CURRENT_SPX	0x200
#define VECTOR_LOWER_AARCH64	0x400
#define VECTOR_LOWER_AARCH32	0x600

#define PSTATE_FLAGS	(PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT)
#define PSTATE_MASKED	(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)
#define SCTLR_SPAN	BIT_ULL(23)
#define SCTLR_DSSBS	BIT_ULL(44)

#define FSC_ADDRESS_SIZE	0x00
#define FSC_EXTERNAL		0x10

/* ID_AA64PFR0_EL1.RAS (ARM DDI 0487J.a, D19.2.68): VSESR_EL2 is there. */
#define PFR0_RAS	GENMASK_ULL(31, 28)

static u64 inject_vector(u64 pstate)
{
	if (pstate & PSR_MODE32_BIT)
		return VECTOR_LOWER_AARCH32;
	switch (pstate & PSR_MODE_MASK) {
	case PSR_MODE_EL1t:
		return VECTOR_CURRENT_SP0;
	case PSR_MODE_EL1h:
		return VECTOR_CURRENT_SPX;
	default:
		return VECTOR_LOWER_AARCH64;
	}
}

/* PSTATE on entry to EL1h: flags and DIT stay, PAN and SSBS come from SCTLR_EL1. */
static u64 inject_pstate(u64 pstate, u64 sctlr)
{
	u64 new = (pstate & (PSTATE_FLAGS | PSR_DIT_BIT | PSR_PAN_BIT)) |
		  PSTATE_MASKED | PSR_MODE_EL1h;

	if (!(sctlr & SCTLR_SPAN))
		new |= PSR_PAN_BIT;
	if (sctlr & SCTLR_DSSBS)
		new |= PSR_SSBS_BIT;
	return new;
}

static void inject_sync(struct vcpu *vcpu, u64 esr)
{
	u64 pstate = vcpu->el2.pstate;

	*vcpu_sysreg(vcpu, EL2_REG_ELR_EL1) = vcpu->el2.pc;
	*vcpu_sysreg(vcpu, EL2_REG_SPSR_EL1) = pstate;
	*vcpu_sysreg(vcpu, EL2_REG_ESR_EL1) = esr;
	vcpu->el2.pc = *vcpu_sysreg(vcpu, EL2_REG_VBAR_EL1) + inject_vector(pstate);
	vcpu->el2.pstate = inject_pstate(pstate, *vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1));
}

static bool inject_from_el0(const struct vcpu *vcpu)
{
	return (vcpu->el2.pstate & PSR_MODE_MASK) == PSR_MODE_EL0t ||
	       (vcpu->el2.pstate & PSR_MODE32_BIT);
}

void inject_undef(struct vcpu *vcpu)
{
	u64 il = vcpu->el2.esr_el2 & ESR_ELx_IL;

	if (vcpu_el1_is_aarch32(vcpu)) {
		inject32_undef(vcpu);
		return;
	}
	inject_sync(vcpu, ((u64)ESR_ELx_EC_UNKNOWN << ESR_ELx_EC_SHIFT) | il);
}

static void inject_abort(struct vcpu *vcpu, u64 fsc)
{
	u64 esr_el2 = vcpu->el2.esr_el2;
	bool fetch = trap_class(esr_el2) == ESR_ELx_EC_IABT_LOW;
	u64 ec = fetch ? ESR_ELx_EC_IABT_CUR : ESR_ELx_EC_DABT_CUR;

	/*
	 * Not every format of AArch32 has an address size fault, so this is an
	 * external abort in all.
	 */
	if (vcpu_el1_is_aarch32(vcpu)) {
		inject32_abort(vcpu);
		return;
	}
	if (inject_from_el0(vcpu))
		ec = fetch ? ESR_ELx_EC_IABT_LOW : ESR_ELx_EC_DABT_LOW;
	*vcpu_sysreg(vcpu, EL2_REG_FAR_EL1) = vcpu->el2.far_el2;
	inject_sync(vcpu, (ec << ESR_ELx_EC_SHIFT) | (esr_el2 & (ESR_ELx_IL | ESR_ELx_FnV)) | fsc);
}

void inject_external_abort(struct vcpu *vcpu)
{
	inject_abort(vcpu, FSC_EXTERNAL);
}

void inject_address_size_fault(struct vcpu *vcpu)
{
	inject_abort(vcpu, FSC_ADDRESS_SIZE);
}

bool serror_has_syndrome(void)
{
	return FIELD_GET(PFR0_RAS, read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1));
}

void inject_serror(struct vcpu *vcpu, u64 syndrome)
{
	vcpu->el2.vsesr_el2 = syndrome;
	vcpu->el2.hcr_el2 |= HCR_VSE;
}
