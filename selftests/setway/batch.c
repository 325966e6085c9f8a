// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a batch of Set/Way operations cleans: the pages accessed since the last
 * one, those and no others.  And what is a batch, as far as single operations
 * go; loops of them are in loop.c.
 */
#include "../lib/setway_cases.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	1024

/* Where the host puts an instruction for the guest to fetch. */
#define CODE_PAGE	700
#define RET_INSN	0xd65f03c0

/*
 * First to last page, both sides of a 2 MiB boundary, then just one page again.
 * The kind of operation is in a register, as a function call would cost a page.
 */
static void __own_page guest_touch_and_flush(u64 operation)
{
	guest_write(MEMORY_PAGE(0), 1);
	guest_write(MEMORY_PAGE(5), 1);
	guest_write(MEMORY_PAGE(511), 1);
	guest_write(MEMORY_PAGE(512), 1);
	guest_write(MEMORY_PAGE(1023), 1);
	guest_sync(TOUCHED);
	if (operation == GUEST_ISW)
		guest_flush(GUEST_ISW, 0);
	else if (operation == GUEST_CSW)
		guest_flush(GUEST_CSW, 0);
	else
		guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(5), 2);
	guest_sync(TOUCHED_AGAIN);
	if (operation == GUEST_ISW)
		guest_flush(GUEST_ISW, 0);
	else if (operation == GUEST_CSW)
		guest_flush(GUEST_CSW, 0);
	else
		guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
}

FIXTURE(kind)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(kind)
{
	enum guest_setway operation;
};

FIXTURE_VARIANT_ADD(kind, isw)
{
	.operation = GUEST_ISW,
};

FIXTURE_VARIANT_ADD(kind, csw)
{
	.operation = GUEST_CSW,
};

FIXTURE_VARIANT_ADD(kind, cisw)
{
	.operation = GUEST_CISW,
};

FIXTURE_SETUP(kind)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_touch_and_flush, variant->operation, 0, 0);
}

FIXTURE_TEARDOWN(kind)
{
	vm_destroy(self->vm);
}

/* Before the first batch, what the guest has not accessed is idle already. */
TEST_F(kind, cleans_only_what_was_accessed)
{
	vm_premap(self->vm, MEMORY_SLOT);
	EXPECT_EQ(PAGES_WATCHED, counter_read(self->vm, "mapped_pages"));
	EXPECT_EQ(0, accessed_pages(self->vm));

	case_touch_and_flush(_metadata, self->vcpu);
	EXPECT_EQ(2, counter_read(self->vm, "setway_ops"));
	EXPECT_EQ(2, counter_read(self->vm, "setway_batches"));
	EXPECT_EQ(0, counter_read(self->vm, "setway_coalesced"));
	EXPECT_EQ(2, counter_read(self->vm, "exits_setway"));
	EXPECT_EQ(0, counter_read(self->vm, "cache_toggles"));
}

/* The same, of memory that nobody has mapped before the guest asked for it. */
TEST_F(kind, cleans_only_what_was_accessed_of_what_faults_mapped)
{
	EXPECT_EQ(0, counter_read(self->vm, "mapped_pages"));
	case_touch_and_flush(_metadata, self->vcpu);
	EXPECT_LE(PAGES_WATCHED, counter_read(self->vm, "mapped_pages"))
		TH_LOG("neighbours that are in memory come along");
}

/* full cleans all, as often as it is asked. */
TEST_F(kind, cleans_all_that_is_mapped_under_full)
{
	u64 mapped;

	vm_set_policy(self->vm, SETWAY_POLICY_FULL);
	vm_premap(self->vm, MEMORY_SLOT);
	program_run_to(self->vcpu, TOUCHED);
	mapped = counter_read(self->vm, "mapped_pages");
	EXPECT_LT(PAGES_WATCHED, mapped);
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_EQ(mapped, counter_read(self->vm, "pages_cleaned"));
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	EXPECT_EQ(mapped, counter_read(self->vm, "pages_cleaned"));
	program_run_to(self->vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(2 * mapped, counter_read(self->vm, "pages_cleaned"));
	EXPECT_EQ(2 * mapped * SZ_4K, counter_read(self->vm, "bytes_cleaned"));
	EXPECT_EQ(0, counter_read(self->vm, "pages_skipped"));
	EXPECT_EQ(mapped, counter_read(self->vm, "mapped_pages"));
	EXPECT_ACCESSED(self->vm, pages_at(0, PAGES_WATCHED));
}

/* Reading, writing and executing is all the same; what the host does is not. */
static void __own_page guest_access_in_all_ways(void)
{
	guest_write(MEMORY_PAGE(1), 1);
	guest_read(MEMORY_PAGE(3));
	/* calls what the host has put there: a return */
	asm volatile("blr %0" : : "r" (MEMORY_PAGE(CODE_PAGE)) : "x30", "memory");
	guest_sync(TOUCHED);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	guest_read(MEMORY_PAGE(1));
	guest_sync(TOUCHED_AGAIN);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
}

TEST(accesses_of_any_kind)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	u64 *word = vm_hva(vm, MEMORY_PAGE(20), SZ_4K);

	*(u32 *)vm_hva(vm, MEMORY_PAGE(CODE_PAGE), SZ_4K) = RET_INSN;
	program_enter(vcpu, guest_access_in_all_ways, 0, 0, 0);
	program_run_to(vcpu, TOUCHED);
	EXPECT_ACCESSED(vm, pages_at(1, 1), pages_at(3, 1), pages_at(CODE_PAGE, 1));
	/* the host's own accesses do not count */
	*word = *word + 1;
	EXPECT_ACCESSED(vm, pages_at(1, 1), pages_at(3, 1), pages_at(CODE_PAGE, 1));
	EXPECT_EXACT_BATCH(vcpu, FLUSHED);
	EXPECT_ACCESSED(vm);
	program_run_to(vcpu, TOUCHED_AGAIN);
	EXPECT_ACCESSED(vm, pages_at(1, 1));
	EXPECT_EXACT_BATCH(vcpu, FLUSHED_AGAIN);
	vm_destroy(vm);
}

/* Each of these is meant by the guest, and no cache was turned on or off. */
static void __own_page guest_flush_again_and_again(void)
{
	guest_flush(GUEST_CISW, 0);		/* the first */
	guest_flush(GUEST_CISW, 0);		/* the same again */
	guest_flush(GUEST_CSW, 0);		/* another kind */
	guest_flush(GUEST_ISW, 0);
	guest_flush(GUEST_CISW, 0);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
}

TEST(no_batch_is_dropped)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_flush_again_and_again, 0, 0, 0);
	case_again_and_again(_metadata, vcpu);
	vm_destroy(vm);
}

/*
 * Firmware that flushes for DMA, buffer after buffer, with its caches on all
 * the time.
 */
static void __own_page guest_flush_for_dma(void)
{
	u64 i;

	guest_mmu_on();
	guest_flush(GUEST_CISW, 0);
	for (i = 0; i < DMA_BUFFERS; i++) {
		guest_write(MEMORY_PAGE(i), i);
		guest_write(MEMORY_PAGE(100 + i), i);
		guest_sync(TOUCHED);
		guest_flush(GUEST_CISW, 0);
		guest_sync(FLUSHED);
	}
}

TEST(batches_without_a_toggle_between_them)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_enter(vcpu, guest_flush_for_dma, 0, 0, 0);
	case_dma(_metadata, vcpu);
	vm_destroy(vm);
}

/* Two operations with nothing but the second itself between them. */
static void __own_page guest_flush_at_once(void)
{
	guest_flush(GUEST_CISW, 0);
	guest_sync(TOUCHED);
	asm volatile("dc cisw, xzr\n\tdc cisw, xzr" : : : "memory");
	guest_sync(FLUSHED);
}

TEST(a_batch_with_nothing_to_clean_but_the_code)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	u64 accessed, cleaned;

	program_enter(vcpu, guest_flush_at_once, 0, 0, 0);
	program_run_to(vcpu, TOUCHED);
	accessed = accessed_pages(vm);
	cleaned = counter_read(vm, "pages_cleaned");
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(cleaned + accessed + 1, counter_read(vm, "pages_cleaned"));
	vm_destroy(vm);
}

/* Rounds of pages that the guest and the host both know. */
#define RANDOM_ROUNDS	24
#define RANDOM_PAGES	40

static inline u64 random_next(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void __own_page guest_touch_at_random(u64 state)
{
	u64 round, i;

	for (round = 0; round < RANDOM_ROUNDS; round++) {
		for (i = 0; i < RANDOM_PAGES; i++)
			guest_write(MEMORY_PAGE(random_next(&state) % PAGES_WATCHED), round);
		guest_sync(TOUCHED);
		guest_flush(GUEST_CISW, 0);
		guest_sync(FLUSHED);
	}
}

/* The same pages, as ranges.  Return: how many pages. */
static unsigned int random_pages(u64 *state, struct range *ranges, unsigned int *nr)
{
	bool touched[PAGES_WATCHED + 1] = { false };
	unsigned int i, pages = 0;

	for (i = 0; i < RANDOM_PAGES; i++)
		touched[random_next(state) % PAGES_WATCHED] = true;
	for (*nr = 0, i = 0; i < PAGES_WATCHED; i++) {
		if (!touched[i])
			continue;
		pages++;
		if (!i || !touched[i - 1])
			ranges[(*nr)++] = pages_at(i, 1);
		ranges[*nr - 1].end = MEMORY_PAGE(i + 1);
	}
	return pages;
}

/* One fault for each page, whatever else was taken back above it. */
TEST(random_pages_cost_one_revalidation_each)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	struct range ranges[RANDOM_PAGES];
	u64 state = 42;
	unsigned int round, nr, pages;
	struct tally t;

	vm_premap(vm, MEMORY_SLOT);
	program_enter(vcpu, guest_touch_at_random, state, 0, 0);
	for (round = 0; round < RANDOM_ROUNDS; round++) {
		t = tally_read(vm);
		pages = random_pages(&state, ranges, &nr);
		program_run_to(vcpu, TOUCHED);
		EXPECT_TRUE(accessed_is(vm, MEMORY_WINDOW, ranges, nr));
		t = tally_since(vm, &t);
		if (round) {
			/* code and stack: never more than three */
			EXPECT_LE(pages, t.revalidations);
			EXPECT_GE(pages + 3, t.revalidations);
			EXPECT_EQ(t.revalidations, t.faults);
		}
		t = tally_read(vm);
		EXPECT_EXACT_BATCH(vcpu, FLUSHED);
		EXPECT_ACCESSED(vm);
		t = tally_since(vm, &t);
		EXPECT_EQ(accessed_pages(vm), t.revalidations);
	}
	EXPECT_EQ(RANDOM_ROUNDS, counter_read(vm, "setway_batches"));
	vm_destroy(vm);
}

/* What the VMM wrote is cleaned before the guest sees it; no batch's work. */
TEST(first_cleaning_is_counted_apart)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	u64 first;

	vm_premap(vm, MEMORY_SLOT);
	EXPECT_EQ(0, counter_read(vm, "stale_cleaned"));
	program_enter(vcpu, guest_touch_and_flush, GUEST_CISW, 0, 0);
	program_run_to(vcpu, TOUCHED);
	first = accessed_pages(vm);
	EXPECT_EQ(first, counter_read(vm, "stale_cleaned"));
	EXPECT_EQ(0, counter_read(vm, "pages_cleaned"));
	/* from here on the guest accesses nothing that it has not seen */
	program_run_to(vcpu, FLUSHED);
	EXPECT_EQ(first, counter_read(vm, "pages_cleaned"));
	program_run_to(vcpu, TOUCHED_AGAIN);
	program_run_to(vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(first, counter_read(vm, "stale_cleaned"));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
