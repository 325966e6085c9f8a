// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a batch costs depends on what was accessed, not on what there is: a guest
 * with a GiB of memory that touches three pages pays for three pages, however
 * large the blocks are that the GiB was mapped with.
 */
#include "../lib/hugepages.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES_2M	(SZ_2M / SZ_4K)
#define PAGES_1G	(SZ_1G / SZ_4K)
#define PAGES_FEW	(64 * SZ_1M / SZ_4K)

enum stage {
	TOUCHED = 1,
	FLUSHED,
	TOUCHED_AGAIN,
	FLUSHED_AGAIN,
};

/* The first page of the memory, one in the middle, the last one. */
static inline u64 middle_page(u64 pages)
{
	return pages / 3;
}

static void __own_page guest_touch_three_pages(u64 pages)
{
	guest_write(MEMORY_PAGE(0), 1);
	guest_read(MEMORY_PAGE(middle_page(pages)));
	guest_write(MEMORY_PAGE(pages - 1), 1);
	guest_sync(TOUCHED);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	/* the middle again, and its neighbour for the first time */
	guest_write(MEMORY_PAGE(middle_page(pages)), 1);
	guest_write(MEMORY_PAGE(middle_page(pages) + 1), 1);
	guest_sync(TOUCHED_AGAIN);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
}

FIXTURE(premap)
{
	struct vm *vm;
	struct vcpu *vcpu;
	char *hva;
};

FIXTURE_VARIANT(premap)
{
	u64 leaf_size;
};

FIXTURE_VARIANT_ADD(premap, pages)
{
	.leaf_size = SZ_4K,
};

FIXTURE_VARIANT_ADD(premap, blocks_2M)
{
	.leaf_size = SZ_2M,
};

FIXTURE_VARIANT_ADD(premap, blocks_1G)
{
	.leaf_size = SZ_1G,
};

/* Memory that can be mapped at MEMORY_IPA by leaves of a size, but no larger. */
static char *memory_of(u64 size, u64 leaf_size)
{
	char *hva;

	if (leaf_size == SZ_1G)
		return memory_1g();
	if (leaf_size == SZ_2M)
		return memory_repeated(size);
	/* two addresses that are no block's together */
	hva = memory_repeated(size + SZ_2M);
	return hva ? hva + SZ_4K : NULL;
}

/* The memory stays when the VM goes: it is not cut to be unmapped in part. */
static void memory_use(struct vm *vm, char *hva, u64 size)
{
	if (__vm_memslot_set(vm, MEMORY_SLOT, 0, MEMORY_IPA, size, hva))
		fail("memslot of %llu bytes: %s", size, strerror(errno));
}

static struct vm *vm_with(char *hva, u64 size, u32 policy)
{
	struct vm *vm = vm_create();

	vm_set_policy(vm, policy);
	program_load(vm);
	memory_small(vm->slots[PROGRAM_SLOT].hva, GUEST_PROGRAM_SIZE);
	memory_use(vm, hva, size);
	vm_premap(vm, MEMORY_SLOT);
	return vm;
}

FIXTURE_SETUP(premap)
{
	self->hva = memory_of(SZ_1G, variant->leaf_size);
	if (!self->hva)
		return;
	self->vm = vm_with(self->hva, SZ_1G, SETWAY_POLICY_EXACT);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_touch_three_pages, PAGES_1G, 0, 0);
}

FIXTURE_TEARDOWN(premap)
{
	if (self->vm)
		vm_destroy(self->vm);
	hugepages_restore();
}

/* How many pages of the watched memory are mapped by leaves of a size. */
static u64 pages_by(struct vm *vm, u64 leaf_size)
{
	struct mapping mappings[64];
	unsigned int n = mappings_read(vm, MEMORY_WINDOW, mappings, ARRAY_SIZE(mappings));
	u64 bytes = 0;

	while (n--) {
		if (mappings[n].leaf_size == leaf_size)
			bytes += mappings[n].range.end - mappings[n].range.start;
	}
	return bytes / SZ_4K;
}

static const char *why_no_memory(u64 leaf_size)
{
	return leaf_size == SZ_1G ? "no page of 1 GiB: boot with hugepagesz=1G hugepages=1" :
				    "no huge pages";
}

TEST_F(premap, maps_all_idle)
{
	struct mapping all;

	if (!self->hva)
		SKIP(return, "%s", why_no_memory(variant->leaf_size));
	EXPECT_EQ(PAGES_1G, counter_read(self->vm, "mapped_pages"));
	ASSERT_EQ(1, mappings_read(self->vm, MEMORY_WINDOW, &all, 1));
	EXPECT_EQ(MEMORY_IPA, all.range.start);
	EXPECT_EQ(MEMORY_IPA + SZ_1G, all.range.end);
	EXPECT_EQ(variant->leaf_size, all.leaf_size);
	EXPECT_FALSE(all.accessed);
	EXPECT_TRUE(all.writable);
	EXPECT_TRUE(all.stale);
	EXPECT_EQ(0, counter_read(self->vm, "stale_cleaned"));

	/* an idle GiB that never ran is a GiB mapped */
	memory_use(self->vm, NULL, 0);
	EXPECT_EQ(0, counter_read(self->vm, "mapped_pages"));
	EXPECT_EQ(0, counter_read(self->vm, "tables"));
}

TEST_F(premap, three_pages_of_a_gib)
{
	u64 middle = middle_page(PAGES_1G);
	u64 mapped;

	if (!self->hva)
		SKIP(return, "%s", why_no_memory(variant->leaf_size));
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_ACCESSED(self->vm, pages_at(0, 1), pages_at(middle, 1),
			pages_at(PAGES_1G - 1, 1));
	EXPECT_EQ(PAGES_1G, pages_mapped(self->vm, MEMORY_WINDOW));
	EXPECT_EQ(accessed_pages(self->vm), counter_read(self->vm, "stale_cleaned"));
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_ACCESSED(self->vm);
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	EXPECT_ACCESSED(self->vm, pages_at(middle, 2));
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED_AGAIN);
	EXPECT_ACCESSED(self->vm);

	/* only what was in the way of single pages was split */
	if (variant->leaf_size != SZ_4K) {
		EXPECT_EQ(3 * PAGES_2M, pages_by(self->vm, SZ_4K));
		EXPECT_EQ(PAGES_1G - 3 * PAGES_2M, pages_by(self->vm, SZ_2M));
		EXPECT_EQ(0, pages_by(self->vm, SZ_1G));
	}
	mapped = counter_read(self->vm, "mapped_pages");
	memory_use(self->vm, NULL, 0);
	EXPECT_EQ(mapped - PAGES_1G, counter_read(self->vm, "mapped_pages"));
	vm_memory_remove(self->vm, PROGRAM_SLOT);
	EXPECT_EQ(0, counter_read(self->vm, "mapped_pages"));
	EXPECT_EQ(0, counter_read(self->vm, "tables"));
}

static void tally_of_touches(struct vm *vm, u64 pages, struct tally *t)
{
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_touch_three_pages, pages, 0, 0);
	program_run_to(vcpu, TOUCHED);
	*t = tally_read(vm);
	program_run_to(vcpu, FLUSHED);
	program_run_to(vcpu, TOUCHED_AGAIN);
	program_run_to(vcpu, FLUSHED_AGAIN);
	*t = tally_since(vm, t);
}

/* The same guest in a VM a sixteenth of the size: the same work. */
TEST(cost_does_not_depend_on_size)
{
	struct tally large, small;
	char *hva = memory_of(SZ_1G, SZ_4K);
	struct vm *vm;

	if (!hva)
		SKIP(return, "%s", why_no_memory(SZ_4K));
	vm = vm_with(hva, SZ_1G, SETWAY_POLICY_EXACT);
	tally_of_touches(vm, PAGES_1G, &large);
	vm_destroy(vm);
	vm = vm_with(hva, 64 * SZ_1M, SETWAY_POLICY_EXACT);
	tally_of_touches(vm, PAGES_FEW, &small);
	vm_destroy(vm);
	hugepages_restore();
	EXPECT_EQ(2, large.batches);
	EXPECT_EQ(small.cleaned, large.cleaned);
	EXPECT_EQ(small.revalidations, large.revalidations);
	EXPECT_EQ(small.faults, large.faults);
	EXPECT_EQ(small.skipped + 2 * (PAGES_1G - PAGES_FEW), large.skipped);
}

/* full wants no entry idle, so it cleans all at once, and blocks stay blocks. */
TEST(under_full)
{
	char *hva = memory_of(64 * SZ_1M, SZ_2M);
	struct mapping all;
	struct tally t;
	struct vm *vm;

	if (!hva)
		SKIP(return, "%s", why_no_memory(SZ_2M));
	vm = vm_with(hva, 64 * SZ_1M, SETWAY_POLICY_FULL);
	EXPECT_EQ(PAGES_FEW, counter_read(vm, "stale_cleaned"));
	ASSERT_EQ(1, mappings_read(vm, MEMORY_WINDOW, &all, 1));
	EXPECT_EQ(64 * SZ_1M, all.range.end - all.range.start);
	EXPECT_EQ(SZ_2M, all.leaf_size);
	EXPECT_TRUE(all.accessed);
	EXPECT_FALSE(all.stale);
	tally_of_touches(vm, PAGES_FEW, &t);
	EXPECT_EQ(2 * counter_read(vm, "mapped_pages"), t.cleaned);
	EXPECT_EQ(0, t.skipped);
	EXPECT_EQ(0, t.faults);
	ASSERT_EQ(1, mappings_read(vm, MEMORY_WINDOW, &all, 1));
	EXPECT_EQ(SZ_2M, all.leaf_size);
	EXPECT_TRUE(all.accessed);
	EXPECT_FALSE(all.pending);
	vm_destroy(vm);
	hugepages_restore();
}

TEST_HARNESS_MAIN
