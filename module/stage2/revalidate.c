// SPDX-License-Identifier: GPL-2.0-only
/*
 * Letting the guest in again: an idle entry becomes accessed.  tracker_revalidate()
 * does it without a lock, for most faults; touch.c does the rest.
 *
 * Revalidation against everything else
 * ------------------------------------
 * Bit[0] is set in the leaf first, then in the tables above it, bottom-up:
 *
 *        root entry   [ ]        [ ]        [ ]        [x]  3.
 *        table entry  [ ]        [ ]        [x]  2.    [x]
 *        leaf         [ ]  --->  [x]  1.    [x]        [x]
 *                               not yet    not yet    reachable
 *
 * so we come last to what a harvest takes back first.  In the other order, a harvest
 * may take the tables back after we have set them, and pass the leaf before we set it.
 * A CPU that still has the table entries in its TLB then uses a leaf that is accessed
 * below idle tables, and the next batch does not find it.
 *
 * Against the harvest, which clears table entries first and then looks below
 * them (see harvest.c): both sides change one entry and then read another, with
 * fully ordered atomics.
 *
 *        revalidate:  set leaf;   read table entry, set it unless it is set
 *        harvest:     clear table entry;   read leaf, clear it if it is set
 *
 * Either the harvest sees the leaf, and takes it, or we see the table entry
 * cleared, and set it again, so that the next harvest finds the leaf.  If both
 * happen, that is harmless: the leaf is idle once more, and the access faults again.
 *
 * Against unmapping: an entry is changed only by compare-and-swap, from what was seen
 * when the leaf was found fit.  We leave a DYING leaf alone; if the leaf becomes DYING,
 * or empty, in between, the swap fails.  The table that we are in may be unlinked.  It is
 * empty then and never filled again, so no swap in it can succeed; and it is not freed
 * before we are out of it (&stage2_ops.sync_walkers).  A table entry is matched by its
 * address: as long as we are here, the page there cannot be freed and become another
 * table.
 *
 * If a table entry has changed since the leaf below it was set, the leaf stays set: it is
 * unreachable, or someone else has made it reachable.  We start over from the root, a
 * few times; then touch.c does it under the lock.
 *
 * Against a new observer that looks past the caches (tracker_uncached_begin()): first it
 * is counted, then it waits for the walks under way, then a harvest begins.
 *
 *        revalidate:  read the count: 0;   set leaf;   tables
 *        observer:    count;   wait for us;   harvest takes the leaf back
 *
 * Without the wait we could set the leaf behind the harvest, uncleaned, and the
 * observer would find it valid.
 */
#include <linux/errno.h>

#include "cluster.h"
#include "cmo.h"
#include "stage2.h"
#include "walk.h"

#define REVALIDATE_TRIES	4

/* A table's address may be 0, which is what an empty entry has as well. */
static bool is_same_table(s2pte_t pte, s2pte_t walked)
{
	return !((pte ^ walked) & (STAGE2_PTE_ADDR | STAGE2_PTE_TABLE));
}

/* Not inline: of all pages in a table, only the first one finds it idle. */
static noinline bool table_set(s2pte_t *ptep, s2pte_t old, s2pte_t walked, u64 set)
{
	while (!stage2_swap(ptep, &old, old | set)) {
		if (!is_same_table(old, walked))
			return false;
		if ((old & set) == set)
			return true;
	}
	return true;
}

/*
 * The entry is read again here, after the leaf was set (see above); @walked is
 * what it was on the way down, @set the bits that it is to have.
 *
 * Return: false if another table, or none, is there by now.
 */
static bool table_validate(s2pte_t *ptep, s2pte_t walked, u64 set)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!is_same_table(pte, walked))
		return false;
	return (pte & set) == set || table_set(ptep, pte, walked, set);
}

/* Last, as the first thing that a harvest clears. */
static __always_inline void root_validate(struct stage2 *s2, u64 ipa)
{
	u64 group = stage2_root_group(s2, ipa);
	u64 old = READ_ONCE(s2->root_groups);

	while (!(old & group) && !stage2_swap(&s2->root_groups, &old, old | group))
		;
}

static __always_inline bool path_validate(struct stage2 *s2, const struct stage2_walk *walk,
					  u64 ipa, unsigned int level, unsigned int start_level)
{
	u64 set = STAGE2_PTE_VALID;

	/* A cluster is in one group. */
	if (level == STAGE2_LEVEL_LEAST)
		set |= stage2_group(stage2_index(walk->ptep[level]));
	for (; level-- > start_level; set = STAGE2_PTE_VALID)
		if (!table_validate(walk->ptep[level], walk->pte[level], set))
			return false;
	root_validate(s2, ipa);
	/* Pairs with the table walk of the access that is tried again. */
	cache_publish_entries();
	return true;
}

bool __tracker_validate_path(struct stage2 *s2, const struct stage2_walk *walk, u64 ipa)
{
	return path_validate(s2, walk, ipa, walk->level, s2->start_level);
}

/* Return: as tracker_revalidate(), or 1 to start over. */
static __always_inline int revalidate_from(struct stage2 *s2, unsigned int start_level, u64 ipa,
					   enum stage2_access access)
{
	struct stage2_walk walk;
	s2pte_t pte = stage2_walk_from(s2, start_level, ipa, STAGE2_LEVEL_LEAST, &walk);
	s2pte_t old = pte;
	int ret = s2pte_check(pte, access);

	if (ret)
		return ret;
	if (walk.level != STAGE2_LEVEL_LEAST || s2pte_owes_cleaning(s2, pte))
		return -EAGAIN;
	if (!(pte & STAGE2_PTE_VALID) &&
	    !stage2_swap(walk.ptep[STAGE2_LEVEL_LEAST], &old, pte | STAGE2_PTE_VALID))
		return 1;
	cluster_validate(s2, walk.ptep[STAGE2_LEVEL_LEAST]);
	return path_validate(s2, &walk, ipa, STAGE2_LEVEL_LEAST, start_level) ? 0 : 1;
}

/* Not inline, as few guests have other roots. */
static noinline int revalidate_from_any(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	return revalidate_from(s2, s2->start_level, ipa, access);
}

/* Most roots are at level 1, for which the compiler can unroll the walk. */
static __always_inline int revalidate_once(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	if (s2->start_level == STAGE2_LEVEL_BLOCK)
		return revalidate_from(s2, STAGE2_LEVEL_BLOCK, ipa, access);
	return revalidate_from_any(s2, ipa, access);
}

int tracker_revalidate(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	unsigned int tries;
	int ret;

	if (ipa >= stage2_limit(s2))
		return -ENOENT;
	for (tries = 0; tries < REVALIDATE_TRIES; tries++) {
		ret = revalidate_once(s2, ipa, access);
		if (ret <= 0)
			return ret;
	}
	return -EAGAIN;
}
