// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers with a field for each interrupt (ARM IHI 0069H, 12.9 and 12.11):
 * its group, whether it is enabled, pending or active, priority, and trigger.
 *
 * Userspace saves and restores the latch that ISPENDR sets, and the level of the
 * input line apart from it (KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO): so its view of
 * ISPENDR and ICPENDR differs from the guest's.
 */
#include <linux/bits.h>

#include "mmio.h"

/* GICD_ICFGR: bit 1 of the two is "edge-triggered", bit 0 is RES0. */
#define ICFGR_EDGE	BIT(1)

static u32 group_get(const struct vgic_irq *irq)
{
	return irq->group;
}

static void group_set(struct vgic_irq *irq, u32 value)
{
	irq->group = value;
}

const struct vgic_field vgic_field_group = {
	.bits = 1, .get = group_get, .set = group_set,
};

static u32 enable_get(const struct vgic_irq *irq)
{
	return irq->enabled;
}

static void enable_set(struct vgic_irq *irq, u32 one)
{
	irq->enabled = true;
}

static void disable_set(struct vgic_irq *irq, u32 one)
{
	irq->enabled = false;
}

const struct vgic_field vgic_field_enable = {
	.bits = 1, .flags = VGIC_FIELD_ONES, .get = enable_get, .set = enable_set,
};

const struct vgic_field vgic_field_disable = {
	.bits = 1, .flags = VGIC_FIELD_ONES, .get = enable_get, .set = disable_set,
};

static u32 pending_get(const struct vgic_irq *irq)
{
	return __vgic_irq_is_pending(irq);
}

static u32 pending_get_latch(const struct vgic_irq *irq)
{
	return irq->latch;
}

static u32 pending_get_none(const struct vgic_irq *irq)
{
	return 0;
}

static void pending_set(struct vgic_irq *irq, u32 one)
{
	irq->latch = true;
}

static void pending_clear(struct vgic_irq *irq, u32 one)
{
	__vgic_irq_clear_pending(irq);
}

static void pending_set_latch(struct vgic_irq *irq, u32 value)
{
	irq->latch = value;
}

static void pending_ignore(struct vgic_irq *irq, u32 value)
{
}

const struct vgic_field vgic_field_set_pending = {
	.bits = 1, .flags = VGIC_FIELD_ONES, .get = pending_get, .set = pending_set,
	.get_user = pending_get_latch, .set_user = pending_set_latch,
};

const struct vgic_field vgic_field_clear_pending = {
	.bits = 1, .flags = VGIC_FIELD_ONES, .get = pending_get, .set = pending_clear,
	.get_user = pending_get_none, .set_user = pending_ignore,
};

static u32 active_get(const struct vgic_irq *irq)
{
	return irq->active;
}

static void active_set(struct vgic_irq *irq, u32 one)
{
	irq->active = true;
}

static void active_clear(struct vgic_irq *irq, u32 one)
{
	irq->active = false;
}

const struct vgic_field vgic_field_set_active = {
	.bits = 1, .flags = VGIC_FIELD_ONES | VGIC_FIELD_FROZEN,
	.get = active_get, .set = active_set,
};

const struct vgic_field vgic_field_clear_active = {
	.bits = 1, .flags = VGIC_FIELD_ONES | VGIC_FIELD_FROZEN,
	.get = active_get, .set = active_clear,
};

static u32 priority_get(const struct vgic_irq *irq)
{
	return irq->priority;
}

static void priority_set(struct vgic_irq *irq, u32 value)
{
	irq->priority = value & VGIC_PRIORITY_MASK;
}

const struct vgic_field vgic_field_priority = {
	.bits = 8, .get = priority_get, .set = priority_set,
};

static u32 config_get(const struct vgic_irq *irq)
{
	return irq->level ? 0 : ICFGR_EDGE;
}

/* SGIs are edge-triggered.  A GIC may let PPIs be changed; this one does not. */
static void config_set(struct vgic_irq *irq, u32 value)
{
	if (irq->spi)
		irq->level = !(value & ICFGR_EDGE);
}

const struct vgic_field vgic_field_config = {
	.bits = 2, .get = config_get, .set = config_set,
};

static unsigned int field_count(const struct vgic_access *access, const struct vgic_field *field)
{
	return access->len * BITS_PER_BYTE / field->bits;
}

static u32 field_get_one(const struct vgic_access *access, const struct vgic_field *field,
			 struct vgic_irq *irq)
{
	unsigned long flags = vgic_irq_lock(irq);
	u32 value;

	value = access->user && field->get_user ? field->get_user(irq) : field->get(irq);
	vgic_irq_unlock(irq, flags);
	return value;
}

static u64 field_get_each(const struct vgic_access *access, const struct vgic_field *field,
			  u32 first)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < field_count(access, field); i++) {
		struct vgic_irq *irq = vgic_irq_get(access->vm, access->vcpu, first + i);

		if (!irq)
			continue;
		value |= (u64)field_get_one(access, field, irq) << (i * field->bits);
		vgic_irq_put(irq);
	}
	return value;
}

void vgic_field_read(struct vgic_access *access, const struct vgic_field *field, u32 first)
{
	bool freeze = field->flags & VGIC_FIELD_FROZEN;

	if (freeze)
		vgic_freeze(access->vm);
	access->value = field_get_each(access, field, first);
	if (freeze)
		vgic_thaw(access->vm);
}

static void field_set_one(const struct vgic_access *access, const struct vgic_field *field,
			  struct vgic_irq *irq, u32 value)
{
	unsigned long flags;

	if (!(access->user && field->set_user) && (field->flags & VGIC_FIELD_ONES) && !value)
		return;
	flags = vgic_irq_lock(irq);
	if (access->user && field->set_user)
		field->set_user(irq, value);
	else
		field->set(irq, value);
	vgic_irq_unlock(irq, flags);
}

static void field_set_each(const struct vgic_access *access, const struct vgic_field *field,
			   u32 first)
{
	unsigned int i;

	for (i = 0; i < field_count(access, field); i++) {
		struct vgic_irq *irq = vgic_irq_get(access->vm, access->vcpu, first + i);
		u32 value = (access->value >> (i * field->bits)) & GENMASK(field->bits - 1, 0);

		if (!irq)
			continue;
		field_set_one(access, field, irq, value);
		vgic_irq_put(irq);
	}
}

void vgic_field_write(const struct vgic_access *access, const struct vgic_field *field, u32 first)
{
	bool freeze = field->flags & VGIC_FIELD_FROZEN;

	if (freeze)
		vgic_freeze(access->vm);
	field_set_each(access, field, first);
	if (freeze)
		vgic_thaw(access->vm);
}
