/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register fields that the runtime uses and that <asm/sysreg.h> and
 * <asm/kvm_arm.h> do not name in every kernel; and the values that the runtime
 * gives the composite registers.
 */
#ifndef SETWAY_EL2_SYSREG_H
#define SETWAY_EL2_SYSREG_H

#include <linux/bits.h>
#include <linux/const.h>
#include <asm/kvm_arm.h>
#include <asm/sysreg.h>

/*
 * SCTLR_EL2 when it is not for E2H (ARM DDI 0487J.a, D19.2.137).
 *
 *   bits 29, 28, 23, 22, 18, 16, 11, 5, 4   RES1; 22 and 11 make exception
 *              entry and return synchronise the context (FEAT_ExS)
 *   19 WXN     what is writable is not executable
 *   12 I, 2 C  caches on
 *   3 SA       the stack pointer must be aligned
 *   0 M        MMU on
 */
#define EL2_SCTLR_RES1		(BIT(29) | BIT(28) | BIT(23) | BIT(22) | BIT(18) | \
				 BIT(16) | BIT(11) | BIT(5) | BIT(4))
#define EL2_SCTLR_ON		(EL2_SCTLR_RES1 | BIT(19) | BIT(12) | BIT(3) | BIT(2) | BIT(0))

/*
 * TCR_EL2 when it is not for E2H; PS (bits 18:16) comes from the CPU.
 *
 *   bits 31, 23     RES1
 *   15:14 TG0       0, 4 KiB granule
 *   13:12 SH0       3, walks are Inner Shareable
 *   11:10 ORGN0     1, walks are Write-Back, Read- and Write-Allocate
 *   9:8 IRGN0       1, the same
 *   5:0 T0SZ        16, addresses of 48 bits, so that walks start at level 0
 */
#define EL2_TCR			(BIT(31) | BIT(23) | (UL(3) << 12) | (UL(1) << 10) | \
				 (UL(1) << 8) | UL(16))
#define EL2_TCR_PS_SHIFT	16

/* Attribute 0: Normal, Inner and Outer Write-Back, Read- and Write-Allocate. */
#define EL2_MAIR		UL(0xff)

#define EL2_HCR_E2H_BIT		34

#define EL2_SCTLR_EL1_M		BIT(0)
#define EL2_TCR_EL1_EPD0	BIT(7)
#define EL2_TCR_EL1_EPD1	BIT(23)
#define EL2_TTBCR_EAE		BIT(31)

/*
 * MDSCR_EL1 (ARM DDI 0487J.a, D19.3.20): single step; EL0's accesses to the debug
 * communications channel trap to EL1; debug exceptions come from EL1 to EL1 as well;
 * breakpoints and watchpoints are on.  MOE is a field of AArch32's DBGDSCRext, which is
 * the same register.
 */
#define EL2_MDSCR_EL1_SS	BIT(0)
#define EL2_MDSCR_EL1_MOE	GENMASK(5, 2)
#define EL2_MDSCR_EL1_TDCC	BIT(12)
#define EL2_MDSCR_EL1_KDE	BIT(13)
#define EL2_MDSCR_EL1_MDE	BIT(15)

/* ID_AA64DFR0_EL1: breakpoints and watchpoints less one */
#define EL2_DFR0_BRPS		GENMASK(15, 12)
#define EL2_DFR0_WRPS		GENMASK(23, 20)

#define EL2_VTCR_RES1		BIT(31)
#define EL2_VTCR_VS		BIT(19)		/* VMIDs have 16 bits */

/*
 * HCR_EL2 while a guest runs: what the host asked for, what this CPU needs besides
 * (struct el2_cpu.hcr_set), and of these
 *
 *   set:   VM       stage 2 is on
 *          SWIO     DC ISW cleans as well
 *          FMO IMO AMO  interrupts and SErrors come to EL2
 *          TSC      SMC does not reach the firmware
 *          TIDCP    nor IMPLEMENTATION DEFINED registers the CPU
 *          TACR     nor ACTLR_EL1
 *   clear: TGE E2H  another regime
 *          NV NV1 NV2 (42, 43, 45)  no nested EL2
 *          API APK  pointer authentication traps: its keys are the host's
 *          ATA      allocation tags likewise
 *          EnSCXT (53)  SCXTNUM_ELx likewise
 *          FIEN     error injection
 *          TME (39) transactions
 *          AMVOFFEN virtual offsets of the activity monitors
 */
#define EL2_HCR_SET		(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | \
				 HCR_TSC | HCR_TIDCP | HCR_TACR)
#define EL2_HCR_CLEAR		(HCR_TGE | HCR_E2H | BIT(42) | BIT(43) | BIT(45) | \
				 HCR_API | HCR_APK | HCR_ATA | BIT(53) | HCR_FIEN | \
				 BIT(39) | HCR_AMVOFFEN)

/*
 * CPTR_EL2 while a guest runs: RES1 bits with TZ (SVE traps) and TSM (SME
 * traps) among them; TFP until the guest uses FP, see fpsimd.c.  TTA and TAM are
 * added where there is a trace unit or an activity monitor.
 */
#define EL2_CPTR_TFP		BIT(10)
#define EL2_CPTR		(EL2_CPTR_TFP | BIT(13) | CPTR_EL2_TSM | BIT(9) | \
				 CPTR_EL2_TZ | GENMASK(7, 0))

/*
 * MDCR_EL2 while a guest runs: the host's counters stay as they are (HPMN and
 * the rest), and
 *
 *   TDA TDRA TDOSA    debug registers trap, always
 *   TPM TPMCR         PMU registers trap
 *   TPMS              statistical profiling registers trap
 *   TTRF              TRFCR_EL1 traps
 *   E2PB E2TB (0)     profiling and trace buffers are not EL1's, their registers trap
 *   TDE (0)           debug exceptions are the guest's own; debug.c sets it for a guest
 *                     whose VMM debugs it
 */
#define EL2_MDCR_SET		(MDCR_EL2_TDA | MDCR_EL2_TDRA | MDCR_EL2_TDOSA | MDCR_EL2_TPM | \
				 MDCR_EL2_TPMCR | MDCR_EL2_TPMS | MDCR_EL2_TTRF)
#define EL2_MDCR_CLEAR		(GENMASK(25, 24) | GENMASK(13, 12) | MDCR_EL2_TDE)

/* HSTR_EL2.T15: AArch32 CP15 registers of c15 trap. */
#define EL2_HSTR		BIT(15)

/* CNTHCTL_EL2: the physical counter can be read, or traps; the physical timer traps. */
#define EL2_CNTHCTL_EL1PCTEN	BIT(0)
#define EL2_CNTHCTL_EL1PCEN	BIT(1)
#define EL2_CNTV_CTL_ENABLE	BIT(0)

/*
 * GICv3: with ICC_SRE_EL2.Enable clear ICC_SRE_EL1 traps.  For a guest without
 * a GIC TC, TALL0, TALL1 and TDIR trap the rest of the CPU interface; for one
 * that has a GIC the interface is on (En), and the host chooses of
 *
 *   UIE LRENPIE NPIE   maintenance interrupts: few interrupts left, one
 *                      deactivated that is in no list register, none pending
 *   TC TDIR            trap what all groups share, or just ICC_DIR_EL1
 *   TALL0 TALL1        trap what a group has, ICC_IAR1_EL1 among it
 */
#define EL2_ICC_SRE_SRE		BIT(0)
#define EL2_ICC_SRE_ENABLE	BIT(3)
#define EL2_ICH_HCR_TRAPS	(BIT(10) | BIT(11) | BIT(12) | BIT(14))
#define EL2_ICH_HCR_TALL	(BIT(11) | BIT(12))
#define EL2_ICH_HCR_EN		BIT(0)
#define EL2_ICH_HCR_LRENPIE	BIT(2)
#define EL2_ICH_HCR_CHOICE	(BIT(1) | BIT(2) | BIT(3) | EL2_ICH_HCR_TRAPS)

/* ICH_VTR_EL2: list registers less one, bits of preemption levels less one. */
#define EL2_ICH_VTR_LISTREGS	GENMASK(4, 0)
#define EL2_ICH_VTR_PREBITS	GENMASK(28, 26)
#define EL2_PREBITS_OF_ONE_APR	5

/* PMUSERENR_EL0: EL0 may use the PMU, so that its accesses trap to EL2. */
#define EL2_PMUSERENR		GENMASK(3, 0)

/* MPAM2_EL2: MPAM0_EL1 and MPAM1_EL1 trap. */
#define EL2_SYS_MPAM2_EL2	sys_reg(3, 4, 10, 5, 0)
#define EL2_MPAM2_TRAPS		(BIT(49) | BIT(48))

/* FEAT_FGT2 (ARM DDI 0487K.a). */
#define EL2_SYS_HDFGRTR2_EL2	sys_reg(3, 4, 3, 1, 0)
#define EL2_SYS_HDFGWTR2_EL2	sys_reg(3, 4, 3, 1, 1)
#define EL2_SYS_HFGRTR2_EL2	sys_reg(3, 4, 3, 1, 2)
#define EL2_SYS_HFGWTR2_EL2	sys_reg(3, 4, 3, 1, 3)
#define EL2_SYS_HFGITR2_EL2	sys_reg(3, 4, 3, 1, 7)

#define EL2_SYS_PMUSERENR_EL0	sys_reg(3, 3, 9, 14, 0)
#define EL2_SYS_PMSCR_EL1	sys_reg(3, 0, 9, 9, 0)
#define EL2_SYS_TRFCR_EL1	sys_reg(3, 0, 1, 2, 1)
#define EL2_SYS_HCRX_EL2	sys_reg(3, 4, 1, 2, 2)
#define EL2_SYS_HFGRTR_EL2	sys_reg(3, 4, 1, 1, 4)
#define EL2_SYS_HFGWTR_EL2	sys_reg(3, 4, 1, 1, 5)
#define EL2_SYS_HFGITR_EL2	sys_reg(3, 4, 1, 1, 6)
#define EL2_SYS_HDFGRTR_EL2	sys_reg(3, 4, 3, 1, 4)
#define EL2_SYS_HDFGWTR_EL2	sys_reg(3, 4, 3, 1, 5)
#define EL2_SYS_HAFGRTR_EL2	sys_reg(3, 4, 3, 1, 6)
#define EL2_SYS_TPIDR2_EL0	sys_reg(3, 3, 13, 0, 5)
#define EL2_SYS_VSESR_EL2	sys_reg(3, 4, 5, 2, 3)
#define EL2_SYS_VDISR_EL2	sys_reg(3, 4, 12, 1, 1)
#define EL2_SYS_ICC_SRE_EL2	sys_reg(3, 4, 12, 9, 5)
#define EL2_SYS_ICH_HCR_EL2	sys_reg(3, 4, 12, 11, 0)
#define EL2_SYS_ICH_VTR_EL2	sys_reg(3, 4, 12, 11, 1)
#define EL2_SYS_ICH_VMCR_EL2	sys_reg(3, 4, 12, 11, 7)
#define EL2_SYS_ICH_AP0R(n)	sys_reg(3, 4, 12, 8, n)
#define EL2_SYS_ICH_AP1R(n)	sys_reg(3, 4, 12, 9, n)
#define EL2_SYS_ICH_LR_LOW(n)	sys_reg(3, 4, 12, 12, n)	/* 0 to 7 */
#define EL2_SYS_ICH_LR_HIGH(n)	sys_reg(3, 4, 12, 13, n)	/* 8 to 15, less 8 */

/* Exception syndromes (ARM DDI 0487J.a, D19.2.37). */
#define EL2_ESR_EC_SHIFT	26
#define EL2_ESR_EC_HVC32	0x12
#define EL2_ESR_EC_HVC64	0x16
#define EL2_HVC_SIZE		4	/* of the instruction, in A64, A32 and T32 */
#define EL2_ESR_EC_IABT_LOW	0x20
#define EL2_ESR_EC_DATA		0x04	/* set in that of a data abort */
#define EL2_ESR_EC_SERROR	UL(0x2f)
#define EL2_ESR_IL		BIT(25)
#define EL2_ESR_RT_SHIFT	5
#define EL2_ESR_RT_BITS		5
#define EL2_ESR_RT		GENMASK(9, 5)
#define EL2_ESR_ISS		GENMASK(24, 0)

/* SErrors: pending (D19.2.60), and deferred by ESB, with the ISS that it would have. */
#define EL2_ISR_A		BIT(8)
#define EL2_SYS_DISR_EL1	sys_reg(3, 0, 12, 1, 1)
#define EL2_DISR_A		BIT(31)

/* SCTLR of AArch32 (G8.2.126): RES1 bits, CP15BEN (5), and I (12); the MMU is off. */
#define EL2_SCTLR_AARCH32	(BIT(23) | BIT(22) | BIT(18) | BIT(16) | BIT(12) | \
				 BIT(11) | BIT(5) | BIT(4) | BIT(3))
#define EL2_AARCH32_AIF		GENMASK(8, 6)	/* SErrors, IRQs and FIQs masked */

/* SPSR_EL2; bits 3:2 of M for AArch64 are the exception level. */
#define EL2_SPSR_IL_BIT		20
#define EL2_SPSR_SS		BIT(21)		/* single step, in either state */
#define EL2_SPSR_BTYPE		GENMASK(11, 10)	/* in AArch32, a part of ITSTATE */
#define EL2_SPSR_IT		(GENMASK(15, 10) | GENMASK(26, 25))	/* in AArch32 */
#define EL2_INSN_SIZE		4	/* of what EL2 answers, in T32 as well */
#define EL2_SPSR_EL		GENMASK(3, 2)
#define EL2_SPSR_IS_EL2		BIT(3)

#define EL2_PAR_F		BIT(0)
#define EL2_PAR_PA		GENMASK(47, 12)
#define EL2_HPFAR_FIPA_SHIFT	4

#endif /* SETWAY_EL2_SYSREG_H */
