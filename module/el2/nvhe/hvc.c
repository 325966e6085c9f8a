// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's hypercalls, other than those that entry.S serves by itself.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>

#include "../runtime.h"
#include "abi.h"

/* entry.S stores and loads these in one go. */
static_assert(offsetof(struct el2_cpu, host_elr_el2) ==
	      offsetof(struct el2_cpu, host_regs) + EL2_HOST_REGS * sizeof(u64));
static_assert(offsetof(struct el2_cpu, host_spsr_el2) ==
	      offsetof(struct el2_cpu, host_elr_el2) + sizeof(u64));

/* init.S likewise. */
static_assert(sizeof(struct el2_found) == 7 * sizeof(u64));

u64 el2_call(struct el2_cpu *cpu, u64 call, u64 arg1, u64 arg2)
{
	switch (EL2_HVC_BASE + call) {
	case EL2_HVC_TLB_VMID:
		tlb_flush_vmid(cpu, arg1);
		return 0;
	case EL2_HVC_TLB_IPA:
		tlb_flush_ipa(cpu, arg1, arg2);
		return 0;
	case EL2_HVC_TLB_LOCAL:
		tlb_flush_local(cpu, arg1);
		return 0;
	case EL2_HVC_TLB_ALL:
		tlb_flush_all(cpu);
		return 0;
	case EL2_HVC_TLB_EL2:
		tlb_flush_el2(cpu);
		return 0;
	case EL2_HVC_GIC:
		return gic_vtr(cpu);
	case EL2_HVC_PROBE:
		return EL2_ABI_VERSION;
	default:
		return EL2_STUB_ERR;
	}
}
