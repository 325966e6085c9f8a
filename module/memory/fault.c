// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults that need the host: find the VMM's page behind an IPA, and map it.
 *
 * Nothing stays pinned.  A page is held only from its look-up until it is in
 * the tables, and notifier.c tells whether the VMM's mapping changed in
 * between: if so, nothing is mapped and the guest faults again.
 *
 * When a page becomes dirty
 * -------------------------
 * The CPU notes in the VMM's page tables what the VMM writes, but nothing of what
 * the guest does.  So a page is marked dirty as soon as the guest can write to it
 * without a fault, for all that it may ever do; else reclaim takes the page for one
 * whose content is known elsewhere, and drops it.  It is done under stage2.lock
 * (fault_mark_dirty(), by way of &stage2_ops.dirty), with the entry still there:
 *
 *     guest's fault                      writeback, reclaim, truncation
 *     -------------                      ------------------------------
 *     look up, may be written
 *     [lock]  outdated?  map, touch:     take the VMM's right to write away:
 *             mark dirty      [unlock]     the notifier unmaps, under the lock
 *                                        is it dirty?  clean it, or drop it
 *
 * Either the page is found dirty, or the notifier came first and nothing is mapped.
 * Marked after the lock is dropped, or though nothing was mapped, it may be one that
 * is being written back or is clean, and that its file system has not been asked
 * about since (page_mkwrite): nowhere to put it, no space, a frozen disk.
 *
 * A neighbour that nobody asked for, and what is premapped, is mapped as writable as
 * the VMM has it, but STALE, and idle: the guest's first access to its cluster comes to
 * __tracker_touch(), for the cleaning, and there the pages become dirty: EL2 lets the
 * guest in to the others without asking.  So pages that were given up (MADV_FREE), or
 * that swap has already, stay so but for the 16 to 64 of the cluster.  To map them
 * read-only until they are written would cost one more fault, with a look-up in the VMM's
 * page tables, for each page that is read first; this costs a test of a flag in a fault
 * that there is anyway.  Reading makes a page dirty as well, if the VMM may write to it:
 * as in KVM, and for the same reason.
 *
 * A block that stays one (STAGE2_POLICY_FULL) becomes dirty as a whole.  The guest is
 * let write to one only if it is one page of the host's, which has but one dirty flag;
 * pages that are neighbours by chance are mapped as pages.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../vm.h"
#include "dirty_log.h"
#include "fault.h"
#include "memslot.h"

/* Order of a compound page that fills a 1 GiB block; only hugetlbfs has such pages. */
#define ORDER_1G	(30 - PAGE_SHIFT)

void fault_begin(struct fault *fault)
{
	fault->seq = READ_ONCE(fault->vm->invalidate_seq);
	/*
	 * The count is read before the VMM's page is looked up.  Pairs with
	 * stage2.lock around its change and around __fault_is_outdated().
	 */
	smp_rmb();
}

bool __fault_is_outdated(const struct fault *fault)
{
	lockdep_assert_held(&fault->vm->stage2.lock);
	return fault->vm->invalidate_count || fault->vm->invalidate_seq != fault->seq;
}

void fault_mark_dirty(u64 pa, u64 size)
{
	u64 end = pa + size;
	struct folio *folio;

	for (; pa < end; pa = page_to_phys(&folio->page) + folio_size(folio)) {
		folio = page_folio(pfn_to_page(PHYS_PFN(pa)));
		/* One of a file system's is: it was told when the VMM got the permission. */
		if (!folio_test_dirty(folio))
			folio_mark_dirty(folio);
	}
}

/*
 * A load must not break the sharing of a page (zero page, KSM, copy on write),
 * but if the VMM could write to it as it is, neither need the guest ask twice.
 */
static void fault_try_writable(struct fault *fault)
{
	struct page *page;

	if (!memslot_writable_ahead(fault->slot) ||
	    get_user_pages_fast_only(fault->hva, 1, FOLL_WRITE, &page) != 1)
		return;
	put_page(fault->page);
	fault->page = page;
	fault->writable = true;
}

static int fault_get_page(struct fault *fault)
{
	bool write = fault->access == STAGE2_WRITE;
	unsigned int flags = FOLL_HWPOISON | (write ? FOLL_WRITE : 0);
	long ret = get_user_pages_unlocked(fault->hva, 1, &fault->page, flags);

	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	fault->writable = write;
	if (!write)
		fault_try_writable(fault);
	return 0;
}

static bool pages_contiguous(struct page **pages, unsigned int nr)
{
	unsigned long pfn = page_to_pfn(pages[0]);
	unsigned int i;

	for (i = 1; i < nr; i++) {
		if (page_to_pfn(pages[i]) != pfn + i)
			return false;
	}
	return true;
}

bool pages_fit_block(struct page **pages)
{
	return IS_ALIGNED(page_to_phys(pages[0]), SZ_2M) && pages_contiguous(pages, STAGE2_PTRS);
}

static bool pages_are_one(struct page **pages)
{
	return page_folio(pages[0]) == page_folio(pages[STAGE2_PTRS - 1]);
}

bool fault_fits(const struct fault *fault, u64 size)
{
	u64 start = ALIGN_DOWN(fault->ipa, size);

	return memslot_covers(fault->slot, start, size) &&
	       IS_ALIGNED(memslot_hva(fault->slot, start), size);
}

bool fault_fits_1g(const struct fault *fault, struct page *page)
{
	return fault->vm->stage2.start_level < 2 && fault_fits(fault, SZ_1G) &&
	       compound_order(compound_head(page)) >= ORDER_1G;
}

/*
 * All 2 MiB are there, in one piece: asked of the VMM's page tables.  For writing, it
 * has to be one page of the host's as well, see above.
 */
static bool fault_fits_2m(struct fault *fault)
{
	u64 hva = memslot_hva(fault->slot, ALIGN_DOWN(fault->ipa, SZ_2M));
	int nr;
	bool fits;

	if (!fault_fits(fault, SZ_2M))
		return false;
	nr = get_user_pages_fast_only(hva, STAGE2_PTRS, fault->writable ? FOLL_WRITE : 0,
				      fault->around);
	fits = nr == STAGE2_PTRS && pages_fit_block(fault->around) &&
	       (!fault->writable || pages_are_one(fault->around));
	while (nr > 0)
		put_page(fault->around[--nr]);
	return fits;
}

static u64 fault_leaf_size(struct fault *fault)
{
	if (fault->vm->stage2.policy != STAGE2_POLICY_FULL || fault->slot->dirty)
		return SZ_4K;
	if (fault_fits_1g(fault, fault->page))
		return SZ_1G;
	return fault_fits_2m(fault) ? SZ_2M : SZ_4K;
}

/* Map the leaf and let the guest in. */
static int __fault_install(struct fault *fault, u64 size, struct stage2_pool *pool)
{
	struct stage2 *s2 = &fault->vm->stage2;
	u64 pa = page_to_phys(fault->page) - (fault->ipa & (size - 1));
	int ret;

	if (__fault_is_outdated(fault))
		return -EAGAIN;
	ret = __stage2_map(s2, ALIGN_DOWN(fault->ipa, size), size, pa,
			   fault->writable ? STAGE2_PROT_W : 0, pool);
	if (ret && ret != -EEXIST)
		return ret;
	if (fault->writable)
		__dirty_log_mark(fault->vm, fault->slot, fault->ipa);
	return __tracker_touch(s2, fault->ipa, fault->access, pool);
}

/* What the VMM has in memory of the 2 MiB around the fault, holes as NULL. */
static void neighbours_get(struct fault *fault, u64 start, unsigned int nr)
{
	unsigned int flags = memslot_writable_ahead(fault->slot) ? FOLL_WRITE : 0;
	unsigned int i = 0;

	while (i < nr) {
		int got = get_user_pages_fast_only(memslot_hva(fault->slot, start) + i * PAGE_SIZE,
						   nr - i, flags, fault->around + i);

		if (got > 0)
			i += got;
		else
			fault->around[i++] = NULL;
	}
}

static void neighbours_map(struct fault *fault, u64 start, unsigned int nr)
{
	struct stage2 *s2 = &fault->vm->stage2;
	unsigned int prot = memslot_writable_ahead(fault->slot) ? STAGE2_PROT_W : 0;
	s2pte_t *ptep = NULL;
	unsigned int i;

	spin_lock(&s2->lock);
	if (!__fault_is_outdated(fault))
		ptep = __stage2_neighbours(s2, start);
	for (i = 0; ptep && i < nr; i++) {
		if (fault->around[i])
			__stage2_map_neighbour(s2, ptep + i, page_to_phys(fault->around[i]), prot);
	}
	spin_unlock(&s2->lock);
}

/* The rest of the 2 MiB, idle: each page costs a revalidation then, no fault. */
static void fault_map_neighbours(struct fault *fault)
{
	const struct memslot *slot = fault->slot;
	u64 start = max(ALIGN_DOWN(fault->ipa, SZ_2M), slot->ipa);
	u64 end = min(ALIGN_DOWN(fault->ipa, SZ_2M) + SZ_2M, slot->ipa + slot->size);
	unsigned int nr = (end - start) / PAGE_SIZE;
	unsigned int i;

	neighbours_get(fault, start, nr);
	neighbours_map(fault, start, nr);
	for (i = 0; i < nr; i++) {
		if (fault->around[i])
			put_page(fault->around[i]);
	}
}

static short vmm_page_shift(u64 hva)
{
	struct vm_area_struct *vma;
	unsigned long size = PAGE_SIZE;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, hva);
	if (vma)
		size = vma_kernel_pagesize(vma);
	mmap_read_unlock(current->mm);
	return ilog2(size);
}

/* As if the VMM itself had touched the page; with a signal the guest is not entered. */
static int fault_tell_lost_page(const struct fault *fault)
{
	send_sig_mceerr(BUS_MCEERR_AR, (void __user *)fault->hva, vmm_page_shift(fault->hva),
			current);
	return 0;
}

static int fault_from_host(struct fault *fault, bool first, struct stage2_pool *pool)
{
	struct stage2 *s2 = &fault->vm->stage2;
	u64 size;
	int ret;

	fault_begin(fault);
	ret = fault_get_page(fault);
	if (ret)
		return ret == -EHWPOISON ? fault_tell_lost_page(fault) : ret;
	size = fault_leaf_size(fault);

	spin_lock(&s2->lock);
	ret = __fault_install(fault, size, pool);
	spin_unlock(&s2->lock);
	put_page(fault->page);
	if (!ret && first && s2->policy != STAGE2_POLICY_FULL)
		fault_map_neighbours(fault);
	/* Something changed meanwhile: the guest finds out by faulting again. */
	return ret == -EAGAIN || ret == -ENOENT || ret == -EACCES ? 0 : ret;
}

struct page **fault_around_alloc(void)
{
	return kmalloc_array(STAGE2_PTRS, sizeof(struct page *), GFP_KERNEL);
}

int fault_map(struct vm *vm, const struct memslot *slot, u64 ipa,
	      enum stage2_access access, struct stage2_pool *pool)
{
	struct stage2 *s2 = &vm->stage2;
	struct fault fault = {
		.vm = vm, .slot = slot, .access = access,
		.ipa = ipa & PAGE_MASK, .hva = memslot_hva(slot, ipa & PAGE_MASK),
	};
	bool first;
	int ret;

	ret = stage2_pool_fill(pool);
	if (ret)
		return ret;
	spin_lock(&s2->lock);
	ret = __tracker_touch(s2, ipa, access, pool);
	/* The first page of 2 MiB brings its neighbours with it. */
	first = ret == -ENOENT && __stage2_lookup(s2, ipa).level < STAGE2_LEVELS - 1;
	spin_unlock(&s2->lock);
	if (ret != -ENOENT && ret != -EACCES)
		return ret == -EAGAIN ? 0 : ret ?: 1;

	fault.around = fault_around_alloc();
	if (!fault.around)
		return -ENOMEM;
	ret = stage2_pool_fill(pool) ?: fault_from_host(&fault, first, pool);
	kfree(fault.around);
	return ret;
}
