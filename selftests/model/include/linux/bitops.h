/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_BITOPS_H
#define MODEL_LINUX_BITOPS_H

#include <linux/bits.h>

#define __ffs(x)		((unsigned long)__builtin_ctzl(x))
#define hweight64(x)		((unsigned long)__builtin_popcountll(x))

#endif /* MODEL_LINUX_BITOPS_H */
