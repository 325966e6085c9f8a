// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM is saved, destroyed, and made anew from what was saved, at every point of an
 * interrupt's life and in the middle of anything: the guest does not notice.
 */
#include <pthread.h>
#include <signal.h>

#include "../lib/gic.h"
#include "../lib/snapshot.h"
#include "../lib/test.h"
#include "../lib/timer.h"

#define EDGE		GIC_SPI(1)
#define LEVEL		GIC_SPI(2)
#define OWN_SGI		3
#define PING		5

#define NR_VCPUS	2
#define TICK		MS(3)
#define ROUNDS		10
#define CPU_ON		0xc4000003	/* PSCI, 64 bits wide */

/* What the guest tells the host to do, as a stage. */
enum order {
	ORDER_NOTHING = 1,
	ORDER_EDGE,
	ORDER_RAISE,
	ORDER_LOWER,
};

/* The guest's own */
static u32 taken[GIC_NR_IRQS];
static bool apart;	/* priority drop and deactivation: EOImode 1 */

/* To be saved when it is active, when it was ended, and when it was deactivated. */
static void handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	GUEST_ASSERT(intid < GIC_NR_IRQS);
	guest_sync(ORDER_NOTHING);
	WRITE_ONCE(taken[intid], taken[intid] + 1);
	if (intid == GIC_PPI_VTIMER)
		timer_ctl(0);
	if (intid == LEVEL)
		guest_sync(ORDER_LOWER);
	icc_write(ICC_EOIR1_EL1, intid);
	guest_sync(ORDER_NOTHING);
	if (apart) {
		icc_write(ICC_DIR_EL1, intid);
		guest_sync(ORDER_NOTHING);
	}
}

static void take_all(void)
{
	while (!taken[EDGE] || !taken[LEVEL] || !taken[OWN_SGI] || !taken[GIC_PPI_VTIMER]) {
		guest_irq_enable();
		guest_irq_disable();
	}
}

/* Everything comes at once, while nothing can be taken; and then one after the other. */
static void guest_takes_each_once(u64 eoimode)
{
	timer = VIRTUAL;
	guest_sync(ORDER_NOTHING);
	guest_gic_init(handler);
	apart = eoimode;
	icc_write(ICC_CTLR_EL1, apart ? ICC_CTLR_EOIMODE : 0);
	gic_edge(EDGE, true);
	gic_edge(LEVEL, false);
	gic_priority(LEVEL, 0x20);
	gic_set(GICD_ISENABLER, EDGE);
	gic_set(GICD_ISENABLER, LEVEL);
	gic_set(GICD_ISENABLER, GIC_PPI_VTIMER);
	guest_sync(ORDER_EDGE);
	guest_sync(ORDER_RAISE);
	icc_write(ICC_SGI1R_EL1, gic_sgi_to(0, OWN_SGI));
	timer_tval(0);
	timer_ctl(CTL_ENABLE);
	guest_sync(ORDER_NOTHING);
	take_all();
	guest_sync(ORDER_NOTHING);
	guest_irq_enable();
	guest_sync(ORDER_NOTHING);
	GUEST_ASSERT_EQ(1, taken[EDGE]);
	GUEST_ASSERT_EQ(1, taken[LEVEL]);
	GUEST_ASSERT_EQ(1, taken[OWN_SGI]);
	GUEST_ASSERT_EQ(1, taken[GIC_PPI_VTIMER]);
}

/* Save it, destroy it, make it anew; and it is what it was. */
static void move(struct machine *machine, enum snapshot_way way)
{
	struct snapshot *before = snapshot_take(machine, way), *after;

	machine_destroy(machine);
	*machine = snapshot_restore(before);
	after = snapshot_take(machine, way);
	snapshot_compare(before, after);
	snapshot_free(before);
	snapshot_free(after);
}

FIXTURE(snapshot)
{
	struct machine machine;
};

FIXTURE_VARIANT(snapshot)
{
	enum snapshot_way way;
};

FIXTURE_VARIANT_ADD(snapshot, vcpus_first)
{
	.way = SNAPSHOT_VCPUS_FIRST,
};

FIXTURE_VARIANT_ADD(snapshot, gic_first)
{
	.way = SNAPSHOT_GIC_FIRST,
};

FIXTURE_SETUP(snapshot)
{
	self->machine.vm = vm_create();
	vcpu_add(self->machine.vm, 0);
	vcpu_add_off(self->machine.vm, 1);
	self->machine.gic = gic_create(self->machine.vm);
	program_load(self->machine.vm);
}

FIXTURE_TEARDOWN(snapshot)
{
	machine_destroy(&self->machine);
}

/* Return: is the line of LEVEL high now? */
static bool obey(struct vm *vm, enum order what, bool level)
{
	switch (what) {
	case ORDER_EDGE:
		gic_line(vm, EDGE, true);
		gic_line(vm, EDGE, false);
		break;
	case ORDER_RAISE:
	case ORDER_LOWER:
		level = what == ORDER_RAISE;
		gic_line(vm, LEVEL, level);
		break;
	default:
		break;
	}
	return level;
}

/* At each stage. */
static void run_moving(struct machine *machine, enum snapshot_way way)
{
	struct ucall ucall;
	bool level = false;

	for (;;) {
		program_run(machine->vm->vcpus[0], &ucall);
		if (ucall.command == UCALL_DONE)
			return;
		level = obey(machine->vm, ucall.args[0], level);
		vcpu_complete(machine->vm->vcpus[0]);
		move(machine, way);
		/* That is the device's, and it is still there. */
		if (way == SNAPSHOT_VCPUS_FIRST && level)
			gic_line(machine->vm, LEVEL, true);
	}
}

TEST_F(snapshot, interrupts)
{
	program_enter(self->machine.vm->vcpus[0], guest_takes_each_once, false, 0, 0);
	run_moving(&self->machine, variant->way);
}

TEST_F(snapshot, deactivation)
{
	program_enter(self->machine.vm->vcpus[0], guest_takes_each_once, true, 0, 0);
	run_moving(&self->machine, variant->way);
}

/* The guest's own: to be seen to go up, and told to stop. */
static u64 ticks[NR_VCPUS], pongs, pings;
static bool stop;

/* One ping at a time: when one is lost, there are no more pongs. */
static void tick(u32 id)
{
	WRITE_ONCE(ticks[id], ticks[id] + 1);
	timer_tval(TICK);
	if (id)
		return;
	GUEST_ASSERT(READ_ONCE(pongs) <= pings);
	if (READ_ONCE(pongs) == pings) {
		pings++;
		icc_write(ICC_SGI1R_EL1, gic_sgi_to(1, PING));
	}
}

static void busy_handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	switch (intid) {
	case GIC_PPI_VTIMER:
	case GIC_PPI_PTIMER:
		tick(guest_vcpu_id());
		break;
	case PING:
		WRITE_ONCE(pongs, pongs + 1);
		break;
	default:
		GUEST_ASSERT_EQ(GIC_SPURIOUS, intid);
		return;
	}
	icc_write(ICC_EOIR1_EL1, intid);
}

/* Time does not go back, and registers stay what they are. */
static void be_busy(u32 id)
{
	u64 now, last = 0, tpidr, expected = 0x1234567800000000 | id;

	asm volatile("msr tpidrro_el0, %0" : : "r" (expected));
	while (!READ_ONCE(stop)) {
		now = timer_now();
		GUEST_ASSERT(now >= last);
		last = now;
		asm volatile("mrs %0, tpidrro_el0" : "=r" (tpidr));
		GUEST_ASSERT_EQ(expected, tpidr);
		if (now & 1)
			guest_wait();
		else
			guest_irq_enable();
		guest_irq_disable();
	}
}

static void vcpu_is_busy(void)
{
	guest_gic_init(busy_handler);
	gic_set(GICD_ISENABLER, timer_intid());
	gic_set(GICD_ISENABLER, PING);
	timer_tval(TICK);
	timer_ctl(CTL_ENABLE);
	be_busy(guest_vcpu_id());
}

static void guest_is_busy(u64 which)
{
	timer = which;
	GUEST_ASSERT_EQ(0, guest_psci(CPU_ON, 1, (u64)guest_start, (u64)vcpu_is_busy));
	vcpu_is_busy();
}

/* One vCPU's thread, between two snapshots. */
struct run {
	struct vcpu *vcpu;
	pthread_t thread;
	bool done;
};

static void on_signal(int number)
{
	(void)number;
}

/* Until it is told to stop, by immediate_exit and a signal, or the guest is done. */
static void *run_thread(void *argument)
{
	struct run *run = argument;
	struct ucall ucall;

	while (!run->done) {
		if (__vcpu_run(run->vcpu)) {
			if (errno != EINTR)
				fail("KVM_RUN: %s", strerror(errno));
			if (READ_ONCE(run->vcpu->run->immediate_exit))
				return NULL;
			continue;
		}
		run->done = ucall_get(run->vcpu, &ucall) && ucall.command == UCALL_DONE;
		if (!run->done)
			fail("vCPU %u: exit %u, %#llx", run->vcpu->id,
			     run->vcpu->run->exit_reason, ucall.args[0]);
	}
	return NULL;
}

static void runs_start(struct run *runs, struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		runs[i].vcpu = vm->vcpus[i];
		if (pthread_create(&runs[i].thread, NULL, run_thread, &runs[i]))
			fail("cannot create a thread");
	}
}

static void runs_join(struct run *runs)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++)
		pthread_join(runs[i].thread, NULL);
}

/* As VMMs do it: what comes too early for the signal sees immediate_exit. */
static void runs_stop(struct run *runs)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++) {
		WRITE_ONCE(runs[i].vcpu->run->immediate_exit, 1);
		pthread_kill(runs[i].thread, SIGUSR1);
	}
	runs_join(runs);
	for (i = 0; i < NR_VCPUS; i++)
		WRITE_ONCE(runs[i].vcpu->run->immediate_exit, 0);
}

/* The guest's copy of a variable of this program. */
static void *guests(struct vm *vm, const void *variable)
{
	return vm_hva(vm, (u64)variable, sizeof(u64));
}

static u64 guests_count(struct vm *vm, const u64 *count)
{
	return READ_ONCE(*(u64 *)guests(vm, count));
}

static void wait_for_count(struct vm *vm, const u64 *count)
{
	u64 end = guests_count(vm, count) + 3;

	while (guests_count(vm, count) < end)
		usleep(1000);
}

static void wait_for_progress(struct vm *vm)
{
	wait_for_count(vm, &ticks[0]);
	wait_for_count(vm, &ticks[1]);
	wait_for_count(vm, &pongs);
}

/* In the middle of anything. */
static void move_busy(struct machine *machine, enum snapshot_way way, enum timer which)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct run runs[NR_VCPUS] = {};
	unsigned int i;

	sigaction(SIGUSR1, &action, NULL);
	program_enter(machine->vm->vcpus[0], guest_is_busy, which, 0, 0);
	for (i = 0; i < ROUNDS; i++) {
		runs_start(runs, machine->vm);
		wait_for_progress(machine->vm);
		runs_stop(runs);
		move(machine, way);
	}
	runs_start(runs, machine->vm);
	wait_for_progress(machine->vm);
	WRITE_ONCE(*(bool *)guests(machine->vm, &stop), true);
	runs_join(runs);
	if (!runs[0].done || !runs[1].done)
		fail("the guest is not done");
}

TEST_F(snapshot, of_a_busy_guest)
{
	move_busy(&self->machine, variant->way, VIRTUAL);
}

TEST_F(snapshot, of_physical_timers)
{
	move_busy(&self->machine, variant->way, PHYSICAL);
}

TEST_HARNESS_MAIN
