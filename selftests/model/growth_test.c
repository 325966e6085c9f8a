// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a batch with 100 accessed pages reads of the tables of larger and larger VMs,
 * all of whose RAM is mapped: it must not grow with the RAM (scripts/bench shows it).
 */
#include <kselftest_harness.h>

#include "unit.h"

#define IA_BITS		41
#define RAM_IPA		SZ_1G
#define LEAST_GIB	64
#define MOST_GIB	1024
#define ACCESSED	100
#define W		STAGE2_PROT_W

FIXTURE(growth) {
};

/*
 * @name: for scripts/bench
 * @block: what the RAM is mapped by
 * @distance: of an accessed page to the next; 0: they are all over the RAM
 * @flat_from: GiB; with fewer, pages all over the RAM share more of the tables
 */
FIXTURE_VARIANT(growth) {
	const char *name;
	u64 block;
	u64 distance;
	u64 flat_from;
};

FIXTURE_VARIANT_ADD(growth, neighbours) {
	.name = "neighbours",
	.block = SZ_1G,
	.distance = SZ_4K,
	.flat_from = LEAST_GIB,
};

FIXTURE_VARIANT_ADD(growth, alone) {
	.name = "alone",
	.block = SZ_2M,
	.distance = SZ_2M,
	.flat_from = LEAST_GIB,
};

FIXTURE_VARIANT_ADD(growth, everywhere) {
	.name = "everywhere",
	.block = SZ_2M,
	.flat_from = 2 * LEAST_GIB,
};

FIXTURE_SETUP(growth)
{
}

FIXTURE_TEARDOWN(growth)
{
}

static int map_ram(u64 size, u64 block)
{
	int ret = 0;
	u64 at;

	for (at = 0; at < size && !ret; at += block)
		ret = unit_map(RAM_IPA + at, block, MEM + at, W);
	return ret;
}

static int touch_few(u64 distance)
{
	int ret = 0;
	u64 i;

	for (i = 0; i < ACCESSED && !ret; i++)
		ret = unit_touch(RAM_IPA + i * distance, STAGE2_WRITE);
	return ret;
}

/* Return: entries read and written by a batch in a VM of this size. */
static u64 batch_entries(u64 gib, u64 block, u64 distance)
{
	struct tracker_batch batch;
	u64 entries = 0;

	if (unit_init(IA_BITS))
		return 0;
	if (!map_ram(gib * SZ_1G, block) && !touch_few(distance)) {
		unit.steps = 0;
		if (!unit_batch(&batch) && batch.cleaned == ACCESSED)
			entries = unit.steps;
	}
	stage2_unmap(&unit.s2, 0, BIT_ULL(IA_BITS), true);
	return unit_exit() ? 0 : entries;
}

TEST_F(growth, flat)
{
	u64 gib, entries, least = 0, distance;

	for (gib = LEAST_GIB; gib <= MOST_GIB; gib *= 2) {
		distance = variant->distance ?: gib * SZ_1G / ACCESSED & ~(u64)(SZ_4K - 1);
		entries = batch_entries(gib, variant->block, distance);
		ASSERT_LT(0, entries);
		printf("# growth: %s %llu %llu\n", variant->name, gib, entries);
		fflush(stdout);	/* the harness ends this process by _exit() */
		if (gib == variant->flat_from)
			least = entries;
		/* within 5 % */
		if (least)
			EXPECT_GE(least * 105, entries * 100);
	}
}

TEST_HARNESS_MAIN
