/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memslots: which part of the VMM's memory is the guest's memory, and where.
 */
#ifndef SETWAY_MEMORY_MEMSLOT_H
#define SETWAY_MEMORY_MEMSLOT_H

#include <linux/kvm.h>
#include <linux/limits.h>
#include <linux/types.h>

struct vm;

#define MEMSLOTS_MAX	512
#define MEMSLOT_PAGES_MAX	INT_MAX		/* KVM's limit */

/**
 * struct memslot - one piece of guest memory
 * @id: the VMM's number for it, below MEMSLOTS_MAX
 * @flags: KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES
 * @ipa: start in the guest, page aligned
 * @size: bytes, page aligned, never 0
 * @hva: start in the VMM, page aligned
 * @dirty: a bit for each page that was written to, with KVM_MEM_LOG_DIRTY_PAGES, or
 *	NULL; the bits are under stage2.lock
 */
struct memslot {
	u32 id;
	u32 flags;
	u64 ipa;
	u64 size;
	u64 hva;
	u64 *dirty;
};

/**
 * struct memslots - all memslots of a VM at one moment
 * @nr: number of them
 * @slot: sorted by @ipa, none overlapping
 *
 * Never changed once published: a change publishes a new copy.
 */
struct memslots {
	unsigned int nr;
	struct memslot slot[];
};

/**
 * memslot_hva() - where the VMM has an IPA of a slot
 * @slot: any
 * @ipa: in @slot
 */
static inline u64 memslot_hva(const struct memslot *slot, u64 ipa)
{
	return slot->hva + (ipa - slot->ipa);
}

/**
 * memslot_covers() - is a range in the slot as a whole?
 * @slot: any
 * @ipa: start
 * @size: bytes
 */
static inline bool memslot_covers(const struct memslot *slot, u64 ipa, u64 size)
{
	return ipa >= slot->ipa && ipa + size <= slot->ipa + slot->size;
}

/**
 * memslot_writable() - may the guest write to the slot?
 * @slot: any
 */
static inline bool memslot_writable(const struct memslot *slot)
{
	return !(slot->flags & KVM_MEM_READONLY);
}

/**
 * memslot_writable_ahead() - may a page be writable before the guest writes?
 * @slot: any
 *
 * Not if its first write has to be logged.
 */
static inline bool memslot_writable_ahead(const struct memslot *slot)
{
	return memslot_writable(slot) && !slot->dirty;
}

/**
 * memslots_init() - no memslots
 * @vm: being created
 *
 * Return: 0 or -ENOMEM.
 */
int memslots_init(struct vm *vm);

/**
 * memslots_free() - forget all memslots
 * @vm: dying
 */
void memslots_free(struct vm *vm);

/**
 * memslots_get() - the memslots as of now
 * @vm: its srcu read side is held, or its lock
 */
const struct memslots *memslots_get(struct vm *vm);

/**
 * memslot_find() - the memslot that an IPA falls in
 * @slots: from memslots_get()
 * @ipa: bytes
 *
 * Return: the slot, or NULL.
 */
const struct memslot *memslot_find(const struct memslots *slots, u64 ipa);

/**
 * memslot_find_id() - a memslot by the VMM's number
 * @slots: from memslots_get()
 * @id: number
 *
 * Return: the slot, or NULL.
 */
const struct memslot *memslot_find_id(const struct memslots *slots, u32 id);

/**
 * memslot_set() - KVM_SET_USER_MEMORY_REGION
 * @vm: not locked
 * @region: as userspace gave it
 *
 * Adds, moves or deletes a slot.  On return no vCPU can reach memory that has
 * left its slot.  At any time, what is mapped is in a slot.
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL, -EEXIST (overlap), -EFAULT (beyond the IPA space), -ENOMEM,
 * -EINTR (the thread is being killed).
 */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region);

#endif /* SETWAY_MEMORY_MEMSLOT_H */
