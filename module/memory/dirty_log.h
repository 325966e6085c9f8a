/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Logs of dirty pages: which pages of a memslot the guest has written to.
 */
#ifndef SETWAY_MEMORY_DIRTY_LOG_H
#define SETWAY_MEMORY_DIRTY_LOG_H

#include <linux/types.h>

struct memslot;
struct vm;

/**
 * dirty_log_alloc() - a memslot gets a log
 * @vm: its lock is held
 * @slot: not published yet
 *
 * Return: 0 or -ENOMEM.
 */
int dirty_log_alloc(struct vm *vm, struct memslot *slot);

/**
 * dirty_log_free() - a memslot has no log any more
 * @slot: nobody else uses the log
 */
void dirty_log_free(struct memslot *slot);

/**
 * dirty_log_start() - make what a memslot has mapped read-only
 * @vm: its lock is held
 * @slot: published, with the log
 */
void dirty_log_start(struct vm *vm, const struct memslot *slot);

/**
 * dirty_log_get() - KVM_GET_DIRTY_LOG
 * @vm: not locked
 * @arg: struct kvm_dirty_log
 *
 * Return: 0, -EFAULT, -ENOMEM; -EINVAL: no such slot number; -ENOENT: no log; -EINTR:
 * the thread is being killed.
 */
int dirty_log_get(struct vm *vm, const void __user *arg);

/**
 * dirty_log_clear() - KVM_CLEAR_DIRTY_LOG
 * @vm: not locked
 * @arg: struct kvm_clear_dirty_log
 *
 * Return: as dirty_log_get(); -EINVAL also for a range that is not in the slot, or
 * not of whole words.
 */
int dirty_log_clear(struct vm *vm, const void __user *arg);

/**
 * dirty_log_enable_manual() - KVM_ENABLE_CAP of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2
 * @vm: not locked
 * @options: KVM_DIRTY_LOG_*
 *
 * Return: 0; -EINVAL for other options; -EINTR: the thread is being killed.
 */
int dirty_log_enable_manual(struct vm *vm, u64 options);

/**
 * __dirty_log_mark() - a page is about to become writable
 * @vm: stage2.lock is held, and its srcu read side
 * @slot: where the page is; need not have a log
 * @ipa: of the page
 */
void __dirty_log_mark(struct vm *vm, const struct memslot *slot, u64 ipa);

#endif /* SETWAY_MEMORY_DIRTY_LOG_H */
