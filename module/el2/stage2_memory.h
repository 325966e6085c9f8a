/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for stage2/memory.h at EL2, where it is included first, by the compiler's
 * command line, and has the same guard.  Memory is mapped where it is.  The kernel's
 * atomics are not for EL2, as they are patched at boot for the CPU that there is.
 */
#ifndef SETWAY_STAGE2_MEMORY_H
#define SETWAY_STAGE2_MEMORY_H

#include <linux/types.h>

static inline void *stage2_memory(u64 pa)
{
	return (void *)pa;
}

/* Acquire is not enough: a load after it must not come before the store (DMB). */
static inline bool stage2_swap(u64 *word, u64 *old, u64 new)
{
	u64 expected = *old;
	u64 found;
	u32 failed;

	asm volatile("1:	ldxr	%0, %2\n"
		     "	cmp	%0, %3\n"
		     "	b.ne	2f\n"
		     "	stlxr	%w1, %4, %2\n"
		     "	cbnz	%w1, 1b\n"
		     "	dmb	ish\n"
		     "2:"
		     : "=&r" (found), "=&r" (failed), "+Q" (*word)
		     : "r" (expected), "r" (new)
		     : "cc", "memory");
	*old = found;
	return found == expected;
}

#endif /* SETWAY_STAGE2_MEMORY_H */
