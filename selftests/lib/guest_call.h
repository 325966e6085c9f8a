/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How guest code tells the host something, in A64 and in A32 alike: unsigned long
 * is a register of either.
 */
#ifndef SELFTESTS_LIB_GUEST_CALL_H
#define SELFTESTS_LIB_GUEST_CALL_H

#include "guest_layout.h"
#include "types.h"

/** enum ucall_command - what the guest tells the host */
enum ucall_command {
	UCALL_SYNC,
	UCALL_DONE = UCALL_DONE_NUMBER,
	UCALL_ASSERT,
	UCALL_EXCEPTION = UCALL_EXCEPTION_NUMBER,
	UCALLS,
};

/**
 * struct guest_site - where in the test an assertion is
 * @file: source file
 * @line: source line
 * @text: what should have been true
 */
struct guest_site {
	const char *file;
	u32 line;
	const char *text;
};

/**
 * guest_ucall() - tell the host something, and wait until it lets us go on
 * @command: what
 * @a: first argument
 * @b: second argument
 * @c: third argument
 *
 * A store of @a at GUEST_UCALL_BASE; the host reads the rest from the registers
 * that have them.
 */
void guest_ucall(unsigned long command, unsigned long a, unsigned long b, unsigned long c);

/**
 * guest_sync() - stop at a numbered stage
 * @stage: any number
 */
static inline void guest_sync(unsigned long stage)
{
	guest_ucall(UCALL_SYNC, stage, 0, 0);
}

/**
 * guest_report() - stop at a numbered stage and hand values over
 * @stage: any number
 * @a: first value
 * @b: second value
 */
static inline void guest_report(unsigned long stage, unsigned long a, unsigned long b)
{
	guest_ucall(UCALL_SYNC, stage, a, b);
}

#define __GUEST_ASSERT(condition, string, a, b) do {			\
	static const struct guest_site site = {				\
		.file = __FILE__, .line = __LINE__, .text = (string),	\
	};								\
	if (!(condition))						\
		guest_ucall(UCALL_ASSERT, (unsigned long)&site, a, b);	\
} while (0)

/**
 * GUEST_ASSERT() - fail the test unless a condition holds
 * @condition: the condition
 */
#define GUEST_ASSERT(condition) __GUEST_ASSERT(condition, #condition, 0, 0)

/**
 * GUEST_ASSERT_EQ() - fail the test unless two numbers are the same
 * @expected: what it should be
 * @seen: what it is
 */
#define GUEST_ASSERT_EQ(expected, seen) do {				\
	u64 __expected = (expected), __seen = (seen);			\
	__GUEST_ASSERT(__expected == __seen, #expected " == " #seen,	\
		       __expected, __seen);				\
} while (0)

#endif /* SELFTESTS_LIB_GUEST_CALL_H */
