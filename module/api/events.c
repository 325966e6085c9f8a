// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_VCPU_EVENTS and KVM_SET_VCPU_EVENTS: a virtual SError that the guest has
 * not taken yet; and an external abort, which the guest takes at once for the
 * access that userspace could not answer.
 */
#include <linux/kvm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/esr.h>
#include <asm/kvm_arm.h>

#include "../trap/trap.h"
#include "../vcpu.h"
#include "api.h"

int vcpu_get_events(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_vcpu_events events = {
		.exception.serror_pending = !!(vcpu->el2.hcr_el2 & HCR_VSE),
		.exception.serror_has_esr = serror_has_syndrome(),
	};

	if (events.exception.serror_pending && events.exception.serror_has_esr)
		events.exception.serror_esr = vcpu->el2.vsesr_el2 & ESR_ELx_ISS_MASK;
	return copy_to_user(arg, &events, sizeof(events)) ? -EFAULT : 0;
}

static bool events_are_sane(const struct kvm_vcpu_events *events)
{
	if (memchr_inv(events->reserved, 0, sizeof(events->reserved)) ||
	    memchr_inv(events->exception.pad, 0, sizeof(events->exception.pad)))
		return false;
	if (!events->exception.serror_pending || !events->exception.serror_has_esr)
		return true;
	return serror_has_syndrome() && !(events->exception.serror_esr & ~ESR_ELx_ISS_MASK);
}

static void events_set_serror(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	inject_serror(vcpu, events->exception.serror_has_esr ? events->exception.serror_esr :
							       SERROR_SAYS_NOTHING);
}

int vcpu_set_events(struct vcpu *vcpu, const void __user *arg)
{
	struct kvm_vcpu_events events;

	if (copy_from_user(&events, arg, sizeof(events)))
		return -EFAULT;
	if (!events_are_sane(&events))
		return -EINVAL;
	if (events.exception.serror_pending)
		events_set_serror(vcpu, &events);
	if (events.exception.ext_dabt_pending) {
		/*
		 * The abort replaces the value of the load, and the guest does not go
		 * on behind the access.
		 */
		vcpu->mmio.pending = false;
		inject_external_abort(vcpu);
	}
	return 0;
}
