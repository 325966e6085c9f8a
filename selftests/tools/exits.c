// SPDX-License-Identifier: GPL-2.0-only
/*
 * A few exits of each kind that do as little as possible, to be metered from outside
 * (Documentation/bench.rst): the guest marks where a kind begins and where it ends.
 *
 *	usage: exits
 *
 * One line for each kind: "mark", the number of the mark at its end, how many rounds
 * there were, its name.
 */
#include <pthread.h>
#include <stdio.h>
#include <linux/psci.h>

#include "../lib/device.h"
#include "../lib/gic.h"
#include "../lib/guest.h"
#include "../lib/mark.h"
#include "../lib/program.h"
#include "../lib/timer.h"
#include "../lib/vm.h"

#define ROUNDS		256
#define GICD_IIDR	0x8		/* of the distributor: never changes */
#define MMIO_BASE	0x0a000000UL	/* where nothing is */
#define SGI_GO		1
#define SGI_BACK	2

/** enum kind - of exits, and the number of its mark; the names are below */
enum kind {
	HYPERCALL,
	CTR_READ,
	ID_READ,
	GIC_READ,
	USER_READ,
	TIMER,
	SGI,
	KINDS,
};

static const char * const kind_names[KINDS] = {
	[HYPERCALL]	= "hypercall",
	[CTR_READ]	= "CTR read",
	[ID_READ]	= "ID register read",
	[GIC_READ]	= "MMIO in the GIC",
	[USER_READ]	= "MMIO in userspace",
	[TIMER]		= "timer interrupt",
	[SGI]		= "SGI to another vCPU and back",
};

/* The guest's own: interrupts taken, by number. */
static u32 taken[32];
static bool ready, over;

/* With whatever is @once between two marks, many times. */
#define guest_rounds(kind, once) do {					\
	u32 __i;							\
									\
	mark(MARK_BEGIN);						\
	for (__i = 0; __i < ROUNDS; __i++)				\
		once;							\
	mark(kind);							\
} while (0)

static inline void guest_read_ctr(void)
{
	u64 value;

	asm volatile("mrs %0, ctr_el0" : "=r" (value));
}

static inline void guest_read_id(void)
{
	u64 value;

	asm volatile("mrs %0, id_aa64mmfr0_el1" : "=r" (value));
}

static void handler(u64 vector)
{
	u64 intid = icc_read(ICC_IAR1_EL1);

	if (intid == GIC_SPURIOUS)
		return;
	GUEST_ASSERT_EQ(GUEST_VECTOR_IRQ, vector);
	if (intid == GIC_PPI_VTIMER)
		timer_ctl(0);
	WRITE_ONCE(taken[intid], READ_ONCE(taken[intid]) + 1);
	icc_write(ICC_EOIR1_EL1, intid);
	if (intid == SGI_GO)
		icc_write(ICC_SGI1R_EL1, gic_sgi_to(0, SGI_BACK));
}

static void guest_takes(u32 intid, u32 count)
{
	while (READ_ONCE(taken[intid]) < count)
		guest_wait();
}

/* Due at once. */
static inline void guest_timer(u32 count)
{
	timer_tval(0);
	timer_ctl(CTL_ENABLE);
	guest_takes(GIC_PPI_VTIMER, count);
}

static inline void guest_sgi(u32 count)
{
	icc_write(ICC_SGI1R_EL1, gic_sgi_to(1, SGI_GO));
	guest_takes(SGI_BACK, count);
}

static void guest_answers(void)
{
	guest_gic_init(handler);
	WRITE_ONCE(ready, true);
	while (!READ_ONCE(over))
		guest_wait();
}

static void guest_exits(void)
{
	guest_gic_init(handler);
	while (!READ_ONCE(ready))
		;
	guest_rounds(HYPERCALL, guest_psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0));
	guest_rounds(CTR_READ, guest_read_ctr());
	guest_rounds(ID_READ, guest_read_id());
	guest_rounds(GIC_READ, gic_read(GIC_DIST_BASE + GICD_IIDR));
	guest_rounds(USER_READ, guest_read(MMIO_BASE));
	gic_set(GICD_ISENABLER, GIC_PPI_VTIMER);
	guest_rounds(TIMER, guest_timer(__i + 1));
	guest_rounds(SGI, guest_sgi(__i + 1));
	WRITE_ONCE(over, true);
	icc_write(ICC_SGI1R_EL1, gic_sgi_to(1, SGI_BACK));
}

static void *answers(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

/* Userspace has nothing to say to what the guest reads from it. */
static void exits(struct vcpu *vcpu)
{
	struct ucall ucall;

	do {
		if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
			fail("unexpected exit %u", vcpu->run->exit_reason);
	} while (vcpu->run->mmio.phys_addr == MMIO_BASE);
	if (!ucall_get(vcpu, &ucall) || ucall.command != UCALL_DONE)
		fail("the guest is not done");
}

int main(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0), *other = vcpu_add(vm, 1);
	enum kind kind;
	pthread_t thread;

	mark(MARK_BEGIN);
	program_load(vm);
	program_enter(vcpu, guest_exits, 0, 0, 0);
	program_enter(other, guest_answers, 0, 0, 0);
	gic_create(vm);
	if (pthread_create(&thread, NULL, answers, other))
		fail("cannot create a thread");
	exits(vcpu);
	pthread_join(thread, NULL);
	for (kind = 0; kind < KINDS; kind++)
		printf("mark %u %u %s\n", kind, ROUNDS, kind_names[kind]);
	vm_destroy(vm);
	return 0;
}
