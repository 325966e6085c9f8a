// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that does one thing at a time.
 */
#include "puppet.h"

#include "onereg.h"
#include "program.h"
#include "tracking.h"

/* Where the orders are, besides the value. */
#define PUPPET_ORDER	REG_X(1)
#define PUPPET_IPA	REG_X(2)
#define PUPPET_VALUE	REG_X(0)

static void __own_page guest_puppet(void)
{
	register u64 value asm("x0") = 0;
	register u64 order asm("x1");
	register u64 ipa asm("x2");
	u64 ucall = GUEST_UCALL_BASE + UCALL_SYNC * sizeof(u64);

	for (;;) {
		asm volatile("str %0, [%3]"
			     : "+r" (value), "=r" (order), "=r" (ipa)
			     : "r" (ucall) : "memory");
		if (order == PUPPET_READ)
			value = guest_read(ipa);
		else if (order == PUPPET_WRITE)
			guest_write(ipa, value);
		else
			guest_flush(GUEST_CISW, 0);
	}
}

void puppet_start(struct vcpu *vcpu)
{
	program_enter(vcpu, guest_puppet, 0, 0, 0);
	puppet_obey(vcpu);
}

void puppet_order(struct vcpu *vcpu, enum puppet_order order, u64 ipa, u64 value)
{
	reg_set(vcpu, PUPPET_ORDER, order);
	reg_set(vcpu, PUPPET_IPA, ipa);
	reg_set(vcpu, PUPPET_VALUE, value);
}

u64 puppet_obey(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	return ucall.args[0];
}

u64 puppet_read(struct vcpu *vcpu, u64 ipa)
{
	puppet_order(vcpu, PUPPET_READ, ipa, 0);
	return puppet_obey(vcpu);
}

void puppet_write(struct vcpu *vcpu, u64 ipa, u64 value)
{
	puppet_order(vcpu, PUPPET_WRITE, ipa, value);
	puppet_obey(vcpu);
}

void puppet_flush(struct vcpu *vcpu)
{
	puppet_order(vcpu, PUPPET_FLUSH, 0, 0);
	puppet_obey(vcpu);
}
