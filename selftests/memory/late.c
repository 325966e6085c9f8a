// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMM loses a page after a fault has looked it up and before it is mapped: the
 * guest must never get to the page that was lost, and the host must get it back.
 *
 * The vCPU's thread is held at exactly that point (lib/hold.h).
 */
#include <linux/mman.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../module/api/uapi.h"
#include "../lib/hold.h"
#include "../lib/hugepages.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define LOOKUP		"get_user_pages_unlocked"
#define SIZE		SZ_2M
#define ROUNDS		4

#define BEFORE		0x1111111111111111ULL
#define AFTER		0x2222222222222222ULL
#define BY_GUEST	0x3333333333333333ULL

FIXTURE(late)
{
	struct vm *vm;
	struct vcpu *vcpu;
	pthread_t thread;
	u64 *hva;
};

FIXTURE_VARIANT(late)
{
	u32 policy;
	bool huge;
};

FIXTURE_VARIANT_ADD(late, exact)
{
	.policy = SETWAY_POLICY_EXACT,
};

FIXTURE_VARIANT_ADD(late, full)
{
	.policy = SETWAY_POLICY_FULL,
};

FIXTURE_VARIANT_ADD(late, huge_page)
{
	.policy = SETWAY_POLICY_EXACT,
	.huge = true,
};

FIXTURE_VARIANT_ADD(late, huge_page_full)
{
	.policy = SETWAY_POLICY_FULL,
	.huge = true,
};

static void memory_add(struct vm *vm, bool huge)
{
	struct memslot memory = {
		.ipa = MEMORY_IPA,
		.size = SIZE,
		.hva = huge ? memory_2m() : memory_alloc(SIZE, SZ_2M),
	};

	if (!memory.hva)
		fail("no huge page");
	if (!huge)
		memory_small(memory.hva, SIZE);
	vm_memslot_add(vm, MEMORY_SLOT, memory);
}

FIXTURE_SETUP(late)
{
	self->vm = vm_create();
	vm_set_policy(self->vm, variant->policy);
	program_load(self->vm);
	memory_add(self->vm, variant->huge);
	self->hva = vm_hva(self->vm, MEMORY_IPA, SIZE);
	self->vcpu = vcpu_add(self->vm, 0);
	puppet_start(self->vcpu);
}

FIXTURE_TEARDOWN(late)
{
	vm_destroy(self->vm);
	hugepages_restore();
}

static void *vcpu_obeys(void *data)
{
	puppet_obey(data);
	return NULL;
}

/* The guest writes to a page, and comes as far as its look-up. */
static void fault_hold(FIXTURE_DATA(late) * self)
{
	puppet_order(self->vcpu, PUPPET_WRITE, MEMORY_IPA, BY_GUEST);
	hold_arm(LOOKUP);
	if (pthread_create(&self->thread, NULL, vcpu_obeys, self->vcpu))
		fail("no thread");
	if (!hold_wait())
		fail("the guest's fault does not come");
}

/* Return: was it held all the time? */
static bool fault_go_on(FIXTURE_DATA(late) * self)
{
	bool held = hold_release();

	pthread_join(self->thread, NULL);
	return held;
}

/* Of huge pages the kernel says exactly how many are free. */
TEST_F(late, dropped)
{
	unsigned int round, free = hugepages_free();

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU: nothing can happen while a thread is held");
	for (round = 0; round < ROUNDS; round++) {
		*self->hva = BEFORE;
		fault_hold(self);
		ASSERT_EQ(0, madvise(self->hva, SIZE, MADV_DONTNEED));
		self->hva[1] = AFTER;
		ASSERT_TRUE(fault_go_on(self));
		EXPECT_EQ(BY_GUEST, *self->hva)
			TH_LOG("the guest writes to the page that was lost");
		EXPECT_EQ(AFTER, self->hva[1]);
		EXPECT_EQ(AFTER, puppet_read(self->vcpu, MEMORY_IPA + sizeof(u64)));
		ASSERT_EQ(0, madvise(self->hva, SIZE, MADV_DONTNEED));
	}
	EXPECT_EQ(free, hugepages_free())
		TH_LOG("the host does not get the page back");
}

TEST_HARNESS_MAIN
