// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables as ranges.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL
#define W	STAGE2_PROT_W

FIXTURE(dump) {
	struct stage2_range range;
};

FIXTURE_SETUP(dump)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(dump)
{
	EXPECT_EQ(0, unit_exit());
}

TEST_F(dump, empty)
{
	EXPECT_FALSE(stage2_next_range(&unit.s2, 0, &self->range));
	EXPECT_FALSE(stage2_next_range(&unit.s2, BIT_ULL(40), &self->range));
	EXPECT_FALSE(stage2_next_range(&unit.s2, BIT_ULL(40) - SZ_4K, &self->range));
}

/* Leaves alike are one range, across tables; a hole ends it. */
TEST_F(dump, runs)
{
	u64 ipa;

	for (ipa = SZ_2M - 10 * SZ_4K; ipa < SZ_2M + 10 * SZ_4K; ipa += SZ_4K)
		ASSERT_EQ(0, unit_map(IPA + ipa, SZ_4K, MEM + ipa, W));
	ASSERT_EQ(0, unit_map(IPA + SZ_2M + 11 * SZ_4K, SZ_4K, MEM, W));

	ASSERT_TRUE(stage2_next_range(&unit.s2, 0, &self->range));
	EXPECT_EQ(IPA + SZ_2M - 10 * SZ_4K, self->range.ipa);
	EXPECT_EQ(20 * SZ_4K, self->range.size);
	EXPECT_EQ(SZ_4K, self->range.leaf_size);
	EXPECT_EQ(STAGE2_IDLE, self->range.state);
	EXPECT_TRUE(self->range.writable);
	EXPECT_TRUE(self->range.stale);
	EXPECT_FALSE(self->range.pending);

	ASSERT_TRUE(stage2_next_range(&unit.s2, IPA + SZ_2M + 10 * SZ_4K, &self->range));
	EXPECT_EQ(IPA + SZ_2M + 11 * SZ_4K, self->range.ipa);
	EXPECT_EQ(SZ_4K, self->range.size);
	EXPECT_FALSE(stage2_next_range(&unit.s2, IPA + SZ_2M + 12 * SZ_4K, &self->range));
}

TEST_F(dump, states)
{
	struct tracker_batch batch = { };
	u64 ipa = IPA;
	int i;

	for (i = 0; i < 6; i++)
		ASSERT_EQ(0, unit_map(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K, i == 5 ? 0 : W));
	for (i = 2; i < 6; i++)
		ASSERT_EQ(0, unit_touch(IPA + i * SZ_4K, STAGE2_READ));
	mutex_lock(&unit.s2.batch_lock);
	tracker_harvest(&unit.s2, &batch);
	mutex_unlock(&unit.s2.batch_lock);
	ASSERT_EQ(0, unit_touch(IPA + 4 * SZ_4K, STAGE2_READ));

	for (i = 0; stage2_next_range(&unit.s2, ipa, &self->range); i++) {
		EXPECT_EQ(i == 2, self->range.state == STAGE2_ACCESSED);
		EXPECT_EQ(i == 0, self->range.stale);
		EXPECT_EQ(i != 0, self->range.pending);
		EXPECT_EQ(i != 3, self->range.writable);
		EXPECT_EQ((i < 2 ? 2 : 1) * SZ_4K, self->range.size);
		ipa = self->range.ipa + self->range.size;
	}
	EXPECT_EQ(4, i);
}

/* Bit[0] of a leaf alone does not make it accessed. */
TEST_F(dump, unreachable_is_idle)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit.s2.root[1] &= ~STAGE2_PTE_VALID;
	ASSERT_TRUE(stage2_next_range(&unit.s2, 0, &self->range));
	EXPECT_EQ(STAGE2_IDLE, self->range.state);
}

TEST_F(dump, blocks)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_1G, MEM, W));
	ASSERT_EQ(0, unit_map(IPA + SZ_1G, SZ_2M, MEM, W));
	ASSERT_EQ(0, unit_map(IPA + SZ_1G + SZ_2M, SZ_2M, MEM, W));
	ASSERT_EQ(0, unit_map(IPA + SZ_1G + 2 * SZ_2M, SZ_4K, MEM, W));

	ASSERT_TRUE(stage2_next_range(&unit.s2, IPA + SZ_2M, &self->range));
	EXPECT_EQ(IPA, self->range.ipa);
	EXPECT_EQ(SZ_1G, self->range.size);
	ASSERT_TRUE(stage2_next_range(&unit.s2, IPA + SZ_1G, &self->range));
	EXPECT_EQ(2 * SZ_2M, self->range.size);
	EXPECT_EQ(SZ_2M, self->range.leaf_size);
	ASSERT_TRUE(stage2_next_range(&unit.s2, IPA + SZ_1G + 2 * SZ_2M, &self->range));
	EXPECT_EQ(SZ_4K, self->range.size);
	EXPECT_FALSE(stage2_next_range(&unit.s2, IPA + SZ_1G + 3 * SZ_2M, &self->range));
}

TEST_F(dump, to_the_last_page)
{
	ASSERT_EQ(0, unit_map(BIT_ULL(40) - SZ_4K, SZ_4K, MEM, W));
	ASSERT_TRUE(stage2_next_range(&unit.s2, 0, &self->range));
	EXPECT_EQ(BIT_ULL(40) - SZ_4K, self->range.ipa);
	EXPECT_EQ(SZ_4K, self->range.size);
}

TEST_HARNESS_MAIN
