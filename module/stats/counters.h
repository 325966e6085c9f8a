/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting.  What is counted is in rows.h: each row's debugfs file, and what it
 * means.
 */
#ifndef SETWAY_STATS_COUNTERS_H
#define SETWAY_STATS_COUNTERS_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

/* Index into &struct counters.value: COUNTER_<id> for each row of a vCPU. */
enum counter {
#define VCPU_COUNTER(id, file, how, unit, doc) COUNTER_##id,
#include "rows.h"
	NR_COUNTERS
};

/**
 * struct counters - one set of statistics
 * @value: by &enum counter; one writer, any number of readers
 */
struct counters {
	u64 value[NR_COUNTERS];
};

/**
 * counter_add() - count
 * @counters: the vCPU's own, written by its thread only
 * @counter: which
 * @n: how many
 */
static inline void counter_add(struct counters *counters, enum counter counter, u64 n)
{
	/* WRITE_ONCE: a reader on another CPU must not see half a value. */
	WRITE_ONCE(counters->value[counter], counters->value[counter] + n);
}

/**
 * counter_max() - keep the largest value
 * @counters: the vCPU's own, written by its thread only
 * @counter: which
 * @n: candidate
 */
static inline void counter_max(struct counters *counters, enum counter counter, u64 n)
{
	WRITE_ONCE(counters->value[counter], max(counters->value[counter], n));
}

#endif /* SETWAY_STATS_COUNTERS_H */
