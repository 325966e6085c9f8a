/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_MATH_H
#define MODEL_LINUX_MATH_H

#define DIV_ROUND_UP(n, d)						\
({									\
	typeof(d) _d = (d);						\
	((n) + _d - 1) / _d;						\
})

#endif /* MODEL_LINUX_MATH_H */
