// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC's registers for userspace, to save a VM and to restore it: of the
 * distributor, of each redistributor, of each CPU interface, and the levels of the
 * input lines.  The vCPUs have to be at rest for all of this: none may be in an
 * ioctl.
 */
#include <linux/bitfield.h>
#include <linux/kvm.h>
#include <linux/uaccess.h>
#include <asm/sysreg.h>

#include "../affinity.h"
#include "../api/api.h"
#include "../vcpu.h"
#include "../vm.h"
#include "mmio.h"

/* An attribute: which vCPU, and what of it. */
#define ATTR_AFF3		GENMASK_ULL(63, 56)
#define ATTR_AFF210		GENMASK_ULL(55, 32)
#define ATTR_OFFSET		GENMASK_ULL(31, 0)
#define ATTR_LEVEL_INFO		GENMASK_ULL(31, 10)
#define ATTR_LEVEL_INTID	GENMASK_ULL(9, 0)
#define LEVELS			32

/* A system register's number has the fields of sys_reg(), packed to the right. */
#define ATTR_SYSREG_SHIFT	5

/**
 * struct attr_access - an attribute, taken apart
 * @group: KVM_DEV_ARM_VGIC_GRP_*
 * @vcpu: whose
 * @is_write: KVM_SET_DEVICE_ATTR
 * @reg: a register in memory; the value of all kinds of attributes is there
 * @id: what follows the vCPU in the attribute
 */
struct attr_access {
	u32 group;
	struct vcpu *vcpu;
	bool is_write;
	struct vgic_access reg;
	u32 id;
};

static bool attr_is_reg(u32 group)
{
	return group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS ||
	       group == KVM_DEV_ARM_VGIC_GRP_REDIST_REGS;
}

static bool attr_is_known(u32 group)
{
	return attr_is_reg(group) || group == KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS ||
	       group == KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO;
}

/* Registers of the CPU interface have 64 bits, the others 32. */
static bool attr_is_64bit(u32 group)
{
	return group == KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS;
}

static struct vcpu *attr_vcpu(struct vm *vm, const struct kvm_device_attr *attr)
{
	/* The distributor needs no vCPU, but one has to exist, as in KVM. */
	if (attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS)
		return vm_vcpu_by_index(vm, 0);
	return vm_vcpu_by_affinity(vm, FIELD_GET(ATTR_AFF210, attr->attr) |
				   FIELD_PREP(AFFINITY_AFF3, FIELD_GET(ATTR_AFF3, attr->attr)));
}

static int attr_parse(struct vm *vm, const struct kvm_device_attr *attr,
		      struct attr_access *access)
{
	struct vcpu *vcpu = attr_vcpu(vm, attr);

	if (!vcpu)
		return -EINVAL;
	*access = (struct attr_access) {
		.group = attr->group,
		.vcpu = vcpu,
		.id = FIELD_GET(ATTR_OFFSET, attr->attr),
		.reg = {
			.vm = vm,
			.vcpu = attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS ? NULL : vcpu,
			.offset = FIELD_GET(ATTR_OFFSET, attr->attr),
			.len = sizeof(u32),
			.user = true,
		},
	};
	return 0;
}

static u32 attr_encoding(const struct attr_access *access)
{
	return (access->id & KVM_DEV_ARM_VGIC_SYSREG_INSTR_MASK) << ATTR_SYSREG_SHIFT;
}

/* In this group, a register that does not exist is -ENOENT. */
static int attr_sysreg(struct attr_access *access)
{
	u64 *value = &access->reg.value;
	int ret;

	if (access->is_write)
		ret = vgic_icc_write(access->vcpu, attr_encoding(access), *value);
	else
		ret = vgic_icc_read(access->vcpu, attr_encoding(access), value);
	return ret == -ENXIO ? -ENOENT : ret;
}

/* SGIs have no line. */
static struct vgic_irq *level_irq_get(struct attr_access *access, u32 intid)
{
	return intid < VGIC_NR_SGIS ? NULL : vgic_irq_get(access->reg.vm, access->vcpu, intid);
}

static void level_set(struct vgic_irq *irq, bool level)
{
	unsigned long flags = vgic_irq_lock(irq);

	/*
	 * The line is restored even if the trigger is still "edge": userspace
	 * may restore the trigger later.  The timers drive their lines
	 * themselves.
	 */
	if (!irq->internal)
		irq->line = level;
	vgic_irq_unlock(irq, flags);
}

static bool level_get(struct vgic_irq *irq)
{
	unsigned long flags = vgic_irq_lock(irq);
	bool level = irq->level && irq->line;

	vgic_irq_unlock(irq, flags);
	return level;
}

static int attr_levels(struct attr_access *access)
{
	u32 first = FIELD_GET(ATTR_LEVEL_INTID, (u64)access->id);
	u64 *value = &access->reg.value;
	unsigned int i;

	if (FIELD_GET(ATTR_LEVEL_INFO, (u64)access->id) != VGIC_LEVEL_INFO_LINE_LEVEL ||
	    first % LEVELS)
		return -EINVAL;
	for (i = 0; i < LEVELS; i++) {
		struct vgic_irq *irq = level_irq_get(access, first + i);

		if (!irq)
			continue;
		if (access->is_write)
			level_set(irq, *value & BIT(i));
		else if (level_get(irq))
			*value |= BIT(i);
		vgic_irq_put(irq);
	}
	return 0;
}

static int __attr_do(struct attr_access *access)
{
	if (!access->reg.vm->vgic.initialized)
		return -EBUSY;
	switch (access->group) {
	case KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		return attr_sysreg(access);
	case KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO:
		return attr_levels(access);
	default:
		break;
	}
	if (access->is_write)
		return vgic_reg_write(&access->reg);
	vgic_reg_read(&access->reg);
	return 0;
}

static int attr_do(struct vm *vm, struct attr_access *access)
{
	int ret = -EBUSY;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (vcpus_trylock(vm)) {
		ret = __attr_do(access);
		vcpus_unlock(vm);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

static int attr_from_user(struct attr_access *access, u64 addr)
{
	u32 value;

	if (attr_is_64bit(access->group))
		return get_user(access->reg.value, (u64 __user *)(uintptr_t)addr);
	if (get_user(value, (u32 __user *)(uintptr_t)addr))
		return -EFAULT;
	access->reg.value = value;
	return 0;
}

static int attr_to_user(const struct attr_access *access, u64 addr)
{
	if (attr_is_64bit(access->group))
		return put_user(access->reg.value, (u64 __user *)(uintptr_t)addr);
	return put_user((u32)access->reg.value, (u32 __user *)(uintptr_t)addr);
}

int vgic_attr_set(struct vm *vm, const struct kvm_device_attr *attr)
{
	struct attr_access access;
	int ret;

	if (!attr_is_known(attr->group))
		return -ENXIO;
	ret = attr_parse(vm, attr, &access);
	if (ret)
		return ret;
	access.is_write = true;
	return attr_from_user(&access, attr->addr) ?: attr_do(vm, &access);
}

int vgic_attr_get(struct vm *vm, const struct kvm_device_attr *attr)
{
	struct attr_access access;
	int ret;

	if (!attr_is_known(attr->group))
		return -ENXIO;
	ret = attr_parse(vm, attr, &access);
	if (ret)
		return ret;
	return attr_do(vm, &access) ?: attr_to_user(&access, attr->addr);
}

static bool attr_has_sysreg(const struct attr_access *access)
{
	u64 value;

	/* The set of registers does not depend on the state of the GIC. */
	return vgic_icc_read(access->vcpu, attr_encoding(access), &value) != -ENXIO;
}

int vgic_attr_has(struct vm *vm, const struct kvm_device_attr *attr)
{
	struct attr_access access;
	bool has;
	int ret;

	if (!attr_is_known(attr->group))
		return -ENXIO;
	if (attr->group == KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO)
		return FIELD_GET(ATTR_LEVEL_INFO, attr->attr) == VGIC_LEVEL_INFO_LINE_LEVEL ?
			0 : -ENXIO;
	ret = attr_parse(vm, attr, &access);
	if (ret)
		return ret;
	has = attr_is_reg(attr->group) ? vgic_reg_exists(&access.reg) : attr_has_sysreg(&access);
	return has ? 0 : -ENXIO;
}
