// SPDX-License-Identifier: GPL-2.0-only
/*
 * While one vCPU reads or writes what is active, none is in the guest: in a list
 * register the state could change meanwhile.
 *
 * The thread that reads is held (lib/hold.h) as soon as all are out.
 */
#include <pthread.h>
#include <unistd.h>

#include "../lib/gic.h"
#include "../lib/hold.h"
#include "../lib/program.h"
#include "../lib/test.h"

REQUIRE_SETWAY();

#define INTID		GIC_SPI(8)
#define FREEZE		"setway:vgic_freeze"
#define LOOK_US		100000

static u64 count;
static bool over;

static void guest_counts(void)
{
	while (!READ_ONCE(over))
		WRITE_ONCE(count, count + 1);
}

static void guest_reads(void)
{
	GUEST_ASSERT(!gic_get(GICD_ISACTIVER, INTID));
	WRITE_ONCE(over, true);
}

static void guest_writes(void)
{
	gic_set(GICD_ICACTIVER, INTID);
	WRITE_ONCE(over, true);
}

FIXTURE(frozen)
{
	struct vm *vm;
	const u64 *count;
};

FIXTURE_VARIANT(frozen)
{
	void (*guest)(void);
};

FIXTURE_VARIANT_ADD(frozen, by_a_read)
{
	.guest = guest_reads,
};

FIXTURE_VARIANT_ADD(frozen, by_a_write)
{
	.guest = guest_writes,
};

FIXTURE_SETUP(frozen)
{
	self->vm = vm_create();
	vcpu_add(self->vm, 0);
	vcpu_add(self->vm, 1);
	gic_create(self->vm);
	program_load(self->vm);
	program_enter(self->vm->vcpus[0], guest_counts, 0, 0, 0);
	program_enter(self->vm->vcpus[1], variant->guest, 0, 0, 0);
	self->count = vm_hva(self->vm, (u64)&count, sizeof(count));
}

FIXTURE_TEARDOWN(frozen)
{
	vm_destroy(self->vm);
}

static void *vcpu_finishes(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

static pthread_t vcpu_start(struct vcpu *vcpu)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, vcpu_finishes, vcpu))
		fail("no thread");
	return thread;
}

TEST_F(frozen, until_it_is_done)
{
	pthread_t counts, accesses;
	u64 seen;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU: nothing runs while a thread is held");
	counts = vcpu_start(self->vm->vcpus[0]);
	while (!READ_ONCE(*self->count))
		;
	hold_arm(FREEZE);
	accesses = vcpu_start(self->vm->vcpus[1]);
	ASSERT_TRUE(hold_wait());
	seen = READ_ONCE(*self->count);
	usleep(LOOK_US);
	EXPECT_EQ(seen, READ_ONCE(*self->count));
	EXPECT_TRUE(hold_release());
	pthread_join(accesses, NULL);
	pthread_join(counts, NULL);
	EXPECT_LT(seen, READ_ONCE(*self->count));
}

TEST_HARNESS_MAIN
