/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of all statistics.  Whoever includes this defines before what a row
 * becomes; there is no guard.  debugfs files, KVM_GET_STATS_FD, documentation
 * and tests come from it.
 *
 * VCPU_COUNTER(id, debugfs file, how values of several vCPUs add up, unit, meaning)
 * VM_COUNTER(debugfs file, atomic64_t in struct vm, what it is, meaning)
 *
 * Units: ONE, NS, BYTES.  A VM_COUNTER is a TOTAL, which grows, or NOW, a value of
 * the moment.
 */
#ifndef VCPU_COUNTER
#define VCPU_COUNTER(id, file, how, unit, doc)
#endif
#ifndef VM_COUNTER
#define VM_COUNTER(file, field, what, doc)
#endif

VCPU_COUNTER(SETWAY_OPS, setway_ops, SUM, ONE, "Set/Way operations trapped")
VCPU_COUNTER(SETWAY_BATCHES, setway_batches, SUM, ONE, "batches of Set/Way operations served")
VCPU_COUNTER(SETWAY_COALESCED, setway_coalesced, SUM, ONE,
	     "Set/Way operations that belonged to a served batch")
VCPU_COUNTER(CACHE_TOGGLES, cache_toggles, SUM, ONE, "batches because SCTLR_EL1.{C,M} changed")
VCPU_COUNTER(UNCACHED_STARTS, uncached_starts, SUM, ONE,
	     "batches because the vCPU came to run with its caches off, not by a toggle")
VCPU_COUNTER(BATCHES_SKIPPED, batches_skipped, SUM, ONE,
	     "of all these batches, those with nothing to clean, as the memory is coherent")
VCPU_COUNTER(PAGES_CLEANED, pages_cleaned, SUM, ONE, "4 KiB pages cleaned by batches")
VCPU_COUNTER(PAGES_SKIPPED, pages_skipped, SUM, ONE,
	     "mapped 4 KiB pages that batches did not have to clean")
VCPU_COUNTER(BYTES_CLEANED, bytes_cleaned, SUM, BYTES, "bytes cleaned by batches")
VCPU_COUNTER(CLEAN_NS, clean_ns, SUM, NS, "ns spent cleaning in batches")
VCPU_COUNTER(CLEAN_NS_MAX, clean_ns_max, MAX, NS, "ns of the longest cleaning of a batch")
VCPU_COUNTER(HARVEST_NS, harvest_ns, SUM, NS, "ns spent harvesting")
VCPU_COUNTER(REVALIDATIONS, revalidations, SUM, ONE,
	     "idle pages that an access made accessed again")
VCPU_COUNTER(STAGE2_FAULTS, stage2_faults, SUM, ONE,
	     "stage-2 faults on guest memory, revalidations included")
VCPU_COUNTER(EXITS, exits, SUM, ONE, "exits from the guest to the host")
VCPU_COUNTER(EXITS_IRQ, exits_irq, SUM, ONE, "exits because of a host interrupt")
VCPU_COUNTER(EXITS_SERROR, exits_serror, SUM, ONE, "exits because of an SError")
VCPU_COUNTER(EXITS_WFX, exits_wfx, SUM, ONE, "exits by WFI or WFE")
VCPU_COUNTER(EXITS_HVC, exits_hvc, SUM, ONE, "exits by HVC")
VCPU_COUNTER(EXITS_SMC, exits_smc, SUM, ONE, "exits by SMC")
VCPU_COUNTER(EXITS_SYSREG, exits_sysreg, SUM, ONE,
	     "exits by system registers, Set/Way not counted")
VCPU_COUNTER(EXITS_SETWAY, exits_setway, SUM, ONE, "exits by Set/Way operations")
VCPU_COUNTER(EXITS_STAGE2, exits_stage2, SUM, ONE, "exits by stage-2 aborts, MMIO included")
VCPU_COUNTER(EXITS_MMIO, exits_mmio, SUM, ONE, "stage-2 aborts that went to userspace as MMIO")
VCPU_COUNTER(EXITS_DEBUG, exits_debug, SUM, ONE,
	     "debug exceptions that went to userspace, which debugs the guest")
VCPU_COUNTER(MMIO_KERNEL, mmio_kernel, SUM, ONE,
	     "stage-2 aborts that the GIC, an ioeventfd or the ring of stores answered")
VCPU_COUNTER(EL2_SYSREG, el2_sysreg, SUM, ONE,
	     "accesses to system registers that EL2 answered without an exit")
VCPU_COUNTER(EL2_REVALIDATIONS, el2_revalidations, SUM, ONE,
	     "revalidations made by EL2 without an exit")
VCPU_COUNTER(EL2_FPSIMD, el2_fpsimd, SUM, ONE,
	     "first uses of FP or SIMD since an entry, for which EL2 exchanged the registers")
VCPU_COUNTER(EXITS_OTHER, exits_other, SUM, ONE, "all other exits")

VM_COUNTER(mapped_pages, stage2.mapped_pages, NOW, "4 KiB pages mapped now, idle or accessed")
VM_COUNTER(tables, stage2.tables, NOW, "stage-2 table pages in use now, the root's not counted")
VM_COUNTER(stale_cleaned, stage2.stale_cleaned, TOTAL,
	   "4 KiB pages cleaned because the guest was to see them for the first time")
VM_COUNTER(idle_cleaned, stage2.idle_cleaned, TOTAL,
	   "4 KiB pages cleaned at the first access since a batch, as a vCPU had its caches off")
VM_COUNTER(witnessed, stage2.witnessed, TOTAL,
	   "4 KiB pages whose access flag was set when a batch came; with crosscheck")
VM_COUNTER(missed, missed, TOTAL, "of these, those that the batch missed: a bug")
VM_COUNTER(root_invalidations, root_invalidations, TOTAL, "TLB flushes of the whole VMID")

#undef VCPU_COUNTER
#undef VM_COUNTER
