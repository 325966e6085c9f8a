// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls to the runtime.
 *
 * Each is made with interrupts off, after a check that this CPU has the
 * runtime.  EL2 is given back by an interrupt or a notifier, which cannot come
 * in between.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqflags.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/daifflags.h>
#include <asm/memory.h>

#include "el2.h"
#include "takeover.h"

u64 el2_hvc(u64 call, u64 arg1, u64 arg2, u64 arg3, u64 arg4)
{
	register u64 x0 asm("x0") = call;
	register u64 x1 asm("x1") = arg1;
	register u64 x2 asm("x2") = arg2;
	register u64 x3 asm("x3") = arg3;
	register u64 x4 asm("x4") = arg4;

	asm volatile("hvc #0"
		     : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4)
		     :
		     : "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
		       "x15", "x16", "x17", "cc", "memory");
	return x0;
}

static bool el2_is_here(void)
{
	return cpumask_test_cpu(smp_processor_id(), &el2_cpus);
}

/*
 * Somebody had the vectors reset behind our back (Documentation/hyp-abi.rst): the stub
 * has answered, and el2_is_here() was wrong.  From now on it is right.
 *
 * Interrupts off.
 */
static bool el2_was_here(u64 ret)
{
	if (ret != EL2_STUB_ERR)
		return true;
	cpumask_clear_cpu(smp_processor_id(), &el2_cpus);
	return false;
}

static void el2_report_panic(void)
{
	const struct el2_panic *panic = &this_cpu_read(el2_cpu)->panic;

	pr_err("exception at EL2 on CPU %d: esr %#llx, elr %#llx (image at %#llx), far %#llx, spsr %#llx\n",
	       smp_processor_id(), panic->esr_el2, panic->elr_el2,
	       (u64)el2_image_pa(), panic->far_el2, panic->spsr_el2);
}

/*
 * Interrupts must be masked by PSTATE alone.  A kernel that masks them by
 * priority would also mask those that have to end the run.
 */
int el2_run(struct el2_vcpu *vcpu)
{
	unsigned long flags;
	u64 ret;

	lockdep_assert_irqs_disabled();
	if (!el2_is_here())
		return -ENXIO;

	flags = local_daif_save();
	ret = el2_hvc(EL2_HVC_RUN, __lm_to_phys((u64)vcpu), 0, 0, 0);
	local_daif_restore(flags);

	if (!el2_was_here(ret))
		return -ENXIO;
	if (ret == EL2_EXIT_PANIC)
		el2_report_panic();
	return ret;
}

u64 el2_gic_vtr(void)
{
	unsigned long flags;
	u64 vtr = 0;

	local_irq_save(flags);
	if (el2_is_here())
		vtr = el2_hvc(EL2_HVC_GIC, 0, 0, 0, 0);
	if (!el2_was_here(vtr))
		vtr = 0;
	local_irq_restore(flags);
	return vtr;
}

struct tlb_call {
	u64 call;
	u64 arg1;
	u64 arg2;
	bool done;
};

/* Interrupts off. */
static void tlb_call_here(void *info)
{
	struct tlb_call *tlb = info;

	if (el2_is_here())
		tlb->done = el2_was_here(el2_hvc(tlb->call, tlb->arg1, tlb->arg2, 0, 0));
}

/*
 * Any CPU can issue what is broadcast.  So a CPU that is going down, and has
 * lost the runtime, asks another one; that one may lose it as well before it is
 * asked.  When no CPU has the runtime, no guest runs, and none will before an
 * installation, which drops all translations.
 */
static void tlb_call(u64 call, u64 arg1, u64 arg2)
{
	struct tlb_call tlb = { .call = call, .arg1 = arg1, .arg2 = arg2 };
	unsigned long flags;

	local_irq_save(flags);
	tlb_call_here(&tlb);
	local_irq_restore(flags);
	while (!tlb.done && !cpumask_empty(&el2_cpus))
		smp_call_function_any(&el2_cpus, tlb_call_here, &tlb, 1);
}

void el2_tlb_flush_vmid(u64 vttbr)
{
	tlb_call(EL2_HVC_TLB_VMID, vttbr, 0);
}

void el2_tlb_flush_ipa(u64 vttbr, u64 ipa)
{
	tlb_call(EL2_HVC_TLB_IPA, vttbr, ipa);
}

/* Without the runtime this CPU has nothing of a guest to drop. */
void el2_tlb_flush_local(u64 vttbr)
{
	unsigned long flags;

	local_irq_save(flags);
	if (el2_is_here())
		el2_hvc(EL2_HVC_TLB_LOCAL, vttbr, 0, 0, 0);
	local_irq_restore(flags);
}

void el2_tlb_flush_all(void)
{
	tlb_call(EL2_HVC_TLB_ALL, 0, 0);
}

void el2_tlb_flush_own(void)
{
	tlb_call(EL2_HVC_TLB_EL2, 0, 0);
}
