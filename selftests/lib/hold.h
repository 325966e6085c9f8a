/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of the test that are held inside the kernel, by the test module
 * el2_probe: what can happen between two steps there then does.
 */
#ifndef SELFTESTS_LIB_HOLD_H
#define SELFTESTS_LIB_HOLD_H

#include "types.h"

/**
 * hold_arm() - have the next thread held that returns from a function
 * @function: of the kernel's, or "setway:..." for one of the module's
 *
 * Two seconds at the most.  Another CPU is needed for all that happens meanwhile.
 */
void hold_arm(const char *function);

/**
 * hold_wait() - wait until a thread is held
 *
 * Return: true if there is one; false if that takes too long.
 */
bool hold_wait(void);

/**
 * hold_release() - let it go on
 *
 * Return: true if it was still held.
 */
bool hold_release(void);

#endif /* SELFTESTS_LIB_HOLD_H */
