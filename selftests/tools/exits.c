// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit costs: how long the guest waits for each of a few that do as little
 * as possible.
 *
 *	usage: exits [ROUNDS]
 *
 * One line for each kind: its name, and nanoseconds of the guest's counter.  Of many
 * rounds the fastest counts, as the host's clock ticks in the others.  On a host that
 * executes one instruction a nanosecond, these are instructions: scripts/bench.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/psci.h>

#include "../lib/device.h"
#include "../lib/gic.h"
#include "../lib/guest.h"
#include "../lib/program.h"
#include "../lib/vm.h"

#define ROUNDS		64
#define EXITS		128ULL	/* of a round: it ends before the next tick of the clock */
#define NS_PER_S	1000000000ULL

#define GICD_IIDR	0x8		/* of the distributor: never changes */
#define MMIO_BASE	0x0a000000UL	/* where nothing is */

/** enum kind - of exits; the host's names for them are below */
enum kind {
	NOTHING,
	HYPERCALL,
	CTR_READ,
	ID_READ,
	GIC_READ,
	USER_READ,
	KINDS,
};

static const char * const kind_names[KINDS] = {
	[HYPERCALL]	= "hypercall",
	[CTR_READ]	= "ctr_read",
	[ID_READ]	= "id_register_read",
	[GIC_READ]	= "gic_read",
	[USER_READ]	= "userspace_read",
};

static inline void guest_exit(enum kind kind)
{
	u64 value;

	switch (kind) {
	case HYPERCALL:
		guest_psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0);
		break;
	case CTR_READ:
		asm volatile("mrs %0, ctr_el0" : "=r" (value));
		break;
	case ID_READ:
		asm volatile("mrs %0, id_aa64mmfr0_el1" : "=r" (value));
		break;
	case GIC_READ:
		gic_read(GIC_DIST_BASE + GICD_IIDR);
		break;
	case USER_READ:
		guest_read(MMIO_BASE);
		break;
	default:
		break;
	}
}

static inline u64 guest_count(void)
{
	u64 value;

	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (value) : : "memory");
	return value;
}

static u64 guest_round(enum kind kind)
{
	u64 start = guest_count();
	u64 i;

	for (i = 0; i < EXITS; i++)
		guest_exit(kind);
	return guest_count() - start;
}

static void guest_measures(u64 rounds)
{
	u64 frequency, least, i;
	enum kind kind;

	asm volatile("mrs %0, cntfrq_el0" : "=r" (frequency));
	for (kind = NOTHING; kind < KINDS; kind++) {
		least = ~0ULL;
		for (i = 0; i < rounds; i++) {
			u64 ticks = guest_round(kind);

			if (ticks < least)
				least = ticks;
		}
		guest_report(kind, least, frequency);
	}
}

/* The loop around them is not theirs.  What does not exit may even take less. */
static void report(const u64 *ns)
{
	enum kind kind;

	for (kind = NOTHING + 1; kind < KINDS; kind++)
		printf("%-24s %6llu\n", kind_names[kind],
		       ns[kind] > ns[NOTHING] ? (ns[kind] - ns[NOTHING]) / EXITS : 0);
}

/* Userspace has nothing to say to what the guest reads from it. */
static u64 run_kind(struct vcpu *vcpu, enum kind kind)
{
	struct ucall ucall;

	do {
		if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
			fail("unexpected exit %u", vcpu->run->exit_reason);
	} while (vcpu->run->mmio.phys_addr == MMIO_BASE);
	if (!ucall_get(vcpu, &ucall) || ucall.command != UCALL_SYNC || ucall.args[0] != kind)
		fail("the guest is not where it should be");
	return ucall.args[1] * NS_PER_S / ucall.args[2];
}

int main(int argc, char **argv)
{
	u64 rounds = argc > 1 ? strtoull(argv[1], NULL, 0) : ROUNDS;
	struct vcpu *vcpu = program_vcpu(guest_measures);
	enum kind kind;
	u64 ns[KINDS];

	gic_create(vcpu->vm);
	program_enter(vcpu, guest_measures, rounds, 0, 0);
	for (kind = NOTHING; kind < KINDS; kind++)
		ns[kind] = run_kind(vcpu, kind);
	program_finish(vcpu);
	report(ns);
	vm_destroy(vcpu->vm);
	return 0;
}
