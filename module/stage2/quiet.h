/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a batch is expected.
 */
#ifndef SETWAY_STAGE2_QUIET_H
#define SETWAY_STAGE2_QUIET_H

#include "stage2.h"

/**
 * quiet_count() - count revalidations
 * @s2: tables
 * @revalidations: how many there were
 *
 * Context: any.
 */
void quiet_count(struct stage2 *s2, u64 revalidations);

/**
 * __quiet_end() - a batch begins: the next one is expected again
 * @s2: &stage2.batch_lock is held
 */
void __quiet_end(struct stage2 *s2);

#endif /* SETWAY_STAGE2_QUIET_H */
