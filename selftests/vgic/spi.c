// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared interrupts between two vCPUs: routed, re-routed, taken back and ended
 * by one while the other has them.
 */
#include "../lib/gic.h"
#include "../lib/test.h"

#define INTID		GIC_SPI(3)
#define ROUNDS		50
/* Linux 6.1's KVM takes little back from another vCPU's list registers. */
#define NOT_KVM		"not what KVM does"
#define NOWHERE		9	/* no vCPU has this id */

/* The guest's own: how far the two have come, and what each has taken. */
static u32 step;
static u32 taken[2];
static bool hold, eoimode, level;

static u32 me(void)
{
	return guest_vcpu_id();
}

static void handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	/* It may have been taken back in the last moment. */
	if (intid == GIC_SPURIOUS)
		return;
	GUEST_ASSERT_EQ(INTID, intid);
	WRITE_ONCE(taken[me()], READ_ONCE(taken[me()]) + 1);
	while (READ_ONCE(hold))
		;
	icc_write(ICC_EOIR1_EL1, intid);
}

static void step_to(u32 next)
{
	asm volatile("dsb sy" : : : "memory");
	WRITE_ONCE(step, next);
}

static void step_wait(u32 which)
{
	while (READ_ONCE(step) < which)
		;
}

/* Time enough for any host to have interrupted the other vCPU's CPU. */
static void settle(void)
{
	u64 start, now, frequency;

	asm volatile("mrs %0, cntfrq_el0\n\tmrs %1, cntvct_el0"
		     : "=r" (frequency), "=r" (start));
	do {
		asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (now));
	} while (now - start < frequency / 10);
}

static void init(void)
{
	guest_gic_init(handler);
	if (eoimode)
		icc_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	if (me())
		return;
	gic_edge(INTID, !level);
	gic_route(INTID, 0);
	gic_set(GICD_ISENABLER, INTID);
}

/* vCPU 0 has it pending from step 1 on, and would take it at step 2. */
static void guest_has_it(void)
{
	init();
	gic_set(GICD_ISPENDR, INTID);
	step_to(1);
	step_wait(2);
	guest_irq_enable();
	step_wait(3);
	guest_irq_disable();
	step_to(4);
}

static void let_it_take(void)
{
	settle();
	step_to(2);
	settle();
	step_to(3);
	step_wait(4);
}

/* Each look is an exit, which takes it out of a list register, and an entry. */
static void guest_takes_it_later(void)
{
	u32 i;

	init();
	gic_set(GICD_ISPENDR, INTID);
	for (i = 0; i < ROUNDS; i++)
		GUEST_ASSERT(gic_get(GICD_ISPENDR, INTID));
	guest_irq_enable();
	settle();
	guest_irq_disable();
	GUEST_ASSERT_EQ(1, READ_ONCE(taken[0]));
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, INTID));
}

static void guest_is_routed(void)
{
	u32 i, cpu;

	init();
	guest_irq_enable();
	if (me()) {
		step_wait(1);
		return;
	}
	for (i = 0; i < ROUNDS; i++) {
		cpu = i & 1;
		gic_route(INTID, cpu);
		gic_set(GICD_ISPENDR, INTID);
		while (READ_ONCE(taken[cpu]) <= i / 2 || gic_get(GICD_ISACTIVER, INTID))
			;
	}
	GUEST_ASSERT_EQ(ROUNDS / 2, READ_ONCE(taken[0]));
	GUEST_ASSERT_EQ(ROUNDS / 2, READ_ONCE(taken[1]));
	step_to(1);
}

static void guest_takes_it_over(void)
{
	init();
	step_wait(1);
	gic_route(INTID, 1);
	while (!READ_ONCE(taken[1]))
		guest_wait();
	let_it_take();
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0]));
	GUEST_ASSERT_EQ(1, READ_ONCE(taken[1]));
}

static void guest_disables_it(void)
{
	init();
	step_wait(1);
	gic_set(GICD_ICENABLER, INTID);
	let_it_take();
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0]));
	GUEST_ASSERT(gic_get(GICD_ISPENDR, INTID));
	gic_route(INTID, 1);
	gic_set(GICD_ISENABLER, INTID);
	while (!READ_ONCE(taken[1]))
		guest_wait();
}

static void guest_clears_it(void)
{
	init();
	step_wait(1);
	gic_set(GICD_ICPENDR, INTID);
	let_it_take();
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0]));
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, INTID));
}

static void guest_routes_it_nowhere(void)
{
	init();
	step_wait(1);
	gic_route(INTID, NOWHERE);
	let_it_take();
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0]));
	GUEST_ASSERT(gic_get(GICD_ISPENDR, INTID));
	gic_route(INTID, 1);
	while (!READ_ONCE(taken[1]))
		guest_wait();
}

/* vCPU 0 takes it and keeps it until the other has looked. */
static void guest_holds_it(void)
{
	WRITE_ONCE(hold, true);
	init();
	guest_irq_enable();
	gic_set(GICD_ISPENDR, INTID);
	step_wait(1);
	gic_set(GICD_ISPENDR, INTID);
	while (READ_ONCE(taken[0]) < 2)
		;
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, INTID));
	guest_irq_disable();
	step_to(2);
}

static void guest_sees_it_active(void)
{
	init();
	while (!READ_ONCE(taken[0]))
		;
	GUEST_ASSERT(gic_get(GICD_ISACTIVER, INTID));
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, INTID));
	WRITE_ONCE(hold, false);
	while (gic_get(GICD_ISACTIVER, INTID))
		;
	step_to(1);
	step_wait(2);
}

/* vCPU 0 takes it, and ends it after it has been routed away. */
static void guest_ends_it_late(void)
{
	WRITE_ONCE(hold, true);
	init();
	guest_irq_enable();
	gic_set(GICD_ISPENDR, INTID);
	step_wait(1);
	guest_irq_disable();
	GUEST_ASSERT_EQ(1, READ_ONCE(taken[0]));
}

static void guest_routes_it_while_active(void)
{
	init();
	while (!READ_ONCE(taken[0]))
		;
	gic_route(INTID, 1);
	GUEST_ASSERT(gic_get(GICD_ISACTIVER, INTID));
	WRITE_ONCE(hold, false);
	settle();
	GUEST_ASSERT(!gic_get(GICD_ISACTIVER, INTID));
	gic_set(GICD_ISPENDR, INTID);
	while (!READ_ONCE(taken[1]))
		guest_wait();
	step_to(1);
}

/* Made pending by one while it is active with the other, it comes again. */
static void guest_is_made_to_take_it_again(void)
{
	WRITE_ONCE(hold, true);
	init();
	guest_irq_enable();
	gic_set(GICD_ISPENDR, INTID);
	while (READ_ONCE(taken[0]) < 2)
		;
	guest_irq_disable();
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, INTID));
	step_to(1);
}

static void guest_makes_it_pending(void)
{
	init();
	while (!READ_ONCE(taken[0]))
		;
	gic_set(GICD_ISPENDR, INTID);
	GUEST_ASSERT(gic_get(GICD_ISPENDR, INTID));
	WRITE_ONCE(hold, false);
	step_wait(1);
}

/* With EOImode 1: priority drop by one, deactivation by the other. */
static void guest_ends_it(void)
{
	init();
	while (!READ_ONCE(taken[0]))
		;
	WRITE_ONCE(hold, false);
	settle();
	GUEST_ASSERT(gic_get(GICD_ISACTIVER, INTID));
	icc_write(ICC_DIR_EL1, INTID);
	settle();
	GUEST_ASSERT(!gic_get(GICD_ISACTIVER, INTID));
	step_to(1);
	while (READ_ONCE(taken[0]) < 2)
		;
	icc_write(ICC_DIR_EL1, INTID);
	step_wait(2);
}

static void guest_ends_it_by_mmio(void)
{
	init();
	while (!READ_ONCE(taken[0]))
		;
	WRITE_ONCE(hold, false);
	settle();
	GUEST_ASSERT(gic_get(GICD_ISACTIVER, INTID));
	gic_set(GICD_ICACTIVER, INTID);
	GUEST_ASSERT(!gic_get(GICD_ISACTIVER, INTID));
	step_to(1);
	while (READ_ONCE(taken[0]) < 2)
		;
	gic_set(GICD_ICACTIVER, INTID);
	step_wait(2);
}

static void run(const void *first, const void *second, bool apart)
{
	struct vm *vm = vm_create();

	vcpu_add(vm, 0);
	vcpu_add(vm, 1);
	gic_create(vm);
	eoimode = apart;
	program_load(vm);
	program_enter(vm->vcpus[0], first, 0, 0, 0);
	program_enter(vm->vcpus[1], second, 0, 0, 0);
	gic_run_all(vm);
	vm_destroy(vm);
}

TEST(waits_for_the_guest)
{
	run(guest_takes_it_later, init, false);
}

TEST(goes_where_it_is_routed)
{
	run(guest_is_routed, guest_is_routed, false);
}

TEST(moves_while_pending)
{
	run(guest_has_it, guest_takes_it_over, false);
}

TEST(is_disabled_while_pending)
{
	run(guest_has_it, guest_disables_it, false);
}

TEST(is_cleared_while_pending)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(guest_has_it, guest_clears_it, false);
}

TEST(is_routed_nowhere_while_pending)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(guest_has_it, guest_routes_it_nowhere, false);
}

TEST(is_seen_active)
{
	run(guest_holds_it, guest_sees_it_active, false);
}

TEST(moves_while_active)
{
	run(guest_ends_it_late, guest_routes_it_while_active, false);
}

TEST(is_pending_again_while_active)
{
	run(guest_is_made_to_take_it_again, guest_makes_it_pending, false);
}

TEST(is_pending_again_while_active_by_level)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	level = true;
	run(guest_is_made_to_take_it_again, guest_makes_it_pending, false);
	level = false;
}

TEST(is_ended_by_mmio)
{
	run(guest_holds_it, guest_ends_it_by_mmio, true);
}

TEST(is_ended_by_the_other)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(guest_holds_it, guest_ends_it, true);
}

TEST_HARNESS_MAIN
