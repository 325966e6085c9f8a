// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page of the VMM's is held only while it is being mapped, however that ends.  Here it
 * often ends for nothing, as the VMM's address space changes all the time; when all is
 * over, the memory that the guest had is free.
 */
#include <linux/kernel-page-flags.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "../lib/hostpage.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES		4096
#define SIZE		(PAGES * SZ_4K)
#define REPEATED_MIN	16
#define ROUNDS_MAX	200

static void guest_touches(void)
{
	u64 round;

	for (round = 0;; round++) {
		guest_touch(MEMORY_IPA, PAGES, SZ_4K);
		guest_sync(round);
	}
}

FIXTURE(release)
{
	struct vm *vm;
	struct vcpu *vcpu;
	void *hva;
	u64 frames[PAGES];
};

FIXTURE_VARIANT(release)
{
	u32 policy;
	bool huge;
};

FIXTURE_VARIANT_ADD(release, exact) { .policy = SETWAY_POLICY_EXACT };
FIXTURE_VARIANT_ADD(release, full) { .policy = SETWAY_POLICY_FULL };
FIXTURE_VARIANT_ADD(release, full_huge) { .policy = SETWAY_POLICY_FULL, .huge = true };

FIXTURE_SETUP(release)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
	vm_set_policy(self->vm, variant->policy);
	self->hva = memory_alloc(SIZE, SZ_2M);
	ASSERT_EQ(0, madvise(self->hva, SIZE, variant->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
	memory_populate(self->hva, SIZE);
	vm_memslot_add(self->vm, MEMORY_SLOT, (struct memslot){
		.ipa = MEMORY_IPA, .size = SIZE, .hva = self->hva,
	});
}

FIXTURE_TEARDOWN(release)
{
	vm_destroy(self->vm);
}

/* Something else goes, of the same address space. */
struct changer {
	pthread_t thread;
	atomic_bool done;
};

static void *change_mappings(void *data)
{
	struct changer *changer = data;
	u64 *page = memory_alloc(SZ_4K, SZ_4K);

	while (!changer->done) {
		WRITE_ONCE(*page, 1);
		madvise(page, SZ_4K, MADV_DONTNEED);
	}
	munmap(page, SZ_4K);
	return NULL;
}

static void frames_note(u64 frames[PAGES], void *hva)
{
	u64 i;

	for (i = 0; i < PAGES; i++)
		frames[i] = hostpage_frame(hva + i * SZ_4K);
}

/* Frames that are not free, although they are mapped nowhere. */
static unsigned int frames_held(const u64 frames[PAGES])
{
	unsigned int held = 0;
	u64 i;

	/* what CPUs have in hand to be put on a list of the kernel's, goes there */
	if (!hostpage_write("/proc/sys/vm/compact_memory", "1"))
		fail("compact_memory: %s", strerror(errno));
	for (i = 0; i < PAGES; i++)
		held += hostpage_frame_has(frames[i], KPF_ANON) &&
			!hostpage_frame_mapped(frames[i]);
	return held;
}

/* Return: how many more faults it took than @needed: those that mapped nothing. */
static u64 touch_all(struct vcpu *vcpu, u64 round, u64 needed)
{
	struct tally tally = tally_read(vcpu->vm);

	program_run_to(vcpu, round);
	tally = tally_since(vcpu->vm, &tally);
	return tally.faults > needed ? tally.faults - needed : 0;
}

TEST_F(release, whatever_happens)
{
	struct changer changer = { 0 };
	u64 repeated = 0, round = 0;

	program_enter(self->vcpu, guest_touches, 0, 0, 0);
	ASSERT_EQ(0, pthread_create(&changer.thread, NULL, change_mappings, &changer));
	do {
		/* the same memory, to be mapped anew */
		ASSERT_EQ(0, mprotect(self->hva, SIZE, PROT_READ));
		ASSERT_EQ(0, mprotect(self->hva, SIZE, PROT_READ | PROT_WRITE));
		repeated += touch_all(self->vcpu, round,
				      variant->huge ? SIZE / SZ_2M : PAGES);
	} while (repeated < REPEATED_MIN && ++round < ROUNDS_MAX);
	changer.done = true;
	pthread_join(changer.thread, NULL);
	EXPECT_LE(REPEATED_MIN, repeated);

	frames_note(self->frames, self->hva);
	ASSERT_EQ(0, madvise(self->hva, SIZE, MADV_DONTNEED));
	EXPECT_EQ(0, frames_held(self->frames));
}

TEST_HARNESS_MAIN
