// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of a vCPU out of reset, and what traps while it runs.
 */
#include <linux/string.h>
#include <asm/kvm_arm.h>
#include <asm/ptrace.h>

#include "stage2/vtcr.h"
#include "trap/debug.h"
#include "trap/setway.h"
#include "trap/sysreg.h"
#include "vcpu.h"
#include "vm.h"

/*
 * HCR_EL2 of an AArch64 guest (ARM DDI 0487J.a, D19.2.48).
 *
 * VM	stage 2 is on
 * SWIO	invalidation by Set/Way cleans as well; the operation traps anyway
 * FMO, IMO, AMO	physical interrupts and SErrors come to EL2
 * FB, BSU_IS	TLB maintenance and barriers reach all CPUs that the vCPU may
 *	have run on
 * TWI, TWE	WFI and WFE give the CPU to the host
 * TID1	AIDR, REVIDR; TID3: other ID registers
 * TID2, TID4	cache identification; added below
 * TSC	SMC; TIDCP: registers of the implementation; TACR: ACTLR_EL1
 * TSW	Set/Way
 * TVM	writes to SCTLR_EL1 and its companions, while the caches are off
 * RW	EL1 is AArch64
 * FWB	stage 2 makes memory Write-Back, if the VM's is coherent; added below
 *
 * Clear, so that they trap: API, APK (pointer authentication), ATA (memory
 * tags), EnSCXT.
 */
#define HCR_GUEST	(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_IS | \
			 HCR_TWI | HCR_TWE | HCR_TID1 | HCR_TID3 | HCR_TSC | HCR_TIDCP | \
			 HCR_TACR | HCR_TSW | HCR_TVM | HCR_RW)

/* The same for a 32-bit guest: EL1 is not AArch64. */
#define HCR_GUEST32	(HCR_GUEST & ~HCR_RW)

#define PSTATE_RESET	(PSR_MODE_EL1h | PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)

#define PSTATE_RESET32	(PSR_AA32_MODE_SVC | PSR_AA32_A_BIT | PSR_AA32_I_BIT | PSR_AA32_F_BIT)

/*
 * SCTLR_EL1 out of reset: RES1 bits of Armv8.0 (LSMAOE, nTLSMD, SPAN, EIS,
 * nTWE, nTWI, EOS), everything else off (ARM DDI 0487J.a, D19.2.118).
 */
#define SCTLR_RESET	0x30d00800ULL
/* SCTLR: RES1 bits 22, 23, 18, 16, and nTLSMD, LSMAOE, CP15BEN (G8.2.126). */
#define SCTLR_RESET32	0x00c50038ULL
/* FPEXC: RES1 bits of Armv8 (G8.2.53). */
#define FPEXC_RESET	0x700ULL

static void reset_mode(struct vcpu *vcpu)
{
	bool aarch32 = vcpu->features[0] & BIT(KVM_ARM_VCPU_EL1_32BIT);

	memset(&vcpu->el2.aarch32, 0, sizeof(vcpu->el2.aarch32));
	vcpu->el2.aarch32.fpexc32_el2 = FPEXC_RESET;
	vcpu->el2.pstate = aarch32 ? PSTATE_RESET32 : PSTATE_RESET;
	vcpu->el2.hcr_el2 = (aarch32 ? HCR_GUEST32 : HCR_GUEST) | sysreg_cache_traps();
	if (vcpu->vm->stage2.coherent)
		vcpu->el2.hcr_el2 |= HCR_FWB;
	*vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1) = aarch32 ? SCTLR_RESET32 : SCTLR_RESET;
}

void vcpu_reset(struct vcpu *vcpu)
{
	struct el2_vcpu *el2 = &vcpu->el2;

	memset(el2->regs, 0, sizeof(el2->regs));
	memset(&el2->fpsimd, 0, sizeof(el2->fpsimd));
	memset(&el2->context, 0, sizeof(el2->context));
	el2->pc = 0;
	el2->vsesr_el2 = 0;
	el2->vdisr_el2 = 0;
	el2->vtcr_el2 = stage2_vtcr(&vcpu->vm->stage2);
	reset_mode(vcpu);
	debug_reset(vcpu);
	timer_reset(vcpu);

	vcpu->el2.answers.csselr = 0;
	vcpu->mmio.pending = false;
	/* A batch that is owed stays owed: it is about memory, not about this vCPU. */
	setway_end_loop(&vcpu->setway);
}
