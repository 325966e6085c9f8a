/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_LOG2_H
#define MODEL_LINUX_LOG2_H

#include <linux/types.h>

/* roundup_pow_of_two(): of what is more than 1. */
#define roundup_pow_of_two(n)	(2ULL << (63 - __builtin_clzll((n) - 1ULL)))

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

#endif /* MODEL_LINUX_LOG2_H */
