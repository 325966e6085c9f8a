// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image of 32-bit code as a guest.
 */
#include "program32.h"

#include <string.h>

#include "device.h"
#include "onereg.h"

/* The Makefile makes them of the image and its symbols. */
extern const char guest32_image[], guest32_image_end[];
GUEST32(guest_start);

void program32_load(struct vm *vm)
{
	u64 size = guest32_image_end - guest32_image;
	char *memory = vm_memory_add(vm, PROGRAM_SLOT, GUEST_PROGRAM_BASE,
				     GUEST_PROGRAM_SIZE, 0);

	if (size > GUEST_PROGRAM_SIZE / 2)
		fail("the image is too large");
	memcpy(memory, guest32_image, size);
}

struct vcpu *program32_add(struct vm *vm, u32 id)
{
	struct vcpu *vcpu = vcpu_create(vm, id);

	vcpu_reset(vcpu, VCPU32_FEATURES);
	return vcpu;
}

void program32_enter(struct vcpu *vcpu, const void *function, u32 a, u32 b, u32 c)
{
	reg_set(vcpu, REG_PC, (u64)guest32_guest_start);
	reg_set(vcpu, REG_X(0), (u64)function);
	reg_set(vcpu, REG_X(1), a);
	reg_set(vcpu, REG_X(2), b);
	reg_set(vcpu, REG_X(3), c);
}

struct vcpu *program32_vcpu(const void *function)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = program32_add(vm, 0);

	program32_load(vm);
	program32_enter(vcpu, function, 0, 0, 0);
	return vcpu;
}

void *program32_data(struct vm *vm, const void *variable)
{
	void *hva = vm_hva(vm, (u64)variable, 1);

	if (!hva)
		fail("the guest has no memory at %p", variable);
	return hva;
}
