/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GIC step by step: for tests of how it is made, and how that goes wrong.
 */
#ifndef SELFTESTS_LIB_GIC_DEVICE_H
#define SELFTESTS_LIB_GIC_DEVICE_H

#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "device.h"
#include "gic.h"

/* KVM_DEV_ARM_VGIC_GRP_ADDR, and what there is to be placed */
#define ADDR			KVM_DEV_ARM_VGIC_GRP_ADDR
#define DIST			KVM_VGIC_V3_ADDR_TYPE_DIST
#define REDIST			KVM_VGIC_V3_ADDR_TYPE_REDIST
#define REGION			KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION

/* An attribute of a vCPU's registers: its affinity, and what of it */
#define OF_VCPU(id, what)	((u64)(id) << 32 | (what))
#define SYSREG_PMR		0xc230	/* ICC_PMR_EL1: 3, 0, 4, 6, 0 */

/**
 * gic_device() - KVM_CREATE_DEVICE, and nothing else
 * @vm: the VM
 * @type: KVM_DEV_TYPE_*
 * @flags: KVM_CREATE_DEVICE_TEST or 0
 * @fd: the device's, -1 if there is none
 *
 * Return: 0, or -1 with errno set.
 */
static inline int gic_device(struct vm *vm, u32 type, u32 flags, int *fd)
{
	struct kvm_create_device device = { .type = type, .flags = flags, .fd = -1 };
	int ret = ioctl(vm->fd, KVM_CREATE_DEVICE, &device);

	*fd = device.fd;
	return ret;
}

/**
 * attr_has() - KVM_HAS_DEVICE_ATTR
 * @fd: the GIC's
 * @group: attribute group
 * @attr: attribute
 *
 * Return: 0, or -1 with errno set.
 */
static inline int attr_has(int fd, u32 group, u64 attr)
{
	return gic_attr(fd, KVM_HAS_DEVICE_ATTR, group, attr, NULL);
}

/**
 * attr_set() - KVM_SET_DEVICE_ATTR
 * @fd: the GIC's
 * @group: attribute group
 * @attr: attribute
 * @value: its value, of 32 bits or 64
 *
 * Return: 0, or -1 with errno set.
 */
static inline int attr_set(int fd, u32 group, u64 attr, u64 value)
{
	return gic_attr(fd, KVM_SET_DEVICE_ATTR, group, attr, &value);
}

/**
 * attr_get() - KVM_GET_DEVICE_ATTR
 * @fd: the GIC's
 * @group: attribute group
 * @attr: attribute
 * @value: its value; if that has 32 bits, the upper half stays as it is
 *
 * Return: 0, or -1 with errno set.
 */
static inline int attr_get(int fd, u32 group, u64 attr, u64 *value)
{
	return gic_attr(fd, KVM_GET_DEVICE_ATTR, group, attr, value);
}

/**
 * gic_region() - the value that makes a region for redistributors
 * @count: how many
 * @base: its address
 * @flags: 0
 * @index: its number
 */
static inline u64 gic_region(u64 count, u64 base, u64 flags, u64 index)
{
	return count << 52 | base | flags << 12 | index;
}

/**
 * gic_init() - KVM_DEV_ARM_VGIC_CTRL_INIT
 * @fd: the GIC's
 *
 * Return: 0, or -1 with errno set.
 */
static inline int gic_init(int fd)
{
	return gic_attr(fd, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
			KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

/**
 * gic_place() - where the tests' guests look for it
 * @fd: the GIC's
 */
static inline void gic_place(int fd)
{
	if (attr_set(fd, ADDR, DIST, GIC_DIST_BASE) ||
	    attr_set(fd, ADDR, REDIST, GIC_REDIST_BASE))
		fail("the GIC cannot be placed");
}

#endif /* SELFTESTS_LIB_GIC_DEVICE_H */
