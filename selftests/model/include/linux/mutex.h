/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_MUTEX_H
#define MODEL_LINUX_MUTEX_H

#include <linux/spinlock.h>

struct mutex {
	struct model_lock lock;
};

#define mutex_init(mutex)	((mutex)->lock.held = false)
#define mutex_lock(mutex)	model_lock(&(mutex)->lock)
#define mutex_unlock(mutex)	model_unlock(&(mutex)->lock)

#endif /* MODEL_LINUX_MUTEX_H */
