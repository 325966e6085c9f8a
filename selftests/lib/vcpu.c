// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual CPUs: creation, reset, running.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "device.h"
#include "vm.h"

struct vcpu *vcpu_create(struct vm *vm, u32 id)
{
	struct vcpu *vcpu = calloc(1, sizeof(*vcpu));
	int size = ioctl(vm->device_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (!vcpu || vm->nr_vcpus == VM_VCPUS)
		fail("no room for vCPU %u", id);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (vcpu->fd < 0)
		fail("KVM_CREATE_VCPU %u: %s", id, strerror(errno));
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		fail("mmap of vCPU %u: %s", id, strerror(errno));
	vm->vcpus[vm->nr_vcpus++] = vcpu;
	return vcpu;
}

void vcpu_reset(struct vcpu *vcpu, u32 features)
{
	struct kvm_vcpu_init init;

	vm_ioctl(vcpu->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= features;
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
}

struct vcpu *vcpu_add(struct vm *vm, u32 id)
{
	struct vcpu *vcpu = vcpu_create(vm, id);

	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	return vcpu;
}

struct vcpu *vcpu_add_off(struct vm *vm, u32 id)
{
	struct vcpu *vcpu = vcpu_create(vm, id);

	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2) |
			 BIT(KVM_ARM_VCPU_POWER_OFF));
	return vcpu;
}

int vcpu_ioctl(struct vcpu *vcpu, unsigned long request, void *argument)
{
	int answer = ioctl(vcpu->fd, request, argument);

	if (answer < 0)
		fail("vCPU %u: ioctl %#lx: %s", vcpu->id, request,
		     strerror(errno));
	return answer;
}

int __vcpu_run(struct vcpu *vcpu)
{
	return ioctl(vcpu->fd, KVM_RUN, 0);
}

u32 vcpu_run(struct vcpu *vcpu)
{
	while (__vcpu_run(vcpu)) {
		if (errno != EINTR)
			fail("vCPU %u: KVM_RUN: %s", vcpu->id, strerror(errno));
	}
	return vcpu->run->exit_reason;
}
