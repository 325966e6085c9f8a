// SPDX-License-Identifier: GPL-2.0-only
/*
 * Following the VMM's address space: what it unmaps, moves or protects is
 * removed from stage 2 first, in any state.  A look-up that began before cannot
 * bring it back.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/srcu.h>

#include "../vm.h"
#include "memslot.h"
#include "notifier.h"

static struct vm *notifier_vm(struct mmu_notifier *notifier)
{
	return container_of(notifier, struct vm, notifier);
}

/* Unmap the part of a memslot that lies in [start, end) of the VMM. */
static void notifier_unmap(struct vm *vm, const struct memslot *slot,
			   const struct mmu_notifier_range *range)
{
	u64 start = max_t(u64, range->start, slot->hva);
	u64 end = min_t(u64, range->end, slot->hva + slot->size);

	if (start < end)
		stage2_unmap(&vm->stage2, slot->ipa + (start - slot->hva), end - start,
			     mmu_notifier_range_blockable(range));
}

void invalidation_begin(struct vm *vm)
{
	spin_lock(&vm->stage2.lock);
	vm->invalidate_count++;
	spin_unlock(&vm->stage2.lock);
}

void invalidation_end(struct vm *vm)
{
	spin_lock(&vm->stage2.lock);
	/* WRITE_ONCE: fault_begin() reads it without the lock. */
	WRITE_ONCE(vm->invalidate_seq, vm->invalidate_seq + 1);
	vm->invalidate_count--;
	spin_unlock(&vm->stage2.lock);
}

static int notifier_invalidate_start(struct mmu_notifier *notifier,
				     const struct mmu_notifier_range *range)
{
	struct vm *vm = notifier_vm(notifier);
	const struct memslots *slots;
	unsigned int i;
	int idx;

	/* This comes first: from here on nothing of the range is mapped. */
	invalidation_begin(vm);

	idx = srcu_read_lock(&vm->srcu);
	slots = memslots_get(vm);
	for (i = 0; i < slots->nr; i++)
		notifier_unmap(vm, &slots->slot[i], range);
	srcu_read_unlock(&vm->srcu, idx);
	return 0;
}

static void notifier_invalidate_end(struct mmu_notifier *notifier,
				    const struct mmu_notifier_range *range)
{
	invalidation_end(notifier_vm(notifier));
}

/* The VMM's address space goes away, though the VM may stay: nothing is left to map. */
static void notifier_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct vm *vm = notifier_vm(notifier);

	stage2_unmap(&vm->stage2, 0, BIT_ULL(vm->stage2.ia_bits), true);
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start	= notifier_invalidate_start,
	.invalidate_range_end	= notifier_invalidate_end,
	.release		= notifier_release,
};

int notifier_register(struct vm *vm)
{
	vm->notifier.ops = &notifier_ops;
	return mmu_notifier_register(&vm->notifier, vm->mm);
}

void notifier_unregister(struct vm *vm)
{
	mmu_notifier_unregister(&vm->notifier, vm->mm);
}
