// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log: which pages of a memslot with KVM_MEM_LOG_DIRTY_PAGES the guest
 * has written to.  Pages of such a slot are mapped read-only; the first write
 * faults.  Then the page's bit is set and the page becomes writable, in one hold
 * of stage2.lock.  Whoever takes bits out makes those pages read-only again,
 * under the same lock, before anyone looks at the bits.  So a write is either in
 * the bits that were taken, or it faults and is in the next log.
 *
 * With KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, reading the log takes no bits out;
 * KVM_CLEAR_DIRTY_LOG does.
 */
#include <linux/bitmap.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../vm.h"
#include "dirty_log.h"
#include "memslot.h"

static_assert(STAGE2_LOG_BITS == BITS_PER_LONG);

static u64 log_pages(const struct memslot *slot)
{
	return slot->size >> PAGE_SHIFT;
}

static u64 log_words(const struct memslot *slot)
{
	return DIV_ROUND_UP(log_pages(slot), STAGE2_LOG_BITS);
}

int dirty_log_alloc(struct vm *vm, struct memslot *slot)
{
	slot->dirty = kvcalloc(log_words(slot), sizeof(u64), GFP_KERNEL_ACCOUNT);
	if (!slot->dirty)
		return -ENOMEM;
	if (vm->dirty_log_manual & KVM_DIRTY_LOG_INITIALLY_SET)
		bitmap_set((unsigned long *)slot->dirty, 0, log_pages(slot));
	return 0;
}

void dirty_log_free(struct memslot *slot)
{
	kvfree(slot->dirty);
	slot->dirty = NULL;
}

void dirty_log_start(struct vm *vm, const struct memslot *slot)
{
	/*
	 * All bits are set then; KVM_CLEAR_DIRTY_LOG makes the pages read-only as it
	 * clears them.
	 */
	if (!(vm->dirty_log_manual & KVM_DIRTY_LOG_INITIALLY_SET))
		stage2_wrprotect(&vm->stage2, slot->ipa, slot->size);
}

void __dirty_log_mark(struct vm *vm, const struct memslot *slot, u64 ipa)
{
	u64 page = (ipa - slot->ipa) >> PAGE_SHIFT;

	lockdep_assert_held(&vm->stage2.lock);
	if (slot->dirty)
		slot->dirty[page / STAGE2_LOG_BITS] |= BIT_ULL(page % STAGE2_LOG_BITS);
}

static int log_get(struct vm *vm, const struct memslot *slot, void __user *user, u64 *words)
{
	size_t size = log_words(slot) * sizeof(u64);

	if (vm->dirty_log_manual) {
		memcpy(words, slot->dirty, size);
	} else {
		memset(words, 0xff, size);
		stage2_log_take(&vm->stage2, slot->ipa, slot->dirty, words, log_words(slot));
	}
	return copy_to_user(user, words, size) ? -EFAULT : 0;
}

/* Return: the slot, if it has a log.  vm->lock keeps it in place. */
static const struct memslot *__log_slot(struct vm *vm, u32 id)
{
	const struct memslot *slot;

	/* The upper half is the number of an address space; there is only number 0. */
	if (id >= MEMSLOTS_MAX)
		return ERR_PTR(-EINVAL);
	slot = memslot_find_id(memslots_get(vm), id);
	return slot && slot->dirty ? slot : ERR_PTR(-ENOENT);
}

static int __dirty_log_get(struct vm *vm, const struct kvm_dirty_log *log)
{
	const struct memslot *slot = __log_slot(vm, log->slot);
	u64 *words;
	int ret;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	words = kvmalloc_array(log_words(slot), sizeof(u64), GFP_KERNEL_ACCOUNT);
	if (!words)
		return -ENOMEM;
	ret = log_get(vm, slot, log->dirty_bitmap, words);
	kvfree(words);
	return ret;
}

int dirty_log_get(struct vm *vm, const void __user *arg)
{
	struct kvm_dirty_log log;
	int ret;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = __dirty_log_get(vm, &log);
	mutex_unlock(&vm->lock);
	return ret;
}

static bool clear_is_sane(const struct memslot *slot, const struct kvm_clear_dirty_log *log)
{
	u64 pages = log_pages(slot);

	if (log->first_page > pages || log->num_pages > pages - log->first_page)
		return false;
	return log->num_pages == pages - log->first_page || !(log->num_pages % STAGE2_LOG_BITS);
}

static int log_clear(struct vm *vm, const struct memslot *slot,
		     const struct kvm_clear_dirty_log *log, u64 *words)
{
	u64 nr = DIV_ROUND_UP(log->num_pages, STAGE2_LOG_BITS);

	if (copy_from_user(words, log->dirty_bitmap, nr * sizeof(u64)))
		return -EFAULT;
	stage2_log_take(&vm->stage2, slot->ipa + (log->first_page << PAGE_SHIFT),
			slot->dirty + log->first_page / STAGE2_LOG_BITS, words, nr);
	return 0;
}

static int __dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *log)
{
	const struct memslot *slot = __log_slot(vm, log->slot);
	u64 *words;
	int ret;

	if (log->first_page % STAGE2_LOG_BITS)
		return -EINVAL;
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	if (!clear_is_sane(slot, log))
		return -EINVAL;
	words = kvmalloc_array(DIV_ROUND_UP(log->num_pages, STAGE2_LOG_BITS), sizeof(u64),
			       GFP_KERNEL_ACCOUNT);
	if (!words)
		return -ENOMEM;
	ret = log_clear(vm, slot, log, words);
	kvfree(words);
	return ret;
}

int dirty_log_clear(struct vm *vm, const void __user *arg)
{
	struct kvm_clear_dirty_log log;
	int ret;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = __dirty_log_clear(vm, &log);
	mutex_unlock(&vm->lock);
	return ret;
}

int dirty_log_enable_manual(struct vm *vm, u64 options)
{
	u64 allowed = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;

	if (options & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE)
		allowed |= KVM_DIRTY_LOG_INITIALLY_SET;
	if (options & ~allowed)
		return -EINVAL;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	vm->dirty_log_manual = options;
	mutex_unlock(&vm->lock);
	return 0;
}
