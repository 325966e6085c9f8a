// SPDX-License-Identifier: GPL-2.0-only
/*
 * The distributor's registers (ARM IHI 0069H, 12.9): one security state, affinity
 * routing always on, no LPIs, no interrupts for any one of several CPUs.
 *
 * SGIs and PPIs belong to the redistributors.  The fields of interrupts 0 to 31
 * read as 0 here and ignore writes, because vgic_irq_get() finds none without a
 * vCPU.
 */
#include <linux/bitfield.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kernel.h>

#include "../../affinity.h"
#include "../../vm.h"
#include "../mmio.h"

/* Interrupt numbers that the arrays have room for. */
#define DIST_INTIDS		1024
#define DIST_ARRAY(bits)	(DIST_INTIDS * (bits) / BITS_PER_BYTE)
#define IROUTER_BITS		64
#define ITARGETSR_BITS		8

/* GICD_CTLR in one security state: DS | ARE, both fixed. */
#define CTLR_FIXED		(GICD_CTLR_DS | GICD_CTLR_ARE_NS)

/* GICD_TYPER: No1N: no interrupt for any one of several CPUs. */
#define TYPER_LINES		GENMASK(4, 0)
#define TYPER_IDBITS		GENMASK(23, 19)
#define TYPER_NO1N		BIT(25)
#define INTID_BITS		10

/*
 * GICD_IIDR and GICR_IIDR: implementer Arm, and the product that KVM names,
 * because userspace carries the register from one host to another.
 */
#define IIDR_IMPLEMENTER	GENMASK(11, 0)
#define IIDR_REVISION		GENMASK(15, 12)
#define IIDR_PRODUCT		GENMASK(31, 24)
#define IIDR_ARM		0x43b
#define IIDR_KVM		0x4b
#define IIDR_REVISION_MIN	2
#define IIDR_REVISION_MAX	3

/* PIDR2: GICv3, JEDEC, Arm's identity code. */
#define PIDR2_GICV3		0x3b
#define IDREGS_SIZE		0x30

/* IROUTER without Aff3, which no vCPU has, and without Interrupt_Routing_Mode. */
#define IROUTER_AFFINITY	AFFINITY_AFF210

static void ctlr_read(struct vgic_access *access)
{
	access->value = CTLR_FIXED;
	if (READ_ONCE(access->vm->vgic.enabled))
		access->value |= GICD_CTLR_ENABLE_SS_G1;
}

static int ctlr_write(const struct vgic_access *access)
{
	vgic_set_enabled(access->vm, access->value & GICD_CTLR_ENABLE_SS_G1);
	return 0;
}

static void typer_read(struct vgic_access *access)
{
	u32 nr = access->vm->vgic.nr_spis + VGIC_NR_PRIVATE;

	access->value = FIELD_PREP(TYPER_LINES, nr / VGIC_NR_PRIVATE - 1) |
			FIELD_PREP(TYPER_IDBITS, INTID_BITS - 1) | TYPER_NO1N;
}

static int typer2_write(const struct vgic_access *access)
{
	return access->user && access->value ? -EINVAL : 0;
}

static void iidr_read(struct vgic_access *access)
{
	u32 revision = READ_ONCE(access->vm->vgic.iidr_revision) ?: IIDR_REVISION_MAX;

	access->value = FIELD_PREP(IIDR_IMPLEMENTER, IIDR_ARM) |
			FIELD_PREP(IIDR_PRODUCT, IIDR_KVM);
	if (!access->vcpu)
		access->value |= FIELD_PREP(IIDR_REVISION, revision);
}

static int iidr_write(const struct vgic_access *access)
{
	u32 revision = FIELD_GET(IIDR_REVISION, access->value);
	struct vgic_access old = *access;

	if (!access->user)
		return 0;
	iidr_read(&old);
	if ((access->value ^ old.value) & ~(u64)IIDR_REVISION ||
	    revision < IIDR_REVISION_MIN || revision > IIDR_REVISION_MAX)
		return -EINVAL;
	WRITE_ONCE(access->vm->vgic.iidr_revision, revision);
	return 0;
}

void vgic_iidr_read(struct vgic_access *access)
{
	iidr_read(access);
}

void vgic_idregs_read(struct vgic_access *access)
{
	if (access->offset == GICD_PIDR2)
		access->value = PIDR2_GICV3;
}

static struct vgic_irq *irouter_irq_get(const struct vgic_access *access)
{
	u32 intid = (access->offset - GICD_IROUTER) * BITS_PER_BYTE / IROUTER_BITS;

	return vgic_irq_get(access->vm, NULL, intid);
}

/* Is it the half with Aff3 that is accessed? */
static bool irouter_is_upper_half(const struct vgic_access *access)
{
	return access->offset & sizeof(u32);
}

static void irouter_read(struct vgic_access *access)
{
	struct vgic_irq *irq = irouter_is_upper_half(access) ? NULL : irouter_irq_get(access);
	unsigned long flags;

	if (!irq)
		return;
	flags = vgic_irq_lock(irq);
	access->value = irq->affinity;
	vgic_irq_unlock(irq, flags);
	vgic_irq_put(irq);
}

static int irouter_write(const struct vgic_access *access)
{
	struct vgic_irq *irq = irouter_is_upper_half(access) ? NULL : irouter_irq_get(access);
	unsigned long flags;

	if (!irq)
		return 0;
	flags = vgic_irq_lock(irq);
	__vgic_irq_route(access->vm, irq, access->value & IROUTER_AFFINITY);
	vgic_irq_unlock(irq, flags);
	vgic_irq_put(irq);
	return 0;
}

static const struct vgic_reg dist_regs[] = {
	{ GICD_CTLR, 4, .read = ctlr_read, .write = ctlr_write },
	{ GICD_TYPER, 4, .read = typer_read },
	{ GICD_IIDR, 4, .read = iidr_read, .write = iidr_write },
	{ GICD_TYPER2, 4, .write = typer2_write },
	{ GICD_STATUSR, 4 },
	{ GICD_IGROUPR, DIST_ARRAY(1), .field = &vgic_field_group },
	{ GICD_ISENABLER, DIST_ARRAY(1), .field = &vgic_field_enable },
	{ GICD_ICENABLER, DIST_ARRAY(1), .field = &vgic_field_disable },
	{ GICD_ISPENDR, DIST_ARRAY(1), .field = &vgic_field_set_pending },
	{ GICD_ICPENDR, DIST_ARRAY(1), .field = &vgic_field_clear_pending },
	{ GICD_ISACTIVER, DIST_ARRAY(1), .field = &vgic_field_set_active },
	{ GICD_ICACTIVER, DIST_ARRAY(1), .field = &vgic_field_clear_active },
	{ GICD_IPRIORITYR, DIST_ARRAY(8), VGIC_WIDTH_8, .field = &vgic_field_priority },
	{ GICD_ITARGETSR, DIST_ARRAY(8), VGIC_WIDTH_8, ITARGETSR_BITS },
	{ GICD_ICFGR, DIST_ARRAY(2), .field = &vgic_field_config },
	{ GICD_IGRPMODR, DIST_ARRAY(1), .bits = 1 },
	{ GICD_IROUTER, DIST_ARRAY(64), VGIC_WIDTH_64, IROUTER_BITS,
	  .read = irouter_read, .write = irouter_write },
	{ GICD_IDREGS, IDREGS_SIZE, .read = vgic_idregs_read },
};

const struct vgic_regs vgic_dist_regs = { dist_regs, ARRAY_SIZE(dist_regs) };
