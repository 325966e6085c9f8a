/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_SCHED_H
#define MODEL_LINUX_SCHED_H

#include "hooks.h"

#define current		NULL
#define cond_resched()	model_resched()

#endif /* MODEL_LINUX_SCHED_H */
