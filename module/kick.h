/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making vCPUs leave the guest, or wake up, to see what others have changed.
 */
#ifndef SETWAY_KICK_H
#define SETWAY_KICK_H

struct vcpu;
struct vm;

/**
 * vcpu_kick() - make a vCPU leave the guest, without waiting until it has
 * @vcpu: any
 *
 * If it is about to enter, it sees what the caller has changed, or leaves at once.
 * Context: any.
 */
void vcpu_kick(struct vcpu *vcpu);

/**
 * vcpu_wake() - make a vCPU look at its state again, asleep or in the guest
 * @vcpu: any
 *
 * Context: any.
 */
void vcpu_wake(struct vcpu *vcpu);

/**
 * vcpu_wake_all() - vcpu_wake() for all vCPUs
 * @vm: any
 */
void vcpu_wake_all(struct vm *vm);

/**
 * vm_kick() - make every vCPU of a VM leave the guest, and wait until it has
 * @vm: any
 *
 * Also waits for lockless walks of the tables that were under way.
 * Context: any but interrupts off.
 */
void vm_kick(struct vm *vm);

#endif /* SETWAY_KICK_H */
