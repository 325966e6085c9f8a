// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal that comes by itself.
 */
#include "alarm.h"

#include <signal.h>
#include <sys/time.h>

#include "types.h"

static int alarms;

static void alarm_ring(int signal)
{
	(void)signal;
	WRITE_ONCE(alarms, READ_ONCE(alarms) + 1);
}

void alarm_every(unsigned int ms)
{
	struct timeval period = { ms / 1000, ms % 1000 * 1000 };
	struct itimerval timer = { period, period };
	/* without SA_RESTART */
	struct sigaction action = { .sa_handler = alarm_ring };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

unsigned int alarm_count(void)
{
	return READ_ONCE(alarms);
}
