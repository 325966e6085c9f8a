/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory in huge pages, reserved for a test: a large guest for little of the
 * host's memory.
 */
#ifndef SELFTESTS_LIB_HUGEPAGES_H
#define SELFTESTS_LIB_HUGEPAGES_H

#include "types.h"

/**
 * memory_repeated() - map memory that is the same 16 MiB over and over
 * @size: bytes, a multiple of 2 MiB
 *
 * It is the guest that should be large, not what it takes of the host. In huge
 * pages of 2 MiB.
 *
 * Return: the address, aligned to 1 GiB; NULL if there are not enough huge pages.
 */
void *memory_repeated(u64 size);

/**
 * memory_repeated_1g() - map memory that is the same page of 1 GiB over and over
 * @size: bytes, a multiple of 1 GiB
 *
 * Return: the address, aligned to 1 GiB; NULL if there is no huge page.
 */
void *memory_repeated_1g(u64 size);

/**
 * memory_1g() - map one page of 1 GiB
 *
 * Return: the address; NULL if there is none to be had.
 */
void *memory_1g(void);

/**
 * memory_2m() - map one page of 2 MiB
 *
 * Return: the address; NULL if there is none to be had.
 */
void *memory_2m(void);

/**
 * hugepages_free() - how many pages of 2 MiB nobody has
 */
unsigned int hugepages_free(void);

/** hugepages_restore() - reserve no more huge pages than before the test */
void hugepages_restore(void);

#endif /* SELFTESTS_LIB_HUGEPAGES_H */
