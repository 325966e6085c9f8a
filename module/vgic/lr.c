// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between a vCPU's queue and the list registers of the CPU that it runs on.
 *
 * When there are more interrupts than list registers, the CPU gets
 *
 *   the pending one of the highest priority    so that it can be taken at all
 *   those that are active                      so that the guest can end them
 *   the other pending ones, by priority        as far as there is room
 *
 * and exits once none of those is pending any more (NPIE).  An interrupt that
 * is active and pending does not count as pending here, nor does the CPU count
 * it.  It cannot be taken before it is ended, so a guest with nothing else
 * would exit before its first instruction, for ever.
 *
 * If active interrupts found no room, the CPU exits when the guest ends one of
 * them.  With EOImode 0 the CPU only counts; as interrupts nest, it is the one of
 * the highest priority.  With EOImode 1 the guest writes the number to ICC_DIR_EL1,
 * which traps.  (With several vCPUs that traps anyway, as any of them may write
 * it.)
 *
 * A level-sensitive interrupt is in its list register either as pending or as
 * active, never as both: when the guest deactivates it the CPU exits (or has
 * the host's interrupt deactivated, HW), and its line decides what comes next.
 * So the CPU also exits when an interrupt is deactivated that has been routed
 * elsewhere since.
 *
 * The line of a timer of the CPU's own (HW) follows registers that the guest writes
 * without an exit.  Once its interrupt is pending in a list register the CPU delivers it,
 * although the guest, with interrupts masked, has moved the timer to later:
 *
 *     guest                           list register      line
 *     masks interrupts
 *     timer fires: exit, entry        pending            high
 *     moves the timer                 pending            low
 *     unmasks, takes an interrupt     pending            low
 *     reads ICC_IAR1_EL1: exit, entry none               low
 *     again: nothing to acknowledge
 *
 * So accesses that acknowledge an interrupt trap while such an interrupt waits for the
 * guest to take it.  If the line is still high then, which EL2 sees in the CPU's own timer
 * (el2/answer.c), or if the host has taken the interrupt back, the CPU repeats the access
 * without a trap.  If the guest takes the interrupt before it does anything else, no
 * second look is needed.
 */
#include <linux/bitfield.h>
#include <linux/list_sort.h>

#include "../host/ppi.h"
#include "../kick.h"
#include "../vcpu.h"
#include "../vm.h"
#include "v3/ich.h"
#include "v3/lr.h"
#include "vgic.h"

static bool lr_may_be_pending(const struct vcpu *vcpu, const struct vgic_irq *irq)
{
	return READ_ONCE(vcpu->vm->vgic.enabled) && __vgic_irq_is_deliverable(irq);
}

static bool __irq_would_be_taken(const struct vcpu *vcpu, const struct vgic_irq *irq)
{
	u64 vmcr = vcpu->el2.vgic.ich_vmcr_el2;

	return lr_may_be_pending(vcpu, irq) &&
	       (vmcr & (irq->group ? ICH_VMCR_ENG1 : ICH_VMCR_ENG0)) &&
	       irq->priority < FIELD_GET(ICH_VMCR_PMR, vmcr);
}

static bool lr_none_is_active(const struct vcpu *vcpu)
{
	const struct el2_vgic *el2 = &vcpu->el2.vgic;
	unsigned int i;

	for (i = 0; i < EL2_VGIC_MAX_APRS; i++)
		if (el2->ich_ap0r_el2[i] | el2->ich_ap1r_el2[i])
			return false;
	return true;
}

/* Will the guest take it before its next instruction? */
static bool __irq_is_next(const struct vcpu *vcpu, const struct vgic_irq *irq)
{
	u64 mask = irq->group ? PSR_I_BIT : PSR_F_BIT;

	return !(vcpu->el2.pstate & mask) && list_is_singular(&vcpu->vgic.queue) &&
	       lr_none_is_active(vcpu) && __irq_would_be_taken(vcpu, irq);
}

/* What to do to look at its line once more, at the last moment. */
static u64 __lr_trap_ack(const struct vcpu *vcpu, const struct vgic_irq *irq)
{
	if (!irq->hw || !irq->presented || vcpu->vgic.looked || __irq_is_next(vcpu, irq))
		return 0;
	return irq->group ? ICH_HCR_TRAP_GROUP1 : ICH_HCR_TRAP_GROUP0;
}

static void __lr_put(struct vcpu *vcpu, struct vgic_irq *irq)
{
	struct el2_vgic *el2 = &vcpu->el2.vgic;

	irq->presented = lr_may_be_pending(vcpu, irq);
	irq->loaded = irq->presented || irq->active;
	if (!irq->loaded)
		return;
	el2->ich_lr_el2[el2->nr_lrs++] = vgic_lr_encode(irq, irq->presented);
	el2->ich_hcr_el2 |= __lr_trap_ack(vcpu, irq);
	/*
	 * The list register has what the latch had; the latch is free for the next
	 * edge.
	 */
	irq->latched = irq->presented && irq->latch;
	if (irq->latched)
		irq->latch = false;
}

/* Active ones first, then by priority. */
static int lr_compare(void *priv, const struct list_head *a, const struct list_head *b)
{
	const struct vgic_irq *irq_a = list_entry(a, struct vgic_irq, list);
	const struct vgic_irq *irq_b = list_entry(b, struct vgic_irq, list);

	if (irq_a->active != irq_b->active)
		return irq_b->active - irq_a->active;
	return irq_a->priority - irq_b->priority;
}

/* Could the guest take the interrupt if it were in a list register? */
static bool lr_may_be_taken(const struct vcpu *vcpu, const struct vgic_irq *irq)
{
	return !irq->active && lr_may_be_pending(vcpu, irq);
}

static struct vgic_irq *__lr_first_pending(struct vcpu *vcpu)
{
	struct vgic_irq *irq, *first = NULL;

	list_for_each_entry(irq, &vcpu->vgic.queue, list)
		if (lr_may_be_taken(vcpu, irq) && (!first || irq->priority < first->priority))
			first = irq;
	return first;
}

/* What to do without a trap for ICC_DIR_EL1 alone: trap the registers around it. */
static u64 lr_trap_dir(void)
{
	return vgic_vtr() & ICH_VTR_TDIR ? ICH_HCR_TRAP_DIR : ICH_HCR_TRAP_COMMON;
}

static void __lr_spill(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	struct el2_vgic *el2 = &vcpu->el2.vgic;

	if (lr_may_be_taken(vcpu, irq))
		el2->ich_hcr_el2 |= ICH_HCR_NONE_PENDING;
	if (!irq->active)
		return;
	vcpu->vgic.spilled++;
	el2->ich_hcr_el2 |= ICH_HCR_NOT_IN_LR | lr_trap_dir();
}

static void __lr_put_some(struct vcpu *vcpu)
{
	struct vgic_irq *irq, *first = __lr_first_pending(vcpu);

	list_sort(NULL, &vcpu->vgic.queue, lr_compare);
	if (first)
		__lr_put(vcpu, first);
	list_for_each_entry(irq, &vcpu->vgic.queue, list) {
		if (irq == first)
			continue;
		if (vcpu->el2.vgic.nr_lrs < vgic_nr_lrs())
			__lr_put(vcpu, irq);
		else
			__lr_spill(vcpu, irq);
	}
}

static void __lr_put_all(struct vcpu *vcpu)
{
	struct vgic_irq *irq;

	list_for_each_entry(irq, &vcpu->vgic.queue, list)
		__lr_put(vcpu, irq);
}

/* With EOImode 1, another vCPU than the one that acknowledged an SPI may end it. */
static bool lr_ends_others(const struct vcpu *vcpu)
{
	return (vcpu->el2.vgic.ich_vmcr_el2 & ICH_VMCR_EOIMODE) && vcpu->vm->nr_vcpus > 1;
}

static void __lr_put_queue(struct vcpu *vcpu)
{
	if (list_count_nodes(&vcpu->vgic.queue) <= vgic_nr_lrs())
		__lr_put_all(vcpu);
	else
		__lr_put_some(vcpu);
}

static noinline void lr_put_queue(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->vgic;

	raw_spin_lock(&cpu->lock);
	__lr_put_queue(vcpu);
	raw_spin_unlock(&cpu->lock);
}

void vgic_load(struct vcpu *vcpu)
{
	struct el2_vgic *el2 = &vcpu->el2.vgic;

	el2->enabled = READ_ONCE(vcpu->vm->vgic.initialized);
	el2->ich_hcr_el2 = ICH_HCR_ENABLE;
	if (lr_ends_others(vcpu))
		el2->ich_hcr_el2 |= lr_trap_dir();
	/* What is queued from here on makes the vCPU leave: vcpu_interrupt(). */
	if (el2->enabled && !list_empty(&vcpu->vgic.queue))
		lr_put_queue(vcpu);
	vcpu->vgic.looked = false;
}

bool vgic_look_again(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->vgic;

	cpu->looked = vcpu->el2.vgic.ich_hcr_el2 & (ICH_HCR_TRAP_GROUP0 | ICH_HCR_TRAP_GROUP1);
	return cpu->looked;
}

static void lr_note_acked(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	struct vgic_cpu *cpu = &vcpu->vgic;

	if (!READ_ONCE(vcpu->vm->vgic.acked) || !irq->spi || !irq->level)
		return;
	if (!WARN_ON_ONCE(cpu->nr_acked == ARRAY_SIZE(cpu->acked)))
		cpu->acked[cpu->nr_acked++] = irq->intid;
}

static void __lr_fold(struct vcpu *vcpu, struct vgic_irq *irq, u64 lr)
{
	bool pending = vgic_lr_is_pending(lr);

	irq->active = vgic_lr_is_active(lr) && !irq->ended;
	irq->ended = false;
	/* The guest has neither acknowledged it nor cleared it by a write to ICPENDR. */
	if (irq->presented && irq->latched && pending)
		irq->latch = true;
	irq->presented = false;
	irq->latched = false;
	irq->loaded = false;

	if (pending || irq->active)
		return;
	if (irq->hw)
		ppi_vtimer_deactivated();
	lr_note_acked(vcpu, irq);
}

static void lr_fold(struct vcpu *vcpu, u64 lr)
{
	struct vgic_irq *irq = vgic_irq_get(vcpu->vm, vcpu, vgic_lr_intid(lr));
	unsigned long flags = vgic_irq_lock(irq);

	__lr_fold(vcpu, irq, lr);
	vgic_irq_unlock(irq, flags);
	vgic_irq_put(irq);
}

/* Return: the active interrupt of the highest priority that is in no list register. */
static struct vgic_irq *lr_spilled(struct vgic_cpu *cpu)
{
	struct vgic_irq *irq, *first = NULL;

	raw_spin_lock(&cpu->lock);
	list_for_each_entry(irq, &cpu->queue, list)
		if (irq->active && !irq->loaded && (!first || irq->priority < first->priority))
			first = irq;
	raw_spin_unlock(&cpu->lock);
	return first;
}

/*
 * The guest has ended interrupts that were in no list register: EOImode 0.  With
 * EOImode 1 none has ended, though some CPUs (QEMU's) count as well.
 */
static void lr_end_spilled(struct vcpu *vcpu)
{
	const struct el2_vgic *el2 = &vcpu->el2.vgic;
	unsigned int eois = FIELD_GET(ICH_HCR_EOIS, el2->ich_hcr_el2);
	struct vgic_irq *irq;

	if (el2->ich_vmcr_el2 & ICH_VMCR_EOIMODE)
		return;
	while (eois--) {
		irq = lr_spilled(&vcpu->vgic);
		if (!irq)
			return;
		vgic_deactivate(vcpu, irq->intid);
	}
}

static noinline void lr_fold_all(struct vcpu *vcpu)
{
	struct el2_vgic *el2 = &vcpu->el2.vgic;
	unsigned int i;

	/* While those that were loaded still say so. */
	if (vcpu->vgic.spilled)
		lr_end_spilled(vcpu);
	for (i = 0; i < el2->nr_lrs; i++)
		lr_fold(vcpu, el2->ich_lr_el2[i]);
	el2->nr_lrs = 0;
	vcpu->vgic.spilled = 0;
}

void vgic_fold(struct vcpu *vcpu)
{
	if (vcpu->el2.vgic.nr_lrs || vcpu->vgic.spilled)
		lr_fold_all(vcpu);
}

void vgic_deactivate(struct vcpu *vcpu, u32 intid)
{
	struct vgic_irq *irq = vgic_irq_get(vcpu->vm, vcpu, intid);
	unsigned long flags;

	if (!irq)
		return;
	flags = vgic_irq_lock(irq);
	if (irq->loaded) {
		/*
		 * Another vCPU has it in a list register: make that vCPU exit and drop
		 * it.
		 */
		irq->ended = true;
		vcpu_interrupt(irq->owner);
	} else if (irq->active) {
		irq->active = false;
		lr_note_acked(vcpu, irq);
	}
	vgic_irq_unlock(irq, flags);
	vgic_irq_put(irq);
}

void vgic_notify_acked(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->vgic;

	while (cpu->nr_acked)
		vcpu->vm->vgic.acked(vcpu->vm, cpu->acked[--cpu->nr_acked]);
}

bool vgic_pending(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vcpu->vgic;
	struct vgic_irq *irq;
	unsigned long flags;
	bool pending = false;

	raw_spin_lock_irqsave(&cpu->lock, flags);
	list_for_each_entry(irq, &cpu->queue, list)
		if (__irq_would_be_taken(vcpu, irq)) {
			pending = true;
			break;
		}
	raw_spin_unlock_irqrestore(&cpu->lock, flags);
	return pending;
}
