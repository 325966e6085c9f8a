// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables as such: the root and its geometry, table pages and the pools
 * they come from, finding a leaf, and splitting a block.
 *
 *  ia_bits   level of the root   root pages
 *  32 to 34          2             4 to 16
 *  35 to 43          1             1 to 16
 *  44 to 48          0             1
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "cmo.h"
#include "stage2.h"
#include "table.h"
#include "walk.h"

static_assert(PAGE_SIZE == SZ_4K);
static_assert(STAGE2_PTRS * sizeof(u64) == SZ_4K);
static_assert(BIT(STAGE2_LEVEL_BITS) == STAGE2_PTRS);
static_assert(STAGE2_LEVEL_LEAST + 1 == STAGE2_LEVELS);
static_assert(STAGE2_CLUSTER_MAX <= STAGE2_GROUP_PTRS);
static_assert(STAGE2_POOL_MIN <= STAGE2_POOL_MAX);
static_assert((STAGE2_PTE_ADDR & (STAGE2_PTE_PENDING | STAGE2_PTE_STALE | STAGE2_PTE_DYING)) == 0);

void *stage2_table_alloc(void)
{
	return (void *)__get_free_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
}

void stage2_table_free(void *table)
{
	free_page((unsigned long)table);
}

int stage2_pool_fill(struct stage2_pool *pool)
{
	void *table;

	while (pool->nr < STAGE2_POOL_MAX) {
		table = stage2_table_alloc();
		if (!table)
			return pool->nr < STAGE2_POOL_MIN ? -ENOMEM : 0;
		pool->pages[pool->nr++] = table;
	}
	return 0;
}

void stage2_pool_free(struct stage2_pool *pool)
{
	while (pool->nr)
		stage2_table_free(pool->pages[--pool->nr]);
}

/* How many bits a root of one page translates at a level. */
static unsigned int root_bits(unsigned int level)
{
	return stage2_shift(level) + STAGE2_LEVEL_BITS;
}

static unsigned int root_order(const struct stage2 *s2)
{
	unsigned int bits = root_bits(s2->start_level);

	return s2->ia_bits > bits ? s2->ia_bits - bits : 0;
}

static unsigned int root_level(unsigned int ia_bits)
{
	const unsigned int concatenated_bits = const_ilog2(STAGE2_ROOT_PAGES_MAX);
	unsigned int level = STAGE2_LEVEL_LEAST - 1;

	while (root_bits(level) + concatenated_bits < ia_bits)
		level--;
	return level;
}

int stage2_init(struct stage2 *s2, const struct stage2_ops *ops, unsigned int ia_bits)
{
	if (ia_bits < STAGE2_IA_BITS_MIN || ia_bits > STAGE2_IA_BITS_MAX)
		return -EINVAL;

	memset(s2, 0, sizeof(*s2));
	spin_lock_init(&s2->lock);
	mutex_init(&s2->batch_lock);
	s2->ops = ops;
	s2->ia_bits = ia_bits;
	s2->policy = STAGE2_POLICY_EXACT;
	s2->cluster = 1;
	s2->start_level = root_level(ia_bits);
	s2->root_pages = BIT(root_order(s2));
	/* No less than an entry. */
	s2->root_group_shift = max(ia_bits - STAGE2_ROOT_GROUP_BITS, stage2_shift(s2->start_level));
	/* The root must be aligned to its size; the allocator aligns each order so. */
	s2->root = (s2pte_t *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, root_order(s2));
	if (!s2->root)
		return -ENOMEM;
	s2->root_pa = virt_to_phys(s2->root);
	return 0;
}

/* Subtract what is found rather than set 0, so that a wrong count stays visible. */
static void entries_destroy(struct stage2 *s2, s2pte_t *table, unsigned int nr, unsigned int level)
{
	unsigned int i;
	s2pte_t *child;

	for (i = 0; i < nr; i++) {
		if (s2pte_is_table(table[i], level)) {
			child = s2pte_to_virt(table[i]);
			entries_destroy(s2, child, STAGE2_PTRS, level + 1);
			stage2_table_free(child);
			atomic64_dec(&s2->tables);
		} else if (table[i]) {
			atomic64_sub(stage2_size(level) >> STAGE2_PAGE_SHIFT, &s2->mapped_pages);
		}
	}
	cond_resched();
}

void stage2_destroy(struct stage2 *s2)
{
	entries_destroy(s2, s2->root, s2->root_pages * STAGE2_PTRS, s2->start_level);
	WARN_ON(atomic64_read(&s2->tables));
	free_pages((unsigned long)s2->root, root_order(s2));
	s2->root = NULL;
}

s2pte_t *__stage2_table_link(struct stage2 *s2, s2pte_t *ptep, struct stage2_pool *pool)
{
	s2pte_t *table = pool->pages[--pool->nr];

	/*
	 * The contents of the table are visible before the link to it; pairs with
	 * stage2_walk_to().
	 */
	smp_store_release(ptep, virt_to_phys(table) | STAGE2_PTE_TABLE);
	atomic64_inc(&s2->tables);
	return table;
}

/*
 * Break before make (ARM DDI 0487J.a, D8.14.1): a CPU must never hold the block
 * and a page of it in its TLB at once.  The lock keeps everybody from the idle
 * block in between, and tracker_revalidate() leaves blocks alone.
 */
int __stage2_split(struct stage2 *s2, s2pte_t *ptep, unsigned int level,
		   struct stage2_pool *pool)
{
	u64 state = STAGE2_PTE_VALID | STAGE2_PTE_PENDING;
	u64 size = stage2_size(level + 1);
	s2pte_t old, leaf, *table;
	unsigned int i;

	lockdep_assert_held(&s2->lock);
	if (!pool->nr)
		return -ENOMEM;

	old = READ_ONCE(*ptep);
	leaf = old;
	if (level + 1 == STAGE2_LEVEL_LEAST)
		leaf |= STAGE2_PTE_TABLE;
	table = pool->pages[pool->nr - 1];
	for (i = 0; i < STAGE2_PTRS; i++)
		table[i] = leaf + i * size;

	if (old & STAGE2_PTE_VALID) {
		s2pte_update(ptep, STAGE2_PTE_VALID, 0);
		s2->flush_owed = true;
	}
	if (old & state)
		__stage2_flush_owed(s2);
	__stage2_table_link(s2, ptep, pool);
	/* All leaves are as the block was. */
	state &= old;
	if (state && level + 1 == STAGE2_LEVEL_LEAST)
		state |= STAGE2_PTE_GROUPS;
	s2pte_update(ptep, 0, state);
	cache_publish_entries();
	return 0;
}

struct stage2_leaf __stage2_lookup(struct stage2 *s2, u64 ipa)
{
	struct stage2_walk walk;
	s2pte_t pte = stage2_walk(s2, ipa, &walk);

	return (struct stage2_leaf){
		.pte = pte,
		.level = walk.level,
		.ipa = stage2_base(ipa, walk.level),
		.size = stage2_size(walk.level),
		.reachable = stage2_walk_reachable(s2, &walk),
	};
}
