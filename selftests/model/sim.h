/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The random model: guest, VMM and hypervisor around the tables under test.
 *
 *   vcpus.c    what vCPUs do, and what they are entitled to see
 *   vmm.c      faults, and the VMM's memory that comes and goes
 *   sim.c      one schedule from beginning to end; locks, cleaning, signals
 *   wrong.c    the same operations done wrong, to see the model notice
 */
#ifndef MODEL_SIM_H
#define MODEL_SIM_H

#include "coro.h"
#include "machine.h"

#define NR_REGIONS	4		/* of 2 MiB */
#define REGION_SLOTS	4		/* guest pages used in each */
#define NR_SLOTS	(NR_REGIONS * REGION_SLOTS)
#define NR_VCPUS	MODEL_CPUS

/**
 * struct slot - a page of the guest's
 * @ipa: address
 * @region: which 2 MiB it is in
 * @owner: vCPU that alone uses it, or -1 for all
 * @page: the VMM's memory behind it, or NULL
 * @read_only: as the VMM's page tables have it now
 * @changing: it is just being made writable and put into the dirty log, under the
 *	lock, or taken out
 * @wanted: somebody wanted in since it was cleaned last
 * @wanting: somebody is just being let in
 */
struct slot {
	u64 ipa;
	unsigned int region;
	int owner;
	struct mem_page *page;
	bool read_only;
	unsigned int changing;
	bool wanted;
	unsigned int wanting;
};

/**
 * enum logging - whether writes are logged
 * @LOG_OFF: no
 * @LOG_BEGINS: those that fault are, the others are just being made to fault
 * @LOG_ON: all are
 */
enum logging {
	LOG_OFF,
	LOG_BEGINS,
	LOG_ON,
};

#define LOG_WORDS	(STAGE2_PTRS / STAGE2_LOG_BITS)

/**
 * struct region - 2 MiB of the guest's
 * @ipa: start
 * @block: number of the VMM's block behind it, or -1 for single pages
 * @logging: see there
 * @log: the dirty log
 * @wanted: somebody wanted in to one of its pages, ever
 */
struct region {
	u64 ipa;
	int block;
	enum logging logging;
	u64 log[LOG_WORDS];
	bool wanted;
};

/**
 * enum sim_wrong - what is done wrong on purpose
 * @SIM_RIGHT: nothing
 * @SIM_CLEAN_FIRST: a batch cleans before it invalidates, as the patch that was
 *	published for Xen does
 * @SIM_BOTTOM_UP: the harvest takes back leaves before their tables
 * @SIM_FIRST_ROOT_PAGE: the harvest looks at the first root page only
 * @SIM_NO_HARVEST_FLUSH: the harvest does not flush the TLBs
 * @SIM_REVALIDATE_TOP_DOWN: revalidation sets tables before the leaf
 * @SIM_UNMAP_VALID: unmapping removes what has bit[0] (XSA-393)
 * @SIM_UNMAP_TORN: unmapping clears bit[0], flushes, and then empties, without
 *	a look at what happened in between
 * @SIM_UNMAP_UNFLUSHED: unmapping flushes for what has bit[0] alone, as if no
 *	harvest could be under way
 * @SIM_UNMAP_UNCLEAN: unmapping does not clean
 * @SIM_NO_SYNC: tables are freed without waiting for walks
 * @SIM_STALE_IGNORED: the guest is let in to pages that were never cleaned
 * @SIM_DIRTY_NEVER: no page is marked dirty
 * @SIM_DIRTY_LATE: pages are marked dirty when the lock is dropped
 * @SIM_DIRTY_AHEAD: neighbours are marked dirty when they are mapped
 * @SIM_HARVEST_ANEW: a harvest does not finish the one that was interrupted
 * @SIM_IDLE_UNCLEAN: idle pages are not cleaned for vCPUs with their caches off
 * @SIM_UNSYNCED: cleaning is not waited for
 * @SIM_PROTECT_UNFLUSHED: the permission to write stays in the TLBs
 * @SIM_LOG_LATE: a page is logged some time after it has become writable
 * @SIM_AF_CLEAN_FIRST: under STAGE2_POLICY_AF, as all that begin so: a batch cleans before
 *	it takes the access flags
 * @SIM_AF_UNFLUSHED: the harvest takes the flags and does not flush the TLBs
 * @SIM_AF_IDLE_VALID: for an observer past the caches, the harvest makes only pages fault
 *	that are accessed
 * @SIM_AF_IDLE_TABLES: the harvest takes back tables above leaves that stay valid
 * @SIM_COHERENT_IN_NAME: batches are left out, and the guest's accesses are not made to go
 *	through the caches
 * @SIM_WRONGS: how many there are
 */
enum sim_wrong {
	SIM_RIGHT,
	SIM_CLEAN_FIRST,
	SIM_BOTTOM_UP,
	SIM_FIRST_ROOT_PAGE,
	SIM_NO_HARVEST_FLUSH,
	SIM_REVALIDATE_TOP_DOWN,
	SIM_UNMAP_VALID,
	SIM_UNMAP_TORN,
	SIM_UNMAP_UNFLUSHED,
	SIM_UNMAP_UNCLEAN,
	SIM_NO_SYNC,
	SIM_STALE_IGNORED,
	SIM_DIRTY_NEVER,
	SIM_DIRTY_LATE,
	SIM_DIRTY_AHEAD,
	SIM_HARVEST_ANEW,
	SIM_IDLE_UNCLEAN,
	SIM_UNSYNCED,
	SIM_PROTECT_UNFLUSHED,
	SIM_LOG_LATE,
	SIM_AF_CLEAN_FIRST,
	SIM_AF_FIRST = SIM_AF_CLEAN_FIRST,
	SIM_AF_UNFLUSHED,
	SIM_AF_IDLE_VALID,
	SIM_AF_IDLE_TABLES,
	SIM_COHERENT_IN_NAME,
	SIM_WRONGS,
};

/**
 * enum sim_reason - why lines are being cleaned
 * @FOR_BATCH: Set/Way
 * @FOR_UNMAP: the mapping goes
 * @FOR_TOUCH: the guest has not seen the page before
 * @FOR_LOG: none, but permission to write is taken away
 */
enum sim_reason {
	FOR_BATCH,
	FOR_UNMAP,
	FOR_TOUCH,
	FOR_LOG,
};

/**
 * struct sim_counts - what happened in all schedules so far
 *
 * A model that does not get into the corners proves nothing, so the program
 * fails if one of these stays 0.
 *
 * @accesses: guest accesses
 * @faults: that faulted
 * @revalidated: answered without the lock
 * @swaps_failed: compare-and-swaps that found something else
 * @refused_dying: revalidations refused because the leaf was DYING
 * @batches: batches done
 * @skipped: batches that had nothing to do, as the memory is coherent
 * @harvests_interrupted: times that a signal interrupted the harvest of one
 * @interrupted: and the cleaning
 * @flags_set: access flags that CPUs have set
 * @witnessed: of these, those by which a batch was checked
 * @host_writes: by the VMM's devices
 * @mode_changes: vCPUs that switched their caches off or on
 * @restarts: vCPUs that went off and came back with their caches off
 * @idle_cleaned: idle pages cleaned because some vCPU had its caches off
 * @logs_begun: regions whose writes began to be logged
 * @logs_taken: times that pages were taken out of a log
 * @logged_writes: accesses that wrote where writes are logged
 * @invalidations: ranges that the VMM took away
 * @invalidated_in_batch: of these, while a batch was under way
 * @sync_waits: waits for a walk to end
 * @tables_freed: table pages freed
 * @splits: blocks split
 * @in_the_way: __stage2_map() calls that had to remove something
 * @cleaned_for_batch: pages
 * @cleaned_for_unmap: pages
 * @cleaned_for_touch: pages
 * @marked: pages marked dirty
 * @written_back: pages that the VMM's file system cleaned
 */
struct sim_counts {
	u64 accesses;
	u64 faults;
	u64 revalidated;
	u64 swaps_failed;
	u64 refused_dying;
	u64 batches;
	u64 skipped;
	u64 harvests_interrupted;
	u64 interrupted;
	u64 flags_set;
	u64 witnessed;
	u64 host_writes;
	u64 mode_changes;
	u64 restarts;
	u64 idle_cleaned;
	u64 logs_begun;
	u64 logs_taken;
	u64 logged_writes;
	u64 invalidations;
	u64 invalidated_in_batch;
	u64 sync_waits;
	u64 tables_freed;
	u64 splits;
	u64 in_the_way;
	u64 cleaned_for_batch;
	u64 cleaned_for_unmap;
	u64 cleaned_for_touch;
	u64 marked;
	u64 written_back;
};

/**
 * struct late - what is to be marked dirty, too late
 * @pa: start
 * @size: bytes, 0 if nothing
 */
struct late {
	u64 pa;
	u64 size;
};

/**
 * struct sim - one schedule
 * @s2: tables under test
 * @wrong: see there
 * @chunk: STAGE2_CHUNK
 * @pause: most that the hardware waits until it does something on its own
 * @switchers: how many of the vCPUs ever switch their caches off, the first ones
 * @slots: guest pages
 * @regions: they are in
 * @invalidations: VMM's invalidations under way
 * @invalidate_seq: and ended
 * @batches_running: batches under way
 * @reason: why a coroutine is cleaning, by coroutine
 * @late: what a coroutine has not marked dirty yet, with SIM_DIRTY_LATE
 * @walking: a CPU is in tracker_revalidate()
 * @walks: how many times it left it
 * @ended: vCPUs and VMM that have nothing more to do
 */
struct sim {
	struct stage2 s2;
	enum sim_wrong wrong;
	unsigned int chunk;
	unsigned int pause;
	unsigned int switchers;
	struct slot slots[NR_SLOTS];
	struct region regions[NR_REGIONS];
	unsigned int invalidations;
	unsigned int invalidate_seq;
	unsigned int batches_running;
	enum sim_reason reason[CORO_MAX];
	struct late late[CORO_MAX];
	bool walking[MODEL_CPUS];
	unsigned int walks[MODEL_CPUS];
	unsigned int ended;
};

extern struct sim sim;
extern struct sim_counts sim_counts;

/**
 * sim_run() - one schedule
 * @seed: which
 * @wrong: what to do wrong
 *
 * Return: NULL, or what went wrong.
 */
const char *sim_run(u64 seed, enum sim_wrong wrong);

/**
 * sim_clean() - set the reason for which this coroutine cleans
 * @reason: see there
 */
void sim_clean(enum sim_reason reason);

/**
 * sim_mark() - &stage2_ops.dirty, done right
 * @pa: start
 * @size: bytes
 */
void sim_mark(u64 pa, u64 size);

/**
 * guest_run() - life of a vCPU
 * @arg: its number
 */
void guest_run(void *arg);

/**
 * vmm_setup() - lay out the guest's memory
 */
void vmm_setup(void);

/**
 * vmm_run() - the VMM takes memory away, and premaps
 * @arg: unused
 */
void vmm_run(void *arg);

/**
 * device_run() - the VMM's devices write to the guest's memory
 * @arg: unused
 */
void device_run(void *arg);

/**
 * vmm_log_check() - fail if a write that just happened is in no dirty log
 * @slot: where
 */
void vmm_log_check(const struct slot *slot);

/**
 * vmm_fault() - a guest access faulted
 * @cpu: vCPU
 * @slot: where
 * @access: what it wanted
 * @pool: the vCPU's
 */
void vmm_fault(unsigned int cpu, struct slot *slot, enum stage2_access access,
	       struct stage2_pool *pool);

/* wrong.c: each stands in for the function of that name, and does what sim.wrong says. */
int wrong_harvest(struct stage2 *s2, struct tracker_batch *batch);
bool wrong_uncached_begin(struct stage2 *s2);
void wrong_uncached_end(struct stage2 *s2);
int wrong_revalidate(struct stage2 *s2, u64 ipa, enum stage2_access access);
void wrong_unmap(struct stage2 *s2, u64 ipa, u64 size, bool may_block);

#endif /* MODEL_SIM_H */
