/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Eventfds, and those that raise interrupts.
 */
#ifndef SELFTESTS_LIB_IRQFD_H
#define SELFTESTS_LIB_IRQFD_H

#include "vm.h"

/**
 * irqfd_set() - KVM_IRQFD
 * @vm: the VM
 * @fd: the eventfd that raises the interrupt
 * @gsi: the interrupt
 * @flags: KVM_IRQFD_FLAG_*
 * @resample: the eventfd that is signalled at its end
 *
 * Return: 0, or -1 with errno set.
 */
int irqfd_set(struct vm *vm, int fd, u32 gsi, u32 flags, int resample);

/**
 * event_create() - an eventfd that no read waits for
 */
int event_create(void);

/**
 * event_signal() - add 1
 * @fd: an eventfd
 */
void event_signal(int fd);

/**
 * event_count() - how often was it signalled since the last look?
 * @fd: an eventfd
 */
u64 event_count(int fd);

#endif /* SELFTESTS_LIB_IRQFD_H */
