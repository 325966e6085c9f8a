/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug registers, as guest code uses them and as the KVM API names them.
 */
#ifndef SELFTESTS_LIB_DEBUG_H
#define SELFTESTS_LIB_DEBUG_H

#include "guest.h"

/* MDSCR_EL1, ARM DDI 0487J.a, D19.3.20 */
#define MDSCR_SS		BIT(0)
#define MDSCR_KDE		BIT(13)
#define MDSCR_MDE		BIT(15)

/* OSLSR_EL1, D19.3.24: the lock is there; it is locked */
#define OSLSR_OSLM		BIT(3)
#define OSLSR_OSLK		BIT(1)

/* DBGBCR: enabled, at EL1 and EL0, all four bytes of an instruction; D19.3.2 */
#define DBGBCR_ON		0x1e7ULL
/* DBGWCR: enabled, at EL1 and EL0, loads and stores, all eight bytes; D19.3.9 */
#define DBGWCR_ON		0x1fffULL
#define DBGWCR_STORES		0x1ff7ULL

/* ID_AA64DFR0_EL1, D19.2.59: how many, less one */
#define DFR0_BRPS(dfr0)		((dfr0) >> 12 & 0xf)
#define DFR0_WRPS(dfr0)		((dfr0) >> 20 & 0xf)
#define DFR0_VERSION(dfr0)	((dfr0) & 0xf)

/* ESR_ELx.EC, D19.2.37: from a lower EL; with 1 added, from the same */
#define ESR_EC_BREAKPOINT	0x30
#define ESR_EC_STEP		0x32
#define ESR_EC_WATCHPOINT	0x34
#define ESR_EC_BKPT32		0x38
#define ESR_EC_BRK		0x3c
#define ESR_EC_SVC		0x15
#define ESR_EC_SAME		1

#define PSTATE_SS		BIT(21)

/* Registers that there are 16 of in the API, whatever the CPU has */
#define REG_DBGBVR(n)		ARM64_SYS_REG(2, 0, 0, n, 4)
#define REG_DBGBCR(n)		ARM64_SYS_REG(2, 0, 0, n, 5)
#define REG_DBGWVR(n)		ARM64_SYS_REG(2, 0, 0, n, 6)
#define REG_DBGWCR(n)		ARM64_SYS_REG(2, 0, 0, n, 7)
#define REG_DEBUG_EACH		16
#define REG_MDCCINT_EL1		ARM64_SYS_REG(2, 0, 0, 2, 0)
#define REG_OSLSR_EL1		ARM64_SYS_REG(2, 0, 1, 1, 4)
#define REG_DBGVCR32_EL2	ARM64_SYS_REG(2, 4, 0, 7, 0)
#define REG_ID_AA64DFR0_EL1	ARM64_SYS_REG(3, 0, 0, 5, 0)

/** DEBUG_SET() - write to a debug register, here to be named without its number */
#define DEBUG_SET(name, n, value) ({					\
	asm volatile("msr " name #n "_el1, %0\n\tisb"			\
		     : : "r" ((u64)(value)) : "memory");		\
})

/** debug_mdscr() - write MDSCR_EL1 */
static inline void debug_mdscr(u64 value)
{
	asm volatile("msr mdscr_el1, %0\n\tisb" : : "r" (value) : "memory");
}

/** debug_unmask() - let debug exceptions from EL1 come */
static inline void debug_unmask(void)
{
	asm volatile("msr daifclr, #8\n\tisb" : : : "memory");
}

/** debug_mask() - keep them away */
static inline void debug_mask(void)
{
	asm volatile("msr daifset, #8\n\tisb" : : : "memory");
}

#endif /* SELFTESTS_LIB_DEBUG_H */
