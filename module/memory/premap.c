// SPDX-License-Identifier: GPL-2.0-only
/*
 * Premapping: all of a memslot is mapped before the guest runs.  The VMM's pages are
 * looked up as for a fault, see fault.c.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../vm.h"
#include "fault.h"
#include "memslot.h"
#include "premap.h"

/* Map one leaf of a premapped slot; under STAGE2_POLICY_FULL it is valid at once. */
static int premap_leaf(struct fault *fault, u64 ipa, u64 size, struct page *page,
		       struct stage2_pool *pool)
{
	struct stage2 *s2 = &fault->vm->stage2;
	unsigned int prot = fault->writable ? STAGE2_PROT_W : 0;
	int ret;

	ret = stage2_pool_fill(pool);
	if (ret)
		return ret;
	spin_lock(&s2->lock);
	if (__fault_is_outdated(fault))
		ret = -EAGAIN;
	else
		ret = __stage2_map(s2, ipa, size, page_to_phys(page), prot, pool);
	if ((!ret || ret == -EEXIST) && s2->policy == STAGE2_POLICY_FULL)
		ret = __tracker_touch(s2, ipa, STAGE2_READ, pool);
	spin_unlock(&s2->lock);
	return ret == -EEXIST ? 0 : ret;
}

static int premap_pages(struct fault *fault, unsigned int nr, struct stage2_pool *pool)
{
	unsigned int i;
	int ret = 0;

	if (nr == STAGE2_PTRS && fault_fits(fault, SZ_2M) && pages_fit_block(fault->around))
		return premap_leaf(fault, fault->ipa, SZ_2M, fault->around[0], pool);
	for (i = 0; i < nr && !ret; i++)
		ret = premap_leaf(fault, fault->ipa + i * PAGE_SIZE, SZ_4K, fault->around[i],
				  pool);
	return ret;
}

/*
 * Premap from fault->ipa to the end of its 2 MiB or of its slot, or 1 GiB at
 * once.  Return: bytes done, or a negative errno; -EAGAIN: the same again.
 */
static long premap_chunk(struct fault *fault, struct stage2_pool *pool)
{
	u64 left = fault->slot->ipa + fault->slot->size - fault->ipa;
	u64 size = min(ALIGN_DOWN(fault->ipa, SZ_2M) + SZ_2M - fault->ipa, left);
	long nr;
	long i;
	long ret;

	fault_begin(fault);
	nr = get_user_pages_unlocked(memslot_hva(fault->slot, fault->ipa), size / PAGE_SIZE,
				     fault->around,
				     FOLL_HWPOISON | (fault->writable ? FOLL_WRITE : 0));
	if (nr <= 0)
		return nr ?: -EFAULT;
	if (IS_ALIGNED(fault->ipa, SZ_1G) && fault_fits_1g(fault, fault->around[0]))
		ret = premap_leaf(fault, fault->ipa, SZ_1G, fault->around[0], pool) ?: SZ_1G;
	else
		ret = premap_pages(fault, nr, pool) ?: nr * PAGE_SIZE;
	for (i = 0; i < nr; i++)
		put_page(fault->around[i]);
	return ret;
}

int memslot_premap(struct vm *vm, const struct memslot *slot)
{
	struct fault fault = {
		.vm = vm, .slot = slot, .ipa = slot->ipa,
		.writable = memslot_writable_ahead(slot), .around = fault_around_alloc(),
	};
	struct stage2_pool pool = { 0 };
	long ret = 0;

	if (!fault.around)
		return -ENOMEM;
	while (fault.ipa < slot->ipa + slot->size) {
		ret = signal_pending(current) ? -EINTR : premap_chunk(&fault, &pool);
		if (ret > 0)
			fault.ipa += ret;
		else if (ret != -EAGAIN)
			break;
		cond_resched();
	}
	stage2_pool_free(&pool);
	kfree(fault.around);
	return ret < 0 ? ret : 0;
}
