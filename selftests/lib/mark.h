/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marks for who meters a program from outside (Documentation/bench.rst).
 */
#ifndef SELFTESTS_LIB_MARK_H
#define SELFTESTS_LIB_MARK_H

#include <sys/cdefs.h>

#define MARK_BEGIN	63	/* ends what is of no interest */

/**
 * mark() - end what is counted, for a guest or for a program of the host's
 * @number: to know it by: a constant, 0 to 63
 *
 * A hint that no CPU knows, and so does nothing: HINT #64 and on.
 */
static __always_inline void mark(unsigned int number)
{
	asm volatile("hint #64 + %0" : : "i" (number) : "memory");
}

#endif /* SELFTESTS_LIB_MARK_H */
