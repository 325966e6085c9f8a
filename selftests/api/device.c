// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's own ioctls: what a VMM asks before it creates a VM, and the
 * creation of VMs.
 */
#include <sys/resource.h>

#include "../lib/test.h"

FIXTURE(device)
{
	int fd;
};

FIXTURE_SETUP(device)
{
	self->fd = device_open();
}

FIXTURE_TEARDOWN(device)
{
	close(self->fd);
}

TEST_F(device, api_version)
{
	EXPECT_EQ(KVM_API_VERSION, ioctl(self->fd, KVM_GET_API_VERSION, 0));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_GET_API_VERSION, 1));
}

TEST_F(device, vcpu_mmap_size)
{
	int size = ioctl(self->fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	EXPECT_LE((int)sizeof(struct kvm_run), size);
	EXPECT_EQ(0, size % getpagesize());
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_GET_VCPU_MMAP_SIZE, 1));
}

TEST_F(device, capabilities_that_vmms_need)
{
	static const u64 needed[] = {
		KVM_CAP_USER_MEMORY,
		KVM_CAP_DESTROY_MEMORY_REGION_WORKS,
		KVM_CAP_JOIN_MEMORY_REGIONS_WORKS,
		KVM_CAP_SYNC_MMU,
		KVM_CAP_ONE_REG,
		KVM_CAP_MP_STATE,
		KVM_CAP_ARM_PSCI,
		KVM_CAP_ARM_PSCI_0_2,
		KVM_CAP_READONLY_MEM,
		KVM_CAP_IMMEDIATE_EXIT,
		KVM_CAP_ARM_NISV_TO_USER,
		KVM_CAP_CHECK_EXTENSION_VM,
		KVM_CAP_ENABLE_CAP_VM,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		EXPECT_LT(0, ioctl(self->fd, KVM_CHECK_EXTENSION, needed[i]))
			TH_LOG("capability %llu", needed[i]);
	}
}

TEST_F(device, limits)
{
	EXPECT_LE(1, device_capability(KVM_CAP_NR_VCPUS));
	EXPECT_LE(device_capability(KVM_CAP_NR_VCPUS),
		  device_capability(KVM_CAP_MAX_VCPUS));
	EXPECT_LE(device_capability(KVM_CAP_MAX_VCPUS),
		  device_capability(KVM_CAP_MAX_VCPU_ID));
	EXPECT_LE(32, device_capability(KVM_CAP_NR_MEMSLOTS));
	EXPECT_LE(40, device_capability(KVM_CAP_ARM_VM_IPA_SIZE));
	EXPECT_GE(52, device_capability(KVM_CAP_ARM_VM_IPA_SIZE));
}

TEST_F(device, unknown_capabilities_are_absent)
{
	EXPECT_EQ(0, ioctl(self->fd, KVM_CHECK_EXTENSION, 0xffffUL));
	EXPECT_EQ(0, ioctl(self->fd, KVM_CHECK_EXTENSION, ~0UL));
	/* other architectures' */
	EXPECT_EQ(0, ioctl(self->fd, KVM_CHECK_EXTENSION, KVM_CAP_PIT));
	EXPECT_EQ(0, ioctl(self->fd, KVM_CHECK_EXTENSION, KVM_CAP_S390_PSW));
}

TEST_F(device, unknown_ioctls)
{
	int error = unknown_ioctl_errno();

	EXPECT_ERRNO(error, ioctl(self->fd, IOCTL_UNKNOWN, 0));
	/* a VM's ioctl, on the device */
	EXPECT_ERRNO(error, ioctl(self->fd, KVM_CREATE_VCPU, 0));
}

/* Every size from 32 bits to the largest works, and none beside. */
TEST_F(device, create_vm_by_ipa_size)
{
	int max = device_capability(KVM_CAP_ARM_VM_IPA_SIZE);
	int bits, vm;

	for (bits = 1; bits <= 0xff; bits++) {
		vm = ioctl(self->fd, KVM_CREATE_VM, KVM_VM_TYPE_ARM_IPA_SIZE(bits));
		if (bits >= 32 && bits <= max) {
			EXPECT_LE(0, vm)
				TH_LOG("%d bits: %s", bits, strerror(errno));
			close(vm);
		} else {
			EXPECT_EQ(-1, vm)
				TH_LOG("%d bits should not work", bits);
			EXPECT_EQ(EINVAL, errno);
		}
	}
}

TEST_F(device, create_vm_of_unknown_type)
{
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_CREATE_VM, 0x100UL));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_CREATE_VM, 1UL << 31));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_CREATE_VM, 1UL << 63 | 40));
	EXPECT_ERRNO(EINVAL, ioctl(self->fd, KVM_CREATE_VM, ~0UL));
}

TEST_F(device, vms_have_files_of_their_own)
{
	int first = ioctl(self->fd, KVM_CREATE_VM, 0UL);
	int second = ioctl(self->fd, KVM_CREATE_VM, 0UL);

	EXPECT_LE(0, first);
	EXPECT_LE(0, second);
	EXPECT_NE(first, second);
	close(first);
	/* the second lives on */
	EXPECT_EQ(1, ioctl(second, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY));
	close(second);
}

TEST_F(device, create_vm_without_a_file_to_spare)
{
	/* no more files than those with lower numbers than this one's */
	int last = dup(self->fd);
	struct rlimit limit = { .rlim_cur = last + 1, .rlim_max = last + 1 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_ERRNO(EMFILE, ioctl(self->fd, KVM_CREATE_VM, 0UL));
	close(last);
}

TEST_F(device, the_vm_outlives_the_device_file)
{
	int device = device_open();
	int vm = ioctl(device, KVM_CREATE_VM, 0UL);

	ASSERT_LE(0, vm);
	close(device);
	EXPECT_LE(0, ioctl(vm, KVM_CREATE_VCPU, 0UL));
	close(vm);
}

TEST_HARNESS_MAIN
