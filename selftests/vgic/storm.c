// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nonsense done to a GIC: vCPUs that write anything to its registers, signal each
 * other, set timers and sleep, while userspace drives lines, eventfds, routes and
 * attributes.  What becomes of the guest's interrupts is its own affair; the host
 * lives on, every vCPU gets to its end, and nothing is left.  $SETWAY_SEED repeats
 * the choices, if not their order.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "../lib/gic_device.h"
#include "../lib/module.h"
#include "../lib/test.h"

REQUIRE_SETWAY();

#define CPUS		3
#define OPERATIONS	1000
#define ROUNDS		4
#define ROUNDS_LONG	100
#define TICK_US		2000
#define EVENTS		4
#define ATTRS		400
#define FRAME		0x10000ULL
#define ELSEWHERE	0x0b000000ULL	/* where there is nothing but ioeventfds */
#define AFFINITY_INFO	0x84000004

/* A generator of the guest's own, one for each vCPU. */
static u64 guest_random(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void handler(u64 vector)
{
	u64 intid = vector == GUEST_VECTOR_IRQ ? icc_read(ICC_IAR1_EL1) : icc_read(ICC_IAR0_EL1);

	if (intid >= 1020)
		return;
	if (vector == GUEST_VECTOR_IRQ)
		icc_write(ICC_EOIR1_EL1, intid);
	else
		icc_write(ICC_EOIR0_EL1, intid);
	if (icc_read(ICC_CTLR_EL1) & ICC_CTLR_EOIMODE)
		icc_write(ICC_DIR_EL1, intid);
	/* a line that stays high is not to be all that there is from now on */
	gic_set(GICD_ICENABLER, intid);
}

/* A register of the distributor, or of any redistributor. */
static u64 register_any(u64 *seed)
{
	static const u16 offsets[] = {
		GICD_CTLR, GICD_IGROUPR, GICD_ISENABLER, GICD_ISENABLER, GICD_ICENABLER,
		GICD_ISPENDR, GICD_ISPENDR, GICD_ICPENDR, GICD_ISACTIVER, GICD_ICACTIVER,
		GICD_IPRIORITYR, GICD_ICFGR,
	};
	u64 offset = offsets[guest_random(seed) % ARRAY_SIZE(offsets)];
	u64 cpu = guest_random(seed) % (CPUS + 1);

	if (guest_random(seed) % 64 == 0)
		offset = guest_random(seed) % FRAME & ~7ULL;
	if (offset == GICD_IPRIORITYR)
		offset += guest_random(seed) % GIC_NR_IRQS & ~7ULL;
	if (cpu == CPUS)
		return GIC_DIST_BASE + offset + guest_random(seed) % 3 * sizeof(u32);
	return GIC_REDIST_BASE + cpu * GIC_REDIST_SIZE + GIC_SGI_FRAME + offset;
}

static void access_any(u64 *seed)
{
	u64 where = register_any(seed), value = guest_random(seed) & guest_random(seed);

	switch (guest_random(seed) % 16) {
	case 0:
		asm volatile("strb %w0, [%1]" : : "r" (value), "r" (where) : "memory");
		break;
	case 1:
		asm volatile("ldrh %w0, [%1]" : "=r" (value) : "r" (where) : "memory");
		break;
	case 2:
		guest_write(where & ~7ULL, value);
		break;
	case 3:
		guest_read(where & ~7ULL);
		break;
	case 4:
	case 5:
		gic_read(where);
		break;
	case 6:
		guest_write(GIC_DIST_BASE + GICD_IROUTER + 8 * (32 + guest_random(seed) % 64),
			    guest_random(seed) % (CPUS + 1));
		break;
	case 7:
		gic_write(ELSEWHERE, value % 2);
		break;
	default:
		gic_write(where, value);
		break;
	}
}

static void cpu_interface_any(u64 *seed)
{
	u64 intid = guest_random(seed) % GIC_NR_IRQS;

	switch (guest_random(seed) % 8) {
	case 0:
		icc_write(ICC_PMR_EL1, guest_random(seed));
		break;
	case 1:
		icc_write(ICC_CTLR_EL1, guest_random(seed) % 4);
		break;
	case 2:
		icc_write(ICC_EOIR1_EL1, intid);
		break;
	case 3:
		icc_write(ICC_DIR_EL1, intid);
		break;
	case 4:
		/* no more than its bits: that is an assertion of QEMU 7.2's */
		icc_write(ICC_BPR1_EL1, guest_random(seed) % 8);
		break;
	case 5:
		icc_write(ICC_IGRPEN0_EL1, guest_random(seed) % 2);
		break;
	case 6:
		icc_read(ICC_RPR_EL1);
		break;
	case 7:
		/* taken, and never ended */
		icc_read(ICC_IAR1_EL1);
		break;
	}
}

static void timer_any(u64 *seed)
{
	u64 now;

	asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r" (now));
	now += guest_random(seed) % 20000 - 100;
	if (guest_random(seed) % 2)
		asm volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
			     : : "r" (now), "r" (guest_random(seed) % 4));
	else
		asm volatile("msr cntv_tval_el0, %0\n\tmsr cntv_ctl_el0, %1\n\tisb"
			     : : "r" (guest_random(seed) % 20000), "r" (guest_random(seed) % 4));
}

/* Back to where interrupts come. */
static void mend(void)
{
	icc_write(ICC_PMR_EL1, 0xff);
	icc_write(ICC_IGRPEN1_EL1, 1);
	gic_write(GIC_DIST_BASE + GICD_CTLR, GICD_CTLR_ENABLE_GRP1);
	gic_set(GICD_ISENABLER, GIC_PPI_VTIMER);
	gic_set(GICD_ISENABLER, GIC_PPI_PTIMER);
}

static void do_any(u64 *seed)
{
	switch (guest_random(seed) % 16) {
	case 0:
		cpu_interface_any(seed);
		break;
	case 1:
		timer_any(seed);
		break;
	case 2:
		icc_write(ICC_SGI1R_EL1, guest_random(seed) & 0x0f000007);
		break;
	case 3:
		icc_write(ICC_SGI0R_EL1, GIC_SGI_TO_OTHERS(guest_random(seed) % 16));
		break;
	case 4:
		guest_irq_enable();
		break;
	case 5:
		guest_irq_disable();
		break;
	case 6:
		/* the host's signals wake it if nothing else does */
		if (guest_random(seed) % 4 == 0)
			asm volatile("wfi");
		break;
	case 7:
		mend();
		break;
	case 8:
		guest_setway(GUEST_CISW, guest_random(seed) % 4);
		break;
	case 9:
		guest_psci(AFFINITY_INFO, guest_random(seed) % CPUS, 0, 0);
		break;
	default:
		access_any(seed);
		break;
	}
}

static void guest_storms(u64 seed)
{
	u32 i;

	guest_gic_init(handler);
	for (i = 0; i < OPERATIONS; i++)
		do_any(&seed);
	guest_irq_disable();
}

/* The host's side */

static struct vm *vm;
static int gic;
static int events[EVENTS];
static atomic_uint running;

/* Stores that no ioeventfd takes are nobody's. */
static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct ucall ucall;

	for (;;) {
		if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
			fail("exit %u", vcpu->run->exit_reason);
		if (vcpu->run->mmio.phys_addr == ELSEWHERE)
			continue;
		if (ucall_get(vcpu, &ucall) && ucall.command == UCALL_DONE)
			break;
		fail("MMIO at %#llx, command %u", vcpu->run->mmio.phys_addr, ucall.command);
	}
	running--;
	return NULL;
}

static void on_tick(int signal)
{
	(void)signal;
}

static void do_irqfd(u64 *seed)
{
	struct kvm_irqfd args = {
		.fd = events[random_next(seed) % EVENTS],
		.gsi = random_next(seed) % GIC_NR_IRQS,
		.flags = random_next(seed) % 4,
		.resamplefd = events[random_next(seed) % EVENTS],
	};

	ioctl(vm->fd, KVM_IRQFD, &args);
}

static void do_ioeventfd(u64 *seed)
{
	struct kvm_ioeventfd args = {
		.fd = events[random_next(seed) % EVENTS],
		.addr = ELSEWHERE,
		.len = random_next(seed) % 5,
		.datamatch = random_next(seed) % 2,
		.flags = random_next(seed) % 8,
	};

	ioctl(vm->fd, KVM_IOEVENTFD, &args);
}

static void do_line(u64 *seed)
{
	struct kvm_irq_level line = {
		.irq = random_next(seed) % 3 << KVM_ARM_IRQ_TYPE_SHIFT |
		       random_next(seed) % CPUS << KVM_ARM_IRQ_VCPU_SHIFT |
		       random_next(seed) % GIC_NR_IRQS,
		.level = random_next(seed) % 2,
	};

	ioctl(vm->fd, KVM_IRQ_LINE, &line);
}

static void do_route(u64 *seed)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[2];
	} routing = { .head.nr = random_next(seed) % 3 };
	u32 i;

	for (i = 0; i < routing.head.nr; i++)
		routing.entries[i] = (struct kvm_irq_routing_entry){
			.gsi = random_next(seed) % 4, .type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip.pin = random_next(seed) % GIC_NR_IRQS,
		};
	ioctl(vm->fd, KVM_SET_GSI_ROUTING, &routing);
}

/* Registers in memory by offset, those of the CPU interface by number. */
static u64 register_of(u32 group, u64 *seed)
{
	/* ICC_PMR_EL1, and CRn 12 with CRm 8, 9 and 12 */
	static const u64 numbers[] = { 0xc230, 0xc640, 0xc648, 0xc660 };
	u64 offset = random_next(seed) % 0x400 << 2;

	switch (group) {
	case KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		return numbers[random_next(seed) % ARRAY_SIZE(numbers)] + random_next(seed) % 8;
	case KVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		return offset + random_next(seed) % 2 * GIC_SGI_FRAME;
	default:
		return offset;
	}
}

static void do_attr(u64 *seed)
{
	static const unsigned long requests[] = {
		KVM_GET_DEVICE_ATTR, KVM_SET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR,
	};
	u32 group = random_next(seed) % 9;
	u64 attr = random_next(seed) % CPUS << 32 | register_of(group, seed);
	u64 value = random_next(seed);

	gic_attr(gic, requests[random_next(seed) % 3], group, attr, &value);
}

static void do_event(u64 *seed)
{
	u32 which = random_next(seed) % EVENTS;
	u64 one = 1;

	if (random_next(seed) % 64) {
		if (write(events[which], &one, sizeof(one)) < 0)
			fail("an eventfd cannot be written");
		return;
	}
	close(events[which]);
	events[which] = eventfd(0, EFD_NONBLOCK);
}

static void disturb(u64 *seed)
{
	static void (*const how[])(u64 *seed) = {
		do_irqfd, do_ioeventfd, do_line, do_line, do_route, do_attr, do_event, do_event,
		do_event,
	};

	how[random_next(seed) % ARRAY_SIZE(how)](seed);
}

static void storm_make(u64 *seed)
{
	u32 i;

	vm = vm_create();
	for (i = 0; i < CPUS; i++)
		vcpu_add(vm, i);
	gic = gic_create(vm);
	program_load(vm);
	for (i = 0; i < CPUS; i++)
		program_enter(vm->vcpus[i], guest_storms, random_next(seed), 0, 0);
	for (i = 0; i < EVENTS; i++)
		events[i] = eventfd(0, EFD_NONBLOCK);
	/* What only goes while no vCPU runs leaves them a state to begin with. */
	for (i = 0; i < ATTRS; i++)
		do_attr(seed);
}

/* Signals and closes what may be connected still, in any order. */
static void storm_end(u64 *seed)
{
	u32 i;

	for (i = 0; i < EVENTS; i++)
		do_irqfd(seed);
	close(gic);
	if (random_next(seed) % 2) {
		vm_destroy(vm);
		vm = NULL;
	}
	for (i = 0; i < EVENTS * 4; i++)
		do_event(seed);
	for (i = 0; i < EVENTS; i++)
		close(events[i]);
	if (vm)
		vm_destroy(vm);
}

static void storm(u64 *seed)
{
	pthread_t threads[CPUS];
	u32 i, n;

	storm_make(seed);
	running = CPUS;
	for (i = 0; i < CPUS; i++) {
		if (pthread_create(&threads[i], NULL, vcpu_thread, vm->vcpus[i]))
			fail("cannot create a thread");
	}
	while (running) {
		for (n = random_next(seed) % 64; n; n--)
			disturb(seed);
		usleep(TICK_US);
		for (i = 0; i < CPUS; i++)
			pthread_kill(threads[i], SIGUSR1);
	}
	for (i = 0; i < CPUS; i++)
		pthread_join(threads[i], NULL);
}

FIXTURE(gic)
{
};

FIXTURE_SETUP(gic)
{
	log_mark();
}

FIXTURE_TEARDOWN(gic)
{
	EXPECT_TRUE(log_is_clean());
}

TEST_F_TIMEOUT(gic, survives_nonsense, 300)
{
	const struct sigaction action = { .sa_handler = on_tick };
	u64 seed = random_seed();
	u32 round, rounds = is_long_run() ? ROUNDS_LONG : ROUNDS;

	TH_LOG("seed %llu", seed);
	sigaction(SIGUSR1, &action, NULL);
	for (round = 0; round < rounds; round++) {
		storm(&seed);
		storm_end(&seed);
	}
}

TEST_HARNESS_MAIN
