// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second tracker beside bit[0], as a witness against it: the access flags, which the CPU
 * sets (FEAT_HAFDBS) and no code of ours does here.
 *
 *     before a harvest    WITNESS is set in each leaf that has the flag: it was used
 *     harvest             takes bit[0], the flag and WITNESS of what it finds accessed
 *     after it            a leaf that still has WITNESS was used, and the harvest missed it
 *
 * All leaves are looked at, not only those below accessed tables, which is what a harvest
 * relies on.  An access after the first step sets the flag alone, and is for the next
 * batch.  What this cannot see is an access by a TLB entry that outlived a flush: it had
 * the flag set when it came into the TLB.
 */
#include "stage2.h"
#include "table.h"
#include "walk.h"

static void leaf_check(struct stage2 *s2, s2pte_t *ptep, u64 ipa, bool harvested)
{
	s2pte_t pte = READ_ONCE(*ptep);

	if (!harvested && (pte & STAGE2_PTE_AF)) {
		s2pte_update(ptep, 0, STAGE2_PTE_WITNESS);
		atomic64_inc(&s2->witnessed);
	} else if (harvested && (pte & STAGE2_PTE_WITNESS)) {
		s2pte_update(ptep, STAGE2_PTE_WITNESS, 0);
		s2->ops->missed(s2, ipa);
	}
}

/* One table page after the other; a root may be several. */
static void leaves_check(struct stage2 *s2, bool harvested)
{
	struct stage2_walk walk;
	s2pte_t *ptep;
	u64 end, ipa = 0;

	while (ipa < stage2_limit(s2)) {
		stage2_walk(s2, ipa, &walk);
		ptep = walk.ptep[walk.level];
		end = stage2_table_end(s2, ipa, walk.level);
		do {
			leaf_check(s2, ptep++, ipa, harvested);
			ipa = stage2_end(ipa, walk.level);
		} while (ipa < end && !s2pte_is_table(READ_ONCE(*ptep), walk.level));
		__stage2_relax(s2);
	}
}

void __crosscheck_begin(struct stage2 *s2)
{
	if (s2->crosscheck)
		leaves_check(s2, false);
}

void __crosscheck_end(struct stage2 *s2)
{
	if (s2->crosscheck)
		leaves_check(s2, true);
}
