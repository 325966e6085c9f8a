/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_SCHED_SIGNAL_H
#define MODEL_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

#define signal_pending(task)	((void)(task), model_signal_pending())

#endif /* MODEL_LINUX_SCHED_SIGNAL_H */
