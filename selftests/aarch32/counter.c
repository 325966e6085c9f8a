// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters of a 32-bit guest: it reads them itself, or it traps, and they are what
 * userspace has set.
 */
#include "../lib/program32.h"
#include "../lib/test.h"

#define MMIO_BASE	0x0a000000UL

/* Supervisor mode; SErrors, IRQs and FIQs masked (ARM DDI 0487J.a, C5.2.19). */
#define PSTATE_SVC_AIF	(0x13 | 0x1c0)

#define FAR		BIT(60)

GUEST32(counters);

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

FIXTURE(counter)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(counter)
{
	self->vm = vm_create();
	program32_load(self->vm);
	self->vcpu = program32_add(self->vm, 0);
	reg_set(self->vcpu, REG_X(3), MMIO_BASE);
	reg_set(self->vcpu, REG_PC, (u64)guest32_counters);
	reg_set(self->vcpu, REG_PSTATE, PSTATE_SVC_AIF);
}

FIXTURE_TEARDOWN(counter)
{
	vm_destroy(self->vm);
}

static u64 next_word(struct vcpu *vcpu)
{
	u32 word;

	if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
		fail("exit %u", vcpu->run->exit_reason);
	memcpy(&word, vcpu->run->mmio.data, sizeof(word));
	return word;
}

static u64 next_counter(struct vcpu *vcpu)
{
	u64 high = next_word(vcpu);

	return high << 32 | next_word(vcpu);
}

TEST_F(counter, as_userspace_sets_them)
{
	u64 before = reg_get(self->vcpu, KVM_REG_ARM_PTIMER_CNT);

	EXPECT_LE(before, next_counter(self->vcpu));
	EXPECT_GT(FAR, next_counter(self->vcpu));

	reg_set(self->vcpu, KVM_REG_ARM_PTIMER_CNT, FAR);
	before = next_counter(self->vcpu);
	EXPECT_LE(FAR, before);
	EXPECT_GT(2 * FAR, before);
	/* the other half of it is there as well, and time goes on */
	EXPECT_GT(FAR, next_counter(self->vcpu));
	EXPECT_LT(before, next_counter(self->vcpu));

	reg_set(self->vcpu, KVM_REG_ARM_TIMER_CNT, 2 * FAR);
	EXPECT_LE(2 * FAR, next_counter(self->vcpu));
}

TEST_HARNESS_MAIN
