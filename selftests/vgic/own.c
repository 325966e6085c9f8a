// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each vCPU has a CPU interface of its own, however many take turns on a CPU: what
 * one has acknowledged is not active for another.
 */
#include <sched.h>

#include "../lib/gic.h"
#include "../lib/test.h"

#define VCPUS		3
#define SGI		5
#define IDLE		0xff		/* running priority */

enum stage {
	ACKNOWLEDGED = 1,
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

TEST(active_priorities)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu[VCPUS];
	cpu_set_t one;
	unsigned int i;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	program_load(vm);
	for (i = 0; i < VCPUS; i++)
		vcpu[i] = vcpu_add(vm, i);
	gic_create(vm);
	for (i = 0; i < VCPUS; i++)
		program_enter(vcpu[i], guest_acknowledges, 0, 0, 0);
	for (i = 0; i < VCPUS; i++)
		program_run_to(vcpu[i], ACKNOWLEDGED);
	for (i = 0; i < VCPUS; i++)
		program_run_to(vcpu[i], ENDED);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
