/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this directory share: the geometry of the tables, entries
 * and how they change, and the walk from the root to a leaf.
 *
 * tracker_revalidate() sets bit[0] without a lock, so that every other change
 * to an entry that is not empty is an atomic one too, even under the lock.
 */
#ifndef SETWAY_STAGE2_WALK_H
#define SETWAY_STAGE2_WALK_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "stage2.h"

#define STAGE2_LEVEL_LEAST	3	/* level of 4 KiB pages */
#define STAGE2_LEVEL_BLOCK	1	/* highest level with blocks: 1 GiB */
#define STAGE2_PAGE_SHIFT	12
#define STAGE2_LEVEL_BITS	9

/* Most 4 KiB pages cleaned under one hold of the lock; selftests/model varies it. */
#ifndef STAGE2_CHUNK
#define STAGE2_CHUNK		64
#endif

/**
 * stage2_shift() - log2 of what an entry translates
 * @level: of the entry
 */
static inline unsigned int stage2_shift(unsigned int level)
{
	return STAGE2_PAGE_SHIFT + STAGE2_LEVEL_BITS * (STAGE2_LEVEL_LEAST - level);
}

/**
 * stage2_size() - bytes that an entry translates
 * @level: of the entry
 */
static inline u64 stage2_size(unsigned int level)
{
	return BIT_ULL(stage2_shift(level));
}

/**
 * stage2_base() - where the range of an entry starts
 * @ipa: in the range
 * @level: of the entry
 */
static inline u64 stage2_base(u64 ipa, unsigned int level)
{
	return ipa & ~(stage2_size(level) - 1);
}

/**
 * stage2_end() - where the range of an entry ends
 * @ipa: in the range
 * @level: of the entry
 */
static inline u64 stage2_end(u64 ipa, unsigned int level)
{
	return stage2_base(ipa, level) + stage2_size(level);
}

/**
 * stage2_limit() - end of the IPA space
 * @s2: tables
 */
static inline u64 stage2_limit(const struct stage2 *s2)
{
	return BIT_ULL(s2->ia_bits);
}

/**
 * stage2_table_end() - where the range of a table page, or of all of the root, ends
 * @s2: tables
 * @ipa: in the range
 * @level: of the entries in the table
 */
static inline u64 stage2_table_end(const struct stage2 *s2, u64 ipa, unsigned int level)
{
	if (level == s2->start_level)
		return stage2_limit(s2);
	return stage2_end(ipa, level - 1);
}

/**
 * stage2_slot() - the entry for an IPA
 * @s2: tables
 * @table: the whole root, if @level is that of the root
 * @ipa: inside the IPA space
 * @level: of the entries in @table
 */
static inline u64 *stage2_slot(const struct stage2 *s2, u64 *table, u64 ipa, unsigned int level)
{
	u64 index = ipa >> stage2_shift(level);

	if (level != s2->start_level)
		index &= STAGE2_PTRS - 1;
	return &table[index];
}

/**
 * s2pte_is_table() - does a table hang here?
 * @pte: entry
 * @level: its level
 */
static inline bool s2pte_is_table(u64 pte, unsigned int level)
{
	return level < STAGE2_LEVEL_LEAST && (pte & STAGE2_PTE_TABLE);
}

/**
 * s2pte_pa() - output address
 * @pte: leaf or table entry
 */
static inline u64 s2pte_pa(u64 pte)
{
	return pte & STAGE2_PTE_ADDR;
}

/**
 * s2pte_to_virt() - kernel address of the table or of the memory behind an entry
 * @pte: leaf or table entry
 */
static inline void *s2pte_to_virt(u64 pte)
{
	return phys_to_virt(s2pte_pa(pte));
}

/**
 * s2pte_needs_clean() - may the guest have used this since it was last cleaned?
 * @pte: leaf that has lost bit[0] and got PENDING for it, if it had it
 *
 * A STALE leaf never was valid; PENDING there comes from STAGE2_POLICY_FULL.
 */
static inline bool s2pte_needs_clean(u64 pte)
{
	return (pte & STAGE2_PTE_PENDING) && !(pte & STAGE2_PTE_STALE);
}

/**
 * s2pte_update() - clear and set bits of an entry that others may change too
 * @slot: not empty
 * @clear: bits to clear
 * @set: bits to set
 *
 * Fully ordered.  Return: the entry as it was just before.
 */
static inline u64 s2pte_update(u64 *slot, u64 clear, u64 set)
{
	u64 old = READ_ONCE(*slot);

	while (!try_cmpxchg(slot, &old, (old & ~clear) | set))
		;
	return old;
}

/**
 * s2pte_retire() - take an entry away from table walks, and note that it was used
 * @s2: locked; owes a flush from here on if the entry had bit[0]
 * @slot: not empty
 * @mark: further bits to set
 *
 * An entry that had bit[0] becomes PENDING in the same step.  Fully ordered:
 * whoever retires a table entry before reading those below it, and whoever
 * sets bit[0] bottom-up, cannot both miss what the other did.
 *
 * Return: the entry as it is now.
 */
static inline u64 s2pte_retire(struct stage2 *s2, u64 *slot, u64 mark)
{
	u64 old = READ_ONCE(*slot), new;

	do {
		new = (old & ~STAGE2_PTE_VALID) | mark;
		if (old & STAGE2_PTE_VALID)
			new |= STAGE2_PTE_PENDING;
	} while (!try_cmpxchg(slot, &old, new));

	if (old & STAGE2_PTE_VALID)
		s2->flush_owed = true;
	return new;
}

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
 * struct stage2_walk - the way from the root to an IPA
 * @level: where it ended, at a leaf or an empty entry
 * @slot: entry at each level from the root's to @level
 * @pte: what was read from it
 */
struct stage2_walk {
	unsigned int level;
	u64 *slot[STAGE2_LEVELS];
	u64 pte[STAGE2_LEVELS];
};

/**
 * stage2_walk_to() - walk from the root
 * @s2: locked, or the caller is one that &stage2_ops.sync_walkers waits for
 * @ipa: inside the IPA space
 * @last: level at which to end even if a table hangs there
 * @walk: filled in
 *
 * Return: the last entry read.
 */
static inline u64 stage2_walk_to(const struct stage2 *s2, u64 ipa, unsigned int last,
				 struct stage2_walk *walk)
{
	u64 *table = s2->root;
	unsigned int level = s2->start_level;
	u64 pte;

	for (;; level++) {
		walk->slot[level] = stage2_slot(s2, table, ipa, level);
		/* Address dependency from here to the entries of the next table. */
		pte = READ_ONCE(*walk->slot[level]);
		walk->pte[level] = pte;
		if (level == last || !s2pte_is_table(pte, level))
			break;
		table = s2pte_to_virt(pte);
	}
	walk->level = level;
	return pte;
}

/**
 * stage2_walk() - walk from the root to the leaf, or to where it is missing
 * @s2: as stage2_walk_to()
 * @ipa: inside the IPA space
 * @walk: filled in
 *
 * Return: the leaf, or 0.
 */
static inline u64 stage2_walk(const struct stage2 *s2, u64 ipa, struct stage2_walk *walk)
{
	return stage2_walk_to(s2, ipa, STAGE2_LEVEL_LEAST, walk);
}

/**
 * stage2_walk_reachable() - are all tables above where a walk ended accessed?
 * @s2: tables
 * @walk: the walk
 */
static inline bool stage2_walk_reachable(const struct stage2 *s2, const struct stage2_walk *walk)
{
	unsigned int level;

	for (level = s2->start_level; level < walk->level; level++)
		if (!(walk->pte[level] & STAGE2_PTE_VALID))
			return false;
	return true;
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
 * __stage2_table_link() - take a table from a cache and hang it into an empty entry
 * @s2: locked
 * @slot: empty
 * @cache: not empty
 *
 * The table's entry is idle.  Return: the table.
 */
u64 *__stage2_table_link(struct stage2 *s2, u64 *slot, struct stage2_cache *cache);

/**
 * __stage2_split() - replace a block by a table of smaller leaves that map the same
 * @s2: locked
 * @slot: block, not DYING
 * @level: of the block
 * @cache: table pages
 *
 * The leaves, and the table's entry, inherit the block's state.
 *
 * Return: 0, or -ENOMEM when the cache is empty.
 */
int __stage2_split(struct stage2 *s2, u64 *slot, unsigned int level, struct stage2_cache *cache);

/**
 * __stage2_remove() - stage2_unmap() for a caller that has the lock
 * @s2: locked; the lock is dropped now and then
 * @ipa: start, inside the IPA space
 * @size: bytes
 */
void __stage2_remove(struct stage2 *s2, u64 ipa, u64 size);

/**
 * __tracker_validate_path() - make all tables above a valid leaf valid, bottom-up
 * @walk: the way to the leaf
 * @start_level: the root's level
 *
 * Return: false when the tables changed meanwhile, to be tried again from the
 * root.
 */
bool __tracker_validate_path(const struct stage2_walk *walk, unsigned int start_level);

#endif /* SETWAY_STAGE2_WALK_H */
