// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an address to a register: of the distributor or of a redistributor, by
 * the guest's address or by userspace's offset, in the ways that the register
 * can be accessed.  An access that the architecture leaves UNPREDICTABLE reads
 * as 0 and writes nothing.
 */
#include <linux/align.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kvm.h>
#include <linux/xarray.h>

#include "../table.h"
#include "../trap/trap.h"
#include "../vcpu.h"
#include "../vm.h"
#include "mmio.h"

/* The registers of a frame, in blocks of which each has only a few. */
#define BLOCK_SHIFT	7

static u8 dist_first[KVM_VGIC_V3_DIST_SIZE >> BLOCK_SHIFT] __ro_after_init;
static u8 redist_first[KVM_VGIC_V3_REDIST_SIZE >> BLOCK_SHIFT] __ro_after_init;

static const struct vgic_reg *reg_find(const struct vgic_access *access)
{
	const struct vgic_regs *regs = access->vcpu ? &vgic_redist_regs : &vgic_dist_regs;
	u32 block = access->offset >> BLOCK_SHIFT;
	unsigned int i;

	/* Userspace may name any offset. */
	if (block >= (access->vcpu ? ARRAY_SIZE(redist_first) : ARRAY_SIZE(dist_first)))
		return NULL;
	for (i = access->vcpu ? redist_first[block] : dist_first[block]; i < regs->nr; i++) {
		const struct vgic_reg *reg = &regs->reg[i];

		if (access->offset < reg->offset + reg->size)
			return access->offset >= reg->offset ? reg : NULL;
	}
	return NULL;
}

static u32 __init reg_last(const void *reg)
{
	const struct vgic_reg *last = reg;

	return last->offset + last->size - 1;
}

/* Nor may two of them overlap. */
static bool __init regs_are_sorted(const struct vgic_regs *regs)
{
	unsigned int i;

	for (i = 1; i < regs->nr; i++)
		if (regs->reg[i - 1].offset + regs->reg[i - 1].size > regs->reg[i].offset)
			return false;
	return true;
}

bool __init vgic_tables_init(void)
{
	table_index(dist_first, ARRAY_SIZE(dist_first), BLOCK_SHIFT, vgic_dist_regs.reg,
		    vgic_dist_regs.nr, sizeof(struct vgic_reg), reg_last);
	table_index(redist_first, ARRAY_SIZE(redist_first), BLOCK_SHIFT, vgic_redist_regs.reg,
		    vgic_redist_regs.nr, sizeof(struct vgic_reg), reg_last);
	return regs_are_sorted(&vgic_dist_regs) && regs_are_sorted(&vgic_redist_regs);
}

static bool reg_has_width(const struct vgic_reg *reg, unsigned int len)
{
	switch (len) {
	case sizeof(u8):
		return reg->widths & VGIC_WIDTH_8;
	case sizeof(u32):
		return true;
	case sizeof(u64):
		return reg->widths & VGIC_WIDTH_64;
	default:
		return false;
	}
}

static unsigned int reg_bits(const struct vgic_reg *reg)
{
	return reg->field ? reg->field->bits : reg->bits;
}

/* Return: the first of the interrupts that an access is about. */
static u32 reg_intid(const struct vgic_reg *reg, const struct vgic_access *access)
{
	return (access->offset - reg->offset) * BITS_PER_BYTE / reg_bits(reg);
}

static const struct vgic_reg *reg_find_fitting(const struct vgic_access *access)
{
	const struct vgic_reg *reg = reg_find(access);

	if (!reg || !reg_has_width(reg, access->len) || !IS_ALIGNED(access->offset, access->len))
		return NULL;
	return reg;
}

bool vgic_reg_exists(const struct vgic_access *access)
{
	const struct vgic_reg *reg = reg_find_fitting(access);

	if (!reg)
		return false;
	return !reg_bits(reg) ||
	       reg_intid(reg, access) < access->vm->vgic.nr_spis + VGIC_NR_PRIVATE;
}

static void reg_read(const struct vgic_reg *reg, struct vgic_access *access)
{
	access->value = 0;
	if (!reg)
		return;
	if (reg->field)
		vgic_field_read(access, reg->field, reg_intid(reg, access));
	else if (reg->read)
		reg->read(access);
}

static int reg_write(const struct vgic_reg *reg, const struct vgic_access *access)
{
	if (!reg)
		return 0;
	if (reg->field)
		vgic_field_write(access, reg->field, reg_intid(reg, access));
	else if (reg->write)
		return reg->write(access);
	return 0;
}

void vgic_reg_read(struct vgic_access *access)
{
	reg_read(reg_find_fitting(access), access);
}

int vgic_reg_write(const struct vgic_access *access)
{
	return reg_write(reg_find_fitting(access), access);
}

static bool reg_sleeps(const struct vgic_reg *reg)
{
	return reg && reg->field && reg->field->flags & VGIC_FIELD_FROZEN;
}

/* Find out whose register it is: fill in vcpu and offset. */
static bool mmio_find(struct vgic_access *access, u64 ipa)
{
	struct vgic *vgic = &access->vm->vgic;

	if (ipa - vgic->dist_base < KVM_VGIC_V3_DIST_SIZE) {
		access->offset = ipa - vgic->dist_base;
		return true;
	}
	access->vcpu = xa_load(&vgic->frames, ipa >> VGIC_FRAME_SHIFT);
	if (!access->vcpu)
		return false;
	access->offset = ipa - access->vcpu->vgic.rd_base;
	return true;
}

int vgic_mmio(struct vcpu *vcpu, u64 ipa, unsigned int len, bool is_write, u64 *value)
{
	struct vgic_access access = { .vm = vcpu->vm, .len = len, .value = *value };
	const struct vgic_reg *reg;

	/* Pairs with the release in vgic_start(): the addresses are final. */
	if (!smp_load_acquire(&vcpu->vm->vgic.ready) || !mmio_find(&access, ipa))
		return 0;
	reg = reg_find_fitting(&access);
	if (vcpu->atomic && reg_sleeps(reg))
		return TRAP_SLEEPS;
	/*
	 * The guest may have changed a timer, and so the timer's line, since it was
	 * entered.
	 */
	if (access.vcpu == vcpu)
		timer_update(vcpu);
	if (is_write)
		reg_write(reg, &access);
	else
		reg_read(reg, &access);
	*value = access.value;
	return 1;
}
