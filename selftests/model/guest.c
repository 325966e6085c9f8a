// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vCPUs do.  Each has pages of its own, which it uses with its caches on or
 * off; changing over is a batch, after which it is entitled to see what it wrote
 * before.  Other pages are everybody's, with caches on: there, a batch has to
 * bring to memory whatever anyone wrote before it.
 */
#include <errno.h>

#include "sim.h"

#define OPERATIONS	40

/**
 * struct vcpu - one vCPU
 * @nr: its number, and its CPU's
 * @mode: caches on or off
 * @cache: table pages
 */
struct vcpu {
	unsigned int nr;
	enum access_mode mode;
	struct stage2_cache cache;
};

/**
 * struct promise - what a batch has to bring to memory
 * @write: the guest's last write to the page when the batch began
 * @generation: of the page
 */
struct promise {
	u64 write;
	unsigned int generation;
};

static void guest_access(struct vcpu *vcpu, struct slot *slot, bool write)
{
	enum access_mode mode = slot->owner < 0 ? CACHED : vcpu->mode;
	u64 value;

	while (!cpu_access(vcpu->nr, slot->ipa, mode, write, &value)) {
		sim_counts.faults++;
		vmm_fault(vcpu->nr, slot, write ? STAGE2_WRITE : STAGE2_READ, &vcpu->cache);
		coro_yield();
	}
	sim_counts.accesses++;
	/* From the access to here nobody else ran, the slot's page is still that one. */
	if (value != slot->page->latest)
		coro_fail("stale read at %#llx: %llu instead of %llu, caches %s", slot->ipa,
			  value, slot->page->latest, mode == CACHED ? "on" : "off");
}

static void promises_make(struct promise promises[NR_PAGES])
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		promises[i] = (struct promise){ mem[i].guest_write, mem[i].generation };
}

static void promises_check(const struct promise promises[NR_PAGES])
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		const struct mem_page *page = &mem[i];

		if (page->away || page->generation != promises[i].generation)
			continue;
		if (page->memory < promises[i].write)
			coro_fail("lost by a batch: write %llu to pa %#llx is not in memory",
				  promises[i].write, mem_pa(page));
		if (page->cached && page->cache < promises[i].write)
			coro_fail("missed by a batch: pa %#llx is still cached as of before %llu",
				  mem_pa(page), promises[i].write);
	}
}

static void guest_batch(void)
{
	struct promise promises[NR_PAGES];
	struct tracker_batch batch;
	int ret;

	promises_make(promises);
	sim_clean(FOR_BATCH);
	mutex_lock(&sim.s2.batch_lock);
	sim.batches_running++;
	wrong_harvest(&sim.s2, &batch);
	while ((ret = tracker_clean(&sim.s2, &batch)) == -EINTR) {
		sim_counts.interrupted++;
		mutex_unlock(&sim.s2.batch_lock);
		coro_block();
		mutex_lock(&sim.s2.batch_lock);
	}
	mutex_unlock(&sim.s2.batch_lock);
	sim.batches_running--;
	sim_counts.batches++;
	promises_check(promises);
}

static struct slot *choose_slot(const struct vcpu *vcpu)
{
	struct slot *slot;

	do
		slot = &sim.slots[rnd(NR_SLOTS)];
	while (slot->owner >= 0 && slot->owner != (int)vcpu->nr);
	return slot;
}

static void guest_step(struct vcpu *vcpu)
{
	switch (rnd(20)) {
	case 0:
		guest_batch();
		break;
	case 1:
		guest_batch();
		vcpu->mode = vcpu->mode == CACHED ? UNCACHED : CACHED;
		sim_counts.mode_changes++;
		break;
	default:
		guest_access(vcpu, choose_slot(vcpu), rnd(2));
	}
}

void guest_run(void *arg)
{
	struct vcpu vcpu = { .nr = (unsigned long)arg, .mode = rnd(2) };
	unsigned int i;

	for (i = 0; i < OPERATIONS; i++)
		guest_step(&vcpu);
	guest_batch();
	stage2_cache_free(&vcpu.cache);
	sim.ended++;
}
