// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each vCPU has timers of its own, however many take turns on a CPU; and what their
 * registers hold.
 */
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

TEST_HARNESS_MAIN
