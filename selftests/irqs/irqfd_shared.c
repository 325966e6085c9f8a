// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that share a level-sensitive interrupt.  Each has an irqfd, and a resamplefd:
 * it asks the device whether there is more work, once the guest has ended the interrupt.
 * A device that says yes is heard, whatever else goes on at the line.
 */
#include <pthread.h>

#include "../lib/gic.h"
#include "../lib/irqfd.h"
#include "../lib/test.h"

#define GSI		5
#define OTHER_GSI	6
#define DEVICES		4
#define TIMES		50

#define RESAMPLE	KVM_IRQFD_FLAG_RESAMPLE
#define DEASSIGN	KVM_IRQFD_FLAG_DEASSIGN

/*
 * Take an interrupt if there is one, tell how many there were, and again.  With
 * exceptions masked, or a line that is always high would let nothing else be done.
 */
static void guest_counts(void)
{
	u64 intid, taken = 0;

	guest_gic_init(NULL);
	gic_edge(GIC_SPI(GSI), false);
	gic_set(GICD_ISENABLER, GIC_SPI(GSI));
	for (;;) {
		guest_sync(taken);
		intid = icc_read(ICC_IAR1_EL1);
		if (intid == GIC_SPURIOUS)
			continue;
		GUEST_ASSERT_EQ(GIC_SPI(GSI), intid);
		taken++;
		icc_write(ICC_EOIR1_EL1, intid);
	}
}

FIXTURE(shared)
{
	struct vm *vm;
	struct vcpu *vcpu;
	int gic;
	int event[DEVICES];
	int resample[DEVICES];
};

FIXTURE_VARIANT(shared)
{
	u32 busy;
};

FIXTURE_VARIANT_ADD(shared, first)
{
	.busy = 0,
};

FIXTURE_VARIANT_ADD(shared, second)
{
	.busy = 1,
};

FIXTURE_VARIANT_ADD(shared, last)
{
	.busy = DEVICES - 1,
};

FIXTURE_SETUP(shared)
{
	u32 i;

	self->vcpu = program_vcpu(guest_counts);
	self->vm = self->vcpu->vm;
	self->gic = gic_create(self->vm);
	for (i = 0; i < DEVICES; i++) {
		self->event[i] = event_create();
		self->resample[i] = event_create();
	}
	program_enter(self->vcpu, guest_counts, 0, 0, 0);
	program_run_to(self->vcpu, 0);
}

FIXTURE_TEARDOWN(shared)
{
	u32 i;

	for (i = 0; i < DEVICES; i++) {
		close(self->event[i]);
		close(self->resample[i]);
	}
	close(self->gic);
	vm_destroy(self->vm);
}

static u64 look(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	return ucall.args[0];
}

/* Let the guest take interrupts until there are so many, or it is no use. */
static u64 run_until(struct vcpu *vcpu, u64 count)
{
	u32 tries;
	u64 seen = 0;

	for (tries = 0; tries < 10 * TIMES && seen < count; tries++)
		seen = look(vcpu);
	return seen;
}

static void add(struct vm *vm, int event, u32 gsi, int resample)
{
	if (irqfd_set(vm, event, gsi, RESAMPLE, resample))
		fail("no irqfd: %s", strerror(errno));
}

static void take_away(struct vm *vm, int event, u32 gsi)
{
	if (irqfd_set(vm, event, gsi, DEASSIGN, 0))
		fail("an irqfd does not go: %s", strerror(errno));
}

/*
 * A device that always has more work: what asks it is what raises its line.  So it
 * does that while the others are still to be asked, if it is not the last.
 */
static void add_all(struct vm *vm, const int *event, const int *resample, u32 busy)
{
	u32 i;

	for (i = 0; i < DEVICES; i++)
		add(vm, event[i], GSI, i == busy ? event[i] : resample[i]);
}

TEST_F(shared, raised_while_others_are_asked)
{
	u32 i, busy = variant->busy;
	u64 seen, asked;

	add_all(self->vm, self->event, self->resample, busy);
	event_signal(self->event[busy]);
	seen = run_until(self->vcpu, TIMES);
	EXPECT_LE(TIMES, seen);
	for (i = 0; i < DEVICES; i++) {
		if (i == busy)
			continue;
		asked = event_count(self->resample[i]);
		EXPECT_LE(seen - 1, asked);
		EXPECT_GE(seen, asked);
	}
}

/* Another thread takes the others' irqfds away and brings them back meanwhile. */
struct changer {
	struct vm *vm;
	const int *event;
	const int *resample;
	u32 busy;
	bool stop;
};

static void *change(void *arg)
{
	struct changer *changer = arg;
	u32 i;

	for (i = 0; !__atomic_load_n(&changer->stop, __ATOMIC_RELAXED); i = (i + 1) % DEVICES) {
		if (i == changer->busy)
			continue;
		take_away(changer->vm, changer->event[i], GSI);
		add(changer->vm, changer->event[i], GSI, changer->resample[i]);
	}
	return NULL;
}

TEST_F(shared, others_come_and_go)
{
	struct changer changer = {
		.vm = self->vm, .event = self->event, .resample = self->resample,
		.busy = variant->busy,
	};
	pthread_t thread;

	add_all(self->vm, self->event, self->resample, variant->busy);
	if (pthread_create(&thread, NULL, change, &changer))
		fail("cannot create a thread");
	event_signal(self->event[variant->busy]);
	EXPECT_LE(10 * TIMES, run_until(self->vcpu, 10 * TIMES));
	__atomic_store_n(&changer.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* Likewise, but the eventfds are closed, which is found out later and elsewhere. */
TEST_F(shared, others_are_closed)
{
	u32 i, round, other = (variant->busy + 1) % DEVICES;
	u64 seen;

	add_all(self->vm, self->event, self->resample, variant->busy);
	event_signal(self->event[variant->busy]);
	for (round = 0; round < TIMES; round++) {
		close(self->event[other]);
		self->event[other] = event_create();
		add(self->vm, self->event[other], GSI, self->resample[other]);
		seen = look(self->vcpu);
		for (i = 0; i < TIMES && look(self->vcpu) == seen; i++)
			;
		ASSERT_LT(seen, look(self->vcpu));
	}
}

/* The line stays as it is as long as one of them is left. */
TEST_F(shared, line_stays_with_another)
{
	u32 busy = variant->busy, other = (busy + 1) % DEVICES;

	add(self->vm, self->event[busy], GSI, self->resample[busy]);
	add(self->vm, self->event[other], GSI, self->resample[other]);
	event_signal(self->event[busy]);
	take_away(self->vm, self->event[other], GSI);
	EXPECT_EQ(1, run_until(self->vcpu, 1));
	EXPECT_EQ(1, event_count(self->resample[busy]));
	EXPECT_EQ(0, event_count(self->resample[other]));
}

/* By two GSIs that are routed to the same interrupt. */
TEST_F(shared, line_stays_with_another_gsi)
{
	struct {
		struct kvm_irq_routing routing;
		struct kvm_irq_routing_entry entries[2];
	} args = { .routing.nr = 2 };
	u32 i, busy = variant->busy, other = (busy + 1) % DEVICES;

	if (!device_is_setway())
		SKIP(return, "KVM knows of one GSI of an interrupt");
	for (i = 0; i < 2; i++)
		args.entries[i] = (struct kvm_irq_routing_entry) {
			.gsi = i ? OTHER_GSI : GSI,
			.type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = GSI,
		};
	ASSERT_EQ(0, ioctl(self->vm->fd, KVM_SET_GSI_ROUTING, &args));
	add(self->vm, self->event[busy], GSI, self->resample[busy]);
	add(self->vm, self->event[other], OTHER_GSI, self->resample[other]);
	event_signal(self->event[busy]);
	take_away(self->vm, self->event[other], OTHER_GSI);
	EXPECT_EQ(1, run_until(self->vcpu, 1));
	EXPECT_EQ(1, event_count(self->resample[busy]));
}

/* A line that has no resampler is driven by KVM_IRQ_LINE, and others leave it alone. */
TEST_F(shared, line_without_resampler)
{
	add(self->vm, self->event[0], OTHER_GSI, self->resample[0]);
	gic_line(self->vm, GIC_SPI(GSI), true);
	EXPECT_LE(TIMES, run_until(self->vcpu, TIMES));
	gic_line(self->vm, GIC_SPI(GSI), false);
	EXPECT_EQ(0, event_count(self->resample[0]));
}

TEST_HARNESS_MAIN
