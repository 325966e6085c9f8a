/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the VMM's memory to stage-2 entries: faults, and what premapping has of them.
 */
#ifndef SETWAY_MEMORY_FAULT_H
#define SETWAY_MEMORY_FAULT_H

#include "../stage2/stage2.h"

struct memslot;
struct page;
struct vm;

/**
 * struct fault - what is known of one fault on the way, or of what is premapped
 * @vm: the VM
 * @slot: memslot of @ipa
 * @ipa: page that the guest wants
 * @hva: the same in the VMM
 * @access: what the guest wanted of it
 * @seq: invalidations that had ended before the look-up
 * @page: the VMM's page, referenced
 * @writable: the guest may be let write to it
 * @around: room for the pages of 2 MiB
 */
struct fault {
	struct vm *vm;
	const struct memslot *slot;
	u64 ipa;
	u64 hva;
	enum stage2_access access;
	unsigned long seq;
	struct page *page;
	bool writable;
	struct page **around;
};

/**
 * fault_map() - map the page that a guest access needs, and let the guest in
 * @vm: its srcu read side is held
 * @slot: memslot that @ipa is in
 * @ipa: faulting address
 * @access: what the guest wanted
 * @pool: filled here; what is left stays for the next fault
 *
 * Under STAGE2_POLICY_FULL the largest block that fits is mapped.  Under the other
 * policies it is a page, and the neighbours in the same 2 MiB that the VMM has in memory
 * are mapped idle on the way.
 *
 * Context: process, may sleep (swap, userfaultfd).
 * Return: 1 when an idle page became accessed; 0 when the page was newly mapped, or
 * the guest has to try again; -EFAULT when the VMM has no memory there; -ENOMEM;
 * -EINTR.  For a page with a hardware error a SIGBUS (BUS_MCEERR_AR) is pending for
 * the caller, and the guest has to try again.
 */
int fault_map(struct vm *vm, const struct memslot *slot, u64 ipa,
	      enum stage2_access access, struct stage2_pool *pool);

/**
 * fault_mark_dirty() - the guest can write to this memory: do not lose it
 * @pa: start, page aligned
 * @size: bytes, page aligned
 *
 * Context: stage2.lock is held and the memory mapped, writable, at stage 2, so that
 * the VMM's page tables still map it in the same way.
 */
void fault_mark_dirty(u64 pa, u64 size);

/**
 * fault_begin() - begin a look-up in the VMM's memory
 * @fault: its seq is filled in
 */
void fault_begin(struct fault *fault);

/**
 * __fault_is_outdated() - has the VMM's mapping changed since fault_begin()?
 * @fault: its stage2.lock is held
 *
 * Return: true also while it is changing.
 */
bool __fault_is_outdated(const struct fault *fault);

/**
 * fault_fits() - can a block be around the IPA, as far as addresses go?
 * @fault: its IPA and its slot
 * @size: of the block
 */
bool fault_fits(const struct fault *fault, u64 size);

/**
 * fault_fits_1g() - can a block of 1 GiB be around the IPA?
 * @fault: its IPA and its slot
 * @page: the VMM's page there
 */
bool fault_fits_1g(const struct fault *fault, struct page *page);

/**
 * pages_fit_block() - can these be a block of 2 MiB?
 * @pages: STAGE2_PTRS of them
 */
bool pages_fit_block(struct page **pages);

/**
 * fault_around_alloc() - room for &struct fault.around
 *
 * Return: to be freed by kfree(); or NULL.
 */
struct page **fault_around_alloc(void);

#endif /* SETWAY_MEMORY_FAULT_H */
