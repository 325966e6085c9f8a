// SPDX-License-Identifier: GPL-2.0-only
/*
 * Letting the guest in: revalidation, and what needs the lock.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL
#define W	STAGE2_PROT_W

FIXTURE(tracker) {
};

FIXTURE_SETUP(tracker)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(tracker)
{
	EXPECT_EQ(0, unit_exit());
}

static int touch(u64 ipa, enum stage2_access access, struct stage2_pool *pool)
{
	int ret;

	spin_lock(&unit.s2.lock);
	ret = __tracker_touch(&unit.s2, ipa, access, pool);
	spin_unlock(&unit.s2.lock);
	return ret;
}

static void batch(void)
{
	struct tracker_batch batch;

	unit_batch(&batch);
}

TEST_F(tracker, nothing_mapped)
{
	EXPECT_EQ(-ENOENT, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_EQ(-ENOENT, touch(IPA, STAGE2_READ, &unit.pool));
	EXPECT_EQ(-ENOENT, touch(BIT_ULL(40), STAGE2_READ, &unit.pool));
	unit_map_touch(IPA, SZ_4K, MEM);
	EXPECT_EQ(-ENOENT, tracker_revalidate(&unit.s2, IPA + SZ_4K, STAGE2_READ));
	EXPECT_EQ(-ENOENT, touch(IPA + SZ_4K, STAGE2_READ, &unit.pool));
}

/* A page is cleaned before the guest first sees it, and only then. */
TEST_F(tracker, stale)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(-EAGAIN, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_FALSE(unit_reachable(IPA));
	EXPECT_EQ(0, unit.nr_cleaned);

	EXPECT_EQ(0, touch(IPA, STAGE2_READ, &unit.pool));
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_EQ(1, unit.forgotten_all);	/* the I-cache as well */
	EXPECT_EQ(1, atomic64_read(&unit.s2.stale_cleaned));
	EXPECT_EQ(0, unit_leaf(IPA).pte & STAGE2_PTE_STALE);

	batch();
	unit_forget_cleaned();
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_EQ(0, unit.nr_cleaned);
	EXPECT_EQ(1, atomic64_read(&unit.s2.stale_cleaned));
}

/* A page is dirty as soon as the guest can write to it, and not before. */
TEST_F(tracker, dirty)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(-EAGAIN, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_EQ(0, unit.nr_dirty);
	EXPECT_EQ(0, touch(IPA, STAGE2_READ, &unit.pool));
	EXPECT_TRUE(unit_dirty(MEM, SZ_4K));

	/* As long as it is mapped it cannot have become clean. */
	batch();
	EXPECT_EQ(0, touch(IPA, STAGE2_WRITE, &unit.pool));
	batch();
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_EQ(-EEXIST, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(0, unit.nr_dirty);

	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(0, unit.nr_dirty);
	unit_map_touch(IPA, SZ_4K, MEM);
	EXPECT_TRUE(unit_dirty(MEM, SZ_4K));
}

TEST_F(tracker, dirty_by_permission)
{
	/* One that the guest is in, one that it was in, one that it has not seen. */
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, 0));
	ASSERT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM + SZ_4K, 0));
	EXPECT_EQ(0, touch(IPA, STAGE2_READ, &unit.pool));
	EXPECT_EQ(-EACCES, touch(IPA, STAGE2_WRITE, &unit.pool));
	EXPECT_EQ(0, unit.nr_dirty);
	EXPECT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_TRUE(unit_dirty(MEM, SZ_4K));
	EXPECT_EQ(0, touch(IPA, STAGE2_WRITE, &unit.pool));
	EXPECT_EQ(0, unit.nr_dirty);

	EXPECT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM + SZ_4K, W));
	EXPECT_EQ(0, unit.nr_dirty);
	EXPECT_EQ(0, touch(IPA + SZ_4K, STAGE2_READ, &unit.pool));
	EXPECT_TRUE(unit_dirty(MEM + SZ_4K, SZ_4K));

	/* Taken away for a log, and given back. */
	stage2_wrprotect(&unit.s2, IPA, SZ_4K);
	batch();
	EXPECT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_TRUE(unit_dirty(MEM, SZ_4K));
}

TEST_F(tracker, dirty_page_of_a_block)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_1G, MEM, W));
	EXPECT_EQ(0, unit_touch(IPA + SZ_2M + 7 * SZ_4K, STAGE2_READ));
	EXPECT_TRUE(unit_dirty(MEM + SZ_2M + 7 * SZ_4K, SZ_4K));
}

/* All levels in one call, and only the page that was asked for. */
TEST_F(tracker, all_levels_at_once)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit_map_touch(IPA + SZ_4K, SZ_4K, MEM + SZ_4K);
	batch();
	EXPECT_FALSE(unit_leaf(IPA).reachable);
	EXPECT_FALSE(unit_reachable(IPA));

	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_FALSE(unit_reachable(IPA + SZ_4K));
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA + SZ_4K + 123, STAGE2_READ));
	EXPECT_TRUE(unit_reachable(IPA + SZ_4K));
}

TEST_F(tracker, permissions)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, 0));
	EXPECT_EQ(-EACCES, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_EQ(-EACCES, touch(IPA, STAGE2_WRITE, &unit.pool));
	EXPECT_EQ(0, touch(IPA, STAGE2_READ, &unit.pool));
	EXPECT_EQ(-EACCES, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	batch();
	EXPECT_EQ(-EACCES, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_FALSE(unit_reachable(IPA));
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
}

/* Exact means pages: an idle block is split, and one page of it is let in. */
TEST_F(tracker, split_2m)
{
	u64 ipa;

	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	EXPECT_EQ(-EAGAIN, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_EQ(0, unit_touch(IPA + 7 * SZ_4K, STAGE2_WRITE));
	for (ipa = 0; ipa < SZ_2M; ipa += SZ_4K) {
		struct stage2_leaf leaf = unit_leaf(IPA + ipa);

		EXPECT_EQ(SZ_4K, leaf.size);
		EXPECT_EQ(MEM + ipa, leaf.pte & STAGE2_PTE_ADDR);
		EXPECT_NE(0, leaf.pte & STAGE2_PTE_S2AP_W);
		EXPECT_NE(0, leaf.pte & STAGE2_PTE_TABLE);
		EXPECT_EQ(ipa == 7 * SZ_4K, unit_reachable(IPA + ipa));
		EXPECT_EQ(ipa != 7 * SZ_4K, !!(leaf.pte & STAGE2_PTE_STALE));
	}
	EXPECT_EQ(1, unit.nr_cleaned);
	EXPECT_EQ(0, unit.flushes);	/* no TLB knew the block */
	EXPECT_EQ(512, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(2, atomic64_read(&unit.s2.tables));
}

/* Not without the lock, though it was cleaned: exact means pages. */
TEST_F(tracker, blocks_need_the_lock)
{
	struct stage2_walk walk;

	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	stage2_walk(&unit.s2, IPA, &walk);
	s2pte_update(walk.ptep[walk.level], STAGE2_PTE_STALE, 0);
	EXPECT_EQ(-EAGAIN, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_FALSE(unit_reachable(IPA));
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(SZ_4K, unit_leaf(IPA).size);
}

TEST_F(tracker, split_1g)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_1G, MEM, W));
	EXPECT_EQ(0, unit_touch(IPA + SZ_2M + SZ_4K, STAGE2_READ));
	EXPECT_EQ(SZ_4K, unit_leaf(IPA + SZ_2M).size);
	EXPECT_EQ(SZ_2M, unit_leaf(IPA).size);
	EXPECT_EQ(SZ_2M, unit_leaf(IPA + 2 * SZ_2M).size);
	EXPECT_EQ(MEM + 2 * SZ_2M, unit_leaf(IPA + 2 * SZ_2M).pte & STAGE2_PTE_ADDR);
	EXPECT_TRUE(unit_reachable(IPA + SZ_2M + SZ_4K));
	EXPECT_FALSE(unit_reachable(IPA + SZ_2M));
	EXPECT_EQ(1, unit.nr_cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_2M + SZ_4K));
	EXPECT_EQ(512 * 512, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(2, atomic64_read(&unit.s2.tables));
}

TEST_F(tracker, split_without_memory)
{
	struct stage2_pool none = { };

	ASSERT_EQ(0, unit_map(IPA, SZ_1G, MEM, W));
	EXPECT_EQ(-ENOMEM, touch(IPA, STAGE2_READ, &none));
	EXPECT_EQ(SZ_1G, unit_leaf(IPA).size);
	EXPECT_FALSE(unit_reachable(IPA));
	EXPECT_EQ(0, unit.nr_cleaned);
}

/* Under the other policy blocks stay, are cleaned whole, and become valid whole. */
TEST_F(tracker, full_keeps_blocks)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	EXPECT_EQ(0, unit_touch(IPA + SZ_4K, STAGE2_READ));
	EXPECT_EQ(SZ_2M, unit_leaf(IPA).size);
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_EQ(512, unit.nr_cleaned);
	EXPECT_EQ(512, atomic64_read(&unit.s2.stale_cleaned));
	EXPECT_EQ(512 / STAGE2_CHUNK - 1, unit.relaxed);
	EXPECT_TRUE(unit_dirty(MEM, SZ_2M));
}

static void unmap_it(void)
{
	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
}

TEST_F(tracker, block_goes_while_it_is_cleaned)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	unit.on_relax = unmap_it;
	EXPECT_EQ(-EAGAIN, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(0, unit_leaf(IPA).pte);
	EXPECT_EQ(0, unit.nr_dirty);
}

static void remap_it(void)
{
	unmap_it();
	unit_map(IPA, SZ_2M, MEM, W);
}

/* The same address again, but what was cleaned may have been written since. */
TEST_F(tracker, block_is_replaced_while_it_is_cleaned)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	unit.on_relax = remap_it;
	EXPECT_EQ(-EAGAIN, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(0, unit.nr_dirty);
	EXPECT_NE(0, unit_leaf(IPA).pte & STAGE2_PTE_STALE);
	EXPECT_FALSE(unit_reachable(IPA));
}

/* A batch in between only leaves its mark. */
static void harvest_it(void)
{
	struct tracker_batch batch = { };

	unit.on_relax = NULL;
	mutex_lock(&unit.s2.batch_lock);
	tracker_harvest(&unit.s2, &batch);
	mutex_unlock(&unit.s2.batch_lock);
}

TEST_F(tracker, batch_while_a_block_is_cleaned)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	unit.on_relax = harvest_it;
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_READ));
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_NE(0, unit_leaf(IPA).pte & STAGE2_PTE_PENDING);
}

/* The right to write goes while the block is cleaned: nothing to be marked dirty. */
static void protect_it(void)
{
	unit.on_relax = NULL;
	stage2_wrprotect(&unit.s2, IPA, SZ_4K);
}

TEST_F(tracker, block_is_protected_while_it_is_cleaned)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	unit.on_relax = protect_it;
	EXPECT_EQ(-EAGAIN, unit_touch(IPA, STAGE2_READ));
	EXPECT_FALSE(unit_reachable(IPA));
	EXPECT_EQ(0, unit.nr_dirty);
}

/* Another vCPU is let in to the same block first. */
static void touch_it(void)
{
	unit.on_relax = NULL;
	unit_touch(IPA, STAGE2_READ);
}

TEST_F(tracker, two_want_the_same_block)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	unit.on_relax = touch_it;
	EXPECT_EQ(-EAGAIN, unit_touch(IPA, STAGE2_READ));
	EXPECT_TRUE(unit_reachable(IPA));
}

/* A valid block that has to be split is broken first, and its state is kept. */
static bool valid_in_flush;

static void note_valid(void)
{
	valid_in_flush = __stage2_lookup(&unit.s2, IPA).pte & STAGE2_PTE_VALID;
}

TEST_F(tracker, split_valid_block)
{
	struct stage2_leaf leaf;

	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, 0));
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_READ));
	unit.flushes = 0;
	unit.on_flush = note_valid;
	valid_in_flush = true;
	ASSERT_EQ(0, unit_map(IPA + SZ_4K, SZ_4K, MEM + SZ_4K, W));
	EXPECT_EQ(1, unit.flushes);
	EXPECT_FALSE(valid_in_flush);
	leaf = unit_leaf(IPA);
	EXPECT_EQ(SZ_4K, leaf.size);
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_TRUE(unit_reachable(IPA + SZ_4K));
	EXPECT_EQ(0, unit_touch(IPA + SZ_4K, STAGE2_WRITE));
	EXPECT_EQ(-EACCES, unit_touch(IPA, STAGE2_WRITE));
}

/* The access is tried again at once, and the walk has to see what was written. */
TEST_F(tracker, published)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	EXPECT_EQ(0, touch(IPA, STAGE2_READ, &unit.pool));
	EXPECT_EQ(1, unit.published);
	EXPECT_EQ(0, unit.unsynced);
	batch();
	unit.published = 0;
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_EQ(1, unit.published);
}

static void harvest(void)
{
	struct tracker_batch batch = { };

	unit.on_step = NULL;
	mutex_lock(&unit.s2.batch_lock);
	tracker_harvest(&unit.s2, &batch);
	mutex_unlock(&unit.s2.batch_lock);
}

/* Whenever a harvest comes in between: the next finds what was let in. */
TEST_F(tracker, harvest_at_any_step)
{
	unsigned int at;

	unit_map_touch(IPA, SZ_4K, MEM);
	for (at = 1; ; at++) {
		batch();
		unit.steps = 0;
		unit.step_at = at;
		unit.on_step = harvest;
		EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
		if (unit.on_step)
			break;
		harvest();
		EXPECT_EQ(0, unit_leaf(IPA).pte & STAGE2_PTE_VALID);
	}
	unit.on_step = NULL;
	EXPECT_LT(2 * 3, at);	/* each entry is read and written */
}

/* An empty entry is not a table at physical address 0. */
TEST_F(tracker, table_at_0)
{
	u64 above = 0, leaf = STAGE2_PTE_VALID;
	struct stage2 s2 = {
		.start_level = STAGE2_LEVEL_LEAST - 1,
		.ia_bits = STAGE2_IA_BITS_MIN,
		.root_group_shift = STAGE2_IA_BITS_MIN - STAGE2_ROOT_GROUP_BITS,
	};
	struct stage2_walk walk = {
		.level = STAGE2_LEVEL_LEAST,
		.ptep = { [STAGE2_LEVEL_LEAST - 1] = &above, [STAGE2_LEVEL_LEAST] = &leaf },
		.pte = { [STAGE2_LEVEL_LEAST - 1] = STAGE2_PTE_TABLE },
	};

	EXPECT_FALSE(__tracker_validate_path(&s2, &walk, 0));
	EXPECT_EQ(0, above);
	EXPECT_EQ(0, s2.root_groups);
	above = STAGE2_PTE_TABLE;
	EXPECT_TRUE(__tracker_validate_path(&s2, &walk, 0));
	EXPECT_EQ(STAGE2_PTE_TABLE | STAGE2_PTE_VALID, above & ~STAGE2_PTE_GROUPS);
	EXPECT_EQ(1, s2.root_groups);
}

/* Somebody looks past the caches: what the host wrote to idle pages has to be there. */
TEST_F(tracker, uncached_idle_page_is_cleaned)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	batch();
	unit_forget_cleaned();
	EXPECT_TRUE(tracker_uncached_begin(&unit.s2));
	EXPECT_EQ(-EAGAIN, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_EQ(1, atomic64_read(&unit.s2.idle_cleaned));
	EXPECT_EQ(1, atomic64_read(&unit.s2.stale_cleaned));
	/* once, as long as it stays accessed */
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	EXPECT_EQ(0, unit_cleaned(MEM));
	tracker_uncached_end(&unit.s2);
}

TEST_F(tracker, uncached_is_over_with_the_last)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	tracker_uncached_begin(&unit.s2);
	tracker_uncached_begin(&unit.s2);
	batch();
	tracker_uncached_end(&unit.s2);
	EXPECT_EQ(-EAGAIN, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	tracker_uncached_end(&unit.s2);
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_READ));
	EXPECT_EQ(0, atomic64_read(&unit.s2.idle_cleaned));
}

/* A revalidation that has not seen it must be over before the harvest begins. */
TEST_F(tracker, uncached_waits_for_walks)
{
	unsigned int syncs = unit.syncs;

	tracker_uncached_begin(&unit.s2);
	EXPECT_EQ(syncs + 1, unit.syncs);
	tracker_uncached_end(&unit.s2);
	tracker_uncached_begin(&unit.s2);
	EXPECT_EQ(syncs + 2, unit.syncs);
	tracker_uncached_end(&unit.s2);
}

TEST_F(tracker, uncached_needs_no_batch_under_full)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	EXPECT_FALSE(tracker_uncached_begin(&unit.s2));
	tracker_uncached_end(&unit.s2);
}

TEST_HARNESS_MAIN
