/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of FP and SIMD agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_FPSIMD_H
#define SELFTESTS_GUEST32_AARCH32_FPSIMD_H

#include "../../lib/types.h"

#define FPSIMD_VCPUS	2

/**
 * struct fpsimd32 - all the state
 * @d: D0 to D31
 * @fpscr: FPSCR
 * @fpexc: FPEXC; not loaded
 */
struct fpsimd32 {
	u64 d[32];
	u32 fpscr;
	u32 fpexc;
};

/**
 * fpsimd_load() - load the registers
 * @from: what is to be in them
 */
void fpsimd_load(const struct fpsimd32 *from);

/**
 * fpsimd_store() - store the registers
 * @to: where to put them
 */
void fpsimd_store(struct fpsimd32 *to);

#endif /* SELFTESTS_GUEST32_AARCH32_FPSIMD_H */
