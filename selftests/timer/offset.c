// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_ARM_SET_COUNTER_OFFSET: userspace says what the guest's counters are behind the
 * host's, of all vCPUs and both timers at once, rather than what they show.
 */
#include "../lib/runner.h"
#include "../lib/test.h"
#include "../lib/timer.h"

#ifndef KVM_CAP_COUNTER_OFFSET	/* Linux 6.4 */
#define KVM_CAP_COUNTER_OFFSET	227
#endif

struct counter_offset {
	u64 offset;
	u64 reserved;
};

#define SET_OFFSET	_IOW(KVMIO, 0xb5, struct counter_offset)
#define FAR		BIT(60)

static int offset_set(struct vm *vm, u64 offset)
{
	struct counter_offset argument = { .offset = offset };

	return ioctl(vm->fd, SET_OFFSET, &argument);
}

static u64 virtual_count(struct vcpu *vcpu)
{
	return reg_get(vcpu, KVM_REG_ARM_TIMER_CNT);
}

static u64 physical_count(struct vcpu *vcpu)
{
	return reg_get(vcpu, KVM_REG_ARM_PTIMER_CNT);
}

/* The virtual count is between two physical ones: they count alike. */
static void guest_counts(void)
{
	u64 before, after, count;

	for (;;) {
		timer = PHYSICAL;
		before = timer_now();
		timer = VIRTUAL;
		count = timer_now();
		timer = PHYSICAL;
		after = timer_now();
		GUEST_ASSERT(before <= count);
		GUEST_ASSERT(count <= after);
		guest_sync(count);
	}
}

FIXTURE(offset)
{
	struct vcpu *vcpu;
	struct vm *vm;
};

FIXTURE_SETUP(offset)
{
	self->vcpu = program_vcpu(guest_counts);
	self->vm = self->vcpu->vm;
	/* KVM has it from Linux 6.4 on */
	ASSERT_EQ(1, device_capability(KVM_CAP_COUNTER_OFFSET));
}

FIXTURE_TEARDOWN(offset)
{
	vm_destroy(self->vm);
}

TEST_F(offset, is_of_both_counters)
{
	u64 host = physical_count(self->vcpu), count;
	struct ucall ucall;

	ASSERT_EQ(0, offset_set(self->vm, host));
	count = virtual_count(self->vcpu);
	EXPECT_GT(FAR, count);
	EXPECT_LE(count, physical_count(self->vcpu));
	program_run(self->vcpu, &ucall);
	EXPECT_LE(count, ucall.args[0]);
	EXPECT_GT(FAR, ucall.args[0]);

	/* ahead of the host's is an offset below 0, and it can change */
	ASSERT_EQ(0, offset_set(self->vm, host - FAR));
	count = virtual_count(self->vcpu);
	EXPECT_LE(FAR, count);
	EXPECT_LE(count, physical_count(self->vcpu));
	program_run(self->vcpu, &ucall);
	EXPECT_LE(count, ucall.args[0]);

	/* 0 is the host's count */
	ASSERT_EQ(0, offset_set(self->vm, 0));
	EXPECT_LE(host, virtual_count(self->vcpu));
	EXPECT_GT(FAR, virtual_count(self->vcpu));
}

TEST_F(offset, is_of_all_vcpus)
{
	struct vcpu *other = vcpu_add(self->vm, 1);
	u64 host = physical_count(self->vcpu);

	ASSERT_EQ(0, offset_set(self->vm, host - FAR));
	EXPECT_LE(FAR, virtual_count(other));
	EXPECT_LE(FAR, physical_count(other));
	EXPECT_LE(FAR, virtual_count(vcpu_add(self->vm, 2)));
}

/* The counters that were saved with the other registers are no news then. */
TEST_F(offset, stays_when_counters_are_written)
{
	u64 host = physical_count(self->vcpu);

	reg_set(self->vcpu, KVM_REG_ARM_TIMER_CNT, 2 * FAR);
	reg_set(self->vcpu, KVM_REG_ARM_PTIMER_CNT, 3 * FAR);
	EXPECT_LE(2 * FAR, virtual_count(self->vcpu));
	EXPECT_LE(3 * FAR, physical_count(self->vcpu));

	ASSERT_EQ(0, offset_set(self->vm, host));
	reg_set(self->vcpu, KVM_REG_ARM_TIMER_CNT, 2 * FAR);
	reg_set(self->vcpu, KVM_REG_ARM_PTIMER_CNT, 3 * FAR);
	EXPECT_GT(FAR, virtual_count(self->vcpu));
	EXPECT_GT(FAR, physical_count(self->vcpu));
}

TEST_F(offset, refused)
{
	struct counter_offset argument = { .offset = -FAR, .reserved = 1 };

	EXPECT_ERRNO(EINVAL, ioctl(self->vm->fd, SET_OFFSET, &argument));
	EXPECT_ERRNO(EFAULT, ioctl(self->vm->fd, SET_OFFSET, NULL));
	EXPECT_GT(FAR, virtual_count(self->vcpu));
	/* which did not fix the counters either */
	reg_set(self->vcpu, KVM_REG_ARM_TIMER_CNT, FAR);
	EXPECT_LE(FAR, virtual_count(self->vcpu));
}

static void guest_stays(void)
{
	guest_sync(1);
	for (;;)
		asm volatile("wfi");
}

TEST_F(offset, while_a_vcpu_runs)
{
	struct runner runner;

	vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	program_enter(self->vcpu, guest_stays, 0, 0, 0);
	program_run_to(self->vcpu, 1);
	runner_start(&runner, self->vcpu);
	runner_wait_asleep(&runner);
	EXPECT_ERRNO(EBUSY, offset_set(self->vm, 0));
	EXPECT_EQ(EINTR, runner_stop(&runner));
}

/* Timers go by it: those that were set before as well. */
static void guest_waits_for_both(void)
{
	for (timer = VIRTUAL; timer <= PHYSICAL; timer++) {
		timer_cval(FAR);
		timer_ctl(CTL_ENABLE | CTL_IMASK);
		GUEST_ASSERT_EQ(CTL_ENABLE | CTL_IMASK, timer_status());
	}
	guest_sync(1);
	for (timer = VIRTUAL; timer <= PHYSICAL; timer++)
		GUEST_ASSERT_EQ(CTL_ENABLE | CTL_IMASK | CTL_ISTATUS, timer_status());
}

TEST_F(offset, timers_go_by_it)
{
	u64 host = physical_count(self->vcpu);

	vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	program_enter(self->vcpu, guest_waits_for_both, 0, 0, 0);
	program_run_to(self->vcpu, 1);
	ASSERT_EQ(0, offset_set(self->vm, host - FAR));
	program_finish(self->vcpu);
}

TEST_HARNESS_MAIN
