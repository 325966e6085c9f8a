// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST.  There are several kinds
 * of registers, told apart by the coprocessor field of their ids.
 *
 * Each register in the list can be read, and the value that was read can be
 * written back.
 */
#include <linux/kvm.h>
#include <linux/uaccess.h>

#include "../vcpu.h"
#include "api.h"
#include "onereg.h"

static const struct onereg_kind *onereg_kind(u64 id)
{
	switch (id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_CORE:
		return &onereg_core;
	case KVM_REG_ARM64_SYSREG:
		return &onereg_sysreg;
	case KVM_REG_ARM_DEMUX:
		return &onereg_demux;
	case KVM_REG_ARM_FW:
	case KVM_REG_ARM_FW_FEAT_BMAP:
		return &onereg_firmware;
	default:
		return NULL;
	}
}

/* All bits above bit 31 except the size. */
static bool onereg_is_arm64(u64 id)
{
	return (id & ~KVM_REG_SIZE_MASK) >> 32 == KVM_REG_ARM64 >> 32;
}

static int onereg_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	const struct onereg_kind *kind = onereg_kind(id);

	if (!onereg_is_arm64(id))
		return -EINVAL;
	return kind ? kind->read(vcpu, id, value) : -ENOENT;
}

int onereg_get(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	union onereg_value value;
	int ret;

	ret = onereg_read(vcpu, reg->id, &value);
	if (ret)
		return ret;
	if (copy_to_user((void __user *)(uintptr_t)reg->addr, &value, KVM_REG_SIZE(reg->id)))
		return -EFAULT;
	return 0;
}

int onereg_set(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	union onereg_value value;
	int ret;

	/* Is there such a register, and of this size? */
	ret = onereg_read(vcpu, reg->id, &value);
	if (ret)
		return ret;
	if (copy_from_user(&value, (void __user *)(uintptr_t)reg->addr, KVM_REG_SIZE(reg->id)))
		return -EFAULT;
	return onereg_kind(reg->id)->write(vcpu, reg->id, &value);
}

int onereg_emit(struct onereg_cursor *cursor, u64 id)
{
	cursor->nr++;
	if (!cursor->next)
		return 0;
	return put_user(id, cursor->next++);
}

static int onereg_walk(struct vcpu *vcpu, struct onereg_cursor *cursor)
{
	static const struct onereg_kind * const kinds[] = {
		&onereg_core, &onereg_firmware, &onereg_sysreg, &onereg_demux,
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(kinds) && !ret; i++)
		ret = kinds[i]->list(vcpu, cursor);
	return ret;
}

int onereg_list(struct vcpu *vcpu, struct kvm_reg_list __user *list)
{
	struct onereg_cursor count = {}, cursor = { .next = list->reg };
	u64 room;

	if (get_user(room, &list->n))
		return -EFAULT;
	onereg_walk(vcpu, &count);
	if (put_user(count.nr, &list->n))
		return -EFAULT;
	return room < count.nr ? -E2BIG : onereg_walk(vcpu, &cursor);
}
