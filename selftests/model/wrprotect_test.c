// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking the permission to write away, and the log of pages that get it back.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL		/* 1 GiB aligned */
#define W	STAGE2_PROT_W
#define LIMIT	BIT_ULL(40)

FIXTURE(protect) {
};

FIXTURE_SETUP(protect)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(protect)
{
	EXPECT_EQ(0, unit_exit());
}

static u64 page(u64 n)
{
	return IPA + n * SZ_4K;
}

static bool writable(u64 ipa)
{
	return unit_leaf(ipa).pte & STAGE2_PTE_S2AP_W;
}

/* Map some pages, accessed. */
static void map_pages(u64 nr)
{
	u64 n;

	for (n = 0; n < nr; n++)
		unit_map_touch(page(n), SZ_4K, MEM + n * SZ_4K);
}

TEST_F(protect, accessed_page_stays_accessed)
{
	map_pages(2);
	unit.flushes = 0;
	stage2_wrprotect(&unit.s2, page(0), SZ_4K);
	EXPECT_FALSE(writable(page(0)));
	EXPECT_TRUE(writable(page(1)));
	EXPECT_TRUE(unit_reachable(page(0)));
	EXPECT_EQ(1, unit.flushes);
	EXPECT_EQ(0, unit_touch(page(0), STAGE2_READ));
	EXPECT_EQ(-EACCES, unit_touch(page(0), STAGE2_WRITE));
	/* the host grants it again */
	EXPECT_EQ(0, unit_map(page(0), SZ_4K, MEM, W));
	EXPECT_EQ(0, unit_touch(page(0), STAGE2_WRITE));
}

TEST_F(protect, idle_page_needs_no_flush)
{
	ASSERT_EQ(0, unit_map(page(0), SZ_4K, MEM, W));
	stage2_wrprotect(&unit.s2, page(0), SZ_4K);
	EXPECT_FALSE(writable(page(0)));
	EXPECT_FALSE(unit_reachable(page(0)));
	EXPECT_EQ(0, unit.flushes);
	EXPECT_EQ(-EACCES, unit_touch(page(0), STAGE2_WRITE));
	EXPECT_EQ(0, unit_touch(page(0), STAGE2_READ));
}

/* What a harvest has taken back may be in a TLB until the harvest's own flush. */
TEST_F(protect, pending_page_is_flushed)
{
	struct tracker_batch batch = { };

	map_pages(1);
	unit_forget_cleaned();
	mutex_lock(&unit.s2.batch_lock);
	tracker_harvest(&unit.s2, &batch);
	unit.flushes = 0;
	stage2_wrprotect(&unit.s2, page(0), SZ_4K);
	EXPECT_EQ(1, unit.flushes);
	EXPECT_EQ(0, tracker_clean(&unit.s2, &batch));
	mutex_unlock(&unit.s2.batch_lock);
	EXPECT_EQ(1, unit_cleaned(MEM));
}

TEST_F(protect, twice_is_once)
{
	map_pages(1);
	stage2_wrprotect(&unit.s2, page(0), SZ_4K);
	unit.flushes = 0;
	stage2_wrprotect(&unit.s2, page(0), SZ_4K);
	EXPECT_EQ(0, unit.flushes);
}

TEST_F(protect, block_goes_as_a_whole)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	stage2_wrprotect(&unit.s2, page(100), SZ_4K);
	EXPECT_FALSE(writable(IPA));
	EXPECT_EQ(SZ_2M, unit_leaf(IPA).size);
	/* one page of it is granted: the block is split for that */
	EXPECT_EQ(0, unit_map(page(100), SZ_4K, MEM + 100 * SZ_4K, W));
	EXPECT_TRUE(writable(page(100)));
	EXPECT_FALSE(writable(page(99)));
	EXPECT_EQ(SZ_4K, unit_leaf(page(99)).size);
	EXPECT_EQ(-EACCES, unit_touch(page(99), STAGE2_WRITE));
}

TEST_F(protect, range)
{
	map_pages(20);
	unit_map_touch(IPA + SZ_1G, SZ_4K, MEM + SZ_1G);
	unit.flushes = 0;
	stage2_wrprotect(&unit.s2, page(5), 10 * SZ_4K);
	EXPECT_TRUE(writable(page(4)));
	EXPECT_FALSE(writable(page(5)));
	EXPECT_FALSE(writable(page(14)));
	EXPECT_TRUE(writable(page(15)));
	EXPECT_EQ(1, unit.flushes);
	/* all that there is, and beyond; holes cost little */
	unit.steps = 0;
	stage2_wrprotect(&unit.s2, 0, LIMIT + SZ_1G);
	EXPECT_FALSE(writable(page(0)));
	EXPECT_FALSE(writable(IPA + SZ_1G));
	EXPECT_GT(20000, unit.steps);
	stage2_wrprotect(&unit.s2, LIMIT, SZ_4K);
	stage2_wrprotect(&unit.s2, IPA, 0);
}

static void lose_page_5(void)
{
	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, page(5), SZ_4K, true);
}

TEST_F(protect, the_lock_is_dropped_in_between)
{
	const u64 nr = 4 * 64 * 8;

	map_pages(nr);
	unit.relaxed = 0;
	unit.on_relax = lose_page_5;
	stage2_wrprotect(&unit.s2, IPA, nr * SZ_4K);
	EXPECT_LT(1, unit.relaxed);
	EXPECT_EQ(0, unit_leaf(page(5)).pte);
	EXPECT_FALSE(writable(page(nr - 1)));
}

TEST_F(protect, log)
{
	u64 log[2] = { BIT_ULL(3) | BIT_ULL(7), BIT_ULL(0) };
	u64 words[2] = { ~BIT_ULL(7), ~0ULL };

	map_pages(70);
	unit.flushes = 0;
	stage2_log_take(&unit.s2, IPA, log, words, 2);
	/* what was wanted and there */
	EXPECT_EQ(BIT_ULL(3), words[0]);
	EXPECT_EQ(BIT_ULL(0), words[1]);
	EXPECT_EQ(BIT_ULL(7), log[0]);
	EXPECT_EQ(0, log[1]);
	EXPECT_FALSE(writable(page(3)));
	EXPECT_FALSE(writable(page(64)));
	/* what was not in the log is not looked at */
	EXPECT_TRUE(writable(page(7)));
	EXPECT_TRUE(writable(page(8)));
	EXPECT_EQ(1, unit.flushes);
}

TEST_F(protect, log_of_what_is_gone)
{
	u64 log = ~0ULL, words = ~0ULL;

	stage2_log_take(&unit.s2, IPA, &log, &words, 1);
	EXPECT_EQ(~0ULL, words);
	EXPECT_EQ(0, log);
	EXPECT_EQ(0, unit.flushes);
}

/* Between two words somebody writes to a page that was taken just before. */
static u64 relaxed_log[65];

static void write_to_page_0(void)
{
	unit.on_relax = NULL;
	unit_map(page(0), SZ_4K, MEM, W);
	relaxed_log[0] |= 1;
}

TEST_F(protect, written_to_while_it_is_taken)
{
	u64 words[65];

	memset(words, 0xff, sizeof(words));
	map_pages(1);
	relaxed_log[0] = 1;
	unit.on_relax = write_to_page_0;
	stage2_log_take(&unit.s2, IPA, relaxed_log, words, 65);
	/* it is in this log and in the next */
	EXPECT_EQ(1, words[0]);
	EXPECT_EQ(1, relaxed_log[0]);
	EXPECT_TRUE(writable(page(0)));
}

TEST_HARNESS_MAIN
