/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this directory call of each other, and what main.c calls.
 */
#ifndef SETWAY_API_API_H
#define SETWAY_API_API_H

#include <linux/fs.h>
#include <linux/types.h>

#include "../stage2/stage2.h"

struct kvm_device_attr;
struct kvm_one_reg;
struct kvm_reg_list;
struct memslot;
struct vcpu;
struct vm;

/* device.c */

/**
 * chardev_register() - make /dev/setway
 *
 * The last step of init: from here on VMs can be created.
 * Return: 0, or misc_register()'s errno.
 */
int chardev_register(void);

/** chardev_unregister() - remove /dev/setway; no VM is left */
void chardev_unregister(void);

/**
 * device_check_extension() - KVM_CHECK_EXTENSION, of the device and of a VM
 * @extension: KVM_CAP_*
 *
 * Return: 0 for what is not supported or not known, else 1 or a limit.
 */
int device_check_extension(unsigned long extension);

/**
 * device_open() - open() of /dev/setway, for 64-bit processes only
 * @inode: ignored
 * @file: ignored
 *
 * Return: 0, or -ENODEV in a 32-bit process: the layouts are not the same there.
 */
int device_open(struct inode *inode, struct file *file);

/**
 * device_compat_ioctl() - ioctl() by a 32-bit process that was given one of our files
 * @file: of the device, a VM or a vCPU
 * @cmd: any
 * @arg: any
 *
 * Return: -EINVAL
 */
long device_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* vm.c */

/**
 * vm_create_fd() - KVM_CREATE_VM
 * @ia_bits: size of the IPA space, already checked
 *
 * Return: a file descriptor, or -EMFILE, -ENFILE, -ENOMEM, -EINTR.
 */
int vm_create_fd(unsigned int ia_bits);

/* vcpu.c */

/**
 * vcpu_create_fd() - KVM_CREATE_VCPU
 * @vm: its lock is not held
 * @id: KVM's vcpu id
 *
 * Return: a file descriptor, or -EINVAL, -EBUSY (the GIC is initialised), -EEXIST,
 * -ENOMEM, -EMFILE, -ENFILE, -EINTR.
 */
int vcpu_create_fd(struct vm *vm, unsigned long id);

/* events.c */

/**
 * vcpu_get_events() - KVM_GET_VCPU_EVENTS
 * @vcpu: locked, initialised
 * @arg: struct kvm_vcpu_events
 *
 * Return: 0 or -EFAULT.
 */
int vcpu_get_events(struct vcpu *vcpu, void __user *arg);

/**
 * vcpu_set_events() - KVM_SET_VCPU_EVENTS
 * @vcpu: locked, initialised
 * @arg: struct kvm_vcpu_events
 *
 * Return: 0, -EFAULT; -EINVAL: reserved fields that are not 0, or a syndrome that is
 * not possible.
 */
int vcpu_set_events(struct vcpu *vcpu, const void __user *arg);

/* attributes.c */

/**
 * vcpu_attr() - KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR
 * @vcpu: locked
 * @cmd: which of them
 * @arg: struct kvm_device_attr
 *
 * Return: 0; -EFAULT; -ENXIO: no such attribute; and the attribute's own errors.
 */
int vcpu_attr(struct vcpu *vcpu, unsigned int cmd, const void __user *arg);

/* stats_fd.c */

/**
 * stats_vm_fd() - KVM_GET_STATS_FD of a VM
 * @vm: any
 *
 * Return: a file descriptor, -EMFILE, -ENFILE, -ENOMEM.
 */
int stats_vm_fd(struct vm *vm);

/**
 * stats_vcpu_fd() - KVM_GET_STATS_FD of a vCPU
 * @vcpu: any
 *
 * Return: as stats_vm_fd().
 */
int stats_vcpu_fd(struct vcpu *vcpu);

/* irq.c */

/**
 * irq_line() - KVM_IRQ_LINE and KVM_IRQ_LINE_STATUS
 * @vm: not locked
 * @cmd: which of them
 * @arg: struct kvm_irq_level
 *
 * Return: 0, -EFAULT; -ENXIO: a line of the GIC in a VM without one, or a line of the CPU
 * in a VM with a GIC; -EINVAL: no such line; -EBUSY: the GIC is not initialised.
 */
int irq_line(struct vm *vm, unsigned int cmd, void __user *arg);

/**
 * irq_create_chip() - KVM_CREATE_IRQCHIP
 *
 * Return: -ENODEV, or -ENXIO when there is no GIC at all.
 */
int irq_create_chip(void);

/**
 * irq_set_device_addr() - KVM_ARM_SET_DEVICE_ADDR
 * @arg: struct kvm_arm_device_addr
 *
 * Return: -EFAULT, -ENODEV, or -ENXIO as irq_create_chip().
 */
int irq_set_device_addr(const void __user *arg);

/* onereg.c */

/**
 * onereg_get() - KVM_GET_ONE_REG
 * @vcpu: locked, initialised
 * @reg: which, and where to
 *
 * Return: 0, -ENOENT (no such register), -EINVAL (size), -EFAULT.
 */
int onereg_get(struct vcpu *vcpu, const struct kvm_one_reg *reg);

/**
 * onereg_set() - KVM_SET_ONE_REG
 * @vcpu: locked, initialised
 * @reg: which, and where from
 *
 * Return: as onereg_get(); -EINVAL also for a value that is not allowed; -EINTR: the
 * thread is being killed.
 */
int onereg_set(struct vcpu *vcpu, const struct kvm_one_reg *reg);

/**
 * onereg_list() - KVM_GET_REG_LIST
 * @vcpu: locked, initialised
 * @list: userspace's; its n is set to the number of registers
 *
 * Return: 0, -E2BIG when the list is too short, -EFAULT.
 */
int onereg_list(struct vcpu *vcpu, struct kvm_reg_list __user *list);

#endif /* SETWAY_API_API_H */
