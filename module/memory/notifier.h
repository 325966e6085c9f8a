/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Following the VMM's address space.
 */
#ifndef SETWAY_MEMORY_NOTIFIER_H
#define SETWAY_MEMORY_NOTIFIER_H

struct vm;

/**
 * invalidation_begin() - map nothing new until invalidation_end()
 * @vm: stage2.lock not held
 *
 * Mappings are about to be removed, and what was looked up before may be wrong.
 * Until invalidation_end() a fault maps nothing, and the guest tries again.
 * Calls nest.
 */
void invalidation_begin(struct vm *vm);

/**
 * invalidation_end() - the counterpart of invalidation_begin()
 * @vm: stage2.lock not held
 *
 * What was looked up before this call is not mapped either.
 */
void invalidation_end(struct vm *vm);

/**
 * notifier_register() - follow the address space of the current process
 * @vm: being created
 *
 * Return: 0 or -ENOMEM, -EINTR.
 */
int notifier_register(struct vm *vm);

/**
 * notifier_unregister() - stop following, and wait for callbacks to end
 * @vm: registered
 */
void notifier_unregister(struct vm *vm);

#endif /* SETWAY_MEMORY_NOTIFIER_H */
