/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of the stage-2 tables, and how one changes.
 *
 * tracker_revalidate() sets bit[0] without a lock, so that every other change
 * to an entry that is not empty is an atomic one too, even under the lock.
 */
#ifndef SETWAY_STAGE2_PTE_H
#define SETWAY_STAGE2_PTE_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "memory.h"

/**
 * typedef s2pte_t - a stage-2 entry: of a table, a block or a page, or 0
 */
typedef u64 s2pte_t;

/* Stage-2 descriptors, 4 KiB granule (ARM DDI 0487J.a, D8.3.1 and D8.3.2). */
#define STAGE2_PTE_VALID	BIT_ULL(0)	/* accessed */
#define STAGE2_PTE_TABLE	BIT_ULL(1)	/* a table above level 3, a page at level 3 */
#define STAGE2_PTE_MEMATTR	GENMASK_ULL(5, 2)
#define STAGE2_PTE_S2AP_R	BIT_ULL(6)
#define STAGE2_PTE_S2AP_W	BIT_ULL(7)
#define STAGE2_PTE_SH		GENMASK_ULL(9, 8)
#define STAGE2_PTE_AF		BIT_ULL(10)
#define STAGE2_PTE_ADDR		GENMASK_ULL(47, 12)

/* Bits 58:55 are software's, in leaves and, as ignored bits, in table entries. */
#define STAGE2_PTE_WITNESS	BIT_ULL(55)	/* leaf that the flag says was used: crosscheck.c */
#define STAGE2_PTE_PENDING	BIT_ULL(56)	/* harvested, to be cleaned; in a table: below */
#define STAGE2_PTE_STALE	BIT_ULL(57)	/* leaf never cleaned to the PoC for this guest */
#define STAGE2_PTE_DYING	BIT_ULL(58)	/* leaf that stage2_unmap() is about to empty */

/*
 * In the entry of a table of pages, bits that hardware ignores as well: the eighths of the
 * table that may have leaves with bit[0] or PENDING, a bit for each 64 pages.
 */
#define STAGE2_PTE_GROUPS	GENMASK_ULL(9, 2)
#define STAGE2_GROUP_PTRS	64

#define STAGE2_MEMATTR_NORMAL_WB	0xfULL	/* Normal, Inner and Outer Write-Back */
/* With HCR_EL2.FWB: the same, whatever stage 1 says (ARM DDI 0487J.a, D8.5.5). */
#define STAGE2_MEMATTR_FORCED_WB	0x6ULL
#define STAGE2_SH_INNER			0x3ULL

#define STAGE2_LEVEL_LEAST	3	/* level of 4 KiB pages */
#define STAGE2_LEVEL_BLOCK	1	/* highest level with blocks: 1 GiB */

/**
 * s2pte_is_table() - does a table hang here?
 * @pte: entry
 * @level: its level
 */
static inline bool s2pte_is_table(s2pte_t pte, unsigned int level)
{
	return level < STAGE2_LEVEL_LEAST && (pte & STAGE2_PTE_TABLE);
}

/**
 * s2pte_pa() - output address
 * @pte: leaf or table entry
 */
static inline u64 s2pte_pa(s2pte_t pte)
{
	return pte & STAGE2_PTE_ADDR;
}

/**
 * s2pte_to_virt() - address of the table or of the memory behind an entry
 * @pte: leaf or table entry
 */
static inline void *s2pte_to_virt(s2pte_t pte)
{
	return stage2_memory(s2pte_pa(pte));
}

/**
 * s2pte_update() - clear and set bits of an entry that others may change too
 * @ptep: not empty
 * @clear: bits to clear
 * @set: bits to set
 *
 * Fully ordered.  Return: the entry as it was just before.
 */
static inline s2pte_t s2pte_update(s2pte_t *ptep, u64 clear, u64 set)
{
	s2pte_t old = READ_ONCE(*ptep);

	while (!stage2_swap(ptep, &old, (old & ~clear) | set))
		;
	return old;
}

#endif /* SETWAY_STAGE2_PTE_H */
