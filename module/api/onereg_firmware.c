// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware registers: which PSCI there is, which mitigations, and which services a
 * guest may call.  They belong to the VM: any vCPU can be used.
 */
#include <linux/kernel.h>
#include <linux/kvm.h>

#include "../firmware/smccc.h"
#include "../vcpu.h"
#include "../vm.h"
#include "onereg.h"

static const u64 firmware_ids[] = {
	KVM_REG_ARM_PSCI_VERSION,
	KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1,
	KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2,
	KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3,
	KVM_REG_ARM_STD_BMAP,
	KVM_REG_ARM_STD_HYP_BMAP,
	KVM_REG_ARM_VENDOR_HYP_BMAP,
};

/* ARCH_WORKAROUND_1 and _3 have the same numbers for these. */
static u64 workaround_level(bool unaffected)
{
	return unaffected ? KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_REQUIRED :
			    KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_NOT_AVAIL;
}

/* Return: where a bitmap is, with all its bits in @all; NULL for other registers. */
static u64 *firmware_bitmap(struct vm *vm, u64 id, u64 *all)
{
	switch (id) {
	case KVM_REG_ARM_STD_BMAP:
		*all = SMCCC_STANDARD_ALL;
		return &vm->smccc.standard;
	case KVM_REG_ARM_STD_HYP_BMAP:
		*all = SMCCC_HYP_ALL;
		return &vm->smccc.hypervisor;
	case KVM_REG_ARM_VENDOR_HYP_BMAP:
		*all = SMCCC_VENDOR_ALL;
		return &vm->smccc.vendor;
	default:
		return NULL;
	}
}

static int firmware_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	u64 all, *bitmap = firmware_bitmap(vcpu->vm, id, &all);

	if (bitmap) {
		value->u64 = READ_ONCE(*bitmap);
		return 0;
	}
	switch (id) {
	case KVM_REG_ARM_PSCI_VERSION:
		value->u64 = psci_version(vcpu);
		return 0;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1:
		value->u64 = workaround_level(smccc_spectre_v2_unaffected());
		return 0;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2:
		value->u64 = KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL;
		return 0;
	case KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3:
		value->u64 = workaround_level(smccc_spectre_bhb_unaffected());
		return 0;
	default:
		return -ENOENT;
	}
}

/* Version 0.1 needs a vCPU without KVM_ARM_VCPU_PSCI_0_2, the others one with it. */
static int psci_version_write(struct vcpu *vcpu, u64 version)
{
	bool has_0_2 = psci_version(vcpu) != SMCCC_PSCI_0_1;

	switch (version) {
	case SMCCC_PSCI_0_1:
		return has_0_2 ? -EINVAL : 0;
	case SMCCC_PSCI_0_2:
	case SMCCC_PSCI_1_0:
	case SMCCC_PSCI_1_1:
		if (!has_0_2)
			return -EINVAL;
		WRITE_ONCE(vcpu->vm->smccc.psci_version, version);
		return 0;
	default:
		return -EINVAL;
	}
}

static int services_write(struct vm *vm, u64 *bitmap, u64 value, u64 all)
{
	int ret = 0;

	if (value & ~all)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (!vm->has_run)
		WRITE_ONCE(*bitmap, value);
	else if (value != *bitmap)
		ret = -EBUSY;
	mutex_unlock(&vm->lock);
	return ret;
}

/* A lower level than there is may be written; of the second workaround also "unknown". */
static int workaround_write(u64 id, u64 value, u64 is)
{
	if (id == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2)
		return value == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_AVAIL ||
		       value == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_UNKNOWN ? 0 : -EINVAL;
	return value <= is ? 0 : -EINVAL;
}

static int firmware_write(struct vcpu *vcpu, u64 id, const union onereg_value *value)
{
	u64 all, *bitmap = firmware_bitmap(vcpu->vm, id, &all);
	union onereg_value is;

	if (bitmap)
		return services_write(vcpu->vm, bitmap, value->u64, all);
	if (id == KVM_REG_ARM_PSCI_VERSION)
		return psci_version_write(vcpu, value->u64);
	if (firmware_read(vcpu, id, &is))
		return -ENOENT;
	return workaround_write(id, value->u64, is.u64);
}

static int firmware_list(struct vcpu *vcpu, struct onereg_cursor *cursor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(firmware_ids) && !ret; i++)
		ret = onereg_emit(cursor, firmware_ids[i]);
	return ret;
}

const struct onereg_kind onereg_firmware = {
	.read = firmware_read,
	.write = firmware_write,
	.list = firmware_list,
};
