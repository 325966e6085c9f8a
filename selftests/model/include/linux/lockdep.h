/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_LOCKDEP_H
#define MODEL_LINUX_LOCKDEP_H

#include "hooks.h"

#define lockdep_assert_held(lock)	model_assert_held((lock), __func__)

#endif /* MODEL_LINUX_LOCKDEP_H */
