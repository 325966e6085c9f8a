/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM's TLB entries, as its stage-2 tables see them.
 */
#ifndef SETWAY_MEMORY_TLB_H
#define SETWAY_MEMORY_TLB_H

#include "../stage2/stage2.h"

/* How a VM's stage-2 tables flush its TLB entries and wait for its walkers. */
extern const struct stage2_ops vm_stage2_ops;

#endif /* SETWAY_MEMORY_TLB_H */
