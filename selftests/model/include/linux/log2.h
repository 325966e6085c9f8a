/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_LOG2_H
#define MODEL_LINUX_LOG2_H

/* Of what is more than 1. */
#define roundup_pow_of_two(n)	(2ULL << (63 - __builtin_clzll((n) - 1ULL)))

#endif /* MODEL_LINUX_LOG2_H */
