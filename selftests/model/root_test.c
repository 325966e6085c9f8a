// SPDX-License-Identifier: GPL-2.0-only
/*
 * Roots of every size: up to 16 concatenated pages, all of which are tracked.
 */
#include <kselftest_harness.h>

#include "unit.h"

static unsigned int expected_level(unsigned int ia_bits)
{
	return ia_bits <= 34 ? 2 : ia_bits <= 43 ? 1 : 0;
}

static unsigned int expected_pages(unsigned int ia_bits)
{
	static const unsigned int one_page_bits[] = { 48, 39, 30 };
	unsigned int bits = one_page_bits[expected_level(ia_bits)];

	return ia_bits > bits ? 1 << (ia_bits - bits) : 1;
}

TEST(geometry)
{
	unsigned int ia_bits;

	for (ia_bits = 32; ia_bits <= 48; ia_bits++) {
		ASSERT_EQ(0, unit_init(ia_bits));
		EXPECT_EQ(expected_level(ia_bits), unit.s2.start_level);
		EXPECT_EQ(expected_pages(ia_bits), unit.s2.root_pages);
		EXPECT_EQ(0, (unsigned long)unit.s2.root % (unit.s2.root_pages * PAGE_SIZE));
		EXPECT_EQ(unit.s2.root_pages, unit.pages);
		EXPECT_EQ(0, unit_exit());
	}
}

TEST(refuses_other_sizes)
{
	EXPECT_EQ(-EINVAL, unit_init(31));
	EXPECT_EQ(-EINVAL, unit_init(49));
	EXPECT_EQ(-EINVAL, unit_init(0));
	EXPECT_EQ(-EINVAL, unit_init(64));
}

TEST(no_memory)
{
	struct stage2 s2;

	ASSERT_EQ(0, unit_init(40));
	unit.alloc_limit = 0;
	EXPECT_EQ(-ENOMEM, stage2_init(&s2, unit.s2.ops, 40));
	EXPECT_EQ(0, unit_exit());
}

/* Sixteen places all over the IPA space, at least one in each root page. */
#define PLACES	16

static u64 place(unsigned int i)
{
	u64 stride = BIT_ULL(unit.s2.ia_bits) / PLACES;

	return i * (stride + stride / (2 * PLACES));
}

TEST(all_of_it_is_tracked)
{
	struct tracker_batch batch;
	unsigned int ia_bits, i;

	for (ia_bits = 32; ia_bits <= 48; ia_bits++) {
		ASSERT_EQ(0, unit_init(ia_bits));
		for (i = 0; i < PLACES; i++)
			unit_map_touch(place(i), SZ_4K, MEM + i * SZ_4K);
		unit_map_touch(BIT_ULL(ia_bits) - SZ_4K, SZ_4K, MEM + PLACES * SZ_4K);
		unit_forget_cleaned();

		ASSERT_EQ(0, unit_batch(&batch));
		EXPECT_EQ(PLACES + 1, batch.harvested);
		EXPECT_EQ(PLACES + 1, batch.cleaned);
		for (i = 0; i <= PLACES; i++)
			EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
		for (i = 0; i < PLACES; i++)
			EXPECT_FALSE(unit_reachable(place(i)));

		ASSERT_EQ(0, unit_batch(&batch));
		EXPECT_EQ(0, batch.cleaned);

		stage2_unmap(&unit.s2, 0, BIT_ULL(ia_bits), true);
		EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
		EXPECT_EQ(0, atomic64_read(&unit.s2.tables));
		EXPECT_EQ(0, unit_exit());
	}
}

TEST(nothing_beyond)
{
	unsigned int ia_bits;

	for (ia_bits = 32; ia_bits <= 48; ia_bits++) {
		ASSERT_EQ(0, unit_init(ia_bits));
		EXPECT_EQ(-EINVAL, unit_map(BIT_ULL(ia_bits), SZ_4K, MEM, 0));
		EXPECT_EQ(-EINVAL, unit_map(~0ULL << 12, SZ_4K, MEM, 0));
		EXPECT_EQ(-ENOENT, tracker_revalidate(&unit.s2, BIT_ULL(ia_bits), STAGE2_READ));
		EXPECT_EQ(-ENOENT, tracker_revalidate(&unit.s2, ~0ULL, STAGE2_READ));
		stage2_unmap(&unit.s2, BIT_ULL(ia_bits), SZ_1G, true);
		stage2_unmap(&unit.s2, 0, ~0ULL << 12, true);
		EXPECT_EQ(0, unit_exit());
	}
}

TEST(destroy_frees_what_is_mapped)
{
	unsigned int ia_bits, i;

	for (ia_bits = 32; ia_bits <= 48; ia_bits++) {
		ASSERT_EQ(0, unit_init(ia_bits));
		for (i = 0; i < PLACES; i++)
			unit_map_touch(place(i), SZ_4K, MEM + i * SZ_4K);
		EXPECT_EQ(0, unit_exit());
		EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
		EXPECT_EQ(0, atomic64_read(&unit.s2.tables));
	}
}

TEST_HARNESS_MAIN
