// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second pass of a batch: clean what the harvest has noted.  harvest.c explains the
 * order of the two, PENDING and the cursor.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>

#include "cmo.h"
#include "stage2.h"
#include "table.h"
#include "walk.h"

/**
 * struct cleaning - pass 2 under way
 * @s2: tables
 * @batch: counts
 * @cursor: everything before it is clean
 * @budget: work left until the lock is to be dropped
 */
struct cleaning {
	struct stage2 *s2;
	struct tracker_batch *batch;
	u64 cursor;
	unsigned int budget;
};

/*
 * PENDING is cleared before the last piece is cleaned.  For a page this is the usual
 * order, first clear and then clean.  For a block it cannot be cleared before the first
 * piece, as the rest has to be found again after an interruption.  Until then it is safe
 * to leave it set: nothing sets it again in between, so nothing is missed.
 *
 * A DYING block keeps PENDING: the guest may have used it after its first pieces were
 * cleaned, and stage2_unmap() has to know.  A DYING page has left the TLBs before another
 * thread can see it as DYING, and is clean for good.
 *
 * Return: false when the budget ran out before the leaf's end.
 */
static bool clean_leaf(struct cleaning *c, s2pte_t *ptep, unsigned int level)
{
	s2pte_t pte = READ_ONCE(*ptep);
	u64 base = stage2_base(c->cursor, level);
	u64 last = stage2_end(c->cursor, level) - SZ_4K;
	bool keep = (pte & STAGE2_PTE_DYING) && level != STAGE2_LEVEL_LEAST;

	for (; c->cursor <= last; c->cursor += SZ_4K) {
		if (!c->budget)
			return false;
		c->budget--;
		if (c->cursor == last && !keep)
			s2pte_update(ptep, STAGE2_PTE_PENDING, 0);
		clean_range_begin(s2pte_to_virt(pte) + (c->cursor - base), SZ_4K);
		c->batch->cleaned++;
	}
	if (c->s2->ops->cleaned)
		c->s2->ops->cleaned(c->s2, base, stage2_size(level));
	return true;
}

/* How many pages from here on are not PENDING, as far as one look tells. */
static unsigned int clean_entries(const s2pte_t *ptep, s2pte_t table)
{
	unsigned int index = stage2_index(ptep);

	if (!(table & stage2_group(index)))
		return STAGE2_GROUP_PTRS - index % STAGE2_GROUP_PTRS;
	if (stage2_may_look(ptep) && !stage2_look(ptep, STAGE2_PTE_PENDING))
		return STAGE2_LOOK;
	return READ_ONCE(*ptep) & STAGE2_PTE_PENDING ? 0 : 1;
}

/*
 * Goes on at the cursor, in the table of pages that has this entry, and there in the groups
 * that may have something.
 *
 * Return: false when the budget ran out before the end of the table.
 */
static bool clean_pages(struct cleaning *c, s2pte_t entry)
{
	u64 end = stage2_end(c->cursor, STAGE2_LEVEL_LEAST - 1);
	s2pte_t *ptep = stage2_ptep(c->s2, s2pte_to_virt(entry), c->cursor, STAGE2_LEVEL_LEAST);

	while (c->cursor < end) {
		unsigned int clean = clean_entries(ptep, entry);

		if (clean)
			c->cursor += clean * SZ_4K;
		else if (!clean_leaf(c, ptep, STAGE2_LEVEL_LEAST))
			return false;
		ptep += clean ?: 1;
	}
	return true;
}

static bool clean_table(struct cleaning *c, s2pte_t *table, unsigned int level);

static bool clean_below(struct cleaning *c, s2pte_t entry, unsigned int level)
{
	if (level + 1 == STAGE2_LEVEL_LEAST)
		return clean_pages(c, entry);
	return clean_table(c, s2pte_to_virt(entry), level + 1);
}

/*
 * Goes on at the cursor, in a table that translates it.
 *
 * Return: false when the budget ran out before the end of the table.
 */
static bool clean_table(struct cleaning *c, s2pte_t *table, unsigned int level)
{
	u64 end = stage2_table_end(c->s2, c->cursor, level);
	s2pte_t pte, *ptep;

	while (c->cursor < end) {
		ptep = stage2_ptep(c->s2, table, c->cursor, level);
		if (stage2_may_look(ptep) && !stage2_look(ptep, STAGE2_PTE_PENDING)) {
			c->cursor = stage2_base(c->cursor, level) +
				    STAGE2_LOOK * stage2_size(level);
			continue;
		}
		pte = READ_ONCE(*ptep);
		if (!(pte & STAGE2_PTE_PENDING)) {
			c->cursor = stage2_end(c->cursor, level);
			continue;
		}
		if (!s2pte_is_table(pte, level)) {
			if (!clean_leaf(c, ptep, level))
				return false;
			continue;
		}
		if (!c->budget || !clean_below(c, pte, level))
			return false;
		s2pte_update(ptep, STAGE2_PTE_PENDING, 0);
		/* Looking through a table costs about as much as cleaning a page. */
		c->budget -= min(c->budget, 1U);
	}
	return true;
}

int tracker_clean(struct stage2 *s2, struct tracker_batch *batch)
{
	struct cleaning c = {
		.s2 = s2,
		.batch = batch,
		.cursor = s2->clean_cursor,
		.budget = STAGE2_CHUNK,
	};
	int ret = 0;

	lockdep_assert_held(&s2->batch_lock);
	spin_lock(&s2->lock);
	while (!clean_table(&c, s2->root, s2->start_level)) {
		/* Who takes the lock and finds PENDING clear relies on a clean page. */
		cache_sync();
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		__stage2_relax(s2);
		c.budget = STAGE2_CHUNK;
	}
	/* Likewise, and so does the vCPU that issued the batch. */
	cache_sync();
	s2->clean_cursor = c.cursor;
	spin_unlock(&s2->lock);
	return ret;
}
