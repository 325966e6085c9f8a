/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the runtime keeps for each CPU: the host's side of a world switch, the
 * registers as it found them, and its stack.  module/host allocates it and
 * fills in the features.  From then on it belongs to the runtime, except the
 * record of a panic.
 */
#ifndef SETWAY_EL2_CPU_H
#define SETWAY_EL2_CPU_H

#include "context.h"

#define EL2_STACK_SIZE		4096
#define EL2_VECTORS_SHIFT	11	/* log2 of a table's size */

/*
 * Optional parts of the architecture that this CPU has, and errata that it has
 * to be treated for: struct el2_cpu.features.
 */
#define EL2_CPU_GICV3		BIT(0)	/* GIC CPU interface as system registers */
#define EL2_CPU_FGT		BIT(1)	/* FEAT_FGT */
#define EL2_CPU_FGT2		BIT(2)	/* FEAT_FGT2 */
#define EL2_CPU_HCX		BIT(3)	/* FEAT_HCX */
#define EL2_CPU_AMU		BIT(4)	/* FEAT_AMUv1 */
#define EL2_CPU_SME		BIT(5)	/* FEAT_SME */
#define EL2_CPU_RAS		BIT(6)	/* FEAT_RAS */
#define EL2_CPU_PMU		BIT(7)	/* FEAT_PMUv3 */
#define EL2_CPU_SPE		BIT(8)	/* FEAT_SPE, its buffer EL1's */
#define EL2_CPU_TRF		BIT(9)	/* FEAT_TRF */
#define EL2_CPU_TRACE		BIT(10)	/* system registers of the trace unit */
#define EL2_CPU_MPAM		BIT(11)	/* FEAT_MPAM */
#define EL2_CPU_VMID16		BIT(12)	/* FEAT_VMID16 */
#define EL2_CPU_REPEAT_TLBI	BIT(13)	/* a TLBI must be issued twice */
#define EL2_CPU_PAR_DMB		BIT(14)	/* Cortex-A77 1508412: DMB around PAR_EL1 reads */
#define EL2_CPU_HPFAR_AT	BIT(15)	/* Cortex-A57 834220: HPFAR_EL2 may be wrong */
#define EL2_CPU_AT_WALKS	BIT(16)	/* a speculative AT walks at EL2, see switch.c */

/* Those with registers that controls.c writes because most CPUs do not have them. */
#define EL2_CPU_OPTIONAL	(EL2_CPU_FGT | EL2_CPU_FGT2 | EL2_CPU_HCX | EL2_CPU_RAS | \
				 EL2_CPU_MPAM)

/* Those with something of EL1's that profiles or traces. */
#define EL2_CPU_PROFILES	(EL2_CPU_SPE | EL2_CPU_TRF)

/* What a guest has only in some stays: struct el2_cpu.lent. */
#define EL2_LENT_FPSIMD		BIT(0)	/* the FP/SIMD registers */
#define EL2_LENT_DEBUG		BIT(1)	/* breakpoints and watchpoints */

#ifndef __ASSEMBLY__

#include <linux/bits.h>

/**
 * struct el2_found - the registers that the runtime changes at installation
 * @vbar_el2: VBAR_EL2 as the kernel's stub had it
 * @sctlr_el2: SCTLR_EL2 likewise, and so on
 * @ttbr0_el2: TTBR0_EL2
 * @tcr_el2: TCR_EL2
 * @mair_el2: MAIR_EL2
 * @tpidr_el2: TPIDR_EL2
 * @sp_el2: the stack pointer of EL2
 */
struct el2_found {
	u64 vbar_el2;
	u64 sctlr_el2;
	u64 ttbr0_el2;
	u64 tcr_el2;
	u64 mair_el2;
	u64 tpidr_el2;
	u64 sp_el2;
};

#define EL2_NR_FGT	6
#define EL2_NR_FGT2	5

/**
 * struct el2_controls - registers of EL2 that confine a world or belong to it as a whole
 * @hcr_el2: HCR_EL2
 * @vtcr_el2: VTCR_EL2
 * @vttbr_el2: VTTBR_EL2
 * @vpidr_el2: VPIDR_EL2, what the world reads as MIDR_EL1
 * @vmpidr_el2: VMPIDR_EL2, what the world reads as MPIDR_EL1
 * @cptr_el2: CPTR_EL2
 * @mdcr_el2: MDCR_EL2
 * @hstr_el2: HSTR_EL2
 * @cnthctl_el2: CNTHCTL_EL2
 * @cntvoff_el2: CNTVOFF_EL2
 * @icc_sre_el2: ICC_SRE_EL2, if there is a GICv3
 * @ich_hcr_el2: ICH_HCR_EL2, if there is a GICv3
 * @hcrx_el2: HCRX_EL2, if FEAT_HCX
 * @fgt: the fine-grained trap registers, if FEAT_FGT
 * @fgt2: the second set of them, if FEAT_FGT2
 * @mpam2_el2: MPAM2_EL2, if FEAT_MPAM
 * @vdisr_el2: VDISR_EL2, if FEAT_RAS
 * @vsesr_el2: VSESR_EL2, if FEAT_RAS
 */
struct el2_controls {
	u64 hcr_el2;
	u64 vtcr_el2;
	u64 vttbr_el2;
	u64 vpidr_el2;
	u64 vmpidr_el2;
	u64 cptr_el2;
	u64 mdcr_el2;
	u64 hstr_el2;
	u64 cnthctl_el2;
	u64 cntvoff_el2;
	u64 icc_sre_el2;
	u64 ich_hcr_el2;
	u64 hcrx_el2;
	u64 fgt[EL2_NR_FGT];
	u64 fgt2[EL2_NR_FGT2];
	u64 mpam2_el2;
	u64 vdisr_el2;
	u64 vsesr_el2;
};

/**
 * struct el2_host_own - what the host has in registers that it can write itself
 * @cntv_ctl_el0: CNTV_CTL_EL0
 * @cntv_cval_el0: CNTV_CVAL_EL0, if the timer is on
 * @pmuserenr_el0: PMUSERENR_EL0, if there is a PMU
 * @pmscr_el1: PMSCR_EL1, if FEAT_SPE; 0 stops profiling
 * @trfcr_el1: TRFCR_EL1, if FEAT_TRF; 0 stops tracing
 * @tpidr2_el0: TPIDR2_EL0, if FEAT_SME
 */
struct el2_host_own {
	u64 cntv_ctl_el0;
	u64 cntv_cval_el0;
	u64 pmuserenr_el0;
	u64 pmscr_el1;
	u64 trfcr_el1;
	u64 tpidr2_el0;
};

/**
 * struct el2_panic - an exception that the runtime took from itself
 * @count: how many there were on this CPU
 * @busy: nonzero while one is being handled
 * @esr_el2: syndrome of the last one
 * @elr_el2: where it happened, a physical address in the image
 * @far_el2: FAR_EL2
 * @spsr_el2: SPSR_EL2
 */
struct el2_panic {
	u64 count;
	u64 busy;
	u64 esr_el2;
	u64 elr_el2;
	u64 far_el2;
	u64 spsr_el2;
};

#define EL2_HOST_REGS	13	/* X18 to X30 */

/**
 * enum el2_spsr - do the SPSRs of AArch32 modes work as EL2 sees them?
 * @EL2_SPSR_UNKNOWN: no guest has needed them yet
 * @EL2_SPSR_WORKS: they do
 * @EL2_SPSR_APART: the current mode's is kept apart, see aarch32.c
 */
enum el2_spsr {
	EL2_SPSR_UNKNOWN,
	EL2_SPSR_WORKS,
	EL2_SPSR_APART,
};

/**
 * enum el2_predictors - what an exit does first, before any branch that the guest could
 * have trained
 * @EL2_PREDICTORS_KEEP: nothing
 * @EL2_PREDICTORS_LOOP: as many branches as the history is long
 * @EL2_PREDICTORS_CLRBHB: CLRBHB (FEAT_CLRBHB)
 * @EL2_PREDICTORS_FIRMWARE: a call of the firmware's
 *
 * Each has a table of vectors of its own, in this order.
 */
enum el2_predictors {
	EL2_PREDICTORS_KEEP,
	EL2_PREDICTORS_LOOP,
	EL2_PREDICTORS_CLRBHB,
	EL2_PREDICTORS_FIRMWARE,
};

/**
 * struct el2_cpu - one CPU's runtime
 * @features: EL2_CPU_* bits
 * @optional: of EL2_CPU_OPTIONAL, where a guest's values are not the host's
 * @vcpu: physical address of the &struct el2_vcpu whose state is loaded, or 0
 * @guest_vectors: VBAR_EL2 while a guest runs: the table that @predictors asks for
 * @host_regs: the host's X18 to X30 while a hypercall is served
 * @host_elr_el2: where that hypercall returns to
 * @host_spsr_el2: and with what PSTATE
 * @host: the host's EL1&0 registers while a guest runs
 * @nr_lrs: list registers; 0 if there are none
 * @nr_aprs: registers of active priorities of each group
 * @spsr: &enum el2_spsr
 * @lent: EL2_LENT_* bits: of these registers the CPU has those of the vCPU, and the host's
 *	are in @fpsimd and @debug
 * @last_breakpoint: the number of breakpoints, less one
 * @last_watchpoint: of watchpoints likewise
 * @host_controls: the host's, as they were found: only EL2 writes them
 * @guest_controls: a guest's, but for what is each vCPU's own
 * @host_own: of the host, while a guest runs
 * @fpsimd: its FP/SIMD registers likewise, if they are lent
 * @debug: its breakpoints and watchpoints, if they are
 * @hcr_set: bits of HCR_EL2 that every guest has set on this CPU
 * @predictors: &enum el2_predictors
 * @predictors_argument: how many branches, or which function of the firmware's
 * @found: what EL2 gets back
 * @panic: see &struct el2_panic
 * @stack: grows down from its end
 *
 * Linear-map memory, physically contiguous.  The host only writes it while the
 * runtime is not installed on this CPU.
 */
struct el2_cpu {
	u64 features;
	u64 optional;
	u64 vcpu;
	u64 guest_vectors;
	u64 host_regs[EL2_HOST_REGS];
	u64 host_elr_el2;
	u64 host_spsr_el2;
	struct el2_context host;
	u64 nr_lrs;
	u64 nr_aprs;
	u64 spsr;
	u64 lent;
	u64 last_breakpoint;
	u64 last_watchpoint;
	struct el2_controls host_controls;
	struct el2_controls guest_controls;
	struct el2_host_own host_own;
	struct el2_fpsimd fpsimd;
	struct el2_debug debug;
	u64 hcr_set;
	u64 predictors;
	u64 predictors_argument;
	struct el2_found found;
	struct el2_panic panic;
	u8 stack[EL2_STACK_SIZE] __aligned(16);
};

#endif /* __ASSEMBLY__ */
#endif /* SETWAY_EL2_CPU_H */
