// SPDX-License-Identifier: GPL-2.0-only
/*
 * Letting the guest in with the lock held: what tracker_revalidate() leaves over.
 * Blocks are split on the way, and what the guest must not see yet is cleaned.
 */
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include "cluster.h"
#include "cmo.h"
#include "stage2.h"
#include "table.h"
#include "walk.h"

/* Split blocks on the way down until a page maps @ipa. */
static int touch_split(struct stage2 *s2, u64 ipa, struct stage2_walk *walk,
		       struct stage2_pool *pool)
{
	int ret;

	while (walk->level < STAGE2_LEVEL_LEAST) {
		ret = __stage2_split(s2, walk->ptep[walk->level], walk->level, pool);
		if (ret)
			return ret;
		stage2_walk(s2, ipa, walk);
	}
	return 0;
}

bool tracker_uncached_begin(struct stage2 *s2)
{
	spin_lock(&s2->lock);
	WRITE_ONCE(s2->uncached, s2->uncached + 1);
	/* A walk that has read 0 sets its leaf before this ends, so the harvest finds it. */
	if (s2->uncached == 1)
		s2->ops->sync_walkers(s2);
	spin_unlock(&s2->lock);
	return s2->policy != STAGE2_POLICY_FULL;
}

void tracker_uncached_end(struct stage2 *s2)
{
	spin_lock(&s2->lock);
	WARN_ON(!s2->uncached);
	WRITE_ONCE(s2->uncached, s2->uncached - 1);
	spin_unlock(&s2->lock);
}

/*
 * The host may have written the memory through its caches, and the guest may look past
 * them.  Another vCPU may clean the same block at the same time: the first of the two to
 * finish makes the block valid.
 */
static int touch_clean(struct stage2 *s2, u64 ipa, struct stage2_walk *walk)
{
	s2pte_t pte = walk->pte[walk->level], now;
	u64 size = stage2_size(walk->level);
	u64 blocks_emptied = s2->blocks_emptied;
	u64 chunk, done = 0;
	atomic64_t *count = pte & STAGE2_PTE_STALE ? &s2->stale_cleaned : &s2->idle_cleaned;

	for (;;) {
		chunk = min_t(u64, size - done, STAGE2_CHUNK * SZ_4K);
		clean_range_for_guest(s2pte_to_virt(pte) + done, chunk);
		atomic64_add(chunk >> STAGE2_PAGE_SHIFT, count);
		done += chunk;
		if (done == size)
			return 0;
		__stage2_relax(s2);
		/* Only a batch may have been here, and only its mark may have changed. */
		now = stage2_walk(s2, ipa, walk);
		if (((now ^ pte) & ~STAGE2_PTE_PENDING) || s2->blocks_emptied != blocks_emptied)
			return -EAGAIN;
	}
}

/*
 * Instruction caches may have what was there before.  They are filled from where the host's
 * writes can be seen, as no data cache has to be cleaned for that where there is FEAT_S2FWB:
 * CLIDR_EL1.{LoUU, LoUIS} are 0 (ARM DDI 0487J.a, CLIDR_EL1).
 */
static int touch_coherent(const struct stage2_walk *walk)
{
	insns_forget(s2pte_to_virt(walk->pte[walk->level]), stage2_size(walk->level));
	return 0;
}

/* The host was not told while the guest could not get at the page, see fault.c. */
static void leaf_tell_dirty(struct stage2 *s2, s2pte_t pte, unsigned int level)
{
	if (pte & STAGE2_PTE_S2AP_W)
		s2->ops->dirty(s2, s2pte_pa(pte), stage2_size(level));
}

static bool leaf_is_shown(s2pte_t pte)
{
	const u64 unseen = STAGE2_PTE_TABLE | STAGE2_PTE_STALE;

	return (pte & (unseen | STAGE2_PTE_DYING)) != unseen;
}

/* Return: a bit for each page of the cluster that the guest has not seen yet. */
static u64 cluster_unseen(const struct cluster *cluster)
{
	u64 unseen = 0;
	unsigned int i;

	for (i = 0; i < cluster->nr; i++)
		if (!leaf_is_shown(READ_ONCE(cluster->ptep[i])))
			unseen |= BIT_ULL(i);
	return unseen;
}

/* The page for the lowest bit, which goes. */
static s2pte_t *cluster_take(const struct cluster *cluster, u64 *unseen)
{
	s2pte_t *ptep = &cluster->ptep[__ffs(*unseen)];

	*unseen &= *unseen - 1;
	return ptep;
}

/* Call @begin for all of the pages, those together that follow each other in memory. */
static void cluster_maintain(const struct cluster *cluster, u64 unseen,
			     void (*begin)(void *addr, size_t size))
{
	u64 pa, start = 0, size = 0;

	while (unseen) {
		pa = s2pte_pa(READ_ONCE(*cluster_take(cluster, &unseen)));
		if (size && pa - start != size) {
			begin(stage2_memory(start), size);
			size = 0;
		}
		if (!size)
			start = pa;
		size += SZ_4K;
	}
	begin(stage2_memory(start), size);
	/* Completes it on all CPUs; of the instructions, entering the guest is the ISB. */
	cache_sync();
}

static void cluster_forget_insns(const struct cluster *cluster, u64 unseen)
{
	enum insn_scope scope = insn_scope(hweight64(unseen) * SZ_4K);

	if (scope == INSN_RANGE) {
		cluster_maintain(cluster, unseen, insn_forget_begin);
	} else if (scope == INSN_EVERYTHING) {
		cache_inval_insn_all();
		cache_sync();
	}
}

/* Clean the pages around one, for the guest to see.  They stay idle. */
static void touch_first(struct stage2 *s2, s2pte_t *ptep)
{
	struct cluster cluster = cluster_of_first_touch(s2, ptep);
	u64 unseen = cluster_unseen(&cluster);

	cluster_maintain(&cluster, unseen, clean_range_begin);
	cluster_forget_insns(&cluster, unseen);
	atomic64_add(hweight64(unseen), &s2->stale_cleaned);
	while (unseen) {
		ptep = cluster_take(&cluster, &unseen);
		leaf_tell_dirty(s2, READ_ONCE(*ptep), STAGE2_LEVEL_LEAST);
		/* Cleaned before (DSB); pairs with whoever finds it fit to be let in. */
		s2pte_update(ptep, STAGE2_PTE_STALE, 0);
	}
}

/* Afterwards the leaf may become valid. */
static int touch_settle(struct stage2 *s2, u64 ipa, struct stage2_walk *walk)
{
	s2pte_t pte = walk->pte[walk->level];
	int ret;

	if (!s2pte_owes_cleaning(s2, pte))
		return 0;
	if (s2->policy != STAGE2_POLICY_FULL && s2->cluster > 1 && !s2->uncached) {
		touch_first(s2, walk->ptep[walk->level]);
		return 0;
	}
	ret = s2->coherent ? touch_coherent(walk) : touch_clean(s2, ipa, walk);
	if (!ret && (pte & STAGE2_PTE_STALE))
		leaf_tell_dirty(s2, pte, walk->level);
	return ret;
}

int __tracker_touch(struct stage2 *s2, u64 ipa, enum stage2_access access,
		    struct stage2_pool *pool)
{
	struct stage2_walk walk;
	int ret;

	lockdep_assert_held(&s2->lock);
	if (ipa >= stage2_limit(s2))
		return -ENOENT;
	ret = s2pte_check(stage2_walk(s2, ipa, &walk), access);
	if (!ret && s2->policy != STAGE2_POLICY_FULL)
		ret = touch_split(s2, ipa, &walk, pool);
	if (!ret)
		ret = touch_settle(s2, ipa, &walk);
	if (ret)
		return ret;

	/*
	 * Cleaned before (DSB); pairs with the table walk that finds it valid.  The flag:
	 * a CPU that came late may not set it, and fault for it.
	 */
	s2pte_update(walk.ptep[walk.level], STAGE2_PTE_STALE,
		     STAGE2_PTE_VALID | stage2_flag_of_new(s2));
	if (walk.level == STAGE2_LEVEL_LEAST)
		cluster_validate(s2, walk.ptep[walk.level]);
	return __tracker_validate_path(s2, &walk, ipa) ? 0 : -EAGAIN;
}
