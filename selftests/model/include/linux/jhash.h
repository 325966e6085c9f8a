/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_JHASH_H
#define MODEL_LINUX_JHASH_H

#include <linux/types.h>

/* Some hash will do. */
static inline u32 jhash_2words(u32 a, u32 b, u32 seed)
{
	return (((u64)b << 32 | a) ^ seed) * 0x9e3779b97f4a7c15ULL >> 32;
}

#endif /* MODEL_LINUX_JHASH_H */
