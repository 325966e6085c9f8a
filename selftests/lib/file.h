/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small files, such as the kernel's in sysfs and debugfs.
 */
#ifndef SELFTESTS_LIB_FILE_H
#define SELFTESTS_LIB_FILE_H

#include <stddef.h>

/**
 * file_read() - read a file, or fail
 * @path: its name
 * @text: gets what it says, as a string
 * @size: of @text; what does not fit is left out
 */
void file_read(const char *path, char *text, size_t size);

/**
 * file_write() - write to a file
 * @path: its name
 * @text: a string
 *
 * Return: 0, or -1 with errno set.
 */
int file_write(const char *path, const char *text);

#endif /* SELFTESTS_LIB_FILE_H */
