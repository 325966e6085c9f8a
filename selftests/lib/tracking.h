/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of Set/Way and of the tracker have in common: guest code whose
 * pages can be counted, what a batch did, and which pages are accessed.
 */
#ifndef SELFTESTS_LIB_TRACKING_H
#define SELFTESTS_LIB_TRACKING_H

#include <sys/cdefs.h>

#include "counter.h"
#include "guest.h"
#include "vm.h"

/*
 * A guest function that has a page of code to itself.  From one stage to a
 * batch it then needs no page that it has not been in before the stage, so that
 * what is accessed at the stage is what the batch has to clean.
 */
#define __own_page	__attribute__((					\
				__noinline__, __noclone__, __aligned__(4096)))

#define MEMORY_SLOT	1	/* of the memory that the tests watch */

/**
 * guest_flush() - one Set/Way operation, without a call that costs a page
 * @operation: a constant
 * @operand: set, way and level
 */
static __always_inline void guest_flush(enum guest_setway operation, u64 operand)
{
	if (operation == GUEST_ISW)
		asm volatile("dc isw, %0" : : "r" (operand) : "memory");
	else if (operation == GUEST_CSW)
		asm volatile("dc csw, %0" : : "r" (operand) : "memory");
	else
		asm volatile("dc cisw, %0" : : "r" (operand) : "memory");
}

/**
 * sctlr_change() - set and clear bits of SCTLR_EL1, in the caller's page of code
 * @set: bits to set
 * @clear: bits to clear
 */
static __always_inline void sctlr_change(u64 set, u64 clear)
{
	u64 sctlr;

	asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
	sctlr = (sctlr & ~clear) | set;
	asm volatile("msr sctlr_el1, %0\n\tisb" : : "r" (sctlr) : "memory");
}

/**
 * memory_small() - keep memory in 4 KiB pages, whatever the kernel would like
 * @hva: the memory
 * @size: bytes
 */
void memory_small(void *hva, u64 size);

/**
 * memory_populate() - have all of some memory there, with its own pages
 * @hva: the memory
 * @size: bytes
 */
void memory_populate(void *hva, u64 size);

/**
 * memory_huge() - how much of a mapping of memory is transparent huge pages
 * @hva: the beginning of the mapping
 *
 * Return: bytes.
 */
u64 memory_huge(const void *hva);

/**
 * pages_mapped() - how much of a range is mapped at stage 2
 * @vm: the VM
 * @window: what to look at: mappings that start in it
 *
 * Return: the number of 4 KiB pages.
 */
u64 pages_mapped(struct vm *vm, struct range window);

/**
 * vm_watch() - watch the memory of a VM that has its program
 * @vm: the VM
 * @pages: of memory at MEMORY_IPA, added here, small pages, all there
 */
void vm_watch(struct vm *vm, u64 pages);

/**
 * vm_watched() - create a VM with this program and memory to be watched
 * @pages: of memory at MEMORY_IPA, small pages, all there
 *
 * Return: the VM.
 */
struct vm *vm_watched(u64 pages);

/**
 * vm_premap() - SETWAY_PREMAP
 * @vm: the VM
 * @slot: memslot id
 */
void vm_premap(struct vm *vm, u32 slot);

/**
 * vm_set_policy() - SETWAY_SET_POLICY
 * @vm: the VM
 * @policy: SETWAY_POLICY_*
 */
void vm_set_policy(struct vm *vm, u32 policy);

/**
 * vm_has_policy() - give a VM a policy, if this host has it
 * @vm: the VM
 * @policy: SETWAY_POLICY_*
 *
 * Return: false, with nothing changed, if it needs a CPU that sets access flags.
 */
bool vm_has_policy(struct vm *vm, u32 policy);

/* Why a test is skipped when vm_has_policy() says no. */
#define NO_ACCESS_FLAGS	"the CPU does not set access flags"

/**
 * struct tally - a VM's counters at a moment, or how much they grew since
 * @ops: setway_ops
 * @batches: setway_batches
 * @coalesced: setway_coalesced
 * @toggles: cache_toggles
 * @cleaned: pages_cleaned
 * @skipped: pages_skipped
 * @bytes: bytes_cleaned
 * @revalidations: revalidations
 * @faults: stage2_faults
 * @sysregs: exits_sysreg
 */
struct tally {
	u64 ops;
	u64 batches;
	u64 coalesced;
	u64 toggles;
	u64 cleaned;
	u64 skipped;
	u64 bytes;
	u64 revalidations;
	u64 faults;
	u64 sysregs;
};

/**
 * tally_read() - read a VM's counters
 * @vm: the VM
 */
struct tally tally_read(struct vm *vm);

/**
 * tally_since() - how much a VM's counters grew
 * @vm: the VM
 * @before: what they were
 */
struct tally tally_since(struct vm *vm, const struct tally *before);

/**
 * accessed_is() - are just these ranges accessed, of the watched memory?
 * @vm: the VM
 * @window: what to look at
 * @expected: ascending, not adjacent
 * @n: how many
 *
 * Prints what there is, if not.
 */
bool accessed_is(struct vm *vm, struct range window, const struct range *expected,
		 unsigned int n);

/**
 * pages_at() - some pages of the watched memory as a range
 * @first: number of the first
 * @n: how many
 */
static inline struct range pages_at(u64 first, u64 n)
{
	return (struct range){ MEMORY_PAGE(first), MEMORY_PAGE(first + n) };
}

/* What lies from MEMORY_IPA up to the calls' address, as a range. */
#define MEMORY_WINDOW		((struct range){ MEMORY_IPA, GUEST_UCALL_BASE })

/**
 * EXPECT_ACCESSED() - expect just these ranges of the watched memory accessed
 * @vm: the VM
 * @...: ranges, as by pages_at(), perhaps none
 */
#define EXPECT_ACCESSED(vm, ...) do {					\
	const struct range __ranges[] = { __VA_ARGS__ };		\
									\
	EXPECT_TRUE(accessed_is(vm, MEMORY_WINDOW, __ranges,		\
				ARRAY_SIZE(__ranges)));			\
} while (0)

/**
 * struct mapping - what the dump of the tables says of a range
 * @range: where it is
 * @accessed: not idle
 * @leaf_size: SZ_4K, SZ_2M or SZ_1G
 * @writable: not read-only
 * @pending: harvested, not cleaned yet
 * @stale: never cleaned
 */
struct mapping {
	struct range range;
	bool accessed;
	u64 leaf_size;
	bool writable;
	bool pending;
	bool stale;
};

/**
 * mappings_read() - list what is mapped
 * @vm: the VM
 * @window: what to look at: mappings that start in it
 * @mappings: room for the answer, in ascending order
 * @max: how much room
 *
 * Return: how many there are; fails if there are more than @max.
 */
unsigned int mappings_read(struct vm *vm, struct range window, struct mapping *mappings,
			   unsigned int max);

/**
 * EXPECT_EXACT_BATCH() - run to a stage over one batch, which must be exact
 * @cpu: vCPU at a stage, with but one batch between here and the next
 * @stage: the next
 *
 * What is accessed now is cleaned, and all that is mapped else is skipped.
 */
#define EXPECT_EXACT_BATCH(cpu, stage) do {				\
	struct vcpu *__vcpu = (cpu);					\
	u64 __accessed = accessed_pages(__vcpu->vm);			\
	u64 __mapped = counter_read(__vcpu->vm, "mapped_pages");	\
	struct tally __t = tally_read(__vcpu->vm);			\
									\
	program_run_to(__vcpu, stage);					\
	__t = tally_since(__vcpu->vm, &__t);				\
	EXPECT_EQ(1, __t.batches + __t.toggles);			\
	EXPECT_EQ(__accessed, __t.cleaned);				\
	EXPECT_EQ(__accessed * SZ_4K, __t.bytes);			\
	EXPECT_EQ(__mapped - __accessed, __t.skipped);			\
	EXPECT_EQ(__mapped, counter_read(__vcpu->vm, "mapped_pages"));	\
} while (0)

#endif /* SELFTESTS_LIB_TRACKING_H */
