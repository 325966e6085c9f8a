/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_BUILD_BUG_H
#define MODEL_LINUX_BUILD_BUG_H

#include <linux/bug.h>

#define static_assert(expr)	extern int static_assert_holds[(expr) ? 1 : -1]
#define const_ilog2(n)		(63 - __builtin_clzll(n))

#endif /* MODEL_LINUX_BUILD_BUG_H */
