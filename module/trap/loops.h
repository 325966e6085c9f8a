/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loops of Set/Way operations that a vCPU is in: which operations belong to one
 * that has been served, by what the loops have named.  setway.c has the picture.
 * Memory is bounded: a guest cannot make the host allocate without limit.
 */
#ifndef SETWAY_TRAP_LOOPS_H
#define SETWAY_TRAP_LOOPS_H

#include <linux/types.h>

/* No cache has more lines: 128 K lines of 64 bytes are 8 MiB. */
#define LOOPS_MAX_OPERANDS	(128 * 1024)

/* Kinds of operation: numbers below this one. */
#define LOOPS_KINDS		10

/**
 * struct loops - what each kind's loop has named
 * @kinds: those whose loops are under way, a bit each; the others' are over
 * @line: the operand that was named last
 * @on_line: kinds that have named it since, a bit each
 * @number: by kind: number of its loop
 * @first: by kind: what its loop named first, kept apart: most loops name no more
 * @begun: number of the loop that was begun last
 * @nr: slots in use, those of loops that are over included
 * @size: slots in @slot, a power of two, or 0
 * @seed: of the hash, unknown to the guest
 * @slot: open hash of loops' numbers and operands; an empty slot is 0
 */
struct loops {
	u32 kinds;
	u32 line;
	u32 on_line;
	u32 number[LOOPS_KINDS];
	u32 first[LOOPS_KINDS];
	u32 begun;
	u32 nr;
	u32 size;
	u32 seed;
	u64 *slot;
};

/**
 * loops_go_on() - does an operation belong to a loop that was begun before?
 * @loops: zeroed, or used before
 * @kind: below LOOPS_KINDS
 * @operand: any
 *
 * If not, a loop begins with it.  A loop also begins if the operand cannot be
 * stored: to serve a loop twice is never wrong.
 *
 * Context: may sleep.
 */
bool loops_go_on(struct loops *loops, unsigned int kind, u32 operand);

/**
 * loops_end() - all loops are over
 * @loops: any
 */
static inline void loops_end(struct loops *loops)
{
	loops->kinds = 0;
}

/**
 * loops_free() - free the memory
 * @loops: empty afterwards
 */
void loops_free(struct loops *loops);

#endif /* SETWAY_TRAP_LOOPS_H */
