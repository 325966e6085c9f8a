/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_MINMAX_H
#define MODEL_LINUX_MINMAX_H

#define min(a, b)							\
({									\
	typeof(a) _a = (a);						\
	typeof(b) _b = (b);						\
	_a < _b ? _a : _b;						\
})

#define max(a, b)							\
({									\
	typeof(a) _a = (a);						\
	typeof(b) _b = (b);						\
	_a > _b ? _a : _b;						\
})

#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)						\
({									\
	type _x = (a);							\
	type _y = (b);							\
	_x > _y ? _x : _y;						\
})

#endif /* MODEL_LINUX_MINMAX_H */
