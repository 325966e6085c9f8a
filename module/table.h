/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables that are searched by bsearch().
 */
#ifndef SETWAY_TABLE_H
#define SETWAY_TABLE_H

#include <linux/types.h>

/**
 * table_is_sorted() - can bsearch() find each row?
 * @rows: the table; each row begins with its key
 * @nr: rows
 * @size: of a row
 * @compare: as bsearch() has it, the key first
 *
 * Return: false also when two rows have one key.
 */
static inline bool table_is_sorted(const void *rows, size_t nr, size_t size,
				   int (*compare)(const void *key, const void *row))
{
	size_t i;

	for (i = 1; i < nr; i++)
		if (compare(rows + (i - 1) * size, rows + i * size) >= 0)
			return false;
	return true;
}

#endif /* SETWAY_TABLE_H */
