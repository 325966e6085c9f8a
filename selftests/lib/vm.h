/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine as the KVM API has it: the VM, its memslots, its vCPUs.
 *
 * Functions fail() when the kernel says no; those that begin with two
 * underscores hand its answer to the caller instead.
 */
#ifndef SELFTESTS_LIB_VM_H
#define SELFTESTS_LIB_VM_H

#include <linux/kvm.h>

#include "types.h"

#define VM_MEMSLOTS	32	/* ids 0 to 31: more than any test needs */
#define VM_VCPUS	64

/**
 * struct memslot - a range of guest memory
 * @ipa: guest-physical address
 * @size: bytes, 0 for a slot that does not exist
 * @hva: where this process has it mapped
 * @flags: KVM_MEM_*
 */
struct memslot {
	u64 ipa;
	u64 size;
	void *hva;
	u32 flags;
};

/**
 * struct vcpu - a virtual CPU
 * @vm: whose it is
 * @id: as given to KVM_CREATE_VCPU
 * @fd: its file descriptor
 * @run: what it shares with the kernel
 */
struct vcpu {
	struct vm *vm;
	u32 id;
	int fd;
	struct kvm_run *run;
};

/**
 * struct vm - a virtual machine
 * @fd: its file descriptor
 * @device_fd: the device's
 * @slots: by memslot id
 * @vcpus: in the order of their creation
 * @nr_vcpus: how many
 */
struct vm {
	int fd;
	int device_fd;
	struct memslot slots[VM_MEMSLOTS];
	struct vcpu *vcpus[VM_VCPUS];
	unsigned int nr_vcpus;
};

/**
 * vm_create() - create a VM with the default IPA space (40 bits)
 *
 * Its faults let the guest in to one page each (SETWAY_SET_CLUSTER), as most tests
 * count pages.
 *
 * Return: the VM; to be freed by vm_destroy().
 */
struct vm *vm_create(void);

/**
 * vm_create_sized() - create a VM with an IPA space of one's choice
 * @ipa_bits: the size of the IPA space, or 0 for the default
 *
 * Return: the VM; to be freed by vm_destroy().
 */
struct vm *vm_create_sized(unsigned int ipa_bits);

/**
 * vm_create_as_is() - create a VM as the device has it, with clusters
 * @ipa_bits: the size of the IPA space, or 0 for the default
 *
 * Return: the VM; to be freed by vm_destroy().
 */
struct vm *vm_create_as_is(unsigned int ipa_bits);

/**
 * vm_destroy() - free a VM with its vCPUs and the memory that it allocated
 * @vm: the VM
 */
void vm_destroy(struct vm *vm);

/**
 * vm_ioctl() - an ioctl on the VM that must work
 * @vm: the VM
 * @request: the ioctl
 * @argument: its argument
 *
 * Return: the ioctl's answer, never negative.
 */
int vm_ioctl(struct vm *vm, unsigned long request, void *argument);

/**
 * memory_alloc() - map anonymous memory, aligned
 * @size: bytes
 * @alignment: bytes, a power of two of at least 4 KiB
 *
 * Nothing is populated.  The address is @alignment-aligned, so that blocks can
 * be mapped at stage 2 if the guest-physical address is as well.
 *
 * Return: the address; to be freed by munmap().
 */
void *memory_alloc(u64 size, u64 alignment);

/**
 * vm_memslot_add() - give a VM memory that is there already
 * @vm: the VM
 * @slot: memslot id
 * @memory: the slot; from now on its memory is unmapped along with the VM
 */
void vm_memslot_add(struct vm *vm, u32 slot, struct memslot memory);

/**
 * vm_memory_add() - give a VM memory of its own
 * @vm: the VM
 * @slot: memslot id
 * @ipa: guest-physical address
 * @size: bytes
 * @flags: KVM_MEM_*
 *
 * Return: where this process has it mapped, aligned as well as @ipa is, up to
 * 1 GiB.
 */
void *vm_memory_add(struct vm *vm, u32 slot, u64 ipa, u64 size, u32 flags);

/**
 * __vm_memslot_set() - KVM_SET_USER_MEMORY_REGION, and nothing else
 * @vm: the VM
 * @slot: memslot id
 * @flags: KVM_MEM_*
 * @ipa: guest-physical address
 * @size: bytes, 0 to delete the slot
 * @hva: the memory
 *
 * Return: 0, or -1 with errno set.
 */
int __vm_memslot_set(struct vm *vm, u32 slot, u32 flags, u64 ipa, u64 size,
		     void *hva);

/**
 * vm_memslot_move() - move a slot to another guest-physical address
 * @vm: the VM
 * @slot: memslot id
 * @ipa: the new address
 */
void vm_memslot_move(struct vm *vm, u32 slot, u64 ipa);

/**
 * vm_memory_remove() - delete a slot and unmap its memory
 * @vm: the VM
 * @slot: memslot id
 */
void vm_memory_remove(struct vm *vm, u32 slot);

/**
 * vm_hva() - find guest memory in this process
 * @vm: the VM
 * @ipa: guest-physical address
 * @size: how many bytes must be there
 *
 * Return: the address, or NULL if no one slot has all of it.
 */
void *vm_hva(struct vm *vm, u64 ipa, u64 size);

/**
 * vcpu_add() - create a vCPU and reset it to the preferred target with PSCI 0.2
 * @vm: the VM
 * @id: the vCPU's id
 *
 * Return: the vCPU, freed with its VM.
 */
struct vcpu *vcpu_add(struct vm *vm, u32 id);

/**
 * vcpu_add_off() - as vcpu_add(), but the vCPU waits for PSCI CPU_ON
 * @vm: the VM
 * @id: the vCPU's id
 *
 * Return: the vCPU, freed with its VM.
 */
struct vcpu *vcpu_add_off(struct vm *vm, u32 id);

/**
 * vcpu_create() - create a vCPU without resetting it
 * @vm: the VM
 * @id: the vCPU's id
 *
 * Return: the vCPU, freed with its VM.
 */
struct vcpu *vcpu_create(struct vm *vm, u32 id);

/**
 * vcpu_reset() - KVM_ARM_VCPU_INIT
 * @vcpu: the vCPU
 * @features: BIT(KVM_ARM_VCPU_*) of the first 32
 */
void vcpu_reset(struct vcpu *vcpu, u32 features);

/**
 * vcpu_ioctl() - an ioctl on the vCPU that must work
 * @vcpu: the vCPU
 * @request: the ioctl
 * @argument: its argument
 *
 * Return: the ioctl's answer, never negative.
 */
int vcpu_ioctl(struct vcpu *vcpu, unsigned long request, void *argument);

/**
 * vcpu_run() - run until an exit to userspace
 * @vcpu: the vCPU
 *
 * A signal is not an error: it goes on running.
 *
 * Return: the exit reason, KVM_EXIT_*.
 */
u32 vcpu_run(struct vcpu *vcpu);

/**
 * __vcpu_run() - KVM_RUN, and nothing else
 * @vcpu: the vCPU
 *
 * Return: 0, or -1 with errno set.
 */
int __vcpu_run(struct vcpu *vcpu);

#endif /* SELFTESTS_LIB_VM_H */
