// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking the permission to write away, so that the next write faults, for the
 * dirty log.  An entry keeps its state (idle, accessed, PENDING).
 *
 * A log has a bit for each page.  Whoever makes a page writable sets its bit under
 * the same hold of the lock.  Here, the bits are taken and the permission is
 * removed, again in one hold.  So a page that is writable has its bit set.  After
 * the flush that follows, a write has either come before the log was taken, and the page
 * as it is read then has it; or the write faults, and is in the next log.
 *
 * A leaf without bit[0] needs no care: tracker_revalidate() checks the
 * permission when it sets bit[0], by compare-and-swap from an entry that had
 * the permission.
 */
#include <linux/minmax.h>

#include "stage2.h"
#include "table.h"
#include "walk.h"

/* Entries looked at under one hold of the lock. */
#define PROTECT_CHUNK	(STAGE2_CHUNK * 8)

/* Only an entry that had bit[0] can be in a TLB with its permission. */
static void leaf_protect(struct stage2 *s2, const struct stage2_walk *walk)
{
	s2pte_t pte = walk->pte[walk->level];

	if (!(pte & STAGE2_PTE_S2AP_W))
		return;
	pte = s2pte_update(walk->ptep[walk->level], STAGE2_PTE_S2AP_W, 0);
	if (pte & (STAGE2_PTE_VALID | STAGE2_PTE_PENDING))
		s2->flush_owed = true;
}

void stage2_wrprotect(struct stage2 *s2, u64 ipa, u64 size)
{
	unsigned int budget = PROTECT_CHUNK;
	struct stage2_walk walk;
	u64 end;

	if (ipa >= stage2_limit(s2))
		return;
	end = ipa + min(size, stage2_limit(s2) - ipa);
	spin_lock(&s2->lock);
	while (ipa < end) {
		if (!budget--) {
			__stage2_relax(s2);
			budget = PROTECT_CHUNK;
		}
		stage2_walk(s2, ipa, &walk);
		leaf_protect(s2, &walk);
		ipa = stage2_end(ipa, walk.level);
	}
	__stage2_flush_owed(s2);
	spin_unlock(&s2->lock);
}

static void page_protect(struct stage2 *s2, u64 ipa)
{
	struct stage2_walk walk;

	stage2_walk(s2, ipa, &walk);
	leaf_protect(s2, &walk);
}

/* Return: which of the 64 pages of a word were in the log, and are not any more. */
static u64 word_take(struct stage2 *s2, u64 ipa, u64 *log, u64 wanted)
{
	u64 taken = *log & wanted;
	unsigned int i;

	*log &= ~taken;
	for (i = 0; i < STAGE2_LOG_BITS; i++)
		if (taken & BIT_ULL(i))
			page_protect(s2, ipa + i * SZ_4K);
	return taken;
}

void stage2_log_take(struct stage2 *s2, u64 ipa, u64 *log, u64 *words, u64 nr)
{
	u64 i;

	spin_lock(&s2->lock);
	for (i = 0; i < nr; i++) {
		if (i % STAGE2_CHUNK == STAGE2_CHUNK - 1)
			__stage2_relax(s2);
		words[i] = word_take(s2, ipa + i * STAGE2_LOG_BITS * SZ_4K, &log[i], words[i]);
	}
	/* No CPU writes to these pages any more, and what was written is visible. */
	__stage2_flush_owed(s2);
	spin_unlock(&s2->lock);
}
