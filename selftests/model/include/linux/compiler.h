/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_COMPILER_H
#define MODEL_LINUX_COMPILER_H

#include "hooks.h"

#define noinline	/* no matter here */

#define READ_ONCE(x)							\
({									\
	const typeof(x) *_read = &(x);					\
	model_step(_read);						\
	*_read;								\
})

/* Two words at once, each of which is read by itself. */
#define __READ_ONCE(x)							\
({									\
	const typeof(x) *_pair = &(x);					\
	model_step(_pair);						\
	model_step((const char *)_pair + sizeof(x) / 2);		\
	*_pair;								\
})

#define WRITE_ONCE(x, value)						\
do {									\
	typeof(x) *_written = &(x);					\
	model_step(_written);						\
	*_written = (value);						\
} while (0)

#endif /* MODEL_LINUX_COMPILER_H */
