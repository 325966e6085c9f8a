// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts from one vCPU to others, by the guest's ICC_SGI registers, which
 * trap (ARM IHI 0069H, 12.2).
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>

#include "../../affinity.h"
#include "../../vcpu.h"
#include "../../vm.h"
#include "../vgic.h"

#define SGI_TARGETS	GENMASK_ULL(15, 0)
#define SGI_AFF1	GENMASK_ULL(23, 16)
#define SGI_INTID	GENMASK_ULL(27, 24)
#define SGI_AFF2	GENMASK_ULL(39, 32)
#define SGI_ALL_OTHERS	BIT_ULL(40)		/* IRM */
#define SGI_RANGE	GENMASK_ULL(47, 44)	/* RS: which 16 of the Aff0 */
#define SGI_AFF3	GENMASK_ULL(55, 48)
#define SGI_TARGETS_MAX	16

static void sgi_raise(struct vcpu *target, u32 intid, unsigned int group)
{
	struct vgic_irq *irq = vgic_irq_get(target->vm, target, intid);
	unsigned long flags = vgic_irq_lock(irq);

	if (irq->group <= group)
		irq->latch = true;
	vgic_irq_unlock(irq, flags);
	vgic_irq_put(irq);
}

static void sgi_raise_others(struct vcpu *vcpu, u32 intid, unsigned int group)
{
	struct vcpu *other;
	unsigned long id;

	xa_for_each(&vcpu->vm->vcpus, id, other)
		if (other != vcpu)
			sgi_raise(other, intid, group);
}

static u64 sgi_affinity(u64 value)
{
	return FIELD_PREP(AFFINITY_AFF3, FIELD_GET(SGI_AFF3, value)) |
	       FIELD_PREP(AFFINITY_AFF2, FIELD_GET(SGI_AFF2, value)) |
	       FIELD_PREP(AFFINITY_AFF1, FIELD_GET(SGI_AFF1, value)) |
	       FIELD_GET(SGI_RANGE, value) * SGI_TARGETS_MAX;
}

void vgic_send_sgi(struct vcpu *vcpu, u64 value, unsigned int group)
{
	unsigned long targets = FIELD_GET(SGI_TARGETS, value);
	u32 intid = FIELD_GET(SGI_INTID, value);
	struct vcpu *target;
	unsigned int aff0;

	/* The SGI may tell its target that memory is ready. */
	setway_end_loop(&vcpu->setway);
	if (value & SGI_ALL_OTHERS) {
		sgi_raise_others(vcpu, intid, group);
		return;
	}
	for_each_set_bit(aff0, &targets, SGI_TARGETS_MAX) {
		target = vm_vcpu_by_affinity(vcpu->vm, sgi_affinity(value) + aff0);
		if (target)
			sgi_raise(target, intid, group);
	}
}
