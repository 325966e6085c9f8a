/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a vCPU of a test starts, calls the host, and takes exceptions; and its
 * page tables.
 */
#include "guest_layout.h"

	.text

/*
 * x0 = function, x1 to x3 = its arguments; nothing else is known.
 * The stack goes by the vCPU's number: MPIDR_EL1's Aff0 has its low four bits,
 * Aff1 the others.
 */
	.globl	guest_start
	.type	guest_start, %function
guest_start:
	mrs	x9, mpidr_el1
	and	x10, x9, #0xf
	ubfx	x9, x9, #8, #8
	add	x9, x10, x9, lsl #4
	mov	x10, #GUEST_STACK_SIZE
	mov	x11, #GUEST_STACK_TOP
	msub	x9, x9, x10, x11
	sub	x9, x9, #GUEST_CPU_SIZE
	str	xzr, [x9, #GUEST_CPU_RESUME]
	str	xzr, [x9, #GUEST_CPU_INTERRUPT]
	mov	sp, x9
	msr	tpidr_el1, x9
	adrp	x9, vectors
	add	x9, x9, #:lo12:vectors
	msr	vbar_el1, x9
	isb
	mov	x9, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	blr	x9
1:	mov	x0, #UCALL_DONE_NUMBER
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	bl	guest_ucall
	b	1b

/* void guest_ucall(unsigned long command, a, b, c); clobbers x9 */
	.globl	guest_ucall
	.type	guest_ucall, %function
guest_ucall:
	mov	x9, #GUEST_UCALL_BASE
	str	x1, [x9, x0, lsl #3]
	ret

/* u64 guest_psci(u64 function, u64 a, u64 b, u64 c) */
	.globl	guest_psci
	.type	guest_psci, %function
guest_psci:
	hvc	#0
	ret

/* u64 guest_smc(u64 function, u64 a, u64 b, u64 c) */
	.globl	guest_smc
	.type	guest_smc, %function
guest_smc:
	smc	#0
	ret

	.macro	vector number
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mov	x0, #\number
	b	exception
	.endm

	.balign	0x800
vectors:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\number
	.endr

/*
 * x0 = the vector's number, [sp] = the interrupted x0 and x1.  An expected
 * exception is noted and returns to where GUEST_TRY() wants, an interrupt goes
 * to its handler; any other is told.
 */
exception:
	mrs	x1, tpidr_el1
	stp	x2, x3, [sp, #-16]!
	cmp	x0, #5
	b.eq	interrupt
	cmp	x0, #6
	b.eq	interrupt
synchronous:
	ldr	x2, [x1, #GUEST_CPU_RESUME]
	cbz	x2, 1f
	mrs	x3, elr_el1
	msr	elr_el1, x2
	mrs	x2, esr_el1
	stp	x2, x3, [x1, #GUEST_CPU_ESR]
	mrs	x2, far_el1
	str	x2, [x1, #GUEST_CPU_FAR]
	str	xzr, [x1, #GUEST_CPU_RESUME]
	ldp	x2, x3, [sp], #16
	ldp	x0, x1, [sp], #16
	eret
1:	mrs	x1, esr_el1
	mrs	x2, elr_el1
	mrs	x3, far_el1
	mov	x0, #UCALL_EXCEPTION_NUMBER
	bl	guest_ucall
	b	1b

/*
 * All that a C function may change, and what a nested interrupt would: the
 * handler may let them come.
 */
interrupt:
	ldr	x2, [x1, #GUEST_CPU_INTERRUPT]
	cbz	x2, synchronous
	stp	x4, x5, [sp, #-16]!
	stp	x6, x7, [sp, #-16]!
	stp	x8, x9, [sp, #-16]!
	stp	x10, x11, [sp, #-16]!
	stp	x12, x13, [sp, #-16]!
	stp	x14, x15, [sp, #-16]!
	stp	x16, x17, [sp, #-16]!
	stp	x18, x30, [sp, #-16]!
	mrs	x3, elr_el1
	mrs	x4, spsr_el1
	stp	x3, x4, [sp, #-16]!
	blr	x2
	msr	daifset, #3
	ldp	x3, x4, [sp], #16
	msr	elr_el1, x3
	msr	spsr_el1, x4
	ldp	x18, x30, [sp], #16
	ldp	x16, x17, [sp], #16
	ldp	x14, x15, [sp], #16
	ldp	x12, x13, [sp], #16
	ldp	x10, x11, [sp], #16
	ldp	x8, x9, [sp], #16
	ldp	x6, x7, [sp], #16
	ldp	x4, x5, [sp], #16
	ldp	x2, x3, [sp], #16
	ldp	x0, x1, [sp], #16
	eret

/* Nothing is expected but one exception, from EL1 at 0x200, or from EL0 in AArch64 at 0x400. */
	.balign	0x800
el0_vectors:
	.skip	0x200
	b	1f
	.skip	0x1fc
1:	mrs	x0, esr_el1
	mrs	x1, elr_el1
	msr	vbar_el1, x10
	isb
	ret

/* struct guest_trip guest_at_el0(const void *code, u64 pstate, u64 x1); x10, x30 stay */
	.globl	guest_at_el0
	.type	guest_at_el0, %function
guest_at_el0:
	mrs	x10, vbar_el1
	adr	x9, el0_vectors
	msr	vbar_el1, x9
	msr	elr_el1, x0
	msr	spsr_el1, x1
	mov	x1, x2
	isb
	eret

/*
 * 40 bits of address, each mapped to itself.  Descriptors, ARM DDI 0487J.a, D8.3:
 * a block is 0x401 (access flag, valid), 0x300 for inner shareable, 0x4 for
 * the second attribute of MAIR_EL1, device memory.
 */
#define BLOCK_NORMAL	0x701
#define BLOCK_DEVICE	0x405

	.macro	gibibytes from
	.set	n, \from
	.rept	512
	.if	n == GUEST_UCALL_BASE >> 30
	.quad	(n << 30) | BLOCK_DEVICE
	.else
	.quad	(n << 30) | BLOCK_NORMAL
	.endif
	.set	n, n + 1
	.endr
	.endm

	.data
	.balign	0x1000
	.globl	guest_tables
guest_tables:
	.quad	guest_tables + 0x1003
	.quad	guest_tables + 0x2003
	.balign	0x1000
	gibibytes 0
	gibibytes 512

	.section .note.GNU-stack, "", %progbits
