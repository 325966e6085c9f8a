// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each vCPU has a CPU interface of its own, however many take turns on a CPU: what
 * one has acknowledged is not active for another, what is pending for one not pending
 * for another.
 */
#include <sched.h>

#include "../lib/gic.h"
#include "../lib/test.h"

#define VCPUS		3
#define SGI		5
#define IDLE		0xff		/* running priority */

enum stage {
	PENDING = 1,
	ACKNOWLEDGED,
	ENDED,
};

static void unexpected(u64 vector)
{
	GUEST_ASSERT_EQ(0, vector);
}

/* Interrupts stay masked in PSTATE: they are asked for. */
static void guest_acknowledges(void)
{
	guest_gic_init(unexpected);
	GUEST_ASSERT_EQ(IDLE, icc_read(ICC_RPR_EL1));
	icc_write(ICC_SGI1R_EL1, gic_sgi_to(guest_vcpu_id(), SGI));
	GUEST_ASSERT_EQ(SGI, icc_read(ICC_IAR1_EL1));
	GUEST_ASSERT(icc_read(ICC_RPR_EL1) != IDLE);
	guest_sync(ACKNOWLEDGED);
	GUEST_ASSERT(icc_read(ICC_RPR_EL1) != IDLE);
	icc_write(ICC_EOIR1_EL1, SGI);
	GUEST_ASSERT_EQ(IDLE, icc_read(ICC_RPR_EL1));
	guest_sync(ENDED);
}

static void guest_has_one_pending(void)
{
	guest_gic_init(unexpected);
	icc_write(ICC_SGI1R_EL1, gic_sgi_to(guest_vcpu_id(), SGI));
	guest_sync(PENDING);
	GUEST_ASSERT_EQ(SGI, icc_read(ICC_HPPIR1_EL1));
}

static void guest_has_none_pending(void)
{
	guest_gic_init(unexpected);
	GUEST_ASSERT_EQ(GIC_SPURIOUS, icc_read(ICC_HPPIR1_EL1));
}

FIXTURE(own)
{
	struct vm *vm;
	struct vcpu *vcpu[VCPUS];
	int gic;
};

FIXTURE_SETUP(own)
{
	cpu_set_t one;
	unsigned int i;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	self->vm = vm_create();
	program_load(self->vm);
	for (i = 0; i < VCPUS; i++)
		self->vcpu[i] = vcpu_add(self->vm, i);
	self->gic = gic_create(self->vm);
}

FIXTURE_TEARDOWN(own)
{
	close(self->gic);
	vm_destroy(self->vm);
}

TEST_F(own, active_priorities)
{
	unsigned int i;

	for (i = 0; i < VCPUS; i++)
		program_enter(self->vcpu[i], guest_acknowledges, 0, 0, 0);
	for (i = 0; i < VCPUS; i++)
		program_run_to(self->vcpu[i], ACKNOWLEDGED);
	for (i = 0; i < VCPUS; i++)
		program_run_to(self->vcpu[i], ENDED);
}

TEST_F(own, pending_interrupts)
{
	program_enter(self->vcpu[0], guest_has_one_pending, 0, 0, 0);
	program_enter(self->vcpu[1], guest_has_none_pending, 0, 0, 0);
	program_run_to(self->vcpu[0], PENDING);
	program_finish(self->vcpu[1]);
	program_finish(self->vcpu[0]);
}

TEST_HARNESS_MAIN
