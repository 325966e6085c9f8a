/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the tables with the lock held: what the files of this directory share.
 */
#ifndef SETWAY_STAGE2_TABLE_H
#define SETWAY_STAGE2_TABLE_H

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "pte.h"
#include "stage2.h"
#include "walk.h"

/* Most 4 KiB pages cleaned under one hold of the lock; selftests/model varies it. */
#ifndef STAGE2_CHUNK
#define STAGE2_CHUNK		64
#endif

/* Most 4 KiB pages taken back under one, give or take a table; 1 in selftests/model. */
#ifndef STAGE2_HARVEST_CHUNK
#define STAGE2_HARVEST_CHUNK	512
#endif

/* Entries that are looked at together, where few have something: a cache line of them. */
#define STAGE2_LOOK		8

/**
 * stage2_may_look() - does a look at several entries begin here?
 * @ptep: entry
 */
static inline bool stage2_may_look(const s2pte_t *ptep)
{
	return IS_ALIGNED((unsigned long)ptep, STAGE2_LOOK * sizeof(*ptep));
}

/**
 * stage2_look() - do any of STAGE2_LOOK entries have any of these bits?
 * @ptep: the first one
 * @bits: the bits
 */
static inline u64 stage2_look(const s2pte_t *ptep, u64 bits)
{
	return (stage2_pair(&ptep[0]) | stage2_pair(&ptep[2]) |
		stage2_pair(&ptep[4]) | stage2_pair(&ptep[6])) & bits;
}

/**
 * stage2_skip() - how many entries from here on have none of these bits?
 * @ptep: the first one
 * @nr: no more than these
 * @bits: the bits
 */
static inline unsigned int stage2_skip(const s2pte_t *ptep, unsigned int nr, u64 bits)
{
	const s2pte_t *at = ptep, *end = ptep + nr;

	while (at < end) {
		if (stage2_may_look(at) && !stage2_look(at, bits)) {
			at += STAGE2_LOOK;
			continue;
		}
		if (READ_ONCE(*at) & bits)
			break;
		at++;
	}
	return min_t(size_t, at - ptep, nr);
}

/**
 * stage2_root_skip() - where is the next group of the root that has something?
 * @s2: tables
 * @groups: what &struct stage2.root_groups was
 * @ipa: where to look from
 *
 * Return: @ipa, the start of a group behind it, or the end of the IPA space.
 */
static inline u64 stage2_root_skip(const struct stage2 *s2, u64 groups, u64 ipa)
{
	unsigned int shift = s2->root_group_shift;

	if (ipa >= stage2_limit(s2))
		return ipa;
	groups >>= ipa >> shift;
	if (groups & 1)
		return ipa;
	return groups ? ((ipa >> shift) + __ffs(groups)) << shift : stage2_limit(s2);
}

/**
 * stage2_root_group_end() - where the range of a group of the root's entries ends
 * @s2: tables
 * @ipa: in the range
 */
static inline u64 stage2_root_group_end(const struct stage2 *s2, u64 ipa)
{
	unsigned int shift = s2->root_group_shift;

	return ((ipa >> shift) + 1) << shift;
}

/**
 * s2pte_take() - take back what says that an entry is accessed, and note that it was
 * @s2: locked; owes a flush from here on if the entry had one of the bits
 * @ptep: not empty
 * @clear: bits to clear: bit[0], or the access flag
 * @mark: further bits to set
 *
 * The CPU may set the access flag up to the moment that the entry changes.  For
 * &stage2.crosscheck it goes whatever @clear says.
 *
 * Return: the entry as it is now, PENDING if it was accessed.
 */
static inline s2pte_t s2pte_take(struct stage2 *s2, s2pte_t *ptep, u64 clear, u64 mark)
{
	u64 witness = s2->crosscheck ? STAGE2_PTE_AF | STAGE2_PTE_WITNESS : 0;
	u64 accessed = stage2_accessed_bits(s2);
	s2pte_t old = READ_ONCE(*ptep), new;

	do {
		new = (old & ~(clear | witness)) | mark;
		if (!(accessed & ~old))
			new |= STAGE2_PTE_PENDING;
	} while (!stage2_swap(ptep, &old, new));

	if (old & clear)
		s2->flush_owed = true;
	return new;
}

/**
 * s2pte_retire() - take an entry away from table walks, and note that it was used
 * @s2: locked; owes a flush from here on if the entry had bit[0]
 * @ptep: not empty
 * @mark: further bits to set
 *
 * An entry that was accessed becomes PENDING in the same step.  Fully ordered: one side
 * retires a table entry and then reads those below it, the other sets bit[0] bottom-up,
 * and at least one of them sees what the other did.
 *
 * Return: the entry as it is now.
 */
static inline s2pte_t s2pte_retire(struct stage2 *s2, s2pte_t *ptep, u64 mark)
{
	return s2pte_take(s2, ptep, STAGE2_PTE_VALID, mark);
}

/**
 * __crosscheck_begin() - a harvest is about to begin
 * @s2: locked; the lock is dropped now and then
 *
 * This one and the next do nothing without &stage2.crosscheck.
 */
void __crosscheck_begin(struct stage2 *s2);

/**
 * __crosscheck_end() - a harvest has ended: report what it missed
 * @s2: locked; the lock is dropped now and then
 */
void __crosscheck_end(struct stage2 *s2);

/**
 * __stage2_flush_owed() - flush the TLBs, if that is owed
 * @s2: locked
 *
 * From here on no CPU uses an entry that has no bit[0], and what CPUs did with
 * such an entry before is complete.
 */
static inline void __stage2_flush_owed(struct stage2 *s2)
{
	lockdep_assert_held(&s2->lock);
	if (!s2->flush_owed)
		return;
	s2->ops->flush(s2);
	s2->flush_owed = false;
}

/**
 * __stage2_relax() - let others have the lock, and the CPU
 * @s2: locked; all that was read from the tables is void afterwards
 */
static inline void __stage2_relax(struct stage2 *s2)
{
	spin_unlock(&s2->lock);
	cond_resched();
	spin_lock(&s2->lock);
}

/**
 * stage2_table_alloc() - a zeroed table page
 *
 * Context: may sleep.  Return: kernel address, or NULL.
 */
void *stage2_table_alloc(void);

/**
 * stage2_table_free() - free a table page
 * @table: no walk can be in it any more
 */
void stage2_table_free(void *table);

/**
 * __stage2_table_link() - take a table from a pool and hang it into an empty entry
 * @s2: locked
 * @ptep: empty
 * @pool: not empty
 *
 * The table's entry is idle.  Return: the table.
 */
s2pte_t *__stage2_table_link(struct stage2 *s2, s2pte_t *ptep, struct stage2_pool *pool);

/**
 * __stage2_split() - replace a block by a table of smaller leaves that map the same
 * @s2: locked
 * @ptep: block, not DYING
 * @level: of the block
 * @pool: table pages
 *
 * The leaves, and the table's entry, inherit the block's state.
 *
 * Return: 0, or -ENOMEM when the pool is empty.
 */
int __stage2_split(struct stage2 *s2, s2pte_t *ptep, unsigned int level,
		   struct stage2_pool *pool);

/**
 * __stage2_remove() - stage2_unmap() for a caller that has the lock
 * @s2: locked; the lock is dropped now and then
 * @ipa: start, inside the IPA space
 * @size: bytes
 */
void __stage2_remove(struct stage2 *s2, u64 ipa, u64 size);

#endif /* SETWAY_STAGE2_TABLE_H */
