/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VTCR_EL2 of a VM.
 */
#ifndef SETWAY_STAGE2_VTCR_H
#define SETWAY_STAGE2_VTCR_H

#include "stage2.h"

/**
 * stage2_vtcr() - the VTCR_EL2 that goes with a VM's tables
 * @s2: initialised
 *
 * Return: the register (ARM DDI 0487J.a, D19.2.147).
 */
u64 stage2_vtcr(const struct stage2 *s2);

#endif /* SETWAY_STAGE2_VTCR_H */
