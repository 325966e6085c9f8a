/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of a 32-bit vCPU's registers agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_ONEREG_H
#define SELFTESTS_GUEST32_AARCH32_ONEREG_H

/* What a mode's register has. */
#define ONEREG_BANKED(mode, n)	(0xb0000000 | (mode) << 8 | (n))

#endif /* SELFTESTS_GUEST32_AARCH32_ONEREG_H */
