// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which neighbours come along with a page, and what is done for them before.
 */
#include <kselftest_harness.h>

#include "../../module/stage2/quiet.h"
#include "unit.h"

#define IPA	0x40000000ULL
#define PAGES	64
#define PAGE	5	/* that the guest wants */
#define SHOWN	16	/* as many, from the first page on, are shown with it */
#define LET_IN	4	/* and so many let in to: its own four */

static bool is_stale(unsigned int page)
{
	return unit_leaf(IPA + page * SZ_4K).pte & STAGE2_PTE_STALE;
}

static bool is_valid(unsigned int page)
{
	return unit_leaf(IPA + page * SZ_4K).pte & STAGE2_PTE_VALID;
}

static void leaf_change(unsigned int page, u64 clear, u64 set)
{
	struct stage2_walk walk;

	stage2_walk(&unit.s2, IPA + page * SZ_4K, &walk);
	s2pte_update(walk.ptep[walk.level], clear, set);
}

FIXTURE(cluster) {
};

FIXTURE_SETUP(cluster)
{
	unsigned int i;

	ASSERT_EQ(0, unit_init(40));
	unit.s2.cluster = STAGE2_CLUSTER_MAX;
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(0, unit_map(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K, STAGE2_PROT_W));
}

FIXTURE_TEARDOWN(cluster)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	EXPECT_EQ(0, unit_exit());
}

TEST_F(cluster, is_cleaned_and_dirty_before_it_is_shown)
{
	unsigned int i;

	ASSERT_EQ(0, unit_touch(IPA + PAGE * SZ_4K, STAGE2_READ));
	for (i = 0; i < PAGES; i++) {
		EXPECT_EQ(i < SHOWN, unit_cleaned(MEM + i * SZ_4K));
		EXPECT_EQ(i >= SHOWN, is_stale(i));
		EXPECT_EQ(i / LET_IN == PAGE / LET_IN, is_valid(i));
	}
	EXPECT_EQ(SHOWN, unit.nr_dirty);
	EXPECT_EQ(SHOWN, atomic64_read(&unit.s2.stale_cleaned));
	EXPECT_EQ(1, unit.forgotten_all);
	EXPECT_EQ(0, unit.unsynced);
}

TEST_F(cluster, is_apart_in_memory)
{
	const u64 apart = MEM + 2 * PAGES * SZ_4K;

	stage2_unmap(&unit.s2, IPA + PAGE * SZ_4K, SZ_4K, true);
	ASSERT_EQ(0, unit_map(IPA + PAGE * SZ_4K, SZ_4K, apart, STAGE2_PROT_W));
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(1, unit_cleaned(MEM + (PAGE - 1) * SZ_4K));
	EXPECT_EQ(0, unit_cleaned(MEM + PAGE * SZ_4K));
	EXPECT_EQ(1, unit_cleaned(MEM + (PAGE + 1) * SZ_4K));
	EXPECT_EQ(1, unit_cleaned(apart));
	EXPECT_EQ(0, unit_cleaned(apart + SZ_4K));
}

/* Not one that is unmapped, whose leaf is about to go without a flush. */
TEST_F(cluster, leaves_out_what_is_not_fit)
{
	const unsigned int dying = PAGE - 1, stale = PAGE + 1, fit = PAGE + 2;
	struct tracker_batch batch;

	ASSERT_EQ(0, unit_touch(IPA + PAGE * SZ_4K, STAGE2_READ));
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(LET_IN, batch.cleaned);
	leaf_change(dying, 0, STAGE2_PTE_DYING);
	leaf_change(stale, 0, STAGE2_PTE_STALE);
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA + PAGE * SZ_4K, STAGE2_READ));
	EXPECT_TRUE(is_valid(PAGE));
	EXPECT_TRUE(is_valid(fit));
	EXPECT_FALSE(is_valid(dying));
	EXPECT_FALSE(is_valid(stale));
	leaf_change(dying, STAGE2_PTE_DYING, 0);
}

/* Under STAGE2_POLICY_AF it is shown as well, but only the page is let in. */
TEST_F(cluster, is_shown_where_there_are_flags)
{
	struct tracker_batch batch;
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_AF;
	ASSERT_EQ(0, unit_touch(IPA + PAGE * SZ_4K, STAGE2_READ));
	for (i = 0; i < PAGES; i++) {
		EXPECT_EQ(i >= SHOWN, is_stale(i));
		EXPECT_EQ(i == PAGE, is_valid(i));
	}
	EXPECT_EQ(SHOWN, unit.nr_dirty);
	EXPECT_EQ(SHOWN, atomic64_read(&unit.s2.stale_cleaned));
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_EQ(1, unit_cleaned(MEM + PAGE * SZ_4K));
}

/* Neither are they shown, nor let in to. */
TEST_F(cluster, is_one_page_while_somebody_looks_past_the_caches)
{
	unsigned int i;

	tracker_uncached_begin(&unit.s2);
	ASSERT_EQ(0, unit_touch(IPA + PAGE * SZ_4K, STAGE2_READ));
	for (i = 0; i < PAGES; i++) {
		EXPECT_EQ(i == PAGE, unit_cleaned(MEM + i * SZ_4K));
		EXPECT_EQ(i == PAGE, is_valid(i));
	}
	tracker_uncached_end(&unit.s2);
}

/* A fault on one idle page, which is one of PAGES. */
static unsigned int let_in(unsigned int page)
{
	unsigned int i, nr = 0;

	if (tracker_revalidate(&unit.s2, IPA + page * SZ_4K, STAGE2_READ))
		return 0;
	quiet_count(&unit.s2, 1);
	for (i = 0; i < PAGES; i++)
		nr += is_valid(i);
	return nr;
}

/* Return: how many revalidations it took until the clusters were large. */
static unsigned int faults_until_quiet(void)
{
	struct tracker_batch batch;
	unsigned int i, nr = 0;

	unit_batch(&batch);
	for (i = 0; nr < PAGES && i < PAGES; i++) {
		nr = let_in(PAGE);
		leaf_change(PAGE, STAGE2_PTE_VALID, 0);
	}
	return i;
}

TEST_F(cluster, is_large_when_no_batch_is_expected)
{
	unsigned int first, i;

	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(0, unit_touch(IPA + i * SZ_4K, STAGE2_READ));
	first = faults_until_quiet();
	/* As many are no silence, and one more makes it so. */
	EXPECT_EQ(STAGE2_QUIET_LEAST + 2, first);
	/* The batch that came after all was right, and one is waited for twice as long. */
	EXPECT_EQ(2 * first + 2, faults_until_quiet());
}

TEST_F(cluster, of_the_quiet_is_found_by_the_next_batch)
{
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(0, unit_touch(IPA + i * SZ_4K, STAGE2_READ));
	ASSERT_GT(PAGES, faults_until_quiet());
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_batch(&batch));
	/* The one that the test takes back each time was idle. */
	EXPECT_EQ(PAGES - 1, batch.cleaned);
	EXPECT_EQ(LET_IN, let_in(PAGE));
}

TEST_HARNESS_MAIN
