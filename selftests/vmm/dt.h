/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device tree that tells the guest what its machine has.
 */
#ifndef SELFTESTS_VMM_DT_H
#define SELFTESTS_VMM_DT_H

#include "../lib/types.h"

/**
 * dt_write() - write the machine's device tree
 * @buffer: where to, DT_SIZE bytes
 * @ram_size: bytes of RAM from RAM_BASE on
 */
void dt_write(void *buffer, u64 ram_size);

#endif /* SELFTESTS_VMM_DT_H */
