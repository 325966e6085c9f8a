// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual machine and its memslots.
 */
#include "vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"

#include "../../module/api/uapi.h"

struct vm *vm_create(void)
{
	return vm_create_sized(0);
}

/* KVM has nothing of the kind. */
struct vm *vm_create_sized(unsigned int ipa_bits)
{
	struct vm *vm = vm_create_as_is(ipa_bits);
	u32 cluster = 1;

	ioctl(vm->fd, SETWAY_SET_CLUSTER, &cluster);
	return vm;
}

struct vm *vm_create_as_is(unsigned int ipa_bits)
{
	unsigned long type = ipa_bits ? KVM_VM_TYPE_ARM_IPA_SIZE(ipa_bits) : 0;
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		fail("out of memory");
	vm->device_fd = device_open();
	vm->fd = ioctl(vm->device_fd, KVM_CREATE_VM, type);
	if (vm->fd < 0)
		fail("%s: KVM_CREATE_VM(%#lx): %s", device_path(), type,
		     strerror(errno));
	return vm;
}

static void vcpu_free(struct vcpu *vcpu)
{
	munmap(vcpu->run, ioctl(vcpu->vm->device_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(vcpu->fd);
	free(vcpu);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		vcpu_free(vm->vcpus[i]);
	close(vm->fd);
	close(vm->device_fd);
	for (i = 0; i < VM_MEMSLOTS; i++) {
		if (vm->slots[i].size)
			munmap(vm->slots[i].hva, vm->slots[i].size);
	}
	free(vm);
}

int vm_ioctl(struct vm *vm, unsigned long request, void *argument)
{
	int answer = ioctl(vm->fd, request, argument);

	if (answer < 0)
		fail("VM ioctl %#lx: %s", request, strerror(errno));
	return answer;
}

void *memory_alloc(u64 size, u64 alignment)
{
	u64 total = size + alignment;
	char *whole = mmap(NULL, total, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *start;

	if (whole == MAP_FAILED)
		fail("mmap of %llu bytes: %s", total, strerror(errno));
	start = (char *)align_up((u64)whole, alignment);
	if (start > whole)
		munmap(whole, start - whole);
	munmap(start + size, whole + total - (start + size));
	return start;
}

int __vm_memslot_set(struct vm *vm, u32 slot, u32 flags, u64 ipa, u64 size,
		     void *hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (u64)hva,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

void vm_memslot_add(struct vm *vm, u32 slot, struct memslot to)
{
	if (__vm_memslot_set(vm, slot, to.flags, to.ipa, to.size, to.hva))
		fail("memslot %u, %#llx bytes at %#llx: %s", slot, to.size,
		     to.ipa, strerror(errno));
	vm->slots[slot] = to;
}

/* The largest block that @ipa could be mapped with, as far as that matters. */
static u64 ipa_alignment(u64 ipa)
{
	if (!(ipa & (SZ_1G - 1)))
		return SZ_1G;
	return ipa & (SZ_2M - 1) ? SZ_4K : SZ_2M;
}

void *vm_memory_add(struct vm *vm, u32 slot, u64 ipa, u64 size, u32 flags)
{
	struct memslot memory = {
		.ipa = ipa,
		.size = size,
		.flags = flags,
	};

	memory.hva = memory_alloc(size, ipa_alignment(ipa));
	vm_memslot_add(vm, slot, memory);
	return memory.hva;
}

void vm_memslot_move(struct vm *vm, u32 slot, u64 ipa)
{
	struct memslot memory = vm->slots[slot];

	memory.ipa = ipa;
	vm_memslot_add(vm, slot, memory);
}

void vm_memory_remove(struct vm *vm, u32 slot)
{
	struct memslot memory = vm->slots[slot];

	vm_memslot_add(vm, slot, (struct memslot){ .ipa = memory.ipa });
	munmap(memory.hva, memory.size);
}

void *vm_hva(struct vm *vm, u64 ipa, u64 size)
{
	unsigned int i;

	for (i = 0; i < VM_MEMSLOTS; i++) {
		struct memslot *slot = &vm->slots[i];

		if (ipa >= slot->ipa && ipa - slot->ipa < slot->size &&
		    size <= slot->size - (ipa - slot->ipa))
			return slot->hva + (ipa - slot->ipa);
	}
	return NULL;
}
