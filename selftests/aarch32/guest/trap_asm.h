/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of the test of trapped accesses is in assembly.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_TRAP_ASM_H
#define SELFTESTS_GUEST32_AARCH32_TRAP_ASM_H

#include "../../lib/types.h"

/**
 * id_registers_read() - read c0, c1, 0 to c0, c7, 7
 * @to: where to put them
 * @rows: 2 to end with c0, c2, 7
 */
void id_registers_read(u32 *to, u32 rows);

/** secondary_thumb() - where another vCPU starts, in T32: tells what R0 and CPSR have */
void secondary_thumb(void);

#endif /* SELFTESTS_GUEST32_AARCH32_TRAP_ASM_H */
