// SPDX-License-Identifier: GPL-2.0-only
/*
 * A redistributor's registers (ARM IHI 0069H, 12.11): the frame of the CPU, without
 * LPIs and always awake, and that of its SGIs and PPIs.
 */
#include <linux/bitfield.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/kernel.h>
#include <linux/sizes.h>

#include "../../affinity.h"
#include "../../vcpu.h"
#include "../mmio.h"

#define SGI_FRAME(reg)		(SZ_64K + (reg))
#define PRIVATE_ARRAY(bits)	(VGIC_NR_PRIVATE * (bits) / BITS_PER_BYTE)

#define TYPER_NUMBER		GENMASK_ULL(23, 8)
#define IDREGS_SIZE		0x30

static void typer_read(struct vgic_access *access)
{
	const struct vcpu *vcpu = access->vcpu;
	u64 typer = FIELD_PREP(GICR_TYPER_AFFINITY, vcpu->el2.vmpidr_el2 & AFFINITY_AFF210) |
		    FIELD_PREP(TYPER_NUMBER, vcpu->id);

	if (vgic_redist_is_last(vcpu))
		typer |= GICR_TYPER_LAST;
	access->value = access->offset == GICR_TYPER ? typer : upper_32_bits(typer);
	if (access->len == sizeof(u32))
		access->value = lower_32_bits(access->value);
}

/*
 * Registers without a handler read as 0: nothing is in flight (CTLR, SYNCR),
 * nothing sleeps (WAKER), and there are no LPIs, so no tables and no
 * invalidation.
 */
static const struct vgic_reg redist_regs[] = {
	{ GICR_CTLR, 4 },
	{ GICR_IIDR, 4, .read = vgic_iidr_read },
	{ GICR_TYPER, 8, VGIC_WIDTH_64, .read = typer_read },
	{ GICR_STATUSR, 4 },
	{ GICR_WAKER, 4 },
	{ GICR_PROPBASER, 8, VGIC_WIDTH_64 },
	{ GICR_PENDBASER, 8, VGIC_WIDTH_64 },
	{ GICR_INVLPIR, 8, VGIC_WIDTH_64 },
	{ GICR_INVALLR, 8, VGIC_WIDTH_64 },
	{ GICR_SYNCR, 4 },
	{ GICR_IDREGS, IDREGS_SIZE, .read = vgic_idregs_read },
	{ SGI_FRAME(GICR_IGROUPR0), PRIVATE_ARRAY(1), .field = &vgic_field_group },
	{ SGI_FRAME(GICR_ISENABLER0), PRIVATE_ARRAY(1), .field = &vgic_field_enable },
	{ SGI_FRAME(GICR_ICENABLER0), PRIVATE_ARRAY(1), .field = &vgic_field_disable },
	{ SGI_FRAME(GICR_ISPENDR0), PRIVATE_ARRAY(1), .field = &vgic_field_set_pending },
	{ SGI_FRAME(GICR_ICPENDR0), PRIVATE_ARRAY(1), .field = &vgic_field_clear_pending },
	{ SGI_FRAME(GICR_ISACTIVER0), PRIVATE_ARRAY(1), .field = &vgic_field_set_active },
	{ SGI_FRAME(GICR_ICACTIVER0), PRIVATE_ARRAY(1), .field = &vgic_field_clear_active },
	{ SGI_FRAME(GICR_IPRIORITYR0), PRIVATE_ARRAY(8), VGIC_WIDTH_8,
	  .field = &vgic_field_priority },
	{ SGI_FRAME(GICR_ICFGR0), PRIVATE_ARRAY(2), .field = &vgic_field_config },
	{ SGI_FRAME(GICR_IGRPMODR0), PRIVATE_ARRAY(1) },
	{ SGI_FRAME(GICR_NSACR), 4 },
};

const struct vgic_regs vgic_redist_regs = { redist_regs, ARRAY_SIZE(redist_regs) };
