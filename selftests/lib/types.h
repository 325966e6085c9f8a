/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few names of the kernel that make test code shorter, for programs that
 * run in userspace or as a guest.
 */
#ifndef SELFTESTS_LIB_TYPES_H
#define SELFTESTS_LIB_TYPES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define __noreturn		__attribute__((				\
					__noreturn__))
#define __printf(format, args)	__attribute__((				\
					__format__(__printf__, format, args)))

#define BIT(n)			(1ULL << (n))
#define GENMASK(high, low)	((~0ULL << (low)) & (~0ULL >> (63 - (high))))

#define SZ_4K			0x1000ULL
#define SZ_64K			0x10000ULL
#define SZ_1M			0x100000ULL
#define SZ_2M			0x200000ULL
#define SZ_1G			0x40000000ULL

/* Read or write a variable at this very moment, and once. */
#define READ_ONCE(x)		(*(const __volatile__ __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(__volatile__ __typeof__(x) *)&(x) = (value))

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

/**
 * align_down() - round down
 * @x: a number
 * @size: a power of two
 */
static inline u64 align_down(u64 x, u64 size)
{
	return x & ~(size - 1);
}

/**
 * align_up() - round up
 * @x: a number
 * @size: a power of two
 */
static inline u64 align_up(u64 x, u64 size)
{
	return align_down(x + size - 1, size);
}

#endif /* SELFTESTS_LIB_TYPES_H */
