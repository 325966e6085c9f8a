/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL1 and EL0 registers that a world switch saves and loads with plain MRS and MSR:
 * name in the context, register.  CNTKCTL_EL1, SCTLR_EL1, TCR_EL1, PAR_EL1 and
 * MDSCR_EL1 are in the context as well, but are switched apart (see switch.c).
 *
 * EL2_SYSREGS_GUEST() has those of which only the guest's are kept, as of PAR_EL1.  They say
 * what the last exception was: the host has read them before it unmasks anything, and it
 * enters guests from a system call, with everything masked.
 *
 * There are two registers in a row, so that one instruction can store or load them both.
 *
 * There is no include guard: each includer defines EL2_SYSREGS() anew, and
 * EL2_SYSREGS_GUEST() if it is not the same.
 */
#ifndef EL2_SYSREGS_GUEST
#define EL2_SYSREGS_GUEST EL2_SYSREGS
#endif
EL2_SYSREGS(TPIDR_EL0,		tpidr_el0,	TPIDRRO_EL0,	tpidrro_el0)
EL2_SYSREGS(TPIDR_EL1,		tpidr_el1,	SP_EL0,		sp_el0)
EL2_SYSREGS(SP_EL1,		sp_el1,		CPACR_EL1,	cpacr_el1)
EL2_SYSREGS(TTBR0_EL1,		ttbr0_el1,	TTBR1_EL1,	ttbr1_el1)
EL2_SYSREGS(MAIR_EL1,		mair_el1,	AMAIR_EL1,	amair_el1)
EL2_SYSREGS(VBAR_EL1,		vbar_el1,	CONTEXTIDR_EL1,	contextidr_el1)
EL2_SYSREGS_GUEST(ELR_EL1,	elr_el1,	SPSR_EL1,	spsr_el1)
EL2_SYSREGS_GUEST(ESR_EL1,	esr_el1,	FAR_EL1,	far_el1)
EL2_SYSREGS_GUEST(AFSR0_EL1,	afsr0_el1,	AFSR1_EL1,	afsr1_el1)
#undef EL2_SYSREGS_GUEST
#undef EL2_SYSREGS
