/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of trapped instructions agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_CONDITION_H
#define SELFTESTS_GUEST32_AARCH32_CONDITION_H

#define CONDITION_NR		15		/* EQ to AL */
#define CONDITION_FLAGS		16		/* N, Z, C, V in all combinations */
#define CONDITION_RESULTS	(CONDITION_FLAGS * CONDITION_NR * 2)
#define CONDITION_WRITTEN	0xc0de1234
#define CONDITION_MMIO		0x0a000000	/* no memory there */

/* What a mode's register has. */
#define CONDITION_BANKED(mode, n)	(0xb0000000 | (mode) << 8 | (n))

#endif /* SELFTESTS_GUEST32_AARCH32_CONDITION_H */
