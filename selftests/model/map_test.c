// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making mappings: sizes, errors, what is in the way, permissions, splitting.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL		/* 1 GiB aligned */
#define W	STAGE2_PROT_W

FIXTURE(map) {
};

FIXTURE_SETUP(map)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(map)
{
	EXPECT_EQ(0, unit_exit());
}

static long mapped(void)
{
	return atomic64_read(&unit.s2.mapped_pages);
}

static long tables(void)
{
	return atomic64_read(&unit.s2.tables);
}

TEST_F(map, new_leaves_are_idle_and_stale)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_1G };
	struct stage2_leaf leaf;
	u64 ipa = IPA;
	int i;

	for (i = 0; i < 3; i++, ipa += SZ_1G) {
		ASSERT_EQ(0, unit_map(ipa, sizes[i], MEM, W));
		leaf = unit_leaf(ipa);
		EXPECT_EQ(sizes[i], leaf.size);
		EXPECT_EQ(ipa, leaf.ipa);
		EXPECT_EQ(3 - i, leaf.level);
		EXPECT_EQ(MEM, leaf.pte & STAGE2_PTE_ADDR);
		EXPECT_EQ(0, leaf.pte & STAGE2_PTE_VALID);
		EXPECT_NE(0, leaf.pte & STAGE2_PTE_STALE);
		EXPECT_NE(0, leaf.pte & STAGE2_PTE_AF);
		EXPECT_EQ(i == 0, !!(leaf.pte & STAGE2_PTE_TABLE));
		EXPECT_FALSE(unit_reachable(ipa));
	}
	EXPECT_EQ(1 + 512 + 512 * 512, mapped());
	EXPECT_EQ(3, tables());		/* two for the page, one for 2 MiB */
	EXPECT_EQ(0, unit.nr_cleaned);
	EXPECT_EQ(0, unit.flushes);
}

TEST_F(map, bad_arguments)
{
	EXPECT_EQ(-EINVAL, unit_map(IPA + 1, SZ_4K, MEM, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA, SZ_4K, MEM + 0x800, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA + SZ_4K, SZ_2M, MEM, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA, SZ_2M, MEM + SZ_4K, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA, SZ_1G, MEM + SZ_2M, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA, 0, MEM, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA, 2 * SZ_4K, MEM, W));
	EXPECT_EQ(-EINVAL, unit_map(0, 1ULL << 39, 0, W));
	EXPECT_EQ(-EINVAL, unit_map(IPA, SZ_4K, BIT_ULL(48), W));
	EXPECT_EQ(-EINVAL, unit_map(BIT_ULL(40), SZ_4K, MEM, W));
	EXPECT_EQ(0, tables());
	EXPECT_EQ(0, mapped());
}

TEST_F(map, no_1g_below_a_level_2_root)
{
	EXPECT_EQ(0, unit_exit());
	ASSERT_EQ(0, unit_init(32));
	EXPECT_EQ(-EINVAL, unit_map(IPA, SZ_1G, MEM, W));
	EXPECT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
}

/* Nothing is changed by a call that finds too few pages in the pool. */
TEST_F(map, no_memory)
{
	struct stage2_pool pool = { };
	unsigned int have;
	int ret;

	for (have = 0; have < 2; have++) {
		pool.nr = have;
		pool.pages[0] = stage2_table_alloc();
		spin_lock(&unit.s2.lock);
		ret = __stage2_map(&unit.s2, IPA, SZ_4K, MEM, W, &pool);
		spin_unlock(&unit.s2.lock);
		EXPECT_EQ(-ENOMEM, ret);
		EXPECT_EQ(have, pool.nr);
		EXPECT_EQ(0, tables());
		EXPECT_EQ(0, mapped());
		stage2_table_free(pool.pages[0]);
	}
	unit.alloc_limit = 2;
	EXPECT_EQ(-ENOMEM, unit_map(IPA, SZ_4K, MEM, W));
	unit.alloc_limit = 1;
	EXPECT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
}

TEST_F(map, again)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(-EEXIST, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(-EEXIST, unit_map(IPA, SZ_4K, MEM, 0));
	ASSERT_EQ(0, unit_map(IPA + SZ_2M, SZ_2M, MEM, 0));
	EXPECT_EQ(-EEXIST, unit_map(IPA + SZ_2M, SZ_2M, MEM, 0));
	EXPECT_EQ(-EEXIST, unit_map(IPA + SZ_2M + SZ_4K, SZ_4K, MEM + SZ_4K, 0));
	EXPECT_EQ(1 + 512, mapped());
}

TEST_F(map, gain_of_permission)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, 0));
	EXPECT_EQ(-EACCES, unit_touch(IPA, STAGE2_WRITE));
	EXPECT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_FALSE(unit_reachable(IPA));
	EXPECT_EQ(0, unit.ipa_flushes);
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_WRITE));

	/* Where the TLBs may know the old one they are told. */
	ASSERT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM, 0));
	ASSERT_EQ(0, unit_touch(IPA + SZ_4K, STAGE2_READ));
	EXPECT_EQ(-EACCES, unit_touch(IPA + SZ_4K, STAGE2_WRITE));
	EXPECT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM, W));
	EXPECT_TRUE(unit_reachable(IPA + SZ_4K));
	EXPECT_EQ(1, unit.ipa_flushes);
	EXPECT_EQ(2, mapped());
}

/* They may know what a harvest has taken back, until it flushes. */
TEST_F(map, gain_of_permission_in_a_harvest)
{
	struct tracker_batch batch = { };

	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, 0));
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_READ));
	mutex_lock(&unit.s2.batch_lock);
	tracker_harvest(&unit.s2, &batch);
	EXPECT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(1, unit.ipa_flushes);
	EXPECT_EQ(0, tracker_clean(&unit.s2, &batch));
	mutex_unlock(&unit.s2.batch_lock);
}

/* Only the page that gains it; the others keep what they had. */
TEST_F(map, gain_of_permission_in_a_block)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, 0));
	ASSERT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM + SZ_4K, W));
	EXPECT_EQ(0, unit_touch(IPA + SZ_4K, STAGE2_WRITE));
	EXPECT_EQ(-EACCES, unit_touch(IPA, STAGE2_WRITE));
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(SZ_4K, unit_leaf(IPA).size);
	EXPECT_EQ(512, mapped());
	EXPECT_EQ(2, tables());
}

TEST_F(map, gain_of_permission_in_1g)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_1G, MEM, 0));
	ASSERT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM + SZ_4K, W));
	EXPECT_EQ(SZ_4K, unit_leaf(IPA).size);
	EXPECT_EQ(SZ_2M, unit_leaf(IPA + SZ_2M).size);
	EXPECT_EQ(512 * 512, mapped());
	EXPECT_EQ(2, tables());
}

TEST_F(map, another_address)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit_forget_cleaned();

	EXPECT_EQ(-EAGAIN, unit_map(IPA, SZ_4K, MEM + SZ_4K, W));
	EXPECT_EQ(0, unit_leaf(IPA).pte);
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_EQ(2, unit.flushes);	/* for the page, then for its tables */
	EXPECT_EQ(0, mapped());
	EXPECT_EQ(0, unit_map(IPA, SZ_4K, MEM + SZ_4K, W));
	EXPECT_EQ(1, mapped());
}

TEST_F(map, block_over_pages)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
	ASSERT_EQ(0, unit_map(IPA + 3 * SZ_4K, SZ_4K, MEM + 3 * SZ_4K, W));
	unit_forget_cleaned();

	EXPECT_EQ(-EAGAIN, unit_map(IPA, SZ_2M, MEM, W));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	EXPECT_EQ(0, unit_cleaned(MEM + 3 * SZ_4K));
	EXPECT_EQ(0, mapped());
	EXPECT_EQ(0, tables());
	EXPECT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	EXPECT_EQ(512, mapped());
	EXPECT_EQ(1, tables());
}

TEST_F(map, page_over_a_block_elsewhere)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	EXPECT_EQ(-EAGAIN, unit_map(IPA + SZ_4K, SZ_4K, MEM, W));
	EXPECT_EQ(0, mapped());
	EXPECT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM, W));
	EXPECT_EQ(1, mapped());
}

static bool map_neighbour(u64 ipa, u64 pa)
{
	s2pte_t *ptep;
	bool done;

	spin_lock(&unit.s2.lock);
	ptep = __stage2_neighbours(&unit.s2, ipa);
	done = ptep && __stage2_map_neighbour(&unit.s2, ptep, pa, W);
	spin_unlock(&unit.s2.lock);
	return done;
}

TEST_F(map, neighbours)
{
	EXPECT_FALSE(map_neighbour(IPA, MEM));		/* no level-3 table */

	unit_map_touch(IPA, SZ_4K, MEM);
	EXPECT_TRUE(map_neighbour(IPA + SZ_4K, MEM + SZ_4K));
	EXPECT_FALSE(map_neighbour(IPA + SZ_4K, MEM + 2 * SZ_4K));
	EXPECT_FALSE(map_neighbour(IPA, MEM + SZ_4K));
	EXPECT_FALSE(map_neighbour(IPA + SZ_2M, MEM + SZ_2M));
	EXPECT_FALSE(map_neighbour(BIT_ULL(40), MEM + SZ_4K));

	EXPECT_EQ(2, mapped());
	EXPECT_FALSE(unit_reachable(IPA + SZ_4K));
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_NE(0, unit_leaf(IPA + SZ_4K).pte & STAGE2_PTE_STALE);
	EXPECT_EQ(MEM + SZ_4K, unit_leaf(IPA + SZ_4K).pte & STAGE2_PTE_ADDR);
}

TEST_F(map, neighbour_of_a_block)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	EXPECT_FALSE(map_neighbour(IPA + SZ_4K, MEM));
}

TEST_F(map, pool)
{
	struct stage2_pool pool = { };

	unit.alloc_limit = 2;
	EXPECT_EQ(-ENOMEM, stage2_pool_fill(&pool));
	EXPECT_EQ(2, pool.nr);
	unit.alloc_limit = 1;
	EXPECT_EQ(0, stage2_pool_fill(&pool));
	EXPECT_EQ(STAGE2_POOL_MIN, pool.nr);
	unit.alloc_limit = 100;
	EXPECT_EQ(0, stage2_pool_fill(&pool));
	EXPECT_EQ(STAGE2_POOL_MAX, pool.nr);
	stage2_pool_free(&pool);
	EXPECT_EQ(0, pool.nr);
}

TEST_F(map, lookup)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	EXPECT_EQ(IPA, unit_leaf(IPA + SZ_2M - 1).ipa);
	EXPECT_EQ(0, unit_leaf(IPA + SZ_2M).pte);
	EXPECT_EQ(IPA + SZ_2M, unit_leaf(IPA + SZ_2M + 5).ipa);
	EXPECT_EQ(SZ_2M, unit_leaf(IPA + SZ_2M).size);
	EXPECT_EQ(2, unit_leaf(IPA + SZ_2M).level);
	EXPECT_EQ(SZ_1G, unit_leaf(0).size);
	EXPECT_EQ(1, unit_leaf(0).level);
}

TEST_HARNESS_MAIN
