/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMIDs: a VM gets one when it enters a CPU, and loses it when all VMIDs have
 * run out.
 */
#ifndef SETWAY_MEMORY_VMID_H
#define SETWAY_MEMORY_VMID_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct vmid - a VM's identifier in the TLBs
 * @generation: the rollover period in which @id is valid; 0 is never current
 * @id: 1 to the largest VMID; 0 is the host's
 */
struct vmid {
	atomic64_t generation;
	u32 id;
};

/**
 * vmid_init() - find out how many VMIDs there are
 *
 * VMIDs have 8 or 16 bits (ID_AA64MMFR1_EL1.VMIDBits, ARM DDI 0487J.a, D19.2.65);
 * the module parameter vmid_bits makes them fewer, for tests of the rollover.
 */
void vmid_init(void);

/** vmid_bits_hw() - 8 or 16, for VTCR_EL2.VS */
unsigned int vmid_bits_hw(void);

/* The rollover period of this moment. */
extern atomic64_t vmid_generation;

/**
 * vmid_is_current() - may a VM be entered with the VMID it has?
 * @vmid: the VM's
 *
 * Context: interrupts off from here until the guest is left, so that a
 * rollover waits (it interrupts every CPU).
 */
static inline bool vmid_is_current(const struct vmid *vmid)
{
	/*
	 * Pairs with the release in vmid_renew(): the id read after this belongs to
	 * the generation.
	 */
	return atomic64_read_acquire(&vmid->generation) == atomic64_read(&vmid_generation);
}

/**
 * vmid_renew() - give a VM a VMID of this generation
 * @vmid: the VM's
 *
 * May start a new generation: then every guest is made to exit, and the TLBs
 * are emptied, before anyone gets a VMID.
 *
 * Context: process, interrupts and preemption on.
 */
void vmid_renew(struct vmid *vmid);

#endif /* SETWAY_MEMORY_VMID_H */
