/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns, in the mode that the host has chosen: set the mode's registers to what is
 * in R0 to R2, tell so, and tell what they have after that.  R3 is where to tell.
 */
	.syntax	unified
	.arch	armv7ve
	.arm
	.text

	.globl	banks
	.type	banks, %function
banks:
	msr	spsr_fsxc, r0
	mov	sp, r1
	mov	lr, r2
	str	r0, [r3]
	mrs	r4, spsr
	str	r4, [r3]
	mov	r4, sp
	str	r4, [r3]
	mov	r4, lr
	str	r4, [r3]
	b	banks

	.section .note.GNU-stack, "", %progbits
