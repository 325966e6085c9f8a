// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches: what was accessed is cleaned, nothing else is, and what it costs
 * does not depend on how much is mapped.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL
#define W	STAGE2_PROT_W

FIXTURE(batch) {
};

FIXTURE_SETUP(batch)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(batch)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(0, atomic64_read(&unit.s2.tables));
	EXPECT_EQ(0, unit_exit());
}

/* A harvest, and cleaning that a signal interrupts. */
static int clean_interrupted(struct tracker_batch *batch)
{
	unit_harvest(batch);
	unit.signal_after = 1;
	return unit_clean(batch);
}

static void map_touch_pages(u64 ipa, u64 pa, unsigned int nr)
{
	for (; nr; nr--, ipa += SZ_4K, pa += SZ_4K)
		unit_map_touch(ipa, SZ_4K, pa);
	unit_forget_cleaned();
}

TEST_F(batch, nothing_mapped)
{
	struct tracker_batch batch;

	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, batch.harvested);
	EXPECT_EQ(0, batch.cleaned);
	EXPECT_EQ(0, batch.mapped);
	EXPECT_EQ(0, unit.flushes);
}

TEST_F(batch, exactly_what_was_accessed)
{
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, unit_map(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K, W));
	for (i = 0; i < 100; i += 7)
		ASSERT_EQ(0, unit_touch(IPA + i * SZ_4K, STAGE2_READ));
	unit_forget_cleaned();

	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(15, batch.harvested);
	EXPECT_EQ(15, batch.cleaned);
	EXPECT_EQ(100, batch.mapped);
	EXPECT_EQ(1, unit.flushes);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(i % 7 == 0, unit_cleaned(MEM + i * SZ_4K));
		EXPECT_FALSE(unit_reachable(IPA + i * SZ_4K));
	}
}

TEST_F(batch, again_without_an_access)
{
	struct tracker_batch batch;

	map_touch_pages(IPA, MEM, 10);
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(10, batch.cleaned);
	unit.flushes = 0;
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, batch.harvested);
	EXPECT_EQ(0, batch.cleaned);
	EXPECT_EQ(0, unit.nr_cleaned);
	EXPECT_EQ(0, unit.flushes);

	ASSERT_EQ(0, unit_touch(IPA + 3 * SZ_4K, STAGE2_READ));
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + 3 * SZ_4K));
}

/* 64 GiB are mapped, three pages were touched: three pages and a few tables. */
TEST_F(batch, cost_follows_what_was_accessed)
{
	static const u64 touched[] = { 5 * SZ_4K, 3 * (u64)SZ_1G, 60 * (u64)SZ_1G + 77 * SZ_2M };
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < 64; i++)
		ASSERT_EQ(0, unit_map(i * (u64)SZ_1G, SZ_1G, MEM + i * (u64)SZ_1G, W));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, unit_touch(touched[i], STAGE2_WRITE));
	unit_forget_cleaned();
	unit.steps = 0;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(3, batch.cleaned);
	EXPECT_EQ(64 * 512 * 512, batch.mapped);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + touched[i]));
	/* 2 passes over 1024 root entries and 3 * 2 * 512 others, twice read by the first */
	EXPECT_GT(3 * (1024 + 6 * 512) + 200, unit.steps);

	unit.steps = 0;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, batch.cleaned);
	EXPECT_GT(3 * 1024 + 10, unit.steps);
}

TEST_F(batch, full_cleans_all_and_takes_nothing)
{
	struct tracker_batch batch;
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit_map_touch(IPA + SZ_2M, SZ_4K, MEM + SZ_2M);
	for (i = 0; i < 2; i++) {
		unit_forget_cleaned();
		unit.flushes = 0;
		ASSERT_EQ(0, unit_batch(&batch));
		EXPECT_EQ(513, batch.harvested);
		EXPECT_EQ(513, batch.cleaned);
		EXPECT_EQ(513, batch.mapped);
		EXPECT_EQ(0, unit.flushes);
		EXPECT_TRUE(unit_reachable(IPA));
		EXPECT_TRUE(unit_reachable(IPA + SZ_2M));
		EXPECT_EQ(1, unit_cleaned(MEM + SZ_2M));
	}
}

TEST_F(batch, chunks)
{
	struct tracker_batch batch;

	map_touch_pages(IPA, MEM, 1000);
	unit_harvest(&batch);
	unit.relaxed = 0;
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(1000, batch.cleaned);
	EXPECT_LE(1000 / STAGE2_CHUNK, unit.relaxed);
}

/* A signal stops it; each page is cleaned once all the same. */
TEST_F(batch, interrupted_and_resumed)
{
	struct tracker_batch batch;
	unsigned int i, calls = 1;

	map_touch_pages(IPA, MEM, 300);
	unit_map_touch(IPA + SZ_1G, SZ_4K, MEM + SZ_1G);
	unit_forget_cleaned();
	ASSERT_EQ(-EINTR, clean_interrupted(&batch));
	EXPECT_EQ(301, batch.harvested);
	EXPECT_EQ(STAGE2_CHUNK, batch.cleaned);
	for (unit.signal_after = 1; unit_clean(&batch) == -EINTR; unit.signal_after = 1)
		calls++;
	EXPECT_EQ(300 / STAGE2_CHUNK, calls);
	EXPECT_EQ(301, batch.cleaned);
	for (i = 0; i < 300; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_1G));
}

/* What one batch leaves is cleaned by the batch that goes on first. */
TEST_F(batch, left_to_another)
{
	struct tracker_batch first, second;
	unsigned int i;

	map_touch_pages(IPA, MEM, 200);
	ASSERT_EQ(-EINTR, clean_interrupted(&first));
	unit.signal_after = 0;

	/* Already cleaned, and used again behind the place where the first stopped. */
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	ASSERT_EQ(0, unit_touch(IPA + 199 * SZ_4K, STAGE2_WRITE));
	ASSERT_EQ(-EINTR, clean_interrupted(&second));
	EXPECT_EQ(2, second.harvested);
	unit.signal_after = 0;

	ASSERT_EQ(0, unit_clean(&first));
	EXPECT_EQ(201, first.cleaned + second.cleaned);
	EXPECT_EQ(2, unit_cleaned(MEM));
	for (i = 1; i < 200; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	ASSERT_EQ(0, unit_clean(&second));
	EXPECT_EQ(201, first.cleaned + second.cleaned);
	ASSERT_EQ(0, unit_batch(&second));
	EXPECT_EQ(0, second.cleaned);
}

TEST_F(batch, used_again_before_it_is_cleaned)
{
	struct tracker_batch batch;

	map_touch_pages(IPA, MEM, 1);
	unit_harvest(&batch);
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_TRUE(unit_reachable(IPA));
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_FALSE(unit_reachable(IPA));
}

/* However often it is interrupted, a big block gets done. */
TEST_F(batch, big_block_makes_progress)
{
	struct tracker_batch batch;
	unsigned int calls = 1;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_1G, MEM);
	ASSERT_EQ(-EINTR, clean_interrupted(&batch));
	for (unit.signal_after = 1; unit_clean(&batch) == -EINTR; unit.signal_after = 1)
		calls++;
	EXPECT_EQ(512 * 512, batch.cleaned);
	EXPECT_EQ(512 * 512 / STAGE2_CHUNK - 1, calls);
}

/* ... but another batch, or another block there, is to be cleaned whole. */
TEST_F(batch, big_block_is_begun_anew)
{
	struct tracker_batch batch;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	ASSERT_EQ(-EINTR, clean_interrupted(&batch));
	unit.signal_after = 0;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(512, batch.cleaned);

	ASSERT_EQ(-EINTR, clean_interrupted(&batch));
	unit.signal_after = 0;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	unit_map_touch(IPA, SZ_2M, MEM);
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(STAGE2_CHUNK, batch.cleaned);	/* it is not of this batch */
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(512, batch.cleaned);
}

/* While the harvest has dropped the lock, which it does after each table. */
static u64 relax_ipa;

static void touch_there(void)
{
	unit.on_relax = NULL;
	unit_touch(relax_ipa, STAGE2_WRITE);
}

static void map_three_tables(void)
{
	map_touch_pages(IPA, MEM, 2);
	map_touch_pages(IPA + SZ_2M, MEM + SZ_2M, 2);
	map_touch_pages(IPA + SZ_1G, MEM + SZ_1G, 2);
}

TEST_F(batch, accessed_behind_the_harvest)
{
	struct tracker_batch batch;

	map_three_tables();
	relax_ipa = IPA;
	unit.on_relax = touch_there;
	unit_harvest(&batch);
	EXPECT_EQ(6, batch.harvested);
	EXPECT_TRUE(unit_reachable(IPA));
	ASSERT_EQ(0, unit_clean(&batch));
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM));
}

TEST_F(batch, accessed_before_the_harvest_comes)
{
	struct tracker_batch batch;

	map_three_tables();
	relax_ipa = IPA + SZ_2M;
	unit.on_relax = touch_there;
	unit_harvest(&batch);
	EXPECT_EQ(6, batch.harvested);
	EXPECT_FALSE(unit_reachable(IPA + SZ_2M));
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_2M));
}

/* The table that the harvest is in goes, and another one comes in its place. */
static void unmap_there(void)
{
	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, relax_ipa, SZ_1G, true);
}

static void replace_there(void)
{
	unmap_there();
	unit_map_touch(relax_ipa + SZ_2M, SZ_4K, MEM + SZ_2M);
	unit_forget_cleaned();
}

static void block_there(void)
{
	unmap_there();
	unit_map(relax_ipa, SZ_1G, MEM, W);
}

TEST_F(batch, table_goes_under_the_harvest)
{
	struct tracker_batch batch;

	map_three_tables();
	relax_ipa = IPA;
	unit.on_relax = unmap_there;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(2 + 2, batch.harvested);
	EXPECT_EQ(2, batch.cleaned);
}

TEST_F(batch, table_is_replaced_under_the_harvest)
{
	struct tracker_batch batch;

	map_three_tables();
	relax_ipa = IPA;
	unit.on_relax = replace_there;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(2 + 1 + 2, batch.harvested);
	EXPECT_EQ(1 + 2, batch.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_2M));
}

TEST_F(batch, table_becomes_a_block_under_the_harvest)
{
	struct tracker_batch batch;

	map_three_tables();
	relax_ipa = IPA;
	unit.on_relax = block_there;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(2 + 2, batch.harvested);
	EXPECT_EQ(2, batch.cleaned);
	EXPECT_EQ(SZ_1G, unit_leaf(IPA).size);
}

/*
 * A signal ends a harvest after any table.  What it has met is harvested, what it has
 * not is as it was.
 */
TEST_F(batch, harvest_is_interrupted_and_resumed)
{
	struct tracker_batch batch = { };
	unsigned int i, calls = 1;

	map_three_tables();
	for (unit.signal_after = 1; unit_harvest_more(&batch) == -EINTR; unit.signal_after = 1) {
		/* a table at a time, and no TLB knows of it then */
		EXPECT_TRUE(calls == 1 ? batch.harvested == 2 : batch.harvested >= 4);
		EXPECT_FALSE(unit.s2.flush_owed);
		calls++;
	}
	unit.signal_after = 0;
	EXPECT_LE(3, calls);
	EXPECT_EQ(3, unit.flushes);
	EXPECT_EQ(6, batch.harvested);
	EXPECT_EQ(0, unit.s2.harvest_cursor);
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(6, batch.cleaned);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
		EXPECT_EQ(1, unit_cleaned(MEM + SZ_1G + i * SZ_4K));
	}
}

/* The second page is in the root's last part, and is found by the harvest that goes on. */
TEST_F(batch, harvest_is_interrupted_far_away)
{
	const u64 far = BIT_ULL(40) - SZ_4K;
	struct tracker_batch batch = { };

	unit_map_touch(IPA, SZ_4K, MEM);
	unit_map_touch(far, SZ_4K, MEM + SZ_4K);
	unit_forget_cleaned();
	unit.signal_after = 1;
	ASSERT_EQ(-EINTR, unit_harvest_more(&batch));
	EXPECT_EQ(1, batch.harvested);
	unit.signal_after = 0;
	ASSERT_EQ(0, unit_harvest_more(&batch));
	EXPECT_EQ(2, batch.harvested);
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_4K));
}

/*
 * The tables of what it has not met may be idle already, so that another harvest would
 * pass it over: the first one is finished before the second begins.
 */
TEST_F(batch, interrupted_harvest_is_finished_by_another)
{
	struct tracker_batch first = { }, second = { };

	map_three_tables();
	unit.signal_after = 1;
	ASSERT_EQ(-EINTR, unit_harvest_more(&first));
	unit.signal_after = 0;
	/* behind it, for the second */
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	ASSERT_EQ(0, unit_batch(&second));
	EXPECT_EQ(4 + 1, second.harvested);
	EXPECT_EQ(6, second.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_1G + SZ_4K));
	/* and nothing is left of the first */
	ASSERT_EQ(0, unit_harvest_more(&first));
	EXPECT_EQ(2, first.harvested);
	ASSERT_EQ(0, unit_clean(&first));
	EXPECT_EQ(0, first.cleaned);
	ASSERT_EQ(0, unit_batch(&second));
	EXPECT_EQ(0, second.cleaned);
}

TEST_F(batch, interrupted_harvest_is_interrupted_again_by_another)
{
	struct tracker_batch first = { }, second = { };

	map_three_tables();
	unit.signal_after = 1;
	ASSERT_EQ(-EINTR, unit_harvest_more(&first));
	unit.signal_after = 1;
	ASSERT_EQ(-EINTR, unit_harvest_more(&second));
	EXPECT_FALSE(second.begun);
	unit.signal_after = 0;
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	ASSERT_EQ(0, unit_harvest_more(&second));
	EXPECT_EQ(4 + 1, second.harvested);
	ASSERT_EQ(0, unit_clean(&second));
	EXPECT_EQ(6, second.cleaned);
}

/* Another batch cleans meanwhile what is PENDING, and takes that off the tables. */
TEST_F(batch, cleaned_while_a_harvest_is_interrupted)
{
	struct tracker_batch first, second = { };

	map_three_tables();
	unit_harvest(&first);
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	ASSERT_EQ(0, unit_touch(IPA + SZ_2M, STAGE2_WRITE));
	ASSERT_EQ(0, unit_touch(IPA + SZ_1G, STAGE2_WRITE));
	unit.signal_after = 1;
	ASSERT_EQ(-EINTR, unit_harvest_more(&second));
	unit.signal_after = 0;
	ASSERT_EQ(0, unit_clean(&first));
	EXPECT_EQ(6, first.cleaned);
	ASSERT_EQ(0, unit_harvest_more(&second));
	ASSERT_EQ(0, unit_clean(&second));
	/* but for the page that the first had cleaned for both */
	EXPECT_EQ(2, second.cleaned);
	EXPECT_FALSE(unit_reachable(IPA + SZ_1G));
}

/*
 * A harvest is under way, and has taken back what is now unmapped: the TLBs
 * still know it, so it is not enough that bit[0] is clear.
 */
static unsigned int flushes_in_unmap;

static void unmap_flushes(void)
{
	unsigned int before = unit.flushes;

	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	flushes_in_unmap = unit.flushes - before;
}

TEST_F(batch, unmapping_flushes_for_the_harvest)
{
	struct tracker_batch batch;

	map_three_tables();
	flushes_in_unmap = 0;
	unit.on_relax = unmap_flushes;
	unit_harvest(&batch);
	EXPECT_EQ(1, flushes_in_unmap);
	EXPECT_EQ(2, unit.flushes);
}

TEST_HARNESS_MAIN
