/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device tree that tells the guest what its machine has.
 */
#ifndef SELFTESTS_VMM_DT_H
#define SELFTESTS_VMM_DT_H

#include "../lib/types.h"

struct kernel;

/**
 * struct dt - what the device tree is to tell
 * @ram_size: bytes of RAM from RAM_BASE on
 * @nr_cpus: how many CPUs
 * @kernel: the kernel that reads it, or NULL for firmware, which is told of no
 *	interrupts
 * @bootargs: the kernel's command line, or NULL
 */
struct dt {
	u64 ram_size;
	unsigned int nr_cpus;
	const struct kernel *kernel;
	const char *bootargs;
};

/**
 * dt_write() - write the machine's device tree
 * @buffer: where to, DT_SIZE bytes
 * @dt: what it is to tell
 */
void dt_write(void *buffer, const struct dt *dt);

#endif /* SELFTESTS_VMM_DT_H */
