// SPDX-License-Identifier: GPL-2.0-only
/*
 * The power state of vCPUs: any thread changes it under the VM's power_lock, and the
 * vCPU's own thread applies it.  While it is not "on", VCPU_REQUEST_POWER is set or
 * the thread is in power_settle(), so an entry to the guest need not check it.
 */
#include <linux/kvm.h>
#include <linux/rcuwait.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "kick.h"
#include "power.h"
#include "vcpu.h"
#include "vm.h"

bool power_is_on(const struct vcpu *vcpu)
{
	return !READ_ONCE(vcpu->power.off);
}

void power_set(struct vcpu *vcpu, bool off, bool suspended)
{
	spin_lock(&vcpu->vm->power_lock);
	vcpu->power.off = off;
	vcpu->power.suspended = suspended;
	vcpu->power.start.pending = false;
	spin_unlock(&vcpu->vm->power_lock);
	vcpu_request(vcpu, VCPU_REQUEST_POWER);
}

bool power_on(struct vcpu *vcpu, const struct power_start *start)
{
	bool was_off;

	spin_lock(&vcpu->vm->power_lock);
	was_off = vcpu->power.off;
	if (was_off) {
		vcpu->power.off = false;
		vcpu->power.start = *start;
		vcpu->power.start.pending = true;
	}
	spin_unlock(&vcpu->vm->power_lock);
	if (was_off)
		vcpu_request(vcpu, VCPU_REQUEST_POWER);
	return was_off;
}

void power_off(struct vcpu *vcpu)
{
	power_set(vcpu, true, false);
}

void power_off_all(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		power_off(vcpu);
	vm_kick(vm);
}

/* An odd address is one of Thumb code. */
static void start_at(struct vcpu *vcpu, u64 pc)
{
	if (vcpu_in_aarch32(vcpu) && (pc & 1)) {
		pc &= ~1ULL;
		vcpu->el2.pstate |= PSR_AA32_T_BIT;
	}
	vcpu->el2.pc = pc;
}

static void start_apply(struct vcpu *vcpu, const struct power_start *start)
{
	vcpu_reset(vcpu);
	vgic_reset_cpu(vcpu);
	if (start->big_endian)
		vcpu_set_big_endian(vcpu);
	start_at(vcpu, start->pc);
	vcpu_set_reg(vcpu, 0, start->x0);
}

bool power_apply(struct vcpu *vcpu)
{
	struct power power;

	spin_lock(&vcpu->vm->power_lock);
	power = vcpu->power;
	vcpu->power.start.pending = false;
	spin_unlock(&vcpu->vm->power_lock);

	if (!power.off && power.start.pending)
		start_apply(vcpu, &power.start);
	return !power.off;
}

static bool is_interrupted(struct vcpu *vcpu)
{
	/* From here on, a change of an interrupt wakes the thread up again. */
	vcpu_take_request(vcpu, VCPU_REQUEST_IRQ);
	vtimer_watch(vcpu);
	timer_update(vcpu);
	/* Without a GIC, the guest waits for the timer itself. */
	return vcpu->vm->vgic.initialized ? vgic_pending(vcpu) :
					    timer_fired(vcpu) || READ_ONCE(vcpu->irq_lines);
}

/* Return: 0: there is an interrupt, or the power state has changed; -EINTR. */
static int wait_for_interrupt(struct vcpu *vcpu)
{
	int ret = rcuwait_wait_event(&vcpu->wait,
				     (vcpu_requests(vcpu) & BIT(VCPU_REQUEST_POWER)) ||
				     is_interrupted(vcpu), TASK_INTERRUPTIBLE);

	vtimer_unwatch(vcpu);
	return ret;
}

int power_standby(struct vcpu *vcpu)
{
	/* A signal also ends it: WFI may always return early. */
	wait_for_interrupt(vcpu);
	return 1;
}

/* There is an interrupt: userspace has to make the vCPU runnable. */
static int suspended_settle(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	int ret = wait_for_interrupt(vcpu);

	if (ret)
		return ret;
	/* Request a look at the new state. */
	if (!READ_ONCE(vcpu->power.suspended))
		return 1;
	memset(&run->system_event, 0, sizeof(run->system_event));
	run->system_event.type = KVM_SYSTEM_EVENT_WAKEUP;
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	return 0;
}

int power_settle(struct vcpu *vcpu)
{
	int ret;

	while (!power_apply(vcpu)) {
		setway_stop(vcpu);
		ret = rcuwait_wait_event(&vcpu->wait, power_is_on(vcpu), TASK_INTERRUPTIBLE);
		if (ret)
			return ret;
	}
	return READ_ONCE(vcpu->power.suspended) ? suspended_settle(vcpu) : 1;
}
