// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's device attributes: the timers' interrupts, and where the guest is told
 * of stolen time.  There is no PMU.
 */
#include <linux/kvm.h>
#include <linux/sched/stat.h>
#include <linux/uaccess.h>

#include "../firmware/smccc.h"
#include "../timer/timer.h"
#include "../vcpu.h"
#include "api.h"

static int timer_set(struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	int intid;

	if (get_user(intid, (int __user *)(uintptr_t)attr->addr))
		return -EFAULT;
	return timer_set_attr(vcpu, attr->attr, intid);
}

static int timer_get(struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	u32 intid;
	int ret = timer_get_attr(vcpu, attr->attr, &intid);

	return ret ?: put_user((int)intid, (int __user *)(uintptr_t)attr->addr);
}

static int timer_has(const struct kvm_device_attr *attr)
{
	return attr->attr == KVM_ARM_VCPU_TIMER_IRQ_VTIMER ||
	       attr->attr == KVM_ARM_VCPU_TIMER_IRQ_PTIMER ? 0 : -ENXIO;
}

static int stolen_has(const struct kvm_device_attr *attr)
{
	return attr->attr == KVM_ARM_VCPU_PVTIME_IPA && sched_info_on() ? 0 : -ENXIO;
}

static int stolen_set(struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	u64 ipa;

	if (stolen_has(attr))
		return -ENXIO;
	if (get_user(ipa, (u64 __user *)(uintptr_t)attr->addr))
		return -EFAULT;
	return pvtime_set(vcpu, ipa);
}

static int stolen_get(struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	if (stolen_has(attr))
		return -ENXIO;
	return put_user(pvtime_get(vcpu), (u64 __user *)(uintptr_t)attr->addr);
}

static int attr_set(struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_ARM_VCPU_TIMER_CTRL:
		return timer_set(vcpu, attr);
	case KVM_ARM_VCPU_PVTIME_CTRL:
		return stolen_set(vcpu, attr);
	default:
		return -ENXIO;
	}
}

static int attr_get(struct vcpu *vcpu, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_ARM_VCPU_TIMER_CTRL:
		return timer_get(vcpu, attr);
	case KVM_ARM_VCPU_PVTIME_CTRL:
		return stolen_get(vcpu, attr);
	default:
		return -ENXIO;
	}
}

static int attr_has(const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_ARM_VCPU_TIMER_CTRL:
		return timer_has(attr);
	case KVM_ARM_VCPU_PVTIME_CTRL:
		return stolen_has(attr);
	default:
		return -ENXIO;
	}
}

int vcpu_attr(struct vcpu *vcpu, unsigned int cmd, const void __user *arg)
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, arg, sizeof(attr)))
		return -EFAULT;
	switch (cmd) {
	case KVM_SET_DEVICE_ATTR:
		return attr_set(vcpu, &attr);
	case KVM_GET_DEVICE_ATTR:
		return attr_get(vcpu, &attr);
	default:
		return attr_has(&attr);
	}
}
