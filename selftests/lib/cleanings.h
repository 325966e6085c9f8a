/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages batches clean, and how often: counters say only how many. From
 * the tracepoint setway:clean_range, in a trace buffer of our own.
 */
#ifndef SELFTESTS_LIB_CLEANINGS_H
#define SELFTESTS_LIB_CLEANINGS_H

#include "types.h"

/**
 * cleanings_trace() - begin to trace
 *
 * Return: false if there is no tracing, with errno set.
 */
bool cleanings_trace(void);

/**
 * cleanings_count() - end it, and count
 * @ipa: the first page
 * @pages: how many of them
 * @count: for each, how often it was cleaned
 *
 * Of all VMs together. Fails if the trace is not complete.
 */
void cleanings_count(u64 ipa, u64 pages, u32 *count);

#endif /* SELFTESTS_LIB_CLEANINGS_H */
