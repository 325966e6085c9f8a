/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that are at fault, in A32 and in T32.
 */
#include "inject.h"

	.syntax	unified
	.arch	armv7ve
	.text

	.macro	label name, state
	.globl	\name\()_\state\()32
	.type	\name\()_\state\()32, %function
\name\()_\state\()32:
	.endm

/*
 * inject_a32 and inject_t32: r0 = flags, r1 = an address, r3 = how, r4 = where to
 * go on, with the instruction that is at fault.  Who comes back from there has not
 * taken an exception, and takes another.
 */
	.irp	state, a, t
	.ifc	\state, t
	.thumb
	.else
	.arm
	.endif
	label	inject, \state
	tst	r3, #INJECT_IN_USR
	beq	1f
	cps	#0x10
1:	msr	apsr_nzcvqg, r0
	bx	r4
	label	undef, \state
	mrc	p15, 0, r0, c9, c12, 0		@ PMCR
	svc	#0
	label	jump, \state
	bx	r1
	label	load, \state
	ldr	r0, [r1]
	svc	#0
	label	store, \state
	str	r0, [r1]
	svc	#0
	label	unmask, \state
	cpsie	a
	svc	#0
	.balign	4
	.endr

	.section .note.GNU-stack, "", %progbits
