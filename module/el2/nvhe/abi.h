/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the kernel's side (module/host) and the flat image at EL2
 * (module/el2/nvhe): the numbers of hypercalls.  What they work on is in ../context.h.
 * The image is identity-mapped, so a pointer at EL2 is the physical address of the same
 * object.
 */
#ifndef SETWAY_EL2_NVHE_ABI_H
#define SETWAY_EL2_NVHE_ABI_H

/*
 * Hypercalls of the runtime: x0 on HVC from the host.  The numbers stay clear
 * of those that the kernel's stub defines (0 upwards) and of SMCCC's ranges.
 *
 *   RESTORE    gives EL2 back on this CPU; returns 0
 *   RUN        x1: struct el2_vcpu; returns enum el2_exit
 *   TLB_VMID   x1: VTTBR_EL2; drops stages 1 and 2 of the VMID, all CPUs
 *   TLB_IPA    x1: VTTBR_EL2, x2: IPA; drops what translates it, all CPUs
 *   TLB_LOCAL  x1: VTTBR_EL2; drops stage 1 of the VMID and the I-cache, this CPU
 *   TLB_ALL    drops every VMID's translations and the I-caches, all CPUs
 *   PROBE      returns EL2_ABI_VERSION
 *   TLB_EL2    drops the runtime's own translations, all CPUs
 *   GIC        returns ICH_VTR_EL2, or 0 without GIC registers
 */
#define EL2_HVC_BASE		0x5e700000
#define EL2_HVC_RESTORE		(EL2_HVC_BASE + 0)
#define EL2_HVC_RUN		(EL2_HVC_BASE + 1)
#define EL2_HVC_TLB_VMID	(EL2_HVC_BASE + 2)
#define EL2_HVC_TLB_IPA		(EL2_HVC_BASE + 3)
#define EL2_HVC_TLB_LOCAL	(EL2_HVC_BASE + 4)
#define EL2_HVC_TLB_ALL		(EL2_HVC_BASE + 5)
#define EL2_HVC_PROBE		(EL2_HVC_BASE + 6)
#define EL2_HVC_TLB_EL2		(EL2_HVC_BASE + 7)
#define EL2_HVC_GIC		(EL2_HVC_BASE + 8)
#define EL2_HVC_NR		9

#define EL2_ABI_VERSION		1

/* What the kernel's stub answers to a call it does not know. */
#define EL2_STUB_ERR		0xbadca11

/* Stub calls that the runtime goes on serving (Documentation/hyp-abi.rst). */
#define EL2_STUB_SET_VECTORS	0
#define EL2_STUB_SOFT_RESTART	1
#define EL2_STUB_RESET_VECTORS	2
#define EL2_STUB_PROBE		0xff	/* a number that no stub defines */

/* What the runtime's entry answers to SOFT_RESTART when it cannot install. */
#define EL2_INIT_DONE		0
#define EL2_INIT_E2H		1	/* HCR_EL2.E2H is set: not the EL2 we know */

#endif /* SETWAY_EL2_NVHE_ABI_H */
