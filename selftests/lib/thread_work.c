// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task work, by session keyrings.
 */
#include "thread_work.h"

#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

bool thread_work_possible(const char *name)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name) >= 0;
}

/* It has to be another keyring each time. */
int thread_work_for_parent(void)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ? -1 :
	       syscall(SYS_keyctl, KEYCTL_SESSION_TO_PARENT);
}
