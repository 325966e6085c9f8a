/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What serror.c puts into EL2's image, each in place of one instruction.  Where these
 * words are, it fills in: the instruction, the branch to what follows it, one that
 * makes an SError pending in the register that ISR_EL1 was read into, and the physical
 * addresses of struct serror_orders and of what follows the place.
 */
#include <linux/linkage.h>

#include "serror.h"

	.macro	template name
	.section .rodata
	.align	3
SYM_DATA_START(\name)
	.endm

/* ISR_EL1 as it is read at an entry or exit; the order is one less then, or stays. */
	.macro	isr order, stays
	stp	x16, x17, [sp, #-16]!
	ldr	x16, 3f
	ldr	x17, [x16, #\order]
	cbz	x17, 1f
	sub	x17, x17, #(1 - \stays)
	str	x17, [x16, #\order]
	ldp	x16, x17, [sp], #16
	.inst	SERROR_PENDING
	.inst	SERROR_BACK
1:	ldp	x16, x17, [sp], #16
	.inst	SERROR_INSTRUCTION
	.inst	SERROR_BACK
	.align	3
3:	.quad	SERROR_ORDERS
	.endm

	template serror_at_entry
	isr	SERROR_ENTRIES, 0
SYM_DATA_END_LABEL(serror_at_entry, SYM_L_GLOBAL, serror_at_entry_end)

/* The order is carried out when the SError is taken. */
	template serror_at_exit
	isr	SERROR_EXITS, 1
SYM_DATA_END_LABEL(serror_at_exit, SYM_L_GLOBAL, serror_at_exit_end)

/* What a CPU does when it takes an SError from EL2 (ARM DDI 0487J.a, D1.3.1). */
	template serror_taken
	ldr	x16, 3f
	ldr	x17, [x16, #SERROR_EXITS]
	cbz	x17, 1f
	sub	x17, x17, #1
	str	x17, [x16, #SERROR_EXITS]
	ldr	x17, [x16, #SERROR_ESR]
	msr	esr_el2, x17
	ldr	x17, 4f
	msr	elr_el2, x17
	mov	x17, #SERROR_SPSR
	msr	spsr_el2, x17
	msr	daifset, #0xf
	mrs	x17, vbar_el2
	add	x17, x17, #SERROR_VECTOR
	br	x17
1:	.inst	SERROR_INSTRUCTION
	.inst	SERROR_BACK
	.align	3
3:	.quad	SERROR_ORDERS
4:	.quad	SERROR_NEXT
SYM_DATA_END_LABEL(serror_taken, SYM_L_GLOBAL, serror_taken_end)

/* What an ESB does with an SError that is pending and masked. */
	template serror_deferred
	stp	x16, x17, [sp, #-16]!
	ldr	x16, 3f
	ldr	x17, [x16, #SERROR_EXITS]
	cbz	x17, 1f
	sub	x17, x17, #1
	str	x17, [x16, #SERROR_EXITS]
	ldr	x17, [x16, #SERROR_DISR]
	msr	s3_0_c12_c1_1, x17		/* DISR_EL1 */
1:	ldp	x16, x17, [sp], #16
	.inst	SERROR_INSTRUCTION
	.inst	SERROR_BACK
	.align	3
3:	.quad	SERROR_ORDERS
SYM_DATA_END_LABEL(serror_deferred, SYM_L_GLOBAL, serror_deferred_end)
