// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stolen time (ARM DEN 0057A): a structure in guest memory that says how long the
 * vCPU's thread was ready to run and did not.  Userspace chooses the place
 * (KVM_ARM_VCPU_PVTIME_CTRL), the guest asks for it.
 */
#include <linux/align.h>
#include <linux/arm-smccc.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>

#include "../memory/dirty_log.h"
#include "../memory/memslot.h"
#include "../vcpu.h"
#include "../vm.h"
#include "smccc.h"

/**
 * struct pvtime_record - what the guest reads, little-endian
 * @revision: 0
 * @attributes: 0
 * @stolen: nanoseconds
 */
struct pvtime_record {
	__le32 revision;
	__le32 attributes;
	__le64 stolen;
};

#define PVTIME_ALIGN	64

static_assert(sizeof(struct pvtime_record) <= PVTIME_ALIGN);

/* The record does not cross a page.  Return: NULL when the memory is gone. */
static void __user *pvtime_user(const struct memslot *slot, u64 ipa)
{
	if (!slot || !memslot_writable(slot))
		return NULL;
	return (void __user *)(uintptr_t)memslot_hva(slot, ipa);
}

static void pvtime_mark_dirty(struct vm *vm, const struct memslot *slot, u64 ipa)
{
	spin_lock(&vm->stage2.lock);
	__dirty_log_mark(vm, slot, ipa);
	spin_unlock(&vm->stage2.lock);
}

/* Add to the time in the record, or begin at 0 with @reset. */
static void __pvtime_add(struct vm *vm, u64 ipa, u64 ns, bool reset)
{
	const struct memslot *slot = memslot_find(memslots_get(vm), ipa);
	struct pvtime_record __user *user = pvtime_user(slot, ipa);
	struct pvtime_record record = { 0 };

	if (!user || (!reset && copy_from_user(&record, user, sizeof(record))))
		return;
	record.stolen = cpu_to_le64(le64_to_cpu(record.stolen) + ns);
	if (!copy_to_user(user, &record, sizeof(record)))
		pvtime_mark_dirty(vm, slot, ipa);
}

static void pvtime_add(struct vcpu *vcpu, u64 ns, bool reset)
{
	struct vm *vm = vcpu->vm;
	int idx;

	idx = srcu_read_lock(&vm->srcu);
	__pvtime_add(vm, vcpu->stolen.ipa, ns, reset);
	srcu_read_unlock(&vm->srcu, idx);
}

void pvtime_update(struct vcpu *vcpu)
{
	u64 last = vcpu->stolen.last, now = READ_ONCE(current->sched_info.run_delay);

	if (vcpu->stolen.ipa == STOLEN_TIME_NONE || now == last)
		return;
	vcpu->stolen.last = now;
	pvtime_add(vcpu, now - last, false);
}

s64 pvtime_features(const struct vcpu *vcpu, u32 function)
{
	bool known = function == ARM_SMCCC_HV_PV_TIME_FEATURES ||
		     function == ARM_SMCCC_HV_PV_TIME_ST;

	return known && vcpu->stolen.ipa != STOLEN_TIME_NONE ? SMCCC_RET_SUCCESS :
							       SMCCC_RET_NOT_SUPPORTED;
}

s64 pvtime_start(struct vcpu *vcpu)
{
	if (vcpu->stolen.ipa == STOLEN_TIME_NONE)
		return SMCCC_RET_NOT_SUPPORTED;
	vcpu->stolen.last = READ_ONCE(current->sched_info.run_delay);
	pvtime_add(vcpu, 0, true);
	return vcpu->stolen.ipa;
}

u64 pvtime_get(const struct vcpu *vcpu)
{
	return vcpu->stolen.ipa;
}

int pvtime_set(struct vcpu *vcpu, u64 ipa)
{
	struct vm *vm = vcpu->vm;
	bool is_memory;
	int idx;

	if (!IS_ALIGNED(ipa, PVTIME_ALIGN))
		return -EINVAL;
	if (vcpu->stolen.ipa != STOLEN_TIME_NONE)
		return -EEXIST;
	idx = srcu_read_lock(&vm->srcu);
	is_memory = memslot_find(memslots_get(vm), ipa);
	srcu_read_unlock(&vm->srcu, idx);
	if (!is_memory)
		return -EINVAL;
	vcpu->stolen.ipa = ipa;
	return 0;
}
