// SPDX-License-Identifier: GPL-2.0-only
/*
 * More interrupts at once than a CPU has list registers (16 at the most): all
 * of them come, by priority, and can be ended in any way that a GIC knows.
 */
#include "../lib/gic.h"
#include "../lib/test.h"

#define NR		20	/* interrupts */
#define DEPTH		12	/* of nesting */
#define ROUNDS		20

/* Linux 6.1's KVM delivers nothing while the list registers are full of active ones. */
#define NOT_KVM		"more active ones than KVM can have"

#define STAGE_TAKEN	1	/* and which: the host lowers its line */

/* The guest's own: what it has taken, in that order. */
static u32 order[NR * ROUNDS], ordered;
static u32 times[NR];
/* What the handler has to do. */
static bool apart, later, from_host, nest, once_more, quiet;
static u32 depth, deepest;

static u32 intid_of(u32 n)
{
	return GIC_SPI(n);
}

/* 7 is coprime to NR: each has its own level, and they are in no order. */
static u8 level_of(u32 n)
{
	return n * 7 % NR;
}

static u8 priority_of(u32 n)
{
	return level_of(n) << 3;
}

static void pend(u32 n)
{
	gic_set(GICD_ISPENDR, intid_of(n));
}

static u32 with_level(u8 level)
{
	u32 n;

	for (n = 0; level_of(n) != level; n++)
		;
	return n;
}

static void end(u32 intid)
{
	icc_write(ICC_EOIR1_EL1, intid);
	if (apart && !later)
		icc_write(ICC_DIR_EL1, intid);
}

/* Raise the next higher priority, which interrupts this one. */
static void nest_deeper(u32 n)
{
	depth++;
	GUEST_ASSERT_EQ(priority_of(n), icc_read(ICC_RPR_EL1));
	if (depth < deepest) {
		pend(with_level(level_of(n) - 1));
		guest_irq_enable();
		while (READ_ONCE(ordered) < deepest)
			;
		guest_irq_disable();
	}
	/* Both may be exits, after which the list registers have what is active. */
	if (quiet)
		return;
	GUEST_ASSERT_EQ(priority_of(n), icc_read(ICC_RPR_EL1));
	GUEST_ASSERT(gic_get(GICD_ISACTIVER, intid_of(n)));
}

static void handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);
	u32 n = intid - GIC_SPI(0);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	GUEST_ASSERT(n < NR);
	order[ordered] = n;
	WRITE_ONCE(ordered, ordered + 1);
	if (from_host)
		guest_report(STAGE_TAKEN, intid, 0);
	if (nest)
		nest_deeper(n);
	if (++times[n] == 1 && once_more)
		pend(n);
	end(intid);
}

static void init(bool edge)
{
	u32 n;

	guest_gic_init(handler);
	for (n = 0; n < NR; n++) {
		gic_edge(intid_of(n), edge);
		gic_priority(intid_of(n), priority_of(n));
		gic_route(intid_of(n), 0);
		gic_set(GICD_ISENABLER, intid_of(n));
	}
	if (apart)
		icc_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
}

static void pend_all(void)
{
	u32 n;

	for (n = 0; n < NR; n++)
		pend(n);
}

static void wait_for(u32 count)
{
	guest_irq_enable();
	while (READ_ONCE(ordered) < count)
		;
	guest_irq_disable();
	GUEST_ASSERT_EQ(count, READ_ONCE(ordered));
}

/* From @first on there are all of them, from the highest priority down. */
static void expect_in_order(u32 first)
{
	u32 i;

	for (i = 0; i < NR; i++)
		GUEST_ASSERT_EQ(i, level_of(order[first + i]));
}

static void expect_idle(void)
{
	u32 n;

	for (n = 0; n < NR; n++) {
		GUEST_ASSERT(!gic_get(GICD_ISPENDR, intid_of(n)));
		GUEST_ASSERT(!gic_get(GICD_ISACTIVER, intid_of(n)));
	}
	GUEST_ASSERT_EQ(0xff, icc_read(ICC_RPR_EL1));
	GUEST_ASSERT_EQ(GIC_SPURIOUS, icc_read(ICC_HPPIR1_EL1));
}

static void guest_takes_all(u64 edge, u64 eoimode)
{
	u32 round;

	apart = eoimode;
	init(edge);
	for (round = 0; round < ROUNDS; round++) {
		pend_all();
		wait_for((round + 1) * NR);
		expect_in_order(round * NR);
		expect_idle();
	}
}

/* Their priority dropped, all of them are active until the guest ends that. */
static void guest_ends_later(u64 edge, u64 backwards)
{
	u32 n, i;

	apart = true;
	later = true;
	init(edge);
	pend_all();
	wait_for(NR);
	expect_in_order(0);
	for (n = 0; n < NR; n++)
		GUEST_ASSERT(gic_get(GICD_ISACTIVER, intid_of(n)));
	for (i = 0; i < NR; i++)
		icc_write(ICC_DIR_EL1, intid_of(order[backwards ? NR - 1 - i : i]));
	expect_idle();
	pend_all();
	wait_for(2 * NR);
}

/* An edge while the interrupt is active is not lost. */
static void guest_pends_again(u64 eoimode)
{
	u32 n;

	apart = eoimode;
	once_more = true;
	init(true);
	pend_all();
	wait_for(2 * NR);
	for (n = 0; n < NR; n++)
		GUEST_ASSERT_EQ(2, times[n]);
	expect_idle();
}

/* All of them are active and pending at once: the guest goes on, and ends them. */
static void guest_pends_all_again(void)
{
	u32 n;

	apart = true;
	later = true;
	init(true);
	pend_all();
	wait_for(NR);
	guest_irq_enable();
	pend_all();
	for (n = 0; n < NR; n++) {
		GUEST_ASSERT(gic_get(GICD_ISPENDR, intid_of(n)));
		GUEST_ASSERT(gic_get(GICD_ISACTIVER, intid_of(n)));
	}
	GUEST_ASSERT_EQ(NR, READ_ONCE(ordered));
	later = false;
	for (n = 0; n < NR; n++)
		icc_write(ICC_DIR_EL1, intid_of(n));
	wait_for(2 * NR);
	expect_idle();
}

static void guest_nests(u64 how_deep, u64 eoimode)
{
	u32 i;

	nest = true;
	apart = eoimode;
	deepest = how_deep;
	init(true);
	pend(with_level(NR - 1));
	wait_for(how_deep);
	for (i = 0; i < how_deep; i++)
		GUEST_ASSERT_EQ(NR - 1 - i, level_of(order[i]));
	expect_idle();
}

/* All are ended one after the other, more than there are list registers. */
static void guest_ends_at_once(u64 how_deep, u64 eoimode)
{
	quiet = true;
	guest_nests(how_deep, eoimode);
}

/* While pending it is taken back, or given to another vCPU's list registers. */
static void guest_disables(u64 edge)
{
	u32 n;

	init(edge);
	pend_all();
	for (n = 0; n < NR; n += 2)
		gic_set(GICD_ICENABLER, intid_of(n));
	for (n = 1; n < NR; n += 4)
		gic_set(GICD_ICPENDR, intid_of(n));
	wait_for(NR / 4);
	for (n = 0; n < NR / 4; n++)
		GUEST_ASSERT_EQ(3, order[n] % 4);
	for (n = 0; n < NR; n += 2)
		gic_set(GICD_ISENABLER, intid_of(n));
	wait_for(NR * 3 / 4);
	expect_idle();
}

static void guest_is_told(u64 edge, u64 eoimode)
{
	apart = eoimode;
	from_host = true;
	init(edge);
	guest_sync(0);
	wait_for(NR);
	expect_in_order(0);
	expect_idle();
}

static struct vcpu *vcpu_with_gic(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);

	gic_create(vm);
	program_load(vm);
	return vcpu;
}

static void run(struct vcpu *vcpu, const void *guest, u64 a, u64 b)
{
	program_enter(vcpu, guest, a, b, 0);
	program_finish(vcpu);
}

/* What goes for all kinds of interrupts, and both ways to end them. */
FIXTURE(overflow)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(overflow)
{
	bool edge;
	bool eoimode;
};

FIXTURE_VARIANT_ADD(overflow, edge)
{
	.edge = true,
};

FIXTURE_VARIANT_ADD(overflow, edge_apart)
{
	.edge = true,
	.eoimode = true,
};

FIXTURE_VARIANT_ADD(overflow, level)
{
	.edge = false,
};

FIXTURE_VARIANT_ADD(overflow, level_apart)
{
	.eoimode = true,
};

FIXTURE_SETUP(overflow)
{
	self->vcpu = vcpu_with_gic();
}

FIXTURE_TEARDOWN(overflow)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(overflow, all_are_taken)
{
	run(self->vcpu, guest_takes_all, variant->edge, variant->eoimode);
}

/* The host raises all lines, and lowers each when it has been taken. */
TEST_F(overflow, lines_come_by_priority)
{
	struct vm *vm = self->vcpu->vm;
	struct ucall ucall;
	u32 n, taken = 0;

	program_enter(self->vcpu, guest_is_told, variant->edge, variant->eoimode, 0);
	program_run_to(self->vcpu, 0);
	for (n = 0; n < NR; n++)
		gic_line(vm, GIC_SPI(n), true);
	for (;;) {
		program_run(self->vcpu, &ucall);
		if (ucall.command == UCALL_DONE)
			break;
		ASSERT_EQ(STAGE_TAKEN, ucall.args[0]);
		gic_line(vm, ucall.args[1], false);
		taken++;
	}
	EXPECT_EQ(NR, taken);
}

/* EOIR drops the priority, DIR ends, and there may be a long time between them. */
FIXTURE(apart)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(apart)
{
	bool edge;
};

FIXTURE_VARIANT_ADD(apart, edge)
{
	.edge = true,
};

FIXTURE_VARIANT_ADD(apart, level)
{
	.edge = false,
};

FIXTURE_SETUP(apart)
{
	self->vcpu = vcpu_with_gic();
}

FIXTURE_TEARDOWN(apart)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(apart, all_are_ended_later)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(self->vcpu, guest_ends_later, variant->edge, false);
}

TEST_F(apart, all_are_ended_backwards)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(self->vcpu, guest_ends_later, variant->edge, true);
}

/* Edges: of a level that is pending there is no second. */
TEST(all_are_active_and_pending)
{
	struct vcpu *vcpu = vcpu_with_gic();

	if (!device_is_setway())
		SKIP(goto out, NOT_KVM);
	run(vcpu, guest_pends_all_again, 0, 0);
out:
	vm_destroy(vcpu->vm);
}

/* What the guest itself makes pending, again and again: edges. */
FIXTURE(edges)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(edges)
{
	bool eoimode;
};

FIXTURE_VARIANT_ADD(edges, ended_at_once)
{
	.eoimode = false,
};

FIXTURE_VARIANT_ADD(edges, ended_apart)
{
	.eoimode = true,
};

FIXTURE_SETUP(edges)
{
	self->vcpu = vcpu_with_gic();
}

FIXTURE_TEARDOWN(edges)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(edges, none_is_lost_while_active)
{
	run(self->vcpu, guest_pends_again, variant->eoimode, 0);
}

TEST_F(edges, nest)
{
	run(self->vcpu, guest_nests, 3, variant->eoimode);
}

TEST_F(edges, nest_deeply)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(self->vcpu, guest_nests, DEPTH, variant->eoimode);
}

TEST_F(edges, end_at_once)
{
	if (!device_is_setway())
		SKIP(return, NOT_KVM);
	run(self->vcpu, guest_ends_at_once, DEPTH, variant->eoimode);
}

/* What is never taken is never ended either. */
TEST(edges_can_be_withdrawn)
{
	struct vcpu *vcpu = vcpu_with_gic();

	run(vcpu, guest_disables, true, 0);
	vm_destroy(vcpu->vm);
}

TEST(levels_can_be_withdrawn)
{
	struct vcpu *vcpu = vcpu_with_gic();

	run(vcpu, guest_disables, false, 0);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
