/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_BUILD_BUG_H
#define MODEL_LINUX_BUILD_BUG_H

#define static_assert(expr)	extern int static_assert_holds[(expr) ? 1 : -1]
#define const_ilog2(n)		(63 - __builtin_clzll(n))
#define WARN_ON(condition)	model_warn((condition), #condition)

#endif /* MODEL_LINUX_BUILD_BUG_H */
