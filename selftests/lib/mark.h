/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marks for who meters a program from outside (Documentation/bench.rst).
 */
#ifndef SELFTESTS_LIB_MARK_H
#define SELFTESTS_LIB_MARK_H

#define MARKS		64
#define MARK_BEGIN	63	/* ends what is of no interest */

/**
 * mark() - end what is counted, for a guest or for a program of the host's
 * @number: a constant below MARKS, to know it by
 *
 * A hint that no CPU knows, and so does nothing: HINT #64 and on.
 */
#define mark(number) do {						\
	asm volatile("hint #64 + %0" : : "i" (number) : "memory");	\
} while (0)

#endif /* SELFTESTS_LIB_MARK_H */
