// SPDX-License-Identifier: GPL-2.0-only
/*
 * One interrupt: finding it, locking it, and what a change of its state makes
 * necessary.
 *
 *   vgic_irq_unlock()
 *       routed away, neither active nor in a list register -> to the new owner
 *       something to deliver, or active                    -> on the queue
 *       the guest has not got what it should have          -> wake or kick
 *       a list register has what it should not             -> kick
 */
#include <linux/nospec.h>

#include "../kick.h"
#include "../vm.h"
#include "../vcpu.h"
#include "vgic.h"

struct vgic_irq *vgic_irq_get(struct vm *vm, struct vcpu *vcpu, u32 intid)
{
	u32 spi = intid - VGIC_NR_PRIVATE;

	if (intid < VGIC_NR_PRIVATE) {
		intid = array_index_nospec(intid, VGIC_NR_PRIVATE);
		return vcpu ? &vcpu->vgic.private[intid] : NULL;
	}
	if (!vm->vgic.spis || spi >= vm->vgic.nr_spis)
		return NULL;
	return &vm->vgic.spis[array_index_nospec(spi, vm->vgic.nr_spis)];
}

unsigned long vgic_irq_lock(struct vgic_irq *irq) __acquires(&irq->owner->vgic.lock)
{
	unsigned long flags;
	struct vcpu *owner;

	for (;;) {
		owner = READ_ONCE(irq->owner);
		raw_spin_lock_irqsave(&owner->vgic.lock, flags);
		/* Pairs with the release in vgic_irq_move(). */
		if (smp_load_acquire(&irq->owner) == owner)
			return flags;
		raw_spin_unlock_irqrestore(&owner->vgic.lock, flags);
	}
}

static bool __irq_must_move(const struct vgic_irq *irq)
{
	return irq->target && irq->target != irq->owner && !irq->active && !irq->loaded;
}

/* Take the lock of the new owner, or of whoever is the owner by then. */
static unsigned long vgic_irq_move(struct vgic_irq *irq, unsigned long flags)
	__releases(&irq->owner->vgic.lock) __acquires(&irq->owner->vgic.lock)
{
	struct vcpu *owner = irq->owner;

	list_del_init(&irq->list);
	/*
	 * From here on the new owner's lock protects the interrupt; all changes
	 * under the old lock come before.  Pairs with vgic_irq_lock().
	 */
	smp_store_release(&irq->owner, irq->target);
	raw_spin_unlock_irqrestore(&owner->vgic.lock, flags);
	return vgic_irq_lock(irq);
}

static void __irq_queue(struct vgic_irq *irq)
{
	bool wanted = irq->loaded || irq->active || __vgic_irq_is_deliverable(irq);

	if (!wanted)
		list_del_init(&irq->list);
	else if (list_empty(&irq->list))
		list_add_tail(&irq->list, &irq->owner->vgic.queue);
}

/*
 * Does the guest have to be interrupted or woken up?  It has to be for an edge (or a
 * write to ISPENDR) while an earlier one is in a list register as well: the guest
 * may have taken and ended that one, and no exit would tell.
 */
static bool __irq_must_notify(const struct vgic_irq *irq)
{
	if (irq->presented)
		return !irq->enabled || irq->latch;
	return __vgic_irq_is_deliverable(irq);
}

/* One of the combinations that there are, see struct vgic_irq. */
static bool __irq_is_sane(const struct vgic_irq *irq)
{
	if (!irq->loaded && (irq->presented || irq->ended))
		return false;
	if (irq->latched ? !irq->presented : irq->presented && irq->active)
		return false;
	if (irq->internal)
		return !irq->spi && irq->intid >= VGIC_NR_SGIS;
	return !irq->hw && (irq->intid >= VGIC_NR_SGIS || !irq->line);
}

void vgic_irq_unlock(struct vgic_irq *irq, unsigned long flags)
	__releases(&irq->owner->vgic.lock)
{
	struct vcpu *owner;
	bool notify;

	WARN_ON_ONCE(!__irq_is_sane(irq));
	while (__irq_must_move(irq))
		flags = vgic_irq_move(irq, flags);
	__irq_queue(irq);
	notify = __irq_must_notify(irq);
	owner = irq->owner;
	raw_spin_unlock_irqrestore(&owner->vgic.lock, flags);
	if (notify)
		vcpu_interrupt(owner);
}

void __vgic_irq_clear_pending(struct vgic_irq *irq)
{
	irq->latch = false;
	if (!irq->presented)
		return;
	irq->presented = false;
	irq->latched = false;
	vcpu_interrupt(irq->owner);
}

void __vgic_irq_route(struct vm *vm, struct vgic_irq *irq, u64 affinity)
{
	irq->affinity = affinity;
	irq->target = vm_vcpu_by_affinity(vm, affinity);
	/* The exit takes it back from the list register, and then it moves. */
	if (irq->loaded && irq->target != irq->owner)
		vcpu_interrupt(irq->owner);
}

void vgic_irq_set_line(struct vgic_irq *irq, bool level)
{
	unsigned long flags = vgic_irq_lock(irq);

	if (irq->level || irq->internal)
		irq->line = level;
	if (!irq->level && level)
		irq->latch = true;
	vgic_irq_unlock(irq, flags);
}

/* The SPI of a GIC that was initialised without a vCPU: it exists, and goes to nobody. */
static bool irq_goes_nowhere(const struct vm *vm, u32 intid)
{
	return !vm->vgic.spis && intid - VGIC_NR_PRIVATE < vm->vgic.nr_spis;
}

int vgic_set_line(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level, bool internal)
{
	struct vgic_irq *irq;

	/* Pairs with the release in vgic_init(): the SPIs exist. */
	if (!smp_load_acquire(&vm->vgic.initialized))
		return -EBUSY;
	if (intid < VGIC_NR_SGIS)
		return -EINVAL;
	irq = vgic_irq_get(vm, vcpu, intid);
	if (!irq)
		return irq_goes_nowhere(vm, intid) ? 0 : -EINVAL;
	if (internal || !READ_ONCE(irq->internal))
		vgic_irq_set_line(irq, level);
	vgic_irq_put(irq);
	return 0;
}

void vgic_set_enabled(struct vm *vm, bool enabled)
{
	WRITE_ONCE(vm->vgic.enabled, enabled);
	/* Every vCPU has to check again what it can deliver. */
	vm_request(vm, VCPU_REQUEST_IRQ);
}

void vgic_freeze(struct vm *vm)
{
	atomic_inc(&vm->vgic.frozen);
	vm_request_sync(vm, VCPU_REQUEST_FREEZE);
}

void vgic_thaw(struct vm *vm)
{
	if (atomic_dec_and_test(&vm->vgic.frozen))
		vm_wake(vm);
}
