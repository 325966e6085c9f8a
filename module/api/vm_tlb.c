// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VM's stage-2 tables need of the CPUs: TLB entries dropped, and walks
 * without a lock waited for.
 *
 * A VM whose VMID belongs to an older generation, or that never had one, has no
 * TLB entries: the rollover dropped them all, and it runs again only with a new
 * VMID (see vmid.h).  So a flush looks whether the VMID is current:
 *
 *	this CPU			the CPU that enters the guest
 *	change an entry			vmid_renew()
 *	dsb				<entry to EL2, eret>
 *	vmid_is_current()?		walk the tables
 *
 * Either this CPU sees the new VMID and flushes it, or that CPU's walks see the
 * changed entry.
 */
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/barrier.h>

#include "../host/el2.h"
#include "../vm.h"
#include "api.h"

static struct vm *vm_of_stage2(struct stage2 *s2)
{
	return container_of(s2, struct vm, stage2);
}

static bool vm_may_have_tlb_entries(struct vm *vm)
{
	/*
	 * DSB, not DMB: the table walker has to see the entry before the
	 * generation is read.  Pairs with the exception return into the guest.
	 */
	dsb(ish);
	return vmid_is_current(&vm->vmid);
}

static void vm_flush(struct stage2 *s2)
{
	struct vm *vm = vm_of_stage2(s2);

	atomic64_inc(&vm->root_invalidations);
	if (vm_may_have_tlb_entries(vm))
		el2_tlb_flush_vmid(vm_vttbr(vm));
}

static void vm_flush_ipa(struct stage2 *s2, u64 ipa)
{
	struct vm *vm = vm_of_stage2(s2);

	if (vm_may_have_tlb_entries(vm))
		el2_tlb_flush_ipa(vm_vttbr(vm), ipa);
}

static void vm_interrupted(void *unused)
{
	/* The interrupt was taken, so the walk or the guest before it has ended. */
}

/*
 * run.c sets its CPU in vm->running, with interrupts off, before it looks at
 * the vCPU's state or reads the first table entry.  A CPU that is not in the
 * mask yet sees only what was written before; a CPU that is has to take the
 * interrupt first.
 */
void vm_kick(struct vm *vm)
{
	preempt_disable();
	/* The change is made before running is read; pairs with that in run.c. */
	smp_mb();
	smp_call_function_many(&vm->running, vm_interrupted, NULL, true);
	preempt_enable();
}

static void vm_sync_walkers(struct stage2 *s2)
{
	vm_kick(vm_of_stage2(s2));
}

const struct stage2_ops vm_stage2_ops = {
	.flush = vm_flush,
	.flush_ipa = vm_flush_ipa,
	.sync_walkers = vm_sync_walkers,
};
