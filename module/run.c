// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: prepare, enter, act on the exit, and again, until there is something
 * for userspace.
 */
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <asm/arch_timer.h>
#include <asm/neon.h>

#include "compat.h"
#include "host/el2.h"
#include "stats/trace.h"
#include "trap/setway.h"
#include "trap/trap.h"
#include "vcpu.h"
#include "vm.h"

void vcpu_wake(struct vcpu *vcpu)
{
	wake_up(&vcpu->wait);
	/* If it runs instead of sleeping, an interrupt makes it look. */
	vm_kick(vcpu->vm);
}

static bool vcpu_power_changed(const struct vcpu *vcpu, bool was_on)
{
	return READ_ONCE(vcpu->powered_off) == was_on || READ_ONCE(vcpu->reset.pending);
}

static bool vcpu_timer_enabled(const struct vcpu *vcpu)
{
	const u64 live = ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK;

	return (vcpu->el2.cntv_ctl_el0 & live) == ARCH_TIMER_CTRL_ENABLE;
}

/* Time until the guest's virtual timer fires, 0 if it has; KTIME_MAX: never. */
static ktime_t vcpu_timer_left(const struct vcpu *vcpu)
{
	u64 now = __arch_counter_get_cntpct() - vcpu->el2.cntvoff_el2;

	if (!vcpu_timer_enabled(vcpu))
		return KTIME_MAX;
	if (vcpu->el2.cntv_cval_el0 <= now)
		return 0;
	return mul_u64_u64_div_u64(vcpu->el2.cntv_cval_el0 - now, NSEC_PER_SEC,
				   arch_timer_get_cntfrq());
}

/* WFI: sleep until the timer fires, a signal comes or the power state changes. */
static int vcpu_wait_for_interrupt(struct vcpu *vcpu)
{
	ktime_t left = vcpu_timer_left(vcpu);
	int ret = 0;

	if (left == KTIME_MAX)
		ret = wait_event_interruptible(vcpu->wait, vcpu_power_changed(vcpu, true));
	else if (left > 0)
		ret = wait_event_interruptible_hrtimeout(vcpu->wait,
							 vcpu_power_changed(vcpu, true), left);
	/* A signal ends the wait as well: WFI may always return early. */
	vcpu->in_wfi = false;
	return ret == -ERESTARTSYS ? -EINTR : 1;
}

/*
 * All that has to be done before the guest may run.
 * Return: 1 to enter, 0 to look again, -EINTR.
 */
static int vcpu_prepare(struct vcpu *vcpu)
{
	int ret;

	if (signal_pending(current))
		return -EINTR;
	ret = setway_settle(vcpu);
	if (ret)
		return ret;
	if (!psci_apply(vcpu))
		return wait_event_interruptible(vcpu->wait, vcpu_power_changed(vcpu, false)) ?
			-EINTR : 0;
	if (vcpu->in_wfi)
		return vcpu_wait_for_interrupt(vcpu);
	return 1;
}

/* Answer a fault on an idle page without leaving the interrupts-off region. */
static bool run_revalidate(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	u64 ipa = trap_fault_ipa(vcpu);

	if (!trap_is_abort(esr) || (esr & ESR_ELx_FSC_TYPE) != ESR_ELx_FSC_FAULT)
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
	       !READ_ONCE(vcpu->powered_off) && !READ_ONCE(vcpu->reset.pending);
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
		exit = el2_run(&vcpu->el2);
		if (exit < 0)
			return exit;
		counter_add(&vcpu->counters, COUNTER_EXITS, 1);
		trace_exit(vcpu->id, exit, vcpu->el2.esr_el2, vcpu->el2.pc);
	} while (exit == EL2_EXIT_SYNC && run_revalidate(vcpu));
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
	/* Pairs with the barrier in vm_kick(): see the change, or be interrupted. */
	smp_mb();
	exit = run_guest(vcpu);
	/* Reads of the tables stay before this; pairs with vm_kick() as well. */
	smp_mb();
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
	return exit == -EAGAIN ? 1 : trap_handle(vcpu, exit);
}

int vcpu_run(struct vcpu *vcpu)
{
	int ret;

	mmio_finish(vcpu);
	/* As in KVM the exit reason stays: the VMM has yet to look at it. */
	if (compat_immediate_exit(vcpu->run))
		return -EINTR;
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	if (!vcpu->vm->has_run)
		vm_start(vcpu->vm);
	do {
		cond_resched();
		ret = vcpu_prepare(vcpu);
		if (ret == 1)
			ret = vcpu_enter(vcpu);
		else if (ret == 0)
			ret = 1;
	} while (ret > 0);
	if (ret == -EINTR)
		vcpu->run->exit_reason = KVM_EXIT_INTR;
	return ret;
}
