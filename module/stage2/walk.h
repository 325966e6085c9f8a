/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The geometry of the tables, and the walk from the root to a leaf.
 */
#ifndef SETWAY_STAGE2_WALK_H
#define SETWAY_STAGE2_WALK_H

#include <linux/bitfield.h>
#include <linux/compiler.h>
#include <linux/errno.h>

#include "pte.h"
#include "stage2.h"

#define STAGE2_PAGE_SHIFT	12
#define STAGE2_LEVEL_BITS	9

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
 * __stage2_ptep() - the entry for an IPA
 * @start_level: the root's level
 * @table: the whole root, if @level is that of the root
 * @ipa: inside the IPA space
 * @level: of the entries in @table
 */
static inline s2pte_t *__stage2_ptep(unsigned int start_level, s2pte_t *table, u64 ipa,
				     unsigned int level)
{
	u64 index = ipa >> stage2_shift(level);

	if (level != start_level)
		index &= STAGE2_PTRS - 1;
	return &table[index];
}

/**
 * stage2_ptep() - the entry for an IPA
 * @s2: tables
 * @table: the whole root, if @level is that of the root
 * @ipa: inside the IPA space
 * @level: of the entries in @table
 */
static inline s2pte_t *stage2_ptep(const struct stage2 *s2, s2pte_t *table, u64 ipa,
				   unsigned int level)
{
	return __stage2_ptep(s2->start_level, table, ipa, level);
}

/**
 * stage2_group() - the bit of STAGE2_PTE_GROUPS for a page
 * @index: of the page's entry in its table
 */
static inline u64 stage2_group(unsigned int index)
{
	return FIELD_PREP(STAGE2_PTE_GROUPS, BIT_ULL(index / STAGE2_GROUP_PTRS));
}

/**
 * stage2_index() - where in its table an entry is
 * @ptep: the entry, not of a root of several pages
 */
static inline unsigned int stage2_index(const s2pte_t *ptep)
{
	return (unsigned long)ptep / sizeof(*ptep) % STAGE2_PTRS;
}

/**
 * stage2_root_group() - the bit of &struct stage2.root_groups for an IPA
 * @s2: tables
 * @ipa: inside the IPA space
 */
static inline u64 stage2_root_group(const struct stage2 *s2, u64 ipa)
{
	return BIT_ULL(ipa >> s2->root_group_shift);
}

/**
 * struct stage2_walk - the way from the root to an IPA
 * @level: where it ended, at a leaf or an empty entry
 * @ptep: entry at each level from the root's to @level
 * @pte: what was read from it
 */
struct stage2_walk {
	unsigned int level;
	s2pte_t *ptep[STAGE2_LEVELS];
	s2pte_t pte[STAGE2_LEVELS];
};

/**
 * stage2_walk_from() - stage2_walk_to() for a caller that knows where the root is
 * @s2: as stage2_walk_to()
 * @start_level: the root's, perhaps known when this is compiled
 * @ipa: inside the IPA space
 * @last: as stage2_walk_to()
 * @walk: filled in
 *
 * Return: the last entry read.
 */
static __always_inline s2pte_t stage2_walk_from(const struct stage2 *s2,
						unsigned int start_level, u64 ipa,
						unsigned int last, struct stage2_walk *walk)
{
	s2pte_t *table = stage2_memory(s2->root_pa);
	unsigned int level = start_level;
	s2pte_t pte;

	for (;; level++) {
		walk->ptep[level] = __stage2_ptep(start_level, table, ipa, level);
		/* Address dependency from here to the entries of the next table. */
		pte = READ_ONCE(*walk->ptep[level]);
		walk->pte[level] = pte;
		if (level == last || !s2pte_is_table(pte, level))
			break;
		table = s2pte_to_virt(pte);
	}
	walk->level = level;
	return pte;
}

/**
 * stage2_walk_to() - walk from the root
 * @s2: locked, or the caller is one that &stage2_ops.sync_walkers waits for
 * @ipa: inside the IPA space
 * @last: level at which to end even if the entry there is a table
 * @walk: filled in
 *
 * Return: the last entry read.
 */
static inline s2pte_t stage2_walk_to(const struct stage2 *s2, u64 ipa, unsigned int last,
				     struct stage2_walk *walk)
{
	return stage2_walk_from(s2, s2->start_level, ipa, last, walk);
}

/**
 * stage2_walk() - walk from the root to the leaf, or to where it is missing
 * @s2: as stage2_walk_to()
 * @ipa: inside the IPA space
 * @walk: filled in
 *
 * Return: the leaf, or 0.
 */
static inline s2pte_t stage2_walk(const struct stage2 *s2, u64 ipa, struct stage2_walk *walk)
{
	return stage2_walk_to(s2, ipa, STAGE2_LEVEL_LEAST, walk);
}

/**
 * stage2_walk_reachable() - are all entries above the last one of a walk accessed?
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
 * stage2_accessed_bits() - what an entry has all of, if the guest may have used it
 * @s2: tables
 */
static inline u64 stage2_accessed_bits(const struct stage2 *s2)
{
	return STAGE2_PTE_VALID | (s2->policy == STAGE2_POLICY_AF ? STAGE2_PTE_AF : 0);
}

/**
 * s2pte_is_accessed() - may the guest have used an entry since it was taken back?
 * @s2: tables
 * @pte: leaf, or the entry of a table unless the policy is STAGE2_POLICY_AF
 */
static inline bool s2pte_is_accessed(const struct stage2 *s2, s2pte_t pte)
{
	return !(stage2_accessed_bits(s2) & ~pte);
}

/**
 * stage2_flag_of_new() - the access flag of a leaf that software makes valid
 * @s2: tables
 *
 * Return: the flag; 0 with &stage2.crosscheck, where the CPU alone is to set it.
 */
static inline u64 stage2_flag_of_new(const struct stage2 *s2)
{
	return s2->crosscheck ? 0 : STAGE2_PTE_AF;
}

/**
 * s2pte_check() - may the guest be let in to a leaf?
 * @pte: leaf, or 0
 * @access: permission needed
 *
 * Return: 0, -ENOENT, -EACCES, or -EAGAIN: it is being unmapped.
 */
static inline int s2pte_check(s2pte_t pte, enum stage2_access access)
{
	if (!pte)
		return -ENOENT;
	if (pte & STAGE2_PTE_DYING)
		return -EAGAIN;
	if (access == STAGE2_WRITE && !(pte & STAGE2_PTE_S2AP_W))
		return -EACCES;
	return 0;
}

/**
 * s2pte_owes_cleaning() - must a leaf be cleaned before it becomes valid?
 * @s2: locked, or the caller is one that &stage2_ops.sync_walkers waits for
 * @pte: leaf
 *
 * To be called before the leaf is set: tracker_uncached_begin() counts the observer
 * first, and then waits for those that may have read the count before.
 */
static inline bool s2pte_owes_cleaning(const struct stage2 *s2, s2pte_t pte)
{
	return (pte & STAGE2_PTE_STALE) ||
	       (!(pte & STAGE2_PTE_VALID) && READ_ONCE(s2->uncached));
}

/**
 * s2pte_needs_clean() - is something that the guest has used to be cleaned?
 * @s2: tables
 * @pte: leaf that has lost bit[0] and got PENDING for it, if it had it
 *
 * A STALE leaf never was valid; PENDING there comes from STAGE2_POLICY_FULL.
 */
static inline bool s2pte_needs_clean(const struct stage2 *s2, s2pte_t pte)
{
	return !s2->coherent && (pte & STAGE2_PTE_PENDING) && !(pte & STAGE2_PTE_STALE);
}

/**
 * __tracker_validate_path() - make all tables above a valid leaf valid, bottom-up
 * @s2: tables
 * @walk: the way to the leaf
 * @ipa: that the leaf translates
 *
 * Return: false if the tables have changed meanwhile: try again from the root.
 */
bool __tracker_validate_path(struct stage2 *s2, const struct stage2_walk *walk, u64 ipa);

#endif /* SETWAY_STAGE2_WALK_H */
