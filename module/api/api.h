/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this directory have between themselves, and what main.c
 * needs of them.
 */
#ifndef SETWAY_API_API_H
#define SETWAY_API_API_H

#include <linux/fs.h>
#include <linux/types.h>

#include "../stage2/stage2.h"

struct kvm_one_reg;
struct kvm_reg_list;
struct kvm_vcpu_init;
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
 * device_compat_ioctl() - ioctl() by a 32-bit process that was handed a file
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

/* vm_tlb.c */

/* How a VM's stage-2 tables flush its TLB entries and wait for its walkers. */
extern const struct stage2_ops vm_stage2_ops;

/* vcpu.c */

/**
 * vcpu_create_fd() - KVM_CREATE_VCPU
 * @vm: its lock is not held
 * @id: KVM's vcpu id
 *
 * Return: a file descriptor, or -EINVAL, -EEXIST, -ENOMEM, -EMFILE, -ENFILE.
 */
int vcpu_create_fd(struct vm *vm, unsigned long id);

/** vcpu_aarch32_available() - can guests have EL1 in AArch32 on this host? */
bool vcpu_aarch32_available(void);

/**
 * vcpu_destroy_all() - free a dying VM's vCPUs
 * @vm: without users
 */
void vcpu_destroy_all(struct vm *vm);

/* memslot.c */

/**
 * memslots_init() - no memslots
 * @vm: being created
 *
 * Return: 0 or -ENOMEM.
 */
int memslots_init(struct vm *vm);

/**
 * memslots_free() - forget all memslots
 * @vm: dying
 */
void memslots_free(struct vm *vm);

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
 * Return: as onereg_get(); -EINVAL also for a value that is not allowed.
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
