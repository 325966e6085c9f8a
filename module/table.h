/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables that are sorted by a key, with which each row begins.  An index says for each
 * block of keys where in the table to begin looking, so that a row is found in a few
 * steps.
 */
#ifndef SETWAY_TABLE_H
#define SETWAY_TABLE_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * table_is_sorted() - can each row be found?
 * @rows: the table; each row begins with its key
 * @nr: rows
 * @size: of a row
 *
 * Return: false also when two rows have one key.
 */
static inline bool table_is_sorted(const void *rows, size_t nr, size_t size)
{
	size_t i;

	for (i = 1; i < nr; i++)
		if (*(const u32 *)(rows + (i - 1) * size) >= *(const u32 *)(rows + i * size))
			return false;
	return true;
}

/**
 * table_index() - make an index
 * @first: filled in, by block: its first row, or the one that comes after
 * @nr_blocks: of @first
 * @shift: bits of a key that a block has
 * @rows: the table; each row begins with its key
 * @nr: rows, at most 255
 * @size: of a row
 * @last: the last of the keys that a row is for; NULL: it is for one
 */
static inline void table_index(u8 *first, size_t nr_blocks, unsigned int shift, const void *rows,
			       size_t nr, size_t size, u32 (*last)(const void *row))
{
	size_t block, i = 0;

	for (block = 0; block < nr_blocks; block++) {
		for (; i < nr; i++) {
			const void *row = rows + i * size;

			if ((last ? last(row) : *(const u32 *)row) >= block << shift)
				break;
		}
		first[block] = i;
	}
}

/**
 * table_find() - find a row by its key
 * @first: from table_index()
 * @shift: likewise
 * @rows: the table
 * @nr: rows
 * @size: of a row
 * @key: in one of the blocks of @first
 *
 * Return: the row, or NULL.
 */
static __always_inline const void *table_find(const u8 *first, unsigned int shift,
					      const void *rows, size_t nr, size_t size, u32 key)
{
	size_t i;

	for (i = first[key >> shift]; i < nr; i++) {
		const u32 *row = rows + i * size;

		if (*row >= key)
			return *row == key ? row : NULL;
	}
	return NULL;
}

#endif /* SETWAY_TABLE_H */
