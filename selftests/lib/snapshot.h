/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole VM as a VMM carries it from one place to another: its memory, the
 * registers of its vCPUs, and what its GIC knows.
 *
 * No vCPU runs meanwhile, and none owes userspace an MMIO access.
 */
#ifndef SELFTESTS_LIB_SNAPSHOT_H
#define SELFTESTS_LIB_SNAPSHOT_H

#include "vm.h"

/** enum snapshot_way - what VMMs differ in */
enum snapshot_way {
	SNAPSHOT_VCPUS_FIRST,	/* vCPUs, then the GIC; devices raise their lines again */
	SNAPSHOT_GIC_FIRST,	/* the GIC with its lines, then the vCPUs */
};

/**
 * struct machine - a VM and its GIC
 * @vm: the VM
 * @gic: the GIC's file descriptor, of gic_create()
 */
struct machine {
	struct vm *vm;
	int gic;
};

/**
 * machine_destroy() - free both
 * @machine: to be filled in anew
 */
void machine_destroy(struct machine *machine);

/**
 * vcpu_complete() - do what the last exit left open, and no more
 * @vcpu: back from KVM_RUN
 */
void vcpu_complete(struct vcpu *vcpu);

/**
 * snapshot_take() - save a machine
 * @machine: stays as it is
 * @way: what is saved
 *
 * Return: the snapshot; to be freed by snapshot_free().
 */
struct snapshot *snapshot_take(const struct machine *machine, enum snapshot_way way);

/**
 * snapshot_restore() - make a machine that goes on where another was
 * @snapshot: of that one
 *
 * Return: the machine, with vCPUs in the same order.
 */
struct machine snapshot_restore(const struct snapshot *snapshot);

/**
 * snapshot_compare() - fail unless two snapshots are of the same state
 * @a: one
 * @b: the other; taken in the same way
 *
 * Time passes and is not compared, nor is memory.
 */
void snapshot_compare(const struct snapshot *a, const struct snapshot *b);

/**
 * snapshot_free() - forget one
 * @snapshot: from snapshot_take()
 */
void snapshot_free(struct snapshot *snapshot);

#endif /* SELFTESTS_LIB_SNAPSHOT_H */
