/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of 32-bit Set/Way agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_SETWAY_H
#define SELFTESTS_GUEST32_AARCH32_SETWAY_H

#include "../../lib/types.h"

/** enum setway_kind - the operations */
enum setway_kind {
	SETWAY_DCISW,
	SETWAY_DCCSW,
	SETWAY_DCCISW,
};

/**
 * struct setway_loop - caches as somebody wrote them down, and a way round them
 * @levels: of caches, all alike
 * @set_bits: log2 of the sets
 * @way_bits: log2 of the ways
 * @descending: from the last line to the first
 * @set_outer: all ways of a set first, then the next set
 */
struct setway_loop {
	u32 levels;
	u32 set_bits;
	u32 way_bits;
	u32 descending;
	u32 set_outer;
};

#endif /* SELFTESTS_GUEST32_AARCH32_SETWAY_H */
