/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the VMM's memory to stage-2 entries: faults, and premapping.
 */
#ifndef SETWAY_MEMORY_FAULT_H
#define SETWAY_MEMORY_FAULT_H

#include "../stage2/stage2.h"

struct memslot;
struct vm;

/**
 * fault_map() - map the page that a guest access needs, and let the guest in
 * @vm: its srcu read side is held
 * @slot: memslot that @ipa is in
 * @ipa: faulting address
 * @access: what the guest wanted
 * @pool: filled here; what is left stays for the next fault
 *
 * Under STAGE2_POLICY_EXACT the neighbours in the same 2 MiB that the VMM has
 * in memory are mapped idle on the way.  Under STAGE2_POLICY_FULL the largest
 * block that fits is mapped.
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
 * fault_premap() - map a whole memslot idle (SETWAY_PREMAP)
 * @vm: its lock is held, no vCPU has run
 * @slot: memslot
 *
 * Return: 0, -EFAULT, -ENOMEM, -EINTR.
 */
int fault_premap(struct vm *vm, const struct memslot *slot);

#endif /* SETWAY_MEMORY_FAULT_H */
