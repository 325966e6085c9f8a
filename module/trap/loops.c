// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the loops have named, in one open hash.  A guest that uses the geometry it is
 * shown names one operand in a loop, so the hash starts without memory.  For guests
 * with a geometry of their own it has room for LOOPS_MAX_OPERANDS.
 *
 * Each loop has a number, and a slot holds the operand with the number of the loop
 * that named it.  So nothing is cleared when a loop ends: its operands are dropped
 * when the hash is half full and is rebuilt.  The new hash has at least four slots
 * for each operand that is still needed, so building it costs no more than a few
 * times what the operations cost that filled the old one.
 *
 * The guest chooses the operands, and the host must not spend long on them.  The
 * guest does not know the seed, so it cannot name many operands with the same
 * hash.
 */
#include <linux/bits.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "loops.h"

#define LOOPS_SIZE_MIN		64
#define LOOPS_SIZE_MAX		(2 * LOOPS_MAX_OPERANDS)
#define LOOPS_SLOTS_EACH	4

#define KEY_NUMBER_SHIFT	32

/* The number of a loop is never 0, so no key is 0. */
static u64 loops_key(u32 number, u32 operand)
{
	return (u64)number << KEY_NUMBER_SHIFT | operand;
}

/* Linear probing; the hash is never more than half full, so this ends. */
static u64 *loops_slot(u64 *slot, u32 size, u32 seed, u64 key)
{
	u32 at = jhash_2words(lower_32_bits(key), upper_32_bits(key), seed) & (size - 1);

	while (slot[at] && slot[at] != key)
		at = (at + 1) & (size - 1);
	return &slot[at];
}

static bool loops_want(const struct loops *loops, u64 key)
{
	unsigned int kind;

	for (kind = 0; kind < LOOPS_KINDS; kind++)
		if ((loops->kinds & BIT(kind)) && loops->number[kind] == upper_32_bits(key))
			return true;
	return false;
}

static u32 loops_wanted(const struct loops *loops)
{
	u32 i, nr = 0;

	for (i = 0; i < loops->size; i++)
		nr += loops_want(loops, loops->slot[i]);
	return nr;
}

/* Rebuild the hash with the operands that are still needed. */
static bool loops_rehash(struct loops *loops)
{
	u32 nr = loops_wanted(loops);
	u32 size = roundup_pow_of_two(max(nr * LOOPS_SLOTS_EACH, LOOPS_SIZE_MIN));
	u64 *slot;
	u32 i;

	if (size > LOOPS_SIZE_MAX)
		return false;
	slot = kvcalloc(size, sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot)
		return false;
	if (!loops->size)
		loops->seed = get_random_u32();
	for (i = 0; i < loops->size; i++) {
		u64 key = loops->slot[i];

		if (loops_want(loops, key))
			*loops_slot(slot, size, loops->seed, key) = key;
	}
	kvfree(loops->slot);
	loops->slot = slot;
	loops->size = size;
	loops->nr = nr;
	return true;
}

static void loops_begin(struct loops *loops, unsigned int kind, u32 first)
{
	/*
	 * After 2^32 loops a number is used again, and may meet an operand of the old
	 * loop.  That operand seems to be named already, which costs one batch too
	 * many.
	 */
	loops->begun = loops->begun + 1 ?: 1;
	loops->kinds |= BIT(kind);
	loops->number[kind] = loops->begun;
	loops->first[kind] = first;
}

/* Return: whether the operand is new to the kind's loop, and was kept. */
static bool loops_name(struct loops *loops, unsigned int kind, u32 operand)
{
	u64 key = loops_key(loops->number[kind], operand);
	u64 *slot;

	if (operand == loops->first[kind])
		return false;
	if (loops->nr * 2 >= loops->size && !loops_rehash(loops))
		return false;
	slot = loops_slot(loops->slot, loops->size, loops->seed, key);
	if (*slot)
		return false;
	*slot = key;
	loops->nr++;
	return true;
}

bool loops_go_on(struct loops *loops, unsigned int kind, u32 operand)
{
	bool same_line = operand == loops->line;

	if (!same_line) {
		loops->kinds &= loops->on_line;
		loops->line = operand;
		loops->on_line = 0;
	}
	loops->on_line |= BIT(kind);
	if ((loops->kinds & BIT(kind)) && loops_name(loops, kind, operand))
		return true;
	if (!same_line || (loops->kinds & BIT(kind)))
		loops_end(loops);
	loops_begin(loops, kind, operand);
	return false;
}

void loops_free(struct loops *loops)
{
	kvfree(loops->slot);
	memset(loops, 0, sizeof(*loops));
}
