// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs as userspace sees them: a file, and its ioctls.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "../compat.h"
#include "../irqs/ioeventfd.h"
#include "../memory/dirty_log.h"
#include "../memory/premap.h"
#include "../policy.h"
#include "../stage2/vtcr.h"
#include "../timer/timer.h"
#include "../vcpu.h"
#include "../vm.h"
#include "api.h"
#include "uapi.h"

/* The API's numbers for what stage2/ has an enumeration of its own. */
static_assert(SETWAY_POLICY_FULL == (int)STAGE2_POLICY_FULL);
static_assert(SETWAY_POLICY_EXACT == (int)STAGE2_POLICY_EXACT);
static_assert(SETWAY_POLICY_AF == (int)STAGE2_POLICY_AF);

static int vm_set_memory_region(struct vm *vm, const void __user *arg)
{
	struct kvm_userspace_memory_region region;

	if (copy_from_user(&region, arg, sizeof(region)))
		return -EFAULT;
	return memslot_set(vm, &region);
}

/* The same and more behind it, which only flags that are refused give a meaning to. */
static int vm_set_memory_region2(struct vm *vm, const void __user *arg)
{
	struct kvm_userspace_memory_region2 region2;
	struct kvm_userspace_memory_region region;

	if (copy_from_user(&region2, arg, sizeof(region2)))
		return -EFAULT;
	region = (struct kvm_userspace_memory_region) {
		.slot = region2.slot,
		.flags = region2.flags,
		.guest_phys_addr = region2.guest_phys_addr,
		.memory_size = region2.memory_size,
		.userspace_addr = region2.userspace_addr,
	};
	return memslot_set(vm, &region);
}

static int vm_preferred_target(void __user *arg)
{
	const struct kvm_vcpu_init init = { .target = KVM_ARM_TARGET_GENERIC_V8 };

	return copy_to_user(arg, &init, sizeof(init)) ? -EFAULT : 0;
}

static int vm_enable_cap(struct vm *vm, const void __user *arg)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, arg, sizeof(cap)))
		return -EFAULT;
	if (cap.flags)
		return -EINVAL;
	switch (cap.cap) {
	case KVM_CAP_ARM_NISV_TO_USER:
		WRITE_ONCE(vm->nisv_to_user, true);
		return 0;
	case KVM_CAP_ARM_SYSTEM_SUSPEND:
		WRITE_ONCE(vm->system_suspend, true);
		return 0;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return dirty_log_enable_manual(vm, cap.args[0]);
	default:
		return -EINVAL;
	}
}

static int vm_set_counter_offset(struct vm *vm, const void __user *arg)
{
	struct kvm_arm_counter_offset offset;
	int ret = -EBUSY;

	if (copy_from_user(&offset, arg, sizeof(offset)))
		return -EFAULT;
	if (offset.reserved)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (vcpus_trylock(vm)) {
		timer_set_offset(vm, offset.counter_offset);
		vcpus_unlock(vm);
		ret = 0;
	}
	mutex_unlock(&vm->lock);
	return ret;
}

static int vm_create_device(struct vm *vm, void __user *arg)
{
	struct kvm_create_device device;
	bool test;
	int ret;

	if (copy_from_user(&device, arg, sizeof(device)))
		return -EFAULT;
	if (device.type != KVM_DEV_TYPE_ARM_VGIC_V3)
		return -ENODEV;
	test = device.flags & KVM_CREATE_DEVICE_TEST;
	ret = vgic_create_device(vm, test);
	if (ret < 0)
		return ret;
	if (!test)
		device.fd = ret;
	return copy_to_user(arg, &device, sizeof(device)) ? -EFAULT : 0;
}

static int vm_irqfd(struct vm *vm, const void __user *arg)
{
	struct kvm_irqfd irqfd;

	return copy_from_user(&irqfd, arg, sizeof(irqfd)) ? -EFAULT : irqfd_set(vm, &irqfd);
}

static int vm_ioeventfd(struct vm *vm, const void __user *arg)
{
	struct kvm_ioeventfd ioeventfd;

	return copy_from_user(&ioeventfd, arg, sizeof(ioeventfd)) ? -EFAULT :
								   ioeventfd_set(vm, &ioeventfd);
}

static int vm_coalesced(struct vm *vm, unsigned int cmd, const void __user *arg)
{
	struct kvm_coalesced_mmio_zone zone;

	if (copy_from_user(&zone, arg, sizeof(zone)))
		return -EFAULT;
	return cmd == KVM_REGISTER_COALESCED_MMIO ? coalesced_register(vm, &zone) :
						    coalesced_unregister(vm, &zone);
}

static int __vm_set_policy(struct vm *vm, enum stage2_policy policy)
{
	struct vcpu *vcpu;
	unsigned long id;

	if (vm->has_run || atomic64_read(&vm->stage2.mapped_pages))
		return -EBUSY;
	policy_apply(vm, policy);
	/* For those that have been reset, and none has run. */
	xa_for_each(&vm->vcpus, id, vcpu)
		vcpu->el2.vtcr_el2 = stage2_vtcr(&vm->stage2);
	return 0;
}

static int vm_set_policy(struct vm *vm, const __u32 __user *arg)
{
	u32 policy;
	int ret;

	if (get_user(policy, arg))
		return -EFAULT;
	ret = policy_check(policy);
	if (ret)
		return ret;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = __vm_set_policy(vm, policy);
	mutex_unlock(&vm->lock);
	return ret;
}

static int vm_get_policy(struct vm *vm, __u32 __user *arg)
{
	return put_user((__u32)READ_ONCE(vm->policy), arg);
}

static int vm_set_cluster(struct vm *vm, const __u32 __user *arg)
{
	u32 cluster;
	int ret = 0;

	if (get_user(cluster, arg))
		return -EFAULT;
	if (!stage2_cluster_is_valid(cluster))
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (vm->has_run)
		ret = -EBUSY;
	else
		WRITE_ONCE(vm->stage2.cluster, cluster);	/* debugfs reads it */
	mutex_unlock(&vm->lock);
	return ret;
}

static int vm_get_cluster(struct vm *vm, __u32 __user *arg)
{
	return put_user((__u32)READ_ONCE(vm->stage2.cluster), arg);
}

static int __vm_premap(struct vm *vm, u32 id)
{
	const struct memslot *slot = memslot_find_id(memslots_get(vm), id);

	if (!slot)
		return -ENOENT;
	if (vm->has_run)
		return -EBUSY;
	return memslot_premap(vm, slot);
}

static int vm_premap(struct vm *vm, const void __user *arg)
{
	struct setway_premap premap;
	int ret;

	if (copy_from_user(&premap, arg, sizeof(premap)))
		return -EFAULT;
	if (premap.flags)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = __vm_premap(vm, premap.slot);
	mutex_unlock(&vm->lock);
	return ret;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	struct vm *vm = file->private_data;

	if (vm->mm != current->mm)
		return -EIO;
	switch (cmd) {
	case KVM_CREATE_VCPU:
		return vcpu_create_fd(vm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		return vm_set_memory_region(vm, user);
	case KVM_SET_USER_MEMORY_REGION2:
		return vm_set_memory_region2(vm, user);
	case KVM_ARM_PREFERRED_TARGET:
		return vm_preferred_target(user);
	case KVM_CHECK_EXTENSION:
		return device_check_extension(arg);
	case KVM_ENABLE_CAP:
		return vm_enable_cap(vm, user);
	case KVM_CREATE_DEVICE:
		return vm_create_device(vm, user);
	case KVM_CREATE_IRQCHIP:
		return irq_create_chip();
	case KVM_ARM_SET_DEVICE_ADDR:
		return irq_set_device_addr(user);
	case KVM_IRQ_LINE:
	case KVM_IRQ_LINE_STATUS:
		return irq_line(vm, cmd, user);
	case KVM_IRQFD:
		return vm_irqfd(vm, user);
	case KVM_IOEVENTFD:
		return vm_ioeventfd(vm, user);
	case KVM_REGISTER_COALESCED_MMIO:
	case KVM_UNREGISTER_COALESCED_MMIO:
		return vm_coalesced(vm, cmd, user);
	case KVM_SET_GSI_ROUTING:
		return routing_set(vm, user);
	case KVM_GET_DIRTY_LOG:
		return dirty_log_get(vm, user);
	case KVM_CLEAR_DIRTY_LOG:
		return dirty_log_clear(vm, user);
	case KVM_ARM_SET_COUNTER_OFFSET:
		return vm_set_counter_offset(vm, user);
	case KVM_GET_STATS_FD:
		return stats_vm_fd(vm);
	case SETWAY_SET_POLICY:
		return vm_set_policy(vm, user);
	case SETWAY_GET_POLICY:
		return vm_get_policy(vm, user);
	case SETWAY_SET_CLUSTER:
		return vm_set_cluster(vm, user);
	case SETWAY_GET_CLUSTER:
		return vm_get_cluster(vm, user);
	case SETWAY_PREMAP:
		return vm_premap(vm, user);
	default:
		return -ENOTTY;
	}
}

static int vm_release(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_release,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = device_compat_ioctl,
	.llseek = noop_llseek,
};

int vm_create_fd(unsigned int ia_bits)
{
	struct file *file;
	struct vm *vm;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	vm = vm_create(ia_bits, fd);
	if (IS_ERR(vm)) {
		put_unused_fd(fd);
		return PTR_ERR(vm);
	}
	file = anon_inode_getfile("setway-vm", &vm_fops, vm, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		vm_put(vm);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}
