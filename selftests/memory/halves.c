// SPDX-License-Identifier: GPL-2.0-only
/*
 * All of the IPA space is tracked, whatever its size: the tables' root may be up
 * to 16 pages, and each of them counts.  Memory is put at the end of each
 * sixteenth, so that every page of the root has some, and at the bottom and in
 * the middle.
 */
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PARTS		16
#define SLOT_SIZE	SZ_64K
#define PLACES_MAX	(2 * (PARTS + 2))

enum stage {
	TOUCHED = 1,
	FLUSHED,
	TOUCHED_AGAIN,
	FLUSHED_AGAIN,
};

/* The pages that the guest touches; set before the program is loaded. */
static u64 places[PLACES_MAX];
static unsigned int nr_places;

static void __own_page guest_touch_places(void)
{
	u64 i;

	for (i = 0; i < nr_places; i++)
		guest_write(places[i], places[i]);
	guest_sync(TOUCHED);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	for (i = 1; i < nr_places; i += 3) {
		if (guest_read(places[i]) != places[i])
			guest_ucall(UCALL_ASSERT, places[i], 0, 0);
	}
	guest_sync(TOUCHED_AGAIN);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
}

FIXTURE(space)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(space)
{
	unsigned int bits;
};

FIXTURE_VARIANT_ADD(space, default_size)
{
	.bits = 0,
};

FIXTURE_VARIANT_ADD(space, bits_32)
{
	.bits = 32,
};

FIXTURE_VARIANT_ADD(space, bits_33)
{
	.bits = 33,
};

FIXTURE_VARIANT_ADD(space, bits_36)
{
	.bits = 36,
};

FIXTURE_VARIANT_ADD(space, bits_39)
{
	.bits = 39,
};

FIXTURE_VARIANT_ADD(space, bits_40)
{
	.bits = 40,
};

FIXTURE_VARIANT_ADD(space, bits_42)
{
	.bits = 42,
};

FIXTURE_VARIANT_ADD(space, bits_43)
{
	.bits = 43,
};

FIXTURE_VARIANT_ADD(space, bits_44)
{
	.bits = 44,
};

FIXTURE_VARIANT_ADD(space, bits_48)
{
	.bits = 48,
};

/* A slot, of which the guest touches the first page and the last. */
static void memory_add(struct vm *vm, u32 slot, u64 ipa)
{
	memory_small(vm_memory_add(vm, slot, ipa, SLOT_SIZE, 0), SLOT_SIZE);
	places[nr_places++] = ipa;
	places[nr_places++] = ipa + SLOT_SIZE - SZ_4K;
}

/* In ascending order. */
static void memory_add_everywhere(struct vm *vm, unsigned int bits)
{
	u64 part = BIT(bits) / PARTS;
	u32 slot = 0, i;

	memory_add(vm, slot++, 0);
	for (i = 0; i < PARTS; i++) {
		if (i == PARTS / 2)
			memory_add(vm, slot++, i * part);
		memory_add(vm, slot++, (i + 1) * part - SLOT_SIZE);
	}
}

FIXTURE_SETUP(space)
{
	if (device_capability(KVM_CAP_ARM_VM_IPA_SIZE) < (int)variant->bits)
		return;
	self->vm = vm_create_sized(variant->bits);
	self->vcpu = vcpu_add(self->vm, 0);
	memory_add_everywhere(self->vm, variant->bits ?: 40);
	program_load(self->vm);
	memory_small(self->vm->slots[PROGRAM_SLOT].hva, GUEST_PROGRAM_SIZE);
	program_enter(self->vcpu, guest_touch_places, 0, 0, 0);
}

FIXTURE_TEARDOWN(space)
{
	if (self->vm)
		vm_destroy(self->vm);
}

/* Every so many of the places from one on, and nothing else but the program. */
static bool places_accessed(struct vm *vm, unsigned int from, unsigned int step)
{
	const struct range below = { 0, GUEST_PROGRAM_BASE };
	const struct range above = { GUEST_PROGRAM_BASE + GUEST_PROGRAM_SIZE, ~0ULL };
	struct range expected[PLACES_MAX];
	unsigned int i, n = 0, nr_below = 0;

	for (i = from; i < nr_places; i += step) {
		nr_below += places[i] < GUEST_PROGRAM_BASE;
		expected[n++] = (struct range){ places[i], places[i] + SZ_4K };
		/* the end of a half, and the beginning of the next */
		if (n > 1 && expected[n - 2].end == expected[n - 1].start) {
			expected[n - 2].end = expected[n - 1].end;
			n--;
		}
	}
	return accessed_is(vm, below, expected, nr_below) &&
	       accessed_is(vm, above, expected + nr_below, n - nr_below);
}

TEST_F(space, is_tracked_from_end_to_end)
{
	if (!self->vm)
		SKIP(return, "this CPU has less than %u bits of IPA", variant->bits);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_TRUE(places_accessed(self->vm, 0, 1));
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_TRUE(places_accessed(self->vm, nr_places, 1));
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	EXPECT_TRUE(places_accessed(self->vm, 1, 3));
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED_AGAIN);
	EXPECT_TRUE(places_accessed(self->vm, nr_places, 1));
}

/* What is idle at the far end goes as well. */
TEST_F(space, is_unmapped_from_end_to_end)
{
	u32 slot;

	if (!self->vm)
		SKIP(return, "this CPU has less than %u bits of IPA", variant->bits);
	program_run_to(self->vcpu, TOUCHED);
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_LE(nr_places, counter_read(self->vm, "mapped_pages"));
	for (slot = 0; slot < VM_MEMSLOTS; slot++) {
		if (self->vm->slots[slot].size)
			vm_memory_remove(self->vm, slot);
	}
	EXPECT_EQ(0, counter_read(self->vm, "mapped_pages"));
	EXPECT_EQ(0, counter_read(self->vm, "tables"));
}

TEST_HARNESS_MAIN
