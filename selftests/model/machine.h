/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine of the random model: CPUs with TLBs and table walks that take
 * their time, and memory behind write-back caches.
 *
 * A page is one cache line.  Its content is the number of the write that made
 * it, which only ever grows, so that "stale" is "smaller".  The caches of all
 * CPUs are coherent with each other, as they are on the real thing; what they
 * are not coherent with is an access that bypasses them.  Lines come and go
 * without being asked: by eviction, and because the host's own mapping of all
 * memory lets any CPU fetch any line ahead.
 */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "../../module/stage2/stage2.h"
#include "../../module/stage2/table.h"
#include "../../module/stage2/walk.h"

#define MEM_BASE	0x80000000ULL
#define NR_BLOCKS	3			/* of 2 MiB each, and then */
#define NR_SINGLES	24			/* pages */
#define NR_PAGES	(NR_BLOCKS * STAGE2_PTRS + NR_SINGLES)
#define MODEL_CPUS		3
#define NR_TABLES	256

/**
 * struct mem_page - a page of memory
 * @memory: content in memory
 * @pool: content in the caches, if @cached
 * @cached: the line is in the caches
 * @dirty: and newer than memory
 * @latest: the last write by anyone
 * @guest_write: the last write by the guest since the page was allocated
 * @host_write: the last write by the host since then
 * @promised: a guest with its caches off sees this or something newer
 * @generation: of its allocation
 * @touched: the guest wanted it since the page was allocated
 * @marked: marked dirty since it was clean last, in the sense of the host's reclaim
 * @cleaning: who has begun to clean it, and not waited for that
 * @flagged: a CPU has set the access flag of a leaf for it since it was cleaned last
 * @away: it is not the VMM's now; nobody may touch it
 * @slot: number of the guest page that it is used for, or -1
 */
struct mem_page {
	u64 memory;
	u64 cache;
	bool cached;
	bool dirty;
	u64 latest;
	u64 guest_write;
	u64 host_write;
	u64 promised;
	unsigned int generation;
	bool touched;
	bool marked;
	unsigned int cleaning;
	bool flagged;
	bool away;
	int slot;
};

/**
 * enum access_mode - how an access treats the caches
 * @CACHED: through them
 * @UNCACHED: past them
 */
enum access_mode {
	CACHED,
	UNCACHED,
};

extern struct mem_page mem[NR_PAGES];

/**
 * machine_reset() - empty caches and TLBs, no tables allocated
 * @reuse: whether a freed table page may be allocated again in this schedule;
 *	one that is not is known to be freed
 */
void machine_reset(bool reuse);

/**
 * machine_use() - the tables that CPUs walk
 * @s2: tables
 * @fwb: HCR_EL2.FWB
 */
void machine_use(struct stage2 *s2, bool fwb);

/**
 * machine_flags_set() - access flags that CPUs have set, in all schedules so far
 */
u64 machine_flags_set(void);

/**
 * mem_page_of() - page at a physical address
 * @pa: any address in it
 */
struct mem_page *mem_page_of(u64 pa);

/**
 * mem_pa() - physical address of a page
 * @page: in mem[]
 */
u64 mem_pa(const struct mem_page *page);

/**
 * mem_access() - what the memory system does for a load or a store
 * @page: where
 * @mode: cached or not
 * @write: a store
 *
 * Return: what was read or written.
 */
u64 mem_access(struct mem_page *page, enum access_mode mode, bool write);

/**
 * mem_host_write() - the host writes, through its caches
 * @page: where
 */
void mem_host_write(struct mem_page *page);

/**
 * mem_clean_inval() - clean and invalidate a line
 * @page: where
 */
void mem_clean_inval(struct mem_page *page);

/**
 * mem_clean_begin() - begin to clean and invalidate a line
 * @page: where
 *
 * It is done when this coroutine calls mem_clean_wait(), or at any time before.
 */
void mem_clean_begin(struct mem_page *page);

/**
 * mem_clean_wait() - finish all that this coroutine has begun to clean
 */
void mem_clean_wait(void);

/**
 * mem_something_happens() - perhaps a line is evicted, or fetched ahead
 */
void mem_something_happens(void);

/**
 * cpu_access() - try a guest access on a CPU
 * @cpu: 0 to MODEL_CPUS - 1
 * @ipa: address
 * @mode: cached or not
 * @write: a store
 * @value: what was read or written
 *
 * A store past the caches becomes a load (@write says so) where the host has written and no batch
 * has come yet: the host's line may be written back over it at any time.
 *
 * Return: false for a stage-2 fault.
 */
bool cpu_access(unsigned int cpu, u64 ipa, enum access_mode mode, bool *write, u64 *value);

/**
 * cpu_speculate() - a CPU walks the tables without being asked
 * @cpu: which
 * @ipa: address
 */
void cpu_speculate(unsigned int cpu, u64 ipa);

/**
 * cpu_knows() - does any TLB hold a translation to a page?
 * @page: which
 */
bool cpu_knows(const struct mem_page *page);

/**
 * cpu_flush() - drop TLB entries, on one CPU after the other
 */
void cpu_flush(void);

/**
 * cpu_flush_ipa() - the same for one address
 * @ipa: which
 */
void cpu_flush_ipa(u64 ipa);

/**
 * table_alloc() - zeroed pages for tables
 * @order: log2 of their number; aligned to that
 */
void *table_alloc(unsigned int order);

/**
 * table_free() - free pages of tables
 * @table: from table_alloc()
 * @order: the same
 */
void table_free(void *table, unsigned int order);

/**
 * table_check() - fail if an address is in a freed table page
 * @where: address
 */
void table_check(const void *where);

/**
 * tables_allocated() - pages allocated and not freed
 */
unsigned int tables_allocated(void);

#endif /* MODEL_MACHINE_H */
