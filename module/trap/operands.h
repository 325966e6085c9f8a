/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The set of operands that a loop of Set/Way operations has named.  Bounded:
 * a guest cannot make the host allocate without limit.
 */
#ifndef SETWAY_TRAP_OPERANDS_H
#define SETWAY_TRAP_OPERANDS_H

#include <linux/types.h>

/* More than any cache has: 128 K lines of 64 bytes are 8 MiB. */
#define OPERANDS_MAX	(128 * 1024)

/**
 * struct operands - a set of 32-bit operands
 * @first: the one inserted first, kept apart: most loops have no other
 * @nr: members, @first included
 * @size: slots in @slot, a power of two, or 0
 * @seed: of the hash, unknown to the guest
 * @slot: open hash of the others, each plus one so that 0 is free
 */
struct operands {
	u32 first;
	u32 nr;
	u32 size;
	u32 seed;
	u64 *slot;
};

/**
 * operands_reset() - make the set hold just one operand
 * @operands: zeroed, or used before
 * @first: the operand
 */
void operands_reset(struct operands *operands, u32 first);

/**
 * operands_insert() - add one
 * @operands: has at least one member
 * @operand: any
 *
 * Context: may sleep.  Return: true when it is new and was added; false when it
 * was there already, or cannot be kept: the caller then starts a new batch,
 * which is never wrong.
 */
bool operands_insert(struct operands *operands, u32 operand);

/**
 * operands_free() - free the memory
 * @operands: empty afterwards
 */
void operands_free(struct operands *operands);

#endif /* SETWAY_TRAP_OPERANDS_H */
