// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making vCPUs leave the guest, or wake up.
 */
#include <linux/preempt.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "kick.h"
#include "vcpu.h"
#include "vm.h"

void vcpu_kick(struct vcpu *vcpu)
{
	struct task_struct *runner;

	/* The change is made before runner is read; pairs with run_guest_irqs_off(). */
	smp_mb();
	rcu_read_lock();
	runner = READ_ONCE(vcpu->runner);
	if (runner)
		kick_process(runner);
	rcu_read_unlock();
}

void vcpu_wake(struct vcpu *vcpu)
{
	/* Its own thread, about to look at all that there is to see. */
	if (READ_ONCE(vcpu->runner) == current)
		return;
	rcuwait_wake_up(&vcpu->wait);
	/* If it runs instead of sleeping, an interrupt makes it look. */
	vcpu_kick(vcpu);
}

void vcpu_wake_all(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu_wake(vcpu);
}

static void vm_interrupted(void *unused)
{
	/* The interrupt was taken, so the walk or the guest before it has ended. */
}

/*
 * run.c sets its CPU in vm->running, with interrupts off, before it looks at
 * the vCPU's state or reads the first table entry.  A CPU that is not in the
 * mask yet sees only what was written before; a CPU that is has to take the
 * interrupt first.
 */
void vm_kick(struct vm *vm)
{
	preempt_disable();
	/* The change is made before running is read; pairs with that in run.c. */
	smp_mb();
	smp_call_function_many(&vm->running, vm_interrupted, NULL, true);
	preempt_enable();
}
