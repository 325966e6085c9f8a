// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's GIC: how one is made and freed.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "../vcpu.h"
#include "../vm.h"
#include "vgic.h"

void vgic_vm_init(struct vm *vm)
{
	struct vgic *vgic = &vm->vgic;

	mutex_init(&vgic->lock);
	INIT_LIST_HEAD(&vgic->rd_regions);
	xa_init(&vgic->frames);
	vgic->dist_base = VGIC_ADDR_UNDEF;
}

static void vgic_free_regions(struct vgic *vgic)
{
	struct vgic_rd_region *region, *next;

	list_for_each_entry_safe(region, next, &vgic->rd_regions, list)
		kfree(region);
}

void vgic_vm_destroy(struct vm *vm)
{
	vgic_free_regions(&vm->vgic);
	xa_destroy(&vm->vgic.frames);
	kvfree(vm->vgic.spis);
}

static void vgic_irq_init(struct vgic_irq *irq, struct vcpu *owner, u32 intid)
{
	irq->intid = intid;
	irq->spi = intid >= VGIC_NR_PRIVATE;
	irq->owner = owner;
	irq->target = owner;
	irq->group = 1;
	INIT_LIST_HEAD(&irq->list);
}

void vgic_vcpu_init(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->vgic;
	u32 intid;

	raw_spin_lock_init(&cpu->lock);
	INIT_LIST_HEAD(&cpu->queue);
	cpu->rd_base = VGIC_ADDR_UNDEF;
	for (intid = 0; intid < VGIC_NR_PRIVATE; intid++) {
		struct vgic_irq *irq = &cpu->private[intid];

		vgic_irq_init(irq, vcpu, intid);
		irq->level = intid >= VGIC_NR_SGIS;
		irq->enabled = intid < VGIC_NR_SGIS;
	}
}

/* All SPIs: edge-triggered, as in KVM, and routed to affinity 0. */
static int vgic_init_spis(struct vm *vm, struct vcpu *owner)
{
	struct vgic *vgic = &vm->vgic;
	u32 i;

	vgic->spis = kvcalloc(vgic->nr_spis, sizeof(*vgic->spis), GFP_KERNEL_ACCOUNT);
	if (!vgic->spis)
		return -ENOMEM;
	for (i = 0; i < vgic->nr_spis; i++) {
		vgic_irq_init(&vgic->spis[i], owner, VGIC_NR_PRIVATE + i);
		vgic->spis[i].target = vm_vcpu_by_affinity(vm, 0);
	}
	return 0;
}

int vgic_init(struct vm *vm)
{
	unsigned long id = 0;
	struct vcpu *first;
	int ret;

	if (!vm->vgic.created)
		return -ENODEV;
	if (vm->vgic.initialized)
		return 0;
	if (!vm->vgic.nr_spis)
		vm->vgic.nr_spis = VGIC_NR_IRQS_DEFAULT - VGIC_NR_PRIVATE;
	first = xa_find(&vm->vcpus, &id, VM_MAX_VCPUS - 1, XA_PRESENT);
	/* There is no vCPU and there will be none, so SPIs can go nowhere. */
	ret = first ? vgic_init_spis(vm, first) : 0;
	if (ret)
		return ret;
	/* From here on interrupts can come; pairs with the acquire in vgic_set_line(). */
	smp_store_release(&vm->vgic.initialized, true);
	return 0;
}

void vgic_reset_cpu(struct vcpu *vcpu)
{
	struct el2_vgic *el2 = &vcpu->el2.vgic;

	el2->ich_vmcr_el2 = 0;
	memset(el2->ich_ap0r_el2, 0, sizeof(el2->ich_ap0r_el2));
	memset(el2->ich_ap1r_el2, 0, sizeof(el2->ich_ap1r_el2));
}
