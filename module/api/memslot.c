// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memslots.  The array that readers see never changes: a change publishes a new
 * one, waits until nobody uses the old one any more, and only then unmaps what
 * is not in a slot now.  A fault that looked at the old array has finished by
 * then, so nothing can map it again.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include "../vm.h"
#include "api.h"

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

/* Publish @add in the place of slot @id; on return no fault uses the old slots. */
static int __memslots_replace(struct vm *vm, u32 id, const struct memslot *add)
{
	struct memslots *old = rcu_dereference_protected(vm->memslots,
							 lockdep_is_held(&vm->lock));
	struct memslots *new = memslots_copy(old, id, add);

	if (!new)
		return -ENOMEM;
	rcu_assign_pointer(vm->memslots, new);
	synchronize_srcu_expedited(&vm->srcu);
	kvfree(old);
	return 0;
}

/*
 * Delete (@add is NULL), add, move, or begin or end the log of dirty pages.  @old is
 * a copy: the array that it came from is gone when its range is unmapped.
 */
static int __memslot_change(struct vm *vm, struct memslot *old, const struct memslot *add)
{
	bool stays = old && add && old->ipa == add->ipa;
	int ret;

	ret = __memslots_replace(vm, old ? old->id : add->id, add);
	if (ret)
		return ret;
	if (old && !stays)
		stage2_unmap(&vm->stage2, old->ipa, old->size, true);
	if (stays && add->dirty && !old->dirty)
		dirty_log_start(vm, add);
	/* No fault writes to it any more. */
	if (old && (!add || old->dirty != add->dirty))
		dirty_log_free(old);
	return 0;
}

static int __memslot_delete(struct vm *vm, u32 id)
{
	const struct memslot *found = memslot_find_id(memslots_get(vm), id);
	struct memslot old;

	if (!found)
		return -EINVAL;
	old = *found;
	return __memslot_change(vm, &old, NULL);
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

/* A slot that has a log keeps it as long as it shall have one. */
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
	struct memslot old;
	int ret;

	ret = memslot_check(vm, new, found);
	if (ret)
		return ret;
	if (found && new->ipa == found->ipa && new->flags == found->flags)
		return 0;
	ret = memslot_get_log(vm, new, found);
	if (ret)
		return ret;
	if (found)
		old = *found;
	ret = __memslot_change(vm, found ? &old : NULL, new);
	if (ret && !(found && new->dirty == old.dirty))
		dirty_log_free(new);
	return ret;
}

static bool memslot_is_sane(const struct kvm_userspace_memory_region *region)
{
	u64 end;

	return !(region->flags & ~(KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES)) &&
	       region->slot < MEMSLOTS_MAX &&
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
	mutex_lock(&vm->lock);
	ret = new.size ? __memslot_set(vm, &new) : __memslot_delete(vm, new.id);
	mutex_unlock(&vm->lock);
	return ret;
}
