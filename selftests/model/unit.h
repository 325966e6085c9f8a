/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world of the unit tests: one thread, memory that is never touched but
 * whose cleaning is recorded page by page, and locks whose release can be made
 * the moment at which something else happens.
 */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include "../../module/stage2/stage2.h"
#include "../../module/stage2/table.h"
#include "../../module/stage2/walk.h"

/* Where the unit tests' physical memory starts; there is nothing there. */
#define MEM		0x80000000ULL

#define UNIT_CLEAN_MAX	4096

/**
 * struct unit - what happened, and what is to happen
 * @s2: the tables under test
 * @pool: kept full by the helpers
 * @flushes: calls of &stage2_ops.flush
 * @ipa_flushes: calls of &stage2_ops.flush_ipa
 * @syncs: calls of &stage2_ops.sync_walkers
 * @pages: table pages allocated and not freed, the root's included
 * @alloc_limit: allocations that still succeed
 * @steps: words of tables read or written
 * @on_step: called before one of them, if set
 * @step_at: which, by @steps
 * @relaxed: times the lock was dropped in the middle of something
 * @on_relax: called then, if set
 * @on_flush: called in a flush, if set
 * @signal_after: signal_pending() is true after so many calls; 0 for never
 * @nr_cleaned: calls of DC CIVAC recorded in @cleaned
 * @cleaned: lines
 * @nr_dirty: calls of &stage2_ops.dirty
 * @dirty: what the last one was for
 * @nr_missed: calls of &stage2_ops.missed
 * @missed: what the last one was for
 * @forgotten: calls of IC IVAU
 * @forgotten_all: calls of IC IALLUIS
 * @unsynced: of these three, those that no barrier has waited for
 * @insn_unsynced: of the latter two
 * @published: calls of cache_publish_entries()
 * @ctr: CTR_EL0
 */
struct unit {
	struct stage2 s2;
	struct stage2_pool pool;
	unsigned int flushes;
	unsigned int ipa_flushes;
	unsigned int syncs;
	int pages;
	int alloc_limit;
	unsigned int steps;
	void (*on_step)(void);
	unsigned int step_at;
	unsigned int relaxed;
	void (*on_relax)(void);
	void (*on_flush)(void);
	unsigned int signal_after;
	unsigned int nr_cleaned;
	unsigned long cleaned[UNIT_CLEAN_MAX];
	unsigned int nr_dirty;
	struct {
		u64 pa;
		u64 size;
	} dirty;
	unsigned int nr_missed;
	u64 missed;
	unsigned int forgotten;
	unsigned int forgotten_all;
	unsigned int unsynced;
	unsigned int insn_unsynced;
	unsigned int published;
	u64 ctr;
};

extern struct unit unit;

/**
 * unit_init() - begin with empty tables
 * @ia_bits: IPA space
 *
 * Return: stage2_init()'s answer.
 */
int unit_init(unsigned int ia_bits);

/**
 * unit_exit() - free everything
 *
 * Return: table pages that were leaked.
 */
int unit_exit(void);

/**
 * unit_cleaned() - how often a page was cleaned, and forget that it was
 * @pa: page
 */
unsigned int unit_cleaned(u64 pa);

/**
 * unit_forget_cleaned() - forget all cleaning
 */
void unit_forget_cleaned(void);

/**
 * unit_dirty() - is this all that was marked dirty?  And forget that it was
 * @pa: start
 * @size: bytes
 */
bool unit_dirty(u64 pa, u64 size);

/**
 * unit_map() - __stage2_map() with the lock, and a full cache
 * @ipa: as there
 * @size: as there
 * @pa: as there
 * @prot: as there
 */
int unit_map(u64 ipa, u64 size, u64 pa, unsigned int prot);

/**
 * unit_touch() - what a fault does: revalidate, and if that does not do, touch
 * @ipa: faulting address
 * @access: as there
 */
int unit_touch(u64 ipa, enum stage2_access access);

/**
 * unit_map_touch() - map writable and touch the first page; fails loudly
 * @ipa: as unit_map()
 * @size: as unit_map()
 * @pa: as unit_map()
 */
void unit_map_touch(u64 ipa, u64 size, u64 pa);

/**
 * unit_batch() - harvest and clean
 * @batch: counts
 *
 * Return: tracker_harvest()'s answer, or tracker_clean()'s.
 */
int unit_batch(struct tracker_batch *batch);

/**
 * unit_harvest() - the first half of a new batch
 * @batch: counts
 */
void unit_harvest(struct tracker_batch *batch);

/**
 * unit_harvest_more() - tracker_harvest(), for a batch that begins or goes on
 * @batch: counts
 *
 * Return: as there.
 */
int unit_harvest_more(struct tracker_batch *batch);

/**
 * unit_clean() - tracker_clean()
 * @batch: counts
 *
 * Return: as there.
 */
int unit_clean(struct tracker_batch *batch);

/**
 * unit_leaf() - __stage2_lookup() with the lock
 * @ipa: as there
 */
struct stage2_leaf unit_leaf(u64 ipa);

/**
 * unit_reachable() - can the guest use an IPA without a fault?
 * @ipa: any
 */
bool unit_reachable(u64 ipa);

#endif /* MODEL_UNIT_H */
