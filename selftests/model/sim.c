// SPDX-License-Identifier: GPL-2.0-only
/*
 * One schedule of the random model, and the hooks of the stub headers: every
 * access to a table, every lock and every line cleaned is a point where another
 * CPU may go on.
 */
#include <errno.h>
#include <string.h>

#include "hooks.h"
#include "sim.h"

/* Lines of 4 KiB, as many as pages; a VIPT instruction cache. */
#define CTR_PAGE_LINES	((10ULL << 16) | (2ULL << 14))

struct sim sim;
struct sim_counts sim_counts;

/* Most entries are empty, and there is little to happen at those. */
void model_step(const void *where)
{
	if (*(const u64 *)where || rnd_once_in(100))
		coro_yield();
	table_check(where);
}

void model_swap_failed(const void *where)
{
	(void)where;
	sim_counts.swaps_failed++;
}

void model_lock(struct model_lock *lock)
{
	coro_yield();
	while (lock->held)
		coro_block();
	lock->held = true;
}

void model_unlock(struct model_lock *lock)
{
	if (!lock->held)
		coro_fail("released a lock that was not held");
	lock->held = false;
	coro_yield();
}

void model_assert_held(const void *lock, const char *who)
{
	if (!((const struct model_lock *)lock)->held)
		coro_fail("%s without the lock", who);
}

void model_resched(void)
{
	coro_yield();
}

bool model_signal_pending(void)
{
	return rnd_once_in(8);
}

bool model_warn(bool condition, const char *text)
{
	if (condition)
		coro_fail("WARN_ON(%s)", text);
	return condition;
}

unsigned long model_pages_alloc(unsigned int gfp, unsigned int order)
{
	(void)gfp;
	return (unsigned long)table_alloc(order);
}

void model_pages_free(unsigned long addr, unsigned int order)
{
	table_free((void *)addr, order);
	sim_counts.tables_freed++;
}

unsigned int model_chunk(void)
{
	return sim.chunk;
}

unsigned long long model_ctr(void)
{
	return CTR_PAGE_LINES;
}

/* With clusters, one of a page's neighbours was wanted.  Those in a block may have no slot. */
static bool came_along(const struct slot *slot)
{
	return sim.s2.cluster > 1 && (!slot || sim.regions[slot->region].wanted);
}

/*
 * But for STAGE2_POLICY_FULL, what is cleaned has been wanted since it was cleaned
 * last, or a CPU has set its flag.  If it is accessed again, that is for the next batch.
 */
static void check_wanted(struct mem_page *page)
{
	struct slot *slot = page->slot < 0 ? NULL : &sim.slots[page->slot];

	if (sim.s2.policy == STAGE2_POLICY_FULL)
		return;
	if (!came_along(slot) &&
	    (!slot || (!slot->wanted && !slot->wanting && !page->flagged)))
		coro_fail("cleaned a page that nobody accessed, pa %#llx", mem_pa(page));
	if (!slot)
		return;
	slot->wanted = s2pte_is_accessed(&sim.s2, __stage2_lookup(&sim.s2, slot->ipa).pte);
	page->flagged = slot->wanted;
}

/* Of pages that are touched those are cleaned that the guest could see old. */
static void check_owed(const struct mem_page *page)
{
	u64 pte;

	if (page->slot < 0)
		return;
	pte = __stage2_lookup(&sim.s2, sim.slots[page->slot].ipa).pte;
	if (!(pte & STAGE2_PTE_STALE) && (!sim.s2.uncached || (pte & STAGE2_PTE_VALID)))
		coro_fail("cleaned a page for nobody, pa %#llx", mem_pa(page));
}

void model_clean_line(unsigned long addr)
{
	struct mem_page *page = mem_page_of(addr);

	if (page->slot >= 0)
		coro_yield();
	if (page->away)
		coro_fail("cleaned a page that is not the VMM's any more, pa %#lx", addr);
	if (sim.s2.coherent)
		coro_fail("cleaned a page of coherent memory, pa %#lx", addr);
	mem_clean_begin(page);
	switch (sim.reason[coro_self()]) {
	case FOR_BATCH:
		check_wanted(page);
		sim_counts.cleaned_for_batch++;
		break;
	case FOR_UNMAP:
		check_wanted(page);
		sim_counts.cleaned_for_unmap++;
		break;
	case FOR_LOG:
		coro_fail("cleaned a page for a dirty log, pa %#llx", mem_pa(page));
		break;
	case FOR_TOUCH:
		check_owed(page);
		sim_counts.cleaned_for_touch++;
		break;
	}
}

void model_forget_line(unsigned long addr)
{
	(void)addr;
}

void model_forget_all(void)
{
}

void model_sync(void)
{
	if (sim.wrong != SIM_UNSYNCED)
		mem_clean_wait();
}

void model_publish(void)
{
}

void sim_clean(enum sim_reason reason)
{
	sim.reason[coro_self()] = reason;
}

static void sim_flush(struct stage2 *s2)
{
	model_assert_held(&s2->lock, __func__);
	if ((sim.wrong == SIM_NO_HARVEST_FLUSH || sim.wrong == SIM_AF_UNFLUSHED) &&
	    sim.reason[coro_self()] == FOR_BATCH)
		return;
	if (sim.wrong == SIM_PROTECT_UNFLUSHED && sim.reason[coro_self()] == FOR_LOG)
		return;
	cpu_flush();
}

static void sim_flush_ipa(struct stage2 *s2, u64 ipa)
{
	model_assert_held(&s2->lock, __func__);
	cpu_flush_ipa(ipa);
}

static void sim_sync_walkers(struct stage2 *s2)
{
	unsigned int cpu, walks;

	model_assert_held(&s2->lock, __func__);
	if (sim.wrong == SIM_NO_SYNC)
		return;
	for (cpu = 0; cpu < MODEL_CPUS; cpu++) {
		walks = sim.walks[cpu];
		if (sim.walking[cpu])
			sim_counts.sync_waits++;
		while (sim.walking[cpu] && sim.walks[cpu] == walks)
			coro_block();
	}
}

/* A page is marked dirty: may it be?  See module/memory/fault.c. */
static void check_may_be_marked(struct mem_page *page)
{
	struct slot *slot = page->slot < 0 ? NULL : &sim.slots[page->slot];

	if (page->away)
		coro_fail("marked dirty: a page that is not the VMM's any more");
	if (slot && slot->read_only)
		coro_fail("marked dirty, but not for the VMM to write: ipa %#llx", slot->ipa);
	if (sim.s2.policy != STAGE2_POLICY_FULL && !came_along(slot) &&
	    (!slot || (!slot->wanting && !page->touched)))
		coro_fail("marked dirty, but nobody accessed it: pa %#llx", mem_pa(page));
}

void sim_mark(u64 pa, u64 size)
{
	u64 end = pa + size;

	for (; pa < end; pa += SZ_4K) {
		check_may_be_marked(mem_page_of(pa));
		mem_page_of(pa)->marked = true;
		sim_counts.marked++;
	}
}

static void sim_dirty(struct stage2 *s2, u64 pa, u64 size)
{
	struct late *late = &sim.late[coro_self()];

	model_assert_held(&s2->lock, __func__);
	if (sim.wrong == SIM_DIRTY_LATE)
		*late = (struct late){ pa, size };
	else if (sim.wrong != SIM_DIRTY_NEVER)
		sim_mark(pa, size);
}

static void sim_missed(struct stage2 *s2, u64 ipa)
{
	(void)s2;
	coro_fail("missed by a batch, as the flag of %#llx tells", ipa);
}

static const struct stage2_ops sim_ops = {
	.flush = sim_flush,
	.flush_ipa = sim_flush_ipa,
	.sync_walkers = sim_sync_walkers,
	.dirty = sim_dirty,
	.missed = sim_missed,
};

/* What hardware does on its own, as long as somebody else is doing something. */
static void hardware_run(void *arg)
{
	(void)arg;
	while (sim.ended < NR_VCPUS + 1) {
		mem_something_happens();
		if (rnd(2))
			cpu_speculate(rnd(MODEL_CPUS), sim.slots[rnd(NR_SLOTS)].ipa);
		coro_sleep(rnd(sim.pause));
	}
}

static const char *sim_end(void)
{
	sim_counts.idle_cleaned += atomic64_read(&sim.s2.idle_cleaned);
	sim_counts.flags_set = machine_flags_set();
	sim_counts.witnessed += atomic64_read(&sim.s2.witnessed);
	if (sim.s2.uncached)
		return "a vCPU is still believed to have its caches off";
	sim_clean(FOR_UNMAP);
	stage2_unmap(&sim.s2, 0, BIT_ULL(sim.s2.ia_bits), true);
	if (atomic64_read(&sim.s2.mapped_pages))
		return "pages are still mapped";
	if (atomic64_read(&sim.s2.tables))
		return "tables are still there";
	stage2_destroy(&sim.s2);
	if (tables_allocated())
		return "tables leaked";
	return coro_failure();
}

static enum stage2_policy sim_policy(enum sim_wrong wrong)
{
	if (wrong == SIM_COHERENT_IN_NAME)
		return STAGE2_POLICY_FULL;
	if (wrong >= SIM_AF_FIRST)
		return STAGE2_POLICY_AF;
	if (rnd_once_in(4))
		return STAGE2_POLICY_FULL;
	return wrong == SIM_RIGHT && rnd(2) ? STAGE2_POLICY_AF : STAGE2_POLICY_EXACT;
}

/* There, what is wrong about cleaning does no harm. */
static bool sim_coherent(enum sim_wrong wrong)
{
	return wrong == SIM_COHERENT_IN_NAME || (wrong == SIM_RIGHT && rnd(2));
}

const char *sim_run(u64 seed, enum sim_wrong wrong)
{
	static const unsigned int sizes[] = { 32, 34, 36, 40, 43, 44, 48 };
	static const unsigned int clusters[] = { 1, 2, STAGE2_CLUSTER_MAX };
	unsigned long cpu;

	coro_reset(seed);
	memset(&sim, 0, sizeof(sim));
	machine_reset(rnd(2));
	sim.wrong = wrong;
	if (stage2_init(&sim.s2, &sim_ops, sizes[rnd(7)]))
		return "cannot begin";
	sim.s2.policy = sim_policy(wrong);
	sim.s2.coherent = sim.s2.policy == STAGE2_POLICY_FULL && sim_coherent(wrong);
	sim.s2.crosscheck = wrong == SIM_RIGHT && sim.s2.policy == STAGE2_POLICY_EXACT && rnd(2);
	sim.s2.cluster = clusters[rnd(3)];
	/* Some of a few pages, or of the 512 of a block. */
	sim.chunk = sim.s2.policy == STAGE2_POLICY_FULL ? 60 + rnd(400) : 1 + rnd(6);
	/* In some schedules a dirty line stays in the cache for long. */
	sim.pause = rnd(2) ? 12 : 1000;
	sim.switchers = rnd(NR_VCPUS + 1);
	machine_use(&sim.s2, sim.s2.coherent && wrong != SIM_COHERENT_IN_NAME);
	vmm_setup();

	for (cpu = 0; cpu < NR_VCPUS; cpu++)
		coro_spawn(guest_run, (void *)cpu);
	coro_spawn(vmm_run, NULL);
	coro_spawn(device_run, NULL);
	coro_spawn(hardware_run, NULL);
	return coro_run() ? sim_end() : coro_failure();
}
