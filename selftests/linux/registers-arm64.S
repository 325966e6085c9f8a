/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FP and SIMD registers of AArch64: V0 to V31, FPCR, FPSR.
 */
#include <sys/syscall.h>

#include "registers.h"

	.macro	all_registers insn, base
	\insn	{v0.16b - v3.16b}, [\base], #64
	\insn	{v4.16b - v7.16b}, [\base], #64
	\insn	{v8.16b - v11.16b}, [\base], #64
	\insn	{v12.16b - v15.16b}, [\base], #64
	\insn	{v16.16b - v19.16b}, [\base], #64
	\insn	{v20.16b - v23.16b}, [\base], #64
	\insn	{v24.16b - v27.16b}, [\base], #64
	\insn	{v28.16b - v31.16b}, [\base], #64
	.endm

	.text
	.globl	registers_keep
/*
 * void registers_keep(const struct registers *from, struct registers *to,
 *		       unsigned long spins)
 * Keeps d8 to d15 as it must, and FPCR.
 */
registers_keep:
	stp	d8, d9, [sp, #-80]!
	stp	d10, d11, [sp, #16]
	stp	d12, d13, [sp, #32]
	stp	d14, d15, [sp, #48]
	mrs	x3, fpcr
	str	x3, [sp, #64]

	ldr	w3, [x0, #REGISTERS_CONTROL]
	ldr	w4, [x0, #REGISTERS_STATUS]
	msr	fpcr, x3
	msr	fpsr, x4
	mov	x9, x0
	mov	x10, x1
	all_registers ld1, x9

	cbz	x2, 2f
1:	subs	x2, x2, #1
	b.ne	1b
	b	3f
2:	mov	x8, #SYS_sched_yield
	svc	#0

3:	all_registers st1, x10
	mrs	x3, fpcr
	mrs	x4, fpsr
	str	w3, [x1, #REGISTERS_CONTROL]
	str	w4, [x1, #REGISTERS_STATUS]

	ldr	x3, [sp, #64]
	msr	fpcr, x3
	ldp	d10, d11, [sp, #16]
	ldp	d12, d13, [sp, #32]
	ldp	d14, d15, [sp, #48]
	ldp	d8, d9, [sp], #80
	ret

	.section .note.GNU-stack, "", %progbits
