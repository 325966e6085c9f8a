// SPDX-License-Identifier: GPL-2.0-only
/*
 * STAGE2_POLICY_AF: the access flag in place of bit[0].  The CPU's part, to set the flag,
 * is played by cpu_use().
 */
#include <kselftest_harness.h>

#include "../../module/stage2/walk.h"
#include "unit.h"

#define IPA	(3ULL * SZ_1G)
#define PAGES	10
#define TABLES	20

static s2pte_t *leaf_at(unsigned int page)
{
	struct stage2_walk walk;

	stage2_walk(&unit.s2, IPA + page * SZ_4K, &walk);
	return walk.ptep[STAGE2_LEVEL_LEAST];
}

static void cpu_use(unsigned int page)
{
	s2pte_update(leaf_at(page), 0, STAGE2_PTE_AF);
}

static bool is_valid(unsigned int page)
{
	return *leaf_at(page) & STAGE2_PTE_VALID;
}

FIXTURE(af) {
};

/* All pages were used, and are idle now. */
FIXTURE_SETUP(af)
{
	struct tracker_batch batch;
	unsigned int i;

	ASSERT_EQ(0, unit_init(40));
	unit.s2.policy = STAGE2_POLICY_AF;
	for (i = 0; i < PAGES; i++)
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(PAGES, batch.cleaned);
	EXPECT_EQ(1, unit.flushes);
	unit_forget_cleaned();
	unit.flushes = 0;
}

FIXTURE_TEARDOWN(af)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(0, unit_exit());
}

TEST_F(af, idle_pages_stay_valid)
{
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		EXPECT_TRUE(is_valid(i));
		EXPECT_EQ(0, *leaf_at(i) & (STAGE2_PTE_AF | STAGE2_PTE_PENDING));
		EXPECT_TRUE(unit_reachable(IPA + i * SZ_4K));
	}
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, batch.harvested);
	EXPECT_EQ(0, batch.cleaned);
	EXPECT_EQ(0, unit.flushes);
}

TEST_F(af, a_batch_cleans_what_is_flagged)
{
	struct tracker_batch batch;

	cpu_use(3);
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.harvested);
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + 3 * SZ_4K));
	EXPECT_EQ(1, unit.flushes);
	EXPECT_TRUE(is_valid(3));
}

/* What the harvest reads: all entries below each table that was ever used. */
TEST_F(af, a_batch_reads_the_leaves_of_all_tables)
{
	struct tracker_batch batch;
	unsigned int i, before;

	for (i = 1; i < TABLES; i++)
		unit_map_touch(IPA + i * SZ_2M, SZ_4K, MEM + i * SZ_2M);
	ASSERT_EQ(0, unit_batch(&batch));
	before = unit.steps;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, batch.cleaned);
	EXPECT_LE(TABLES * STAGE2_PTRS, unit.steps - before);
	EXPECT_GE(TABLES * STAGE2_PTRS * 4, unit.steps - before);
}

/* What is idle has to fault as well, and is cleaned for nobody before. */
TEST_F(af, an_observer_makes_all_pages_fault)
{
	struct tracker_batch batch;
	unsigned int i;

	cpu_use(3);
	EXPECT_TRUE(tracker_uncached_begin(&unit.s2));
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + 3 * SZ_4K));
	for (i = 0; i < PAGES; i++)
		EXPECT_FALSE(is_valid(i));

	ASSERT_EQ(0, unit_touch(IPA + 5 * SZ_4K, STAGE2_READ));
	EXPECT_EQ(1, atomic64_read(&unit.s2.idle_cleaned));
	tracker_uncached_end(&unit.s2);
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_TRUE(is_valid(5));
	EXPECT_FALSE(is_valid(4));
}

TEST_F(af, unmapping_cleans_what_is_flagged)
{
	cpu_use(3);
	stage2_unmap(&unit.s2, IPA, PAGES * SZ_4K, true);
	EXPECT_EQ(1, unit.nr_cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + 3 * SZ_4K));
}

/* A CPU may have an idle page in its TLB, as far as the architecture says. */
TEST_F(af, unmapping_flushes_for_idle_pages)
{
	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(1, unit.flushes);
	EXPECT_EQ(0, unit.nr_cleaned);
}

/* Of a CPU that came late and does not set flags. */
TEST_F(af, a_fault_for_the_flag_sets_it)
{
	spin_lock(&unit.s2.lock);
	EXPECT_EQ(0, __tracker_touch(&unit.s2, IPA, STAGE2_READ, &unit.pool));
	spin_unlock(&unit.s2.lock);
	EXPECT_NE(0, *leaf_at(0) & STAGE2_PTE_AF);
}

TEST_HARNESS_MAIN
