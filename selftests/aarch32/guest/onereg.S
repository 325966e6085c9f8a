/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest with a value of its own in each register that a mode has for itself.
 */
#include "../../lib/guest_layout.h"
#include "onereg.h"

	.syntax	unified
	.arch	armv7ve
	.arm
	.text

	.macro	banked_set mode
	cps	#\mode
	ldr	sp, =ONEREG_BANKED(\mode, 13)
	ldr	lr, =ONEREG_BANKED(\mode, 14)
	.endm

	/* by R0, as QEMU 7.2 numbers others wrongly */
	.macro	tell reg
	mov	r0, \reg
	str	r0, [r3]
	.endm

/* Set them and tell so, then tell what is in them: of Fiq mode the last. */
	.globl	onereg_set
	.type	onereg_set, %function
onereg_set:
	.irp	mode, 0x12, 0x13, 0x17, 0x1b, 0x1f
	banked_set \mode
	.endr
	banked_set 0x11
	ldr	r8, =ONEREG_BANKED(0x11, 8)
	ldr	r9, =ONEREG_BANKED(0x11, 9)
	ldr	r10, =ONEREG_BANKED(0x11, 10)
	ldr	r11, =ONEREG_BANKED(0x11, 11)
	ldr	r12, =ONEREG_BANKED(0x11, 12)
	cps	#0x1f
	ldr	r3, =GUEST_UCALL_BASE
	mov	r0, #0
	str	r0, [r3]
	.irp	mode, 0x12, 0x13, 0x17, 0x1b, 0x1f, 0x11
	cps	#\mode
	tell	sp
	tell	lr
	.endr
	tell	r8
	tell	r12
	b	.
	.ltorg

	.section .note.GNU-stack, "", %progbits
