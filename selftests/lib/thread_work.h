/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Something for the kernel to do for a thread on its way to userspace: task work.
 */
#ifndef SELFTESTS_LIB_THREAD_WORK_H
#define SELFTESTS_LIB_THREAD_WORK_H

#include "types.h"

/**
 * thread_work_possible() - have a session's keyring of one's own, that children replace
 * @name: of it
 *
 * Return: false if the kernel has no keyrings.
 */
bool thread_work_possible(const char *name);

/**
 * thread_work_for_parent() - have the parent's thread take over a new keyring
 *
 * In a child of a process of one thread, after thread_work_possible() there.
 *
 * Return: 0, or -1 with errno set.
 */
int thread_work_for_parent(void);

#endif /* SELFTESTS_LIB_THREAD_WORK_H */
