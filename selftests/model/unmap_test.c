// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking mappings out: an idle mapping is one as well, what was used is
 * cleaned, tables do not stay behind.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IPA	0x40000000ULL
#define W	STAGE2_PROT_W

FIXTURE(unmap) {
};

FIXTURE_SETUP(unmap)
{
	ASSERT_EQ(0, unit_init(40));
}

FIXTURE_TEARDOWN(unmap)
{
	EXPECT_EQ(0, unit_exit());
}

static void expect_nothing_left(struct __test_metadata *_metadata)
{
	EXPECT_EQ(0, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(0, atomic64_read(&unit.s2.tables));
	EXPECT_EQ(unit.s2.root_pages + unit.pool.nr, unit.pages);
}

static void harvest(struct tracker_batch *batch)
{
	*batch = (struct tracker_batch){ };
	mutex_lock(&unit.s2.batch_lock);
	tracker_harvest(&unit.s2, batch);
	mutex_unlock(&unit.s2.batch_lock);
}

static int clean(struct tracker_batch *batch)
{
	int ret;

	mutex_lock(&unit.s2.batch_lock);
	ret = tracker_clean(&unit.s2, batch);
	mutex_unlock(&unit.s2.batch_lock);
	return ret;
}

TEST_F(unmap, nothing)
{
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
	stage2_unmap(&unit.s2, IPA, 0, true);
	EXPECT_EQ(0, unit.flushes);
	EXPECT_EQ(0, unit.syncs);
}

/* XSA-393: bit[0] is clear, and yet it is a mapping. */
TEST_F(unmap, idle)
{
	struct tracker_batch batch;

	unit_map_touch(IPA, SZ_4K, MEM);
	ASSERT_EQ(0, unit_batch(&batch));
	unit_forget_cleaned();
	unit.flushes = 0;

	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(0, unit_leaf(IPA).pte);
	EXPECT_EQ(-ENOENT, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(0, unit.nr_cleaned);	/* it was, and was not used since */
	EXPECT_EQ(0, unit.flushes);	/* no TLB knows it */
	expect_nothing_left(_metadata);
}

TEST_F(unmap, never_touched)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_4K, MEM, W));
	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(-ENOENT, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(0, unit.nr_cleaned);
	EXPECT_EQ(0, unit.flushes);
	expect_nothing_left(_metadata);
}

TEST_F(unmap, accessed)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit_forget_cleaned();
	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(-ENOENT, unit_touch(IPA, STAGE2_READ));
	EXPECT_EQ(1, unit_cleaned(MEM));
	EXPECT_EQ(1, unit.nr_cleaned);
	EXPECT_EQ(2, unit.flushes);
	EXPECT_EQ(1, unit.syncs);
	expect_nothing_left(_metadata);
}

/* Harvested, and gone before the batch could clean it. */
TEST_F(unmap, pending)
{
	struct tracker_batch batch;

	unit_map_touch(IPA, SZ_4K, MEM);
	unit_map_touch(IPA + SZ_4K, SZ_4K, MEM + SZ_4K);
	unit_forget_cleaned();
	harvest(&batch);
	EXPECT_EQ(2, batch.harvested);

	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(1, unit_cleaned(MEM));
	ASSERT_EQ(0, clean(&batch));
	EXPECT_EQ(1, unit_cleaned(MEM + SZ_4K));
	EXPECT_EQ(0, unit_cleaned(MEM));
	EXPECT_EQ(1, batch.cleaned);

	stage2_unmap(&unit.s2, IPA + SZ_4K, SZ_4K, true);
	EXPECT_EQ(0, unit_cleaned(MEM + SZ_4K));
	expect_nothing_left(_metadata);
}

/* Under the other policy everything is marked, but this was never used. */
TEST_F(unmap, pending_but_never_touched)
{
	struct tracker_batch batch;

	unit.s2.policy = STAGE2_POLICY_FULL;
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	ASSERT_EQ(0, unit_map(IPA + SZ_2M, SZ_4K, MEM + SZ_2M, W));
	harvest(&batch);
	EXPECT_EQ(513, batch.harvested);
	stage2_unmap(&unit.s2, IPA, 2 * SZ_2M, true);
	EXPECT_EQ(0, unit.nr_cleaned);
	expect_nothing_left(_metadata);
}

TEST_F(unmap, only_the_range)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		unit_map_touch(IPA + SZ_2M - 4 * SZ_4K + i * SZ_4K, SZ_4K, MEM + i * SZ_4K);
	unit_forget_cleaned();
	stage2_unmap(&unit.s2, IPA + SZ_2M - 2 * SZ_4K, 4 * SZ_4K, true);
	for (i = 0; i < 8; i++) {
		bool inside = i >= 2 && i < 6;

		EXPECT_EQ(!inside, !!unit_leaf(IPA + SZ_2M - 4 * SZ_4K + i * SZ_4K).pte);
		EXPECT_EQ(inside, unit_cleaned(MEM + i * SZ_4K));
	}
	EXPECT_EQ(4, atomic64_read(&unit.s2.mapped_pages));
	EXPECT_EQ(3, atomic64_read(&unit.s2.tables));
	EXPECT_EQ(0, unit.syncs);
}

TEST_F(unmap, part_of_a_block)
{
	ASSERT_EQ(0, unit_map(IPA, SZ_2M, MEM, W));
	ASSERT_EQ(0, unit_map(IPA + SZ_2M, SZ_2M, MEM + SZ_2M, W));
	stage2_unmap(&unit.s2, IPA + SZ_2M - SZ_4K, 2 * SZ_4K, true);
	EXPECT_EQ(0, unit_leaf(IPA).pte);
	EXPECT_EQ(0, unit_leaf(IPA + 2 * SZ_2M - 1).pte);
	expect_nothing_left(_metadata);

	ASSERT_EQ(0, unit_map(IPA, SZ_1G, MEM, W));
	stage2_unmap(&unit.s2, IPA + SZ_1G - SZ_4K, SZ_4K, true);
	EXPECT_EQ(0, unit_leaf(IPA).pte);
	expect_nothing_left(_metadata);
}

TEST_F(unmap, used_block)
{
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit_forget_cleaned();
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	for (i = 0; i < 512; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	EXPECT_EQ(512, unit.nr_cleaned);
	EXPECT_LE(512 / STAGE2_CHUNK - 1, unit.relaxed);
	expect_nothing_left(_metadata);
}

static unsigned int cleaned_in_flush;

static void note_cleaned(void)
{
	cleaned_in_flush = unit.nr_cleaned;
}

/* The flush comes first, also where no table goes that would need one. */
TEST_F(unmap, block_is_flushed_before_it_is_cleaned)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit_map_touch(IPA + SZ_2M, SZ_4K, MEM + SZ_2M);
	unit_forget_cleaned();
	unit.flushes = 0;
	unit.on_flush = note_cleaned;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	EXPECT_EQ(1, unit.flushes);
	EXPECT_EQ(0, cleaned_in_flush);
	EXPECT_EQ(512, unit.nr_cleaned);
}

/* All the rest, said by somebody who does not know where it ends. */
TEST_F(unmap, up_to_the_end)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit_map_touch(BIT_ULL(40) - SZ_4K, SZ_4K, MEM + SZ_4K);
	stage2_unmap(&unit.s2, IPA, -1ULL, true);
	expect_nothing_left(_metadata);
}

/* Many tables: one wait for walks for up to 16 of them. */
TEST_F(unmap, tables_are_freed_together)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		unit_map_touch(IPA + i * (u64)SZ_2M, SZ_4K, MEM + i * SZ_4K);
	unit.flushes = 0;
	stage2_unmap(&unit.s2, IPA, SZ_1G, true);
	EXPECT_EQ(3, unit.syncs);
	expect_nothing_left(_metadata);
}

TEST_F(unmap, must_not_block)
{
	u64 ipa;

	for (ipa = 0; ipa < SZ_2M; ipa += SZ_4K)
		unit_map_touch(IPA + ipa, SZ_4K, MEM + ipa);
	unit.relaxed = 0;
	stage2_unmap(&unit.s2, IPA, SZ_2M, false);
	EXPECT_EQ(0, unit.relaxed);
	expect_nothing_left(_metadata);
}

/* The lock is not held while more than a chunk of pages is cleaned. */
static unsigned int cleaned_before, cleaned_most;

static void note_chunk(void)
{
	unsigned int chunk = unit.nr_cleaned - cleaned_before;

	if (chunk > cleaned_most)
		cleaned_most = chunk;
	cleaned_before = unit.nr_cleaned;
}

TEST_F(unmap, chunks)
{
	u64 ipa;

	for (ipa = 0; ipa < 4 * SZ_2M; ipa += SZ_4K)
		unit_map_touch(IPA + ipa, SZ_4K, MEM + ipa);
	unit_forget_cleaned();
	unit.on_relax = note_chunk;
	stage2_unmap(&unit.s2, IPA, 4 * SZ_2M, true);
	note_chunk();
	EXPECT_EQ(2048, unit.nr_cleaned);
	EXPECT_EQ(STAGE2_CHUNK, cleaned_most);
	expect_nothing_left(_metadata);
}

/* In the middle of an unmapping, no fault brings DYING pages back. */
static int dying_revalidated, dying_touched, dying_mapped;

static void use_dying(void)
{
	unit.on_relax = NULL;
	dying_revalidated = tracker_revalidate(&unit.s2, IPA + SZ_2M - SZ_4K, STAGE2_READ);
	dying_touched = unit_touch(IPA + SZ_2M - SZ_4K, STAGE2_READ);
	dying_mapped = unit_map(IPA + SZ_2M - SZ_4K, SZ_4K, MEM + SZ_2M - SZ_4K, W);
}

TEST_F(unmap, dying_pages_stay_away)
{
	u64 ipa;

	for (ipa = 0; ipa < SZ_2M; ipa += SZ_4K)
		unit_map_touch(IPA + ipa, SZ_4K, MEM + ipa);
	unit.on_relax = use_dying;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	EXPECT_EQ(-EAGAIN, dying_revalidated);
	EXPECT_EQ(-EAGAIN, dying_touched);
	EXPECT_EQ(-EAGAIN, dying_mapped);
	expect_nothing_left(_metadata);
}

TEST_F(unmap, dying_block_stays_away)
{
	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit.on_relax = use_dying;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	EXPECT_EQ(-EAGAIN, dying_revalidated);
	EXPECT_EQ(-EAGAIN, dying_touched);
	EXPECT_EQ(-EAGAIN, dying_mapped);
	expect_nothing_left(_metadata);
}

/* Between the flush and the emptying, too. */
static void revalidate_in_flush(void)
{
	dying_revalidated = tracker_revalidate(&unit.s2, IPA, STAGE2_READ);
	unit.on_flush = NULL;
}

TEST_F(unmap, revalidation_in_the_flush)
{
	unit_map_touch(IPA, SZ_4K, MEM);
	unit.on_flush = revalidate_in_flush;
	stage2_unmap(&unit.s2, IPA, SZ_4K, true);
	EXPECT_EQ(-EAGAIN, dying_revalidated);
	expect_nothing_left(_metadata);
}

/* Two threads unmap the same; the second is through while the first waits. */
static void unmap_all(void)
{
	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, 0, BIT_ULL(40), true);
}

TEST_F(unmap, twice_at_once)
{
	u64 ipa;

	for (ipa = 0; ipa < SZ_2M; ipa += SZ_4K)
		unit_map_touch(IPA + ipa, SZ_4K, MEM + ipa);
	unit_forget_cleaned();
	unit.on_relax = unmap_all;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	EXPECT_EQ(512, unit.nr_cleaned);
	expect_nothing_left(_metadata);
}

/*
 * The block that is half cleaned goes, and comes back as another one at the same
 * place, used, and dying as well: all of that one has to be cleaned.
 */
static void replace_block(void)
{
	unit.on_relax = NULL;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	unit_map_touch(IPA, SZ_2M, MEM);
	unit_forget_cleaned();
}

TEST_F(unmap, another_block_at_the_same_place)
{
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit.on_relax = replace_block;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	for (i = 0; i < 512; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	expect_nothing_left(_metadata);
}

static void replace_dying_block(void)
{
	replace_block();
	s2pte_retire(&unit.s2, stage2_ptep(&unit.s2, s2pte_to_virt(unit.s2.root[1]), IPA, 2),
		     STAGE2_PTE_DYING);
}

TEST_F(unmap, another_dying_block_at_the_same_place)
{
	unsigned int i;

	unit.s2.policy = STAGE2_POLICY_FULL;
	unit_map_touch(IPA, SZ_2M, MEM);
	unit.on_relax = replace_dying_block;
	stage2_unmap(&unit.s2, IPA, SZ_2M, true);
	for (i = 0; i < 512; i++)
		EXPECT_EQ(1, unit_cleaned(MEM + i * SZ_4K));
	expect_nothing_left(_metadata);
}

TEST_HARNESS_MAIN
