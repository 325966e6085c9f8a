/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's device node, and how a program of ours gives up.
 *
 * Everything here speaks the KVM API, so any device that does will serve:
 * /dev/setway unless $SETWAY_DEVICE or device_set() name another, such as
 * /dev/kvm.
 */
#ifndef SELFTESTS_LIB_DEVICE_H
#define SELFTESTS_LIB_DEVICE_H

#include "types.h"

/**
 * fail() - print one line to stderr, after the program's name, and exit with 1
 * @format: as printf's, without a newline
 *
 * In a test case this ends the case, not the program: the harness forks.
 */
void __noreturn __printf(1, 2) fail(const char *format, ...);

/**
 * device_set() - use another device from now on
 * @path: of the device node; the string must stay
 */
void device_set(const char *path);

/** device_path() - the device node in use */
const char *device_path(void);

/**
 * device_open() - open the device
 *
 * Return: a file descriptor; fails if there is none to be had.
 */
int device_open(void);

/**
 * device_capability() - ask for a capability of the device
 * @capability: KVM_CAP_*
 *
 * Return: KVM_CHECK_EXTENSION's answer, 0 if it has not got it.
 */
int device_capability(u64 capability);

/**
 * device_is_setway() - is it setway, rather than KVM itself?
 *
 * Only setway knows of policies.
 */
bool device_is_setway(void);

#endif /* SELFTESTS_LIB_DEVICE_H */
