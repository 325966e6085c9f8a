/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_BUG_H
#define MODEL_LINUX_BUG_H

#include "hooks.h"

#define WARN_ON(condition)	model_warn((condition), #condition)

#endif /* MODEL_LINUX_BUG_H */
