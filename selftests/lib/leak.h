/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel holds, counted: objects of each slab cache, pages of each kind,
 * vmalloc regions.  A test does its rounds in stretches of equal length and counts
 * before the first and after each.  What grows in every stretch is a leak; what the
 * kernel keeps for itself grows once, or comes and goes.
 */
#ifndef SELFTESTS_LIB_LEAK_H
#define SELFTESTS_LIB_LEAK_H

#include <stdbool.h>

#include "types.h"

#define LEAK_STRETCHES	4

struct leak;

/**
 * leak_begin() - count for the first time
 *
 * To be called when the rounds have warmed the kernel up.  Fails if the kernel does
 * not say what it holds.
 *
 * Return: what the other functions take.
 */
struct leak *leak_begin(void);

/**
 * leak_count() - count again, after a stretch
 * @leak: by leak_begin(); takes LEAK_STRETCHES counts
 */
void leak_count(struct leak *leak);

/**
 * leak_is_none() - was there no leak?
 * @leak: with all its counts; is freed
 * @least: what grows by less in any stretch is no leak
 *
 * Prints what has grown, as comments.
 */
bool leak_is_none(struct leak *leak, unsigned int least);

/**
 * module_holds_nothing() - are all VMs gone, by the module's own counters?
 *
 * Waits for them.  Prints what is left, as a comment.
 */
bool module_holds_nothing(void);

#endif /* SELFTESTS_LIB_LEAK_H */
