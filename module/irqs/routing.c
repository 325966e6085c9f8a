// SPDX-License-Identifier: GPL-2.0-only
/*
 * GSIs: the numbers by which irqfds name interrupts.  At first each is the SPI
 * of its number; userspace may change that.  A route to an MSI is accepted and
 * raises nothing, because there is no ITS to translate the message.  A VM of
 * KVM without an ITS behaves likewise.
 */
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "routing.h"
#include "../vm.h"

#define NO_PIN		(-1)
#define MSI_PIN		(-2)	/* routed, to no pin */
#define PINS_MAX	(VGIC_MAX_SPI + 1 - VGIC_NR_PRIVATE)

static struct routing *routing_alloc(u32 nr)
{
	struct routing *routing;
	u32 gsi;

	routing = kmalloc(struct_size(routing, pin, nr), GFP_KERNEL_ACCOUNT);
	if (!routing)
		return NULL;
	routing->nr = nr;
	for (gsi = 0; gsi < nr; gsi++)
		routing->pin[gsi] = NO_PIN;
	return routing;
}

static bool entry_is_sane(const struct kvm_irq_routing_entry *entry)
{
	if (entry->gsi >= ROUTING_MAX)
		return false;
	switch (entry->type) {
	case KVM_IRQ_ROUTING_IRQCHIP:
		return !entry->flags && !entry->u.irqchip.irqchip &&
		       entry->u.irqchip.pin < PINS_MAX;
	case KVM_IRQ_ROUTING_MSI:
		return !(entry->flags & ~KVM_MSI_VALID_DEVID);
	default:
		return false;
	}
}

static s16 entry_pin(const struct kvm_irq_routing_entry *entry)
{
	return entry->type == KVM_IRQ_ROUTING_MSI ? MSI_PIN : entry->u.irqchip.pin;
}

static int routing_fill(struct routing *routing, const struct kvm_irq_routing_entry *entries,
			u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		s16 *pin = &routing->pin[entries[i].gsi];

		if (*pin != NO_PIN)
			return -EINVAL;
		*pin = entry_pin(&entries[i]);
	}
	return 0;
}

static struct routing *routing_make(const struct kvm_irq_routing_entry *entries, u32 nr)
{
	struct routing *routing;
	u32 i, gsis = 0;
	int ret;

	for (i = 0; i < nr; i++) {
		if (!entry_is_sane(&entries[i]))
			return ERR_PTR(-EINVAL);
		gsis = max(gsis, entries[i].gsi + 1);
	}
	routing = routing_alloc(gsis);
	if (!routing)
		return ERR_PTR(-ENOMEM);
	ret = routing_fill(routing, entries, nr);
	if (ret) {
		kfree(routing);
		return ERR_PTR(ret);
	}
	return routing;
}

static void __routing_publish(struct vm *vm, struct routing *new)
{
	struct routing *old = rcu_replace_pointer(vm->routing, new, true);

	if (old)
		kfree_rcu(old, rcu);
}

void __routing_set_default(struct vm *vm)
{
	__routing_publish(vm, NULL);
}

static int routing_apply(struct vm *vm, const struct kvm_irq_routing_entry *entries, u32 nr)
{
	struct routing *routing = routing_make(entries, nr);

	if (IS_ERR(routing))
		return PTR_ERR(routing);
	if (mutex_lock_killable(&vm->lock)) {
		kfree(routing);
		return -EINTR;
	}
	__routing_publish(vm, routing);
	mutex_unlock(&vm->lock);
	return 0;
}

int routing_set(struct vm *vm, const struct kvm_irq_routing __user *arg)
{
	struct kvm_irq_routing_entry *entries;
	struct kvm_irq_routing header;
	int ret;

	if (copy_from_user(&header, arg, sizeof(header)))
		return -EFAULT;
	if (header.nr > ROUTING_MAX || header.flags)
		return -EINVAL;
	entries = vmemdup_user(arg->entries, array_size(sizeof(*entries), header.nr));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	ret = routing_apply(vm, entries, header.nr);
	kvfree(entries);
	return ret;
}

int routing_gsi_to_pin(const struct vm *vm, u32 gsi)
{
	const struct routing *routing = rcu_dereference(vm->routing);

	if (!routing)
		return gsi < PINS_MAX ? gsi : NO_PIN;
	if (gsi >= routing->nr)
		return NO_PIN;
	return routing->pin[array_index_nospec(gsi, routing->nr)];
}
