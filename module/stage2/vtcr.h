/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VTCR_EL2 of a VM.
 */
#ifndef SETWAY_STAGE2_VTCR_H
#define SETWAY_STAGE2_VTCR_H

#include <linux/bits.h>
#include <linux/minmax.h>

#include "stage2.h"

/* ID_AA64MMFR0_EL1.PARange (ARM DDI 0487J.a, D19.2.64). */
#define MMFR0_PARANGE	GENMASK_ULL(3, 0)
#define PARANGE_48	5	/* all that an entry of a 4 KiB granule can say */

/**
 * stage2_parange() - size of the output addresses, as VTCR_EL2.PS and TCR_EL2.PS have it
 * @mmfr0: ID_AA64MMFR0_EL1
 *
 * Return: PARange, PARANGE_48 at the most.
 */
static inline u64 stage2_parange(u64 mmfr0)
{
	return min_t(u64, mmfr0 & MMFR0_PARANGE, PARANGE_48);
}

/**
 * stage2_ia_bits_max() - the largest IPA space of this host
 *
 * Return: bits; what all CPUs can address, as far as tables of 4 KiB go.
 */
unsigned int stage2_ia_bits_max(void);

/**
 * stage2_vtcr() - the VTCR_EL2 that goes with a VM's tables
 * @s2: initialised
 *
 * Return: the register (ARM DDI 0487J.a, D19.2.147).
 */
u64 stage2_vtcr(const struct stage2 *s2);

#endif /* SETWAY_STAGE2_VTCR_H */
