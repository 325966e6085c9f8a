// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-2 aborts that revalidation did not answer: guest memory that has to be
 * mapped, MMIO, or an address with nothing behind it.
 */
#include <linux/srcu.h>

#include "../memory/memslot.h"
#include "../memory/fault.h"
#include "../vm.h"
#include "setway.h"
#include "trap.h"

/* The guest has no memory there, or may not write to it. */
static int abort_outside(struct vcpu *vcpu, u64 ipa)
{
	u64 esr = vcpu->el2.esr_el2;

	if (trap_is_fetch(esr) || (esr & ESR_ELx_S1PTW)) {
		inject_external_abort(vcpu);
		return 1;
	}
	if (esr & ESR_ELx_CM) {
		/*
		 * A device has no cache in front of it, so maintenance has nothing to
		 * do.
		 */
		vcpu_skip_insn(vcpu);
		return 1;
	}
	return mmio_trap(vcpu, ipa);
}

static int abort_in_memslot(struct vcpu *vcpu, const struct memslot *slot, u64 ipa)
{
	int ret;

	if (vcpu->atomic)
		return TRAP_SLEEPS;
	counter_add(&vcpu->counters, COUNTER_STAGE2_FAULTS, 1);
	ret = fault_map(vcpu->vm, slot, ipa, trap_fault_access(vcpu->el2.esr_el2), &vcpu->pool);
	if (ret < 0)
		return ret;
	counter_add(&vcpu->counters, COUNTER_REVALIDATIONS, ret);
	return 1;
}

static bool abort_is_address_size(u64 esr)
{
	return (esr & ESR_ELx_FSC_TYPE) == 0 ||
	       (esr & ESR_ELx_FSC) == FSC_ADDRESS_SIZE_LEVEL_MINUS_1;
}

/* For other aborts the IPA is not known (ARM DDI 0487J.a, D19.2.62). */
static bool abort_is_understood(u64 esr)
{
	if (abort_is_address_size(esr) || trap_is_translation_fault(esr))
		return true;
	switch (esr & ESR_ELx_FSC_TYPE) {
	case ESR_ELx_FSC_ACCESS:
	case ESR_ELx_FSC_PERM:
		return true;
	default:
		return false;
	}
}

/* Return: that memory is the guest's to access in this way, with @ret filled in. */
static bool abort_try_memory(struct vcpu *vcpu, u64 ipa, int *ret)
{
	struct vm *vm = vcpu->vm;
	const struct memslot *slot;
	bool wanted;
	int idx;

	idx = srcu_read_lock(&vm->srcu);
	slot = memslot_find(memslots_get(vm), ipa);
	wanted = slot && (memslot_writable(slot) ||
			  trap_fault_access(vcpu->el2.esr_el2) != STAGE2_WRITE);
	if (wanted)
		*ret = abort_in_memslot(vcpu, slot, ipa);
	srcu_read_unlock(&vm->srcu, idx);
	return wanted;
}

static int __abort_trap(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	u64 ipa = trap_fault_ipa(&vcpu->el2);
	int ret;

	if (!abort_is_understood(esr)) {
		/* An external abort (HCR_EL2.TEA) or the like: the guest caused it. */
		inject_external_abort(vcpu);
		return 1;
	}
	if (ipa >= BIT_ULL(vcpu->vm->stage2.ia_bits) || abort_is_address_size(esr)) {
		inject_address_size_fault(vcpu);
		return 1;
	}
	return abort_try_memory(vcpu, ipa, &ret) ? ret : abort_outside(vcpu, ipa);
}

int abort_trap(struct vcpu *vcpu)
{
	int ret = __abort_trap(vcpu);

	if (ret != TRAP_SLEEPS)
		counter_add(&vcpu->counters, COUNTER_EXITS_STAGE2, 1);
	return ret;
}
