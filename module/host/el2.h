/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2 as the rest of the module sees it: taken once at load, given back at
 * unload, and called by hypercall in between.
 */
#ifndef SETWAY_HOST_EL2_H
#define SETWAY_HOST_EL2_H

#include <linux/types.h>
#include "../el2/context.h"
#include "../el2/nvhe/abi.h"

struct seq_file;

/**
 * el2_probe_refusals() - may this kernel's EL2 be taken at all?
 *
 * Changes nothing.  Logs one line that says what to do when the answer is no.
 *
 * Context: process, may sleep.
 * Return: 0; -ENODEV when there is no EL2 to take (no EL2, or the kernel itself
 * runs there); -EBUSY when somebody else has it (KVM, another hypervisor).
 */
int el2_probe_refusals(void);

/**
 * el2_take() - load the runtime and install it on every CPU, present and future
 *
 * Context: process, may sleep.
 * Return: 0, or a negative errno with nothing left installed.
 */
int el2_take(void);

/**
 * el2_give_back() - restore EL2 on every CPU exactly as it was found
 *
 * Context: process, may sleep; no vCPU exists any more.
 */
void el2_give_back(void);

/**
 * el2_show_mitigations() - print for each CPU how guests are kept from its predictors
 * @m: where to
 *
 * Context: process, may sleep.
 */
void el2_show_mitigations(struct seq_file *m);

/**
 * el2_access_flag_refusal() - why can the CPUs not set access flags at stage 2?
 *
 * Context: process, interrupts on.
 * Return: in words; NULL if they can.
 */
const char *el2_access_flag_refusal(void);

/**
 * el2_run() - enter a guest on this CPU and come back at its next exit
 * @vcpu: the vCPU's EL2 state
 *
 * Context: interrupts off; with SVE or SME, between kernel_neon_begin() and
 * kernel_neon_end().
 * Return: &enum el2_exit, or -ENXIO when the runtime is not installed on this
 * CPU (the machine is going down).
 */
int el2_run(struct el2_vcpu *vcpu);

/**
 * el2_gic_vtr() - ICH_VTR_EL2 of this CPU
 *
 * Context: preemption off.
 * Return: the value, never 0; 0 when there is no GIC for guests.
 */
u64 el2_gic_vtr(void);

/**
 * el2_tlb_flush_vmid() - drop all TLB entries of a VMID on all CPUs
 * @vttbr: VTTBR_EL2 of the VM
 *
 * Complete (DSB) on return.  So are the others that concern all CPUs.
 *
 * Context: any, with interrupts on (a CPU that is going down has lost EL2, and
 * asks another one).
 */
void el2_tlb_flush_vmid(u64 vttbr);

/**
 * el2_tlb_flush_ipa() - drop the TLB entries of one IPA on all CPUs
 * @vttbr: VTTBR_EL2 of the VM
 * @ipa: any address in the page or block, in bytes
 *
 * Drops combined stage 1 and 2 entries of the VMID as well, as they are not
 * tagged by IPA (ARM DDI 0487J.a, D8.13).  Complete on return.
 */
void el2_tlb_flush_ipa(u64 vttbr, u64 ipa);

/**
 * el2_tlb_flush_local() - drop a VMID's TLB entries and the I-cache on this CPU
 * @vttbr: VTTBR_EL2 of the VM
 *
 * Context: preemption off.  For a vCPU that follows another one of its VM here.
 */
void el2_tlb_flush_local(u64 vttbr);

/**
 * el2_tlb_flush_all() - drop the EL1&0 TLB entries of every VMID on all CPUs
 *
 * For VMID rollover.  Complete on return.
 */
void el2_tlb_flush_all(void);

#endif /* SETWAY_HOST_EL2_H */
