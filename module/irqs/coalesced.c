// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO: stores of the guest to zones that userspace has named go into a
 * ring of the VM, without an exit; userspace reads the ring when it runs next.  If
 * the ring is full, a store is an exit as usual.
 *
 *      first             last
 *        v                 v
 *   |    | e  | e  | e  |      |      userspace takes at first, here we add at last
 *
 * One entry stays free, so that a full ring does not look empty.  Userspace can
 * write anything to the page: its index is used only if it is in bounds.
 */
#include <linux/gfp.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "coalesced.h"
#include "../vm.h"

/* Entries that fit into the page, as the API defines it. */
#define RING_ENTRIES	KVM_COALESCED_MMIO_MAX
/* As many as KVM has room for. */
#define ZONES_MAX	1000

/* An address on a bus of ports, which other architectures have. */
#define BUS_PORTS	1

/**
 * struct coalesced_zone - stores that go into the ring
 * @list: on coalesced.zones
 * @addr: guest physical address of the first byte
 * @size: bytes
 * @ports: on the bus that there is not
 */
struct coalesced_zone {
	struct list_head list;
	u64 addr;
	u64 size;
	bool ports;
};

int coalesced_init(struct vm *vm)
{
	struct coalesced *coalesced = &vm->coalesced;

	spin_lock_init(&coalesced->lock);
	INIT_LIST_HEAD(&coalesced->zones);
	coalesced->ring = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return coalesced->ring ? 0 : -ENOMEM;
}

void coalesced_destroy(struct vm *vm)
{
	struct coalesced_zone *zone, *next;

	list_for_each_entry_safe(zone, next, &vm->coalesced.zones, list)
		kfree(zone);
	free_page((unsigned long)vm->coalesced.ring);
}

struct page *coalesced_page(const struct vm *vm)
{
	return virt_to_page(vm->coalesced.ring);
}

static bool zone_covers(const struct coalesced_zone *zone, bool ports, u64 addr, u64 size)
{
	return zone->ports == ports && addr >= zone->addr && size <= zone->size &&
	       addr - zone->addr <= zone->size - size;
}

int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone)
{
	struct coalesced *coalesced = &vm->coalesced;
	struct coalesced_zone *new;
	bool full;

	if (zone->pio > BUS_PORTS)
		return -EINVAL;
	new = kmalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	*new = (struct coalesced_zone) {
		.addr = zone->addr, .size = zone->size, .ports = zone->pio,
	};
	spin_lock(&coalesced->lock);
	full = coalesced->nr_zones == ZONES_MAX;
	if (!full) {
		list_add_tail(&new->list, &coalesced->zones);
		WRITE_ONCE(coalesced->nr_zones, coalesced->nr_zones + 1);
	}
	spin_unlock(&coalesced->lock);
	if (full)
		kfree(new);
	return full ? -ENOSPC : 0;
}

int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *range)
{
	struct coalesced *coalesced = &vm->coalesced;
	struct coalesced_zone *zone, *next;

	if (range->pio > BUS_PORTS)
		return -EINVAL;
	spin_lock(&coalesced->lock);
	list_for_each_entry_safe(zone, next, &coalesced->zones, list) {
		if (zone_covers(zone, range->pio, range->addr, range->size)) {
			list_del(&zone->list);
			WRITE_ONCE(coalesced->nr_zones, coalesced->nr_zones - 1);
			kfree(zone);
		}
	}
	spin_unlock(&coalesced->lock);
	return 0;
}

static bool __coalesced_wants(const struct coalesced *coalesced, u64 ipa, unsigned int len)
{
	const struct coalesced_zone *zone;

	list_for_each_entry(zone, &coalesced->zones, list)
		if (zone_covers(zone, false, ipa, len))
			return true;
	return false;
}

/* Return: false when there is no room. */
static bool __ring_add(struct kvm_coalesced_mmio_ring *ring, u64 ipa, unsigned int len,
		       const u8 *data)
{
	u32 last = READ_ONCE(ring->last);
	u32 next = (last + 1) % RING_ENTRIES;
	struct kvm_coalesced_mmio *entry;

	/* Userspace has finished with an entry before it moves first past the entry. */
	if (last >= RING_ENTRIES || next == smp_load_acquire(&ring->first))
		return false;
	entry = &ring->coalesced_mmio[last];
	entry->phys_addr = ipa;
	entry->len = len;
	entry->pio = 0;
	memcpy(entry->data, data, len);
	/* The entry comes before the index; pairs with userspace's reading of last. */
	smp_store_release(&ring->last, next);
	return true;
}

bool coalesced_write(struct vm *vm, u64 ipa, unsigned int len, const u8 *data)
{
	struct coalesced *coalesced = &vm->coalesced;
	bool added;

	if (!READ_ONCE(coalesced->nr_zones))
		return false;
	spin_lock(&coalesced->lock);
	added = __coalesced_wants(coalesced, ipa, len) &&
		__ring_add(coalesced->ring, ipa, len, data);
	spin_unlock(&coalesced->lock);
	return added;
}
