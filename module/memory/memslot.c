// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memslots.  The array that readers see never changes: a change publishes a new
 * array, and waits until nobody uses the old one.
 *
 * What leaves a slot is unmapped before the new array is published.  The MMU
 * notifier finds in the array what it has to unmap, so a page that is mapped
 * but in no slot would stay with the guest after the VMM has lost it.  As long
 * as a fault may have seen the old array, nothing is mapped
 * (invalidation_begin()), so nothing of the old slot comes back.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include "../vm.h"
#include "dirty_log.h"
#include "notifier.h"

const struct memslots *memslots_get(struct vm *vm)
{
	return srcu_dereference_check(vm->memslots, &vm->srcu,
				      lockdep_is_held(&vm->lock));
}

const struct memslot *memslot_find(const struct memslots *slots, u64 ipa)
{
	unsigned int low = 0, high = slots->nr;

	/* The slot sought, if any, is in [low, high). */
	while (low < high) {
		unsigned int middle = low + (high - low) / 2;
		const struct memslot *slot = &slots->slot[middle];

		if (ipa < slot->ipa)
			high = middle;
		else if (ipa - slot->ipa >= slot->size)
			low = middle + 1;
		else
			return slot;
	}
	return NULL;
}

const struct memslot *memslot_find_id(const struct memslots *slots, u32 id)
{
	unsigned int i;

	for (i = 0; i < slots->nr; i++)
		if (slots->slot[i].id == id)
			return &slots->slot[i];
	return NULL;
}

static struct memslots *memslots_alloc(unsigned int nr)
{
	struct memslots *slots;

	slots = kvzalloc(struct_size(slots, slot, nr), GFP_KERNEL_ACCOUNT);
	if (slots)
		slots->nr = nr;
	return slots;
}

int memslots_init(struct vm *vm)
{
	struct memslots *slots = memslots_alloc(0);

	if (!slots)
		return -ENOMEM;
	RCU_INIT_POINTER(vm->memslots, slots);
	return 0;
}

void memslots_free(struct vm *vm)
{
	struct memslots *slots = rcu_dereference_protected(vm->memslots, true);
	unsigned int i;

	for (i = 0; i < slots->nr; i++)
		dirty_log_free(&slots->slot[i]);
	kvfree(slots);
}

static int memslot_compare(const void *a, const void *b)
{
	const struct memslot *x = a, *y = b;

	return x->ipa < y->ipa ? -1 : x->ipa > y->ipa;
}

/* A copy of @old without slot @id, and with @add unless that is NULL. */
static struct memslots *memslots_copy(const struct memslots *old, u32 id,
				      const struct memslot *add)
{
	bool replaces = memslot_find_id(old, id);
	struct memslots *new;
	unsigned int i, n = 0;

	new = memslots_alloc(old->nr - replaces + !!add);
	if (!new)
		return NULL;
	for (i = 0; i < old->nr; i++)
		if (old->slot[i].id != id)
			new->slot[n++] = old->slot[i];
	if (add)
		new->slot[n++] = *add;
	sort(new->slot, n, sizeof(new->slot[0]), memslot_compare, NULL);
	return new;
}

static bool memslots_overlap(const struct memslots *slots, const struct memslot *new)
{
	unsigned int i;

	for (i = 0; i < slots->nr; i++) {
		const struct memslot *slot = &slots->slot[i];

		if (slot->id != new->id && slot->ipa < new->ipa + new->size &&
		    new->ipa < slot->ipa + slot->size)
			return true;
	}
	return false;
}

/*
 * Delete (@add is NULL), add (@old is NULL), move, or begin or end the log of dirty
 * pages.  @old is in the old array.
 */
static int __memslot_change(struct vm *vm, const struct memslot *old,
			    const struct memslot *add)
{
	struct memslots *before = rcu_dereference_protected(vm->memslots,
							    lockdep_is_held(&vm->lock));
	struct memslots *after = memslots_copy(before, old ? old->id : add->id, add);
	bool stays = old && add && old->ipa == add->ipa;
	bool goes = old && !stays;
	struct memslot gone;

	if (!after)
		return -ENOMEM;
	if (goes) {
		invalidation_begin(vm);
		stage2_unmap(&vm->stage2, old->ipa, old->size, true);
	}
	rcu_assign_pointer(vm->memslots, after);
	synchronize_srcu_expedited(&vm->srcu);
	if (goes)
		invalidation_end(vm);
	if (stays && add->dirty && !old->dirty)
		dirty_log_start(vm, add);
	/* No fault sets bits in it any more. */
	if (old && (!add || old->dirty != add->dirty)) {
		gone = *old;
		dirty_log_free(&gone);
	}
	kvfree(before);
	return 0;
}

static int __memslot_delete(struct vm *vm, u32 id)
{
	const struct memslot *old = memslot_find_id(memslots_get(vm), id);

	return old ? __memslot_change(vm, old, NULL) : -EINVAL;
}

static int memslot_check(struct vm *vm, const struct memslot *new, const struct memslot *found)
{
	if (found && (new->hva != found->hva || new->size != found->size ||
		      ((new->flags ^ found->flags) & KVM_MEM_READONLY)))
		return -EINVAL;
	if (memslots_overlap(memslots_get(vm), new))
		return -EEXIST;
	return new->ipa + new->size > BIT_ULL(vm->stage2.ia_bits) ? -EFAULT : 0;
}

/* A slot that has a log keeps it, if the new flags still ask for one. */
static int memslot_get_log(struct vm *vm, struct memslot *new, const struct memslot *found)
{
	if (!(new->flags & KVM_MEM_LOG_DIRTY_PAGES))
		return 0;
	new->dirty = found ? found->dirty : NULL;
	return new->dirty ? 0 : dirty_log_alloc(vm, new);
}

static int __memslot_set(struct vm *vm, struct memslot *new)
{
	const struct memslot *found = memslot_find_id(memslots_get(vm), new->id);
	int ret;

	ret = memslot_check(vm, new, found);
	if (ret)
		return ret;
	if (found && new->ipa == found->ipa && new->flags == found->flags)
		return 0;
	ret = memslot_get_log(vm, new, found);
	if (ret)
		return ret;
	ret = __memslot_change(vm, found, new);
	/* After a failure @found is still there. */
	if (ret && !(found && new->dirty == found->dirty))
		dirty_log_free(new);
	return ret;
}

static bool memslot_is_sane(const struct kvm_userspace_memory_region *region)
{
	u64 end;

	return !(region->flags & ~(KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES)) &&
	       region->slot < MEMSLOTS_MAX &&
	       region->memory_size >> PAGE_SHIFT <= MEMSLOT_PAGES_MAX &&
	       PAGE_ALIGNED(region->memory_size) &&
	       PAGE_ALIGNED(region->guest_phys_addr) &&
	       PAGE_ALIGNED(region->userspace_addr) &&
	       region->userspace_addr == untagged_addr(region->userspace_addr) &&
	       access_ok((void __user *)(unsigned long)region->userspace_addr,
			 region->memory_size) &&
	       !check_add_overflow(region->guest_phys_addr, region->memory_size, &end);
}

int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region)
{
	struct memslot new = {
		.id = region->slot,
		.flags = region->flags,
		.ipa = region->guest_phys_addr,
		.size = region->memory_size,
		.hva = region->userspace_addr,
	};
	int ret;

	if (!memslot_is_sane(region))
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = new.size ? __memslot_set(vm, &new) : __memslot_delete(vm, new.id);
	mutex_unlock(&vm->lock);
	return ret;
}
