// SPDX-License-Identifier: GPL-2.0-only
/*
 * A set of Set/Way operands: an open hash that starts with no memory at all,
 * since a guest that believes the geometry it is shown names one operand a
 * loop, and doubles up to OPERANDS_MAX for those with a geometry of their own.
 *
 * The operands are the guest's choice, and the host must not spend long on them:
 * a seed that the guest does not know keeps it from naming many with one hash.
 */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "operands.h"

#define OPERANDS_SIZE_MIN	64

/* Slots keep the operand plus one, so that an empty slot is 0. */
static u64 operand_key(u32 operand)
{
	return (u64)operand + 1;
}

/* Linear probing; the table is never more than half full, so this ends. */
static u64 *operands_slot(u64 *slot, u32 size, u32 seed, u32 operand)
{
	u32 at = jhash_1word(operand, seed) & (size - 1);

	while (slot[at] && slot[at] != operand_key(operand))
		at = (at + 1) & (size - 1);
	return &slot[at];
}

static bool operands_grow(struct operands *operands)
{
	u32 size = operands->size ? operands->size * 2 : OPERANDS_SIZE_MIN;
	u64 *slot = kvcalloc(size, sizeof(*slot), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!slot)
		return false;
	if (!operands->size)
		operands->seed = get_random_u32();
	for (i = 0; i < operands->size; i++) {
		u64 key = operands->slot[i];

		if (key)
			*operands_slot(slot, size, operands->seed, key - 1) = key;
	}
	kvfree(operands->slot);
	operands->slot = slot;
	operands->size = size;
	return true;
}

void operands_reset(struct operands *operands, u32 first)
{
	if (operands->nr > 1)
		memset(operands->slot, 0, operands->size * sizeof(*operands->slot));
	operands->first = first;
	operands->nr = 1;
}

bool operands_insert(struct operands *operands, u32 operand)
{
	u64 *slot;

	if (operand == operands->first || operands->nr >= OPERANDS_MAX)
		return false;
	if (operands->nr * 2 >= operands->size && !operands_grow(operands))
		return false;
	slot = operands_slot(operands->slot, operands->size, operands->seed, operand);
	if (*slot)
		return false;
	*slot = operand_key(operand);
	operands->nr++;
	return true;
}

void operands_free(struct operands *operands)
{
	kvfree(operands->slot);
	memset(operands, 0, sizeof(*operands));
}
