// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI 1.0 for guests, over HVC (ARM DEN 0022D): vCPUs go on and off here,
 * the system as a whole by an exit to userspace.
 */
#include <uapi/linux/psci.h>
#include <linux/spinlock.h>
#include <asm/cputype.h>

#include "../vm.h"
#include "setway.h"
#include "trap.h"

#define PSCI_VERSION_1_0	PSCI_VERSION(1, 0)
#define PSCI_MIGRATE_NOT_NEEDED	PSCI_0_2_TOS_MP
#define AFFINITY_ON		PSCI_0_2_AFFINITY_LEVEL_ON
#define AFFINITY_OFF		PSCI_0_2_AFFINITY_LEVEL_OFF
#define AFFINITY_LEVEL_MAX	3
#define SMC64_CALL		BIT(30)

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

static struct vcpu *psci_find(struct vm *vm, u64 affinity)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu) {
		if (psci_affinity_matches(vcpu, affinity, MPIDR_HWID_BITMASK))
			return vcpu;
	}
	return NULL;
}

static long psci_cpu_on(struct vcpu *caller, u64 target, u64 entry, u64 context)
{
	struct vm *vm = caller->vm;
	struct vcpu *vcpu = psci_find(vm, target);
	long ret = PSCI_RET_ALREADY_ON;

	/* Pairs with the release in vcpu_init(): what it says of the power is there. */
	if (!vcpu || !smp_load_acquire(&vcpu->initialized) || (target & ~MPIDR_HWID_BITMASK))
		return PSCI_RET_INVALID_PARAMS;

	spin_lock(&vm->psci_lock);
	if (vcpu->powered_off) {
		vcpu->powered_off = false;
		vcpu->reset = (struct vcpu_reset_state) {
			.pending = true, .pc = entry, .x0 = context,
		};
		ret = PSCI_RET_SUCCESS;
	}
	spin_unlock(&vm->psci_lock);
	if (ret == PSCI_RET_SUCCESS)
		vcpu_wake(vcpu);
	return ret;
}

static void psci_power_off(struct vcpu *vcpu)
{
	spin_lock(&vcpu->vm->psci_lock);
	vcpu->powered_off = true;
	vcpu->reset.pending = false;
	spin_unlock(&vcpu->vm->psci_lock);
}

static long psci_affinity_info(struct vm *vm, u64 target, u64 level)
{
	struct vcpu *vcpu;
	unsigned long id;
	bool found = false;

	if (level > AFFINITY_LEVEL_MAX)
		return PSCI_RET_INVALID_PARAMS;
	xa_for_each(&vm->vcpus, id, vcpu) {
		if (!psci_affinity_matches(vcpu, target, psci_affinity_mask(level)))
			continue;
		found = true;
		if (!READ_ONCE(vcpu->powered_off))
			return AFFINITY_ON;
	}
	return found ? AFFINITY_OFF : PSCI_RET_INVALID_PARAMS;
}

static long psci_features(u32 function)
{
	switch (function) {
	case PSCI_0_2_FN_PSCI_VERSION:
	case PSCI_0_2_FN_CPU_SUSPEND:
	case PSCI_0_2_FN64_CPU_SUSPEND:
	case PSCI_0_2_FN_CPU_OFF:
	case PSCI_0_2_FN_CPU_ON:
	case PSCI_0_2_FN64_CPU_ON:
	case PSCI_0_2_FN_AFFINITY_INFO:
	case PSCI_0_2_FN64_AFFINITY_INFO:
	case PSCI_0_2_FN_MIGRATE_INFO_TYPE:
	case PSCI_0_2_FN_SYSTEM_OFF:
	case PSCI_0_2_FN_SYSTEM_RESET:
	case PSCI_1_0_FN_PSCI_FEATURES:
		return PSCI_RET_SUCCESS;
	default:
		return PSCI_RET_NOT_SUPPORTED;
	}
}

/* All vCPUs stop; userspace decides what the machine does next. */
static int psci_system_event(struct vcpu *vcpu, u32 type)
{
	struct vcpu *other;
	unsigned long id;

	xa_for_each(&vcpu->vm->vcpus, id, other) {
		psci_power_off(other);
		vcpu_wake(other);
	}
	/* No other vCPU runs the guest when userspace hears of it. */
	vm_kick(vcpu->vm);
	/* Should userspace let the vCPU go on, the call has failed. */
	vcpu_set_reg(vcpu, 0, PSCI_RET_INTERNAL_FAILURE);
	memset(&vcpu->run->system_event, 0, sizeof(vcpu->run->system_event));
	vcpu->run->system_event.type = type;
	vcpu->run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	return 0;
}

static long psci_dispatch(struct vcpu *vcpu, u32 function, const u64 arg[3])
{
	switch (function) {
	case PSCI_0_2_FN_PSCI_VERSION:
		return PSCI_VERSION_1_0;
	case PSCI_0_2_FN_CPU_SUSPEND:
	case PSCI_0_2_FN64_CPU_SUSPEND:
		/* A standby state that is over at once is a legal one. */
		return PSCI_RET_SUCCESS;
	case PSCI_0_2_FN_CPU_OFF:
		psci_power_off(vcpu);
		return PSCI_RET_SUCCESS;
	case PSCI_0_2_FN_CPU_ON:
	case PSCI_0_2_FN64_CPU_ON:
		return psci_cpu_on(vcpu, arg[0], arg[1], arg[2]);
	case PSCI_0_2_FN_AFFINITY_INFO:
	case PSCI_0_2_FN64_AFFINITY_INFO:
		return psci_affinity_info(vcpu->vm, arg[0], arg[1]);
	case PSCI_0_2_FN_MIGRATE_INFO_TYPE:
		return PSCI_MIGRATE_NOT_NEEDED;
	case PSCI_1_0_FN_PSCI_FEATURES:
		return psci_features(arg[0]);
	default:
		return PSCI_RET_NOT_SUPPORTED;
	}
}

static bool psci_enabled(const struct vcpu *vcpu)
{
	return vcpu->features[0] & BIT(KVM_ARM_VCPU_PSCI_0_2);
}

int psci_call(struct vcpu *vcpu)
{
	u32 function = vcpu_reg(vcpu, 0);
	u64 mask = function & SMC64_CALL ? U64_MAX : U32_MAX;
	const u64 arg[] = {
		vcpu_reg(vcpu, 1) & mask, vcpu_reg(vcpu, 2) & mask, vcpu_reg(vcpu, 3) & mask,
	};

	setway_end_loop(vcpu);
	if (!psci_enabled(vcpu)) {
		vcpu_set_reg(vcpu, 0, PSCI_RET_NOT_SUPPORTED);
		return 1;
	}
	switch (function) {
	case PSCI_0_2_FN_SYSTEM_OFF:
		return psci_system_event(vcpu, KVM_SYSTEM_EVENT_SHUTDOWN);
	case PSCI_0_2_FN_SYSTEM_RESET:
		return psci_system_event(vcpu, KVM_SYSTEM_EVENT_RESET);
	default:
		vcpu_set_reg(vcpu, 0, psci_dispatch(vcpu, function, arg));
		return 1;
	}
}

/* An odd address is one of Thumb code. */
static void psci_start_at(struct vcpu *vcpu, u64 pc)
{
	if (vcpu_in_aarch32(vcpu) && (pc & 1)) {
		pc &= ~1ULL;
		vcpu->el2.pstate |= PSR_AA32_T_BIT;
	}
	vcpu->el2.pc = pc;
}

bool psci_apply(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct vcpu_reset_state reset;
	bool on;

	spin_lock(&vm->psci_lock);
	on = !vcpu->powered_off;
	reset = vcpu->reset;
	vcpu->reset.pending = false;
	spin_unlock(&vm->psci_lock);

	if (on && reset.pending) {
		vcpu_reset(vcpu);
		vgic_reset_cpu(vcpu);
		psci_start_at(vcpu, reset.pc);
		vcpu_set_reg(vcpu, 0, reset.x0);
	}
	return on;
}
