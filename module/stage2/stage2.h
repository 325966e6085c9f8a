/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM's stage-2 translation tables, and the tracker that lives in them.
 *
 * An entry is in one of three states:
 *
 *   empty     0: nothing is mapped, or no table hangs here
 *   idle      bit[0] clear, all else in place: mapped, not accessed since the
 *             last batch; the next access faults and is answered by
 *             tracker_revalidate()
 *   accessed  bit[0] set: the guest may be using it
 *
 * Both leaves and table entries have these states.  The guest can reach what is
 * accessed at every level from the root down.  Under STAGE2_POLICY_AF a leaf is idle as
 * well with bit[0] set and the access flag clear: the next access sets the flag, and
 * does not fault.
 *
 *  IPA  ->  root[0..n]  ->  level 1  ->  level 2  ->  level 3  ->  page
 *           (up to 16       1 GiB        2 MiB        4 KiB
 *            pages, one     blocks       blocks       pages
 *            walk index)
 *
 * What is declared here knows nothing of KVM or of vCPUs, and builds in
 * userspace as well, see selftests/model.
 */
#ifndef SETWAY_STAGE2_H
#define SETWAY_STAGE2_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "pte.h"

#define STAGE2_LEVELS		4
#define STAGE2_PTRS		512
#define STAGE2_ROOT_PAGES_MAX	16
#define STAGE2_ROOT_GROUP_BITS	6	/* log2 of how many &struct stage2.root_groups has */
#define STAGE2_CLUSTER_MAX	64	/* pages */
#define STAGE2_IA_BITS_MIN	32
#define STAGE2_IA_BITS_MAX	48
#define STAGE2_IA_BITS_DEFAULT	40

/* One leaf needs at most this many tables: levels 1 to 3 below a level-0 root. */
#define STAGE2_POOL_MIN		(STAGE2_LEVELS - 1)
#define STAGE2_POOL_MAX		8

struct stage2;

/**
 * struct stage2_pool - table pages allocated ahead, outside the lock
 * @nr: pages held
 * @pages: zeroed pages, kernel addresses
 */
struct stage2_pool {
	unsigned int nr;
	void *pages[STAGE2_POOL_MAX];
};

/**
 * struct stage2_ops - what the tables need from the hypervisor around them
 * @flush: drop every TLB entry of this VM on every CPU; complete on return.
 *	Earlier writes to the tables are visible to every walk that comes after
 *	it (DSB ISHST, TLBI, DSB ISH).  Called with &stage2.lock held.
 * @flush_ipa: the same for the leaf that translates one IPA
 * @sync_walkers: return only when every lockless walk (tracker_revalidate())
 *	that was under way at the call has ended.  Called with &stage2.lock held,
 *	interrupts on.
 * @dirty: the guest can write to this memory without a fault from now on, so that it
 *	counts as written.  Called with &stage2.lock held, which has not been dropped
 *	since the entry allows that: stage2_unmap() has still to come, if at all.
 * @cleaned: a batch has cleaned a leaf; NULL if nobody wants to know.  Called
 *	with &stage2.lock held.
 * @missed: the page was used, as its access flag tells, and a harvest has missed it: a
 *	bug.  For &stage2.crosscheck only; called with &stage2.lock held.
 */
struct stage2_ops {
	void (*flush)(struct stage2 *s2);
	void (*flush_ipa)(struct stage2 *s2, u64 ipa);
	void (*sync_walkers)(struct stage2 *s2);
	void (*dirty)(struct stage2 *s2, u64 pa, u64 size);
	void (*cleaned)(struct stage2 *s2, u64 ipa, u64 size);
	void (*missed)(struct stage2 *s2, u64 ipa);
};

/**
 * enum stage2_policy - what a batch of Set/Way operations cleans
 * @STAGE2_POLICY_FULL: everything mapped; entries are never idle
 * @STAGE2_POLICY_EXACT: what was accessed since the last batch, as bit[0] tells
 * @STAGE2_POLICY_AF: the same, as the access flag tells that the CPU sets (FEAT_HAFDBS)
 */
enum stage2_policy {
	STAGE2_POLICY_FULL,
	STAGE2_POLICY_EXACT,
	STAGE2_POLICY_AF,
};

/**
 * struct stage2 - the translation tables of one VM
 * @lock: serialises every change but tracker_revalidate(), which is lockless
 * @batch_lock: one batch of harvest and clean at a time; taken before @lock
 * @ops: see &struct stage2_ops
 * @root: first root page, kernel address; the others follow it
 * @root_pa: its physical address, by which EL2 finds it
 * @ia_bits: size of the IPA space, in bits
 * @start_level: level of the root, 0 to 2
 * @root_pages: concatenated root pages, 1 to 16 (ARM DDI 0487J.a, D8.2.2)
 * @root_group_shift: log2 of what a bit of @root_groups stands for
 * @policy: fixed before the first vCPU runs
 * @root_groups: the parts of the IPA space, 64 at most, whose entries in the root may have
 *	bit[0] or PENDING: STAGE2_PTE_GROUPS of an entry above the root, as it were, and
 *	changed like one
 * @uncached: observers that look at the memory past the caches; see
 *	tracker_uncached_begin().  Changed under @lock, read by
 *	tracker_revalidate() as well
 * @cluster: pages that a fault on one lets the guest in to at most, a power of two; see
 *	cluster.c.  Fixed before the first vCPU runs, 1 until the caller sets it
 * @quiet: no batch is expected, see quiet.c; a hint, without a lock
 * @revalidations: how many since the last batch
 * @revalidations_most: the most that there were between two; under @batch_lock
 * @coherent: the CPUs access the guest's memory through their caches, whatever the guest
 *	says (FEAT_S2FWB), so that it is never to be cleaned.  As fixed as @policy, which
 *	is STAGE2_POLICY_FULL then, as it does not matter what is accessed; and no batch
 *	is to come
 * @flush_owed: an entry lost bit[0], or was emptied, after the last @ops->flush;
 *	under @lock
 * @crosscheck: the access flags are a second tracker, see crosscheck.c; with
 *	STAGE2_POLICY_EXACT only, and as fixed
 * @blocks_emptied: how many blocks were ever taken out; under @lock.  Tells a
 *	walk that dropped the lock in the middle of a block whether that one is
 *	still the same.
 * @harvest_cursor: where the harvest that was interrupted goes on, 0: none was;
 *	under @batch_lock
 * @clean_cursor: what was PENDING before this IPA has been cleaned since the
 *	last harvest; under @batch_lock
 * @mapped_pages: 4 KiB pages mapped, in any state
 * @tables: table pages, the root's not counted
 * @stale_cleaned: pages cleaned because the guest was to see them first
 * @idle_cleaned: pages cleaned when they were first touched after a batch, for
 *	@uncached
 * @witnessed: pages that had the access flag when a batch came, for @crosscheck
 */
struct stage2 {
	spinlock_t lock;		/* the tables; inside batch_lock */
	struct mutex batch_lock;	/* harvest and clean */
	const struct stage2_ops *ops;
	s2pte_t *root;
	u64 root_pa;
	unsigned int ia_bits;
	unsigned int start_level;
	unsigned int root_pages;
	unsigned int root_group_shift;
	enum stage2_policy policy;
	u64 root_groups;
	unsigned int uncached;
	unsigned int cluster;
	bool quiet;
	bool coherent;
	bool flush_owed;
	bool crosscheck;
	u64 blocks_emptied;
	u64 harvest_cursor;
	u64 clean_cursor;
	u64 revalidations_most;
	atomic64_t revalidations;
	atomic64_t mapped_pages;
	atomic64_t tables;
	atomic64_t stale_cleaned;
	atomic64_t idle_cleaned;
	atomic64_t witnessed;
};

/**
 * stage2_cluster_is_valid() - can &struct stage2.cluster have this value?
 * @pages: the value
 */
static inline bool stage2_cluster_is_valid(unsigned int pages)
{
	return pages <= STAGE2_CLUSTER_MAX && is_power_of_2(pages);
}

/* pgtable.c, map.c, unmap.c, dump.c */

/**
 * stage2_init() - set up empty tables
 * @s2: zeroed or uninitialised
 * @ops: kept by reference
 * @ia_bits: STAGE2_IA_BITS_MIN to STAGE2_IA_BITS_MAX
 *
 * The root level is the lowest (nearest to the pages) that 16 concatenated
 * pages can serve (ARM DDI 0487J.a, D8.2.2).  The root is aligned to its size.
 * The policy is STAGE2_POLICY_EXACT until the caller sets another one.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int stage2_init(struct stage2 *s2, const struct stage2_ops *ops,
		unsigned int ia_bits);

/**
 * stage2_destroy() - free all tables
 * @s2: no CPU uses it any more
 *
 * Cleans nothing: if anyone is to read the guest's memory afterwards, call
 * stage2_unmap() for the whole space first.
 *
 * Context: may sleep.  Afterwards mapped_pages and tables are 0, unless they
 * were wrong before.
 */
void stage2_destroy(struct stage2 *s2);

/**
 * stage2_pool_fill() - fill a pool
 * @pool: to be filled to STAGE2_POOL_MAX
 *
 * Context: may sleep.  Return: 0, or -ENOMEM with fewer pages than
 * STAGE2_POOL_MIN in it.
 */
int stage2_pool_fill(struct stage2_pool *pool);

/**
 * stage2_pool_free() - free what is left in a pool
 * @pool: empty afterwards
 */
void stage2_pool_free(struct stage2_pool *pool);

/**
 * enum stage2_prot - what a mapping allows; reading always is
 * @STAGE2_PROT_W: writes
 */
enum stage2_prot {
	STAGE2_PROT_W = BIT(0),
};

/**
 * __stage2_map() - map one page or block, idle and STALE
 * @s2: locked
 * @ipa: aligned to @size
 * @size: SZ_4K, SZ_2M or SZ_1G (SZ_1G needs a root level below 2)
 * @pa: aligned to @size, linear-map RAM
 * @prot: &enum stage2_prot
 * @pool: table pages; at least STAGE2_POOL_MIN of them
 *
 * The new mapping is idle: call __tracker_touch() next to let the guest in
 * (which, under STAGE2_POLICY_FULL, cleans and validates the whole leaf).
 *
 * If only write permission is gained for the same address, the entry keeps its
 * state.  If a block maps the same address and @size is smaller, the block is
 * split.  Anything else that is in the way (another address, or smaller leaves
 * where a block shall be) is removed as by stage2_unmap(): broken, flushed and
 * cleaned.  Nothing is mapped in its place yet, because this may drop the lock:
 * the caller has to look @pa up again (-EAGAIN).
 *
 * Return: 0; -EAGAIN: the lock may have been dropped, and what was in the way
 * is gone or someone else is unmapping it: check the host's mapping and call
 * again (a vCPU may also run and fault again); -ENOMEM when the pool ran out,
 * with nothing changed; -EINVAL for a bad size or alignment or a range outside
 * the IPA space; -EEXIST when a leaf with the same address and at least the
 * same permission covers the range already (nothing is changed).
 */
int __stage2_map(struct stage2 *s2, u64 ipa, u64 size, u64 pa,
		 unsigned int prot, struct stage2_pool *pool);

/**
 * __stage2_neighbours() - where pages that nobody asked for can be mapped
 * @s2: locked
 * @ipa: page
 *
 * Return: the entry for @ipa, which those for the rest of its 2 MiB follow; NULL if the
 * table for them is not there, or @ipa is outside the IPA space.
 */
s2pte_t *__stage2_neighbours(struct stage2 *s2, u64 ipa);

/**
 * __stage2_map_neighbour() - as __stage2_map(), for a page that nobody asked for
 * @s2: locked, since __stage2_neighbours()
 * @ptep: entry from there
 * @pa: page, linear-map RAM
 * @prot: &enum stage2_prot
 *
 * Fills an empty entry only.
 *
 * Return: true when it mapped the page.
 */
bool __stage2_map_neighbour(struct stage2 *s2, s2pte_t *ptep, u64 pa, unsigned int prot);

/**
 * stage2_unmap() - remove whatever is mapped in a range, in any state
 * @s2: not locked
 * @ipa: start, page aligned
 * @size: bytes, page aligned; what lies outside the IPA space is ignored
 * @may_block: false: do not sleep (the lock is not dropped in between)
 *
 * Idle, accessed and pending mappings are all removed (XSA-393).  A block that
 * the range covers in part is removed as a whole; faults bring the rest of it
 * back.  Pages that the guest may have used since they were last cleaned are
 * cleaned and invalidated to the PoC, so that the host sees what the guest
 * wrote with its caches off.  Tables that became empty are freed.  On return no
 * CPU can reach what was mapped in the range at the call.  The caller makes
 * sure that nothing is mapped there meanwhile.  Takes &stage2.lock, and drops
 * it from time to time.
 */
void stage2_unmap(struct stage2 *s2, u64 ipa, u64 size, bool may_block);

/* wrprotect.c */

/* Pages in a word of a dirty log. */
#define STAGE2_LOG_BITS		64

/**
 * stage2_wrprotect() - take the permission to write away from a range
 * @s2: not locked
 * @ipa: start, page aligned
 * @size: bytes, page aligned; what lies outside the IPA space is ignored
 *
 * A block that the range covers in part loses the permission as a whole.  On
 * return no CPU writes to what was mapped in the range at the call, unless it was
 * made writable since.  Takes &stage2.lock, and drops it from time to time.
 *
 * Context: may sleep.
 */
void stage2_wrprotect(struct stage2 *s2, u64 ipa, u64 size);

/**
 * stage2_log_take() - take pages out of a dirty log, and the permission with them
 * @s2: not locked
 * @ipa: of the page that bit 0 of @log is about
 * @log: bits that are set, with &stage2.lock held, by whoever makes a page writable
 * @words: the pages wanted; on return those of them that were in the log
 * @nr: words in @words, and in @log from here on
 *
 * Context: may sleep.  On return everything that was written to these pages
 * before is visible.
 */
void stage2_log_take(struct stage2 *s2, u64 ipa, u64 *log, u64 *words, u64 nr);

/**
 * struct stage2_leaf - what __stage2_lookup() found
 * @pte: the entry, as it was
 * @level: its level
 * @ipa: start of the leaf, or of the hole when @pte is 0
 * @size: bytes that the leaf covers, or that the empty entry would
 * @reachable: all entries above it are accessed
 */
struct stage2_leaf {
	s2pte_t pte;
	unsigned int level;
	u64 ipa;
	u64 size;
	bool reachable;
};

/**
 * __stage2_lookup() - find the leaf of an IPA, valid or not
 * @s2: locked, or no change possible otherwise
 * @ipa: inside the IPA space
 *
 * Return: the leaf; its pte is 0 where nothing is mapped.
 */
struct stage2_leaf __stage2_lookup(struct stage2 *s2, u64 ipa);

/**
 * enum stage2_state - state of a range, for people
 * @STAGE2_IDLE: mapped, not accessed since the last batch
 * @STAGE2_ACCESSED: reachable by the guest
 */
enum stage2_state {
	STAGE2_IDLE,
	STAGE2_ACCESSED,
};

/**
 * struct stage2_range - a run of leaves alike
 * @ipa: start
 * @size: bytes
 * @leaf_size: SZ_4K, SZ_2M or SZ_1G
 * @state: idle or accessed
 * @writable: write permission
 * @pending: harvested, not cleaned yet
 * @stale: never cleaned for this guest
 */
struct stage2_range {
	u64 ipa;
	u64 size;
	u64 leaf_size;
	enum stage2_state state;
	bool writable;
	bool pending;
	bool stale;
};

/**
 * stage2_next_range() - the next mapped run at or after an IPA
 * @s2: not locked; takes &stage2.lock for each table page it reads
 * @ipa: where to start, page aligned; inside of a block, the block is shown
 *	from its start
 * @range: filled in
 *
 * Context: may sleep.
 * Return: false when nothing is mapped from @ipa on.
 */
bool stage2_next_range(struct stage2 *s2, u64 ipa, struct stage2_range *range);

/* revalidate.c, touch.c */

/**
 * enum stage2_access - what a faulting access wanted
 * @STAGE2_READ: a load or an instruction fetch
 * @STAGE2_WRITE: a store
 */
enum stage2_access {
	STAGE2_READ,
	STAGE2_WRITE,
};

/**
 * tracker_revalidate() - let the guest back in to an idle page, without a lock
 * @s2: tables
 * @ipa: faulting address
 * @access: permission needed
 *
 * Sets bit[0] of the leaf, then of each idle table entry above it, bottom-up
 * and with compare-and-swap, all in one call.
 *
 * Context: a region that &stage2_ops.sync_walkers waits for (interrupts off).
 * Return: 0 when the guest can go on; -ENOENT: nothing is mapped; -EACCES: not
 * with this access; -EAGAIN: call __tracker_touch(), as this needs the lock
 * (the leaf is STALE or a block, is to be cleaned for an observer past the caches,
 * or others are changing it).
 */
int tracker_revalidate(struct stage2 *s2, u64 ipa, enum stage2_access access);

/**
 * __tracker_touch() - let the guest in to a mapped page, whatever that takes
 * @s2: locked
 * @ipa: faulting address
 * @access: permission needed
 * @pool: table pages for splitting, at least STAGE2_POOL_MIN
 *
 * An idle block is split on the way down, so that one page becomes accessed.  A STALE
 * leaf is cleaned to the PoC (and the I-cache made coherent with it) before it becomes
 * valid, and so is any idle one while there are observers past the caches.  Under
 * STAGE2_POLICY_FULL a block stays whole, and the lock is dropped from time to time while
 * it is cleaned.  With &stage2.coherent nothing is cleaned, but the I-cache is made coherent
 * all the same.
 *
 * Return: 0, -ENOENT, -EACCES as tracker_revalidate(); -ENOMEM when the pool
 * ran out; -EAGAIN when the mapping is being removed, or was removed while the
 * lock was dropped: let the guest run, and fault again if it must.
 */
int __tracker_touch(struct stage2 *s2, u64 ipa, enum stage2_access access,
		    struct stage2_pool *pool);

/**
 * tracker_uncached_begin() - somebody is going to look at memory past the caches
 * @s2: not locked
 *
 * From here on, until tracker_uncached_end(), the first touch of an idle page
 * cleans it, whoever touches it.  No tracker_revalidate() that did not know of it
 * is still under way on return.  What was let in before is for a batch to take
 * back, whose harvest begins after this: until it is done, the observer must not
 * look.
 *
 * Context: process, interrupts on.  Takes &stage2.lock.
 * Return: whether there has to be such a batch; not under STAGE2_POLICY_FULL, where
 * entries do not become idle, and any batch has cleaned all that is mapped.
 */
bool tracker_uncached_begin(struct stage2 *s2);

/**
 * tracker_uncached_end() - it does not look there any more
 * @s2: not locked; once for each tracker_uncached_begin()
 */
void tracker_uncached_end(struct stage2 *s2);

/* harvest.c, clean.c */

/**
 * struct tracker_batch - one batch, from harvest to the last page cleaned
 * @begun: its own harvest has begun
 * @harvested: pages that it marked PENDING, 4 KiB each, some for another perhaps
 * @mapped: pages mapped at harvest, not less than @harvested
 * @cleaned: pages cleaned so far
 */
struct tracker_batch {
	bool begun;
	u64 harvested;
	u64 mapped;
	u64 cleaned;
};

/**
 * tracker_harvest() - pass 1: take back what was accessed, and note it PENDING
 * @s2: batch_lock held, lock not held
 * @batch: zeroed before the first call
 *
 * Top-down through accessed table entries only; a table entry is cleared
 * before those below it, so that an access in between is seen by the next
 * batch.  Ends with one TLB flush.  Under STAGE2_POLICY_FULL every mapped page
 * is noted, and none is taken back; under STAGE2_POLICY_AF no table is.  A harvest of
 * another batch that was interrupted is brought to its end first.
 *
 * Context: may sleep; drops the lock and reschedules between tables.
 * Return: 0; -EINTR when a signal is pending: call again, with the same @batch,
 * before tracker_clean() and before the vCPU that issued the batch runs.
 */
int tracker_harvest(struct stage2 *s2, struct tracker_batch *batch);

/**
 * tracker_clean() - pass 2: clean and invalidate every PENDING page to the PoC
 * @s2: batch_lock held, lock not held
 * @batch: from tracker_harvest(), or zeroed to finish what others left
 *
 * Pending pages of an earlier, interrupted batch are cleaned as well.
 *
 * Context: may sleep; drops the lock and reschedules between chunks.
 * Return: 0 when nothing is pending any more; -EINTR when a signal is pending:
 * call again before the vCPU that issued the batch runs.
 */
int tracker_clean(struct stage2 *s2, struct tracker_batch *batch);

/* cmo.c */

/**
 * clean_range_begin() - clean_range_to_poc(), but it is complete only after cache_sync()
 * @addr: kernel address in the linear map
 * @size: bytes
 */
void clean_range_begin(void *addr, size_t size);

/**
 * clean_range_to_poc() - clean and invalidate memory by address to the PoC
 * @addr: kernel address in the linear map
 * @size: bytes; a range that ends at the top of the address space is fine
 *
 * Complete (DSB SY) on return.
 */
void clean_range_to_poc(void *addr, size_t size);

/**
 * clean_range_for_guest() - make memory fit for a guest's first look at it
 * @addr: kernel address in the linear map
 * @size: bytes
 *
 * As clean_range_to_poc(), and invalidates the range in the instruction caches
 * of all CPUs.
 */
void clean_range_for_guest(void *addr, size_t size);

/**
 * enum insn_scope - what the instruction caches have to forget of changed memory
 * @INSN_NOTHING: they follow the data caches by themselves
 * @INSN_RANGE: the memory, see insn_forget_begin()
 * @INSN_EVERYTHING: all, see cache_inval_insn_all()
 */
enum insn_scope {
	INSN_NOTHING,
	INSN_RANGE,
	INSN_EVERYTHING,
};

/**
 * insn_scope() - what do the instruction caches have to forget?
 * @size: bytes that have changed, and are clean to the PoC
 */
enum insn_scope insn_scope(size_t size);

/**
 * insn_forget_begin() - invalidate memory in the instruction caches of all CPUs
 * @addr: kernel address in the linear map
 * @size: bytes
 *
 * Complete after cache_sync().
 */
void insn_forget_begin(void *addr, size_t size);

/**
 * insns_forget() - make instruction caches follow memory that has changed
 * @addr: kernel address in the linear map
 * @size: bytes that have changed, as far as to where instructions are fetched from
 *
 * Invalidates what insn_scope() says, on all CPUs.  Complete on return.
 */
void insns_forget(void *addr, size_t size);

#endif /* SETWAY_STAGE2_H */
