// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access flags as a witness against bit[0].  The CPU's part, to set the flag, is played by
 * cpu_use().
 */
#include <kselftest_harness.h>

#include "../../module/stage2/walk.h"
#include "unit.h"

#define IPA	(3ULL * SZ_1G)
#define PAGES	10

static struct stage2_walk walk_to(unsigned int page)
{
	struct stage2_walk walk;

	stage2_walk(&unit.s2, IPA + page * SZ_4K, &walk);
	return walk;
}

static bool is_flagged(unsigned int page)
{
	struct stage2_walk walk = walk_to(page);

	return walk.pte[walk.level] & STAGE2_PTE_AF;
}

static void cpu_use(unsigned int page)
{
	struct stage2_walk walk = walk_to(page);

	s2pte_update(walk.ptep[walk.level], 0, STAGE2_PTE_AF);
}

FIXTURE(crosscheck) {
};

FIXTURE_SETUP(crosscheck)
{
	unsigned int i;

	ASSERT_EQ(0, unit_init(40));
	unit.s2.crosscheck = true;
	for (i = 0; i < PAGES; i++) {
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
		EXPECT_FALSE(is_flagged(i));
	}
	unit_forget_cleaned();
}

FIXTURE_TEARDOWN(crosscheck)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(0, unit_exit());
}

/* Bit[0] is what counts, whether the CPU came to use the page or not. */
TEST_F(crosscheck, agrees)
{
	struct tracker_batch batch;
	unsigned int i;

	cpu_use(3);
	cpu_use(4);
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(PAGES, batch.cleaned);
	EXPECT_EQ(2, atomic64_read(&unit.s2.witnessed));
	EXPECT_EQ(0, unit.nr_missed);
	for (i = 0; i < PAGES; i++)
		EXPECT_FALSE(is_flagged(i));

	ASSERT_EQ(0, unit_touch(IPA, STAGE2_READ));
	EXPECT_FALSE(is_flagged(0));
}

/* What a wrong order of harvest and revalidation would leave behind. */
TEST_F(crosscheck, finds_what_is_below_an_idle_table)
{
	struct stage2_walk walk = walk_to(3);
	struct tracker_batch batch;

	cpu_use(3);
	s2pte_update(walk.ptep[walk.level - 1], STAGE2_PTE_VALID, 0);
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, batch.cleaned);
	EXPECT_EQ(1, unit.nr_missed);
	EXPECT_EQ(IPA + 3 * SZ_4K, unit.missed);
	EXPECT_EQ(0, walk_to(3).pte[STAGE2_LEVEL_LEAST] & STAGE2_PTE_WITNESS);
}

/* An access in the middle of a harvest is for the next one. */
static void use_again(void)
{
	unit.on_flush = NULL;
	unit_touch(IPA + 3 * SZ_4K, STAGE2_READ);
	cpu_use(3);
}

TEST_F(crosscheck, lets_the_next_batch_have_what_comes_late)
{
	struct tracker_batch batch;

	cpu_use(3);
	unit.on_flush = use_again;
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(0, unit.nr_missed);
	EXPECT_TRUE(is_flagged(3));
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(1, batch.cleaned);
	EXPECT_EQ(0, unit.nr_missed);
}

TEST_HARNESS_MAIN
