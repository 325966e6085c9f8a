/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests: what has to be done before a vCPU may run the guest (again).  They are the
 * bits of one word, el2_vcpu.requests: no vCPU enters with one of them set, and whoever
 * sets one from outside makes the vCPU exit.
 *
 * The vCPU's own thread serves them (run.c).  Documentation/locking.rst says why
 * none is lost.
 */
#ifndef SETWAY_KICK_H
#define SETWAY_KICK_H

#include <linux/bitops.h>
#include <linux/compiler.h>

#include "vcpu.h"

struct vm;

/**
 * enum vcpu_request - reasons not to enter, the first of them served first
 * @VCPU_REQUEST_WFI: WFI was executed: sleep until there is an interrupt.  A signal
 *	ends that too, as WFI may always return early, and so comes after it
 * @VCPU_REQUEST_THREAD: a signal, or other work of the kernel's for the thread
 * @VCPU_REQUEST_LINES: userspace does not know the timers' lines yet
 * @VCPU_REQUEST_BATCH: a batch is owed, or the rest of one, or the caches were switched
 *	(trap/setway.h)
 * @VCPU_REQUEST_POWER: the power state has changed, or is not "on" (power.h)
 * @VCPU_REQUEST_FREEZE: vgic_freeze()
 * @VCPU_REQUEST_STOLEN: time was stolen that the guest is to be told of
 * @VCPU_REQUEST_VMID: the VMID is one of an earlier generation
 * @VCPU_REQUEST_IRQ: interrupts, or timers, have changed; entering takes them up
 * @VCPU_REQUESTS: how many there are
 */
enum vcpu_request {
	VCPU_REQUEST_WFI,
	VCPU_REQUEST_THREAD,
	VCPU_REQUEST_LINES,
	VCPU_REQUEST_BATCH,
	VCPU_REQUEST_POWER,
	VCPU_REQUEST_FREEZE,
	VCPU_REQUEST_STOLEN,
	VCPU_REQUEST_VMID,
	VCPU_REQUEST_IRQ,
	VCPU_REQUESTS
};

/**
 * vcpu_requests() - what is requested of a vCPU
 * @vcpu: any
 *
 * Return: BIT() of each &enum vcpu_request.
 */
static inline unsigned long vcpu_requests(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->el2.requests);
}

/**
 * vcpu_request_own() - request something of the vCPU whose thread this is
 * @vcpu: locked
 * @request: what
 */
static inline void vcpu_request_own(struct vcpu *vcpu, enum vcpu_request request)
{
	set_bit(request, &vcpu->el2.requests);
}

/**
 * vcpu_take_request() - begin to serve a request
 * @vcpu: locked, outside the guest
 * @request: what
 *
 * Look at what the request is about after this call, and not before.
 */
static inline void vcpu_take_request(struct vcpu *vcpu, enum vcpu_request request)
{
	/* With barriers on both sides: pairs with vcpu_request(). */
	test_and_clear_bit(request, &vcpu->el2.requests);
}

/**
 * vcpu_request() - request something of a vCPU, after changing what it is about
 * @vcpu: any
 * @request: what
 *
 * A vCPU in the guest exits, and this does not wait for it; a vCPU that sleeps
 * wakes up.
 *
 * Context: any.
 */
void vcpu_request(struct vcpu *vcpu, enum vcpu_request request);

/**
 * vcpu_interrupt() - request VCPU_REQUEST_IRQ, after changing an interrupt
 * @vcpu: any
 *
 * Context: any; vgic locks may be held.
 */
void vcpu_interrupt(struct vcpu *vcpu);

/**
 * vm_request() - vcpu_request() of all vCPUs
 * @vm: any
 * @request: what
 */
void vm_request(struct vm *vm, enum vcpu_request request);

/**
 * vm_request_sync() - request something of all vCPUs, and wait until none is in the guest
 * @vm: any
 * @request: what; those that sleep need not hear of it until they go on
 *
 * Context: any but interrupts off.
 */
void vm_request_sync(struct vm *vm, enum vcpu_request request);

/**
 * vm_wake() - make all vCPUs that sleep check again what they sleep for
 * @vm: any
 */
void vm_wake(struct vm *vm);

/**
 * vm_kick() - make every vCPU of a VM exit, and wait until it has
 * @vm: any
 *
 * Also waits for lockless walks of the tables that were under way.
 * Context: any but interrupts off.
 */
void vm_kick(struct vm *vm);

#endif /* SETWAY_KICK_H */
