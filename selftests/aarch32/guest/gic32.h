/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What 32-bit guest code does with the VM's GICv3 (lib/gic.h has the host's side).
 * The CPU interface is in CP15 (ARM IHI 0069H, 12.3).
 */
#ifndef SELFTESTS_GUEST32_GIC32_H
#define SELFTESTS_GUEST32_GIC32_H

#include "../../lib/gic_layout.h"
#include "guest32.h"

#define ICC_PMR		"p15, 0, %0, c4, c6, 0"
#define ICC_IAR0	"p15, 0, %0, c12, c8, 0"
#define ICC_EOIR0	"p15, 0, %0, c12, c8, 1"
#define ICC_DIR		"p15, 0, %0, c12, c11, 1"
#define ICC_RPR		"p15, 0, %0, c12, c11, 3"
#define ICC_IAR1	"p15, 0, %0, c12, c12, 0"
#define ICC_EOIR1	"p15, 0, %0, c12, c12, 1"
#define ICC_HPPIR1	"p15, 0, %0, c12, c12, 2"
#define ICC_BPR1	"p15, 0, %0, c12, c12, 3"
#define ICC_CTLR	"p15, 0, %0, c12, c12, 4"
#define ICC_SRE		"p15, 0, %0, c12, c12, 5"
#define ICC_IGRPEN0	"p15, 0, %0, c12, c12, 6"
#define ICC_IGRPEN1	"p15, 0, %0, c12, c12, 7"
#define ICC_SGI1R	"p15, 0, %Q0, %R0, c12"
#define ICC_ASGI1R	"p15, 1, %Q0, %R0, c12"
#define ICC_SGI0R	"p15, 2, %Q0, %R0, c12"

/**
 * gic_init() - distributor, own redistributor and CPU interface on
 * @vcpu: this vCPU's number, in the order of their creation
 * @interrupt: called at each IRQ and FIQ, with IRQs masked
 *
 * All interrupts are still disabled but the SGIs, and IRQs and FIQs masked.
 */
void gic_init(u32 vcpu, void (*interrupt)(u32 vector));

/**
 * gic_reg() - a 32-bit register with a bit for each interrupt
 * @offset: GICD_*
 * @intid: the interrupt, if an SGI or PPI that of vCPU 0
 *
 * Return: its address.
 */
u32 gic_reg(u32 offset, u32 intid);

/**
 * gic_set() - write the bit of an interrupt, and no other
 * @offset: GICD_ISENABLER and the like
 * @intid: the interrupt
 */
void gic_set(u32 offset, u32 intid);

/**
 * gic_get() - read the bit of an interrupt
 * @offset: GICD_ISENABLER and the like
 * @intid: the interrupt
 */
bool gic_get(u32 offset, u32 intid);

/** irq_enable() - let IRQs and FIQs come */
static inline void irq_enable(void)
{
	asm volatile("cpsie if" : : : "memory");
}

/** irq_disable() - keep them away */
static inline void irq_disable(void)
{
	asm volatile("cpsid if\n\tisb" : : : "memory");
}

/** irq_wait() - sleep until there is an interrupt, then take it; masked before and after */
static inline void irq_wait(void)
{
	asm volatile("dsb sy\n\twfi\n\tcpsie if\n\tisb\n\tcpsid if\n\tisb" : : : "memory");
}

#endif /* SELFTESTS_GUEST32_GIC32_H */
