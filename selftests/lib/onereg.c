// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's registers, one at a time.
 */
#include "onereg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"

int __reg_get(struct vcpu *vcpu, u64 id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)value };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg);
}

int __reg_set(struct vcpu *vcpu, u64 id, const void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)value };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

u64 reg_get(struct vcpu *vcpu, u64 id)
{
	u64 value = 0;

	if (__reg_get(vcpu, id, &value))
		fail("vCPU %u: cannot read register %#llx: %s", vcpu->id, id,
		     strerror(errno));
	return value;
}

void reg_set(struct vcpu *vcpu, u64 id, u64 value)
{
	if (__reg_set(vcpu, id, &value))
		fail("vCPU %u: cannot write register %#llx: %s", vcpu->id, id,
		     strerror(errno));
}

struct kvm_reg_list *reg_list(struct vcpu *vcpu)
{
	struct kvm_reg_list probe = { .n = 0 };
	struct kvm_reg_list *list;

	if (!ioctl(vcpu->fd, KVM_GET_REG_LIST, &probe) || errno != E2BIG)
		fail("KVM_GET_REG_LIST does not say how long it is");
	list = calloc(1, sizeof(*list) + probe.n * sizeof(list->reg[0]));
	if (!list)
		fail("out of memory");
	list->n = probe.n;
	vcpu_ioctl(vcpu, KVM_GET_REG_LIST, list);
	return list;
}
