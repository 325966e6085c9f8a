// SPDX-License-Identifier: GPL-2.0-only
/*
 * A timer that has fired, and that the guest moves to later before it has let its
 * interrupt in: there is none then, though no exit has told the host of the move.
 * And the price: nothing where the guest lets it in at once, and no exit where it does so
 * later and has not moved the timer.
 */
#include "../lib/counter.h"
#include "../lib/gic.h"
#include "../lib/test.h"
#include "../lib/timer_fixture.h"

#define TICKS		50
#define LATER		BIT(40)
#define OTHER_SGI	3

/* The guest's own */
static u64 taken, other_taken;

static void handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	/* The CPU may have been on its way here when the line went low. */
	if (intid == GIC_SPURIOUS)
		return;
	if (intid == timer_intid()) {
		GUEST_ASSERT_EQ(CTL_ENABLE | CTL_ISTATUS, timer_status());
		WRITE_ONCE(taken, taken + 1);
		timer_ctl(0);
	} else {
		GUEST_ASSERT_EQ(OTHER_SGI, intid);
		WRITE_ONCE(other_taken, other_taken + 1);
	}
	icc_write(ICC_EOIR1_EL1, intid);
}

static void let_in(void)
{
	guest_irq_enable();
	guest_irq_disable();
}

static void fire_and_move(void)
{
	timer_cval(timer_now() - 1);
	timer_ctl(CTL_ENABLE);
	timer_cval(timer_now() + LATER);
}

static void guest_moves(u64 which)
{
	u32 i;

	timer_init(which, handler);
	for (i = 0; i < TICKS; i++) {
		fire_and_move();
		let_in();
		GUEST_ASSERT_EQ(0, READ_ONCE(taken));
		/* and back: it has not been lost */
		timer_cval(timer_now() - 1);
		while (!READ_ONCE(taken))
			let_in();
		WRITE_ONCE(taken, 0);
	}
}

/* Another interrupt is there to be taken, of a lower priority. */
static void guest_moves_before_another(u64 which)
{
	u32 i;

	timer_init(which, handler);
	gic_priority(timer_intid(), 0x10);
	gic_priority(OTHER_SGI, 0x80);
	for (i = 0; i < TICKS; i++) {
		fire_and_move();
		gic_set(GICD_ISPENDR, OTHER_SGI);
		let_in();
		fire_and_move();
		let_in();
		GUEST_ASSERT_EQ(0, READ_ONCE(taken));
		GUEST_ASSERT_EQ(i + 1, READ_ONCE(other_taken));
		timer_ctl(0);
	}
}

/* It is masked by its priority, and not in PSTATE. */
static void guest_moves_below_pmr(u64 which)
{
	u32 i;

	timer_init(which, handler);
	gic_priority(timer_intid(), 0x80);
	guest_irq_enable();
	for (i = 0; i < TICKS; i++) {
		icc_write(ICC_PMR_EL1, 0x80);
		fire_and_move();
		icc_write(ICC_PMR_EL1, 0xf0);
		GUEST_ASSERT_EQ(0, READ_ONCE(taken));
		timer_ctl(0);
	}
}

/* By looking for it instead of being interrupted. */
static void guest_polls(u64 which)
{
	u32 i;

	timer_init(which, handler);
	for (i = 0; i < TICKS; i++) {
		fire_and_move();
		GUEST_ASSERT_EQ(GIC_SPURIOUS, icc_read(ICC_HPPIR1_EL1));
		fire_and_move();
		GUEST_ASSERT_EQ(GIC_SPURIOUS, icc_read(ICC_IAR1_EL1));
		timer_ctl(0);
	}
}

static void guest_lets_it_in(u64 which)
{
	u64 i;

	timer_init(which, handler);
	guest_irq_enable();
	guest_sync(0);
	for (i = 1; i <= TICKS; i++) {
		timer_tval(MS(1));
		timer_ctl(CTL_ENABLE);
		while (READ_ONCE(taken) < i)
			;
	}
	guest_sync(1);
}

/* It comes while interrupts are masked, and the timer stays as it is. */
static void guest_lets_it_in_later(u64 which)
{
	u64 i;

	timer_init(which, handler);
	guest_sync(0);
	for (i = 1; i <= TICKS; i++) {
		timer_cval(timer_now() - 1);
		timer_ctl(CTL_ENABLE);
		while (READ_ONCE(taken) < i)
			let_in();
	}
	guest_sync(1);
}

/* KVM delivers what the virtual timer was at the entry. */
static bool timer_is_late(unsigned int timer)
{
	return !device_is_setway() && timer == VIRTUAL;
}

TEST_F(timer, moved)
{
	if (timer_is_late(variant->timer))
		SKIP(return, "KVM delivers what it was at the entry");
	timer_run(self->vcpu, guest_moves, variant->timer);
}

TEST_F(timer, moved_before_another)
{
	if (timer_is_late(variant->timer))
		SKIP(return, "KVM delivers what it was at the entry");
	timer_run(self->vcpu, guest_moves_before_another, variant->timer);
}

TEST_F(timer, moved_below_pmr)
{
	if (timer_is_late(variant->timer))
		SKIP(return, "KVM delivers what it was at the entry");
	timer_run(self->vcpu, guest_moves_below_pmr, variant->timer);
}

TEST_F(timer, polled)
{
	if (timer_is_late(variant->timer))
		SKIP(return, "KVM delivers what it was at the entry");
	timer_run(self->vcpu, guest_polls, variant->timer);
}

TEST_F(timer, let_in_at_once)
{
	u64 exits;

	if (!counter_present(self->vcpu->vm))
		SKIP(return, "only setway counts exits");
	if (variant->timer == PHYSICAL)
		SKIP(return, "writing its registers is an exit");
	program_enter(self->vcpu, guest_lets_it_in, variant->timer, 0, 0);
	program_run_to(self->vcpu, 0);
	exits = counter_read_vcpu(self->vcpu, "exits_sysreg");
	program_run_to(self->vcpu, 1);
	/* But where the host's own tick comes in before its number is read. */
	EXPECT_GT(exits + TICKS / 2, counter_read_vcpu(self->vcpu, "exits_sysreg"));
}

/* The line is looked at for each, and the host is not asked. */
TEST_F(timer, let_in_later)
{
	u64 exits, answered;

	if (!counter_present(self->vcpu->vm))
		SKIP(return, "only setway counts exits");
	if (variant->timer == PHYSICAL)
		SKIP(return, "writing its registers is an exit");
	program_enter(self->vcpu, guest_lets_it_in_later, variant->timer, 0, 0);
	program_run_to(self->vcpu, 0);
	exits = counter_read_vcpu(self->vcpu, "exits_sysreg");
	answered = counter_read_vcpu(self->vcpu, "el2_sysreg");
	program_run_to(self->vcpu, 1);
	/* But where something is requested of the vCPU meanwhile. */
	EXPECT_GT(exits + TICKS / 2, counter_read_vcpu(self->vcpu, "exits_sysreg"));
	EXPECT_LT(answered + TICKS / 2, counter_read_vcpu(self->vcpu, "el2_sysreg"));
}

TEST_HARNESS_MAIN
