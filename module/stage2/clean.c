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
 * @run_ipa: start of pages that are to be cleaned together
 * @run_pa: their memory
 * @run_size: bytes; 0: there are none
 */
struct cleaning {
	struct stage2 *s2;
	struct tracker_batch *batch;
	u64 cursor;
	unsigned int budget;
	u64 run_ipa;
	u64 run_pa;
	u64 run_size;
};

/*
 * PENDING is cleared before the last piece is cleaned.  For a page this is the usual
 * order, first clear and then clean, see clean_page().  For a block it cannot be cleared
 * before the first piece, as the rest has to be found again after an interruption.  Until
 * then it is safe to leave it set: nothing sets it again in between, so nothing is missed.
 *
 * A DYING block keeps PENDING: the guest may have used it after its first pieces were
 * cleaned, and stage2_unmap() has to know.  A DYING page has left the TLBs before another
 * thread can see it as DYING, and is clean for good.
 *
 * Return: false when the budget ran out before the block's end.
 */
static bool clean_block(struct cleaning *c, s2pte_t *ptep, unsigned int level)
{
	s2pte_t pte = READ_ONCE(*ptep);
	u64 base = stage2_base(c->cursor, level);
	u64 last = stage2_end(c->cursor, level) - SZ_4K;

	for (; c->cursor <= last; c->cursor += SZ_4K) {
		if (!c->budget)
			return false;
		c->budget--;
		if (c->cursor == last && !(pte & STAGE2_PTE_DYING))
			s2pte_update(ptep, STAGE2_PTE_PENDING, 0);
		clean_range_begin(s2pte_to_virt(pte) + (c->cursor - base), SZ_4K);
		c->batch->cleaned++;
	}
	if (c->s2->ops->cleaned)
		c->s2->ops->cleaned(c->s2, base, stage2_size(level));
	return true;
}

/* Before the lock is dropped, as PENDING has been cleared. */
static void clean_run(struct cleaning *c)
{
	if (!c->run_size)
		return;
	clean_range_begin(stage2_memory(c->run_pa), c->run_size);
	c->batch->cleaned += c->run_size >> STAGE2_PAGE_SHIFT;
	if (c->s2->ops->cleaned)
		c->s2->ops->cleaned(c->s2, c->run_ipa, c->run_size);
	c->run_size = 0;
}

/* A page that goes on where the one before it ended, is cleaned with that one. */
static void clean_page(struct cleaning *c, u64 ipa, u64 pa)
{
	if (ipa - c->run_ipa != c->run_size || pa - c->run_pa != c->run_size) {
		clean_run(c);
		c->run_ipa = ipa;
		c->run_pa = pa;
	}
	c->run_size += SZ_4K;
}

/*
 * Before the cursor a page was cleaned with a block that has been split since.
 *
 * Return: false when the budget ran out before the last of the pages in a look.
 */
static noinline bool clean_look(struct cleaning *c, s2pte_t *ptep, u64 ipa)
{
	s2pte_t *end = ptep + STAGE2_LOOK;
	unsigned int budget = c->budget;
	u64 cursor = c->cursor;
	s2pte_t pte;

	for (; ptep < end; ptep++, ipa += SZ_4K) {
		if (!(READ_ONCE(*ptep) & STAGE2_PTE_PENDING))
			continue;
		if (!budget)
			break;
		budget--;
		pte = stage2_unmark(ptep, STAGE2_PTE_PENDING);
		if (ipa >= cursor)
			clean_page(c, ipa, s2pte_pa(pte));
	}
	c->budget = budget;
	return ptep == end;
}

/* Return: bit[0] if a page has that, and PENDING when the budget ran out before the end. */
static u64 clean_group(struct cleaning *c, s2pte_t *ptep, u64 ipa)
{
	u64 here, found = 0;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < STAGE2_GROUP_PTRS; i += STAGE2_LOOK) {
		here = stage2_look(&ptep[i], STAGE2_PTE_VALID | STAGE2_PTE_PENDING);
		if ((here & STAGE2_PTE_PENDING) && !clean_look(c, &ptep[i], ipa + i * SZ_4K))
			return STAGE2_PTE_PENDING;
		found |= here;
	}
	return found & STAGE2_PTE_VALID;
}

/*
 * The table of pages that the cursor is at, and there the groups that may have something.
 * As in harvest_pages() they are cleared before the leaves are read, and what has something
 * still, or again, sets its group.  So the next harvest looks at little.  PENDING goes with
 * the groups, and comes back before the lock is dropped if there is something left.
 *
 * Return: false when the budget ran out before the end of the table.  The cursor stays,
 * as PENDING tells what is left.
 */
static bool clean_pages(struct cleaning *c, s2pte_t *entry)
{
	s2pte_t old = s2pte_update(entry, STAGE2_PTE_GROUPS | STAGE2_PTE_PENDING, 0);
	u64 groups = FIELD_GET(STAGE2_PTE_GROUPS, old);
	s2pte_t *table = s2pte_to_virt(old);
	u64 base = stage2_base(c->cursor, STAGE2_LEVEL_LEAST - 1);
	u64 found, again = 0;
	unsigned int first;

	for (; groups; groups &= groups - 1) {
		first = __ffs(groups) * STAGE2_GROUP_PTRS;
		found = clean_group(c, &table[first], base + first * SZ_4K);
		if (found & STAGE2_PTE_PENDING)
			break;
		if (found)
			again |= stage2_group(first);
	}
	if (groups)
		again |= FIELD_PREP(STAGE2_PTE_GROUPS, groups) | STAGE2_PTE_PENDING;
	if (again)
		stage2_mark(entry, 0, again);
	if (groups)
		return false;
	c->cursor = stage2_end(c->cursor, STAGE2_LEVEL_LEAST - 1);
	return true;
}

/*
 * Move the cursor past entries that have nothing, in a table that translates it.
 *
 * Return: the entry at the cursor, or NULL if that has come to the end.
 */
static s2pte_t *clean_next(struct cleaning *c, s2pte_t *table, unsigned int level, u64 end)
{
	u64 base = stage2_base(c->cursor, level);
	s2pte_t *ptep = stage2_ptep(c->s2, table, c->cursor, level);
	unsigned int skipped;

	if (c->cursor == end)
		return NULL;
	skipped = stage2_skip(ptep, (end - base) >> stage2_shift(level), STAGE2_PTE_PENDING);
	if (!skipped)
		return ptep;
	c->cursor = base + skipped * stage2_size(level);
	return c->cursor < end ? ptep + skipped : NULL;
}

static bool clean_table(struct cleaning *c, s2pte_t *table, unsigned int level, u64 end);

/* Goes on at the cursor, below the table's entry at @ptep, which has @pte. */
static bool clean_below(struct cleaning *c, s2pte_t *ptep, s2pte_t pte, unsigned int level)
{
	if (level + 1 == STAGE2_LEVEL_LEAST)
		return clean_pages(c, ptep);
	if (!clean_table(c, s2pte_to_virt(pte), level + 1, stage2_end(c->cursor, level)))
		return false;
	s2pte_update(ptep, STAGE2_PTE_PENDING, 0);
	return true;
}

/*
 * Goes on at the cursor, in a table that translates it.
 *
 * Return: false when the budget ran out before the end.
 */
static bool clean_table(struct cleaning *c, s2pte_t *table, unsigned int level, u64 end)
{
	s2pte_t pte, *ptep;

	while ((ptep = clean_next(c, table, level, end))) {
		pte = READ_ONCE(*ptep);
		if (!s2pte_is_table(pte, level)) {
			if (!clean_block(c, ptep, level))
				return false;
			continue;
		}
		if (!c->budget || !clean_below(c, ptep, pte, level))
			return false;
		/* Looking through a table costs about as much as cleaning a page. */
		c->budget -= min(c->budget, 1U);
	}
	return true;
}

/* As clean_table(), for the root, a group after the other. */
static bool clean_root(struct cleaning *c)
{
	struct stage2 *s2 = c->s2;

	for (;;) {
		c->cursor = stage2_root_skip(s2, READ_ONCE(s2->root_groups), c->cursor);
		if (c->cursor == stage2_limit(s2))
			return true;
		if (!clean_table(c, s2->root, s2->start_level,
				 stage2_root_group_end(s2, c->cursor)))
			return false;
	}
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
	while (!clean_root(&c)) {
		clean_run(&c);
		/* Who takes the lock and finds PENDING clear relies on a clean page. */
		cache_sync();
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		__stage2_relax(s2);
		c.budget = STAGE2_CHUNK;
	}
	clean_run(&c);
	/* Likewise, and so does the vCPU that issued the batch. */
	cache_sync();
	s2->clean_cursor = c.cursor;
	spin_unlock(&s2->lock);
	return ret;
}
