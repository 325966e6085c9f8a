/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which interrupt a GSI is.
 */
#ifndef SETWAY_IRQS_ROUTING_H
#define SETWAY_IRQS_ROUTING_H

#include <linux/rcupdate.h>
#include <linux/types.h>

struct kvm_irq_routing;
struct vm;

/* KVM_CAP_IRQ_ROUTING: how many GSIs there are. */
#define ROUTING_MAX		4096

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

#endif /* SETWAY_IRQS_ROUTING_H */
