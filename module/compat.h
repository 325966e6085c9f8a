/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels that setway builds for, and nothing else.
 */
#ifndef SETWAY_COMPAT_H
#define SETWAY_COMPAT_H

#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/version.h>

/**
 * compat_immediate_exit() - the VMM asks KVM_RUN to come back at once
 * @run: the page shared with the VMM
 *
 * From 6.11 on the kernel's own view of the structure renames the field, as a
 * reminder that userspace may change it at any time.
 */
static inline bool compat_immediate_exit(const struct kvm_run *run)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	return READ_ONCE(run->immediate_exit__unsafe);
#else
	return READ_ONCE(run->immediate_exit);
#endif
}

/**
 * compat_eventfd_signal() - add 1 to an eventfd
 * @eventfd: any
 *
 * From 6.8 on there is no other number to add.
 */
static inline void compat_eventfd_signal(struct eventfd_ctx *eventfd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(eventfd);
#else
	eventfd_signal(eventfd, 1);
#endif
}

#endif /* SETWAY_COMPAT_H */
