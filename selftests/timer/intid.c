// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_ARM_VCPU_TIMER_CTRL: userspace chooses the timers' interrupts.
 */
#include "../lib/gic.h"
#include "../lib/test.h"
#include "../lib/timer.h"

#define CHOSEN	20

static u32 chosen;
static u64 taken;

static void chosen_handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	GUEST_ASSERT_EQ(chosen, intid);
	timer_ctl(0);
	WRITE_ONCE(taken, 1);
	icc_write(ICC_EOIR1_EL1, intid);
}

static void guest_has_chosen(u64 which, u64 intid)
{
	timer = which;
	chosen = intid;
	guest_gic_init(chosen_handler);
	gic_set(GICD_ISENABLER, intid);
	timer_tval(MS(2));
	timer_ctl(CTL_ENABLE);
	while (!READ_ONCE(taken))
		guest_wait();
}

static int timer_intid_set(struct vcpu *vcpu, u64 attr, u32 intid)
{
	return gic_attr(vcpu->fd, KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_TIMER_CTRL, attr, &intid);
}

static int timer_intid_get(struct vcpu *vcpu, u64 attr, u32 *intid)
{
	return gic_attr(vcpu->fd, KVM_GET_DEVICE_ATTR, KVM_ARM_VCPU_TIMER_CTRL, attr, intid);
}

FIXTURE(intid)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(intid)
{
	enum timer timer;
	u64 attr;
	u32 was;
};

FIXTURE_VARIANT_ADD(intid, virtual)
{
	.timer = VIRTUAL,
	.attr = KVM_ARM_VCPU_TIMER_IRQ_VTIMER,
	.was = GIC_PPI_VTIMER,
};

FIXTURE_VARIANT_ADD(intid, physical)
{
	.timer = PHYSICAL,
	.attr = KVM_ARM_VCPU_TIMER_IRQ_PTIMER,
	.was = GIC_PPI_PTIMER,
};

FIXTURE_SETUP(intid)
{
	self->vcpu = timer_vcpu();
}

FIXTURE_TEARDOWN(intid)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(intid, can_be_chosen)
{
	u64 attr = variant->attr;
	u32 intid;

	EXPECT_EQ(0, timer_intid_get(self->vcpu, attr, &intid));
	EXPECT_EQ(variant->was, intid);
	EXPECT_ERRNO(EINVAL, timer_intid_set(self->vcpu, attr, 15));
	EXPECT_ERRNO(EINVAL, timer_intid_set(self->vcpu, attr, 32));
	EXPECT_ERRNO(ENXIO, timer_intid_set(self->vcpu, 2, CHOSEN));
	ASSERT_EQ(0, timer_intid_set(self->vcpu, attr, CHOSEN));
	EXPECT_EQ(0, timer_intid_get(self->vcpu, attr, &intid));
	EXPECT_EQ(CHOSEN, intid);
	program_enter(self->vcpu, guest_has_chosen, variant->timer, CHOSEN, 0);
	program_finish(self->vcpu);
	EXPECT_ERRNO(EBUSY, timer_intid_set(self->vcpu, attr, CHOSEN + 1));
}

TEST(must_differ)
{
	struct vcpu *vcpu = vcpu_add(vm_create(), 0);

	gic_create(vcpu->vm);
	program_load(vcpu->vm);
	ASSERT_EQ(0, timer_intid_set(vcpu, KVM_ARM_VCPU_TIMER_IRQ_VTIMER, CHOSEN));
	ASSERT_EQ(0, timer_intid_set(vcpu, KVM_ARM_VCPU_TIMER_IRQ_PTIMER, CHOSEN));
	program_enter(vcpu, guest_has_chosen, VIRTUAL, CHOSEN, 0);
	EXPECT_ERRNO(EINVAL, __vcpu_run(vcpu));
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
