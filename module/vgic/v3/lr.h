/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list registers of a GICv3: how many there are, and what one says of an
 * interrupt (ICH_LR<n>_EL2, ARM IHI 0069H, 12.4).  Which interrupt gets one is decided
 * in ../lr.c.
 *
 * What an entry and an exit do for each interrupt is inline.
 */
#ifndef SETWAY_VGIC_V3_LR_H
#define SETWAY_VGIC_V3_LR_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include "../vgic.h"
#include "ich.h"

/**
 * vgic_vtr() - ICH_VTR_EL2 of the host, of all CPUs the least
 */
unsigned long long vgic_vtr(void);

/**
 * vgic_nr_lrs() - how many list registers every CPU has
 */
unsigned int vgic_nr_lrs(void);

/**
 * vgic_lr_encode() - a list register for an interrupt
 * @irq: locked
 * @pending: the guest is to be interrupted by it
 *
 * Where the line or the route decides what comes after the interrupt's end, the CPU
 * exits then, unless the end goes to the host's GIC (HW).
 */
static inline u64 vgic_lr_encode(const struct vgic_irq *irq, bool pending)
{
	u64 lr = FIELD_PREP(ICH_LR_VINTID, irq->intid) |
		 FIELD_PREP(ICH_LR_PRIO, irq->priority);

	if (irq->group)
		lr |= ICH_LR_IS_GROUP1;
	if (irq->active)
		lr |= ICH_LR_IS_ACTIVE;
	if (pending)
		lr |= ICH_LR_IS_PENDING;
	if (irq->hw)
		lr |= ICH_LR_IS_HW | FIELD_PREP(ICH_LR_PINTID, irq->hwintid);
	else if (irq->level || irq->target != irq->owner)
		lr |= ICH_LR_DEACTIVATION;
	return lr;
}

/**
 * vgic_lr_intid() - which interrupt is in a list register
 * @lr: from vgic_lr_encode(), before or after the guest ran
 */
static inline u32 vgic_lr_intid(u64 lr)
{
	return FIELD_GET(ICH_LR_VINTID, lr);
}

/**
 * vgic_lr_is_pending() - is the guest still to be interrupted by it?
 * @lr: as the guest has left it
 */
static inline bool vgic_lr_is_pending(u64 lr)
{
	return lr & ICH_LR_IS_PENDING;
}

/**
 * vgic_lr_is_active() - has the guest acknowledged it, and not ended it?
 * @lr: as the guest has left it
 */
static inline bool vgic_lr_is_active(u64 lr)
{
	return lr & ICH_LR_IS_ACTIVE;
}

#endif /* SETWAY_VGIC_V3_LR_H */
