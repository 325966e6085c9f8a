/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Affinities: MPIDR_EL1 names a CPU by one (ARM DDI 0487J.a, D19.2.102), and so
 * do the GIC and PSCI.  The id of a vCPU determines its affinity.
 */
#ifndef SETWAY_AFFINITY_H
#define SETWAY_AFFINITY_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/types.h>

#define AFFINITY_AFF0		GENMASK_ULL(7, 0)
#define AFFINITY_AFF1		GENMASK_ULL(15, 8)
#define AFFINITY_AFF2		GENMASK_ULL(23, 16)
#define AFFINITY_AFF3		GENMASK_ULL(39, 32)
#define AFFINITY_AFF210		(AFFINITY_AFF2 | AFFINITY_AFF1 | AFFINITY_AFF0)

/* Aff0 has only 16 values, because the target list of an SGI has 16 bits. */
#define AFFINITY_ID_AFF0	GENMASK(3, 0)
#define AFFINITY_ID_AFF1	GENMASK(11, 4)
#define AFFINITY_ID_MAX		(AFFINITY_ID_AFF1 | AFFINITY_ID_AFF0)

/**
 * affinity_of_id() - the affinity of a vCPU
 * @id: its id, AFFINITY_ID_MAX at most
 */
static inline u64 affinity_of_id(unsigned int id)
{
	return FIELD_PREP(AFFINITY_AFF0, FIELD_GET(AFFINITY_ID_AFF0, id)) |
	       FIELD_PREP(AFFINITY_AFF1, FIELD_GET(AFFINITY_ID_AFF1, id));
}

/**
 * affinity_to_id() - which vCPU can have an affinity?
 * @affinity: any
 *
 * Return: an id; the affinity may be none that affinity_of_id() knows.
 */
static inline unsigned int affinity_to_id(u64 affinity)
{
	return (FIELD_GET(AFFINITY_AFF0, affinity) & AFFINITY_ID_AFF0) |
	       FIELD_PREP(AFFINITY_ID_AFF1, FIELD_GET(AFFINITY_AFF1, affinity));
}

#endif /* SETWAY_AFFINITY_H */
