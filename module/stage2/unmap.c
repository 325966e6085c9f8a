// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removing mappings, whatever their state: an idle one is a mapping as much as
 * an accessed one (XSA-393).
 *
 * Leaves go in three steps.  First those of one level-3 table (or one block)
 * lose bit[0] and become DYING.  tracker_revalidate() and everybody else leaves
 * a DYING leaf alone, so bit[0] cannot come back.  Then the TLBs are flushed,
 * under the same hold of the lock.  Last, each leaf is cleaned if the guest may
 * have used it, and emptied; the lock may be dropped between chunks.  Host
 * memory is cleaned only while it is still mapped here and the lock is held:
 * once it is unmapped it may be the host's again.
 *
 * A table page that is found empty is unlinked.  It stays empty from then on,
 * so a lockless walk that is still in it can change nothing there.  It is freed
 * when neither the TLBs (which hold table entries as well) nor such a walk can
 * lead to it any more.
 */
#include <linux/minmax.h>

#include "stage2.h"
#include "table.h"
#include "walk.h"

/* Unlinked tables that share one flush and one wait for walks to end. */
#define UNMAP_TABLES		16
/* Cost of emptying a level-3 table of clean pages, counted in pages to be cleaned. */
#define UNMAP_TABLE_COST	8U

/**
 * struct unmap - an unmapping under way
 * @s2: tables
 * @cursor: everything before it is done
 * @end: where to stop
 * @budget: work left until the lock is to be dropped
 * @block: start of the block that is being cleaned
 * @block_done: bytes of it that are clean
 * @blocks_emptied: &struct stage2.blocks_emptied when it became DYING
 * @nr_tables: number of @tables
 * @tables: unlinked, not freed yet
 */
struct unmap {
	struct stage2 *s2;
	u64 cursor;
	u64 end;
	unsigned int budget;
	u64 block;
	u64 block_done;
	u64 blocks_emptied;
	unsigned int nr_tables;
	s2pte_t *tables[UNMAP_TABLES];
};

static void tables_free(struct unmap *u)
{
	if (!u->nr_tables)
		return;
	__stage2_flush_owed(u->s2);
	u->s2->ops->sync_walkers(u->s2);
	while (u->nr_tables)
		stage2_table_free(u->tables[--u->nr_tables]);
}

static bool table_is_empty(const s2pte_t *table)
{
	unsigned int i;

	for (i = 0; i < STAGE2_PTRS; i++)
		if (READ_ONCE(table[i]))
			return false;
	return true;
}

/* A table entry without bit[0], like a leaf, is in a TLB only while a flush is owed. */
static void table_unlink(struct unmap *u, s2pte_t *ptep, s2pte_t *table)
{
	if (xchg(ptep, 0) & STAGE2_PTE_VALID)
		u->s2->flush_owed = true;
	atomic64_dec(&u->s2->tables);
	u->tables[u->nr_tables++] = table;
	if (u->nr_tables == UNMAP_TABLES)
		tables_free(u);
}

static void leaf_empty(struct stage2 *s2, s2pte_t *ptep, unsigned int level)
{
	xchg(ptep, 0);
	atomic64_sub(stage2_size(level) >> STAGE2_PAGE_SHIFT, &s2->mapped_pages);
}

/* Return: false when the budget ran out before @u->cursor reached @end. */
static bool unmap_pages(struct unmap *u, s2pte_t *table, u64 end)
{
	const unsigned int level = STAGE2_LEVEL_LEAST;
	bool known = false;
	s2pte_t pte, *ptep;
	u64 ipa;

	for (ipa = u->cursor; ipa < end; ipa += SZ_4K) {
		ptep = stage2_ptep(u->s2, table, ipa, level);
		pte = READ_ONCE(*ptep);
		known |= pte & STAGE2_PTE_VALID;
		if (pte && !(pte & STAGE2_PTE_DYING))
			pte = s2pte_retire(u->s2, ptep, STAGE2_PTE_DYING);
		known |= pte & STAGE2_PTE_PENDING;
	}
	/*
	 * A leaf with PENDING and no bit[0] may be in a TLB as well, while a harvest
	 * is under way; and one with bit[0] that is idle under STAGE2_POLICY_AF.
	 */
	if (known)
		__stage2_flush_owed(u->s2);

	for (; u->cursor < end; u->cursor += SZ_4K) {
		ptep = stage2_ptep(u->s2, table, u->cursor, level);
		pte = READ_ONCE(*ptep);
		if (!pte)
			continue;
		if (s2pte_needs_clean(u->s2, pte)) {
			if (!u->budget)
				return false;
			u->budget--;
			clean_range_to_poc(s2pte_to_virt(pte), SZ_4K);
		}
		leaf_empty(u->s2, ptep, level);
	}
	u->budget -= min(u->budget, UNMAP_TABLE_COST);
	return true;
}

/* If someone else began to unmap the block, or a new block is here, start over. */
static void block_begin(struct unmap *u, u64 base, u64 was)
{
	if ((was & STAGE2_PTE_DYING) && u->block == base &&
	    u->blocks_emptied == u->s2->blocks_emptied)
		return;
	u->block = base;
	u->block_done = 0;
	u->blocks_emptied = u->s2->blocks_emptied;
}

/* Return: false when the budget ran out. */
static bool unmap_block(struct unmap *u, s2pte_t *ptep, unsigned int level)
{
	s2pte_t pte;

	block_begin(u, stage2_base(u->cursor, level), READ_ONCE(*ptep));
	pte = s2pte_retire(u->s2, ptep, STAGE2_PTE_DYING);
	if (pte & STAGE2_PTE_PENDING)
		__stage2_flush_owed(u->s2);

	while (s2pte_needs_clean(u->s2, pte) && u->block_done < stage2_size(level)) {
		if (!u->budget)
			return false;
		u->budget--;
		clean_range_to_poc(s2pte_to_virt(pte) + u->block_done, SZ_4K);
		u->block_done += SZ_4K;
	}
	leaf_empty(u->s2, ptep, level);
	u->s2->blocks_emptied++;
	u->budget -= min(u->budget, 1U);
	return true;
}

/*
 * Continue from the cursor, in a table that translates it.  When the lock was
 * dropped, the caller starts again from the root.
 *
 * Return: true when the cursor is at the end of the table, or at @u->end.
 */
static bool unmap_table(struct unmap *u, s2pte_t *table, unsigned int level)
{
	u64 end = min(u->end, stage2_table_end(u->s2, u->cursor, level));
	s2pte_t pte, *ptep, *child;

	if (level == STAGE2_LEVEL_LEAST)
		return unmap_pages(u, table, end);

	while (u->cursor < end) {
		if (!u->budget)
			return false;
		ptep = stage2_ptep(u->s2, table, u->cursor, level);
		pte = READ_ONCE(*ptep);
		if (s2pte_is_table(pte, level)) {
			child = s2pte_to_virt(pte);
			if (!unmap_table(u, child, level + 1))
				return false;
			if (table_is_empty(child))
				table_unlink(u, ptep, child);
			continue;
		}
		if (pte && !unmap_block(u, ptep, level))
			return false;
		u->cursor = stage2_end(u->cursor, level);
	}
	return true;
}

static void unmap_range(struct stage2 *s2, u64 ipa, u64 size, bool may_block)
{
	struct unmap u = {
		.s2 = s2,
		.cursor = ipa,
		.end = ipa + size,
		.budget = STAGE2_CHUNK,
		.block = stage2_limit(s2),
	};

	lockdep_assert_held(&s2->lock);
	while (!unmap_table(&u, s2->root, s2->start_level)) {
		if (may_block)
			__stage2_relax(s2);
		u.budget = STAGE2_CHUNK;
	}
	tables_free(&u);
}

void __stage2_remove(struct stage2 *s2, u64 ipa, u64 size)
{
	unmap_range(s2, ipa, size, true);
}

void stage2_unmap(struct stage2 *s2, u64 ipa, u64 size, bool may_block)
{
	if (ipa >= stage2_limit(s2) || !size)
		return;
	size = min(size, stage2_limit(s2) - ipa);

	spin_lock(&s2->lock);
	unmap_range(s2, ipa, size, may_block);
	spin_unlock(&s2->lock);
}
