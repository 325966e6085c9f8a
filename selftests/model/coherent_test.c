// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the CPUs keep coherent (FEAT_S2FWB): nothing is cleaned, neither before the
 * guest's first look nor when a mapping goes.  Instructions are a matter of their own.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL
#define PAGES	16
#define VPIPT	2
#define PIPT	3
#define CTR(l1ip, dic)	((u64)(dic) << 29 | 4ULL << 16 | (u64)(l1ip) << 14 | 4ULL)
#define LINES	(SZ_4K / 64)

FIXTURE(coherent) {
};

FIXTURE_SETUP(coherent)
{
	ASSERT_EQ(0, unit_init(40));
	unit.s2.policy = STAGE2_POLICY_FULL;
	unit.s2.coherent = true;
	unit.ctr = CTR(PIPT, 0);
}

FIXTURE_TEARDOWN(coherent)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	EXPECT_EQ(0, unit.nr_cleaned);
	EXPECT_EQ(0, atomic64_read(&unit.s2.stale_cleaned));
	EXPECT_EQ(0, atomic64_read(&unit.s2.idle_cleaned));
	EXPECT_EQ(0, unit_exit());
}

static u64 memattr(u64 ipa)
{
	return FIELD_GET(STAGE2_PTE_MEMATTR, unit_leaf(ipa).pte);
}

TEST_F(coherent, is_write_back_whatever_stage_1_says)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit_map_touch(IPA + SZ_2M, SZ_2M, MEM + SZ_2M);
	EXPECT_EQ(STAGE2_MEMATTR_FORCED_WB, memattr(IPA));
	EXPECT_EQ(STAGE2_MEMATTR_FORCED_WB, memattr(IPA + SZ_2M));
}

/* As under STAGE2_POLICY_FULL; and once it is shown, revalidation has nothing to ask. */
TEST_F(coherent, is_valid_after_the_first_touch)
{
	unit_map_touch(IPA, SZ_2M, MEM);
	EXPECT_EQ(SZ_2M, unit_leaf(IPA).size);
	EXPECT_TRUE(unit_reachable(IPA));
	EXPECT_FALSE(unit_leaf(IPA).pte & STAGE2_PTE_STALE);
	EXPECT_TRUE(unit_dirty(MEM, SZ_2M));
	EXPECT_EQ(0, unit.relaxed);
}

TEST_F(coherent, forgets_instructions_by_line)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	EXPECT_EQ(LINES, unit.forgotten);
	EXPECT_EQ(0, unit.forgotten_all);
	EXPECT_EQ(0, unit.unsynced);
}

TEST_F(coherent, forgets_all_instructions_for_a_block)
{
	unit_map_touch(IPA, SZ_2M, MEM);
	EXPECT_EQ(0, unit.forgotten);
	EXPECT_EQ(1, unit.forgotten_all);
	EXPECT_EQ(0, unit.unsynced);
}

TEST_F(coherent, forgets_all_instructions_with_aliases)
{
	unit.ctr = CTR(VPIPT, 0);
	unit_map_touch(IPA, SZ_4K, MEM);
	EXPECT_EQ(0, unit.forgotten);
	EXPECT_EQ(1, unit.forgotten_all);
	EXPECT_EQ(0, unit.unsynced);
}

/* CTR_EL0.DIC: then nothing is to be done at all. */
TEST_F(coherent, need_not_forget_instructions)
{
	unit.ctr = CTR(PIPT, 1);
	unit_map_touch(IPA, SZ_4K, MEM);
	unit_map_touch(IPA + SZ_2M, SZ_2M, MEM + SZ_2M);
	EXPECT_EQ(0, unit.forgotten);
	EXPECT_EQ(0, unit.forgotten_all);
}

/* The guest may have written all of it; the TLBs are flushed as ever. */
TEST_F(coherent, is_not_cleaned_when_it_goes)
{
	unsigned int i, flushes;

	for (i = 0; i < PAGES; i++)
		unit_map_touch(IPA + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
	unit_map_touch(IPA + SZ_2M, SZ_2M, MEM + SZ_2M);
	flushes = unit.flushes;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	EXPECT_LT(flushes, unit.flushes);
	flushes = unit.flushes;
	stage2_unmap(&unit.s2, IPA + SZ_2M, SZ_2M, true);
	EXPECT_LT(flushes, unit.flushes);
	EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
}

/* Who looks past the caches looks through them as well. */
TEST_F(coherent, owes_observers_nothing)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	EXPECT_FALSE(tracker_uncached_begin(&unit.s2));
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	unit_map_touch(IPA + SZ_4K, SZ_4K, MEM + SZ_4K);
	tracker_uncached_end(&unit.s2);
}

/* For the dirty log: a block that has lost the permission is split, and gets it back by pages. */
TEST_F(coherent, is_logged)
{
	unit_map_touch(IPA, SZ_2M, MEM);
	stage2_wrprotect(&unit.s2, IPA, SZ_2M);
	EXPECT_EQ(-EACCES, tracker_revalidate(&unit.s2, IPA, STAGE2_WRITE));
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, STAGE2_PROT_W));
	EXPECT_EQ(0, unit_touch(IPA, STAGE2_WRITE));
	EXPECT_EQ(-EACCES, tracker_revalidate(&unit.s2, IPA + SZ_4K, STAGE2_WRITE));
	EXPECT_EQ(0, tracker_revalidate(&unit.s2, IPA + SZ_4K, STAGE2_READ));
	EXPECT_EQ(STAGE2_MEMATTR_FORCED_WB, memattr(IPA));
	EXPECT_EQ(STAGE2_MEMATTR_FORCED_WB, memattr(IPA + SZ_4K));
}

TEST_HARNESS_MAIN
