// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs: making them, finding them, and what they are out of reset.  A vCPU lives as
 * long as its VM.
 */
#include <linux/bitfield.h>
#include <linux/kvm.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

#include "affinity.h"
#include "power.h"
#include "vcpu.h"
#include "vm.h"

#define MPIDR_RES1		BIT_ULL(31)

static_assert(VM_MAX_VCPUS - 1 <= AFFINITY_ID_MAX);

/* ID_AA64PFR0_EL1.EL1 = 2: EL1 can be AArch32 (ARM DDI 0487J.a, D19.2.68). */
#define PFR0_EL1		GENMASK_ULL(7, 4)
#define PFR0_EL1_AARCH32	2

/* Features of struct kvm_vcpu_init that the API knows, and those there are here. */
#define VCPU_FEATURES_KNOWN	GENMASK(KVM_ARM_VCPU_PTRAUTH_GENERIC, 0)
#define VCPU_FEATURES_HERE	(BIT(KVM_ARM_VCPU_POWER_OFF) | BIT(KVM_ARM_VCPU_PSCI_0_2) | \
				 BIT(KVM_ARM_VCPU_EL1_32BIT))

/* What each KVM_ARM_VCPU_INIT says anew, as in KVM since Linux 6.3. */
#define VCPU_FEATURES_EPHEMERAL	BIT(KVM_ARM_VCPU_POWER_OFF)

void vcpu_free(struct vcpu *vcpu)
{
	timer_vcpu_destroy(vcpu);
	stage2_pool_free(&vcpu->pool);
	loops_free(&vcpu->setway.loops);
	free_page((unsigned long)vcpu->run);
	kfree(vcpu);
}

struct vcpu *vcpu_alloc(struct vm *vm, unsigned int id)
{
	struct vcpu *vcpu;

	/* The linear map's memory, and aligned: EL2 works on it by its address. */
	vcpu = kzalloc(roundup_pow_of_two(sizeof(*vcpu)), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return NULL;
	vcpu->run = (struct kvm_run *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vcpu->run) {
		kfree(vcpu);
		return NULL;
	}
	vcpu->vm = vm;
	vcpu->id = id;
	mutex_init(&vcpu->lock);
	rcuwait_init(&vcpu->wait);
	vgic_vcpu_init(vcpu);
	timer_vcpu_init(vcpu);
	vcpu->el2.vmpidr_el2 = MPIDR_RES1 | affinity_of_id(id);
	vcpu->el2.vpidr_el2 = read_cpuid_id();
	vcpu->stolen.ipa = STOLEN_TIME_NONE;
	return vcpu;
}

struct vcpu *vm_vcpu_by_affinity(struct vm *vm, u64 affinity)
{
	struct vcpu *vcpu = xa_load(&vm->vcpus, affinity_to_id(affinity));

	if (!vcpu || (vcpu->el2.vmpidr_el2 & MPIDR_HWID_BITMASK) != affinity)
		return NULL;
	return vcpu;
}

struct vcpu *vm_vcpu_by_index(struct vm *vm, unsigned int index)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		if (vcpu->index == index)
			return vcpu;
	return NULL;
}

/* Unlock all vCPUs, or those that come before @end. */
static void __vcpus_unlock(struct vm *vm, const struct vcpu *end)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu) {
		if (vcpu == end)
			return;
		mutex_unlock(&vcpu->lock);
	}
}

/* In the wrong order, but without waiting. */
bool vcpus_trylock(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long id;

	lockdep_assert_held(&vm->lock);
	xa_for_each(&vm->vcpus, id, vcpu) {
		if (!mutex_trylock(&vcpu->lock)) {
			__vcpus_unlock(vm, vcpu);
			return false;
		}
	}
	return true;
}

void vcpus_unlock(struct vm *vm)
{
	__vcpus_unlock(vm, NULL);
}

void vcpu_destroy_all(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu_free(vcpu);
	xa_destroy(&vm->vcpus);
}

bool vcpu_aarch32_available(void)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);

	return FIELD_GET(PFR0_EL1, pfr0) == PFR0_EL1_AARCH32;
}

/* All vCPUs of a VM are of one width, as they share its memory and its TLBs. */
static bool vcpu_width_is_allowed(const struct vcpu *vcpu, u32 features)
{
	u32 width = features & BIT(KVM_ARM_VCPU_EL1_32BIT);
	struct vcpu *other;
	unsigned long id;

	lockdep_assert_held(&vcpu->vm->lock);
	if (width && !vcpu_aarch32_available())
		return false;
	xa_for_each(&vcpu->vm->vcpus, id, other) {
		if (other != vcpu && READ_ONCE(other->initialized) &&
		    (READ_ONCE(other->features[0]) & BIT(KVM_ARM_VCPU_EL1_32BIT)) != width)
			return false;
	}
	return true;
}

static int vcpu_init_check(const struct vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	unsigned int i;

	if (init->target != KVM_ARM_TARGET_GENERIC_V8)
		return -EINVAL;
	for (i = 1; i < ARRAY_SIZE(init->features); i++)
		if (init->features[i])
			return -ENOENT;
	if (init->features[0] & ~VCPU_FEATURES_KNOWN)
		return -ENOENT;
	if (init->features[0] & ~VCPU_FEATURES_HERE)
		return -EINVAL;
	if (!vcpu_width_is_allowed(vcpu, init->features[0]))
		return -EINVAL;
	if (vcpu->initialized &&
	    ((vcpu->features[0] ^ init->features[0]) & ~VCPU_FEATURES_EPHEMERAL))
		return -EINVAL;
	return 0;
}

int __vcpu_init(struct vcpu *vcpu, const struct kvm_vcpu_init *init)
{
	struct vm *vm = vcpu->vm;
	int ret;

	ret = vcpu_init_check(vcpu, init);
	if (ret)
		return ret;
	/*
	 * A vCPU that starts again has its caches off: what the VMM has loaded
	 * since must be in memory when it looks, so all pages become STALE.
	 */
	if (vcpu->initialized && vm->has_run)
		stage2_unmap(&vm->stage2, 0, BIT_ULL(vm->stage2.ia_bits), true);

	memcpy(vcpu->features, init->features, sizeof(vcpu->features));
	vcpu_reset(vcpu);
	power_set(vcpu, init->features[0] & BIT(KVM_ARM_VCPU_POWER_OFF), false);
	/* Last: another vCPU's CPU_ON must not find it on before it is off. */
	smp_store_release(&vcpu->initialized, true);
	return 0;
}

bool vcpu_is_big_endian(struct vcpu *vcpu)
{
	u64 sctlr = *vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1);

	if (vcpu_in_aarch32(vcpu))
		return vcpu->el2.pstate & PSR_AA32_E_BIT;
	if ((vcpu->el2.pstate & PSR_MODE_MASK) == PSR_MODE_EL0t)
		return sctlr & SCTLR_EL1_E0E;
	return sctlr & SCTLR_ELx_EE;
}

void vcpu_set_big_endian(struct vcpu *vcpu)
{
	if (vcpu_in_aarch32(vcpu))
		vcpu->el2.pstate |= PSR_AA32_E_BIT;
	else
		*vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1) |= SCTLR_ELx_EE;
}
