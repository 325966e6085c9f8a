// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clusters: neighbours are let in, or shown, with the page that the guest wants.
 *
 * There are two kinds of fault, and each brings what it is worth:
 *
 *   first touch   the host cleans a STALE page.  An exit costs as much as cleaning ten
 *                 pages, and a page that is cleaned in vain is so once in its life.  So
 *                 many neighbours are cleaned with it, and stay idle.
 *   revalidation  EL2 sets bit[0] of an idle page, which costs as much as cleaning one.
 *                 But each neighbour that is let in is cleaned by the next batch, and is
 *                 in vain each time.  So few are.
 *
 * A cluster is aligned to its size, and doubles for as long as the pages beside it, as
 * many again, are in already, on one side or the other.  Their two ends are looked at:
 *
 *              #  #  #  #  fault  .  .  .                     4: the four before are in
 *      #  ...           #  fault  .  .  .  .  .  .  .         8: and so on
 *
 * So nothing has to be remembered: the tables show what the guest used, a batch takes it
 * back, and the clusters begin small again.  Where no batch is expected any more, those of
 * the second kind begin at their largest (quiet.c).
 */
#include <linux/minmax.h>

#include "cluster.h"

/* The least pages of a cluster of each kind, if &struct stage2.cluster allows. */
#define CLUSTER_FIRST_TOUCH	16
#define CLUSTER_AGAIN		4

/**
 * struct neighbour - what makes a leaf one that is in
 * @mask: these bits
 * @is: are so
 */
struct neighbour {
	u64 mask;
	u64 is;
};

/* A page has STAGE2_PTE_TABLE, an empty entry has not. */
static const struct neighbour shown = { STAGE2_PTE_TABLE | STAGE2_PTE_STALE, STAGE2_PTE_TABLE };
static const struct neighbour accessed = { STAGE2_PTE_VALID, STAGE2_PTE_VALID };

static bool is_in(const s2pte_t *ptep, const struct neighbour *in)
{
	return (READ_ONCE(*ptep) & in->mask) == in->is;
}

/* Both ends of the pages before a cluster, as many again, or of those behind. */
static bool cluster_has_company(const s2pte_t *table, unsigned int first, unsigned int nr,
				const struct neighbour *in)
{
	if (first >= nr && is_in(&table[first - nr], in) && is_in(&table[first - 1], in))
		return true;
	first += nr;
	return first < STAGE2_PTRS && is_in(&table[first], in) && is_in(&table[first + nr - 1], in);
}

static struct cluster cluster_around(s2pte_t *ptep, unsigned int least, unsigned int most,
				     const struct neighbour *in)
{
	unsigned int index = stage2_index(ptep);
	unsigned int nr = min(least, most);
	s2pte_t *table = ptep - index;

	while (nr < most && cluster_has_company(table, index & -nr, nr, in))
		nr *= 2;
	return (struct cluster){ .ptep = &table[index & -nr], .nr = nr };
}

struct cluster cluster_of_first_touch(const struct stage2 *s2, s2pte_t *ptep)
{
	return cluster_around(ptep, CLUSTER_FIRST_TOUCH, s2->cluster, &shown);
}

/* A swap that fails has met someone who knows more of this leaf. */
static void leaf_validate(s2pte_t *ptep)
{
	const u64 fit = STAGE2_PTE_TABLE | STAGE2_PTE_STALE | STAGE2_PTE_DYING | STAGE2_PTE_VALID;
	s2pte_t old = READ_ONCE(*ptep);

	if ((old & fit) == STAGE2_PTE_TABLE)
		stage2_swap(ptep, &old, old | STAGE2_PTE_VALID);
}

void cluster_validate(const struct stage2 *s2, s2pte_t *ptep)
{
	unsigned int i, least = READ_ONCE(s2->quiet) ? s2->cluster : CLUSTER_AGAIN;
	struct cluster cluster;

	if (s2->policy != STAGE2_POLICY_EXACT || s2->cluster == 1 || READ_ONCE(s2->uncached))
		return;
	cluster = cluster_around(ptep, least, s2->cluster, &accessed);
	for (i = 0; i < cluster.nr; i++)
		leaf_validate(&cluster.ptep[i]);
}
