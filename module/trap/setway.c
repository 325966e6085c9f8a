// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Set/Way state machine.  A trapped operation means "what I have in the
 * caches goes to memory", so it becomes a batch: harvest what was accessed,
 * clean that.  A loop over a geometry is one batch: its later operations name
 * new lines (operands), and are coalesced.  Where several kinds of operation
 * take turns on each line, each kind has a loop of its own.
 *
 *               an operation of kind K on line L
 *                              |
 *        was the operation before it on line L as well?
 *               | yes                        | no
 *               |              loops that did not come to the
 *               |              line before are over
 *               |                            |
 *        is K's loop under way?       is K's loop under way,
 *         | no          | yes         and has not named L?
 *         |      has it named L?        | yes         | no
 *         |       | no       | yes      |             |
 *         |   coalesced      |      coalesced         |
 *         |                  |                        |
 *       batch:             batch: all loops are over but
 *    K's begins,           K's, which begins
 *    the others go on
 *
 *    MMIO, a hypercall, WFI, WFE, an SGI, a write trapped by
 *    HCR_EL2.TVM, a reset: all loops are over
 *
 * With C to clean and I to invalidate, on lines 1, 2, 3; * is a batch:
 *
 *    C1* C2  C3   C1*              two flushes are two batches
 *    C1* C2  C3   I1* I2  I3  C1*  so they are if their kinds differ
 *    C1* I1* C2   I2  C3  I3  C1*  two loops that take turns are one batch each
 *    C1* C2  I1*  I2  C3*          not taking turns: C's loop was over at I1, and
 *                                  C3 may begin a flush of its own
 *
 * This loses nothing.  What the guest wrote before a flush must be in memory after
 * it, so one operation of the flush has to be a batch.  The first one is, unless it
 * continues a loop of its kind.  In that case the flush, which names every line,
 * comes to a line that the loop had named before, and that operation is a batch.
 *
 * HCR_EL2.TVM shows when the caches go on while they are off, and when they go off
 * after a flush.  With the caches on, it is cleared by the first write that it traps,
 * so that a guest that flushes and goes on does not pay for each switch between its
 * processes.  After that the caches may go off unseen, as they may without a flush.
 * Whether an operation counts never depends on TVM, so two flushes in a row are two
 * batches (KVM and Xen ignore the second).
 */
#include <linux/bits.h>
#include <linux/ktime.h>
#include <asm/kvm_arm.h>

#include "../kick.h"
#include "../stats/trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "setway.h"

/* The memory is coherent: what the guest has in caches is where everybody looks. */
static void setway_skip_batch(struct vcpu *vcpu, enum setway_op op, u32 operand)
{
	u64 mapped = atomic64_read(&vcpu->vm->stage2.mapped_pages);

	counter_add(&vcpu->counters, COUNTER_BATCHES_SKIPPED, 1);
	counter_add(&vcpu->counters, COUNTER_PAGES_SKIPPED, mapped);
	trace_batch_begin(vcpu->id, op, operand);
	trace_batch_end(vcpu->id, 0, 0, mapped);
}

static void setway_owe_batch(struct vcpu *vcpu, enum setway_op op, u32 operand)
{
	if (vcpu->vm->stage2.coherent) {
		setway_skip_batch(vcpu, op, operand);
		return;
	}
	/*
	 * A batch that is under way starts over: userspace can ask in the middle of
	 * it.
	 */
	if (vcpu->setway.owed == SETWAY_OWES_NOTHING) {
		trace_batch_begin(vcpu->id, op, operand);
		vcpu->setway.clean_ns = 0;
	}
	vcpu->setway.owed = SETWAY_OWES_HARVEST;
	vcpu->setway.batch = (struct tracker_batch){ };
	vcpu_request_own(vcpu, VCPU_REQUEST_BATCH);
}

void setway_trap(struct vcpu *vcpu, enum setway_op op, u32 operand)
{
	counter_add(&vcpu->counters, COUNTER_SETWAY_OPS, 1);
	if (loops_go_on(&vcpu->setway.loops, op, operand)) {
		counter_add(&vcpu->counters, COUNTER_SETWAY_COALESCED, 1);
		return;
	}
	vcpu->el2.hcr_el2 |= HCR_TVM;
	counter_add(&vcpu->counters, COUNTER_SETWAY_BATCHES, 1);
	setway_owe_batch(vcpu, op, operand);
}

static void setway_toggle(struct vcpu *vcpu, bool was_enabled, bool is_enabled)
{
	counter_add(&vcpu->counters, COUNTER_CACHE_TOGGLES, 1);
	trace_toggle(vcpu->id, was_enabled, is_enabled);
	setway_owe_batch(vcpu, SETWAY_NONE, 0);
}

void setway_vm_register_written(struct vcpu *vcpu, bool was_enabled)
{
	bool is_enabled = vcpu_caches_enabled(vcpu);

	setway_end_loop(&vcpu->setway);
	if (is_enabled)
		vcpu->el2.hcr_el2 &= ~HCR_TVM;
	if (was_enabled != is_enabled)
		setway_toggle(vcpu, was_enabled, is_enabled);
}

void setway_sctlr_set(struct vcpu *vcpu, bool was_enabled)
{
	bool is_enabled = vcpu_caches_enabled(vcpu);

	/*
	 * The caches may have gone off unseen.  If they stay on, keep the trap that a
	 * flush may have set.
	 */
	if (was_enabled && is_enabled)
		return;
	setway_end_loop(&vcpu->setway);
	vcpu->el2.hcr_el2 |= HCR_TVM;
	/*
	 * No vCPU has used the memory (a VM is being restored), so nothing has to be
	 * cleaned.
	 */
	if (was_enabled != is_enabled && READ_ONCE(vcpu->vm->has_run))
		setway_toggle(vcpu, was_enabled, is_enabled);
}

void setway_stop(struct vcpu *vcpu)
{
	if (vcpu->setway.uncached)
		tracker_uncached_end(&vcpu->vm->stage2);
	vcpu->setway.uncached = false;
}

/*
 * With its caches off the vCPU looks at memory past those of the host, who may have
 * written to pages that no batch cleans, as they are idle.  All ways lead here: a write
 * to SCTLR_EL1, seen or not, a reset, PSCI CPU_ON, and userspace's registers.
 */
static void setway_follow_caches(struct vcpu *vcpu)
{
	if (!vcpu_caches_switched(vcpu))
		return;
	if (vcpu->setway.uncached) {
		setway_stop(vcpu);
		return;
	}
	vcpu->setway.uncached = true;
	if (!tracker_uncached_begin(&vcpu->vm->stage2))
		return;
	/* A toggle's batch does, if it was not interrupted before this. */
	if (vcpu->setway.owed == SETWAY_OWES_HARVEST && !vcpu->setway.batch.begun)
		return;
	counter_add(&vcpu->counters, COUNTER_UNCACHED_STARTS, 1);
	setway_owe_batch(vcpu, SETWAY_NONE, 0);
}

static int setway_harvest(struct vcpu *vcpu)
{
	struct tracker_batch *batch = &vcpu->setway.batch;
	u64 start = ktime_get_ns();
	int ret = tracker_harvest(&vcpu->vm->stage2, batch);

	counter_add(&vcpu->counters, COUNTER_HARVEST_NS, ktime_get_ns() - start);
	if (ret)
		return ret;
	counter_add(&vcpu->counters, COUNTER_PAGES_SKIPPED, batch->mapped - batch->harvested);
	vcpu->setway.owed = SETWAY_OWES_CLEANING;
	return 0;
}

static int setway_clean(struct vcpu *vcpu)
{
	struct setway *setway = &vcpu->setway;
	u64 before = setway->batch.cleaned;
	u64 start = ktime_get_ns();
	u64 ns, pages;
	int ret;

	ret = tracker_clean(&vcpu->vm->stage2, &setway->batch);
	ns = ktime_get_ns() - start;
	pages = setway->batch.cleaned - before;
	setway->clean_ns += ns;
	counter_add(&vcpu->counters, COUNTER_CLEAN_NS, ns);
	counter_add(&vcpu->counters, COUNTER_PAGES_CLEANED, pages);
	counter_add(&vcpu->counters, COUNTER_BYTES_CLEANED, pages * SZ_4K);
	if (ret)
		return ret;
	counter_max(&vcpu->counters, COUNTER_CLEAN_NS_MAX, setway->clean_ns);
	trace_batch_end(vcpu->id, setway->batch.harvested, setway->batch.cleaned,
			setway->batch.mapped);
	setway->owed = SETWAY_OWES_NOTHING;
	return 0;
}

static int __setway_settle(struct vcpu *vcpu)
{
	int ret = 0;

	setway_follow_caches(vcpu);
	if (vcpu->setway.owed == SETWAY_OWES_HARVEST)
		ret = setway_harvest(vcpu);
	if (!ret && vcpu->setway.owed == SETWAY_OWES_CLEANING)
		ret = setway_clean(vcpu);
	return ret;
}

int setway_settle(struct vcpu *vcpu)
{
	struct stage2 *s2 = &vcpu->vm->stage2;
	int ret;

	if (vcpu->setway.owed == SETWAY_OWES_NOTHING && !vcpu_caches_switched(vcpu))
		return 1;
	if (mutex_lock_interruptible(&s2->batch_lock))
		return -EINTR;
	ret = __setway_settle(vcpu);
	mutex_unlock(&s2->batch_lock);
	return ret ?: 1;
}
