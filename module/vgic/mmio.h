/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GIC's registers in memory: the distributor's and the redistributors', for
 * the guest (MMIO) and for userspace (device attributes).  Both are tables, in
 * which mmio.c finds a register.  fields.c has registers with a field for each
 * interrupt.
 */
#ifndef SETWAY_VGIC_MMIO_H
#define SETWAY_VGIC_MMIO_H

#include <linux/bits.h>
#include <linux/types.h>

#include "vgic.h"

/**
 * struct vgic_access - one access to a register
 * @vm: whose GIC
 * @vcpu: whose redistributor; NULL: the distributor
 * @offset: in the distributor or in the two frames of the redistributor
 * @len: 1, 2, 4 or 8 bytes
 * @user: by userspace, with no vCPU running, rather than by the guest
 * @value: what is written, or, filled in, what is read
 */
struct vgic_access {
	struct vm *vm;
	struct vcpu *vcpu;
	u32 offset;
	u8 len;
	bool user;
	u64 value;
};

/* struct vgic_field.flags */
#define VGIC_FIELD_ONES		BIT(0)	/* a written 0 changes nothing */
#define VGIC_FIELD_FROZEN	BIT(1)	/* needs vgic_freeze() */

/**
 * struct vgic_field - a property that each interrupt has in a register of its own
 * @bits: in the register, for each interrupt
 * @flags: VGIC_FIELD_*
 * @get: its value; the interrupt is locked
 * @set: change it; the interrupt is locked
 * @get_user: for userspace, if that is something else
 * @set_user: likewise; called for zeros as well
 */
struct vgic_field {
	u8 bits;
	u8 flags;
	u32 (*get)(const struct vgic_irq *irq);
	void (*set)(struct vgic_irq *irq, u32 value);
	u32 (*get_user)(const struct vgic_irq *irq);
	void (*set_user)(struct vgic_irq *irq, u32 value);
};

/* IGROUPR, ISENABLER, ICENABLER, ISPENDR, ICPENDR, ISACTIVER, ICACTIVER, IPRIORITYR, ICFGR */
extern const struct vgic_field vgic_field_group;
extern const struct vgic_field vgic_field_enable;
extern const struct vgic_field vgic_field_disable;
extern const struct vgic_field vgic_field_set_pending;
extern const struct vgic_field vgic_field_clear_pending;
extern const struct vgic_field vgic_field_set_active;
extern const struct vgic_field vgic_field_clear_active;
extern const struct vgic_field vgic_field_priority;
extern const struct vgic_field vgic_field_config;

/**
 * vgic_field_read() - read a register that consists of a field of many interrupts
 * @access: value is filled in
 * @field: which
 * @first: the interrupt that the access begins with
 */
void vgic_field_read(struct vgic_access *access, const struct vgic_field *field, u32 first);

/**
 * vgic_field_write() - write such a register
 * @access: what
 * @field: which
 * @first: the interrupt that the access begins with
 */
void vgic_field_write(const struct vgic_access *access, const struct vgic_field *field,
		      u32 first);

/* struct vgic_reg.widths: all can be accessed by 32 bits, some in other ways too. */
#define VGIC_WIDTH_8	BIT(0)
#define VGIC_WIDTH_64	BIT(1)

/**
 * struct vgic_reg - one register, or an array of equal ones
 * @offset: of the first
 * @size: of all of them, in bytes
 * @widths: VGIC_WIDTH_*
 * @bits: for each interrupt, if it is about interrupts
 * @field: what it is made of, or NULL
 * @read: without @field: fill in the value; NULL: reads as 0
 * @write: without @field: NULL: writes are ignored.  Returns 0, or -EINVAL to
 *	userspace
 */
struct vgic_reg {
	u32 offset;
	u32 size;
	u8 widths;
	u8 bits;
	const struct vgic_field *field;
	void (*read)(struct vgic_access *access);
	int (*write)(const struct vgic_access *access);
};

/**
 * struct vgic_regs - the registers of a distributor or redistributor
 * @reg: sorted by offset
 * @nr: how many
 */
struct vgic_regs {
	const struct vgic_reg *reg;
	unsigned int nr;
};

extern const struct vgic_regs vgic_dist_regs;
extern const struct vgic_regs vgic_redist_regs;

/**
 * vgic_reg_exists() - can a register be accessed in this way?
 * @access: how
 *
 * Return: false also for interrupts that the GIC does not have.
 */
bool vgic_reg_exists(const struct vgic_access *access);

/**
 * vgic_reg_read() - read a register; what there is not reads as 0
 * @access: value is filled in
 *
 * Context: process, may sleep.
 */
void vgic_reg_read(struct vgic_access *access);

/**
 * vgic_reg_write() - write a register; what there is not ignores it
 * @access: what
 *
 * Context: process, may sleep.
 * Return: 0, or -EINVAL to userspace, for a value that the register cannot have.
 */
int vgic_reg_write(const struct vgic_access *access);

/** vgic_iidr_read() - GICD_IIDR and GICR_IIDR */
void vgic_iidr_read(struct vgic_access *access);

/** vgic_idregs_read() - the identification registers at the end of a frame */
void vgic_idregs_read(struct vgic_access *access);

/* v3/region.c: where the distributor and the redistributors are */

/**
 * vgic_region_add() - KVM_VGIC_V3_ADDR_TYPE_REDIST and _REDIST_REGION
 * @vm: vm->lock and vgic.lock are held, GIC created
 * @index: as userspace numbers them, one after the other
 * @base: guest physical address
 * @count: redistributors; 0: as many as there will be vCPUs
 *
 * vCPUs without a redistributor get theirs, in the order of their creation.
 * Return: 0, or -EINVAL, -EEXIST, -E2BIG, -ENOMEM, as KVM; -EBUSY: a vCPU has run.
 */
int vgic_region_add(struct vm *vm, u32 index, u64 base, u32 count);

/**
 * vgic_region_find() - a region by its number
 * @vgic: its lock is held
 * @index: any
 *
 * Return: it, or NULL.
 */
struct vgic_rd_region *vgic_region_find(struct vgic *vgic, u32 index);

/**
 * vgic_region_remove_all() - undo vgic_region_add()
 * @vm: vm->lock and vgic.lock are held, no vCPU has run
 */
void vgic_region_remove_all(struct vm *vm);

/**
 * vgic_set_dist_base() - KVM_VGIC_V3_ADDR_TYPE_DIST
 * @vm: vm->lock and vgic.lock are held, GIC created
 * @base: guest physical address
 *
 * Return: 0, or -EEXIST (it has one), -EINVAL, -E2BIG.
 */
int vgic_set_dist_base(struct vm *vm, u64 base);

/**
 * vgic_redist_is_last() - GICR_TYPER.Last
 * @vcpu: any
 *
 * Return: true when no other redistributor follows this vCPU's.
 */
bool vgic_redist_is_last(const struct vcpu *vcpu);

#endif /* SETWAY_VGIC_MMIO_H */
