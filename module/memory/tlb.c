// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VM's stage-2 tables need of the CPUs: TLB entries dropped, and walks
 * without a lock waited for; and whom they tell what becomes of memory.
 *
 * A VM can lose its VMID and get another one at any moment (see vmid.h).  A
 * flush uses the VMID that it finds, of whatever generation:
 *
 *	this CPU			the CPU that enters the guest
 *	change an entry			vmid_renew() stores the new VMID
 *	dsb				dsb
 *	read the VMID, flush it		walk the tables with it
 *
 * If this finds the new VMID, a rollover has dropped all entries of the old one
 * already.  If it finds the old one, walks with the new one see the changed
 * entry.  An old VMID has to be flushed as well: until the rollover's interrupt
 * arrives, a guest may still be running with it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>
#include <asm/barrier.h>

#include "../host/el2.h"
#include "../kick.h"
#include "../stats/trace.h"
#include "../vm.h"
#include "fault.h"
#include "tlb.h"

static struct vm *vm_of_stage2(struct stage2 *s2)
{
	return container_of(s2, struct vm, stage2);
}

/* VTTBR_EL2 for a flush after a change of the tables. */
static u64 vm_flush_vttbr(struct vm *vm)
{
	/*
	 * Every walk sees the entry before the VMID is read.  It takes a DSB, as
	 * DMB does not order walks.  Pairs with the DSB in vmid_renew().
	 */
	dsb(ish);
	return vm_vttbr(vm);
}

static void vm_flush(struct stage2 *s2)
{
	struct vm *vm = vm_of_stage2(s2);

	atomic64_inc(&vm->root_invalidations);
	el2_tlb_flush_vmid(vm_flush_vttbr(vm));
}

static void vm_flush_ipa(struct stage2 *s2, u64 ipa)
{
	el2_tlb_flush_ipa(vm_flush_vttbr(vm_of_stage2(s2)), ipa);
}

static void vm_sync_walkers(struct stage2 *s2)
{
	vm_kick(vm_of_stage2(s2));
}

static void vm_dirty(struct stage2 *s2, u64 pa, u64 size)
{
	fault_mark_dirty(pa, size);
}

static void vm_cleaned(struct stage2 *s2, u64 ipa, u64 size)
{
	trace_clean_range(ipa, size);
}

static void vm_missed(struct stage2 *s2, u64 ipa)
{
	atomic64_inc(&vm_of_stage2(s2)->missed);
	pr_err_once("a batch has missed a page that was used, at %#llx\n", ipa);
}

const struct stage2_ops vm_stage2_ops = {
	.flush = vm_flush,
	.flush_ipa = vm_flush_ipa,
	.sync_walkers = vm_sync_walkers,
	.dirty = vm_dirty,
	.cleaned = vm_cleaned,
	.missed = vm_missed,
};
