/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of the file el1.  No include guard: whoever includes it defines
 * EL1_REGISTER() anew.
 */
EL1_REGISTER(actlr_el1)
EL1_REGISTER(tcr_el1)
EL1_REGISTER(mair_el1)
EL1_REGISTER(amair_el1)
EL1_REGISTER(vbar_el1)
EL1_REGISTER(tpidr_el1)
EL1_REGISTER(cntkctl_el1)
EL1_REGISTER(cntv_ctl_el0)
EL1_REGISTER(mdscr_el1)
EL1_REGISTER(dbgbvr0_el1)
EL1_REGISTER(dbgbcr0_el1)
EL1_REGISTER(dbgbvr1_el1)
EL1_REGISTER(dbgbcr1_el1)
EL1_REGISTER(dbgwvr0_el1)
EL1_REGISTER(dbgwcr0_el1)
EL1_REGISTER(dbgwvr1_el1)
EL1_REGISTER(dbgwcr1_el1)
EL1_REGISTER(pmuserenr_el0)
EL1_REGISTER(midr_el1)
EL1_REGISTER(mpidr_el1)
EL1_REGISTER(clidr_el1)
EL1_REGISTER(ctr_el0)
EL1_REGISTER(dczid_el0)
EL1_REGISTER(id_aa64pfr0_el1)
EL1_REGISTER(id_aa64dfr0_el1)
EL1_REGISTER(id_aa64mmfr1_el1)
EL1_REGISTER(id_aa64mmfr2_el1)
#undef EL1_REGISTER
