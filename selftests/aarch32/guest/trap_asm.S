/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of the test of trapped accesses is in assembly.
 */
	.syntax	unified
	.arch	armv7ve
	.text

	.macro	rows_read crms:vararg
	.irp	crm, \crms
	.irp	opc2, 0, 1, 2, 3, 4, 5, 6, 7
	mrc	p15, 0, r2, c0, \crm, \opc2
	str	r2, [r0], #4
	.endr
	.endr
	.endm

/* void id_registers_read(u32 *to, u32 rows); clobbers r2 */
	.arm
	.globl	id_registers_read
	.type	id_registers_read, %function
id_registers_read:
	rows_read	c1, c2
	cmp	r1, #2
	bxeq	lr
	rows_read	c3, c4, c5, c6, c7
	bx	lr

/* r0 = what to tell, besides CPSR; there is no stack */
	.thumb
	.globl	secondary_thumb
	.type	secondary_thumb, %function
secondary_thumb:
	mrs	r2, cpsr
	setend	le
	movs	r1, r0
	movs	r0, #0
	ldr	r3, =guest_ucall
	blx	r3
	b	.
	.ltorg

	.section .note.GNU-stack, "", %progbits
