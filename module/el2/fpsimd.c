// SPDX-License-Identifier: GPL-2.0-only
/*
 * FP and SIMD registers.  A guest is entered with the host's in place and CPTR_EL2.TFP
 * set.  If it uses any of them then that traps, and they are exchanged here:
 *
 *	entry       host's           traps
 *	first use   guest's          the host's are in struct el2_cpu
 *	exit        host's again     the guest's are in struct el2_vcpu
 *
 * A stay in the guest that uses none costs nothing, and no stay has more than one such
 * trap.  The host does not notice: whosever its registers are, the running thread's or
 * one's that ran before, they are the same ones after each exit.  So no call of
 * kernel_neon_begin() is needed, except on hosts that use wider registers of which those
 * here are a part (SVE, SME): loading a part clears the rest.
 */
#include <asm/barrier.h>

#include "runtime.h"
#include "sysreg.h"

bool fpsimd_guest_load(struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	if (cpu->lent & EL2_LENT_FPSIMD)
		return false;
	write_sysreg(cpu->guest_controls.cptr_el2 & ~EL2_CPTR_TFP, cptr_el2);
	isb();
	el2_fpsimd_save(&cpu->fpsimd);
	/* Before the first register changes: el2_panic() goes by it. */
	cpu->lent |= EL2_LENT_FPSIMD;
	barrier();
	el2_fpsimd_load(&vcpu->fpsimd);
	vcpu->answers.nr_fpsimd++;
	return true;
}

void fpsimd_host_load(struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	if (el1_is_aarch32(vcpu))
		vcpu->aarch32.fpexc32_el2 = read_sysreg(fpexc32_el2);
	el2_fpsimd_save(&vcpu->fpsimd);
	el2_fpsimd_load(&cpu->fpsimd);
	barrier();
	cpu->lent &= ~EL2_LENT_FPSIMD;
}
