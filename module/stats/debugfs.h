/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/kernel/debug/setway: totals, and a directory for each VM and vCPU.
 * A failure here never fails a VM.
 */
#ifndef SETWAY_STATS_DEBUGFS_H
#define SETWAY_STATS_DEBUGFS_H

#include "counters.h"

struct vcpu;
struct vm;

/** stats_init() - create the top directory and its totals */
void stats_init(void);

/** stats_exit() - remove everything */
void stats_exit(void);

/**
 * stats_add_vm() - create a VM's directory
 * @vm: its name is set; on vm_list, and so in the totals
 */
void stats_add_vm(struct vm *vm);

/**
 * stats_remove_vm() - remove a VM's directory; the totals still have its counts
 * @vm: its stage-2 is destroyed only after this
 *
 * Waits for readers of the files.  Context: may sleep; vm_list_lock not held.
 */
void stats_remove_vm(struct vm *vm);

/**
 * stats_retire_vm() - take a dead VM off vm_list, and keep its counts
 * @vm: stage-2 destroyed, vCPUs not yet; what mapped_pages and tables still
 *	count is a leak, and shows in the totals for ever
 */
void stats_retire_vm(struct vm *vm);

/**
 * stats_add_vcpu() - create a vCPU's directory below its VM's
 * @vcpu: its VM has a directory
 */
void stats_add_vcpu(struct vcpu *vcpu);

/**
 * stats_vm_counter() - what the vCPUs of a VM have counted
 * @vm: any
 * @counter: which
 *
 * Return: their sum, or the greatest, as the row says.
 */
u64 stats_vm_counter(struct vm *vm, enum counter counter);

#endif /* SETWAY_STATS_DEBUGFS_H */
