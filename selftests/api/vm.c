// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM's own ioctls, but for its memslots.
 */
#include <sys/wait.h>

#include "../lib/test.h"

FIXTURE(vm)
{
	struct vm *vm;
};

FIXTURE_SETUP(vm)
{
	self->vm = vm_create();
}

FIXTURE_TEARDOWN(vm)
{
	vm_destroy(self->vm);
}

TEST_F(vm, check_extension)
{
	int fd = self->vm->fd;

	EXPECT_EQ(1, ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY));
	EXPECT_EQ(device_capability(KVM_CAP_NR_MEMSLOTS),
		  ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS));
	EXPECT_EQ(0, ioctl(fd, KVM_CHECK_EXTENSION, ~0UL));
}

TEST_F(vm, preferred_target)
{
	struct kvm_vcpu_init init;
	unsigned int i;

	memset(&init, 0xff, sizeof(init));
	ASSERT_EQ(0, ioctl(self->vm->fd, KVM_ARM_PREFERRED_TARGET, &init));
	EXPECT_GT(KVM_ARM_NUM_TARGETS, init.target);
	for (i = 0; i < ARRAY_SIZE(init.features); i++)
		EXPECT_EQ(0, init.features[i]);
	EXPECT_ERRNO(EFAULT, ioctl(self->vm->fd, KVM_ARM_PREFERRED_TARGET,
				   BAD_ADDRESS));
}

TEST_F(vm, enable_cap)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	int fd = self->vm->fd;

	EXPECT_EQ(0, ioctl(fd, KVM_ENABLE_CAP, &cap));
	/* again does no harm */
	EXPECT_EQ(0, ioctl(fd, KVM_ENABLE_CAP, &cap));
	cap.flags = 1;
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_ENABLE_CAP, &cap));
	/* there, but nothing that one could enable */
	cap = (struct kvm_enable_cap){ .cap = KVM_CAP_USER_MEMORY };
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_ENABLE_CAP, &cap));
	cap = (struct kvm_enable_cap){ .cap = 0xffff };
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(EFAULT, ioctl(fd, KVM_ENABLE_CAP, BAD_ADDRESS));
}

TEST_F(vm, create_vcpu)
{
	int first = ioctl(self->vm->fd, KVM_CREATE_VCPU, 0UL);
	/* ids need not be in order */
	int second = ioctl(self->vm->fd, KVM_CREATE_VCPU, 3UL);

	EXPECT_LE(0, first);
	EXPECT_LE(0, second);
	EXPECT_ERRNO(EEXIST, ioctl(self->vm->fd, KVM_CREATE_VCPU, 0UL));
	EXPECT_ERRNO(EEXIST, ioctl(self->vm->fd, KVM_CREATE_VCPU, 3UL));
	close(first);
	close(second);
	/* a vCPU lives as long as its VM, whatever happens to its file */
	EXPECT_ERRNO(EEXIST, ioctl(self->vm->fd, KVM_CREATE_VCPU, 3UL));
}

TEST_F(vm, create_vcpu_with_a_bad_id)
{
	unsigned long max = device_capability(KVM_CAP_MAX_VCPU_ID);

	EXPECT_ERRNO(EINVAL, ioctl(self->vm->fd, KVM_CREATE_VCPU, max));
	EXPECT_ERRNO(EINVAL, ioctl(self->vm->fd, KVM_CREATE_VCPU, max + 1));
	EXPECT_ERRNO(EINVAL, ioctl(self->vm->fd, KVM_CREATE_VCPU, 0xffffffffUL));
	EXPECT_LE(0, ioctl(self->vm->fd, KVM_CREATE_VCPU, max - 1));
}

TEST_F(vm, create_all_vcpus)
{
	unsigned long max = ioctl(self->vm->fd, KVM_CHECK_EXTENSION,
				  KVM_CAP_MAX_VCPUS);
	unsigned long id;

	for (id = 0; id < max; id++) {
		ASSERT_LE(0, ioctl(self->vm->fd, KVM_CREATE_VCPU, id))
			TH_LOG("vCPU %lu of %lu: %s", id, max, strerror(errno));
	}
}

TEST_F(vm, unknown_ioctls)
{
	int error = unknown_ioctl_errno();

	EXPECT_ERRNO(error, ioctl(self->vm->fd, IOCTL_UNKNOWN, 0));
	/* the device's, and a vCPU's */
	EXPECT_ERRNO(error, ioctl(self->vm->fd, KVM_CREATE_VM, 0));
	EXPECT_ERRNO(error, ioctl(self->vm->fd, KVM_RUN, 0));
}

/* A VM's memory is its creator's: nobody else may use the VM. */
TEST_F(vm, belongs_to_its_creator)
{
	struct vcpu *vcpu = vcpu_add(self->vm, 0);
	int status;
	pid_t child;

	child = fork();
	if (!child) {
		bool refused = ioctl(self->vm->fd, KVM_CREATE_VCPU, 1UL) == -1 &&
			       errno == EIO;

		refused &= ioctl(vcpu->fd, KVM_RUN, 0) == -1 && errno == EIO;
		_exit(!refused);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_LE(0, ioctl(self->vm->fd, KVM_CREATE_VCPU, 1UL));
}

static void guest_counts(void)
{
	guest_sync(1);
	guest_sync(2);
}

/* The VM goes when the last file does, here a vCPU's. */
TEST_F(vm, vcpu_runs_after_the_vm_file_is_closed)
{
	struct vcpu *vcpu = vcpu_add(self->vm, 0);

	program_load(self->vm);
	program_enter(vcpu, guest_counts, 0, 0, 0);
	program_run_to(vcpu, 1);
	close(self->vm->fd);
	program_run_to(vcpu, 2);
	program_finish(vcpu);
}

TEST_F(vm, many_at_once)
{
	struct vcpu *vcpus[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcpus); i++)
		vcpus[i] = program_vcpu(guest_counts);
	for (i = 0; i < ARRAY_SIZE(vcpus); i++)
		program_run_to(vcpus[i], 1);
	for (i = 0; i < ARRAY_SIZE(vcpus); i++)
		program_run_to(vcpus[i], 2);
	for (i = 0; i < ARRAY_SIZE(vcpus); i++) {
		program_finish(vcpus[i]);
		vm_destroy(vcpus[i]->vm);
	}
}

TEST_F(vm, one_after_the_other)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; i < 30; i++) {
		vcpu = program_vcpu(guest_counts);
		program_run_to(vcpu, 1);
		vm_destroy(vcpu->vm);
	}
}

TEST_HARNESS_MAIN
