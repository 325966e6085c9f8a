// SPDX-License-Identifier: GPL-2.0-only
/*
 * Letting the guest in: an idle entry becomes accessed.  tracker_revalidate()
 * does it without a lock, for most faults; __tracker_touch() does the rest.
 *
 * Revalidation against everything else
 * ------------------------------------
 * Bit[0] is set in the leaf first, then in the tables above it, bottom-up:
 *
 *        root entry   [ ]        [ ]        [ ]        [x]  3.
 *        table entry  [ ]        [ ]        [x]  2.    [x]
 *        leaf         [ ]  --->  [x]  1.    [x]        [x]
 *                               not yet    not yet    reachable
 *
 * so what we look at last is what a harvest takes back first.  The other way
 * around, a harvest may take the tables back after we set them and pass the leaf
 * before we set that.  A CPU that has the table entries in its TLB, which is not
 * flushed yet, then uses a leaf that is accessed below idle tables: the next
 * batch will not find it.
 *
 * Against the harvest, which clears table entries first and then looks below
 * them (see harvest.c): both sides change one entry and then read another, with
 * fully ordered atomics.
 *
 *        revalidate:  set leaf;   read table entry, set it unless it is set
 *        harvest:     clear table entry;   read leaf, clear it if it is set
 *
 * Either the harvest sees the leaf, and takes it, or we see the table entry
 * cleared, and set it again, so that the next harvest finds the leaf.  That both
 * happen is harmless: the leaf is idle once more, and the access faults again.
 *
 * Against unmapping: an entry is only changed by compare-and-swap from what was
 * seen when the leaf was found fit.  A leaf that is DYING is left alone; if it
 * became DYING, or empty, in between, the swap fails.  A table that we are in
 * may be unlinked under our feet.  It is empty then and never filled again, so
 * no swap in it can succeed; and it is not freed before we are out of it
 * (&stage2_ops.sync_walkers).  A table entry is matched by its address: as long
 * as we are here that page cannot be freed and hung elsewhere.
 *
 * A leaf that was set below a table entry that changed meanwhile stays as it is:
 * unreachable, or reachable by someone else's doing.  We start over from the
 * root, a few times; then the lock sorts it out.
 *
 * Against an observer past the caches that comes (tracker_uncached_begin()): it is
 * counted first, then walks are waited for, then a harvest begins.
 *
 *        revalidate:  read the count: 0;   set leaf;   tables
 *        observer:    count;   wait for us;   harvest takes the leaf back
 *
 * Without the wait we could set the leaf behind the harvest, uncleaned, and the
 * observer would find it valid.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include "cmo.h"
#include "stage2.h"
#include "walk.h"

#define REVALIDATE_TRIES	4

static int leaf_check(u64 pte, enum stage2_access access)
{
	if (!pte)
		return -ENOENT;
	if (pte & STAGE2_PTE_DYING)
		return -EAGAIN;
	if (access == STAGE2_WRITE && !(pte & STAGE2_PTE_S2AP_W))
		return -EACCES;
	return 0;
}

/*
 * The entry is read again here, after the leaf was set (see above); @walked is
 * what it was on the way down.
 *
 * Return: false when another table, or none, hangs there by now.
 */
static bool table_validate(u64 *slot, u64 walked)
{
	/* A table's address may be 0, which is what an empty entry has as well. */
	const u64 same = STAGE2_PTE_ADDR | STAGE2_PTE_TABLE;
	u64 old = READ_ONCE(*slot);

	do {
		if ((old ^ walked) & same)
			return false;
		if (old & STAGE2_PTE_VALID)
			return true;
	} while (!try_cmpxchg(slot, &old, old | STAGE2_PTE_VALID));
	return true;
}

bool __tracker_validate_path(const struct stage2_walk *walk, unsigned int start_level)
{
	unsigned int level = walk->level;

	while (level-- > start_level)
		if (!table_validate(walk->slot[level], walk->pte[level]))
			return false;
	/* Pairs with the table walk of the access that is tried again. */
	cache_publish_entries();
	return true;
}

/*
 * Has the leaf to be cleaned before it becomes valid?  The count is read before the
 * leaf is set, in a region that tracker_uncached_begin() waits for.
 */
static bool leaf_owes_cleaning(const struct stage2 *s2, u64 pte)
{
	return (pte & STAGE2_PTE_STALE) ||
	       (!(pte & STAGE2_PTE_VALID) && READ_ONCE(s2->uncached));
}

/* Return: as tracker_revalidate(), or 1 to start over. */
static int revalidate_once(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	struct stage2_walk walk;
	u64 pte = stage2_walk(s2, ipa, &walk);
	int ret = leaf_check(pte, access);

	if (ret)
		return ret;
	if (walk.level != STAGE2_LEVEL_LEAST || leaf_owes_cleaning(s2, pte))
		return -EAGAIN;
	if (!(pte & STAGE2_PTE_VALID) &&
	    cmpxchg(walk.slot[walk.level], pte, pte | STAGE2_PTE_VALID) != pte)
		return 1;
	return __tracker_validate_path(&walk, s2->start_level) ? 0 : 1;
}

int tracker_revalidate(struct stage2 *s2, u64 ipa, enum stage2_access access)
{
	unsigned int tries;
	int ret;

	if (ipa >= stage2_limit(s2))
		return -ENOENT;
	for (tries = 0; tries < REVALIDATE_TRIES; tries++) {
		ret = revalidate_once(s2, ipa, access);
		if (ret <= 0)
			return ret;
	}
	return -EAGAIN;
}

/* Split blocks on the way down until a page maps @ipa. */
static int touch_split(struct stage2 *s2, u64 ipa, struct stage2_walk *walk,
		       struct stage2_cache *cache)
{
	int ret;

	while (walk->level < STAGE2_LEVEL_LEAST) {
		ret = __stage2_split(s2, walk->slot[walk->level], walk->level, cache);
		if (ret)
			return ret;
		stage2_walk(s2, ipa, walk);
	}
	return 0;
}

bool tracker_uncached_begin(struct stage2 *s2)
{
	spin_lock(&s2->lock);
	WRITE_ONCE(s2->uncached, s2->uncached + 1);
	/* Who has read 0 has set its leaf by the end of this, for the harvest to find. */
	if (s2->uncached == 1)
		s2->ops->sync_walkers(s2);
	spin_unlock(&s2->lock);
	return s2->policy == STAGE2_POLICY_EXACT;
}

void tracker_uncached_end(struct stage2 *s2)
{
	spin_lock(&s2->lock);
	WARN_ON(!s2->uncached);
	WRITE_ONCE(s2->uncached, s2->uncached - 1);
	spin_unlock(&s2->lock);
}

/*
 * The host may have written the memory through its caches, and the guest may
 * look at it without.  Someone else may be cleaning the same block: whoever is
 * through first makes it valid.
 */
static int touch_clean(struct stage2 *s2, u64 ipa, struct stage2_walk *walk)
{
	u64 pte = walk->pte[walk->level], size = stage2_size(walk->level), now;
	u64 blocks_emptied = s2->blocks_emptied;
	u64 chunk, done = 0;
	atomic64_t *count = pte & STAGE2_PTE_STALE ? &s2->stale_cleaned : &s2->idle_cleaned;

	for (;;) {
		chunk = min_t(u64, size - done, STAGE2_CHUNK * SZ_4K);
		clean_range_for_guest(s2pte_to_virt(pte) + done, chunk);
		atomic64_add(chunk >> STAGE2_PAGE_SHIFT, count);
		done += chunk;
		if (done == size)
			return 0;
		__stage2_relax(s2);
		/* Only a batch may have been here, and only its mark may have changed. */
		now = stage2_walk(s2, ipa, walk);
		if (((now ^ pte) & ~STAGE2_PTE_PENDING) || s2->blocks_emptied != blocks_emptied)
			return -EAGAIN;
	}
}

/* Nobody was told while the guest could not get at it, see fault.c. */
static void leaf_tell_dirty(struct stage2 *s2, const struct stage2_walk *walk)
{
	u64 pte = walk->pte[walk->level];

	if (pte & STAGE2_PTE_S2AP_W)
		s2->ops->dirty(s2, s2pte_pa(pte), stage2_size(walk->level));
}

int __tracker_touch(struct stage2 *s2, u64 ipa, enum stage2_access access,
		    struct stage2_cache *cache)
{
	struct stage2_walk walk;
	int ret;

	lockdep_assert_held(&s2->lock);
	if (ipa >= stage2_limit(s2))
		return -ENOENT;
	ret = leaf_check(stage2_walk(s2, ipa, &walk), access);
	if (!ret && s2->policy == STAGE2_POLICY_EXACT)
		ret = touch_split(s2, ipa, &walk, cache);
	if (!ret && leaf_owes_cleaning(s2, walk.pte[walk.level]))
		ret = touch_clean(s2, ipa, &walk);
	if (ret)
		return ret;
	if (walk.pte[walk.level] & STAGE2_PTE_STALE)
		leaf_tell_dirty(s2, &walk);

	/* Cleaned before (DSB); pairs with the table walk that finds it valid. */
	s2pte_update(walk.slot[walk.level], STAGE2_PTE_STALE, STAGE2_PTE_VALID);
	return __tracker_validate_path(&walk, s2->start_level) ? 0 : -EAGAIN;
}
