/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A signal that comes by itself, for what must be interruptible.
 */
#ifndef SELFTESTS_LIB_ALARM_H
#define SELFTESTS_LIB_ALARM_H

/**
 * alarm_every() - let SIGALRM interrupt this process's system calls
 * @ms: milliseconds to the first one and from each to the next, 0 to stop
 */
void alarm_every(unsigned int ms);

/** alarm_count() - how many came since alarm_every() was called first */
unsigned int alarm_count(void);

#endif /* SELFTESTS_LIB_ALARM_H */
