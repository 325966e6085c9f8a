/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coalesced MMIO: stores of the guest that wait in a ring for userspace.
 */
#ifndef SETWAY_IRQS_COALESCED_H
#define SETWAY_IRQS_COALESCED_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct kvm_coalesced_mmio_ring;
struct kvm_coalesced_mmio_zone;
struct vm;

/* The ring's page in the mapping of a vCPU's file, behind struct kvm_run. */
#define COALESCED_RING_PGOFF	1

/**
 * struct coalesced - a VM's ring, and which stores go into it
 * @lock: @zones, @nr_zones, and adding to @ring; innermost
 * @zones: of &struct coalesced_zone
 * @nr_zones: their number; 0 can be seen without the lock
 * @ring: a page that userspace can write to as well
 */
struct coalesced {
	spinlock_t lock;		/* zones, and adding to the ring */
	struct list_head zones;
	unsigned int nr_zones;
	struct kvm_coalesced_mmio_ring *ring;
};

/**
 * coalesced_init() - an empty ring, no zones
 * @vm: being created
 *
 * Return: 0 or -ENOMEM.
 */
int coalesced_init(struct vm *vm);

/**
 * coalesced_destroy() - undo coalesced_init()
 * @vm: dying
 */
void coalesced_destroy(struct vm *vm);

/**
 * coalesced_page() - the page of the ring
 * @vm: any
 */
struct page *coalesced_page(const struct vm *vm);

/**
 * coalesced_register() - KVM_REGISTER_COALESCED_MMIO
 * @vm: any
 * @zone: as userspace gave it
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL (neither memory nor ports), -ENOSPC, -ENOMEM.
 */
int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);

/**
 * coalesced_unregister() - KVM_UNREGISTER_COALESCED_MMIO
 * @vm: any
 * @range: zones that all of it lies in go
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL (neither memory nor ports).
 */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *range);

/**
 * coalesced_write() - a store of the guest outside its memory
 * @vm: its
 * @ipa: address
 * @len: bytes, at most 8
 * @data: as they would be in memory
 *
 * Return: true when it is in the ring, and that is all there is to do.
 */
bool coalesced_write(struct vm *vm, u64 ipa, unsigned int len, const u8 *data);

#endif /* SETWAY_IRQS_COALESCED_H */
