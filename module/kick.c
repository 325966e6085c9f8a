// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making vCPUs exit or wake up, so that they serve what is requested of them.
 */
#include <linux/preempt.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "kick.h"
#include "vcpu.h"
#include "vm.h"

static void vcpu_kick(struct vcpu *vcpu)
{
	struct task_struct *runner;

	/* The request is made before runner is read; pairs with run_guest_irqs_off(). */
	smp_mb();
	rcu_read_lock();
	runner = READ_ONCE(vcpu->runner);
	if (runner)
		kick_process(runner);
	rcu_read_unlock();
}

void vcpu_request(struct vcpu *vcpu, enum vcpu_request request)
{
	/*
	 * The change that the request is about comes first; pairs with
	 * vcpu_take_request().
	 */
	smp_mb__before_atomic();
	set_bit(request, &vcpu->el2.requests);
	/* If it sleeps: has a barrier, which pairs with the one in rcuwait_wait_event(). */
	rcuwait_wake_up(&vcpu->wait);
	/* If it runs, an interrupt makes it look. */
	vcpu_kick(vcpu);
}

void vcpu_interrupt(struct vcpu *vcpu)
{
	/* Its own thread, between two runs: the next run loads all interrupts anyway. */
	if (READ_ONCE(vcpu->runner) == current)
		return;
	vcpu_request(vcpu, VCPU_REQUEST_IRQ);
}

void vm_request(struct vm *vm, enum vcpu_request request)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu_request(vcpu, request);
}

void vm_wake(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		rcuwait_wake_up(&vcpu->wait);
}

static void vm_interrupted(void *unused)
{
	/*
	 * The interrupt was taken, so the walk or the run of a guest before it has
	 * ended.
	 */
}

/*
 * run.c sets its CPU in vm->running, with interrupts off, before it looks at
 * the requests or reads the first table entry.  A CPU that is not in the mask
 * yet will see what was written before; a CPU in the mask takes the interrupt
 * first.
 */
void vm_kick(struct vm *vm)
{
	preempt_disable();
	/* The change is made before running is read; pairs with that in run.c. */
	smp_mb();
	smp_call_function_many(&vm->running, vm_interrupted, NULL, true);
	preempt_enable();
}

void vm_request_sync(struct vm *vm, enum vcpu_request request)
{
	struct vcpu *vcpu;
	unsigned long id;

	/* As in vcpu_request(), for all of them. */
	smp_mb();
	xa_for_each(&vm->vcpus, id, vcpu)
		set_bit(request, &vcpu->el2.requests);
	vm_kick(vm);
}
