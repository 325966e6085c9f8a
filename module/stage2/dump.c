// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables as a list of ranges, for people.
 */
#include <linux/sched.h>
#include <linux/string.h>

#include "stage2.h"
#include "walk.h"

static struct stage2_range range_of_leaf(const struct stage2 *s2, s2pte_t pte, unsigned int level,
					 u64 ipa, bool reachable)
{
	return (struct stage2_range){
		.ipa = stage2_base(ipa, level),
		.size = stage2_size(level),
		.leaf_size = stage2_size(level),
		.state = reachable && s2pte_is_accessed(s2, pte) ? STAGE2_ACCESSED : STAGE2_IDLE,
		.writable = pte & STAGE2_PTE_S2AP_W,
		.pending = pte & STAGE2_PTE_PENDING,
		.stale = pte & STAGE2_PTE_STALE,
	};
}

static bool range_is_alike(const struct stage2_range *a, const struct stage2_range *b)
{
	return a->leaf_size == b->leaf_size && a->state == b->state &&
	       a->writable == b->writable && a->pending == b->pending && a->stale == b->stale;
}

/*
 * Continue from @cursor to the end of the table page that translates it, or to
 * the first entry that leads elsewhere.
 *
 * Return: false when the range has come to its end.
 */
static bool range_extend(struct stage2 *s2, u64 *cursor, struct stage2_range *range)
{
	struct stage2_walk walk;
	struct stage2_range leaf;
	s2pte_t pte, *ptep;
	u64 end;
	bool reachable;

	stage2_walk(s2, *cursor, &walk);
	end = stage2_table_end(s2, *cursor, walk.level);
	ptep = walk.ptep[walk.level];
	reachable = stage2_walk_reachable(s2, &walk);

	for (; *cursor < end; ptep++) {
		pte = READ_ONCE(*ptep);
		if (s2pte_is_table(pte, walk.level))
			return true;
		leaf = range_of_leaf(s2, pte, walk.level, *cursor, reachable);
		if (range->size && (!pte || !range_is_alike(range, &leaf)))
			return false;
		if (pte && !range->size)
			*range = leaf;
		else if (pte)
			range->size += leaf.size;
		*cursor = leaf.ipa + leaf.size;
	}
	return true;
}

bool stage2_next_range(struct stage2 *s2, u64 ipa, struct stage2_range *range)
{
	bool more = true;

	memset(range, 0, sizeof(*range));
	while (more && ipa < stage2_limit(s2)) {
		spin_lock(&s2->lock);
		more = range_extend(s2, &ipa, range);
		spin_unlock(&s2->lock);
		cond_resched();
	}
	return range->size;
}
