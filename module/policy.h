/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policies by name, which of them this host can have, and what new VMs get.
 */
#ifndef SETWAY_POLICY_H
#define SETWAY_POLICY_H

#include <linux/types.h>

#include "stage2/stage2.h"

struct vm;

/* Of VMs to come: the module parameter "policy". */
extern unsigned int default_policy;

/* How many pages a fault lets the guest in to at most, in VMs to come: parameter "cluster". */
extern unsigned int default_cluster;

/**
 * policy_name() - a policy's name
 * @policy: one that there is
 */
const char *policy_name(enum stage2_policy policy);

/**
 * policy_init() - decide what batches are to clean in a new VM
 * @vm: its stage 2 is initialised
 *
 * That is nothing at all, if its memory is coherent; and else by the policy of new VMs.
 */
void policy_init(struct vm *vm);

/**
 * policy_apply() - give a VM a policy, and the cross-check that the host wants
 * @vm: nothing is mapped
 * @policy: one that policy_check() has let pass
 *
 * A VM whose memory is coherent remembers it, and tracks nothing.
 */
void policy_apply(struct vm *vm, enum stage2_policy policy);

/**
 * policy_check() - can VMs have a policy on this host?
 * @policy: any number
 *
 * Context: process, interrupts on.
 * Return: 0; -EINVAL: there is no such policy; -EOPNOTSUPP: it needs access flags that
 * the CPUs set, and these CPUs do not, or not rightly.
 */
int policy_check(unsigned int policy);

#endif /* SETWAY_POLICY_H */
