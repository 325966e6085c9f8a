/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices outside of the VMM's vCPU threads: eventfds that raise interrupts
 * (irqfd), eventfds that a store of the guest signals (ioeventfd), and which
 * interrupt a GSI is.
 */
#ifndef SETWAY_IRQS_EVENTFD_H
#define SETWAY_IRQS_EVENTFD_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct kvm_ioeventfd;
struct kvm_irqfd;
struct kvm_irq_routing;
struct vm;

/* KVM_CAP_IRQ_ROUTING: how many GSIs there are. */
#define ROUTING_MAX		4096

/*
 * The limit of each: as many as there are GSIs, far more than a VMM needs.  A store of
 * the guest walks all ioeventfds, the end of an interrupt all irqfds.
 */
#define IRQFDS_MAX		ROUTING_MAX
#define IOEVENTFDS_MAX		ROUTING_MAX

/**
 * struct routing - which SPI a GSI is
 * @rcu: to free it
 * @nr: GSIs from 0 on that are in @pin
 * @pin: the SPI, counted from 0; negative: none
 *
 * Never changed once published.  Without one, each GSI is the SPI of its number.
 */
struct routing {
	struct rcu_head rcu;
	u32 nr;
	s16 pin[];
};

/**
 * struct eventfds - a VM's irqfds and ioeventfds
 * @lock: changes of @irqfds
 * @irqfds: &struct irqfd; read under RCU
 * @routing: read under RCU, changed under vm->lock; NULL: the default
 * @ioeventfds: &struct ioeventfd; read under RCU, changed under vm->lock
 */
struct eventfds {
	spinlock_t lock;		/* irqfds, with interrupts off */
	struct list_head irqfds;
	struct routing __rcu *routing;
	struct list_head ioeventfds;
};

/* irqfd.c */

/**
 * irqfd_init() - at load
 *
 * Return: 0 or -ENOMEM.
 */
int irqfd_init(void);

/** irqfd_exit() - undo irqfd_init(); no VM is left */
void irqfd_exit(void);

/**
 * eventfds_vm_init() - none yet
 * @vm: being created
 */
void eventfds_vm_init(struct vm *vm);

/**
 * eventfds_vm_destroy() - let go of all
 * @vm: dying, its GIC and its vCPUs still there
 */
void eventfds_vm_destroy(struct vm *vm);

/**
 * irqfd_set() - KVM_IRQFD
 * @vm: not locked
 * @args: as userspace gave it
 *
 * Return: 0, -EINVAL, -EBADF, -EAGAIN (the GIC is not initialised), -EBUSY (the
 * eventfd is in use for another), -ENOSPC, -ENOMEM, -EINTR (the thread is being killed).
 */
int irqfd_set(struct vm *vm, const struct kvm_irqfd *args);

/* ioeventfd.c */

/**
 * ioeventfd_set() - KVM_IOEVENTFD
 * @vm: not locked
 * @args: as userspace gave it
 *
 * Return: 0, -EINVAL, -EBADF, -EEXIST, -ENOENT, -ENOSPC, -ENOMEM, -EINTR (the thread is being
 * killed).
 */
int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args);

/**
 * ioeventfd_destroy_all() - let go of them
 * @vm: dying
 */
void ioeventfd_destroy_all(struct vm *vm);

/**
 * ioeventfd_write() - a store of the guest outside its memory
 * @vm: its
 * @ipa: address
 * @len: bytes
 * @value: little-endian
 *
 * Return: true when it has signalled an eventfd, and that is all there is to do.
 */
bool ioeventfd_write(struct vm *vm, u64 ipa, unsigned int len, u64 value);

/* routing.c */

/**
 * routing_set() - KVM_SET_GSI_ROUTING
 * @vm: not locked
 * @arg: struct kvm_irq_routing, and its entries
 *
 * Return: 0, -EFAULT, -ENOMEM; -EINVAL: more than ROUTING_MAX entries, flags, an
 * entry that is none of a GIC's SPI or of an MSI, or two for one GSI; -EINTR: the
 * thread is being killed.
 */
int routing_set(struct vm *vm, const struct kvm_irq_routing __user *arg);

/**
 * __routing_set_default() - each GSI is the SPI of its number
 * @vm: its lock is held, or it is dying
 */
void __routing_set_default(struct vm *vm);

/**
 * routing_gsi_to_pin() - which SPI is a GSI?
 * @vm: RCU read side is held
 * @gsi: any
 *
 * Return: SPI, counted from 0, or negative: none.
 */
int routing_gsi_to_pin(const struct vm *vm, u32 gsi);

#endif /* SETWAY_IRQS_EVENTFD_H */
