// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM without a GIC: userspace has one of its own.  It is told when the line of a
 * timer changes, and drives the vCPU's own lines.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/alarm.h"
#include "../lib/gic.h"
#include "../lib/test.h"
#include "../lib/thread_work.h"
#include "../lib/timer.h"

enum stage { FIRED, HANDLED, TAKEN };

/* The guest */
static u64 taken;

static void timer_handler(u64 vector)
{
	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	GUEST_ASSERT_EQ(CTL_ENABLE | CTL_ISTATUS, timer_status());
	timer_ctl(0);
	WRITE_ONCE(taken, 1);
	guest_sync(HANDLED);
}

static void timer_start(u64 which, u64 delay)
{
	timer = which;
	guest_cpu()->interrupt = timer_handler;
	timer_tval(delay);
	timer_ctl(CTL_ENABLE);
}

static void spin(u64 which, u64 delay)
{
	timer_start(which, delay);
	guest_irq_enable();
	while (!READ_ONCE(taken))
		;
	guest_sync(TAKEN);
}

static void guest_spins(u64 which)
{
	spin(which, MS(5));
}

/* Again and again. */
static void guest_spins_briefly(u64 which)
{
	WRITE_ONCE(taken, 0);
	spin(which, MS(1) / 4);
}

static void guest_sleeps(u64 which)
{
	timer_start(which, MS(5));
	while (!READ_ONCE(taken))
		guest_wait();
	guest_sync(TAKEN);
}

static void guest_ignores(u64 which)
{
	timer_start(which, MS(5));
	while (!(timer_status() & CTL_ISTATUS))
		;
	guest_sync(FIRED);
	timer_ctl(0);
	guest_sync(TAKEN);
}

FIXTURE(user_irq)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(user_irq)
{
	enum timer timer;
	u64 line;
};

FIXTURE_VARIANT_ADD(user_irq, virtual)
{
	.timer = VIRTUAL,
	.line = KVM_ARM_DEV_EL1_VTIMER,
};

FIXTURE_VARIANT_ADD(user_irq, physical)
{
	.timer = PHYSICAL,
	.line = KVM_ARM_DEV_EL1_PTIMER,
};

FIXTURE_SETUP(user_irq)
{
	ASSERT_LT(0, device_capability(KVM_CAP_ARM_USER_IRQ));
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
}

FIXTURE_TEARDOWN(user_irq)
{
	vm_destroy(self->vm);
}

static void cpu_line(struct vm *vm, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT | KVM_ARM_IRQ_CPU_IRQ,
		.level = level,
	};

	vm_ioctl(vm, KVM_IRQ_LINE, &line);
}

/* There are other devices' bits as well. */
static u64 lines(const struct vcpu *vcpu)
{
	return vcpu->run->s.regs.device_irq_level &
	       (KVM_ARM_DEV_EL1_VTIMER | KVM_ARM_DEV_EL1_PTIMER);
}

/* KVM_RUN returns because a line has changed, and for nothing else. */
static void expect_lines(struct __test_metadata *_metadata, struct vcpu *vcpu, u64 expected)
{
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_EQ(KVM_EXIT_INTR, vcpu->run->exit_reason);
	EXPECT_EQ(expected, lines(vcpu));
}

/* What a GIC would do: the line goes to the vCPU, and away with the timer. */
static void expect_delivery(struct __test_metadata *_metadata, struct vcpu *vcpu, u64 line)
{
	expect_lines(_metadata, vcpu, line);
	cpu_line(vcpu->vm, true);
	program_run_to(vcpu, HANDLED);
	EXPECT_EQ(0, lines(vcpu));
	cpu_line(vcpu->vm, false);
	program_run_to(vcpu, TAKEN);
}

TEST_F(user_irq, while_the_guest_runs)
{
	program_enter(self->vcpu, guest_spins, variant->timer, 0, 0);
	expect_delivery(_metadata, self->vcpu, variant->line);
}

TEST_F(user_irq, while_the_guest_waits)
{
	program_enter(self->vcpu, guest_sleeps, variant->timer, 0, 0);
	expect_delivery(_metadata, self->vcpu, variant->line);
}

/* Known to userspace, it is no news: the guest runs on. */
TEST_F(user_irq, told_once)
{
	program_enter(self->vcpu, guest_ignores, variant->timer, 0, 0);
	expect_lines(_metadata, self->vcpu, variant->line);
	EXPECT_EQ(0, __vcpu_run(self->vcpu));
	EXPECT_EQ(KVM_EXIT_MMIO, self->vcpu->run->exit_reason);
	EXPECT_EQ(variant->line, lines(self->vcpu));
	program_run_to(self->vcpu, TAKEN);
	EXPECT_EQ(0, lines(self->vcpu));
}

/* Userspace that has forgotten is told again, and sees that the line is high. */
TEST_F(user_irq, told_again)
{
	program_enter(self->vcpu, guest_ignores, variant->timer, 0, 0);
	expect_lines(_metadata, self->vcpu, variant->line);
	self->vcpu->run->s.regs.device_irq_level = 0;
	expect_lines(_metadata, self->vcpu, variant->line);
	self->vcpu->run->s.regs.device_irq_level = ~0ULL;
	expect_lines(_metadata, self->vcpu, variant->line);
	program_run_to(self->vcpu, FIRED);
}

/* All the time, but no longer than there is a parent. */
static void child_gives_work(int parent)
{
	while (getppid() == parent)
		thread_work_for_parent();
	_exit(0);
}

/*
 * KVM_RUN is started again, for work that the kernel has for the thread, when the line has
 * just become high: that is still to be told.
 */
TEST_F(user_irq, told_after_a_restart)
{
	enum { ROUNDS = 200, PATIENCE_MS = 10000 };
	unsigned int round, alarms = alarm_count();
	int child, parent = getpid();

	if (!thread_work_possible("setway_user_irq"))
		SKIP(return, "no keyrings");
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		child_gives_work(parent);
	for (round = 0; round < ROUNDS && alarms == alarm_count(); round++) {
		alarm_every(PATIENCE_MS);
		program_enter(self->vcpu, guest_spins_briefly, variant->timer, 0, 0);
		expect_delivery(_metadata, self->vcpu, variant->line);
	}
	alarm_every(0);
	EXPECT_EQ(alarms, alarm_count())
		TH_LOG("round %u: the line was not told", round);
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
}

/* With a GIC in the kernel there is nothing to tell. */
TEST_F(user_irq, not_with_a_gic)
{
	gic_create(self->vm);
	program_enter(self->vcpu, guest_ignores, variant->timer, 0, 0);
	EXPECT_EQ(0, __vcpu_run(self->vcpu));
	EXPECT_EQ(KVM_EXIT_MMIO, self->vcpu->run->exit_reason);
	EXPECT_EQ(0, lines(self->vcpu));
}

TEST_HARNESS_MAIN
