/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Linux kernel as the guest: an arm64 Image or a 32-bit zImage, and its
 * initramfs.
 */
#ifndef SELFTESTS_VMM_KERNEL_H
#define SELFTESTS_VMM_KERNEL_H

#include "../lib/vm.h"

/**
 * struct kernel - a kernel in the guest's RAM
 * @entry: IPA where the first CPU starts
 * @aarch32: it is a 32-bit one
 * @dt: IPA of its device tree
 * @initrd: IPA of the initramfs
 * @initrd_end: where that ends; the same as @initrd if there is none
 */
struct kernel {
	u64 entry;
	bool aarch32;
	u64 dt;
	u64 initrd;
	u64 initrd_end;
};

/**
 * kernel_is_aarch32() - is a file a 32-bit zImage?
 * @path: the file; fails if it is no kernel at all
 */
bool kernel_is_aarch32(const char *path);

/**
 * kernel_load() - put kernel and initramfs into RAM
 * @path: kernel
 * @initrd: initramfs, or NULL
 * @ram: the guest's RAM in this process
 * @ram_size: bytes
 *
 * Return: where everything is.
 */
struct kernel kernel_load(const char *path, const char *initrd, void *ram, u64 ram_size);

/**
 * kernel_start() - set a vCPU's registers as the boot protocol wants them
 * @kernel: what to start
 * @vcpu: the first CPU, just reset
 */
void kernel_start(const struct kernel *kernel, struct vcpu *vcpu);

#endif /* SELFTESTS_VMM_KERNEL_H */
