// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch of Set/Way operations: first take back every entry that the guest
 * used since the last batch (the harvest), then clean what was behind them.
 *
 * Clear first, clean after, and clear from the top
 * ------------------------------------------------
 * A page that a vCPU dirties at any moment has to be found by this batch or by
 * the next.  Cleaning a page before its bit[0] is cleared would lose what is
 * written in between: bit[0] says nothing new, and after the clear nobody knows.
 * So the order is
 *
 *     harvest   [lock]  clear bit[0] everywhere, note PENDING  [unlock, lock]...
 *               one TLB flush: here ends the last access by the old entries
 *     clean     [lock]  64 pages that are PENDING  [unlock, lock]...
 *
 * An access before the flush is cleaned by this batch; one after it needs
 * bit[0], by a fault, and is the next batch's.
 *
 * Table entries are taken back as well, so that the next harvest can pass over
 * what is idle as a whole, a terabyte in a step; and they are taken back before
 * those below them:
 *
 *          top-down                         bottom-up (wrong)
 *
 *     harvest       vCPU               harvest       vCPU
 *     clear table                      clear leaf
 *     clear leaf                                     faults: leaf set again,
 *                   faults: leaf and                 its table still is
 *                   table set again    clear table
 *
 *     both set: found next time        leaf set below an idle table:
 *                                      passed over for ever
 *
 * The lock is dropped between tables of level 2 and 3.  A cursor says how far we
 * got, and we walk to it from the root again.  An entry that starts at the cursor
 * is met for the first time: if it is idle, so is all below it.  One that starts
 * before the cursor has been met: it was taken back then, and is descended
 * whatever it says now.  (Had it been set again by a fault since, it stays set,
 * for the next harvest.)  So once a table entry is taken back the cursor must move
 * on before the lock may be dropped, or it would be met for the first time twice,
 * and be found idle.
 *
 * A signal ends a harvest where the lock may be dropped; its cursor is the VM's.  Above
 * what it has not met there may be tables that it has taken back already.  A harvest
 * from IPA 0 would find them idle and pass them over, so whoever harvests next goes on
 * at that cursor first.  Whoever cleans meanwhile finds PENDING set for all that was met,
 * and the TLBs flushed; where PENDING is taken off a table that the cursor is inside of,
 * the harvest sets it again.
 *
 * PENDING in a table entry says that there may be PENDING leaves below, so that
 * cleaning need not look everywhere.  A leaf that the guest may have used since
 * it was last cleaned has bit[0] or PENDING, and so has every entry above it.
 *
 * PENDING is set by the harvest alone, which &stage2.batch_lock keeps from
 * running during the cleaning, and by stage2_unmap(), in leaves that it makes
 * DYING.  So cleaning may take PENDING off a table when its cursor has come to
 * the table's end: what was set below it behind the cursor was set by
 * stage2_unmap(), which cleans that itself.  The cursor is the VM's, not the
 * batch's: it goes back to IPA 0 with each harvest, and whoever comes next goes
 * on where the last one was interrupted.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>

#include "stage2.h"
#include "table.h"
#include "walk.h"

/**
 * struct harvest - pass 1 under way
 * @s2: tables
 * @batch: counts
 * @cursor: everything before it has been met
 */
struct harvest {
	struct stage2 *s2;
	struct tracker_batch *batch;
	u64 cursor;
};

static u64 leaf_pages(unsigned int level)
{
	return stage2_size(level) >> STAGE2_PAGE_SHIFT;
}

/*
 * Take back the entry at the cursor, or under STAGE2_POLICY_FULL note it.
 *
 * Return: true when it belongs to this batch; if it is a table, so may what is
 * below it.
 */
static bool harvest_entry(struct harvest *h, s2pte_t *ptep, unsigned int level)
{
	bool met = h->cursor != stage2_base(h->cursor, level);
	s2pte_t pte = READ_ONCE(*ptep);

	if (!pte)
		return false;
	if (h->s2->policy == STAGE2_POLICY_FULL || (met && s2pte_is_table(pte, level))) {
		if (!(pte & STAGE2_PTE_PENDING))
			s2pte_update(ptep, 0, STAGE2_PTE_PENDING);
		return true;
	}
	if (!(pte & STAGE2_PTE_VALID))
		return false;
	s2pte_retire(h->s2, ptep, 0);
	return true;
}

/*
 * Goes on at the cursor, in a table that translates it, and moves the cursor.
 *
 * Return: false when the lock may be dropped, which is after a table of level 3,
 * and of level 2, where all may have been blocks; true at the end of any other.
 */
static bool harvest_table(struct harvest *h, s2pte_t *table, unsigned int level)
{
	u64 end = stage2_table_end(h->s2, h->cursor, level);
	s2pte_t pte, *ptep;
	bool taken;

	do {
		ptep = stage2_ptep(h->s2, table, h->cursor, level);
		taken = harvest_entry(h, ptep, level);
		pte = READ_ONCE(*ptep);
		if (taken && s2pte_is_table(pte, level)) {
			if (!harvest_table(h, s2pte_to_virt(pte), level + 1))
				return false;
			continue;
		}
		if (taken)
			h->batch->harvested += leaf_pages(level);
		h->cursor = stage2_end(h->cursor, level);
	} while (h->cursor < end);
	return level < STAGE2_LEVEL_LEAST - 1;
}

/* From the cursor to the end. */
static int harvest_rest(struct harvest *h)
{
	for (;;) {
		harvest_table(h, h->s2->root, h->s2->start_level);
		if (h->cursor == stage2_limit(h->s2))
			return 0;
		if (signal_pending(current))
			return -EINTR;
		__stage2_relax(h->s2);
	}
}

/* From IPA 0, but first the rest of the one that was interrupted. */
static int harvest_begin(struct harvest *h)
{
	int ret = h->cursor ? harvest_rest(h) : 0;

	if (ret || h->batch->begun)
		return ret;
	h->batch->begun = true;
	h->cursor = 0;
	return harvest_rest(h);
}

int tracker_harvest(struct stage2 *s2, struct tracker_batch *batch)
{
	struct harvest h = { .s2 = s2, .batch = batch, .cursor = s2->harvest_cursor };
	int ret;

	lockdep_assert_held(&s2->batch_lock);
	s2->clean_cursor = 0;
	spin_lock(&s2->lock);
	ret = harvest_begin(&h);
	s2->harvest_cursor = ret ? h.cursor : 0;
	/* An interrupted one as well: whoever cleans meanwhile relies on it. */
	__stage2_flush_owed(s2);
	spin_unlock(&s2->lock);

	batch->mapped = max_t(u64, atomic64_read(&s2->mapped_pages), batch->harvested);
	return ret;
}
