/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GIC of the tests' guests, 64-bit and 32-bit ones: where it is, and its
 * registers (ARM IHI 0069H, 12).
 */
#ifndef SELFTESTS_LIB_GIC_LAYOUT_H
#define SELFTESTS_LIB_GIC_LAYOUT_H

#include "types.h"

#define GIC_DIST_BASE		0x08000000ULL
#define GIC_REDIST_BASE		0x080a0000ULL
#define GIC_REDIST_SIZE		0x20000ULL	/* of each vCPU */
#define GIC_SGI_FRAME		0x10000ULL	/* of that, the second half */

#define GIC_NR_IRQS		96
#define GIC_PPI_VTIMER		27
#define GIC_PPI_PTIMER		30
#define GIC_SPI(n)		(32 + (n))
#define GIC_SPURIOUS		1023

/* Distributor, and the same offsets in the redistributor's second frame. */
#define GICD_CTLR		0x0000
#define GICD_TYPER		0x0004
#define GICD_IGROUPR		0x0080
#define GICD_ISENABLER		0x0100
#define GICD_ICENABLER		0x0180
#define GICD_ISPENDR		0x0200
#define GICD_ICPENDR		0x0280
#define GICD_ISACTIVER		0x0300
#define GICD_ICACTIVER		0x0380
#define GICD_IPRIORITYR		0x0400
#define GICD_ICFGR		0x0c00
#define GICD_IROUTER		0x6000
#define GICR_TYPER		0x0008
#define GICR_WAKER		0x0014

#define GICD_CTLR_ENABLE_GRP0	BIT(0)
#define GICD_CTLR_ENABLE_GRP1	BIT(1)
#define GICD_CTLR_ARE		BIT(4)

#define ICC_CTLR_EOIMODE	BIT(1)

/**
 * gic_sgi_to() - what to write to ICC_SGI1R_EL1
 * @vcpu: the target's id
 * @intid: 0 to 15
 */
static inline u64 gic_sgi_to(u32 vcpu, u32 intid)
{
	return BIT(vcpu & 0xf) | (u64)(vcpu >> 4) << 16 | (u64)intid << 24;
}

#define GIC_SGI_TO_OTHERS(intid)	(BIT(40) | (u64)(intid) << 24)

#endif /* SELFTESTS_LIB_GIC_LAYOUT_H */
