// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/setway: what the hypervisor can do, and new VMs.  The ioctls are those
 * of /dev/kvm; see Documentation/uapi.rst for the subset.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched/stat.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "../compat.h"
#include "../memory/memslot.h"
#include "../stage2/vtcr.h"
#include "../trap/trap.h"
#include "../vcpu.h"
#include "../vm.h"
#include "api.h"

int device_check_extension(unsigned long extension)
{
	switch (extension) {
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_USER_MEMORY2:
	case KVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case KVM_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case KVM_CAP_READONLY_MEM:
	case KVM_CAP_SYNC_MMU:
	case KVM_CAP_ONE_REG:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_ENABLE_CAP_VM:
	case KVM_CAP_CHECK_EXTENSION_VM:
	case KVM_CAP_INTERNAL_ERROR_DATA:
	case KVM_CAP_ARM_PSCI:
	case KVM_CAP_ARM_PSCI_0_2:
	case KVM_CAP_ARM_NISV_TO_USER:
	case KVM_CAP_ARM_USER_IRQ:
	case KVM_CAP_ARM_SYSTEM_SUSPEND:
	case KVM_CAP_ARM_SET_DEVICE_ADDR:
	case KVM_CAP_ARM_IRQ_LINE_LAYOUT_2:
	case KVM_CAP_DEVICE_CTRL:
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_IOEVENTFD_ANY_LENGTH:
	case KVM_CAP_SYSTEM_EVENT_DATA:
	case KVM_CAP_COUNTER_OFFSET:
	case KVM_CAP_VCPU_ATTRIBUTES:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_ARM_INJECT_EXT_DABT:
	case KVM_CAP_BINARY_STATS_FD:
	case KVM_CAP_SET_GUEST_DEBUG:
		return 1;
	case KVM_CAP_SET_GUEST_DEBUG2:
		return DEBUG_CONTROLS;
	case KVM_CAP_GUEST_DEBUG_HW_BPS:
		return debug_nr_breakpoints();
	case KVM_CAP_GUEST_DEBUG_HW_WPS:
		return debug_nr_watchpoints();
	case KVM_CAP_IRQCHIP:
	case KVM_CAP_IRQFD:
	case KVM_CAP_IRQFD_RESAMPLE:
		return vgic_available();
	case KVM_CAP_IRQ_ROUTING:
		return vgic_available() ? ROUTING_MAX : 0;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET;
	case KVM_CAP_COALESCED_MMIO:
		return COALESCED_RING_PGOFF;
	case KVM_CAP_COALESCED_PIO:	/* the same ioctls, for ports */
	case KVM_CAP_PTP_KVM:
		return 1;
	case KVM_CAP_STEAL_TIME:
		return sched_info_on();
	case KVM_CAP_ARM_INJECT_SERROR_ESR:
		return serror_has_syndrome();
	case KVM_CAP_ARM_EL1_32BIT:
		return vcpu_aarch32_available();
	case KVM_CAP_NR_VCPUS:
		return min_t(unsigned int, num_online_cpus(), VM_MAX_VCPUS);
	case KVM_CAP_MAX_VCPUS:
	case KVM_CAP_MAX_VCPU_ID:
		return VM_MAX_VCPUS;
	case KVM_CAP_NR_MEMSLOTS:
		return MEMSLOTS_MAX;
	case KVM_CAP_ARM_VM_IPA_SIZE:
		return stage2_ia_bits_max();
	default:
		return 0;
	}
}

static int device_create_vm(unsigned long type)
{
	unsigned int ia_bits = type & KVM_VM_TYPE_ARM_IPA_SIZE_MASK;

	if (type & ~KVM_VM_TYPE_ARM_IPA_SIZE_MASK)
		return -EINVAL;
	if (!ia_bits)
		ia_bits = STAGE2_IA_BITS_DEFAULT;
	if (ia_bits < STAGE2_IA_BITS_MIN || ia_bits > stage2_ia_bits_max())
		return -EINVAL;
	return vm_create_fd(ia_bits);
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return device_create_vm(arg);
	case KVM_CHECK_EXTENSION:
		return device_check_extension(arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : (COALESCED_RING_PGOFF + 1) * PAGE_SIZE;
	default:
		return -ENOTTY;
	}
}

int device_open(struct inode *inode, struct file *file)
{
	return is_compat_task() ? -ENODEV : 0;
}

long device_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return -EINVAL;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = device_compat_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "setway",
	.fops = &device_fops,
};

int chardev_register(void)
{
	return misc_register(&device);
}

void chardev_unregister(void)
{
	misc_deregister(&device);
}
