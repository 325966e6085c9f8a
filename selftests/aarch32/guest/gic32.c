// SPDX-License-Identifier: GPL-2.0-only
/*
 * What 32-bit guest code does with the VM's GICv3.
 */
#include "gic32.h"

#define GICR_WAKER_SLEEP	BIT(1)
#define GICR_WAKER_ASLEEP	BIT(2)
#define NR_PRIVATE		32

void gic_init(u32 vcpu, void (*interrupt)(u32 vector))
{
	u32 waker = GIC_REDIST_BASE + vcpu * GIC_REDIST_SIZE + GICR_WAKER;

	guest_cpu()->interrupt = interrupt;
	guest_write(GIC_DIST_BASE + GICD_CTLR, GICD_CTLR_ARE);
	guest_write(GIC_DIST_BASE + GICD_CTLR,
		    GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1 | GICD_CTLR_ENABLE_GRP0);
	guest_write(waker, guest_read(waker) & ~GICR_WAKER_SLEEP);
	while (guest_read(waker) & GICR_WAKER_ASLEEP)
		;
	WRITE(READ(ICC_SRE) | 1, ICC_SRE);
	WRITE(0xff, ICC_PMR);
	WRITE(1, ICC_IGRPEN1);
}

u32 gic_reg(u32 offset, u32 intid)
{
	u32 base = intid < NR_PRIVATE ? GIC_REDIST_BASE + GIC_SGI_FRAME : GIC_DIST_BASE;

	return base + offset + intid / 32 * 4;
}

void gic_set(u32 offset, u32 intid)
{
	guest_write(gic_reg(offset, intid), 1U << intid % 32);
}

bool gic_get(u32 offset, u32 intid)
{
	return guest_read(gic_reg(offset, intid)) >> intid % 32 & 1;
}
