/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that become guest memory.
 */
#ifndef SELFTESTS_VMM_FILE_H
#define SELFTESTS_VMM_FILE_H

#include "../lib/types.h"

/**
 * file_read() - read a whole file; fails if it is empty or too large
 * @path: the file
 * @to: where to
 * @max: bytes that fit there
 *
 * Return: its size in bytes.
 */
u64 file_read(const char *path, void *to, u64 max);

#endif /* SELFTESTS_VMM_FILE_H */
