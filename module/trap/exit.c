// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of exits: which handler answers which exception class.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched/signal.h>
#include <asm/esr.h>

#include "../kick.h"
#include "../stats/trace.h"
#include "../vm.h"
#include "debug.h"
#include "setway.h"
#include "../firmware/smccc.h"
#include "sysreg.h"
#include "trap.h"

typedef int (*trap_handler)(struct vcpu *vcpu);

static int trap_undef(struct vcpu *vcpu)
{
	counter_add(&vcpu->counters, COUNTER_EXITS_OTHER, 1);
	inject_undef(vcpu);
	return 1;
}

/* WFI sleeps until something wakes the vCPU; WFE lets other threads run. */
static int trap_wfx(struct vcpu *vcpu)
{
	counter_add(&vcpu->counters, COUNTER_EXITS_WFX, 1);
	setway_end_loop(&vcpu->setway);
	if (vcpu->el2.esr_el2 & ESR_ELx_WFx_ISS_WFE)
		vcpu_request_own(vcpu, VCPU_REQUEST_THREAD);
	else
		vcpu_request_own(vcpu, VCPU_REQUEST_WFI);
	vcpu_skip_insn(vcpu);
	return 1;
}

/* The PC is past the HVC already (ARM DDI 0487J.a, D1.3.2). */
static int trap_hvc(struct vcpu *vcpu)
{
	int ret = smccc_call(vcpu);

	if (ret != TRAP_SLEEPS)
		counter_add(&vcpu->counters, COUNTER_EXITS_HVC, 1);
	return ret;
}

/* The guest has no EL3 to call.  SMCCC: "not supported". */
static int trap_smc(struct vcpu *vcpu)
{
	counter_add(&vcpu->counters, COUNTER_EXITS_SMC, 1);
	setway_end_loop(&vcpu->setway);
	vcpu_set_reg(vcpu, 0, U64_MAX);
	vcpu_skip_insn(vcpu);
	return 1;
}

/* An exit without a handler is UNDEFINED for the guest. */
static const trap_handler trap_handlers[TRAP_CLASSES] = {
	[ESR_ELx_EC_WFx]	= trap_wfx,
	[ESR_ELx_EC_CP15_32]	= cp15_trap,
	[ESR_ELx_EC_CP15_64]	= cp15_trap64,
	[ESR_ELx_EC_CP14_MR]	= cp14_trap,
	[ESR_ELx_EC_CP10_ID]	= vmrs_trap,
	[ESR_ELx_EC_CP14_64]	= cp14_trap64,
	[ESR_ELx_EC_HVC32]	= trap_hvc,
	[ESR_ELx_EC_SMC32]	= trap_smc,
	[ESR_ELx_EC_HVC64]	= trap_hvc,
	[ESR_ELx_EC_SMC64]	= trap_smc,
	[ESR_ELx_EC_SYS64]	= sysreg_trap,
	[ESR_ELx_EC_IABT_LOW]	= abort_trap,
	[ESR_ELx_EC_DABT_LOW]	= abort_trap,
	[ESR_ELx_EC_BREAKPT_LOW]	= debug_exception_trap,
	[ESR_ELx_EC_SOFTSTP_LOW]	= debug_exception_trap,
	[ESR_ELx_EC_WATCHPT_LOW]	= debug_exception_trap,
	[ESR_ELx_EC_BKPT32]	= debug_exception_trap,
	[ESR_ELx_EC_VECTOR32]	= debug_exception_trap,
	[ESR_ELx_EC_BRK64]	= debug_exception_trap,
};

static int trap_sync(struct vcpu *vcpu)
{
	trap_handler handler = trap_handlers[trap_class(vcpu->el2.esr_el2)];

	/* A CPU may trap an instruction before it checks the condition. */
	if (vcpu_in_aarch32(vcpu) && !aarch32_condition_passed(vcpu)) {
		vcpu_skip_insn(vcpu);
		return 1;
	}
	return handler ? handler(vcpu) : trap_undef(vcpu);
}

/* The guest did not cause it, and it must not be hidden: tell userspace what is known. */
static int trap_internal_error(struct vcpu *vcpu, const char *what)
{
	struct kvm_run *run = vcpu->run;

	pr_err_ratelimited("vcpu %u of VM %s: %s, ESR_EL2 0x%llx, pc 0x%llx\n", vcpu->id,
			   vcpu->vm->name, what, vcpu->el2.esr_el2, vcpu->el2.pc);
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON;
	run->internal.ndata = 2;
	run->internal.data[0] = vcpu->el2.esr_el2;
	run->internal.data[1] = vcpu->el2.pc;
	return 0;
}

/*
 * Two syndromes of FEAT_RAS say that the guest can go on as if nothing had happened
 * (ARM DDI 0487J.a, D19.2.37): corrected, and restartable.
 */
static bool serror_is_harmless(u64 esr)
{
	u64 severity = esr & ESR_ELx_AET;

	return serror_has_syndrome() && !(esr & ESR_ELx_IDS) &&
	       (esr & ESR_ELx_FSC) == ESR_ELx_FSC_SERROR &&
	       (severity == ESR_ELx_AET_CE || severity == ESR_ELx_AET_UEO);
}

/* As far as can be known the guest caused it, so the guest takes it. */
static int trap_serror(struct vcpu *vcpu)
{
	counter_add(&vcpu->counters, COUNTER_EXITS_SERROR, 1);
	if (!serror_is_harmless(vcpu->el2.esr_el2))
		inject_serror(vcpu, SERROR_SAYS_NOTHING);
	return 1;
}

static int trap_fail_entry(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	vcpu->run->fail_entry.hardware_entry_failure_reason = 0;
	vcpu->run->fail_entry.cpu = raw_smp_processor_id();
	return 0;
}

int trap_handle(struct vcpu *vcpu, int exit)
{
	switch (exit) {
	case EL2_EXIT_SYNC:
		return trap_sync(vcpu);
	case EL2_EXIT_IRQ:
		counter_add(&vcpu->counters, COUNTER_EXITS_IRQ, 1);
		return 1;
	case EL2_EXIT_RETRY:
		counter_add(&vcpu->counters, COUNTER_EXITS_OTHER, 1);
		return 1;
	case EL2_EXIT_SERROR:
		return trap_serror(vcpu);
	case EL2_EXIT_PANIC:
		counter_add(&vcpu->counters, COUNTER_EXITS_OTHER, 1);
		return trap_internal_error(vcpu, "exception at EL2");
	default:
		counter_add(&vcpu->counters, COUNTER_EXITS_OTHER, 1);
		return trap_fail_entry(vcpu);
	}
}
