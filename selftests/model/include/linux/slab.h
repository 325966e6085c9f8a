/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_SLAB_H
#define MODEL_LINUX_SLAB_H

#include <linux/gfp.h>

#define kvcalloc(n, size, gfp)	model_kvcalloc((n), (size))
#define kvfree(memory)		model_kvfree(memory)

#endif /* MODEL_LINUX_SLAB_H */
