// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each vCPU has timers of its own, however many take turns on a CPU; what their
 * registers hold; and that a reset turns them off.
 */
#include <linux/psci.h>
#include <sched.h>

#include "../lib/test.h"
#include "../lib/timer.h"

#define VCPUS		3
#define ROUNDS		4
#define DUE(n)		(BIT(50) + (n))
#define LATE		1000
#define FAR		BIT(30)

FIXTURE(own)
{
	struct vm *vm;
	struct vcpu *vcpu[VCPUS];
};

FIXTURE_VARIANT(own)
{
	enum timer timer;
};

FIXTURE_VARIANT_ADD(own, virtual)
{
	.timer = VIRTUAL,
};

FIXTURE_VARIANT_ADD(own, physical)
{
	.timer = PHYSICAL,
};

/* All vCPUs of the VM have the same choice of timer. */
static void guest_keeps(u64 which, u64 due, u64 ctl)
{
	timer = which;
	timer_cval(due);
	timer_ctl(ctl);
	for (;;) {
		guest_sync(1);
		GUEST_ASSERT_EQ(due, timer_due());
		GUEST_ASSERT_EQ(ctl, timer_status());
	}
}

FIXTURE_SETUP(own)
{
	cpu_set_t one;
	unsigned int i;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	self->vm = vm_create();
	program_load(self->vm);
	for (i = 0; i < VCPUS; i++) {
		self->vcpu[i] = vcpu_add(self->vm, i);
		program_enter(self->vcpu[i], guest_keeps, variant->timer, DUE(i),
			      i % 2 ? CTL_ENABLE : CTL_IMASK);
	}
}

FIXTURE_TEARDOWN(own)
{
	vm_destroy(self->vm);
}

TEST_F(own, each_vcpu_has_its_own)
{
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < VCPUS; i++)
			program_run_to(self->vcpu[i], 1);
}

/* From now on, or back: TVAL has a sign. */
static void guest_is_late(u64 which)
{
	timer = which;
	timer_tval(-LATE);
	GUEST_ASSERT(timer_due() < timer_now());
	GUEST_ASSERT(timer_due() > timer_now() - 2 * FAR);
	timer_tval(FAR);
	GUEST_ASSERT(timer_due() > timer_now());
}

TEST_F(own, tval_has_a_sign)
{
	reg_set(self->vcpu[0], variant->timer == VIRTUAL ? KVM_REG_ARM_TIMER_CNT :
							     KVM_REG_ARM_PTIMER_CNT, BIT(60));
	program_enter(self->vcpu[0], guest_is_late, variant->timer, 0, 0);
	program_finish(self->vcpu[0]);
}

static void guest_finds_it_off(void)
{
	GUEST_ASSERT_EQ(0, timer_status() & (CTL_ENABLE | CTL_IMASK));
	GUEST_ASSERT_EQ(0, timer_due());
}

static void guest_goes_off(u64 which)
{
	timer = which;
	timer_cval(DUE(0));
	timer_ctl(CTL_ENABLE);
	guest_sync(1);
	guest_psci(PSCI_0_2_FN_CPU_OFF, 0, 0, 0);
}

static void guest_turns_the_other_on(void)
{
	guest_psci(PSCI_0_2_FN64_CPU_ON, 1, (u64)guest_start, (u64)guest_finds_it_off);
}

static bool is_off(struct vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state);
	return state.mp_state == KVM_MP_STATE_STOPPED;
}

TEST_F(own, reset_by_userspace_turns_it_off)
{
	struct vcpu *vcpu = self->vcpu[1];

	program_run_to(vcpu, 1);
	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	program_enter(vcpu, guest_finds_it_off, 0, 0, 0);
	program_finish(vcpu);
}

/* A CPU that comes back is out of reset. */
TEST_F(own, cpu_on_finds_it_off)
{
	struct vcpu *vcpu = self->vcpu[1];

	program_enter(vcpu, guest_goes_off, variant->timer, 0, 0);
	program_run_to(vcpu, 1);
	alarm_every(20);
	while (!is_off(vcpu))
		ASSERT_EQ(EINTR, ERRNO_OF(__vcpu_run(vcpu)));
	alarm_every(0);
	program_enter(self->vcpu[0], guest_turns_the_other_on, 0, 0, 0);
	program_finish(self->vcpu[0]);
	program_finish(vcpu);
}

TEST_HARNESS_MAIN
