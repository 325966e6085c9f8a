/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fixture of tests that make a GIC step by step.
 */
#ifndef SELFTESTS_LIB_GIC_FIXTURE_H
#define SELFTESTS_LIB_GIC_FIXTURE_H

#include "gic_device.h"
#include "test.h"

FIXTURE(gic)
{
	struct vm *vm;
	int fd;
};

/* A GIC, and two vCPUs, the second of which was made before the first. */
FIXTURE_SETUP(gic)
{
	self->vm = vm_create();
	vcpu_add(self->vm, 1);
	vcpu_add(self->vm, 0);
	ASSERT_EQ(0, gic_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0, &self->fd));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(gic)
{
	close(self->fd);
	vm_destroy(self->vm);
}

#endif /* SELFTESTS_LIB_GIC_FIXTURE_H */
