// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: serve what is requested, enter, act on the exit, and again, until there is
 * something for userspace.
 *
 * Whatever decides whether the vCPU goes on, here and in the traps, returns > 0 to go
 * on, 0 to return to userspace with vcpu->run filled in, or a negative errno.
 *
 *   vcpu_run()
 *     run_serve()           process context: one handler for each request
 *     vcpu_enter()
 *       run_may_enter()     interrupts off: the one gate.  Nothing requested?
 *       run_el2()           the guest
 *       run_answer()        what needs not sleep: through the gate again
 *     trap_handle()         process context: all other exits
 */
#include <linux/cpumask.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/thread_info.h>
#include <asm/cpufeature.h>
#include <asm/neon.h>

#include "compat.h"
#include "host/el2.h"
#include "kick.h"
#include "power.h"
#include "stage2/quiet.h"
#include "stats/trace.h"
#include "trap/answers.h"
#include "trap/setway.h"
#include "firmware/smccc.h"
#include "trap/trap.h"
#include "vcpu.h"
#include "vm.h"

/* Reasons for which the kernel wants the thread back, and perhaps one more. */
#define RUN_THREAD_WORK	(_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | _TIF_NEED_RESCHED)
#define RUN_THREAD_ASKED	(RUN_THREAD_WORK | _TIF_NOTIFY_RESUME)

/*
 * With every thread that is preempted, the flag is there for the sake of rseq: that can
 * wait until KVM_RUN returns, as it is for the thread's eyes only.
 */
static bool thread_has_resume_work(void)
{
	return test_thread_flag(TIF_NOTIFY_RESUME) && compat_resume_work();
}

static bool thread_has_work(void)
{
	unsigned long flags = read_thread_flags();

	return unlikely(flags & RUN_THREAD_ASKED) &&
	       ((flags & RUN_THREAD_WORK) || compat_resume_work());
}

static int run_serve_thread(struct vcpu *vcpu)
{
	if (signal_pending(current))
		return -EINTR;
	if (thread_has_resume_work())
		return -ERESTARTNOHAND;
	cond_resched();
	return 1;
}

/*
 * KVM_CAP_ARM_USER_IRQ: when userspace has the GIC, KVM_RUN ends when the line of a
 * timer changes.  The shared page has the lines that userspace knows.
 */
static bool vcpu_lines_are_news(const struct vcpu *vcpu)
{
	u64 known;

	if (likely(vcpu->vm->vgic.created))
		return false;
	known = READ_ONCE(vcpu->run->s.regs.device_irq_level);
	return (known & TIMER_LINES) != timer_lines(vcpu);
}

static void vcpu_tell_lines(struct vcpu *vcpu)
{
	u64 *known = &vcpu->run->s.regs.device_irq_level;

	if (!vcpu->vm->vgic.created)
		WRITE_ONCE(*known, (READ_ONCE(*known) & ~TIMER_LINES) | timer_lines(vcpu));
}

static int run_serve_lines(struct vcpu *vcpu)
{
	return vcpu_lines_are_news(vcpu) ? -EINTR : 1;
}

static int run_serve_freeze(struct vcpu *vcpu)
{
	return rcuwait_wait_event(&vcpu->wait, !vgic_is_frozen(&vcpu->vm->vgic),
				  TASK_INTERRUPTIBLE) ?: 1;
}

static int run_serve_stolen(struct vcpu *vcpu)
{
	pvtime_update(vcpu);
	return 1;
}

static int run_serve_vmid(struct vcpu *vcpu)
{
	vmid_renew(&vcpu->vm->vmid);
	return 1;
}

/* Loading the interrupts is part of entering. */
static int run_serve_irq(struct vcpu *vcpu)
{
	return 1;
}

static int (* const run_handlers[VCPU_REQUESTS])(struct vcpu *vcpu) = {
	[VCPU_REQUEST_WFI]	= power_standby,
	[VCPU_REQUEST_THREAD]	= run_serve_thread,
	[VCPU_REQUEST_LINES]	= run_serve_lines,
	[VCPU_REQUEST_BATCH]	= setway_settle,
	[VCPU_REQUEST_POWER]	= power_settle,
	[VCPU_REQUEST_FREEZE]	= run_serve_freeze,
	[VCPU_REQUEST_STOLEN]	= run_serve_stolen,
	[VCPU_REQUEST_VMID]	= run_serve_vmid,
	[VCPU_REQUEST_IRQ]	= run_serve_irq,
};

/*
 * Some requests are made here, because nothing else makes them: their reason comes with
 * an interrupt of the host's, or changes by itself.
 */
static void run_look(struct vcpu *vcpu)
{
	if (thread_has_work())
		vcpu_request_own(vcpu, VCPU_REQUEST_THREAD);
	if (unlikely(vcpu_lines_are_news(vcpu)))
		vcpu_request_own(vcpu, VCPU_REQUEST_LINES);
	/* Whether the toggle was seen or not.  A vCPU that is off does it when started. */
	if (unlikely(vcpu_caches_switched(vcpu)) &&
	    !(vcpu_requests(vcpu) & BIT(VCPU_REQUEST_POWER)))
		vcpu_request_own(vcpu, VCPU_REQUEST_BATCH);
	if (unlikely(pvtime_is_due(vcpu)))
		vcpu_request_own(vcpu, VCPU_REQUEST_STOLEN);
	if (unlikely(!vmid_is_current(&vcpu->vm->vmid)))
		vcpu_request_own(vcpu, VCPU_REQUEST_VMID);
}

/*
 * A request that could not be served in full stays, and the guest does not run before
 * it is served.  Handlers check what there is to do, because it may be nothing.
 */
static int run_serve(struct vcpu *vcpu)
{
	enum vcpu_request request;
	int ret;

	if (likely(!vcpu_requests(vcpu)))
		return 1;
	/* Check for a signal before work that takes long. */
	run_look(vcpu);
	while (vcpu_requests(vcpu)) {
		request = __ffs(vcpu_requests(vcpu));
		vcpu_take_request(vcpu, request);
		ret = run_handlers[request](vcpu);
		if (ret <= 0) {
			vcpu_request_own(vcpu, request);
			return ret;
		}
	}
	return 1;
}

/* Answer a fault on an idle page without leaving the interrupts-off region. */
static bool run_revalidate(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	u64 ipa = trap_fault_ipa(&vcpu->el2);

	if (!trap_is_abort(esr) || !trap_is_translation_fault(esr) ||
	    vcpu->el2.answers.refused)
		return false;
	/* Unseen, as such writes need not be trapped: then the page is to be cleaned. */
	if (vcpu_caches_switched(vcpu))
		return false;
	if (tracker_revalidate(&vcpu->vm->stage2, ipa, trap_fault_access(esr)))
		return false;
	quiet_count(&vcpu->vm->stage2, 1);
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

/*
 * The one gate.  A request that comes later comes with an interrupt, which waits until
 * the guest is entered and then makes it exit.
 */
static bool run_may_enter(struct vcpu *vcpu)
{
	run_look(vcpu);
	return !vcpu_requests(vcpu);
}

/* KVM_ARM_IRQ_TYPE_CPU: from here on, a change of the lines makes the vCPU exit. */
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
	answers_allow(vcpu);
	exit = el2_run(&vcpu->el2);
	answers_count(vcpu);
	vgic_fold(vcpu);
	return exit;
}

/*
 * Act on an exit without leaving the interrupts-off region: on most of those that the
 * guest makes itself.  An interrupt that comes meanwhile keeps the vCPU out of the guest
 * (el2_world_enter()), so it waits for one exit at most.
 *
 * Return: as trap_handle(), or TRAP_SLEEPS.
 */
static int run_answer(struct vcpu *vcpu, int exit)
{
	if (exit != EL2_EXIT_SYNC || vcpu->vgic.nr_acked)
		return TRAP_SLEEPS;
	return run_revalidate(vcpu) ? 1 : trap_handle(vcpu, exit);
}

static int run_once(struct vcpu *vcpu, int *exit)
{
	trace_entry(vcpu->id, vcpu->el2.pc);
	*exit = run_el2(vcpu);
	if (*exit < 0)
		return *exit;
	counter_add(&vcpu->counters, COUNTER_EXITS, 1);
	trace_exit(vcpu->id, *exit, vcpu->el2.esr_el2, vcpu->el2.pc);
	return run_answer(vcpu, *exit);
}

/*
 * While interrupts are off no other guest runs on this CPU, and the gate lets none in
 * with another VMID.
 *
 * Return: as trap_handle(), or TRAP_SLEEPS with @exit still to be handled.
 */
static int run_guest(struct vcpu *vcpu, int *exit)
{
	int ret;

	if (!run_may_enter(vcpu))
		return 1;
	vcpu->el2.vttbr_el2 = vm_vttbr(vcpu->vm);
	run_follow_other_vcpu(vcpu);
	do {
		ret = run_once(vcpu, exit);
	} while (ret > 0 && run_may_enter(vcpu));
	return ret;
}

/*
 * The CPU is in vm->running as long as it runs the guest or walks its tables, with
 * interrupts off.  Once these CPUs have taken an interrupt, they have left both.
 */
static int run_guest_irqs_off(struct vcpu *vcpu, int *exit)
{
	unsigned int cpu;
	int ret;

	local_irq_disable();
	cpu = smp_processor_id();
	cpumask_set_cpu(cpu, &vcpu->vm->running);
	WRITE_ONCE(vcpu->runner, current);
	/* Pairs with vm_kick() and vcpu_kick(): see the request, or be interrupted. */
	smp_mb();
	vcpu->atomic = true;
	ret = run_guest(vcpu, exit);
	vcpu->atomic = false;
	/* Reads of the tables come before this; pairs with vm_kick() as well. */
	smp_mb();
	WRITE_ONCE(vcpu->runner, NULL);
	cpumask_clear_cpu(cpu, &vcpu->vm->running);
	local_irq_enable();
	return ret;
}

/*
 * Of FP/SIMD registers EL2 keeps what belongs to the host; what SVE and SME have besides
 * would be lost (el2/fpsimd.c).
 */
static bool fpsimd_is_wider(void)
{
	return system_supports_sve() || system_supports_sme();
}

static int vcpu_enter(struct vcpu *vcpu)
{
	bool wider = fpsimd_is_wider();
	int exit, ret;

	if (wider)
		kernel_neon_begin();
	ret = run_guest_irqs_off(vcpu, &exit);
	if (wider)
		kernel_neon_end();
	vgic_notify_acked(vcpu);
	return ret == TRAP_SLEEPS ? trap_handle(vcpu, exit) : ret;
}

static int run_loop(struct vcpu *vcpu)
{
	int ret;

	do {
		ret = run_serve(vcpu);
		if (ret > 0)
			ret = vcpu_enter(vcpu);
	} while (ret > 0);
	return ret;
}

int vcpu_run(struct vcpu *vcpu)
{
	int ret;

	ret = vm_start(vcpu->vm);
	if (ret)
		return ret;
	mmio_finish(vcpu);
	/* As in KVM the exit reason stays, because the VMM has not read it yet. */
	if (compat_immediate_exit(vcpu->run))
		return -EINTR;
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	if (!vcpu->timers_bound) {
		if (timer_bind(vcpu))
			return -EINVAL;
		answers_init(vcpu);
	}
	ret = run_loop(vcpu);
	timer_update(vcpu);
	/*
	 * The call is restarted and userspace does not look, so the change must still
	 * be reported.
	 */
	if (ret != -ERESTARTNOHAND)
		vcpu_tell_lines(vcpu);
	/* A signal may come before the call is restarted, and becomes -EINTR. */
	if (ret == -EINTR || ret == -ERESTARTNOHAND)
		vcpu->run->exit_reason = KVM_EXIT_INTR;
	return ret;
}
