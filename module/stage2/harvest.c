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
 * The lock is dropped now and then between two entries above level 3.  A cursor says how far the
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

#include "quiet.h"
#include "stage2.h"
#include "table.h"
#include "walk.h"

/**
 * struct harvest - pass 1 under way
 * @s2: tables
 * @batch: counts
 * @cursor: everything before it has been met
 * @groups: of the root, that may have something
 * @pending: of the root, that have something to be cleaned
 * @budget: work left until the lock is to be dropped
 */
struct harvest {
	struct stage2 *s2;
	struct tracker_batch *batch;
	u64 cursor;
	u64 groups;
	u64 pending;
	unsigned int budget;
};

/* Looking through a table costs as much as taking back so many pages. */
#define HARVEST_TABLE_COST	32

/* Once the cursor has moved on. */
static void harvest_pay(struct harvest *h, u64 cost)
{
	h->budget -= min_t(u64, h->budget, cost);
}

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
	/* harvest_pages() takes bit[0] and the groups in one step. */
	if (level + 1 < STAGE2_LEVEL_LEAST || !s2pte_is_table(pte, level))
		s2pte_retire(h->s2, ptep, 0);
	return true;
}

/* Return: whether there are PENDING pages. */
static bool harvest_every_page(struct harvest *h, s2pte_t *ptep)
{
	s2pte_t *end = ptep + STAGE2_GROUP_PTRS;
	u64 found = 0;

	for (; ptep < end; ptep++) {
		if (harvest_entry(h, ptep, STAGE2_LEVEL_LEAST))
			h->batch->harvested++;
		found |= READ_ONCE(*ptep);
	}
	return found & STAGE2_PTE_PENDING;
}

/*
 * Take back those of the pages in a look that are accessed.  In no order: the flush comes
 * behind all of it.
 *
 * Return: how many.
 */
static noinline unsigned int harvest_look(s2pte_t *ptep)
{
	unsigned int i, taken = 0;

#pragma GCC unroll 8
	for (i = 0; i < STAGE2_LOOK; i++) {
		if (READ_ONCE(ptep[i]) & STAGE2_PTE_VALID) {
			stage2_mark(&ptep[i], STAGE2_PTE_VALID, STAGE2_PTE_PENDING);
			taken++;
		}
	}
	return taken;
}

/*
 * Several entries in one look, as few have bit[0].
 *
 * Return: whether there are PENDING pages.
 */
static bool harvest_group(struct harvest *h, s2pte_t *ptep)
{
	u64 here, found = 0;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < STAGE2_GROUP_PTRS; i += STAGE2_LOOK) {
		here = stage2_look(&ptep[i], STAGE2_PTE_VALID | STAGE2_PTE_PENDING);
		if (here & STAGE2_PTE_VALID)
			h->batch->harvested += harvest_look(&ptep[i]);
		found |= here;
	}
	/* What had bit[0] is PENDING by now. */
	return found;
}

/*
 * Take back the entry of a table of pages, with the groups in it.
 *
 * Return: the groups that may have something: under other policies than
 * STAGE2_POLICY_EXACT all of them.
 */
static u64 harvest_groups(struct harvest *h, s2pte_t *entry)
{
	s2pte_t old;

	if (h->s2->policy != STAGE2_POLICY_EXACT)
		return FIELD_GET(STAGE2_PTE_GROUPS, STAGE2_PTE_GROUPS);
	old = s2pte_update(entry, STAGE2_PTE_VALID | STAGE2_PTE_GROUPS, STAGE2_PTE_PENDING);
	h->s2->flush_owed = true;
	return FIELD_GET(STAGE2_PTE_GROUPS, old);
}

/*
 * Pass a table of pages, from its beginning to its end, under STAGE2_POLICY_EXACT in the
 * groups that may have something.  Those are cleared before the leaves are read, like
 * bit[0] of the table's entry, and for the same reason: a leaf that is set behind our back
 * sets its group.  What is PENDING sets its group again, for the cleaning to find.
 */
static void harvest_pages(struct harvest *h, s2pte_t *entry)
{
	u64 harvested = h->batch->harvested;
	u64 groups = harvest_groups(h, entry), pending = 0;
	s2pte_t *table = s2pte_to_virt(READ_ONCE(*entry));
	unsigned int first;
	bool found;

	for (; groups; groups &= groups - 1) {
		first = __ffs(groups) * STAGE2_GROUP_PTRS;
		if (h->s2->policy == STAGE2_POLICY_EXACT && !h->s2->crosscheck)
			found = harvest_group(h, &table[first]);
		else
			found = harvest_every_page(h, &table[first]);
		if (found)
			pending |= stage2_group(first);
	}
	if (pending)
		stage2_mark(entry, 0, pending);
	h->cursor = stage2_end(h->cursor, STAGE2_LEVEL_LEAST - 1);
	harvest_pay(h, h->batch->harvested - harvested + HARVEST_TABLE_COST);
}

/*
 * Move the cursor past entries that have nothing, in a table that translates it.  Of an
 * entry that was met before, what it says now is nothing to go by.
 *
 * Return: the entry at the cursor, or NULL if that has come to the end.
 */
static s2pte_t *harvest_next(struct harvest *h, s2pte_t *table, unsigned int level, u64 end)
{
	s2pte_t *ptep = stage2_ptep(h->s2, table, h->cursor, level);
	unsigned int nr;

	if (h->s2->policy != STAGE2_POLICY_EXACT || h->cursor != stage2_base(h->cursor, level))
		return ptep;
	nr = stage2_skip(ptep, (end - h->cursor) >> stage2_shift(level),
			 STAGE2_PTE_VALID | STAGE2_PTE_PENDING);
	h->cursor += nr * stage2_size(level);
	return h->cursor < end ? ptep + nr : NULL;
}

static bool harvest_table(struct harvest *h, s2pte_t *table, unsigned int level, u64 end);

/* Move the cursor past an entry, and past what is below it. */
static void harvest_one(struct harvest *h, s2pte_t *ptep, unsigned int level)
{
	u64 end = stage2_end(h->cursor, level);
	bool taken = harvest_entry(h, ptep, level);
	s2pte_t pte = READ_ONCE(*ptep);

	if (level == h->s2->start_level && (taken || (pte & STAGE2_PTE_PENDING)))
		h->pending |= stage2_root_group(h->s2, h->cursor);
	if (taken && s2pte_is_table(pte, level)) {
		if (level + 1 == STAGE2_LEVEL_LEAST)
			harvest_pages(h, ptep);
		else
			harvest_table(h, s2pte_to_virt(pte), level + 1, end);
		return;
	}
	if (taken)
		h->batch->harvested += leaf_pages(level);
	h->cursor = end;
	harvest_pay(h, taken);
}

/*
 * Go on at the cursor, in a table that translates it, and move it.
 *
 * Return: false if the lock is to be dropped before the end.
 */
static bool harvest_table(struct harvest *h, s2pte_t *table, unsigned int level, u64 end)
{
	s2pte_t *ptep;

	while (h->cursor < end) {
		ptep = harvest_next(h, table, level, end);
		if (!ptep)
			break;
		harvest_one(h, ptep, level);
		if (!h->budget)
			return false;
	}
	harvest_pay(h, HARVEST_TABLE_COST);
	return h->budget;
}

/* As harvest_table(), for the root, a group after the other. */
static bool harvest_root(struct harvest *h)
{
	struct stage2 *s2 = h->s2;

	for (;;) {
		h->cursor = stage2_root_skip(s2, h->groups, h->cursor);
		if (h->cursor == stage2_limit(s2))
			return true;
		if (!harvest_table(h, s2->root, s2->start_level,
				   stage2_root_group_end(s2, h->cursor)))
			return false;
	}
}

/*
 * From the cursor to the end.  The root's groups are cleared before its entries are read,
 * as those of a table are in harvest_pages().
 */
static int harvest_rest(struct harvest *h)
{
	h->groups |= h->s2->policy == STAGE2_POLICY_EXACT ? xchg(&h->s2->root_groups, 0) : ~0ULL;
	/* Before the cursor they have what an interrupted harvest has left to be cleaned. */
	if (h->cursor)
		h->pending |= h->groups;
	while (!harvest_root(h)) {
		if (signal_pending(current))
			return -EINTR;
		__stage2_relax(h->s2);
		h->budget = STAGE2_HARVEST_CHUNK;
	}
	return 0;
}

/* First the rest of a harvest that was interrupted, then one from IPA 0. */
static int harvest_begin(struct harvest *h)
{
	int ret = h->cursor ? harvest_rest(h) : 0;

	if (ret || h->batch->begun)
		return ret;
	__crosscheck_begin(h->s2);
	__quiet_end(h->s2);
	h->batch->begun = true;
	h->cursor = 0;
	return harvest_rest(h);
}

int tracker_harvest(struct stage2 *s2, struct tracker_batch *batch)
{
	struct harvest h = {
		.s2 = s2,
		.batch = batch,
		.cursor = s2->harvest_cursor,
		.budget = STAGE2_HARVEST_CHUNK,
	};
	int ret;

	lockdep_assert_held(&s2->batch_lock);
	s2->clean_cursor = 0;
	spin_lock(&s2->lock);
	ret = harvest_begin(&h);
	s2->harvest_cursor = ret ? h.cursor : 0;
	/* What was not come to keeps its groups. */
	s2pte_update(&s2->root_groups, 0, h.pending | (ret ? h.groups : 0));
	/* After an interruption as well: a cleaning in between relies on it. */
	__stage2_flush_owed(s2);
	if (!ret)
		__crosscheck_end(s2);
	spin_unlock(&s2->lock);

	batch->mapped = max_t(u64, atomic64_read(&s2->mapped_pages), batch->harvested);
	return ret;
}
