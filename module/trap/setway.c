// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Set/Way state machine.  A trapped operation means "what I have in the
 * caches goes to memory", so it becomes a batch: harvest what was accessed,
 * clean that.  A loop over a geometry is one batch: its later operations name
 * operands that the batch has not seen yet, and are coalesced.
 *
 *                operation, other kind or operand seen: owe a batch
 *              +----------------------------------------------------+
 *              v                                                    |
 *   [no loop] ---- operation: owe a batch ----> [loop of one kind] -+
 *       ^                                          |    ^  |
 *       |      toggle, MMIO, hypercall, WFx        |    +--+ operation, operand
 *       +------------------------------------------+         new: coalesced
 *
 * HCR_EL2.TVM is set with the first operation, to see SCTLR_EL1 change; what it
 * traps never decides whether an operation counts, so two flushes in a row are
 * two batches (KVM and Xen ignore the second).
 */
#include <linux/ktime.h>
#include <asm/kvm_arm.h>

#include "../stats/trace.h"
#include "../vcpu.h"
#include "../vm.h"
#include "setway.h"

static void setway_owe_batch(struct vcpu *vcpu, enum setway_op op, u32 operand)
{
	trace_batch_begin(vcpu->id, op, operand);
	vcpu->setway.owed = SETWAY_OWES_HARVEST;
	vcpu->setway.clean_ns = 0;
}

void setway_trap(struct vcpu *vcpu, enum setway_op op, u32 operand)
{
	struct setway *setway = &vcpu->setway;

	counter_add(&vcpu->counters, COUNTER_SETWAY_OPS, 1);
	if (setway->op == op && operands_insert(&setway->seen, operand)) {
		counter_add(&vcpu->counters, COUNTER_SETWAY_COALESCED, 1);
		return;
	}
	setway->op = op;
	operands_reset(&setway->seen, operand);
	vcpu->el2.hcr_el2 |= HCR_TVM;
	counter_add(&vcpu->counters, COUNTER_SETWAY_BATCHES, 1);
	setway_owe_batch(vcpu, op, operand);
}

void setway_toggle(struct vcpu *vcpu, bool was_enabled, bool is_enabled)
{
	setway_end_loop(vcpu);
	if (is_enabled)
		vcpu->el2.hcr_el2 &= ~HCR_TVM;
	if (was_enabled == is_enabled)
		return;
	counter_add(&vcpu->counters, COUNTER_CACHE_TOGGLES, 1);
	trace_toggle(vcpu->id, was_enabled, is_enabled);
	setway_owe_batch(vcpu, SETWAY_NONE, 0);
}

void setway_end_loop(struct vcpu *vcpu)
{
	vcpu->setway.op = SETWAY_NONE;
}

static void setway_harvest(struct vcpu *vcpu)
{
	struct tracker_batch *batch = &vcpu->setway.batch;
	u64 start = ktime_get_ns();

	tracker_harvest(&vcpu->vm->stage2, batch);
	counter_add(&vcpu->counters, COUNTER_HARVEST_NS, ktime_get_ns() - start);
	counter_add(&vcpu->counters, COUNTER_PAGES_SKIPPED, batch->mapped - batch->harvested);
	vcpu->setway.owed = SETWAY_OWES_CLEANING;
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

int setway_settle(struct vcpu *vcpu)
{
	struct stage2 *s2 = &vcpu->vm->stage2;
	int ret;

	if (likely(vcpu->setway.owed == SETWAY_OWES_NOTHING))
		return 0;
	if (mutex_lock_interruptible(&s2->batch_lock))
		return -EINTR;
	if (vcpu->setway.owed == SETWAY_OWES_HARVEST)
		setway_harvest(vcpu);
	ret = setway_clean(vcpu);
	mutex_unlock(&s2->batch_lock);
	return ret;
}
