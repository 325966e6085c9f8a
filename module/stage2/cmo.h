/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions that maintain caches, and the barriers that go with them.
 * selftests/model replaces this file, and no other of the directory: there,
 * each of these functions acts on a model of caches.
 *
 * The line sizes and policies come from the kernel's sanitised copy of CTR_EL0,
 * which is right for each CPU of a system, even if they differ.
 */
#ifndef SETWAY_STAGE2_CMO_H
#define SETWAY_STAGE2_CMO_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

/* CTR_EL0, the least of what all CPUs promise: the kernel lets no CPU change that. */
extern u64 cmo_ctr;

/**
 * cmo_init() - read CTR_EL0
 *
 * Before anything here is used.  To have the kernel find it each time takes as long as
 * to clean 30 lines.
 */
static inline void cmo_init(void)
{
	cmo_ctr = read_sanitised_ftr_reg(SYS_CTR_EL0);
}

/**
 * cache_ctr() - CTR_EL0
 */
static inline u64 cache_ctr(void)
{
	return cmo_ctr;
}

/**
 * cache_clean_inval_line() - clean and invalidate one data cache line to the PoC
 * @addr: in the line
 */
static inline void cache_clean_inval_line(unsigned long addr)
{
	asm volatile("dc civac, %0" : : "r" (addr) : "memory");
}

/**
 * cache_inval_insn_line() - drop one line from the instruction caches, to the PoU
 * @addr: in the line
 */
static inline void cache_inval_insn_line(unsigned long addr)
{
	asm volatile("ic ivau, %0" : : "r" (addr) : "memory");
}

/**
 * cache_inval_insn_all() - empty the instruction caches of all CPUs
 */
static inline void cache_inval_insn_all(void)
{
	asm volatile("ic ialluis" : : : "memory");
}

/**
 * cache_sync() - wait until maintenance by this CPU is complete everywhere
 *
 * DSB SY, as cleaning to the PoC is meant for observers outside the Inner
 * Shareable domain as well (ARM DDI 0487J.a, D7.5.9).
 */
static inline void cache_sync(void)
{
	dsb(sy);
}

/**
 * cache_publish_entries() - let table walks see what was written to the tables
 *
 * Pairs with the hardware walk that follows the return from the fault.
 */
static inline void cache_publish_entries(void)
{
	dsb(ishst);
}

#endif /* SETWAY_STAGE2_CMO_H */
