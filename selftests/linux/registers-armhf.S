/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FP and SIMD registers of AArch32: D0 to D31, FPSCR.
 */
#include <sys/syscall.h>

#include "registers.h"

	.arm
	.fpu	neon
	.text
	.globl	registers_keep
	.type	registers_keep, %function
/*
 * void registers_keep(const struct registers *from, struct registers *to,
 *		       unsigned long spins)
 * Keeps d8 to d15 as it must, and FPSCR.
 */
registers_keep:
	push	{r4-r8, lr}
	vmrs	r3, fpscr
	push	{r3, r4}
	vpush	{d8-d15}

	mov	r5, r0
	mov	r6, r1
	ldr	r3, [r0, #REGISTERS_CONTROL]
	ldr	r4, [r0, #REGISTERS_STATUS]
	orr	r3, r3, r4
	vmsr	fpscr, r3
	vldmia	r5!, {d0-d15}
	vldmia	r5!, {d16-d31}

	cmp	r2, #0
	beq	2f
1:	subs	r2, r2, #1
	bne	1b
	b	3f
2:	ldr	r7, =SYS_sched_yield
	svc	#0

3:	vstmia	r6!, {d0-d15}
	vstmia	r6!, {d16-d31}
	vmrs	r3, fpscr
	and	r4, r3, #FP_RMODE
	str	r4, [r1, #REGISTERS_CONTROL]
	and	r4, r3, #FP_FLAGS
	str	r4, [r1, #REGISTERS_STATUS]

	vpop	{d8-d15}
	pop	{r3, r4}
	vmsr	fpscr, r3
	pop	{r4-r8, pc}

	.section .note.GNU-stack, "", %progbits
