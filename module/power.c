// SPDX-License-Identifier: GPL-2.0-only
/*
 * The power state of vCPUs: changed by anyone under the VM's lock for it, taken up by
 * the vCPU's own thread.
 */
#include <linux/spinlock.h>

#include "kick.h"
#include "power.h"
#include "vcpu.h"
#include "vm.h"

#define SCTLR_EE_BIT	BIT_ULL(25)

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
		vcpu_wake(vcpu);
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

	xa_for_each(&vm->vcpus, id, vcpu) {
		power_off(vcpu);
		vcpu_wake(vcpu);
	}
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

static void start_big_endian(struct vcpu *vcpu)
{
	if (vcpu_in_aarch32(vcpu))
		vcpu->el2.pstate |= PSR_AA32_E_BIT;
	else
		*vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1) |= SCTLR_EE_BIT;
}

static void start_apply(struct vcpu *vcpu, const struct power_start *start)
{
	vcpu_reset(vcpu);
	vgic_reset_cpu(vcpu);
	if (start->big_endian)
		start_big_endian(vcpu);
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
