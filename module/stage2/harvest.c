// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch of Set/Way operations: first take back every entry that the guest
 * used since the last batch (the harvest), then clean what was behind them.
 *
 * Clear first, clean after, and clear from the top
 * ------------------------------------------------
 * Whenever a vCPU dirties a page, this batch or the next has to find that page.  If a
 * page were cleaned before its bit[0] is cleared, what is written in between would be
 * lost: bit[0] is set already, and once it is cleared nothing tells of the write.  So
 * the order is
 *
 *     harvest   [lock]  clear bit[0] everywhere, note PENDING  [unlock, lock]...
 *               one TLB flush: here ends the last access by the old entries
 *     clean     [lock]  64 pages that are PENDING  [unlock, lock]...
 *
 * This batch cleans what was accessed before the flush.  An access after the flush
 * faults, which sets bit[0], and the page belongs to the next batch.
 *
 * Table entries are taken back as well, so that the next harvest can skip what is idle
 * as a whole, a terabyte in a step.  A table entry is taken back before the entries
 * below it:
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
 * The lock is dropped between tables of level 2 and 3.  A cursor says how far the
 * harvest has got, and the harvest walks there from the root again.  If the range of an
 * entry starts at the cursor, the entry is met for the first time: if it is idle, so is
 * all below it.  If the range starts before the cursor, the entry was met and taken back
 * before: the harvest descends into its table, whatever the entry says now.  (If a fault
 * has set it again since, it stays set, for the next harvest.)  So once a table entry is
 * taken back, the cursor must move on before the lock may be dropped.  Otherwise the
 * harvest would meet the entry for the first time twice, and find it idle.
 *
 * A signal ends a harvest where the lock may be dropped.  The VM keeps the cursor.  Some
 * tables may have been taken back although the harvest has not met all that is below
 * them.  A harvest from IPA 0 would find those tables idle and skip them, so the next
 * harvest first goes on at that cursor.  A cleaning in between finds PENDING set for all
 * that was met, and the TLBs flushed.  If it takes PENDING off a table that the cursor
 * is inside of, the harvest sets PENDING again.
 *
 * PENDING in a table entry says that there may be PENDING leaves below, so that
 * cleaning need not look everywhere.  A leaf that the guest may have used since
 * it was last cleaned has bit[0] or PENDING, and so has every entry above it.
 *
 * Two things set PENDING: the harvest, which &stage2.batch_lock keeps from running
 * during a cleaning, and stage2_unmap(), in leaves that it makes DYING.  So a cleaning
 * may take PENDING off a table when its own cursor has come to the table's end: what was
 * set below the table and behind the cursor was set by stage2_unmap(), which cleans that
 * itself.  The VM keeps this cursor as well: each harvest sets it back to IPA 0, and a
 * cleaning goes on where the last one was interrupted.
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

static bool entry_note(s2pte_t *ptep, s2pte_t pte)
{
	if (!(pte & STAGE2_PTE_PENDING))
		s2pte_update(ptep, 0, STAGE2_PTE_PENDING);
	return true;
}

/*
 * Under STAGE2_POLICY_AF tables stay valid, and so do leaves: the CPU sets the flag of what
 * it uses.  For an observer past the caches the next access has to fault, whether the leaf
 * is idle or not: then bit[0] is taken, as under STAGE2_POLICY_EXACT.
 */
static bool harvest_flag(struct stage2 *s2, s2pte_t *ptep, unsigned int level)
{
	u64 bit = s2->uncached ? STAGE2_PTE_VALID : STAGE2_PTE_AF;
	s2pte_t pte = READ_ONCE(*ptep);

	if (s2pte_is_table(pte, level))
		return entry_note(ptep, pte);
	if (!(pte & bit))
		return false;
	return s2pte_take(s2, ptep, bit, 0) & STAGE2_PTE_PENDING;
}

/*
 * Take back the entry at the cursor, or under STAGE2_POLICY_FULL note it.
 *
 * Return: true if the entry belongs to this batch; if it is a table, what is below it
 * may as well.
 */
static bool harvest_entry(struct harvest *h, s2pte_t *ptep, unsigned int level)
{
	bool met = h->cursor != stage2_base(h->cursor, level);
	s2pte_t pte = READ_ONCE(*ptep);

	if (!pte)
		return false;
	if (h->s2->policy == STAGE2_POLICY_FULL || (met && s2pte_is_table(pte, level)))
		return entry_note(ptep, pte);
	if (!(pte & STAGE2_PTE_VALID))
		return false;
	if (h->s2->policy == STAGE2_POLICY_AF)
		return harvest_flag(h->s2, ptep, level);
	s2pte_retire(h->s2, ptep, 0);
	return true;
}

/*
 * Several entries in one look; under STAGE2_POLICY_EXACT few have bit[0].
 *
 * Return: whether there are PENDING pages.
 */
static bool harvest_group(struct harvest *h, s2pte_t *ptep)
{
	const u64 state = h->s2->policy == STAGE2_POLICY_EXACT ?
			  STAGE2_PTE_VALID | STAGE2_PTE_PENDING : STAGE2_PTE_TABLE;
	s2pte_t *end = ptep + STAGE2_GROUP_PTRS;
	u64 found = 0;

	for (; ptep < end; ptep++) {
		if (stage2_may_look(ptep) && !stage2_look(ptep, state)) {
			ptep += STAGE2_LOOK - 1;
			continue;
		}
		if (harvest_entry(h, ptep, STAGE2_LEVEL_LEAST))
			h->batch->harvested++;
		found |= READ_ONCE(*ptep);
	}
	return found & STAGE2_PTE_PENDING;
}

/*
 * Pass a table of pages, from its beginning to its end, under STAGE2_POLICY_EXACT in the
 * groups that may have something.  Those are cleared before the leaves are read, like
 * bit[0] of the table's entry, and for the same reason: a leaf that is set behind our back
 * sets its group.  What is PENDING sets its group again, for the cleaning to find.
 */
static void harvest_pages(struct harvest *h, s2pte_t *entry)
{
	u64 groups = h->s2->policy == STAGE2_POLICY_EXACT ?
		     s2pte_update(entry, STAGE2_PTE_GROUPS, 0) : STAGE2_PTE_GROUPS;
	s2pte_t *table = s2pte_to_virt(READ_ONCE(*entry));
	unsigned int index;
	u64 pending = 0;

	for (index = 0; index < STAGE2_PTRS; index += STAGE2_GROUP_PTRS) {
		if ((groups & stage2_group(index)) && harvest_group(h, &table[index]))
			pending |= stage2_group(index);
	}
	s2pte_update(entry, 0, pending);
	h->cursor = stage2_end(h->cursor, STAGE2_LEVEL_LEAST - 1);
}

/* Of what was met before, the entry says nothing. */
static bool harvest_finds_nothing(struct harvest *h, const s2pte_t *ptep, unsigned int level)
{
	return h->s2->policy == STAGE2_POLICY_EXACT && stage2_may_look(ptep) &&
	       h->cursor == stage2_base(h->cursor, level) && !stage2_look(ptep, STAGE2_PTE_VALID);
}

/*
 * Go on at the cursor, in a table whose range it is in, and move it.
 *
 * Return: false if the lock may be dropped: after a table of level 3, and after one of
 * level 2, which may have had nothing but blocks.  True after any other table.
 */
static bool harvest_table(struct harvest *h, s2pte_t *table, unsigned int level)
{
	u64 end = stage2_table_end(h->s2, h->cursor, level);
	s2pte_t pte, *ptep;
	bool taken;

	do {
		ptep = stage2_ptep(h->s2, table, h->cursor, level);
		if (harvest_finds_nothing(h, ptep, level)) {
			h->cursor += STAGE2_LOOK * stage2_size(level);
			continue;
		}
		taken = harvest_entry(h, ptep, level);
		pte = READ_ONCE(*ptep);
		if (taken && s2pte_is_table(pte, level)) {
			if (level + 1 == STAGE2_LEVEL_LEAST) {
				harvest_pages(h, ptep);
				return false;
			}
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

/* First the rest of a harvest that was interrupted, then one from IPA 0. */
static int harvest_begin(struct harvest *h)
{
	int ret = h->cursor ? harvest_rest(h) : 0;

	if (ret || h->batch->begun)
		return ret;
	__crosscheck_begin(h->s2);
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
	/* After an interruption as well: a cleaning in between relies on it. */
	__stage2_flush_owed(s2);
	if (!ret)
		__crosscheck_end(s2);
	spin_unlock(&s2->lock);

	batch->mapped = max_t(u64, atomic64_read(&s2->mapped_pages), batch->harvested);
	return ret;
}
