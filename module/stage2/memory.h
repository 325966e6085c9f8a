/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the memory of the tables is reached: by the kernel's addresses, and atomically.
 * The runtime at EL2, which walks the same tables, has a file of its own in place of this
 * one, with the same guard: el2/stage2_memory.h.
 */
#ifndef SETWAY_STAGE2_MEMORY_H
#define SETWAY_STAGE2_MEMORY_H

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/types.h>

/**
 * stage2_memory() - address of memory, of a table or of the guest's
 * @pa: its physical address
 *
 * Return: an address in the linear map.
 */
static inline void *stage2_memory(u64 pa)
{
	return phys_to_virt(pa);
}

/**
 * stage2_swap() - change a word that others may change too
 * @word: the word
 * @old: what it has to be for that; on return what it was
 * @new: what it becomes
 *
 * Fully ordered if it changes the word.
 *
 * Return: whether it did.
 */
static inline bool stage2_swap(u64 *word, u64 *old, u64 new)
{
	return try_cmpxchg(word, old, new);
}

#endif /* SETWAY_STAGE2_MEMORY_H */
