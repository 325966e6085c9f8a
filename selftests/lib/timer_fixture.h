/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fixture of tests that each of the timers is to pass: one vCPU, and the timer that
 * its guest is to use.
 */
#ifndef SELFTESTS_LIB_TIMER_FIXTURE_H
#define SELFTESTS_LIB_TIMER_FIXTURE_H

#include "test.h"
#include "timer.h"
#include "vm.h"

FIXTURE(timer)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(timer)
{
	enum timer timer;
};

FIXTURE_VARIANT_ADD(timer, virtual)
{
	.timer = VIRTUAL,
};

FIXTURE_VARIANT_ADD(timer, physical)
{
	.timer = PHYSICAL,
};

FIXTURE_SETUP(timer)
{
	self->vcpu = timer_vcpu();
}

FIXTURE_TEARDOWN(timer)
{
	vm_destroy(self->vcpu->vm);
}

#endif /* SELFTESTS_LIB_TIMER_FIXTURE_H */
