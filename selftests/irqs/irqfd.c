// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eventfds that raise interrupts: edges, levels that are sampled again when the
 * guest has ended the interrupt, and which interrupt a GSI is.
 */
#include <sys/resource.h>

#include "../lib/gic.h"
#include "../lib/irqfd.h"
#include "../lib/test.h"

#define GSI		5
#define OTHER_GSI	6
#define TIMES		50
#define RESAMPLE	KVM_IRQFD_FLAG_RESAMPLE

/* The guest's own */
static u32 taken[GIC_NR_IRQS];
static u32 total;
static bool apart;	/* priority drop and deactivation: EOImode 1 */

static void handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	if (intid == GIC_SPURIOUS)
		return;
	GUEST_ASSERT(intid < GIC_NR_IRQS);
	WRITE_ONCE(taken[intid], taken[intid] + 1);
	WRITE_ONCE(total, total + 1);
	icc_write(ICC_EOIR1_EL1, intid);
	if (apart)
		icc_write(ICC_DIR_EL1, intid);
}

/* Tell the host of each interrupt; once it is disabled, of none. */
static void guest_takes(u64 edge, bool eoimode)
{
	u32 seen = 0;
	u32 n;

	guest_gic_init(handler);
	apart = eoimode;
	if (apart)
		icc_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	for (n = 0; n < 16; n++) {
		gic_edge(GIC_SPI(n), edge);
		gic_set(GICD_ISENABLER, GIC_SPI(n));
	}
	guest_sync(1);
	for (;;) {
		guest_irq_enable();
		guest_irq_disable();
		if (READ_ONCE(total) == seen) {
			guest_report(0, 0, 0);
			continue;
		}
		seen = READ_ONCE(total);
		guest_report(2, READ_ONCE(taken[GIC_SPI(GSI)]),
			     READ_ONCE(taken[GIC_SPI(OTHER_GSI)]));
	}
}

FIXTURE(irqfd)
{
	struct vm *vm;
	struct vcpu *vcpu;
	int gic;
	int event;
	int resample;
};

FIXTURE_SETUP(irqfd)
{
	self->vcpu = program_vcpu(guest_takes);
	self->vm = self->vcpu->vm;
	self->gic = gic_create(self->vm);
	self->event = event_create();
	self->resample = event_create();
}

FIXTURE_TEARDOWN(irqfd)
{
	close(self->event);
	close(self->resample);
	close(self->gic);
	vm_destroy(self->vm);
}

/* In KVM another thread handles some of the signals. */
static void let_it_be_seen(void)
{
	usleep(100000);
}

static void start(struct vcpu *vcpu, bool edge)
{
	program_enter(vcpu, guest_takes, edge, 0, 0);
	program_run_to(vcpu, 1);
}

/* What the guest has taken when there is nothing more to take. */
static struct ucall settle(struct vcpu *vcpu)
{
	struct ucall ucall, last = {};

	for (;;) {
		program_run(vcpu, &ucall);
		if (ucall.args[0] == 0)
			return last;
		last = ucall;
	}
}

#define EXPECT_TAKEN(gsi, other, vcpu) do {				\
	struct ucall __taken = settle(vcpu);				\
									\
	EXPECT_EQ(gsi, __taken.args[1]);				\
	EXPECT_EQ(other, __taken.args[2]);				\
} while (0)

TEST(without_gic)
{
	struct vm *vm = vm_create();
	int fd = event_create();

	EXPECT_ERRNO(EAGAIN, irqfd_set(vm, fd, GSI, 0, 0));
	close(fd);
	vm_destroy(vm);
}

TEST_F(irqfd, errors)
{
	struct vm *vm = self->vm;

	EXPECT_ERRNO(EINVAL, irqfd_set(vm, self->event, GSI, 4, 0));
	EXPECT_ERRNO(EBADF, irqfd_set(vm, -1, GSI, 0, 0));
	/* a file, but no eventfd */
	EXPECT_ERRNO(EINVAL, irqfd_set(vm, vm->fd, GSI, 0, 0));
	EXPECT_ERRNO(EBADF, irqfd_set(vm, self->event, GSI, KVM_IRQFD_FLAG_RESAMPLE, -1));
	EXPECT_ERRNO(EINVAL, irqfd_set(vm, self->event, GSI, KVM_IRQFD_FLAG_RESAMPLE, vm->fd));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_IRQFD, BAD_ADDRESS));
	EXPECT_ERRNO(EBADF, irqfd_set(vm, -1, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_ERRNO(EINVAL, irqfd_set(vm, vm->fd, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	/* taking away what was not given is no error */
	EXPECT_EQ(0, irqfd_set(vm, self->event, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_EQ(0, irqfd_set(vm, self->event, GSI, 0, 0));
	/* one eventfd, one interrupt */
	EXPECT_ERRNO(EBUSY, irqfd_set(vm, self->event, GSI, 0, 0));
	EXPECT_ERRNO(EBUSY, irqfd_set(vm, self->event, OTHER_GSI, 0, 0));
	EXPECT_EQ(0, irqfd_set(vm, self->event, OTHER_GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_ERRNO(EBUSY, irqfd_set(vm, self->event, GSI, 0, 0));
	EXPECT_EQ(0, irqfd_set(vm, self->event, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_EQ(0, irqfd_set(vm, self->event, OTHER_GSI, 0, 0));
}

TEST_F(irqfd, edges)
{
	u32 i;

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	start(self->vcpu, true);
	EXPECT_TAKEN(0, 0, self->vcpu);
	for (i = 1; i <= TIMES; i++) {
		event_signal(self->event);
		EXPECT_TAKEN(i, 0, self->vcpu);
	}
	/* the count was taken by the interrupt, not left to others */
	EXPECT_EQ(0, event_count(self->event));
	EXPECT_EQ(0, irqfd_set(self->vm, self->event, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	event_signal(self->event);
	EXPECT_TAKEN(0, 0, self->vcpu);
	EXPECT_EQ(1, event_count(self->event));
}

TEST_F(irqfd, signalled_before)
{
	event_signal(self->event);
	start(self->vcpu, true);
	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	let_it_be_seen();
	EXPECT_TAKEN(1, 0, self->vcpu);
}

TEST_F(irqfd, two_for_one_interrupt)
{
	int second = event_create();

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	ASSERT_EQ(0, irqfd_set(self->vm, second, GSI, 0, 0));
	start(self->vcpu, true);
	event_signal(self->event);
	EXPECT_TAKEN(1, 0, self->vcpu);
	event_signal(second);
	EXPECT_TAKEN(2, 0, self->vcpu);
	close(second);
}

TEST_F(irqfd, closed_eventfd)
{
	int again = event_create();

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	start(self->vcpu, true);
	close(self->event);
	self->event = again;
	/* neither a leak nor in the way */
	ASSERT_EQ(0, irqfd_set(self->vm, again, GSI, 0, 0));
	event_signal(again);
	EXPECT_TAKEN(1, 0, self->vcpu);
}

TEST_F(irqfd, no_such_interrupt)
{
	ASSERT_EQ(0, irqfd_set(self->vm, self->event, 4000, 0, 0));
	start(self->vcpu, true);
	event_signal(self->event);
	EXPECT_TAKEN(0, 0, self->vcpu);
}

/* The device's line is high until it is told that the guest has seen to it. */
TEST_F(irqfd, resample)
{
	u32 i;

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, RESAMPLE, self->resample));
	start(self->vcpu, false);
	for (i = 1; i <= TIMES; i++) {
		event_signal(self->event);
		EXPECT_TAKEN(i, 0, self->vcpu);
		EXPECT_EQ(1, event_count(self->resample));
	}
}

/* With EOImode 1 and several vCPUs, as any of them may deactivate it. */
TEST(resample_at_deactivation)
{
	int event = event_create(), resample = event_create();
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);
	int gic;
	u32 i;

	vcpu_add_off(vm, 1);
	gic = gic_create(vm);
	program_load(vm);
	ASSERT_EQ(0, irqfd_set(vm, event, GSI, RESAMPLE, resample));
	program_enter(vcpu, guest_takes, false, true, 0);
	program_run_to(vcpu, 1);
	for (i = 1; i <= TIMES; i++) {
		event_signal(event);
		EXPECT_TAKEN(i, 0, vcpu);
		EXPECT_EQ(1, event_count(resample));
	}
	close(event);
	close(resample);
	close(gic);
	vm_destroy(vm);
}

TEST_F(irqfd, resample_of_two)
{
	int second = event_create(), resample = event_create();

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, RESAMPLE, self->resample));
	ASSERT_EQ(0, irqfd_set(self->vm, second, GSI, RESAMPLE, resample));
	start(self->vcpu, false);
	event_signal(second);
	EXPECT_TAKEN(1, 0, self->vcpu);
	/* all devices are asked, whichever it was */
	EXPECT_EQ(1, event_count(self->resample));
	EXPECT_EQ(1, event_count(resample));
	close(second);
	close(resample);
}

TEST_F(irqfd, line_falls_with_the_last_resampler)
{
	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, RESAMPLE, self->resample));
	start(self->vcpu, false);
	event_signal(self->event);
	let_it_be_seen();
	EXPECT_EQ(0, irqfd_set(self->vm, self->event, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_TAKEN(0, 0, self->vcpu);
}

/* Nor does it fall with others' interrupts: who drives it otherwise is not asked. */
TEST_F(irqfd, line_of_irq_line_stays)
{
	u32 i;

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, OTHER_GSI, RESAMPLE, self->resample));
	start(self->vcpu, false);
	gic_line(self->vm, GIC_SPI(GSI), true);
	/* The guest does not get any further. */
	alarm_every(100);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(EINTR, ERRNO_OF(__vcpu_run(self->vcpu)));
	alarm_every(0);
	gic_line(self->vm, GIC_SPI(GSI), false);
	EXPECT_LT(1, settle(self->vcpu).args[1]);
	EXPECT_EQ(0, event_count(self->resample));
}

#define ROUTES	4097

static int route(struct vm *vm, u32 nr, u32 flags, const struct kvm_irq_routing_entry *entries)
{
	static u64 buffer[(sizeof(struct kvm_irq_routing) +
			   ROUTES * sizeof(struct kvm_irq_routing_entry)) / 8];
	struct kvm_irq_routing *routing = (void *)buffer;

	routing->nr = nr;
	routing->flags = flags;
	memcpy(routing->entries, entries, nr * sizeof(*entries));
	return ioctl(vm->fd, KVM_SET_GSI_ROUTING, routing);
}

TEST_F(irqfd, routing_errors)
{
	static struct kvm_irq_routing_entry many[ROUTES];
	struct kvm_irq_routing_entry entry = { .gsi = GSI, .type = KVM_IRQ_ROUTING_IRQCHIP };
	struct vm *vm = self->vm;
	u32 i;

	EXPECT_EQ(0, route(vm, 0, 0, NULL));
	EXPECT_EQ(0, route(vm, 1, 0, &entry));
	EXPECT_ERRNO(EINVAL, route(vm, 1, 1, &entry));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_SET_GSI_ROUTING, BAD_ADDRESS));
	EXPECT_ERRNO(EINVAL, route(vm, ROUTES, 0, many));
	entry.gsi = 4096;
	EXPECT_ERRNO(EINVAL, route(vm, 1, 0, &entry));
	entry.gsi = 4095;
	entry.flags = 1;
	EXPECT_ERRNO(EINVAL, route(vm, 1, 0, &entry));
	entry.flags = 0;
	entry.u.irqchip.pin = 988;
	EXPECT_ERRNO(EINVAL, route(vm, 1, 0, &entry));
	entry.u.irqchip.pin = 987;
	entry.u.irqchip.irqchip = 1;
	EXPECT_ERRNO(EINVAL, route(vm, 1, 0, &entry));
	entry.u.irqchip.irqchip = 0;
	EXPECT_EQ(0, route(vm, 1, 0, &entry));
	entry.type = 99;
	EXPECT_ERRNO(EINVAL, route(vm, 1, 0, &entry));
	entry.type = KVM_IRQ_ROUTING_MSI;
	EXPECT_EQ(0, route(vm, 1, 0, &entry));
	entry.flags = KVM_MSI_VALID_DEVID;
	EXPECT_EQ(0, route(vm, 1, 0, &entry));
	entry.flags = KVM_MSI_VALID_DEVID << 1;
	EXPECT_ERRNO(EINVAL, route(vm, 1, 0, &entry));
	for (i = 0; i < 2; i++)
		many[i] = (struct kvm_irq_routing_entry){
			.gsi = GSI, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = i,
		};
	EXPECT_ERRNO(EINVAL, route(vm, 2, 0, many));
	many[1].type = KVM_IRQ_ROUTING_MSI;
	EXPECT_ERRNO(EINVAL, route(vm, 2, 0, many));
	many[0].type = KVM_IRQ_ROUTING_MSI;
	EXPECT_ERRNO(EINVAL, route(vm, 2, 0, many));
	many[1].gsi = OTHER_GSI;
	EXPECT_EQ(0, route(vm, 2, 0, many));
}

TEST_F(irqfd, routing)
{
	struct kvm_irq_routing_entry entry = {
		.gsi = GSI,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip.pin = OTHER_GSI,
	};

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	start(self->vcpu, true);
	ASSERT_EQ(0, route(self->vm, 1, 0, &entry));
	event_signal(self->event);
	EXPECT_TAKEN(0, 1, self->vcpu);
	/* to none */
	ASSERT_EQ(0, route(self->vm, 0, 0, NULL));
	event_signal(self->event);
	EXPECT_TAKEN(0, 0, self->vcpu);
	entry.u.irqchip.pin = GSI;
	ASSERT_EQ(0, route(self->vm, 1, 0, &entry));
	event_signal(self->event);
	EXPECT_TAKEN(1, 1, self->vcpu);
}

/* Without an ITS nobody knows what to do with the message. */
TEST_F(irqfd, routed_to_a_message)
{
	struct kvm_irq_routing_entry entries[] = {
		{ .gsi = GSI, .type = KVM_IRQ_ROUTING_MSI, .u.msi.data = OTHER_GSI },
		{ .gsi = OTHER_GSI, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = OTHER_GSI },
	};
	int other = event_create();

	ASSERT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	ASSERT_EQ(0, irqfd_set(self->vm, other, OTHER_GSI, 0, 0));
	start(self->vcpu, true);
	ASSERT_EQ(0, route(self->vm, 2, 0, entries));
	event_signal(self->event);
	EXPECT_TAKEN(0, 0, self->vcpu);
	event_signal(other);
	EXPECT_TAKEN(0, 1, self->vcpu);
	close(other);
}

/* Nobody is there to be interrupted. */
TEST(without_vcpus)
{
	struct vm *vm = vm_create();
	int event = event_create(), resample = event_create();
	int gic = gic_create(vm);

	EXPECT_EQ(0, irqfd_set(vm, event, GSI, RESAMPLE, resample));
	event_signal(event);
	let_it_be_seen();
	EXPECT_EQ(0, event_count(resample));
	EXPECT_EQ(0, irqfd_set(vm, event, GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	close(event);
	close(resample);
	close(gic);
	vm_destroy(vm);
}

#define LIMIT		4096

/* Each end of an interrupt walks them: there is an end to that. */
TEST_F(irqfd, too_many)
{
	struct rlimit files = { 2 * LIMIT, 2 * LIMIT };
	static int many[LIMIT];
	u32 i;

	if (!device_is_setway())
		SKIP(return, "KVM has no limit");
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	for (i = 0; i < LIMIT; i++) {
		many[i] = event_create();
		ASSERT_EQ(0, irqfd_set(self->vm, many[i], GSI, 0, 0));
	}
	EXPECT_ERRNO(ENOSPC, irqfd_set(self->vm, self->event, GSI, 0, 0));
	EXPECT_ERRNO(EBUSY, irqfd_set(self->vm, many[0], GSI, 0, 0));
	EXPECT_EQ(0, irqfd_set(self->vm, many[0], GSI, KVM_IRQFD_FLAG_DEASSIGN, 0));
	EXPECT_EQ(0, irqfd_set(self->vm, self->event, GSI, 0, 0));
	for (i = 0; i < LIMIT; i++)
		close(many[i]);
}

/* The VM may go first. */
TEST(survives_its_vm)
{
	struct vcpu *vcpu = program_vcpu(guest_takes);
	int event = event_create(), gic = gic_create(vcpu->vm);

	ASSERT_EQ(0, irqfd_set(vcpu->vm, event, GSI, 0, 0));
	close(gic);
	vm_destroy(vcpu->vm);
	event_signal(event);
	EXPECT_EQ(1, event_count(event));
	close(event);
}

TEST_HARNESS_MAIN
