// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of the unit tests, see unit.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* Data cache lines of 4 KiB, to clean a page in one go; instruction cache VIPT. */
#define CTR_PAGE_LINES	((10ULL << 16) | (2ULL << 14))

struct unit unit;

static void unit_die(const char *what, const char *who)
{
	fprintf(stderr, "# %s: %s\n", what, who);
	abort();
}

void model_step(const void *where)
{
	(void)where;
	unit.steps++;
	if (unit.on_step && unit.steps == unit.step_at)
		unit.on_step();
}

void model_swap_failed(const void *where)
{
	(void)where;
}

void model_lock(struct model_lock *lock)
{
	if (lock->held)
		unit_die("deadlock", __func__);
	lock->held = true;
}

void model_unlock(struct model_lock *lock)
{
	if (!lock->held)
		unit_die("released but not held", __func__);
	if (unit.unsynced)
		unit_die("released while something is cleaned", __func__);
	lock->held = false;
}

void model_assert_held(const void *lock, const char *who)
{
	if (!((const struct model_lock *)lock)->held)
		unit_die("called without the lock", who);
}

void model_resched(void)
{
	if (unit.s2.lock.held)
		unit_die("reschedules under a spinlock", __func__);
	unit.relaxed++;
	if (unit.on_relax)
		unit.on_relax();
}

bool model_signal_pending(void)
{
	return unit.signal_after && !--unit.signal_after;
}

bool model_warn(bool condition, const char *text)
{
	if (condition)
		unit_die("WARN_ON", text);
	return condition;
}

unsigned long model_pages_alloc(unsigned int gfp, unsigned int order)
{
	size_t size = PAGE_SIZE << order;
	void *pages;

	(void)gfp;
	if (unit.alloc_limit <= 0)
		return 0;
	pages = aligned_alloc(size, size);
	if (!pages)
		unit_die("out of memory", __func__);
	memset(pages, 0, size);
	unit.alloc_limit--;
	unit.pages += 1 << order;
	return (unsigned long)pages;
}

void model_pages_free(unsigned long addr, unsigned int order)
{
	unit.pages -= 1 << order;
	free((void *)addr);
}

unsigned long long model_ctr(void)
{
	return unit.ctr;
}

void model_clean_line(unsigned long addr)
{
	if (unit.nr_cleaned < UNIT_CLEAN_MAX)
		unit.cleaned[unit.nr_cleaned] = addr;
	unit.nr_cleaned++;
	unit.unsynced++;
}

/* It would be fetched again from where the data has not arrived yet. */
static void insn_forget(void)
{
	if (unit.unsynced > unit.insn_unsynced)
		unit_die("instructions forgotten before the data is clean", __func__);
	unit.unsynced++;
	unit.insn_unsynced++;
}

void model_forget_line(unsigned long addr)
{
	(void)addr;
	unit.forgotten++;
	insn_forget();
}

void model_forget_all(void)
{
	unit.forgotten_all++;
	insn_forget();
}

void model_sync(void)
{
	unit.unsynced = 0;
	unit.insn_unsynced = 0;
}

void model_publish(void)
{
	unit.published++;
}

static void unit_flush(struct stage2 *s2)
{
	model_assert_held(&s2->lock, __func__);
	unit.flushes++;
	if (unit.on_flush)
		unit.on_flush();
}

static void unit_flush_ipa(struct stage2 *s2, u64 ipa)
{
	(void)ipa;
	model_assert_held(&s2->lock, __func__);
	unit.ipa_flushes++;
}

static void unit_sync_walkers(struct stage2 *s2)
{
	model_assert_held(&s2->lock, __func__);
	unit.syncs++;
}

static void unit_note_dirty(struct stage2 *s2, u64 pa, u64 size)
{
	model_assert_held(&s2->lock, __func__);
	unit.dirty.pa = pa;
	unit.dirty.size = size;
	unit.nr_dirty++;
}

static void unit_note_missed(struct stage2 *s2, u64 ipa)
{
	model_assert_held(&s2->lock, __func__);
	unit.missed = ipa;
	unit.nr_missed++;
}

static const struct stage2_ops unit_ops = {
	.flush = unit_flush,
	.flush_ipa = unit_flush_ipa,
	.sync_walkers = unit_sync_walkers,
	.dirty = unit_note_dirty,
	.missed = unit_note_missed,
};

int unit_init(unsigned int ia_bits)
{
	memset(&unit, 0, sizeof(unit));
	unit.alloc_limit = 1 << 20;
	unit.ctr = CTR_PAGE_LINES;
	return stage2_init(&unit.s2, &unit_ops, ia_bits);
}

int unit_exit(void)
{
	stage2_pool_free(&unit.pool);
	if (unit.s2.root)
		stage2_destroy(&unit.s2);
	return unit.pages;
}

unsigned int unit_cleaned(u64 pa)
{
	unsigned int i, found = 0;

	for (i = 0; i < unit.nr_cleaned && i < UNIT_CLEAN_MAX; i++) {
		if (unit.cleaned[i] != pa)
			continue;
		unit.cleaned[i] = 0;
		found++;
	}
	return found;
}

bool unit_dirty(u64 pa, u64 size)
{
	bool all = unit.nr_dirty == 1 && unit.dirty.pa == pa && unit.dirty.size == size;

	unit.nr_dirty = 0;
	return all;
}

void unit_forget_cleaned(void)
{
	unit.nr_cleaned = 0;
}

int unit_map(u64 ipa, u64 size, u64 pa, unsigned int prot)
{
	int ret = stage2_pool_fill(&unit.pool);

	if (ret)
		return ret;
	spin_lock(&unit.s2.lock);
	ret = __stage2_map(&unit.s2, ipa, size, pa, prot, &unit.pool);
	spin_unlock(&unit.s2.lock);
	return ret;
}

int unit_touch(u64 ipa, enum stage2_access access)
{
	int ret = tracker_revalidate(&unit.s2, ipa, access);

	if (ret != -EAGAIN)
		return ret;
	ret = stage2_pool_fill(&unit.pool);
	if (ret)
		return ret;
	spin_lock(&unit.s2.lock);
	ret = __tracker_touch(&unit.s2, ipa, access, &unit.pool);
	spin_unlock(&unit.s2.lock);
	return ret;
}

void unit_map_touch(u64 ipa, u64 size, u64 pa)
{
	if (unit_map(ipa, size, pa, STAGE2_PROT_W) || unit_touch(ipa, STAGE2_WRITE))
		unit_die("cannot map", __func__);
}

int unit_harvest_more(struct tracker_batch *batch)
{
	int ret;

	mutex_lock(&unit.s2.batch_lock);
	ret = tracker_harvest(&unit.s2, batch);
	mutex_unlock(&unit.s2.batch_lock);
	return ret;
}

void unit_harvest(struct tracker_batch *batch)
{
	*batch = (struct tracker_batch){ };
	unit_harvest_more(batch);
}

int unit_clean(struct tracker_batch *batch)
{
	int ret;

	mutex_lock(&unit.s2.batch_lock);
	ret = tracker_clean(&unit.s2, batch);
	mutex_unlock(&unit.s2.batch_lock);
	return ret;
}

int unit_batch(struct tracker_batch *batch)
{
	*batch = (struct tracker_batch){ };
	return unit_harvest_more(batch) ?: unit_clean(batch);
}

struct stage2_leaf unit_leaf(u64 ipa)
{
	struct stage2_leaf leaf;

	spin_lock(&unit.s2.lock);
	leaf = __stage2_lookup(&unit.s2, ipa);
	spin_unlock(&unit.s2.lock);
	return leaf;
}

bool unit_reachable(u64 ipa)
{
	struct stage2_leaf leaf = unit_leaf(ipa);

	return leaf.reachable && (leaf.pte & STAGE2_PTE_VALID);
}
