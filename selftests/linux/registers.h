/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All FP and SIMD registers of a process, in either execution state.
 */
#ifndef SELFTESTS_GUEST_REGISTERS_H
#define SELFTESTS_GUEST_REGISTERS_H

/*
 * The registers; FPCR and FPSR are one register in AArch32, FPSCR, which is then
 * their bits together (ARM DDI 0487J.a, D17.2.47, D17.2.48, G8.2.50).
 */
#ifdef __aarch64__
#define VECTOR_BYTES	512	/* V0 to V31 */
#else
#define VECTOR_BYTES	256	/* D0 to D31 */
#endif
#define FP_RMODE_SHIFT	22
#define FP_RMODE	(3 << FP_RMODE_SHIFT)
#define FP_FLAGS	0x1f	/* IOC DZC OFC UFC IXC */

/* Offsets for registers_keep(). */
#define REGISTERS_CONTROL	VECTOR_BYTES
#define REGISTERS_STATUS	(VECTOR_BYTES + 4)

#ifndef __ASSEMBLER__

#include <stdint.h>

/**
 * struct registers - the registers' values
 * @vector: the vector registers
 * @control: FPCR, or those bits of FPSCR
 * @status: FPSR, or those bits of FPSCR
 */
struct registers {
	uint8_t vector[VECTOR_BYTES];
	uint32_t control;
	uint32_t status;
};

/**
 * registers_keep() - load all, wait, store all
 * @from: what to load
 * @to: where to store
 * @spins: how long to keep the CPU; 0: give it away by sched_yield()
 */
void registers_keep(const struct registers *from, struct registers *to,
		    unsigned long spins);

#endif
#endif /* SELFTESTS_GUEST_REGISTERS_H */
