/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of module/host need of each other.
 */
#ifndef SETWAY_HOST_TAKEOVER_H
#define SETWAY_HOST_TAKEOVER_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include "../el2/cpu.h"

/* CPUs on which the runtime is installed; a CPU changes only its own bit. */
extern struct cpumask el2_cpus;

/* This CPU's part of the runtime; there while EL2 is taken. */
DECLARE_PER_CPU(struct el2_cpu *, el2_cpu);

/* The runtime as it was built, to be copied: image.S. */
extern const char el2_image_start[], el2_image_end[];

/**
 * el2_hvc() - issue an HVC with arguments and result as the stub has them
 * @call: x0
 * @arg1: x1
 * @arg2: x2
 * @arg3: x3
 * @arg4: x4
 *
 * Context: any; this CPU has an EL2.
 * Return: x0.
 */
u64 el2_hvc(u64 call, u64 arg1, u64 arg2, u64 arg3, u64 arg4);

/**
 * el2_is_stub() - does the kernel's stub own EL2 on this CPU?
 *
 * Context: any; this CPU has an EL2, and no KVM (which may answer alike).
 * Return: false if somebody else answers, another copy of this module included.
 */
bool el2_is_stub(void);

/**
 * el2_warn_of_guests() - log whether a guest can deadlock this machine
 *
 * On CPUs with an erratum that software has to work around in the guest itself.
 *
 * Context: any.
 */
void el2_warn_of_guests(void);

/**
 * el2_map_create() - make the runtime's translation tables
 *
 * Maps all System RAM at its physical address, read-write and not executable,
 * and follows memory hotplug from then on.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; -EFBIG when RAM lies above 48 bits.
 */
int el2_map_create(void);

/**
 * el2_map_image() - make a range read-only and executable
 * @start: physical address, in bytes, page aligned
 * @size: in bytes, page aligned
 *
 * Context: process, may sleep; between el2_map_create() and the first
 * installation.
 * Return: 0 or -ENOMEM.
 */
int el2_map_image(phys_addr_t start, size_t size);

/**
 * el2_map_destroy() - free the tables
 *
 * Context: process, may sleep; the runtime is installed on no CPU.
 */
void el2_map_destroy(void);

/**
 * el2_map_ttbr() - TTBR0_EL2 for the tables
 *
 * Return: physical address of the root.
 */
u64 el2_map_ttbr(void);

/**
 * el2_cpu_features() - what this CPU has of EL2_CPU_*
 *
 * Context: on the CPU in question, preemption off.
 * Return: mask for &struct el2_cpu.features.
 */
u64 el2_cpu_features(void);

/**
 * el2_cpu_hcr() - what guests have to have set in HCR_EL2 on this CPU
 *
 *   TERR TEA   with FEAT_RAS: no error records, and external aborts come to EL2
 *   TLOR       with FEAT_LOR: no LORegions
 *   TVM        on a ThunderX2 (erratum 219) whose cores have more than one thread: a
 *              guest that writes a TTBR and lets a load follow, without an ISB, can give
 *              another thread's context an abort.  Emulated, an ERET follows.
 *
 * Context: on the CPU in question, preemption off.
 * Return: mask for &struct el2_cpu.hcr_set.
 */
u64 el2_cpu_hcr(void);

/**
 * el2_cpu_predictors() - choose what exits on this CPU do about branch predictors
 * @cpu: this CPU's, gets @predictors and @predictors_argument; not installed
 *
 * Context: on the CPU in question, interrupts off.
 */
void el2_cpu_predictors(struct el2_cpu *cpu);

/**
 * el2_image_pa() - where the runtime's image is
 *
 * For messages.
 *
 * Return: its physical address.
 */
phys_addr_t el2_image_pa(void);

/**
 * el2_tlb_flush_own() - drop the runtime's own translations on all CPUs
 *
 * Complete on return.  Context: interrupts on.
 */
void el2_tlb_flush_own(void);

#endif /* SETWAY_HOST_TAKEOVER_H */
