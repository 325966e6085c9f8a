/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What EL2 works on: a vCPU's registers, and how the last run ended.  The switch and
 * the kernel's side share it, whichever way the switch is made.  It is in linear-map
 * memory.
 */
#ifndef SETWAY_EL2_CONTEXT_H
#define SETWAY_EL2_CONTEXT_H

#include <linux/types.h>

/*
 * Index into struct el2_context.sysregs: EL2_REG_<name> for each row of
 * switched.h, then those that are switched apart.  (kernel-doc cannot read it.)
 */
enum el2_sysreg {
#define EL2_SYSREGS(name1, reg1, name2, reg2) EL2_REG_##name1, EL2_REG_##name2,
#include "switched.h"
	EL2_REG_SCTLR_EL1,
	EL2_REG_TCR_EL1,
	EL2_REG_PAR_EL1,
	EL2_REG_CNTKCTL_EL1,
	EL2_REG_MDSCR_EL1,
	EL2_NR_SYSREGS
};

/**
 * struct el2_context - one world's EL1&0 registers
 * @sysregs: values, indexed by &enum el2_sysreg
 */
struct el2_context {
	u64 sysregs[EL2_NR_SYSREGS];
};

/**
 * enum el2_exit - why EL2_HVC_RUN came back
 * @EL2_EXIT_SYNC: synchronous exception from the guest; esr, far, hpfar are valid
 * @EL2_EXIT_IRQ: a physical interrupt (IRQ or FIQ) is pending, or was before the guest
 *	was entered at all, as was an SError perhaps
 * @EL2_EXIT_SERROR: a physical SError was taken from the guest, or is the guest's and
 *	came after an exit, which then has not happened; esr is the SError's
 * @EL2_EXIT_ILLEGAL: the guest state to enter was illegal (SPSR_EL2.M refused)
 * @EL2_EXIT_RETRY: the fault's IPA could not be found (stage 1 changed); run again
 * @EL2_EXIT_PANIC: an exception at EL2 itself; see &struct el2_panic
 */
enum el2_exit {
	EL2_EXIT_SYNC,
	EL2_EXIT_IRQ,
	EL2_EXIT_SERROR,
	EL2_EXIT_ILLEGAL,
	EL2_EXIT_RETRY,
	EL2_EXIT_PANIC,
};

/**
 * struct el2_fpsimd - the FP/SIMD registers
 * @vregs: Q0 to Q31, low half first, 16-byte aligned
 * @fpsr: FPSR
 * @fpcr: FPCR
 */
struct el2_fpsimd {
	__uint128_t vregs[32];
	u64 fpsr;
	u64 fpcr;
};

#define EL2_VGIC_MAX_LRS	16
#define EL2_VGIC_MAX_APRS	4

/**
 * struct el2_vgic - a guest's GIC CPU interface
 * @enabled: the guest has a GIC; if not then nothing here is used, and its
 *	accesses to the CPU interface trap
 * @nr_lrs: list registers in use
 * @ich_hcr_el2: ICH_HCR_EL2 while the guest runs, and as it was at the exit
 * @ich_vmcr_el2: ICH_VMCR_EL2
 * @ich_ap0r_el2: ICH_AP0Rn_EL2, as many as the CPU has
 * @ich_ap1r_el2: ICH_AP1Rn_EL2
 * @ich_lr_el2: ICH_LRn_EL2, the first @nr_lrs of them
 */
struct el2_vgic {
	u64 enabled;
	u64 nr_lrs;
	u64 ich_hcr_el2;
	u64 ich_vmcr_el2;
	u64 ich_ap0r_el2[EL2_VGIC_MAX_APRS];
	u64 ich_ap1r_el2[EL2_VGIC_MAX_APRS];
	u64 ich_lr_el2[EL2_VGIC_MAX_LRS];
};

/**
 * enum el2_spsr_mode - index into &struct el2_aarch32.spsr, in the API's order
 * @EL2_SPSR_ABT: SPSR_abt
 * @EL2_SPSR_UND: SPSR_und
 * @EL2_SPSR_IRQ: SPSR_irq
 * @EL2_SPSR_FIQ: SPSR_fiq
 * @EL2_NR_SPSR_AARCH32: their number
 */
enum el2_spsr_mode {
	EL2_SPSR_ABT,
	EL2_SPSR_UND,
	EL2_SPSR_IRQ,
	EL2_SPSR_FIQ,
	EL2_NR_SPSR_AARCH32,
};

/**
 * struct el2_aarch32 - registers that only a guest with EL1 in AArch32 has
 * @spsr: by &enum el2_spsr_mode; SPSR_svc is SPSR_EL1
 * @dacr32_el2: DACR
 * @ifsr32_el2: IFSR
 * @fpexc32_el2: FPEXC
 *
 * The others are the AArch64 registers that they are mapped to (ARM DDI
 * 0487J.a, D1.21.1): the banked R8 to R14 are in X8 to X30.
 */
struct el2_aarch32 {
	u64 spsr[EL2_NR_SPSR_AARCH32];
	u64 dacr32_el2;
	u64 ifsr32_el2;
	u64 fpexc32_el2;
};

#define EL2_NR_DEBUG		16	/* the most that a CPU can have of each */

/**
 * struct el2_debug - breakpoints and watchpoints
 * @bvr: DBGBVRn_EL1, or DBGBVRn with DBGBXVRn above it
 * @bcr: DBGBCRn_EL1
 * @wvr: DBGWVRn_EL1
 * @wcr: DBGWCRn_EL1
 * @dbgvcr32_el2: DBGVCR, which only a 32-bit guest has
 */
struct el2_debug {
	u64 bvr[EL2_NR_DEBUG];
	u64 bcr[EL2_NR_DEBUG];
	u64 wvr[EL2_NR_DEBUG];
	u64 wcr[EL2_NR_DEBUG];
	u64 dbgvcr32_el2;
};

/*
 * Exits that EL2 may answer without the host: struct el2_answers.may.
 *
 *   ID      reads of registers that identify caches and CPU, and CSSELR_EL1
 *   FAULT   faults on idle pages
 *   ACK     accesses to the GIC's CPU interface that trap because of a timer's line
 *           (vgic/lr.c), as long as the line is high
 */
#define EL2_ANSWER_ID_BIT	0
#define EL2_ANSWER_ID		BIT(EL2_ANSWER_ID_BIT)
#define EL2_ANSWER_FAULT	BIT(1)
#define EL2_ANSWER_ACK		BIT(2)

/* CCSIDR_EL1, by bit 0 of CSSELR_EL1: a data cache, an instruction cache. */
#define EL2_NR_CCSIDR		2

/* Op0 3, op1 0, CRn 0: CRm 1 to 7, with 8 registers each. */
#define EL2_ID_CRM_FIRST	1
#define EL2_ID_CRM_LAST		7
#define EL2_ID_CRM_SIZE		8
#define EL2_NR_IDS		((EL2_ID_CRM_LAST - EL2_ID_CRM_FIRST + 1) * EL2_ID_CRM_SIZE)

/**
 * struct el2_answers - what EL2 answers itself, and with what
 * @may: EL2_ANSWER_* bits, set by the host at each entry
 * @cached: the vCPU had its caches on when the host last looked; if it has switched
 *	them since, its fault is the host's
 * @refused: EL2 has looked at the fault of the exit, and cannot answer it
 * @stage2: physical address of the VM's &struct stage2
 * @csselr: CSSELR_EL1, which is emulated
 * @clidr: CLIDR_EL1
 * @ccsidr: CCSIDR_EL1 of each kind of cache
 * @ids: ID registers, by CRm and op2
 * @nr_ids: how many accesses EL2 has answered since the host looked
 * @nr_faults: how many faults
 * @nr_fpsimd: how many first uses of the FP/SIMD registers in a stay
 */
struct el2_answers {
	u64 may;
	u64 cached;
	u64 refused;
	u64 stage2;
	u64 csselr;
	u64 clidr;
	u64 ccsidr[EL2_NR_CCSIDR];
	u64 ids[EL2_NR_IDS];
	u64 nr_ids;
	u64 nr_faults;
	u64 nr_fpsimd;
};

/**
 * struct el2_ctr - how nvhe/entry.S answers a read of CTR_EL0, or of CTR in a 32-bit guest
 * @esr: the syndrome of such a read, with a condition that has been passed, into X0
 * @it: bits of PSTATE of which one is set in an IT block: 0 in a 64-bit guest
 * @value: what is read
 */
struct el2_ctr {
	u64 esr;
	u64 it;
	u64 value;
};

/**
 * struct el2_vcpu - all that EL2 needs to run a vCPU, and what it reports back
 * @regs: X0 to X30
 * @pc: guest's ELR_EL2
 * @pstate: guest's SPSR_EL2
 * @ctr: the most frequent answer, if EL2_ANSWER_ID allows it
 * @context: guest's EL1&0 system registers
 * @fpsimd: guest's FP/SIMD registers
 * @aarch32: more of them, switched when HCR_EL2.RW is clear
 * @requests: what the kernel has to do before the guest may run, a bit each (kick.h);
 *	set by any CPU at any time, and followed by an interrupt: not 0 means that the
 *	guest must not be entered, nor entered again
 * @hcr_el2: HCR_EL2 while the guest runs, read at each entry; the runtime sets
 *	and clears what isolation rests on.  Its VSE bit is cleared at exit when
 *	the guest has taken the virtual SError.
 * @vttbr_el2: VTTBR_EL2, read at each entry
 * @vtcr_el2: VTCR_EL2
 * @vmpidr_el2: what the guest reads as MPIDR_EL1
 * @vpidr_el2: what the guest reads as MIDR_EL1
 * @cntvoff_el2: CNTVOFF_EL2 while the guest runs
 * @cntpct_traps: nonzero: the guest cannot read the physical counter itself
 * @cntv_ctl_el0: guest's virtual timer control, live only while it runs
 * @cntv_cval_el0: guest's virtual timer compare value
 * @vsesr_el2: syndrome that a virtual SError brings to the guest (FEAT_RAS)
 * @vdisr_el2: what the guest has in its DISR_EL1 (FEAT_RAS)
 * @debug: physical address of the &struct el2_debug that is loaded if MDSCR_EL1 of
 *	@context has MDE; without it no breakpoint can fire, and the host's stay
 * @mdcr_el2: bits of MDCR_EL2 that are set besides if that is so: TDE, or none
 * @vgic: guest's GIC CPU interface
 * @answers: what the host need not be asked
 * @exit_code: &enum el2_exit of the last run
 * @esr_el2: syndrome of the last exit
 * @far_el2: faulting VA of the last exit
 * @hpfar_el2: faulting IPA as HPFAR_EL2 has it (FIPA in bits 43:4 means IPA[51:12])
 *
 * Allocated in linear-map memory, physically contiguous, owned by one vCPU
 * thread at a time.  MDSCR_EL1 of @context is not what the guest reads but what takes
 * effect, which the host has chosen (trap/debug.c).  A guest cannot write the register.
 * Only of a 32-bit guest is it saved at an exit: the CPU writes DBGDSCRext.MOE.
 */
struct el2_vcpu {
	u64 regs[31];
	u64 pc;
	u64 pstate;
	struct el2_ctr ctr;
	struct el2_context context;
	struct el2_fpsimd fpsimd;
	struct el2_aarch32 aarch32;

	unsigned long requests;
	u64 hcr_el2;
	u64 vttbr_el2;
	u64 vtcr_el2;
	u64 vmpidr_el2;
	u64 vpidr_el2;
	u64 cntvoff_el2;
	u64 cntpct_traps;
	u64 cntv_ctl_el0;
	u64 cntv_cval_el0;
	u64 vsesr_el2;
	u64 vdisr_el2;
	u64 debug;
	u64 mdcr_el2;
	struct el2_vgic vgic;
	struct el2_answers answers;

	u64 exit_code;
	u64 esr_el2;
	u64 far_el2;
	u64 hpfar_el2;
};

#endif /* SETWAY_EL2_CONTEXT_H */
