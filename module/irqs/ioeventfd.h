/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioeventfds: eventfds that a store of the guest signals.
 */
#ifndef SETWAY_IRQS_IOEVENTFD_H
#define SETWAY_IRQS_IOEVENTFD_H

#include <linux/types.h>

struct kvm_ioeventfd;
struct vm;

/* Far more than a VMM needs; a store of the guest walks all of them. */
#define IOEVENTFDS_MAX		4096

/**
 * ioeventfds_vm_init() - none yet
 * @vm: being created
 */
void ioeventfds_vm_init(struct vm *vm);

/**
 * ioeventfds_vm_destroy() - let go of all
 * @vm: dying
 */
void ioeventfds_vm_destroy(struct vm *vm);

/**
 * ioeventfd_set() - KVM_IOEVENTFD
 * @vm: not locked
 * @args: as userspace gave it
 *
 * Return: 0, -EINVAL, -EBADF, -EEXIST, -ENOENT, -ENOSPC, -ENOMEM, -EINTR (the thread is being
 * killed).
 */
int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args);

/**
 * ioeventfd_write() - a store of the guest outside its memory
 * @vm: its
 * @ipa: address
 * @len: bytes
 * @value: little-endian
 *
 * Return: true when it has signalled an eventfd, and that is all there is to do.
 */
bool ioeventfd_write(struct vm *vm, u64 ipa, unsigned int len, u64 value);

#endif /* SETWAY_IRQS_IOEVENTFD_H */
