/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_SPINLOCK_H
#define MODEL_LINUX_SPINLOCK_H

#include "hooks.h"

struct model_lock {
	bool held;
};

#define spinlock_t		struct model_lock
#define spin_lock_init(lock)	((lock)->held = false)
#define spin_lock(lock)		model_lock(lock)
#define spin_unlock(lock)	model_unlock(lock)

#endif /* MODEL_LINUX_SPINLOCK_H */
