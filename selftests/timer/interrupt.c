// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's timers and their interrupts: the virtual timer, which is the
 * CPU's own, and the physical one, which is emulated, must look alike.
 */
#include <pthread.h>

#include "../lib/counter.h"
#include "../lib/gic.h"
#include "../lib/test.h"
#include "../lib/timer_fixture.h"

#define TICKS		50
#define FAR		BIT(40)

/* The guest's own: what the handler is to do. */
static u64 taken, again;
static bool deactivate_apart;

/* Turns the timer off, unless it is to come again first. */
static void timer_handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	/* The line may have gone low in the meantime. */
	if (intid == GIC_SPURIOUS)
		return;
	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	GUEST_ASSERT_EQ(timer_intid(), intid);
	GUEST_ASSERT_EQ(CTL_ENABLE | CTL_ISTATUS, timer_status());
	WRITE_ONCE(taken, READ_ONCE(taken) + 1);
	if (again)
		again--;
	else
		timer_ctl(0);
	icc_write(ICC_EOIR1_EL1, intid);
	if (deactivate_apart)
		icc_write(ICC_DIR_EL1, intid);
}

static void spin(u64 ticks)
{
	u64 end = timer_now() + ticks;

	while (timer_now() < end)
		;
}

/* Longer than any test takes: it is the host's CPUs that make it long. */
static void spin_until_taken(u64 count)
{
	u64 end = timer_now() + MS(20000);

	while (READ_ONCE(taken) < count && timer_now() < end)
		;
	GUEST_ASSERT_EQ(count, READ_ONCE(taken));
}

/* An emulated CPU may see it a little later than it is due. */
static void spin_until_fired(void)
{
	u64 end = timer_now() + MS(20000);

	while (!(timer_status() & CTL_ISTATUS))
		GUEST_ASSERT(timer_now() < end);
}

static void guest_fires(u64 which)
{
	timer_init(which, timer_handler);
	guest_irq_enable();
	timer_tval(MS(5));
	timer_ctl(CTL_ENABLE);
	spin_until_taken(1);
	spin(MS(20));
	GUEST_ASSERT_EQ(1, READ_ONCE(taken));
}

static void guest_wakes(u64 which)
{
	u64 i, due;

	timer_init(which, timer_handler);
	for (i = 1; i <= TICKS; i++) {
		due = timer_now() + MS(3);
		timer_cval(due);
		timer_ctl(CTL_ENABLE);
		while (READ_ONCE(taken) < i)
			guest_wait();
		GUEST_ASSERT(timer_now() >= due);
	}
	GUEST_ASSERT_EQ(TICKS, READ_ONCE(taken));
}

/* In the past when it is turned on: at once. */
static void guest_is_late(u64 which)
{
	u64 i;

	timer_init(which, timer_handler);
	for (i = 1; i <= TICKS; i++) {
		timer_cval(timer_now() - i % 2);
		timer_ctl(CTL_ENABLE);
		guest_irq_enable();
		spin_until_taken(i);
		guest_irq_disable();
	}
}

static void guest_is_masked(u64 which)
{
	timer_init(which, timer_handler);
	guest_irq_enable();
	timer_tval(MS(2));
	timer_ctl(CTL_ENABLE | CTL_IMASK);
	spin_until_fired();
	spin(MS(10));
	GUEST_ASSERT_EQ(CTL_ENABLE | CTL_IMASK | CTL_ISTATUS, timer_status());
	GUEST_ASSERT_EQ(0, READ_ONCE(taken));
	timer_ctl(CTL_ENABLE);
	spin_until_taken(1);
}

/* The line stays high, so the interrupt comes again until the timer is off. */
static void guest_comes_again(u64 which)
{
	timer_init(which, timer_handler);
	again = TICKS - 1;
	timer_tval(MS(2));
	timer_ctl(CTL_ENABLE);
	guest_irq_enable();
	spin_until_taken(TICKS);
	spin(MS(20));
	GUEST_ASSERT_EQ(TICKS, READ_ONCE(taken));
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, timer_intid()));
	GUEST_ASSERT(!gic_get(GICD_ISACTIVER, timer_intid()));
}

static void guest_deactivates_apart(u64 which)
{
	icc_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	deactivate_apart = true;
	guest_comes_again(which);
}

/* The GIC shows the line, whether or not it may pass the interrupt on. */
static void guest_is_disabled(u64 which)
{
	timer_init(which, timer_handler);
	gic_set(GICD_ICENABLER, timer_intid());
	guest_irq_enable();
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, timer_intid()));
	timer_tval(MS(2));
	timer_ctl(CTL_ENABLE);
	spin_until_fired();
	GUEST_ASSERT(gic_get(GICD_ISPENDR, timer_intid()));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken));

	timer_ctl(0);
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, timer_intid()));
	timer_ctl(CTL_ENABLE);
	GUEST_ASSERT(gic_get(GICD_ISPENDR, timer_intid()));
	gic_set(GICD_ISENABLER, timer_intid());
	spin_until_taken(1);
}

/*
 * The line follows the registers at once: what the GIC shows is not what the host
 * saw when the guest last left.  So the guest must not leave in between, not even
 * to look up where the GIC shows it.
 */
static void guest_line_is_live(u64 which)
{
	u64 pending;
	u32 i, bit;

	timer_init(which, timer_handler);
	pending = gic_reg(GICD_ISPENDR, timer_intid());
	bit = BIT(timer_intid());
	gic_set(GICD_ICENABLER, timer_intid());
	for (i = 0; i < TICKS; i++) {
		timer_cval(timer_now() - 1);
		timer_ctl(CTL_ENABLE);
		GUEST_ASSERT(gic_read(pending) & bit);
		timer_ctl(0);
		GUEST_ASSERT(!(gic_read(pending) & bit));
		timer_ctl(CTL_ENABLE);
		spin(MS(1));
		timer_ctl(CTL_ENABLE | CTL_IMASK);
		GUEST_ASSERT(!(gic_read(pending) & bit));
		timer_ctl(CTL_ENABLE);
		spin(MS(1));
		timer_cval(timer_now() + MS(60000));
		GUEST_ASSERT(!(gic_read(pending) & bit));
	}
	timer_ctl(0);
}

/* What has fired and is not taken yet goes away with the timer. */
static void guest_goes_away(u64 which)
{
	timer_init(which, timer_handler);
	timer_tval(MS(2));
	timer_ctl(CTL_ENABLE);
	spin_until_fired();
	timer_ctl(0);
	/* An exit, at which the host can see that. */
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, timer_intid()));
	guest_irq_enable();
	spin(MS(20));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken));
}

/* A guest that does not take its interrupt keeps the host's CPU, and no more. */
static void guest_ignores(u64 which)
{
	timer_init(which, timer_handler);
	timer_tval(MS(1));
	timer_ctl(CTL_ENABLE);
	spin(MS(10));
	guest_sync(0);
	spin(MS(200));
	guest_sync(1);
}

TEST_F(timer, fires)
{
	timer_run(self->vcpu, guest_fires, variant->timer);
}

TEST_F(timer, wakes)
{
	timer_run(self->vcpu, guest_wakes, variant->timer);
}

TEST_F(timer, is_late)
{
	timer_run(self->vcpu, guest_is_late, variant->timer);
}

TEST_F(timer, is_masked)
{
	timer_run(self->vcpu, guest_is_masked, variant->timer);
}

TEST_F(timer, comes_again)
{
	timer_run(self->vcpu, guest_comes_again, variant->timer);
}

TEST_F(timer, deactivates_apart)
{
	timer_run(self->vcpu, guest_deactivates_apart, variant->timer);
}

TEST_F(timer, is_disabled)
{
	timer_run(self->vcpu, guest_is_disabled, variant->timer);
}

TEST_F(timer, line_is_live)
{
	timer_run(self->vcpu, guest_line_is_live, variant->timer);
}

TEST_F(timer, goes_away)
{
	timer_run(self->vcpu, guest_goes_away, variant->timer);
}

TEST_F(timer, ignored_is_no_storm)
{
	u64 exits;

	if (!counter_present(self->vcpu->vm))
		SKIP(return, "only setway counts exits");
	program_enter(self->vcpu, guest_ignores, variant->timer, 0, 0);
	program_run_to(self->vcpu, 0);
	exits = counter_read_vcpu(self->vcpu, "exits");
	program_run_to(self->vcpu, 1);
	/* The host's own clock ticks at up to 1000 Hz. */
	EXPECT_GT(1000, counter_read_vcpu(self->vcpu, "exits") - exits);
}

/* Several vCPUs, each asleep most of the time: nothing but its timer wakes it. */

#define SLEEPERS	8
#define SLEEPS		200

static u32 slept[SLEEPERS];

static void sleeper_handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	/* The line may have gone low in the meantime. */
	if (intid == GIC_SPURIOUS)
		return;
	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	GUEST_ASSERT_EQ(timer_intid(), intid);
	timer_ctl(0);
	WRITE_ONCE(slept[guest_vcpu_id()], slept[guest_vcpu_id()] + 1);
	icc_write(ICC_EOIR1_EL1, intid);
}

static void guest_sleeps(u64 which)
{
	u32 i, me = guest_vcpu_id();

	timer_init(which, sleeper_handler);
	for (i = 1; i <= SLEEPS; i++) {
		/* From nothing at all to a few milliseconds, different on each. */
		timer_tval(MS(8) * (i * (2 * me + 1) % 64) / 64);
		timer_ctl(CTL_ENABLE);
		while (READ_ONCE(slept[me]) < i)
			guest_wait();
	}
}

TEST_F(timer, all_sleepers_wake)
{
	struct vm *vm = vm_create();
	unsigned int i;

	for (i = 0; i < SLEEPERS; i++)
		vcpu_add(vm, i);
	gic_create(vm);
	program_load(vm);
	for (i = 0; i < SLEEPERS; i++)
		program_enter(vm->vcpus[i], guest_sleeps, variant->timer, 0, 0);
	gic_run_all(vm);
	vm_destroy(vm);
}

/* Registers that userspace sets */

static void guest_reports_counter(u64 which)
{
	timer = which;
	for (;;)
		guest_sync(timer_now());
}

static u64 counter_register(enum timer which)
{
	return which == VIRTUAL ? KVM_REG_ARM_TIMER_CNT : KVM_REG_ARM_PTIMER_CNT;
}

TEST_F(timer, userspace_sets_the_counter)
{
	u64 counter = counter_register(variant->timer);
	const u64 far = BIT(60);
	struct ucall ucall;

	program_enter(self->vcpu, guest_reports_counter, variant->timer, 0, 0);
	program_run(self->vcpu, &ucall);
	EXPECT_GT(far, ucall.args[0]);
	reg_set(self->vcpu, counter, far);
	EXPECT_LE(far, reg_get(self->vcpu, counter));
	program_run(self->vcpu, &ucall);
	EXPECT_LE(far, ucall.args[0]);
	EXPECT_GT(far + far / 2, ucall.args[0]);
	/* and back, over 0 */
	reg_set(self->vcpu, counter, 0);
	program_run(self->vcpu, &ucall);
	EXPECT_GT(far, ucall.args[0]);
}

/* Nor does the one know of the other. */
TEST_F(timer, counters_are_apart)
{
	u64 counter = counter_register(variant->timer);
	u64 other = counter_register(variant->timer == VIRTUAL ? PHYSICAL : VIRTUAL);
	const u64 far = BIT(60);

	reg_set(self->vcpu, counter, far);
	EXPECT_GT(far, reg_get(self->vcpu, other));
	reg_set(self->vcpu, other, 2 * far);
	EXPECT_LE(far, reg_get(self->vcpu, counter));
	EXPECT_GT(2 * far, reg_get(self->vcpu, counter));
}

/* One counter for all of the VM. */
TEST_F(timer, counter_is_the_vms)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0), *other = vcpu_add(vm, 1);
	u64 counter = counter_register(variant->timer);
	const u64 far = BIT(60);

	reg_set(vcpu, counter, far);
	EXPECT_LE(far, reg_get(other, counter));
	EXPECT_GT(far + far / 2, reg_get(other, counter));
	vm_destroy(vm);
}

/* Timers go by the counter that the guest sees: TVAL and CVAL, asleep and awake. */
TEST_F(timer, goes_by_the_counter_that_was_set)
{
	reg_set(self->vcpu, counter_register(variant->timer), BIT(60));
	timer_run(self->vcpu, guest_fires, variant->timer);
}

TEST_F(timer, wakes_by_the_counter_that_was_set)
{
	reg_set(self->vcpu, counter_register(variant->timer), BIT(60));
	timer_run(self->vcpu, guest_wakes, variant->timer);
}

static void guest_waits(u64 which)
{
	timer_init(which, timer_handler);
	while (!READ_ONCE(taken))
		guest_wait();
}

TEST(userspace_sets_the_timer)
{
	struct vcpu *vcpu = timer_vcpu();
	u64 due;

	due = reg_get(vcpu, KVM_REG_ARM_TIMER_CNT) + MS(20);
	reg_set(vcpu, KVM_REG_ARM_TIMER_CVAL, due);
	reg_set(vcpu, KVM_REG_ARM_TIMER_CTL, CTL_ENABLE);
	EXPECT_EQ(due, reg_get(vcpu, KVM_REG_ARM_TIMER_CVAL));
	/* On a slow host it is due already. */
	EXPECT_EQ(CTL_ENABLE, reg_get(vcpu, KVM_REG_ARM_TIMER_CTL) & ~CTL_ISTATUS);
	timer_run(vcpu, guest_waits, VIRTUAL);
	EXPECT_LE(due, reg_get(vcpu, KVM_REG_ARM_TIMER_CNT));
	EXPECT_EQ(CTL_ISTATUS, reg_get(vcpu, KVM_REG_ARM_TIMER_CTL));
	vm_destroy(vcpu->vm);
}

static void *finish_thread(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

static void set_far_timer(struct vcpu *vcpu, enum timer which)
{
	bool is_virtual = which == VIRTUAL;

	reg_set(vcpu, is_virtual ? KVM_REG_ARM_TIMER_CVAL : KVM_REG_ARM_PTIMER_CVAL, FAR);
	reg_set(vcpu, is_virtual ? KVM_REG_ARM_TIMER_CTL : KVM_REG_ARM_PTIMER_CTL, CTL_ENABLE);
}

/* The time for which a vCPU sleeps comes by a leap, or nearer. */
static void leap(enum timer which, u64 ticks_left)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0), *other = vcpu_add_off(vm, 1);
	pthread_t thread;

	gic_create(vm);
	program_load(vm);
	set_far_timer(vcpu, which);
	program_enter(vcpu, guest_waits, which, 0, 0);
	if (pthread_create(&thread, NULL, finish_thread, vcpu))
		fail("cannot create a thread");
	usleep(200000);
	reg_set(other, counter_register(which), FAR - ticks_left);
	pthread_join(thread, NULL);
	vm_destroy(vm);
}

TEST(counter_leaps)
{
	if (!device_is_setway())
		SKIP(return, "KVM lets it sleep on");
	leap(VIRTUAL, 0);
	leap(VIRTUAL, MS(50));
	leap(PHYSICAL, 0);
	leap(PHYSICAL, MS(50));
}

/* As when a VM is restored, in whatever order its registers come. */
TEST(counter_after_its_timer)
{
	struct vcpu *vcpu;

	if (!device_is_setway())
		SKIP(return, "KVM of 6.1 has no physical counter to be set");
	vcpu = timer_vcpu();
	set_far_timer(vcpu, PHYSICAL);
	reg_set(vcpu, KVM_REG_ARM_PTIMER_CNT, FAR - MS(50));
	timer_run(vcpu, guest_waits, PHYSICAL);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
