// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: prepare, enter, act on the exit, and again, until there is something
 * for userspace.
 */
#include <linux/cpumask.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <asm/neon.h>

#include "compat.h"
#include "host/el2.h"
#include "power.h"
#include "stats/trace.h"
#include "trap/setway.h"
#include "firmware/smccc.h"
#include "trap/trap.h"
#include "vcpu.h"
#include "vm.h"

static bool vcpu_power_changed(const struct vcpu *vcpu, bool was_on)
{
	return power_is_on(vcpu) != was_on || READ_ONCE(vcpu->power.start.pending);
}

static bool vcpu_is_interrupted(struct vcpu *vcpu)
{
	vtimer_watch(vcpu);
	timer_update(vcpu);
	/* Without a GIC to ask, the timer itself is what the guest waits for. */
	return vcpu->vm->vgic.initialized ? vgic_pending(vcpu) :
					    timer_fired(vcpu) || READ_ONCE(vcpu->irq_lines);
}

/* WFI: sleep until there is an interrupt, a signal, or a change of the power state. */
static int vcpu_wait_for_interrupt(struct vcpu *vcpu)
{
	int ret = rcuwait_wait_event(&vcpu->wait, vcpu_power_changed(vcpu, true) ||
				     vcpu_is_interrupted(vcpu), TASK_INTERRUPTIBLE);

	vtimer_unwatch(vcpu);
	/* A signal ends the wait as well: WFI may always return early. */
	vcpu->in_wfi = false;
	return ret ? -EINTR : 1;
}

/*
 * KVM_MP_STATE_SUSPENDED: the vCPU does not run, and an interrupt is for userspace,
 * which has to make it runnable.
 */
static int vcpu_suspend(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	int ret = rcuwait_wait_event(&vcpu->wait, vcpu_power_changed(vcpu, true) ||
				     vcpu_is_interrupted(vcpu), TASK_INTERRUPTIBLE);

	vtimer_unwatch(vcpu);
	if (ret)
		return -EINTR;
	if (!vcpu_is_interrupted(vcpu))
		return 1;
	vtimer_unwatch(vcpu);
	memset(&run->system_event, 0, sizeof(run->system_event));
	run->system_event.type = KVM_SYSTEM_EVENT_WAKEUP;
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	return 0;
}

static bool vcpu_is_frozen(const struct vcpu *vcpu)
{
	return atomic_read(&vcpu->vm->vgic.frozen);
}

/*
 * KVM_CAP_ARM_USER_IRQ: where the GIC is userspace's, KVM_RUN ends when the line of a
 * timer changes.  What userspace knows is in the page shared with it.
 */
static bool vcpu_lines_are_news(const struct vcpu *vcpu)
{
	u64 known = READ_ONCE(vcpu->run->s.regs.device_irq_level);

	return !vcpu->vm->vgic.created && (known & TIMER_LINES) != timer_lines(vcpu);
}

static void vcpu_tell_lines(struct vcpu *vcpu)
{
	u64 *known = &vcpu->run->s.regs.device_irq_level;

	if (!vcpu->vm->vgic.created)
		WRITE_ONCE(*known, (READ_ONCE(*known) & ~TIMER_LINES) | timer_lines(vcpu));
}

/*
 * All that has to be done before the guest may run.
 * Return: 1 to enter, 0 to look again, -EINTR, -ERESTARTNOHAND if the kernel has to do
 * something for the thread that it does on the way to userspace.
 */
static int vcpu_prepare(struct vcpu *vcpu)
{
	int ret;

	if (signal_pending(current) || vcpu_lines_are_news(vcpu))
		return -EINTR;
	if (test_thread_flag(TIF_NOTIFY_RESUME))
		return -ERESTARTNOHAND;
	ret = setway_settle(vcpu);
	if (ret)
		return ret;
	if (!power_apply(vcpu))
		return rcuwait_wait_event(&vcpu->wait, vcpu_power_changed(vcpu, false),
					  TASK_INTERRUPTIBLE);
	if (vcpu_is_frozen(vcpu))
		return wait_event_interruptible(vcpu->vm->vgic.thawed, !vcpu_is_frozen(vcpu)) ?
			-EINTR : 0;
	pvtime_update(vcpu);
	if (vcpu->in_wfi)
		return vcpu_wait_for_interrupt(vcpu);
	return 1;
}

/* Answer a fault on an idle page without leaving the interrupts-off region. */
static bool run_revalidate(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	u64 ipa = trap_fault_ipa(vcpu);

	if (!trap_is_abort(esr) || !trap_is_translation_fault(esr))
		return false;
	if (tracker_revalidate(&vcpu->vm->stage2, ipa, trap_fault_access(esr)))
		return false;
	counter_add(&vcpu->counters, COUNTER_EXITS_STAGE2, 1);
	counter_add(&vcpu->counters, COUNTER_STAGE2_FAULTS, 1);
	counter_add(&vcpu->counters, COUNTER_REVALIDATIONS, 1);
	trace_revalidate(vcpu->id, ipa);
	return true;
}

/* A vCPU of the VM that ran here before may have left TLB entries of its own. */
static void run_follow_other_vcpu(struct vcpu *vcpu)
{
	int *last = this_cpu_ptr(vcpu->vm->last_vcpu);

	if (*last != vcpu->id)
		el2_tlb_flush_local(vcpu->el2.vttbr_el2);
	*last = vcpu->id;
}

static bool run_may_enter(const struct vcpu *vcpu)
{
	return vmid_is_current(&vcpu->vm->vmid) && !signal_pending(current) && !need_resched() &&
	       !test_thread_flag(TIF_NOTIFY_RESUME) &&
	       !vcpu_is_frozen(vcpu) && !vcpu_lines_are_news(vcpu) &&
	       power_is_on(vcpu) && !READ_ONCE(vcpu->power.start.pending);
}

/* KVM_ARM_IRQ_TYPE_CPU: who changes them from now on kicks. */
static void run_load_lines(struct vcpu *vcpu)
{
	vcpu->el2.hcr_el2 &= ~(HCR_VI | HCR_VF);
	vcpu->el2.hcr_el2 |= READ_ONCE(vcpu->irq_lines);
}

/* Into the guest with its interrupts, and back. */
static int run_el2(struct vcpu *vcpu)
{
	int exit;

	timer_update(vcpu);
	run_load_lines(vcpu);
	vgic_load(vcpu);
	vtimer_load(vcpu);
	exit = el2_run(&vcpu->el2);
	vgic_fold(vcpu);
	return exit;
}

/* Return: what el2_run() did, or -EAGAIN when there is nothing to handle. */
static int run_guest(struct vcpu *vcpu)
{
	int exit;

	do {
		if (!run_may_enter(vcpu))
			return -EAGAIN;
		vcpu->el2.vttbr_el2 = vm_vttbr(vcpu->vm);
		run_follow_other_vcpu(vcpu);
		trace_entry(vcpu->id, vcpu->el2.pc);
		exit = run_el2(vcpu);
		if (exit < 0)
			return exit;
		counter_add(&vcpu->counters, COUNTER_EXITS, 1);
		trace_exit(vcpu->id, exit, vcpu->el2.esr_el2, vcpu->el2.pc);
	} while (exit == EL2_EXIT_SYNC && !vcpu->vgic.nr_acked && run_revalidate(vcpu));
	return exit;
}

/*
 * The CPU is in vm->running as long as it runs the guest or walks its tables,
 * with interrupts off: whoever interrupts the CPUs there has waited for that.
 */
static int run_guest_irqs_off(struct vcpu *vcpu)
{
	unsigned int cpu;
	int exit;

	local_irq_disable();
	cpu = smp_processor_id();
	cpumask_set_cpu(cpu, &vcpu->vm->running);
	WRITE_ONCE(vcpu->runner, current);
	/* Pairs with vm_kick() and vcpu_kick(): see the change, or be interrupted. */
	smp_mb();
	exit = run_guest(vcpu);
	/* Reads of the tables stay before this; pairs with vm_kick() as well. */
	smp_mb();
	WRITE_ONCE(vcpu->runner, NULL);
	cpumask_clear_cpu(cpu, &vcpu->vm->running);
	local_irq_enable();
	return exit;
}

static int vcpu_enter(struct vcpu *vcpu)
{
	int exit;

	if (!vmid_is_current(&vcpu->vm->vmid))
		vmid_renew(&vcpu->vm->vmid);
	/* The host's FP/SIMD registers are saved, the guest's loaded at EL2. */
	kernel_neon_begin();
	exit = run_guest_irqs_off(vcpu);
	kernel_neon_end();
	vgic_notify_acked(vcpu);
	return exit == -EAGAIN ? 1 : trap_handle(vcpu, exit);
}

int vcpu_run(struct vcpu *vcpu)
{
	int ret;

	ret = vm_start(vcpu->vm);
	if (ret)
		return ret;
	mmio_finish(vcpu);
	/* As in KVM the exit reason stays: the VMM has yet to look at it. */
	if (compat_immediate_exit(vcpu->run))
		return -EINTR;
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	if (!vcpu->vtimer.bound && timer_bind(vcpu))
		return -EINVAL;
	do {
		cond_resched();
		ret = vcpu_prepare(vcpu);
		if (ret == 1)
			ret = READ_ONCE(vcpu->power.suspended) ? vcpu_suspend(vcpu) :
							   vcpu_enter(vcpu);
		else if (ret == 0)
			ret = 1;
	} while (ret > 0);
	timer_update(vcpu);
	vcpu_tell_lines(vcpu);
	/* A signal may yet come before the call is started again, and becomes -EINTR. */
	if (ret == -EINTR || ret == -ERESTARTNOHAND)
		vcpu->run->exit_reason = KVM_EXIT_INTR;
	return ret;
}
