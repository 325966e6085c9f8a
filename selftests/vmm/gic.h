/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's interrupt controller: a GICv3 that the hypervisor emulates.
 */
#ifndef SELFTESTS_VMM_GIC_H
#define SELFTESTS_VMM_GIC_H

#include "../lib/vm.h"

/**
 * gic_create() - create and initialise a VM's GICv3
 * @vm: the VM, with all of its vCPUs
 */
void gic_create(struct vm *vm);

/**
 * gic_spi_set() - set the level of a shared peripheral interrupt
 * @vm: the VM
 * @spi: 0 for INTID 32, and so on
 * @level: asserted?
 */
void gic_spi_set(struct vm *vm, u32 spi, bool level);

#endif /* SELFTESTS_VMM_GIC_H */
