// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's ioctls, but for its registers and KVM_RUN: initialisation, what it
 * shares with userspace, whether it is powered on.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "../lib/test.h"

FIXTURE(vcpu)
{
	struct vm *vm;
	struct vcpu *vcpu;
	struct kvm_vcpu_init init;
};

FIXTURE_SETUP(vcpu)
{
	self->vm = vm_create();
	self->vcpu = vcpu_create(self->vm, 0);
	vm_ioctl(self->vm, KVM_ARM_PREFERRED_TARGET, &self->init);
	self->init.features[0] = BIT(KVM_ARM_VCPU_PSCI_0_2);
}

FIXTURE_TEARDOWN(vcpu)
{
	vm_destroy(self->vm);
}

static void guest_nothing(void)
{
}

/* Shorter, for this file */
static int init(struct _test_data_vcpu *self)
{
	return ioctl(self->vcpu->fd, KVM_ARM_VCPU_INIT, &self->init);
}

TEST_F(vcpu, is_of_no_use_before_its_initialisation)
{
	struct kvm_reg_list list = { .n = 0 };
	u64 value = 0;

	EXPECT_ERRNO(ENOEXEC, __vcpu_run(self->vcpu));
	EXPECT_ERRNO(ENOEXEC, __reg_get(self->vcpu, REG_PC, &value));
	EXPECT_ERRNO(ENOEXEC, __reg_set(self->vcpu, REG_PC, &value));
	EXPECT_ERRNO(ENOEXEC, ioctl(self->vcpu->fd, KVM_GET_REG_LIST, &list));
	EXPECT_EQ(0, init(self));
	EXPECT_EQ(0, __reg_get(self->vcpu, REG_PC, &value));
}

TEST_F(vcpu, init_with_a_bad_target)
{
	self->init.target = KVM_ARM_NUM_TARGETS;
	EXPECT_ERRNO(EINVAL, init(self));
	self->init.target = ~0U;
	EXPECT_ERRNO(EINVAL, init(self));
	EXPECT_ERRNO(EFAULT, ioctl(self->vcpu->fd, KVM_ARM_VCPU_INIT, BAD_ADDRESS));
	EXPECT_ERRNO(ENOEXEC, __vcpu_run(self->vcpu));
}

TEST_F(vcpu, init_with_unknown_features)
{
	unsigned int i;

	self->init.features[0] = BIT(31);
	EXPECT_ERRNO(ENOENT, init(self));
	for (i = 1; i < ARRAY_SIZE(self->init.features); i++) {
		self->init.features[0] = 0;
		self->init.features[i] = 1;
		EXPECT_ERRNO(ENOENT, init(self));
		self->init.features[i] = 0;
	}
}

/* QEMU's Cortex-A57 has neither, and max only shows SVE to KVM. */
TEST_F(vcpu, init_with_features_that_are_missing)
{
	if (!device_capability(KVM_CAP_ARM_SVE)) {
		self->init.features[0] = BIT(KVM_ARM_VCPU_SVE);
		EXPECT_ERRNO(EINVAL, init(self));
	}
	if (!device_capability(KVM_CAP_ARM_PMU_V3)) {
		self->init.features[0] = BIT(KVM_ARM_VCPU_PMU_V3);
		EXPECT_ERRNO(EINVAL, init(self));
	}
}

TEST_F(vcpu, init_again)
{
	struct vcpu *vcpu = self->vcpu;

	program_load(self->vm);
	ASSERT_EQ(0, init(self));
	program_enter(vcpu, guest_nothing, 0, 0, 0);
	reg_set(vcpu, REG_X(20), 0x1234);
	reg_set(vcpu, REG_TTBR0_EL1, 0x5678000);
	program_finish(vcpu);
	/* everything is as at power-on */
	ASSERT_EQ(0, init(self));
	EXPECT_EQ(0, reg_get(vcpu, REG_PC));
	EXPECT_EQ(0, reg_get(vcpu, REG_X(20)));
	EXPECT_EQ(0, reg_get(vcpu, REG_SCTLR_EL1) & (SCTLR_M | SCTLR_C | SCTLR_I));
	/* EL1h, all exceptions masked */
	EXPECT_EQ(0x3c5, reg_get(vcpu, REG_PSTATE));
	program_enter(vcpu, guest_nothing, 0, 0, 0);
	program_finish(vcpu);
}

TEST_F(vcpu, init_again_with_other_features)
{
	ASSERT_EQ(0, init(self));
	self->init.features[0] = 0;
	EXPECT_ERRNO(EINVAL, init(self));
	self->init.features[0] = BIT(KVM_ARM_VCPU_PSCI_0_2);
	EXPECT_EQ(0, init(self));
}

/* Where a vCPU starts is said each time. */
TEST_F(vcpu, init_again_with_other_power)
{
	struct kvm_mp_state state;

	if (!device_is_setway())
		SKIP(return, "KVM takes it from Linux 6.3 on");
	ASSERT_EQ(0, init(self));
	self->init.features[0] |= BIT(KVM_ARM_VCPU_POWER_OFF);
	EXPECT_EQ(0, init(self));
	vcpu_ioctl(self->vcpu, KVM_GET_MP_STATE, &state);
	EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
	self->init.features[0] &= ~BIT(KVM_ARM_VCPU_POWER_OFF);
	EXPECT_EQ(0, init(self));
	vcpu_ioctl(self->vcpu, KVM_GET_MP_STATE, &state);
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, state.mp_state);
}

#define WIDTH_RACES	200

/* A vCPU of one width or the other, and whether it could be had. */
struct width_race {
	u32 *waiting;
	struct vcpu *vcpu;
	struct kvm_vcpu_init how;
	bool done;
};

static void *width_take(void *arg)
{
	struct width_race *race = arg;

	/* by spinning: a thread that slept would come late */
	__atomic_sub_fetch(race->waiting, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(race->waiting, __ATOMIC_SEQ_CST))
		;
	race->done = !ioctl(race->vcpu->fd, KVM_ARM_VCPU_INIT, &race->how);
	return NULL;
}

/* All vCPUs of a VM are of the same width, also if they are made at once. */
TEST(init_of_two_widths)
{
	struct width_race race[2];
	pthread_t threads[2];
	u32 i, n, waiting;
	struct vm *vm;

	vm = vm_create();
	if (vm_ioctl(vm, KVM_CHECK_EXTENSION, (void *)KVM_CAP_ARM_EL1_32BIT) != 1)
		SKIP(return, "no AArch32 at EL1");
	vm_destroy(vm);
	for (n = 0; n < WIDTH_RACES; n++) {
		vm = vm_create();
		waiting = ARRAY_SIZE(race);
		for (i = 0; i < ARRAY_SIZE(race); i++) {
			race[i].waiting = &waiting;
			race[i].vcpu = vcpu_create(vm, i);
			vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &race[i].how);
			race[i].how.features[0] = i ? BIT(KVM_ARM_VCPU_EL1_32BIT) : 0;
			ASSERT_EQ(0, pthread_create(&threads[i], NULL, width_take, &race[i]));
		}
		for (i = 0; i < ARRAY_SIZE(race); i++)
			pthread_join(threads[i], NULL);
		EXPECT_NE(race[0].done, race[1].done);
		vm_destroy(vm);
	}
}

TEST_F(vcpu, mp_state)
{
	struct kvm_mp_state state = { .mp_state = ~0U };
	int fd = self->vcpu->fd;

	ASSERT_EQ(0, init(self));
	ASSERT_EQ(0, ioctl(fd, KVM_GET_MP_STATE, &state));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, state.mp_state);
	state.mp_state = KVM_MP_STATE_STOPPED;
	ASSERT_EQ(0, ioctl(fd, KVM_SET_MP_STATE, &state));
	state.mp_state = ~0U;
	ASSERT_EQ(0, ioctl(fd, KVM_GET_MP_STATE, &state));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
	/* what only other architectures know */
	state.mp_state = KVM_MP_STATE_HALTED;
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_SET_MP_STATE, &state));
	state.mp_state = ~0U;
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_SET_MP_STATE, &state));
	EXPECT_ERRNO(EFAULT, ioctl(fd, KVM_SET_MP_STATE, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, ioctl(fd, KVM_GET_MP_STATE, BAD_ADDRESS));
}

TEST_F(vcpu, powered_off_from_the_start)
{
	struct kvm_mp_state state;

	self->init.features[0] |= BIT(KVM_ARM_VCPU_POWER_OFF);
	ASSERT_EQ(0, init(self));
	ASSERT_EQ(0, ioctl(self->vcpu->fd, KVM_GET_MP_STATE, &state));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
}

TEST_F(vcpu, does_not_run_while_stopped)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_STOPPED };

	ASSERT_EQ(0, init(self));
	program_load(self->vm);
	program_enter(self->vcpu, guest_nothing, 0, 0, 0);
	vcpu_ioctl(self->vcpu, KVM_SET_MP_STATE, &state);
	alarm_every(100);
	EXPECT_ERRNO(EINTR, __vcpu_run(self->vcpu));
	alarm_every(0);
	EXPECT_EQ((u64)guest_start, reg_get(self->vcpu, REG_PC));
	state.mp_state = KVM_MP_STATE_RUNNABLE;
	vcpu_ioctl(self->vcpu, KVM_SET_MP_STATE, &state);
	program_finish(self->vcpu);
}

TEST_F(vcpu, signal_mask)
{
	struct {
		struct kvm_signal_mask head;
		u64 set;
	} mask = { .head.len = 8, .set = 1ULL << (SIGALRM - 1) };
	int fd = self->vcpu->fd;

	EXPECT_EQ(0, ioctl(fd, KVM_SET_SIGNAL_MASK, &mask));
	EXPECT_EQ(0, ioctl(fd, KVM_SET_SIGNAL_MASK, NULL));
	mask.head.len = 4;
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_SET_SIGNAL_MASK, &mask));
	mask.head.len = 16;
	EXPECT_ERRNO(EINVAL, ioctl(fd, KVM_SET_SIGNAL_MASK, &mask));
	EXPECT_ERRNO(EFAULT, ioctl(fd, KVM_SET_SIGNAL_MASK, BAD_ADDRESS));
}

TEST_F(vcpu, shared_page)
{
	int size = ioctl(self->vm->device_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *again = mmap(NULL, size, PROT_READ | PROT_WRITE,
				     MAP_SHARED, self->vcpu->fd, 0);

	ASSERT_NE(MAP_FAILED, (void *)again);
	self->vcpu->run->immediate_exit = 1;
	EXPECT_EQ(1, again->immediate_exit);
	EXPECT_EQ(0, munmap(again, size));
}

TEST_F(vcpu, unknown_ioctls)
{
	int error = unknown_ioctl_errno();

	EXPECT_ERRNO(error, ioctl(self->vcpu->fd, IOCTL_UNKNOWN, 0));
	/* the device's, and the VM's */
	EXPECT_ERRNO(error, ioctl(self->vcpu->fd, KVM_CREATE_VM, 0));
	EXPECT_ERRNO(error, ioctl(self->vcpu->fd, KVM_CREATE_VCPU, 0));
}

TEST_HARNESS_MAIN
