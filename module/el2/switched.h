/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL1 and EL0 registers that a world switch saves and loads, in both
 * directions, with plain MRS and MSR: name in the context, register.
 * SCTLR_EL1, TCR_EL1, PAR_EL1 and MDSCR_EL1 are in the context as well, but are
 * switched apart (see switch.c).
 *
 * There is no include guard: each includer defines EL2_SYSREG() anew.
 */
EL2_SYSREG(TPIDR_EL0,		tpidr_el0)
EL2_SYSREG(TPIDRRO_EL0,		tpidrro_el0)
EL2_SYSREG(TPIDR_EL1,		tpidr_el1)
EL2_SYSREG(SP_EL0,		sp_el0)
EL2_SYSREG(SP_EL1,		sp_el1)
EL2_SYSREG(ELR_EL1,		elr_el1)
EL2_SYSREG(SPSR_EL1,		spsr_el1)
EL2_SYSREG(CPACR_EL1,		cpacr_el1)
EL2_SYSREG(TTBR0_EL1,		ttbr0_el1)
EL2_SYSREG(TTBR1_EL1,		ttbr1_el1)
EL2_SYSREG(ESR_EL1,		esr_el1)
EL2_SYSREG(AFSR0_EL1,		afsr0_el1)
EL2_SYSREG(AFSR1_EL1,		afsr1_el1)
EL2_SYSREG(FAR_EL1,		far_el1)
EL2_SYSREG(MAIR_EL1,		mair_el1)
EL2_SYSREG(AMAIR_EL1,		amair_el1)
EL2_SYSREG(VBAR_EL1,		vbar_el1)
EL2_SYSREG(CONTEXTIDR_EL1,	contextidr_el1)
EL2_SYSREG(CNTKCTL_EL1,		cntkctl_el1)
#undef EL2_SYSREG
