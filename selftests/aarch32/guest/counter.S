/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tell the upper and the lower word of CNTPCT, then of CNTVCT, and again.  R3 is
 * where to tell.
 */
	.syntax	unified
	.arch	armv7ve
	.arm
	.text

	.globl	counters
	.type	counters, %function
counters:
	mrrc	p15, 0, r0, r1, c14	@ CNTPCT
	str	r1, [r3]
	str	r0, [r3]
	mrrc	p15, 1, r0, r1, c14	@ CNTVCT
	str	r1, [r3]
	str	r0, [r3]
	b	counters

	.section .note.GNU-stack, "", %progbits
