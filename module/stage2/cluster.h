/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many of its neighbours a page takes along when the guest is let in to it.
 */
#ifndef SETWAY_STAGE2_CLUSTER_H
#define SETWAY_STAGE2_CLUSTER_H

#include "stage2.h"
#include "walk.h"

/**
 * struct cluster - pages that are neighbours, a power of two of them, aligned
 * @ptep: the first one's entry
 * @nr: how many
 */
struct cluster {
	s2pte_t *ptep;
	unsigned int nr;
};

/**
 * cluster_of_first_touch() - which pages are shown to the guest with a STALE one
 * @s2: locked
 * @ptep: the page's entry
 *
 * What is not STALE in it has been shown before.
 */
struct cluster cluster_of_first_touch(const struct stage2 *s2, s2pte_t *ptep);

/**
 * cluster_validate() - let the guest in to a page's neighbours as well
 * @s2: locked, or the caller is one that &stage2_ops.sync_walkers waits for
 * @ptep: the page's entry, just set; the tables above are still to be validated
 *
 * That is, to those that owe nothing: they are mapped, not STALE, not DYING.
 */
void cluster_validate(const struct stage2 *s2, s2pte_t *ptep);

#endif /* SETWAY_STAGE2_CLUSTER_H */
