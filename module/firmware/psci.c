// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI 0.2 to 1.1 for guests, over HVC (ARM DEN 0022D): vCPUs go on and off here,
 * the system as a whole by an exit to userspace.  Also version 0.1 as KVM has it,
 * with function numbers of its own.
 */
#include <linux/arm-smccc.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

#include "../kick.h"
#include "../power.h"
#include "../vm.h"
#include "../trap/setway.h"
#include "smccc.h"
#include "../trap/trap.h"

#define AFFINITY_ON		PSCI_0_2_AFFINITY_LEVEL_ON
#define AFFINITY_OFF		PSCI_0_2_AFFINITY_LEVEL_OFF
#define AFFINITY_LEVEL_MAX	3

/* Arguments are in the registers behind the one with the function's number. */
enum psci_arg {
	PSCI_ARG_FIRST = 1,
	PSCI_ARG_SECOND,
	PSCI_ARG_THIRD,
};

/**
 * struct psci_function - one function
 * @since: first version that has it
 * @has_64: there is one with 64-bit arguments
 * @sleeps: @call may, or takes long
 * @call: does it, and sets x0; returns 1, or 0 for an exit to userspace
 */
struct psci_function {
	u32 since;
	bool has_64;
	bool sleeps;
	int (*call)(struct vcpu *vcpu);
};

u32 psci_version(const struct vcpu *vcpu)
{
	if (!(vcpu->features[0] & BIT(KVM_ARM_VCPU_PSCI_0_2)))
		return SMCCC_PSCI_0_1;
	return READ_ONCE(vcpu->vm->smccc.psci_version) ?: SMCCC_PSCI_1_1;
}

/* The functions of version 0.1 have registers' width, others that of their number. */
static u64 psci_arg(const struct vcpu *vcpu, enum psci_arg nr)
{
	bool is_64 = psci_version(vcpu) == SMCCC_PSCI_0_1 ? !vcpu_in_aarch32(vcpu) :
							    vcpu_reg(vcpu, 0) & PSCI_0_2_64BIT;
	u64 arg = vcpu_reg(vcpu, nr);

	return is_64 ? arg : lower_32_bits(arg);
}

static int psci_return(struct vcpu *vcpu, s64 result)
{
	smccc_return(vcpu, result);
	return 1;
}

/* MPIDR_EL1.{Aff3,Aff2,Aff1,Aff0} from a level upwards. */
static u64 psci_affinity_mask(unsigned int level)
{
	u64 mask = MPIDR_HWID_BITMASK;
	unsigned int below;

	for (below = 0; below < level; below++)
		mask &= ~((u64)MPIDR_LEVEL_MASK << MPIDR_LEVEL_SHIFT(below));
	return mask;
}

static bool psci_affinity_matches(const struct vcpu *vcpu, u64 affinity, u64 mask)
{
	return ((vcpu->el2.vmpidr_el2 ^ affinity) & mask) == 0;
}

/* The new vCPU gets the caller's endianness. */
static s64 psci_start(struct vcpu *caller, struct vcpu *vcpu, u64 entry, u64 context)
{
	const struct power_start start = {
		.pc = entry, .x0 = context, .big_endian = vcpu_is_big_endian(caller),
	};

	return power_on(vcpu, &start) ? PSCI_RET_SUCCESS : PSCI_RET_ALREADY_ON;
}

static s64 psci_cpu_on(struct vcpu *caller)
{
	u64 target = psci_arg(caller, PSCI_ARG_FIRST);
	struct vcpu *vcpu;

	if (target & ~MPIDR_HWID_BITMASK)
		return PSCI_RET_INVALID_PARAMS;
	vcpu = vm_vcpu_by_affinity(caller->vm, target);
	/*
	 * Pairs with the release in vcpu_init(): the power state that it set is
	 * visible.
	 */
	if (!vcpu || !smp_load_acquire(&vcpu->initialized))
		return PSCI_RET_INVALID_PARAMS;
	return psci_start(caller, vcpu, psci_arg(caller, PSCI_ARG_SECOND),
			  psci_arg(caller, PSCI_ARG_THIRD));
}

static s64 psci_affinity_info(struct vm *vm, u64 target, u64 level)
{
	struct vcpu *vcpu;
	unsigned long id;
	bool found = false;

	if (level > AFFINITY_LEVEL_MAX || (target & ~MPIDR_HWID_BITMASK))
		return PSCI_RET_INVALID_PARAMS;
	xa_for_each(&vm->vcpus, id, vcpu) {
		if (!psci_affinity_matches(vcpu, target, psci_affinity_mask(level)))
			continue;
		found = true;
		if (power_is_on(vcpu))
			return AFFINITY_ON;
	}
	return found ? AFFINITY_OFF : PSCI_RET_INVALID_PARAMS;
}

/* All vCPUs stop; userspace decides what the machine does next. */
static int psci_system_event(struct vcpu *vcpu, u32 type, u64 flags)
{
	struct kvm_run *run = vcpu->run;

	/* No other vCPU runs when userspace learns of it. */
	power_off_all(vcpu->vm);
	/* If userspace lets the vCPU go on, the call has failed. */
	smccc_return(vcpu, PSCI_RET_INTERNAL_FAILURE);
	memset(&run->system_event, 0, sizeof(run->system_event));
	run->system_event.type = type;
	run->system_event.ndata = 1;
	run->system_event.data[0] = flags;
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	return 0;
}

static int call_version(struct vcpu *vcpu)
{
	return psci_return(vcpu, psci_version(vcpu));
}

/* All states are standby: they act as WFI and lose nothing. */
static int call_cpu_suspend(struct vcpu *vcpu)
{
	vcpu_request_own(vcpu, VCPU_REQUEST_WFI);
	return psci_return(vcpu, PSCI_RET_SUCCESS);
}

static int call_cpu_off(struct vcpu *vcpu)
{
	power_off(vcpu);
	return psci_return(vcpu, PSCI_RET_SUCCESS);
}

static int call_cpu_on(struct vcpu *vcpu)
{
	return psci_return(vcpu, psci_cpu_on(vcpu));
}

static int call_affinity_info(struct vcpu *vcpu)
{
	return psci_return(vcpu, psci_affinity_info(vcpu->vm, psci_arg(vcpu, PSCI_ARG_FIRST),
						     psci_arg(vcpu, PSCI_ARG_SECOND)));
}

static int call_migrate_info_type(struct vcpu *vcpu)
{
	return psci_return(vcpu, PSCI_0_2_TOS_MP);
}

static int call_system_off(struct vcpu *vcpu)
{
	return psci_system_event(vcpu, KVM_SYSTEM_EVENT_SHUTDOWN, 0);
}

static int call_system_reset(struct vcpu *vcpu)
{
	return psci_system_event(vcpu, KVM_SYSTEM_EVENT_RESET, 0);
}

static int call_system_reset2(struct vcpu *vcpu)
{
	u32 type = psci_arg(vcpu, PSCI_ARG_FIRST);

	if (type > PSCI_1_1_RESET_TYPE_SYSTEM_WARM_RESET &&
	    type < PSCI_1_1_RESET_TYPE_VENDOR_START)
		return psci_return(vcpu, PSCI_RET_INVALID_PARAMS);
	return psci_system_event(vcpu, KVM_SYSTEM_EVENT_RESET,
				 KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2);
}

/* Userspace does it, and finds the arguments in the registers. */
static int call_system_suspend(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	unsigned int i;

	for (i = PSCI_ARG_FIRST; i <= PSCI_ARG_THIRD; i++)
		vcpu_set_reg(vcpu, i, psci_arg(vcpu, i));
	memset(&run->system_event, 0, sizeof(run->system_event));
	run->system_event.type = KVM_SYSTEM_EVENT_SUSPEND;
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	return 0;
}

static int call_features(struct vcpu *vcpu);

static const struct psci_function psci_functions[] = {
	[PSCI_NR(PSCI_0_2_FN_PSCI_VERSION)] = {
		.since = SMCCC_PSCI_0_2, .call = call_version },
	[PSCI_NR(PSCI_0_2_FN_CPU_SUSPEND)] = {
		.since = SMCCC_PSCI_0_2, .has_64 = true, .call = call_cpu_suspend },
	[PSCI_NR(PSCI_0_2_FN_CPU_OFF)] = {
		.since = SMCCC_PSCI_0_2, .sleeps = true, .call = call_cpu_off },
	[PSCI_NR(PSCI_0_2_FN_CPU_ON)] = {
		.since = SMCCC_PSCI_0_2, .has_64 = true, .sleeps = true, .call = call_cpu_on },
	[PSCI_NR(PSCI_0_2_FN_AFFINITY_INFO)] = {
		.since = SMCCC_PSCI_0_2, .has_64 = true, .sleeps = true,
		.call = call_affinity_info },
	[PSCI_NR(PSCI_0_2_FN_MIGRATE_INFO_TYPE)] = {
		.since = SMCCC_PSCI_0_2, .call = call_migrate_info_type },
	[PSCI_NR(PSCI_0_2_FN_SYSTEM_OFF)] = {
		.since = SMCCC_PSCI_0_2, .sleeps = true, .call = call_system_off },
	[PSCI_NR(PSCI_0_2_FN_SYSTEM_RESET)] = {
		.since = SMCCC_PSCI_0_2, .sleeps = true, .call = call_system_reset },
	[PSCI_NR(PSCI_1_0_FN_PSCI_FEATURES)] = {
		.since = SMCCC_PSCI_1_0, .call = call_features },
	[PSCI_NR(PSCI_1_0_FN_SYSTEM_SUSPEND)] = {
		.since = SMCCC_PSCI_1_0, .has_64 = true, .sleeps = true,
		.call = call_system_suspend },
	[PSCI_NR(PSCI_1_1_FN_SYSTEM_RESET2)] = {
		.since = SMCCC_PSCI_1_1, .has_64 = true, .sleeps = true,
		.call = call_system_reset2 },
};

/* psci_has_number() */
static_assert(ARRAY_SIZE(psci_functions) == PSCI_NR(PSCI_1_1_FN_SYSTEM_RESET2) + 1);

static inline bool psci_has(const struct vcpu *vcpu, const struct psci_function *function, u32 id)
{
	bool is_64 = id & PSCI_0_2_64BIT;

	if (!function->call || (is_64 && !function->has_64))
		return false;
	/* AArch32 has no functions with 64-bit arguments. */
	if (is_64 && vcpu_in_aarch32(vcpu))
		return false;
	if (function->call == call_system_suspend && !READ_ONCE(vcpu->vm->system_suspend))
		return false;
	return psci_version(vcpu) >= function->since;
}

static inline const struct psci_function *psci_find(const struct vcpu *vcpu, u32 id)
{
	const struct psci_function *function;

	if (!psci_has_number(id))
		return NULL;
	function = &psci_functions[array_index_nospec(PSCI_NR(id & ~PSCI_0_2_64BIT),
						      ARRAY_SIZE(psci_functions))];
	return psci_has(vcpu, function, id) ? function : NULL;
}

static int call_features(struct vcpu *vcpu)
{
	u32 id = psci_arg(vcpu, PSCI_ARG_FIRST);
	bool has = id == ARM_SMCCC_VERSION_FUNC_ID || psci_find(vcpu, id);

	return psci_return(vcpu, has ? PSCI_RET_SUCCESS : PSCI_RET_NOT_SUPPORTED);
}

static int psci_call_0_1(struct vcpu *vcpu)
{
	s64 ret;

	if (vcpu->atomic)
		return TRAP_SLEEPS;
	switch ((u32)vcpu_reg(vcpu, 0)) {
	case KVM_PSCI_FN_CPU_OFF:
		return call_cpu_off(vcpu);
	case KVM_PSCI_FN_CPU_ON:
		ret = psci_cpu_on(vcpu);
		/* PSCI 0.1 has no other error. */
		return psci_return(vcpu, ret ? PSCI_RET_INVALID_PARAMS : PSCI_RET_SUCCESS);
	default:
		return psci_return(vcpu, PSCI_RET_NOT_SUPPORTED);
	}
}

int psci_call(struct vcpu *vcpu)
{
	const struct psci_function *function;

	if (psci_version(vcpu) == SMCCC_PSCI_0_1)
		return psci_call_0_1(vcpu);
	function = psci_find(vcpu, vcpu_reg(vcpu, 0));
	if (!function)
		return psci_return(vcpu, PSCI_RET_NOT_SUPPORTED);
	return vcpu->atomic && function->sleeps ? TRAP_SLEEPS : function->call(vcpu);
}
