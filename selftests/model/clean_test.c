// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second half of a batch, the cleaning: what happens under it, and what is together in
 * memory.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL
#define W	STAGE2_PROT_W

FIXTURE(cleaning) {
};

FIXTURE_SETUP(cleaning)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(cleaning)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(0, atomic64_read(&unit.s2.tables));
	EXPECT_EQ(0, unit_exit());
}

static void unmap_there(void)
{
	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, IPA, SZ_1G, true);
}

/* While cleaning has dropped the lock. */
TEST_F(cleaning, table_goes_under_it)
{
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < 100; i++)
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
	unit_map_touch(IPA + SZ_1G, SZ_4K, MEM + SZ_1G);
	unit_harvest(&batch);
	unit_forget_cleaned();
	unit.on_relax = unmap_there;
	ASSERT_EQ(0, unit_clean(&batch));
	for (i = 0; i < 100; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_1G));
	EXPECT_EQ(STAGE2_CHUNK + 1, batch.cleaned);
}

TEST_F(cleaning, block_goes_under_it)
{
	struct tracker_batch batch;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_1G, MEM);
	unit_harvest(&batch);
	unit.on_relax = unmap_there;
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(STAGE2_CHUNK, batch.cleaned);
}

/*
 * A block that dies while it is cleaned keeps its mark: what was cleaned of it
 * before its last use has to be cleaned again by who unmaps it.
 */
static void kill_there(void)
{
	unit.on_relax = NULL;
	s2pte_retire(&unit.s2, stage2_ptep(&unit.s2, s2pte_to_virt(unit.s2.root[1]), IPA, 2),
		     STAGE2_PTE_DYING);
}

TEST_F(cleaning, block_dies_under_it)
{
	struct tracker_batch batch;
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit_harvest(&batch);
	unit.on_relax = kill_there;
	ASSERT_EQ(0, unit_clean(&batch));
	unit_forget_cleaned();
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	for (i = 0; i < 512; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
}

/* Pages that follow each other in the guest, and not in memory. */
TEST_F(cleaning, pages_are_apart_in_memory)
{
	const u64 apart = 2 * SZ_4K, elsewhere = MEM + SZ_2M;
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < 4; i++)
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * apart);
	/* and the other way round */
	unit_map_touch(IPA + 5 * SZ_4K, SZ_4K, elsewhere);
	unit_map_touch(IPA + 7 * SZ_4K, SZ_4K, elsewhere + SZ_4K);
	unit_forget_cleaned();
	ASSERT_EQ(0, unit_batch(&batch));
	EXPECT_EQ(6, batch.cleaned);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(1, unit_cleaned(MEM + i * apart));
		EXPECT_EQ(0, unit_cleaned(MEM + i * apart + SZ_4K));
	}
	EXPECT_EQ(1, unit_cleaned(elsewhere));
	EXPECT_EQ(1, unit_cleaned(elsewhere + SZ_4K));
}

/* Whoever has the lock relies on it that what is not PENDING is clean. */
static void clean_unless_pending(void)
{
	unsigned int i;

	for (i = 0; i < 2 * STAGE2_CHUNK; i++)
		if (!(unit_leaf(IPA + i * SZ_4K).pte & STAGE2_PTE_PENDING) &&
		    !unit_cleaned(MEM + i * SZ_4K))
			unit.on_relax = NULL;
}

TEST_F(cleaning, lock_is_dropped_under_it)
{
	struct tracker_batch batch;
	unsigned int i;

	for (i = 0; i < 2 * STAGE2_CHUNK; i++)
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
	unit_forget_cleaned();
	unit_harvest(&batch);
	unit.relaxed = 0;
	unit.on_relax = clean_unless_pending;
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_LE(1, unit.relaxed);
	EXPECT_NE(NULL, unit.on_relax);
	unit.on_relax = NULL;
	EXPECT_EQ(2 * STAGE2_CHUNK, batch.cleaned);
}

/* Split, while it waits to be cleaned: all of its pages wait then. */
static void split_there(void)
{
	unit.on_relax = NULL;
	unit_map(IPA + SZ_2M - SZ_4K, SZ_4K, MEM + SZ_2M - SZ_4K, W);
}

TEST_F(cleaning, block_is_split_under_it)
{
	struct tracker_batch batch;
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, 0));
	ASSERT_EQ(0, unit_touch(IPA, STAGE2_READ));
	unit_forget_cleaned();
	unit_harvest(&batch);
	unit.on_relax = split_there;
	ASSERT_EQ(0, unit_clean(&batch));
	EXPECT_EQ(SZ_4K, unit_leaf(IPA).size);
	for (i = 0; i < 512; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
}

TEST_HARNESS_MAIN
