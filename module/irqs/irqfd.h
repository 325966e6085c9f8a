/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * irqfds: eventfds that raise interrupts.
 */
#ifndef SETWAY_IRQS_IRQFD_H
#define SETWAY_IRQS_IRQFD_H

#include <linux/list.h>
#include <linux/spinlock.h>

#include "routing.h"

struct kvm_irqfd;
struct vm;

/* Far more than a VMM needs; the end of an interrupt walks all of them. */
#define IRQFDS_MAX		ROUTING_MAX

/**
 * struct irqfds - a VM's irqfds
 * @lock: changes of @list
 * @list: &struct irqfd; read under RCU
 */
struct irqfds {
	spinlock_t lock;		/* list, with interrupts off */
	struct list_head list;
};

/**
 * irqfd_init() - at load
 *
 * Return: 0 or -ENOMEM.
 */
int irqfd_init(void);

/** irqfd_exit() - undo irqfd_init(); no VM is left */
void irqfd_exit(void);

/**
 * irqfds_vm_init() - none yet
 * @vm: being created
 */
void irqfds_vm_init(struct vm *vm);

/**
 * irqfds_vm_destroy() - let go of all
 * @vm: dying, its GIC, its routing and its vCPUs still there
 */
void irqfds_vm_destroy(struct vm *vm);

/**
 * irqfd_set() - KVM_IRQFD
 * @vm: not locked
 * @args: as userspace gave it
 *
 * Return: 0, -EINVAL, -EBADF, -EAGAIN (the GIC is not initialised), -EBUSY (the
 * eventfd is in use for another), -ENOSPC, -ENOMEM, -EINTR (the thread is being killed).
 */
int irqfd_set(struct vm *vm, const struct kvm_irqfd *args);

#endif /* SETWAY_IRQS_IRQFD_H */
