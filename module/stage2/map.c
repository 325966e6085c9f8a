// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making mappings.  A new one is always idle and STALE, so that nothing here
 * needs a barrier for table walks, nor cleans anything, nor makes the VMM's page
 * dirty: that is up to the guest's first access to it.
 */
#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/errno.h>

#include "stage2.h"
#include "table.h"
#include "walk.h"

static s2pte_t leaf_make(const struct stage2 *s2, u64 pa, unsigned int level, unsigned int prot)
{
	u64 memattr = s2->coherent ? STAGE2_MEMATTR_FORCED_WB : STAGE2_MEMATTR_NORMAL_WB;
	s2pte_t pte = pa | stage2_flag_of_new(s2) | STAGE2_PTE_S2AP_R | STAGE2_PTE_STALE |
		      FIELD_PREP(STAGE2_PTE_MEMATTR, memattr) |
		      FIELD_PREP(STAGE2_PTE_SH, STAGE2_SH_INNER);

	if (level == STAGE2_LEVEL_LEAST)
		pte |= STAGE2_PTE_TABLE;
	if (prot & STAGE2_PROT_W)
		pte |= STAGE2_PTE_S2AP_W;
	return pte;
}

/*
 * Return: the level of leaves of a size, or -EINVAL where these tables have no such
 * leaves.
 */
static int leaf_level(const struct stage2 *s2, u64 size)
{
	int level;

	for (level = STAGE2_LEVEL_LEAST; level >= STAGE2_LEVEL_BLOCK; level--)
		if (stage2_size(level) == size)
			return level < (int)s2->start_level ? -EINVAL : level;
	return -EINVAL;
}

static bool map_is_sane(const struct stage2 *s2, u64 ipa, u64 size, u64 pa)
{
	return IS_ALIGNED(ipa | pa, size) && !(pa & ~STAGE2_PTE_ADDR) &&
	       ipa < stage2_limit(s2) && size <= stage2_limit(s2) - ipa;
}

/* Nothing is mapped there: build the way down, then the leaf. */
static int map_fresh(struct stage2 *s2, struct stage2_walk *walk, u64 ipa, unsigned int level,
		     s2pte_t pte, struct stage2_pool *pool)
{
	s2pte_t *ptep = walk->ptep[walk->level];
	unsigned int above;

	if (pool->nr < level - walk->level)
		return -ENOMEM;
	for (above = walk->level; above < level; above++)
		ptep = stage2_ptep(s2, __stage2_table_link(s2, ptep, pool), ipa, above + 1);
	WRITE_ONCE(*ptep, pte);
	atomic64_add(stage2_size(level) >> STAGE2_PAGE_SHIFT, &s2->mapped_pages);
	return 0;
}

/*
 * A gain of permission needs no break before make, but the TLB may hold the old
 * permission.  A STALE leaf becomes dirty at the guest's first access, like any new
 * leaf.
 */
static void leaf_permit(struct stage2 *s2, s2pte_t *ptep, u64 ipa, unsigned int level)
{
	s2pte_t old = s2pte_update(ptep, 0, STAGE2_PTE_S2AP_W);

	if (!(old & STAGE2_PTE_STALE))
		s2->ops->dirty(s2, s2pte_pa(old), stage2_size(level));
	if (old & (STAGE2_PTE_VALID | STAGE2_PTE_PENDING))
		s2->ops->flush_ipa(s2, ipa);
}

static bool leaf_maps(s2pte_t pte, unsigned int level, u64 ipa, u64 pa)
{
	return s2pte_pa(pte) + (ipa - stage2_base(ipa, level)) == pa;
}

int __stage2_map(struct stage2 *s2, u64 ipa, u64 size, u64 pa, unsigned int prot,
		 struct stage2_pool *pool)
{
	int level = leaf_level(s2, size);
	struct stage2_walk walk;
	s2pte_t pte;
	int ret;

	lockdep_assert_held(&s2->lock);
	if (level < 0 || !map_is_sane(s2, ipa, size, pa))
		return -EINVAL;

	/* Each round splits one block. */
	for (;;) {
		pte = stage2_walk_to(s2, ipa, level, &walk);
		if (!pte)
			return map_fresh(s2, &walk, ipa, level, leaf_make(s2, pa, level, prot),
					 pool);
		if (s2pte_is_table(pte, walk.level) || !leaf_maps(pte, walk.level, ipa, pa)) {
			__stage2_remove(s2, ipa, size);
			return -EAGAIN;
		}
		if (pte & STAGE2_PTE_DYING)
			return -EAGAIN;
		if ((pte & STAGE2_PTE_S2AP_W) || !(prot & STAGE2_PROT_W))
			return -EEXIST;
		if (walk.level == level) {
			leaf_permit(s2, walk.ptep[level], ipa, level);
			return 0;
		}
		ret = __stage2_split(s2, walk.ptep[walk.level], walk.level, pool);
		if (ret)
			return ret;
	}
}

s2pte_t *__stage2_neighbours(struct stage2 *s2, u64 ipa)
{
	struct stage2_walk walk;

	lockdep_assert_held(&s2->lock);
	if (ipa >= stage2_limit(s2))
		return NULL;
	stage2_walk(s2, ipa, &walk);
	return walk.level == STAGE2_LEVEL_LEAST ? walk.ptep[STAGE2_LEVEL_LEAST] : NULL;
}

bool __stage2_map_neighbour(struct stage2 *s2, s2pte_t *ptep, u64 pa, unsigned int prot)
{
	if (READ_ONCE(*ptep))
		return false;
	WRITE_ONCE(*ptep, leaf_make(s2, pa, STAGE2_LEVEL_LEAST, prot));
	atomic64_inc(&s2->mapped_pages);
	return true;
}
