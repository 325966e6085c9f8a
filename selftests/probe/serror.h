/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What serror.c and serror_code.S have between themselves.
 */
#ifndef EL2_PROBE_SERROR_H
#define EL2_PROBE_SERROR_H

/* Words that are no instructions, to be filled in. */
#define SERROR_INSTRUCTION	0x101
#define SERROR_BACK		0x102
#define SERROR_PENDING		0x103
#define SERROR_ORDERS		0x104
#define SERROR_NEXT		0x105

/* Offsets in struct serror_orders. */
#define SERROR_EXITS		0
#define SERROR_ENTRIES		8
#define SERROR_ESR		16
#define SERROR_DISR		24

#define SERROR_SPSR		0x2c9	/* EL2h, D, I and F masked, A not */
#define SERROR_VECTOR		0x380	/* SError from EL2h */

#ifndef __ASSEMBLY__

#include <linux/types.h>

/* What goes to a place, and where each ends. */
extern const u32 serror_at_entry[], serror_at_entry_end[];
extern const u32 serror_at_exit[], serror_at_exit_end[];
extern const u32 serror_taken[], serror_taken_end[];
extern const u32 serror_deferred[], serror_deferred_end[];

#endif /* __ASSEMBLY__ */

#endif /* EL2_PROBE_SERROR_H */
