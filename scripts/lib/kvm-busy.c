// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keep the kernel's own KVM busy: a VM with one vCPU that spins for ever.  It
 * says "running" before it enters the guest, and ends when it is killed.
 */
#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#define GUEST_BASE	0x40000000UL
#define GUEST_SIZE	0x10000UL
#define INSN_B_SELF	0x14000000U
#define REG_PC		(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(regs.pc))

static int xioctl(int fd, unsigned long request, void *arg, const char *name)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(1, "%s", name);
	return ret;
}

static void guest_memory_add(int vm)
{
	uint32_t *memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = GUEST_BASE,
		.memory_size = GUEST_SIZE,
		.userspace_addr = (uintptr_t)memory,
	};

	if (memory == MAP_FAILED)
		err(1, "mmap");
	memory[0] = INSN_B_SELF;
	xioctl(vm, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
}

static int vcpu_create(int vm)
{
	uint64_t pc = GUEST_BASE;
	struct kvm_one_reg reg = { .id = REG_PC, .addr = (uintptr_t)&pc };
	struct kvm_vcpu_init init;
	int vcpu = xioctl(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");

	xioctl(vm, KVM_ARM_PREFERRED_TARGET, &init, "KVM_ARM_PREFERRED_TARGET");
	xioctl(vcpu, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
	xioctl(vcpu, KVM_SET_ONE_REG, &reg, "KVM_SET_ONE_REG");
	return vcpu;
}

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR);
	int vm, vcpu;

	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = xioctl(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	guest_memory_add(vm);
	vcpu = vcpu_create(vm);
	puts("running");
	fflush(stdout);
	xioctl(vcpu, KVM_RUN, NULL, "KVM_RUN");
	return 0;
}
