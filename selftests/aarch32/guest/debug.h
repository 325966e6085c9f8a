/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of 32-bit debugging agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_DEBUG_H
#define SELFTESTS_GUEST32_AARCH32_DEBUG_H

enum debug_stage {
	DEBUG_SET_UP = 1,
	DEBUG_LOCKED,
};

#define DEBUG_STEPS	5	/* instructions of debug_stepped() before its last */

/* What the guest has in DBGVCR. */
#define DEBUG_VCR	0x00000010	/* data aborts */

#endif /* SELFTESTS_GUEST32_AARCH32_DEBUG_H */
