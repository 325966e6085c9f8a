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
 * stage2_pair() - what two words have
 * @pair: the first one, of which the address is a multiple of 16
 *
 * Each is read once, by the same instruction.
 *
 * Return: the bits that one of them has.
 */
static inline u64 stage2_pair(const u64 *pair)
{
	unsigned __int128 both = __READ_ONCE(*(const unsigned __int128 *)pair);

	return (u64)both | (u64)(both >> 64);
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

/**
 * stage2_mark() - set a bit in place of another, which others may do too
 * @word: the word
 * @clear: bits to clear
 * @set: bits to set
 *
 * Not ordered: a flush of the TLBs or the lock orders it.
 *
 * Return: the word as it was.
 */
static inline u64 stage2_mark(u64 *word, u64 clear, u64 set)
{
	u64 old = READ_ONCE(*word);

	while (!try_cmpxchg_relaxed(word, &old, (old & ~clear) | set))
		;
	return old;
}

/**
 * stage2_unmark() - clear bits of a word that others may change too
 * @word: the word
 * @bits: the bits
 *
 * Not ordered, as stage2_mark().
 *
 * Return: the word as it was.
 */
static inline u64 stage2_unmark(u64 *word, u64 bits)
{
	return atomic64_fetch_andnot_relaxed(bits, (atomic64_t *)word);
}

#endif /* SETWAY_STAGE2_MEMORY_H */
