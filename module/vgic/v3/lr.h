/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * List registers of a GICv3: how many there are.
 */
#ifndef SETWAY_VGIC_V3_LR_H
#define SETWAY_VGIC_V3_LR_H

/**
 * vgic_vtr() - ICH_VTR_EL2 of the host, of all CPUs the least
 */
unsigned long long vgic_vtr(void);

/**
 * vgic_nr_lrs() - how many list registers every CPU has
 */
unsigned int vgic_nr_lrs(void);

#endif /* SETWAY_VGIC_V3_LR_H */
