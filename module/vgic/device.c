// SPDX-License-Identifier: GPL-2.0-only
/*
 * How userspace makes a GIC: KVM_CREATE_DEVICE with KVM_DEV_TYPE_ARM_VGIC_V3, and
 * the attributes of the file that this returns.  Attributes that are registers
 * are in attr.c.
 *
 * A GIC whose file is closed before it was initialised is removed: a VMM that
 * misses something (an ITS, say) may try another kind of GIC.
 */
#include <linux/anon_inodes.h>
#include <linux/bitfield.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "../api/api.h"
#include "../vcpu.h"
#include "../vm.h"
#include "mmio.h"

/* The value of KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION. */
#define REGION_INDEX	GENMASK_ULL(11, 0)
#define REGION_FLAGS	GENMASK_ULL(15, 12)
#define REGION_BASE	GENMASK_ULL(51, 16)
#define REGION_COUNT	GENMASK_ULL(63, 52)

/* KVM_DEV_ARM_VGIC_GRP_NR_IRQS: in steps of 32, some of them SPIs. */
#define NR_IRQS_STEP	32
#define NR_IRQS_MIN	(VGIC_NR_PRIVATE + NR_IRQS_STEP)
#define NR_IRQS_MAX	1023

static int device_lock(struct vm *vm)
{
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	mutex_lock(&vm->vgic.lock);
	return 0;
}

static void device_unlock(struct vm *vm)
{
	mutex_unlock(&vm->vgic.lock);
	mutex_unlock(&vm->lock);
}

static int region_set(struct vm *vm, u64 value)
{
	u32 count = FIELD_GET(REGION_COUNT, value);

	if (!count || (value & REGION_FLAGS))
		return -EINVAL;
	return vgic_region_add(vm, FIELD_GET(REGION_INDEX, value), value & REGION_BASE, count);
}

static int region_get(struct vm *vm, u64 *value)
{
	const struct vgic_rd_region *region = vgic_region_find(&vm->vgic,
							       FIELD_GET(REGION_INDEX, *value));

	if (!region)
		return -ENOENT;
	*value = region->base | FIELD_PREP(REGION_INDEX, region->index) |
		 FIELD_PREP(REGION_COUNT, region->count);
	return 0;
}

static int __addr_set(struct vm *vm, u64 type, u64 value)
{
	switch (type) {
	case KVM_VGIC_V3_ADDR_TYPE_DIST:
		return vgic_set_dist_base(vm, value);
	case KVM_VGIC_V3_ADDR_TYPE_REDIST:
		return vgic_region_add(vm, 0, value, 0);
	case KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION:
		return region_set(vm, value);
	default:
		return -ENXIO;
	}
}

static int __addr_get(struct vm *vm, u64 type, u64 *value)
{
	const struct vgic_rd_region *first;

	switch (type) {
	case KVM_VGIC_V3_ADDR_TYPE_DIST:
		*value = vm->vgic.dist_base;
		return 0;
	case KVM_VGIC_V3_ADDR_TYPE_REDIST:
		first = list_first_entry_or_null(&vm->vgic.rd_regions, struct vgic_rd_region,
						 list);
		*value = first ? first->base : VGIC_ADDR_UNDEF;
		return 0;
	case KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION:
		return region_get(vm, value);
	default:
		return -ENXIO;
	}
}

static int addr_set(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 value;
	int ret;

	if (get_user(value, (u64 __user *)(uintptr_t)attr->addr))
		return -EFAULT;
	ret = device_lock(vm);
	if (ret)
		return ret;
	ret = __addr_set(vm, attr->attr, value);
	device_unlock(vm);
	return ret;
}

static int addr_get(struct vm *vm, const struct kvm_device_attr *attr)
{
	u64 __user *user = (u64 __user *)(uintptr_t)attr->addr;
	u64 value = 0;
	int ret;

	/* The number of the region that userspace asks for. */
	if (attr->attr == KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION && get_user(value, user))
		return -EFAULT;
	ret = device_lock(vm);
	if (ret)
		return ret;
	ret = __addr_get(vm, attr->attr, &value);
	device_unlock(vm);
	return ret ?: put_user(value, user);
}

static int nr_irqs_set(struct vm *vm, const struct kvm_device_attr *attr)
{
	int ret;
	u32 nr;

	if (get_user(nr, (u32 __user *)(uintptr_t)attr->addr))
		return -EFAULT;
	if (nr < NR_IRQS_MIN || nr > NR_IRQS_MAX || nr % NR_IRQS_STEP)
		return -EINVAL;
	ret = device_lock(vm);
	if (ret)
		return ret;
	if (vm->vgic.initialized || vm->vgic.nr_spis)
		ret = -EBUSY;
	else
		vm->vgic.nr_spis = nr - VGIC_NR_PRIVATE;
	device_unlock(vm);
	return ret;
}

static int nr_irqs_get(struct vm *vm, const struct kvm_device_attr *attr)
{
	return put_user(READ_ONCE(vm->vgic.nr_spis) + VGIC_NR_PRIVATE,
			(u32 __user *)(uintptr_t)attr->addr);
}

static int ctrl_init(struct vm *vm)
{
	bool first;
	int ret;

	ret = device_lock(vm);
	if (ret)
		return ret;
	first = !vm->vgic.initialized;
	ret = vgic_init(vm);
	if (!ret && first)
		__routing_set_default(vm);
	device_unlock(vm);
	return ret;
}

/* There are no LPIs, so nothing has to be saved to tables in guest memory. */
static int ctrl_save_pending_tables(struct vm *vm)
{
	int ret = -EBUSY;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (vcpus_trylock(vm)) {
		ret = vm->vgic.initialized ? 0 : -ENXIO;
		vcpus_unlock(vm);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

static int ctrl_set(struct vm *vm, u64 what)
{
	switch (what) {
	case KVM_DEV_ARM_VGIC_CTRL_INIT:
		return ctrl_init(vm);
	case KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES:
		return ctrl_save_pending_tables(vm);
	default:
		return -ENXIO;
	}
}

static int device_set_attr(struct vm *vm, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return addr_set(vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return nr_irqs_set(vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		return ctrl_set(vm, attr->attr);
	default:
		return vgic_attr_set(vm, attr);
	}
}

static int device_get_attr(struct vm *vm, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return addr_get(vm, attr);
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return nr_irqs_get(vm, attr);
	default:
		return vgic_attr_get(vm, attr);
	}
}

static int device_has_attr(struct vm *vm, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr->attr == KVM_VGIC_V3_ADDR_TYPE_DIST ||
		       attr->attr == KVM_VGIC_V3_ADDR_TYPE_REDIST ||
		       attr->attr == KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION ? 0 : -ENXIO;
	case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return 0;
	case KVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr->attr == KVM_DEV_ARM_VGIC_CTRL_INIT ||
		       attr->attr == KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES ? 0 : -ENXIO;
	default:
		return vgic_attr_has(vm, attr);
	}
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vm *vm = file->private_data;
	struct kvm_device_attr attr;

	if (vm->mm != current->mm)
		return -EIO;
	if (cmd != KVM_SET_DEVICE_ATTR && cmd != KVM_GET_DEVICE_ATTR &&
	    cmd != KVM_HAS_DEVICE_ATTR)
		return -ENOTTY;
	if (copy_from_user(&attr, (void __user *)arg, sizeof(attr)))
		return -EFAULT;
	switch (cmd) {
	case KVM_SET_DEVICE_ATTR:
		return device_set_attr(vm, &attr);
	case KVM_GET_DEVICE_ATTR:
		return device_get_attr(vm, &attr);
	default:
		return device_has_attr(vm, &attr);
	}
}

/* Return: 0; in KVM's order -EBUSY (a vCPU is in an ioctl), -EEXIST, -EBUSY (has run). */
static int __device_create(struct vm *vm)
{
	int ret = 0;

	if (!vcpus_trylock(vm))
		return -EBUSY;
	if (vm->vgic.created)
		ret = -EEXIST;
	else if (vm->has_run)
		ret = -EBUSY;
	else
		vm->vgic.created = true;
	vcpus_unlock(vm);
	return ret;
}

static int device_create(struct vm *vm)
{
	int ret;

	ret = device_lock(vm);
	if (ret)
		return ret;
	ret = __device_create(vm);
	device_unlock(vm);
	return ret;
}

/* This waits and cannot be killed: a failure to close could not be reported. */
static void device_undo_create(struct vm *vm)
{
	mutex_lock(&vm->lock);
	mutex_lock(&vm->vgic.lock);
	if (!vm->vgic.initialized) {
		vgic_region_remove_all(vm);
		vm->vgic.dist_base = VGIC_ADDR_UNDEF;
		vm->vgic.nr_spis = 0;
		vm->vgic.created = false;
	}
	device_unlock(vm);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct vm *vm = file->private_data;

	device_undo_create(vm);
	vm_put(vm);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = device_compat_ioctl,
	.llseek = noop_llseek,
};

/* Return: a file descriptor.  The file keeps the VM, and its release undoes the rest. */
static int device_create_fd(struct vm *vm)
{
	int fd;

	vm_get(vm);
	fd = anon_inode_getfd("setway-vgic", &device_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		device_undo_create(vm);
		vm_put(vm);
	}
	return fd;
}

int vgic_create_device(struct vm *vm, bool test)
{
	int ret;

	if (!vgic_available())
		return -ENODEV;
	if (test)
		return 0;
	ret = device_create(vm);
	return ret ?: device_create_fd(vm);
}
