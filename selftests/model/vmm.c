// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMM's memory: mapped on faults, premapped, taken away and replaced, as
 * module/memory/fault.c and notifier.c do it.
 */
#include <errno.h>
#include <string.h>

#include "../../module/stage2/quiet.h"
#include "sim.h"

#define OPERATIONS	24

static const unsigned int slot_index[REGION_SLOTS] = { 0, 1, 18, 511 };

/* Content that the guest has not seen: written by the host, through its caches. */
static void page_give(struct mem_page *page, int slot)
{
	page->away = false;
	page->generation++;
	page->guest_write = 0;
	page->touched = false;
	page->flagged = false;
	page->marked = false;
	page->host_write = 0;
	page->slot = slot;
	if (slot >= 0)
		mem_access(page, CACHED, true);
	page->promised = page->latest;
}

static void page_take(struct mem_page *page)
{
	if (page->cleaning)
		coro_fail("took a page away that is still being cleaned, pa %#llx", mem_pa(page));
	page->away = true;
	page->slot = -1;
}

static bool block_is_used(int block)
{
	unsigned int i;

	for (i = 0; i < NR_REGIONS; i++)
		if (sim.regions[i].block == block)
			return true;
	return false;
}

static void slot_give(unsigned int nr)
{
	struct slot *slot = &sim.slots[nr];
	int block = sim.regions[slot->region].block;
	struct mem_page *page;

	if (block >= 0) {
		page = &mem[block * STAGE2_PTRS + slot_index[nr % REGION_SLOTS]];
	} else {
		do
			page = &mem[NR_BLOCKS * STAGE2_PTRS + rnd(NR_SINGLES)];
		while (!page->away);
	}
	page_give(page, nr);
	slot->page = page;
	slot->read_only = rnd_once_in(4);
}

/* Memory for a whole region: of one block, the same as ever perhaps, or single pages. */
static void region_give(unsigned int nr)
{
	struct region *region = &sim.regions[nr];
	int block = (int)rnd(NR_BLOCKS + 1) - 1;
	unsigned int i;

	if (block >= 0 && !block_is_used(block))
		region->block = block;
	for (i = 0; region->block >= 0 && i < STAGE2_PTRS; i++)
		page_give(&mem[region->block * STAGE2_PTRS + i], -1);
	for (i = nr * REGION_SLOTS; i < (nr + 1) * REGION_SLOTS; i++)
		slot_give(i);
}

static void region_take(unsigned int nr)
{
	struct region *region = &sim.regions[nr];
	unsigned int i;

	for (i = nr * REGION_SLOTS; i < (nr + 1) * REGION_SLOTS; i++)
		page_take(sim.slots[i].page);
	for (i = 0; region->block >= 0 && i < STAGE2_PTRS; i++)
		page_take(&mem[region->block * STAGE2_PTRS + i]);
	region->block = -1;
}

/* Many belong to vCPUs that switch, as there is more that may go wrong with these. */
static int slot_owner(void)
{
	if (sim.switchers && rnd(2))
		return rnd(sim.switchers);
	return (int)rnd(NR_VCPUS + 2) - 2;
}

/* Two regions under one level-2 table, the others far away; the last 2 MiB as well. */
void vmm_setup(void)
{
	u64 limit = BIT_ULL(sim.s2.ia_bits);
	const u64 where[NR_REGIONS] = { 0, SZ_2M, limit / 2 + SZ_1G, limit - SZ_2M };
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		page_take(&mem[i]);
	for (i = 0; i < NR_SLOTS; i++) {
		sim.slots[i].region = i / REGION_SLOTS;
		sim.slots[i].ipa = where[i / REGION_SLOTS] +
				   (u64)slot_index[i % REGION_SLOTS] * SZ_4K;
		sim.slots[i].owner = slot_owner();
	}
	/* No vCPU looks for a page of its own for ever. */
	sim.slots[0].owner = -1;
	for (i = 0; i < NR_REGIONS; i++) {
		sim.regions[i].ipa = where[i];
		sim.regions[i].block = -1;
	}
	for (i = 0; i < NR_REGIONS; i++)
		region_give(i);
}

/* Where writes are logged nothing becomes writable before it is written to. */
static bool slot_writable_ahead(const struct slot *slot)
{
	return !slot->read_only && sim.regions[slot->region].logging == LOG_OFF;
}

static u64 *slot_log_word(const struct slot *slot, u64 *bit)
{
	struct region *region = &sim.regions[slot->region];
	u64 page = (slot->ipa - region->ipa) / SZ_4K;

	*bit = BIT_ULL(page % STAGE2_LOG_BITS);
	return &region->log[page / STAGE2_LOG_BITS];
}

static void __vmm_log_mark(const struct slot *slot)
{
	u64 bit, *word = slot_log_word(slot, &bit);

	if (sim.regions[slot->region].logging != LOG_OFF)
		*word |= bit;
}

void vmm_log_check(const struct slot *slot)
{
	u64 bit, *word = slot_log_word(slot, &bit);

	if (sim.regions[slot->region].logging != LOG_ON)
		return;
	sim_counts.logged_writes++;
	if (!(*word & bit) && !slot->changing)
		coro_fail("a write to %#llx is in no log", slot->ipa);
}

static int vmm_revalidate(unsigned int cpu, struct slot *slot, enum stage2_access access)
{
	int ret;

	sim.walking[cpu] = true;
	ret = wrong_revalidate(&sim.s2, slot->ipa, access);
	if (!ret) {
		sim_counts.revalidated++;
		quiet_count(&sim.s2, 1);
	}
	if (ret == -EAGAIN && (__stage2_lookup(&sim.s2, slot->ipa).pte & STAGE2_PTE_DYING))
		sim_counts.refused_dying++;
	sim.walking[cpu] = false;
	sim.walks[cpu]++;
	return ret;
}

static int __vmm_touch(struct slot *slot, enum stage2_access access, struct stage2_pool *pool)
{
	unsigned int before = pool->nr;
	struct stage2_walk walk;
	int ret;

	if (sim.wrong == SIM_STALE_IGNORED && stage2_walk(&sim.s2, slot->ipa, &walk)) {
		s2pte_update(walk.ptep[walk.level], STAGE2_PTE_STALE, 0);
		slot->page->marked = true;
	}
	sim_clean(FOR_TOUCH);
	ret = __tracker_touch(&sim.s2, slot->ipa, access, pool);
	sim_counts.splits += before - pool->nr;
	return ret;
}

/* With the lock dropped. */
static void mark_late(void)
{
	struct late late = sim.late[coro_self()];

	if (!late.size)
		return;
	sim.late[coro_self()].size = 0;
	coro_yield();
	sim_mark(late.pa, late.size);
}

static int vmm_touch(struct slot *slot, enum stage2_access access, struct stage2_pool *pool)
{
	int ret = stage2_pool_fill(pool);

	if (ret)
		coro_fail("no memory");
	spin_lock(&sim.s2.lock);
	ret = __vmm_touch(slot, access, pool);
	spin_unlock(&sim.s2.lock);
	mark_late();
	return ret;
}

static int __vmm_map(struct slot *slot, bool block, bool write, struct stage2_pool *pool)
{
	u64 size = block ? SZ_2M : SZ_4K;
	int ret;

	sim_clean(FOR_UNMAP);
	slot->changing++;
	ret = __stage2_map(&sim.s2, slot->ipa & ~(size - 1), size,
			   mem_pa(slot->page) & ~(size - 1), write ? STAGE2_PROT_W : 0, pool);
	if (ret == -EAGAIN)
		sim_counts.in_the_way++;
	else if (ret && ret != -EEXIST)
		coro_fail("__stage2_map: %d", ret);
	else if (write && sim.wrong != SIM_LOG_LATE)
		__vmm_log_mark(slot);
	slot->changing--;
	return ret == -EEXIST ? 0 : ret;
}

static bool __vmm_is_outdated(unsigned int seq)
{
	return sim.invalidations || sim.invalidate_seq != seq;
}

static bool region_is_writable(unsigned int nr)
{
	unsigned int i;

	for (i = nr * REGION_SLOTS; i < (nr + 1) * REGION_SLOTS; i++)
		if (!slot_writable_ahead(&sim.slots[i]))
			return false;
	return true;
}

static void vmm_map_neighbours(struct slot *slot, unsigned int seq)
{
	unsigned int first = slot->region * REGION_SLOTS, i;
	struct slot *neighbour;
	s2pte_t *ptep;

	spin_lock(&sim.s2.lock);
	for (i = first; i < first + REGION_SLOTS && !__vmm_is_outdated(seq); i++) {
		neighbour = &sim.slots[i];
		ptep = __stage2_neighbours(&sim.s2, neighbour->ipa);
		if (ptep &&
		    __stage2_map_neighbour(&sim.s2, ptep, mem_pa(neighbour->page),
					   slot_writable_ahead(neighbour) ? STAGE2_PROT_W : 0) &&
		    sim.wrong == SIM_DIRTY_AHEAD && slot_writable_ahead(neighbour))
			sim_mark(mem_pa(neighbour->page), SZ_4K);
	}
	spin_unlock(&sim.s2.lock);
}

/* The host's mapping is looked up, may change, and is checked under the lock. */
static void vmm_map(struct slot *slot, enum stage2_access access, struct stage2_pool *pool)
{
	unsigned int seq = sim.invalidate_seq;
	bool block = sim.s2.policy == STAGE2_POLICY_FULL && rnd(2) &&
		     sim.regions[slot->region].block >= 0;
	bool write;

	if (access == STAGE2_WRITE)
		slot->read_only = false;
	coro_yield();

	spin_lock(&sim.s2.lock);
	block &= sim.regions[slot->region].logging == LOG_OFF;
	write = block ? region_is_writable(slot->region) :
			access == STAGE2_WRITE || slot_writable_ahead(slot);
	if (!__vmm_is_outdated(seq) && !__vmm_map(slot, block, write, pool))
		__vmm_touch(slot, access, pool);
	spin_unlock(&sim.s2.lock);
	mark_late();
	if (sim.wrong == SIM_LOG_LATE && write) {
		coro_sleep(rnd(2000));
		__vmm_log_mark(slot);
	}
	if (sim.s2.policy != STAGE2_POLICY_FULL && rnd(2))
		vmm_map_neighbours(slot, seq);
}

void vmm_fault(unsigned int cpu, struct slot *slot, enum stage2_access access,
	       struct stage2_pool *pool)
{
	int ret;

	sim.regions[slot->region].wanted = true;
	slot->wanted = true;
	slot->wanting++;
	ret = vmm_revalidate(cpu, slot, access);
	if (ret == -EAGAIN)
		ret = vmm_touch(slot, access, pool);
	if (ret == -ENOENT || ret == -EACCES) {
		if (stage2_pool_fill(pool))
			coro_fail("no memory");
		vmm_map(slot, access, pool);
	} else if (ret && ret != -EAGAIN) {
		coro_fail("touch: %d", ret);
	}
	slot->wanting--;
	slot->wanted = true;
	slot->page->touched = true;
}

/* Map a block, or a page, idle, before anyone asks for it. */
static void vmm_premap(struct stage2_pool *pool)
{
	struct slot *slot = &sim.slots[rnd(NR_SLOTS)];
	bool block = sim.regions[slot->region].block >= 0 && rnd(2);
	unsigned int seq = sim.invalidate_seq;

	if (stage2_pool_fill(pool))
		coro_fail("no memory");
	spin_lock(&sim.s2.lock);
	if (!__vmm_is_outdated(seq))
		__vmm_map(slot, block, region_is_writable(slot->region), pool);
	spin_unlock(&sim.s2.lock);
}

static void check_unmapped(unsigned int first, unsigned int last)
{
	unsigned int i;

	for (i = first; i < last; i++) {
		const struct mem_page *page = sim.slots[i].page;

		if (cpu_knows(page))
			coro_fail("a TLB still knows %#llx, unmapped", sim.slots[i].ipa);
		if ((page->cached ? page->cache : page->memory) != page->latest)
			coro_fail("the host does not see what the guest wrote at %#llx",
				  sim.slots[i].ipa);
	}
}

static void vmm_invalidate(u64 ipa, u64 size, unsigned int first, unsigned int last)
{
	spin_lock(&sim.s2.lock);
	sim.invalidations++;
	spin_unlock(&sim.s2.lock);

	sim_counts.invalidations++;
	sim_counts.invalidated_in_batch += !!sim.batches_running;
	sim_clean(FOR_UNMAP);
	wrong_unmap(&sim.s2, ipa, size, rnd(2));
	check_unmapped(first, last);
}

static void vmm_validate(void)
{
	spin_lock(&sim.s2.lock);
	sim.invalidate_seq++;
	sim.invalidations--;
	spin_unlock(&sim.s2.lock);
}

static void vmm_replace_slot(void)
{
	unsigned int nr = rnd(NR_SLOTS);
	struct slot *slot = &sim.slots[nr];
	bool single = sim.regions[slot->region].block < 0;

	vmm_invalidate(slot->ipa, SZ_4K, nr, nr + 1);
	if (single) {
		page_take(slot->page);
		coro_yield();
		slot_give(nr);
	}
	vmm_validate();
}

/* A file system writes a page back: for the next write it wants to be asked. */
static void vmm_write_back(void)
{
	unsigned int nr = rnd(NR_SLOTS);
	struct slot *slot = &sim.slots[nr];

	vmm_invalidate(slot->ipa, SZ_4K, nr, nr + 1);
	slot->page->marked = false;
	slot->read_only = true;
	sim_counts.written_back++;
	coro_yield();
	vmm_validate();
}

static void vmm_replace_region(void)
{
	unsigned int nr = rnd(NR_REGIONS), first = nr * REGION_SLOTS;

	vmm_invalidate(sim.regions[nr].ipa, SZ_2M, first, first + REGION_SLOTS);
	region_take(nr);
	coro_yield();
	region_give(nr);
	vmm_validate();
}

static void vmm_log_begin(struct region *region)
{
	memset(region->log, 0, sizeof(region->log));
	region->logging = LOG_BEGINS;
	sim_clean(FOR_LOG);
	stage2_wrprotect(&sim.s2, region->ipa, SZ_2M);
	region->logging = LOG_ON;
	sim_counts.logs_begun++;
}

static void slots_change(unsigned int nr, int begins)
{
	unsigned int i;

	for (i = nr * REGION_SLOTS; i < (nr + 1) * REGION_SLOTS; i++)
		sim.slots[i].changing += begins;
}

/* All of it, or what is behind some word. */
static void vmm_log_take(unsigned int nr)
{
	struct region *region = &sim.regions[nr];
	u64 words[LOG_WORDS], first = rnd(2) ? 0 : rnd(LOG_WORDS);

	memset(words, 0xff, sizeof(words));
	slots_change(nr, 1);
	sim_clean(FOR_LOG);
	stage2_log_take(&sim.s2, region->ipa + first * STAGE2_LOG_BITS * SZ_4K,
			region->log + first, words, LOG_WORDS - first);
	slots_change(nr, -1);
	sim_counts.logs_taken++;
}

static void vmm_log(void)
{
	unsigned int nr = rnd(NR_REGIONS);
	struct region *region = &sim.regions[nr];

	if (region->logging == LOG_OFF)
		vmm_log_begin(region);
	else if (rnd_once_in(8))
		region->logging = LOG_OFF;
	else
		vmm_log_take(nr);
}

void vmm_run(void *arg)
{
	struct stage2_pool pool = { };
	struct stage2_range range;
	unsigned int i;

	(void)arg;
	/* More of it before the guest gets far. */
	for (i = rnd(6); i; i--)
		vmm_premap(&pool);
	for (i = 0; i < OPERATIONS; i++) {
		switch (rnd(10)) {
		case 0:
			vmm_premap(&pool);
			break;
		case 1:
			stage2_next_range(&sim.s2, rnd(4) * SZ_1G, &range);
			break;
		case 2:
			vmm_replace_region();
			break;
		case 3:
			vmm_write_back();
			break;
		case 4 ... 7:
			vmm_log();
			break;
		default:
			vmm_replace_slot();
		}
		coro_block();
	}
	stage2_pool_free(&pool);
	sim.ended++;
}

/* A disk is read, a debugger is at work: through the host's caches, at any time. */
void device_run(void *arg)
{
	struct mem_page *page;

	(void)arg;
	while (sim.ended < NR_VCPUS + 1) {
		page = sim.slots[rnd(NR_SLOTS)].page;
		if (!page->away) {
			mem_host_write(page);
			sim_counts.host_writes++;
		}
		coro_sleep(rnd(800));
	}
}
