// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal that comes by itself.
 */
#include "alarm.h"

#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t alarms;

static void alarm_ring(int signal)
{
	(void)signal;
	alarms = alarms + 1;
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
	return alarms;
}
