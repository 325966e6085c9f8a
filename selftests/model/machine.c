// SPDX-License-Identifier: GPL-2.0-only
/*
 * See machine.h.
 */
#include <stdalign.h>
#include <string.h>

#include "coro.h"
#include "machine.h"

#define TLB_SIZE	6

/**
 * struct translation - what a TLB remembers: a leaf, or a table (walk pool)
 * @used: holds something
 * @level: of the entry
 * @ipa: start of its range
 * @pte: the entry
 */
struct translation {
	bool used;
	unsigned int level;
	u64 ipa;
	u64 pte;
};

/**
 * struct cpu - one CPU
 * @leaves: TLB
 * @tables: walk cache
 * @flushes: flushes seen; a walk under way at one begins anew
 */
struct cpu {
	struct translation leaves[TLB_SIZE];
	struct translation tables[TLB_SIZE];
	unsigned int flushes;
};

struct mem_page mem[NR_PAGES];

/* What each coroutine has begun to clean, and not waited for. */
static struct {
	unsigned int nr;
	struct mem_page *pages[NR_PAGES];
} begun[CORO_MAX];

static struct cpu cpus[MODEL_CPUS];
static struct stage2 *walked;
static bool walked_fwb;
static u64 writes;
static u64 flags_set;

static alignas(SZ_4K * STAGE2_ROOT_PAGES_MAX) u64 arena[NR_TABLES][STAGE2_PTRS];
static enum { UNUSED, ALLOCATED, FREED } arena_state[NR_TABLES];
static bool arena_reuse;

void machine_reset(bool reuse)
{
	memset(mem, 0, sizeof(mem));
	memset(begun, 0, sizeof(begun));
	memset(cpus, 0, sizeof(cpus));
	memset(arena_state, 0, sizeof(arena_state));
	arena_reuse = reuse;
	writes = 0;
}

void machine_use(struct stage2 *s2, bool fwb)
{
	walked = s2;
	walked_fwb = fwb;
}

struct mem_page *mem_page_of(u64 pa)
{
	u64 index = (pa - MEM_BASE) / SZ_4K;

	if (index >= NR_PAGES)
		coro_fail("no memory at %#llx", pa);
	return &mem[index];
}

u64 mem_pa(const struct mem_page *page)
{
	return MEM_BASE + (page - mem) * SZ_4K;
}

static void line_fetch(struct mem_page *page)
{
	if (page->cached)
		return;
	page->cached = true;
	page->dirty = false;
	page->cache = page->memory;
}

void mem_clean_begin(struct mem_page *page)
{
	unsigned int self = coro_self();

	if (page->cleaning & BIT_ULL(self))
		return;
	page->cleaning |= BIT_ULL(self);
	begun[self].pages[begun[self].nr++] = page;
}

void mem_clean_wait(void)
{
	unsigned int self = coro_self();
	struct mem_page *page;

	while (begun[self].nr) {
		page = begun[self].pages[--begun[self].nr];
		page->cleaning &= ~BIT_ULL(self);
		mem_clean_inval(page);
	}
}

void mem_clean_inval(struct mem_page *page)
{
	if (page->cached && page->dirty)
		page->memory = page->cache;
	page->cached = false;
}

u64 mem_access(struct mem_page *page, enum access_mode mode, bool write)
{
	if (write)
		page->latest = ++writes;
	if (mode == UNCACHED) {
		if (write)
			page->memory = page->latest;
		return page->memory;
	}
	line_fetch(page);
	if (write) {
		page->cache = page->latest;
		page->dirty = true;
	}
	return page->cache;
}

void mem_host_write(struct mem_page *page)
{
	mem_access(page, CACHED, true);
	page->host_write = page->latest;
}

static bool host_is_ahead(const struct mem_page *page)
{
	return page->host_write > page->promised;
}

void mem_something_happens(void)
{
	struct mem_page *page = &mem[rnd(NR_PAGES)];

	/* Those that the guest uses deserve more of it. */
	while (page->slot < 0 && !rnd_once_in(64))
		page = &mem[rnd(NR_PAGES)];
	if (rnd(2))
		mem_clean_inval(page);
	else if (!page->away)
		line_fetch(page);
}

static struct translation *translation_find(struct translation *set, u64 ipa)
{
	unsigned int i;

	for (i = 0; i < TLB_SIZE; i++)
		if (set[i].used && stage2_base(ipa, set[i].level) == set[i].ipa)
			return &set[i];
	return NULL;
}

static struct translation translation_of(u64 pte, u64 ipa, unsigned int level)
{
	return (struct translation){ true, level, stage2_base(ipa, level), pte };
}

/* Two leaves for one address in a TLB: somebody made before he broke. */
static void leaf_insert(struct cpu *cpu, struct translation new)
{
	struct translation *old;
	unsigned int i;

	for (i = 0; i < TLB_SIZE; i++) {
		old = &cpu->leaves[i];
		if (!old->used || old->ipa >= stage2_end(new.ipa, new.level) ||
		    stage2_end(old->ipa, old->level) <= new.ipa)
			continue;
		if (old->level != new.level || s2pte_pa(old->pte) != s2pte_pa(new.pte))
			coro_fail("TLB conflict at %#llx", new.ipa);
		old->used = false;
	}
	cpu->leaves[rnd(TLB_SIZE)] = new;
}

/*
 * FEAT_HAFDBS: a flag that is clear is set as the walk ends, unless the leaf has changed
 * since it was read.  No flush returns with the walk between the two.
 *
 * Return: false when the walk has to begin anew.
 */
static bool flag_set(const struct cpu *cpu, s2pte_t *ptep, s2pte_t *pte, u64 ipa,
		     unsigned int level)
{
	unsigned int flushes = cpu->flushes;

	if (*pte & STAGE2_PTE_AF)
		return true;
	coro_yield();
	if (cpu->flushes != flushes)
		return false;
	table_check(ptep);
	if (*ptep != *pte)
		return false;
	*pte = *ptep |= STAGE2_PTE_AF;
	mem_page_of(s2pte_pa(*pte) + ipa - stage2_base(ipa, level))->flagged = true;
	flags_set++;
	return true;
}

/*
 * A walk reads one entry at a time.  It may begin below the root, at a table
 * that the CPU remembers.
 *
 * Return: false when it met an entry without bit[0].
 */
static bool cpu_walk(struct cpu *cpu, u64 ipa, struct translation *leaf)
{
	struct translation *known;
	unsigned int flushes, level;
	s2pte_t *table, *ptep, pte;

again:
	flushes = cpu->flushes;
	level = walked->start_level;
	table = walked->root;
	known = rnd(3) ? translation_find(cpu->tables, ipa) : NULL;
	if (known) {
		level = known->level + 1;
		table = s2pte_to_virt(known->pte);
	}
	for (;; level++) {
		coro_yield();
		if (cpu->flushes != flushes)
			goto again;
		ptep = stage2_ptep(walked, table, ipa, level);
		table_check(ptep);
		pte = *ptep;
		if (!(pte & STAGE2_PTE_VALID))
			return false;
		if (!s2pte_is_table(pte, level))
			break;
		cpu->tables[rnd(TLB_SIZE)] = translation_of(pte, ipa, level);
		table = s2pte_to_virt(pte);
	}
	if (!flag_set(cpu, ptep, &pte, ipa, level))
		goto again;
	*leaf = translation_of(pte, ipa, level);
	leaf_insert(cpu, *leaf);
	return true;
}

static struct mem_page *leaf_page(const struct translation *leaf, u64 ipa)
{
	struct mem_page *page = mem_page_of(s2pte_pa(leaf->pte) + ipa - leaf->ipa);

	if (page->away)
		coro_fail("guest reaches a page that is not the VMM's any more, ipa %#llx", ipa);
	return page;
}

/* With HCR_EL2.FWB stage 2 has the last word, in other encodings. */
static enum access_mode leaf_mode(const struct translation *leaf, enum access_mode mode)
{
	if (!walked_fwb)
		return mode;
	if (FIELD_GET(STAGE2_PTE_MEMATTR, leaf->pte) != STAGE2_MEMATTR_FORCED_WB)
		coro_fail("a leaf that is not Write-Back, ipa %#llx", leaf->ipa);
	return CACHED;
}

bool cpu_access(unsigned int nr, u64 ipa, enum access_mode mode, bool *write, u64 *value)
{
	struct cpu *cpu = &cpus[nr];
	struct translation *known = translation_find(cpu->leaves, ipa);
	struct translation leaf;
	struct mem_page *page;

	if (known)
		leaf = *known;
	else if (!cpu_walk(cpu, ipa, &leaf))
		return false;
	if (*write && !(leaf.pte & STAGE2_PTE_S2AP_W)) {
		cpu->leaves[rnd(TLB_SIZE)].used = false;
		return false;
	}
	/* From the look-up to here nobody else ran: the access is one step. */
	page = leaf_page(&leaf, ipa);
	mode = leaf_mode(&leaf, mode);
	*write &= mode == CACHED || !host_is_ahead(page);
	*value = mem_access(page, mode, *write);
	if (*write && !page->marked)
		coro_fail("guest writes to a page that is not marked dirty, ipa %#llx", ipa);
	if (*write) {
		page->guest_write = page->latest;
		page->promised = page->latest;
	}
	return true;
}

void cpu_speculate(unsigned int nr, u64 ipa)
{
	struct translation leaf;

	if (rnd_once_in(4))
		cpus[nr].leaves[rnd(TLB_SIZE)].used = false;
	cpu_walk(&cpus[nr], ipa, &leaf);
}

bool cpu_knows(const struct mem_page *page)
{
	const struct translation *leaf;
	unsigned int nr, i;

	for (nr = 0; nr < MODEL_CPUS; nr++) {
		for (i = 0; i < TLB_SIZE; i++) {
			leaf = &cpus[nr].leaves[i];
			if (leaf->used && s2pte_pa(leaf->pte) <= mem_pa(page) &&
			    mem_pa(page) - s2pte_pa(leaf->pte) < stage2_size(leaf->level))
				return true;
		}
	}
	return false;
}

void cpu_flush(void)
{
	unsigned int nr;

	for (nr = 0; nr < MODEL_CPUS; nr++) {
		coro_yield();
		memset(cpus[nr].leaves, 0, sizeof(cpus[nr].leaves));
		memset(cpus[nr].tables, 0, sizeof(cpus[nr].tables));
		cpus[nr].flushes++;
	}
}

void cpu_flush_ipa(u64 ipa)
{
	struct translation *known;
	unsigned int nr;

	for (nr = 0; nr < MODEL_CPUS; nr++) {
		coro_yield();
		known = translation_find(cpus[nr].leaves, ipa);
		if (known)
			known->used = false;
		cpus[nr].flushes++;
	}
}

static int arena_find(unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i + nr <= NR_TABLES; i += nr) {
		for (j = 0; j < nr; j++)
			if (arena_state[i + j] == ALLOCATED ||
			    (arena_state[i + j] == FREED && !arena_reuse))
				break;
		if (j == nr)
			return i;
	}
	return -1;
}

void *table_alloc(unsigned int order)
{
	unsigned int nr = 1 << order, i;
	int first = arena_find(nr);

	if (first < 0)
		coro_fail("out of tables");
	for (i = 0; i < nr; i++)
		arena_state[first + i] = ALLOCATED;
	memset(arena[first], 0, nr * SZ_4K);
	return arena[first];
}

static u64 arena_index(const void *where)
{
	return ((u64)where - (u64)arena) / SZ_4K;
}

void table_free(void *table, unsigned int order)
{
	u64 i, first = arena_index(table);

	for (i = first; i < first + (1 << order); i++) {
		if (i >= NR_TABLES || arena_state[i] != ALLOCATED)
			coro_fail("bad free of a table");
		arena_state[i] = FREED;
	}
}

void table_check(const void *where)
{
	u64 index = arena_index(where);

	if (index < NR_TABLES && arena_state[index] != ALLOCATED)
		coro_fail("walk in a table that has been freed");
}

u64 machine_flags_set(void)
{
	return flags_set;
}

unsigned int tables_allocated(void)
{
	unsigned int i, allocated = 0;

	for (i = 0; i < NR_TABLES; i++)
		allocated += arena_state[i] == ALLOCATED;
	return allocated;
}
