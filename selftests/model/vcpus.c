// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vCPUs do.  Each has pages of its own, which it uses with its caches on or
 * off; changing over is a batch, after which it is entitled to see what it wrote
 * before.  All vCPUs share the other pages, with their caches on: there, a batch has to
 * bring to memory all that was written before it.  The host writes to any page at any
 * time.  A vCPU with its caches off sees what the host wrote after the next batch of any
 * vCPU, at the latest.  If the memory is coherent, everybody sees everything at once, and
 * batches are left out.
 */
#include <errno.h>

#include "sim.h"

#define OPERATIONS	40

/**
 * struct vcpu - one vCPU
 * @nr: its number, and its CPU's
 * @mode: caches on or off
 * @pool: table pages
 */
struct vcpu {
	unsigned int nr;
	enum access_mode mode;
	struct stage2_pool pool;
};

static struct slot *choose_slot(const struct vcpu *vcpu)
{
	struct slot *slot;

	do
		slot = &sim.slots[rnd(NR_SLOTS)];
	while (slot->owner >= 0 && slot->owner != (int)vcpu->nr);
	return slot;
}

/**
 * struct promise - what a batch has to bring to memory
 * @write: the guest's last write to the page when the batch began
 * @host_write: the host's, which a guest with its caches off is to see afterwards
 * @generation: of the page
 */
struct promise {
	u64 write;
	u64 host_write;
	unsigned int generation;
};

static void value_check(const struct slot *slot, enum access_mode mode, u64 value)
{
	const struct mem_page *page = slot->page;
	u64 least = mode == CACHED || sim.s2.coherent ? page->latest : page->promised;

	if (value < least || value > page->latest)
		coro_fail("stale read at %#llx: %llu instead of %llu, caches %s", slot->ipa,
			  value, least, mode == CACHED ? "on" : "off");
}

static u64 slot_access(struct vcpu *vcpu, struct slot *slot, enum access_mode mode, bool write)
{
	u64 value;

	while (!cpu_access(vcpu->nr, slot->ipa, mode, &write, &value)) {
		sim_counts.faults++;
		vmm_fault(vcpu->nr, slot, write ? STAGE2_WRITE : STAGE2_READ, &vcpu->pool);
		coro_yield();
	}
	sim_counts.accesses++;
	if (write)
		vmm_log_check(slot);
	return value;
}

static void guest_access(struct vcpu *vcpu, bool write)
{
	struct slot *slot = choose_slot(vcpu);
	enum access_mode mode = slot->owner < 0 ? CACHED : vcpu->mode;
	u64 value = slot_access(vcpu, slot, mode, write);

	/* Nothing else ran since the access, so the slot still has the same page. */
	value_check(slot, mode, value);
}

/* Another's page perhaps, of which nothing is promised: but it is accessed then. */
static void guest_peep(struct vcpu *vcpu)
{
	slot_access(vcpu, &sim.slots[rnd(NR_SLOTS)], vcpu->mode, false);
}

static void promises_make(struct promise promises[NR_PAGES])
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		promises[i] = (struct promise){
			mem[i].guest_write, mem[i].host_write, mem[i].generation
		};
}

static void promises_check(const struct promise promises[NR_PAGES])
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		struct mem_page *page = &mem[i];

		if (page->away || page->generation != promises[i].generation)
			continue;
		if (page->memory < promises[i].write)
			coro_fail("lost by a batch: write %llu to pa %#llx is not in memory",
				  promises[i].write, mem_pa(page));
		if (page->cached && page->cache < promises[i].write)
			coro_fail("missed by a batch: pa %#llx is still cached as of before %llu",
				  mem_pa(page), promises[i].write);
		if (page->promised < promises[i].host_write)
			page->promised = promises[i].host_write;
	}
}

/* Return: whether it is through; not after a signal. */
static bool batch_go_on(struct tracker_batch *batch, bool *harvested)
{
	int ret = 0;

	mutex_lock(&sim.s2.batch_lock);
	if (!*harvested) {
		ret = wrong_harvest(&sim.s2, batch);
		*harvested = !ret;
		sim_counts.harvests_interrupted += !!ret;
	}
	if (!ret) {
		ret = tracker_clean(&sim.s2, batch);
		sim_counts.interrupted += !!ret;
	}
	mutex_unlock(&sim.s2.batch_lock);
	return !ret;
}

static void guest_batch(void)
{
	struct promise promises[NR_PAGES];
	struct tracker_batch batch = { };
	bool harvested = false;

	if (sim.s2.coherent) {
		sim_counts.skipped++;
		return;
	}
	promises_make(promises);
	sim_clean(FOR_BATCH);
	sim.batches_running++;
	while (!batch_go_on(&batch, &harvested))
		coro_block();
	sim.batches_running--;
	sim_counts.batches++;
	promises_check(promises);
}

/* The tables know of it before the batch that lets the vCPU run so. */
static void guest_switch(struct vcpu *vcpu, enum access_mode mode, bool toggle)
{
	bool batch = toggle;

	sim_clean(FOR_BATCH);
	if (vcpu->mode == UNCACHED && mode == CACHED)
		wrong_uncached_end(&sim.s2);
	if (vcpu->mode == CACHED && mode == UNCACHED)
		batch |= wrong_uncached_begin(&sim.s2);
	if (batch)
		guest_batch();
	vcpu->mode = mode;
}

/* What one does with its caches off is mostly to look at what it has been given. */
static void guest_look(struct vcpu *vcpu)
{
	unsigned int looks;

	for (looks = rnd(12); looks; looks--)
		guest_access(vcpu, false);
}

static void guest_toggle(struct vcpu *vcpu)
{
	guest_switch(vcpu, vcpu->mode == CACHED ? UNCACHED : CACHED, true);
	guest_look(vcpu);
	sim_counts.mode_changes++;
}

/*
 * A vCPU flushes its caches and goes off.  Then it is started again, with its caches
 * off: this time the guest makes no batch in between.
 */
static void guest_restart(struct vcpu *vcpu)
{
	guest_batch();
	if (vcpu->mode == UNCACHED)
		wrong_uncached_end(&sim.s2);
	vcpu->mode = CACHED;
	coro_sleep(rnd(1000));
	guest_switch(vcpu, UNCACHED, false);
	guest_look(vcpu);
	sim_counts.restarts++;
}

static void guest_step(struct vcpu *vcpu)
{
	switch (rnd(40)) {
	case 0:
	case 1:
		guest_batch();
		break;
	case 2:
	case 3:
		if (vcpu->nr < sim.switchers)
			guest_toggle(vcpu);
		break;
	case 4:
		if (vcpu->nr < sim.switchers)
			guest_restart(vcpu);
		break;
	case 5 ... 16:
		guest_peep(vcpu);
		break;
	default:
		guest_access(vcpu, rnd(2));
	}
}

void guest_run(void *arg)
{
	struct vcpu vcpu = { .nr = (unsigned long)arg, .mode = CACHED };
	unsigned int i;

	if (vcpu.nr < sim.switchers && rnd(2))
		guest_switch(&vcpu, UNCACHED, false);
	for (i = 0; i < OPERATIONS; i++)
		guest_step(&vcpu);
	guest_switch(&vcpu, CACHED, true);
	stage2_pool_free(&vcpu.pool);
	sim.ended++;
}
