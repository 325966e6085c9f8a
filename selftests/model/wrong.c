// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations done wrong on purpose.  The model has to find out about each, or
 * its silence about the right ones means nothing.
 */
#include <errno.h>
#include <string.h>

#include "hooks.h"
#include "sim.h"

/* All entries of a table, or of the part of the root before @end. */
static void each_entry(struct stage2 *s2, u64 *table, unsigned int level, u64 ipa, u64 end,
		       void (*visit)(struct stage2 *s2, s2pte_t *ptep, unsigned int level, u64 ipa))
{
	for (; ipa < end; ipa += stage2_size(level))
		visit(s2, stage2_ptep(s2, table, ipa, level), level, ipa);
}

static void harvest_leaves_first(struct stage2 *s2, s2pte_t *ptep, unsigned int level, u64 ipa)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!(pte & STAGE2_PTE_VALID))
		return;
	if (s2pte_is_table(pte, level))
		each_entry(s2, s2pte_to_virt(pte), level + 1, ipa, stage2_end(ipa, level),
			   harvest_leaves_first);
	s2pte_retire(s2, ptep, 0);
}

static void harvest_tables_first(struct stage2 *s2, s2pte_t *ptep, unsigned int level, u64 ipa)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!(pte & STAGE2_PTE_VALID))
		return;
	s2pte_retire(s2, ptep, 0);
	if (s2pte_is_table(pte, level))
		each_entry(s2, s2pte_to_virt(pte), level + 1, ipa, stage2_end(ipa, level),
			   harvest_tables_first);
}

static void invalidate(struct stage2 *s2, s2pte_t *ptep, unsigned int level, u64 ipa)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!pte)
		return;
	if (s2->policy == STAGE2_POLICY_EXACT || s2->uncached)
		s2pte_update(ptep, STAGE2_PTE_VALID, 0);
	else if (!s2pte_is_table(pte, level))
		s2pte_update(ptep, STAGE2_PTE_AF, 0);
	s2->flush_owed = true;
	if (s2pte_is_table(pte, level))
		each_entry(s2, s2pte_to_virt(pte), level + 1, ipa, stage2_end(ipa, level),
			   invalidate);
}

static void harvest_all(struct stage2 *s2, u64 end,
			void (*visit)(struct stage2 *s2, s2pte_t *ptep, unsigned int level,
				      u64 ipa))
{
	s2->clean_cursor = 0;
	spin_lock(&s2->lock);
	each_entry(s2, s2->root, s2->start_level, 0, end, visit);
	__stage2_flush_owed(s2);
	spin_unlock(&s2->lock);
}

/* Clean what is valid; when that is through, make everything invalid. */
static void clean_then_invalidate(struct stage2 *s2)
{
	struct stage2_leaf leaf;
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++) {
		spin_lock(&s2->lock);
		leaf = __stage2_lookup(s2, sim.slots[i].ipa);
		if (leaf.reachable && s2pte_is_accessed(s2, leaf.pte))
			clean_range_to_poc(phys_to_virt(s2pte_pa(leaf.pte)), SZ_4K);
		spin_unlock(&s2->lock);
	}
	harvest_all(s2, stage2_limit(s2), invalidate);
}

/* Under STAGE2_POLICY_AF: only what is accessed is ever made to fault. */
static void harvest_accessed(struct stage2 *s2, s2pte_t *ptep, unsigned int level, u64 ipa)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!(pte & STAGE2_PTE_VALID))
		return;
	if (!s2pte_is_table(pte, level)) {
		if (s2pte_is_accessed(s2, pte))
			s2pte_retire(s2, ptep, 0);
		return;
	}
	s2pte_update(ptep, 0, STAGE2_PTE_PENDING);
	each_entry(s2, s2pte_to_virt(pte), level + 1, ipa, stage2_end(ipa, level),
		   harvest_accessed);
}

/* What is idle is passed over, so its tables may be idle as well: or may they? */
static void tables_take(struct stage2 *s2, s2pte_t *ptep, unsigned int level, u64 ipa)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!s2pte_is_table(pte, level))
		return;
	s2pte_retire(s2, ptep, 0);
	each_entry(s2, s2pte_to_virt(pte), level + 1, ipa, stage2_end(ipa, level), tables_take);
}

static int wrong_harvest_flags(struct stage2 *s2, struct tracker_batch *batch)
{
	int ret = 0;

	if (sim.wrong == SIM_AF_CLEAN_FIRST)
		clean_then_invalidate(s2);
	else if (sim.wrong == SIM_AF_IDLE_VALID && s2->uncached)
		harvest_all(s2, stage2_limit(s2), harvest_accessed);
	else
		ret = tracker_harvest(s2, batch);
	if (!ret && sim.wrong == SIM_AF_IDLE_TABLES)
		harvest_all(s2, stage2_limit(s2), tables_take);
	return ret;
}

int wrong_harvest(struct stage2 *s2, struct tracker_batch *batch)
{
	u64 root_page = stage2_size(s2->start_level) * STAGE2_PTRS;

	if (s2->policy == STAGE2_POLICY_AF)
		return wrong_harvest_flags(s2, batch);
	if (s2->policy == STAGE2_POLICY_FULL)
		return tracker_harvest(s2, batch);
	if (sim.wrong == SIM_HARVEST_ANEW && !batch->begun)
		s2->harvest_cursor = 0;
	if (sim.wrong == SIM_CLEAN_FIRST)
		clean_then_invalidate(s2);
	else if (sim.wrong == SIM_BOTTOM_UP)
		harvest_all(s2, stage2_limit(s2), harvest_leaves_first);
	else if (sim.wrong == SIM_FIRST_ROOT_PAGE && root_page < stage2_limit(s2))
		harvest_all(s2, root_page, harvest_tables_first);
	else
		return tracker_harvest(s2, batch);
	return 0;
}

bool wrong_uncached_begin(struct stage2 *s2)
{
	if (sim.wrong == SIM_IDLE_UNCLEAN)
		return s2->policy != STAGE2_POLICY_FULL;
	return tracker_uncached_begin(s2);
}

void wrong_uncached_end(struct stage2 *s2)
{
	if (sim.wrong != SIM_IDLE_UNCLEAN)
		tracker_uncached_end(s2);
}

static int revalidate_top_down(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	struct stage2_walk walk;
	s2pte_t pte = stage2_walk(s2, ipa, &walk);
	unsigned int level;

	if (!pte)
		return -ENOENT;
	if (walk.level != STAGE2_LEVEL_LEAST || (pte & (STAGE2_PTE_STALE | STAGE2_PTE_DYING)))
		return -EAGAIN;
	if (s2->uncached && !(pte & STAGE2_PTE_VALID))
		return -EAGAIN;
	if (access == STAGE2_WRITE && !(pte & STAGE2_PTE_S2AP_W))
		return -EACCES;
	for (level = s2->start_level; level <= walk.level; level++) {
		pte = walk.pte[level];
		if (!(pte & STAGE2_PTE_VALID) &&
		    cmpxchg(walk.ptep[level], pte, pte | STAGE2_PTE_VALID) != pte)
			return -EAGAIN;
	}
	return 0;
}

int wrong_revalidate(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	if (sim.wrong == SIM_REVALIDATE_TOP_DOWN)
		return revalidate_top_down(s2, ipa, access);
	return tracker_revalidate(s2, ipa, access);
}

static void unmap_leaf(struct stage2 *s2, const struct stage2_leaf *leaf, s2pte_t *ptep)
{
	s2pte_t pte = s2pte_retire(s2, ptep, sim.wrong == SIM_UNMAP_TORN ? 0 : STAGE2_PTE_DYING);
	u64 pages = leaf->size / SZ_4K;

	if (sim.wrong != SIM_UNMAP_UNFLUSHED || (leaf->pte & STAGE2_PTE_VALID))
		__stage2_flush_owed(s2);
	if (sim.wrong != SIM_UNMAP_UNCLEAN && s2pte_needs_clean(s2, pte))
		clean_range_to_poc(s2pte_to_virt(pte), leaf->size);
	WRITE_ONCE(*ptep, 0);
	s2->blocks_emptied += pages > 1;
	atomic64_sub(pages, &s2->mapped_pages);
}

static void unmap_badly(struct stage2 *s2, u64 ipa, u64 end)
{
	struct stage2_walk walk;
	struct stage2_leaf leaf;

	spin_lock(&s2->lock);
	for (; ipa < end; ipa = leaf.ipa + leaf.size) {
		leaf = __stage2_lookup(s2, ipa);
		if (!leaf.pte || (sim.wrong == SIM_UNMAP_VALID && !(leaf.pte & STAGE2_PTE_VALID)))
			continue;
		stage2_walk(s2, ipa, &walk);
		unmap_leaf(s2, &leaf, walk.ptep[walk.level]);
	}
	spin_unlock(&s2->lock);
}

void wrong_unmap(struct stage2 *s2, u64 ipa, u64 size, bool may_block)
{
	switch (sim.wrong) {
	case SIM_UNMAP_VALID:
	case SIM_UNMAP_TORN:
	case SIM_UNMAP_UNFLUSHED:
	case SIM_UNMAP_UNCLEAN:
		unmap_badly(s2, ipa, ipa + size);
		break;
	default:
		stage2_unmap(s2, ipa, size, may_block);
	}
}
