// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loops over cache lines: each line once, none outside, also where the
 * address space ends.
 */
#include <kselftest_harness.h>

#include "unit.h"

#define CTR(iminline, l1ip, dminline, dic)	\
	((iminline) | (l1ip) << 14 | (dminline) << 16 | (u64)(dic) << 29)

#define VIPT	2
#define PIPT	3

FIXTURE(clean) {
};

FIXTURE_SETUP(clean)
{
	ASSERT_EQ(0, unit_init(40));
}

/* The caller relies on the cleaning being done on return. */
FIXTURE_TEARDOWN(clean)
{
	EXPECT_EQ(0, unit.unsynced);
	EXPECT_EQ(0, unit_exit());
}

static void poc(unsigned long addr, size_t size)
{
	unit_forget_cleaned();
	clean_range_to_poc((void *)addr, size);
}

TEST_F(clean, each_line_once)
{
	unsigned int shift, i;

	for (shift = 0; shift <= 9; shift++) {
		unsigned long line = 4UL << shift;

		unit.ctr = CTR(0, PIPT, shift, 0);
		poc(MEM, 4096);
		ASSERT_EQ(4096 / line, unit.nr_cleaned);
		for (i = 0; i < unit.nr_cleaned; i++)
			EXPECT_EQ(MEM + i * line, unit.cleaned[i]);
	}
}

TEST_F(clean, parts_of_lines)
{
	unit.ctr = CTR(0, PIPT, 4, 0);		/* 64 bytes */
	poc(MEM + 63, 2);
	ASSERT_EQ(2, unit.nr_cleaned);
	EXPECT_EQ(MEM, unit.cleaned[0]);
	EXPECT_EQ(MEM + 64, unit.cleaned[1]);
	poc(MEM + 63, 1);
	EXPECT_EQ(1, unit.nr_cleaned);
	poc(MEM + 1, 64);
	EXPECT_EQ(2, unit.nr_cleaned);
	poc(MEM + 64, 64);
	EXPECT_EQ(1, unit.nr_cleaned);
	EXPECT_EQ(MEM + 64, unit.cleaned[0]);
	poc(MEM, 0);
	EXPECT_EQ(0, unit.nr_cleaned);
	poc(MEM + 5, 0);
	EXPECT_EQ(0, unit.nr_cleaned);
}

/* XSA-437, XSA-447: where the end of the range is address 0. */
TEST_F(clean, top_of_the_address_space)
{
	unit.ctr = CTR(0, PIPT, 4, 0);
	poc(-4096UL, 4096);
	ASSERT_EQ(64, unit.nr_cleaned);
	EXPECT_EQ(-4096UL, unit.cleaned[0]);
	EXPECT_EQ(-64UL, unit.cleaned[63]);
	poc(-1UL, 1);
	ASSERT_EQ(1, unit.nr_cleaned);
	EXPECT_EQ(-64UL, unit.cleaned[0]);
}

TEST_F(clean, insn_by_line)
{
	unit.ctr = CTR(3, PIPT, 4, 0);		/* 32 and 64 bytes */
	clean_range_for_guest((void *)MEM, 4096);
	EXPECT_EQ(64, unit.nr_cleaned);
	EXPECT_EQ(128, unit.forgotten);
	EXPECT_EQ(0, unit.forgotten_all);
}

TEST_F(clean, insn_with_aliases)
{
	unit.ctr = CTR(3, VIPT, 4, 0);
	clean_range_for_guest((void *)MEM, 4096);
	EXPECT_EQ(64, unit.nr_cleaned);
	EXPECT_EQ(0, unit.forgotten);
	EXPECT_EQ(1, unit.forgotten_all);
}

TEST_F(clean, insn_coherent)
{
	unit.ctr = CTR(3, VIPT, 4, 1);
	clean_range_for_guest((void *)MEM, 4096);
	EXPECT_EQ(64, unit.nr_cleaned);
	EXPECT_EQ(0, unit.forgotten);
	EXPECT_EQ(0, unit.forgotten_all);
}

TEST_F(clean, to_the_poc_leaves_insn_alone)
{
	unit.ctr = CTR(3, PIPT, 4, 0);
	poc(MEM, 4096);
	EXPECT_EQ(0, unit.forgotten);
	EXPECT_EQ(0, unit.forgotten_all);
}

TEST_HARNESS_MAIN
