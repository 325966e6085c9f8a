/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a vCPU of a 32-bit test starts, calls the host, and takes exceptions; and
 * its page tables.
 */
#include "../../lib/guest_layout.h"

#define MODE_FIQ	0x11
#define MODE_IRQ	0x12
#define MODE_SVC	0x13

/* In a recorded CPSR: bits that MRS reads as zero say which vector it was. */
#define VECTOR_SHIFT	10
#define THUMB		0x20

	.syntax	unified
	.arch	armv7ve
	.arm
	.text

/*
 * r0 = function, r1 to r3 = its arguments; SVC mode, nothing else is known.  The
 * stack goes by the vCPU's number: MPIDR's Aff0 has its low four bits, Aff1 the
 * others.  Half of it is for interrupts.
 */
	.globl	guest_start
	.type	guest_start, %function
guest_start:
	mrc	p15, 0, r4, c0, c0, 5
	and	r5, r4, #0xf
	ubfx	r4, r4, #8, #8
	add	r4, r5, r4, lsl #4
	ldr	r5, =GUEST_STACK_TOP
	mov	r6, #GUEST_STACK_SIZE
	mls	r4, r4, r6, r5
	sub	r5, r4, #GUEST_STACK_SIZE / 2
	sub	r4, r4, #GUEST32_CPU_SIZE
	mov	r6, #0
	str	r6, [r4, #GUEST32_CPU_RESUME]
	str	r6, [r4, #GUEST32_CPU_INTERRUPT]
	mcr	p15, 0, r4, c13, c0, 4		@ TPIDRPRW
	cps	#MODE_FIQ
	mov	sp, r5
	cps	#MODE_IRQ
	mov	sp, r5
	cps	#MODE_SVC
	mov	sp, r4
	ldr	r5, =guest_vectors
	mcr	p15, 0, r5, c12, c0, 0		@ VBAR
	isb
	mov	r4, r0
	mov	r0, r1
	mov	r1, r2
	mov	r2, r3
	blx	r4
1:	mov	r0, #UCALL_DONE_NUMBER
	mov	r1, #0
	mov	r2, #0
	mov	r3, #0
	bl	guest_ucall
	b	1b

/* void guest_ucall(unsigned long command, a, b, c); clobbers r12 */
	.globl	guest_ucall
	.type	guest_ucall, %function
guest_ucall:
	ldr	r12, =GUEST_UCALL_BASE
	str	r1, [r12, r0, lsl #3]
	bx	lr
	.ltorg

/*
 * What the tables of vectors lead to: two tables for exceptions taken to A32 and
 * to T32, which load nothing, as data may be big-endian then; and one to be copied
 * elsewhere, with the addresses that it needs.
 */
	.irp	thumb, 0, 1
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	.if	\thumb
	.thumb
	.endif
handler_\thumb\()_\number:
	mcr	p15, 0, r0, c13, c0, 2		@ TPIDRURW, for a moment
	mrs	r0, cpsr
	setend	le
	orr	r0, r0, #(\number << VECTOR_SHIFT)
	orr	r0, r0, #(\thumb * THUMB)
	b	thunk_\thumb
	.arm
	.endr
	.endr

	.thumb
thunk_1:
	mcr	p15, 0, r1, c13, c0, 3		@ TPIDRURO, likewise
	ldr	r1, =exception
	bx	r1
	.ltorg
	.balign	4
	.arm
thunk_0:
	mcr	p15, 0, r1, c13, c0, 3

/*
 * r0 = CPSR with the vector's number, TPIDRURW and TPIDRURO = the interrupted r0
 * and r1.  Nothing is known of this mode's SP.  An expected exception is noted and
 * goes back to where and how GUEST_TRY() was, an interrupt goes to its handler;
 * any other is told.
 */
exception:
	mrc	p15, 0, r1, c13, c0, 4
	str	r2, [r1, #GUEST32_CPU_SCRATCH]
	ubfx	r2, r0, #VECTOR_SHIFT, #3
	cmp	r2, #6
	bhs	interrupt
synchronous:
	str	r2, [r1, #GUEST32_CPU_VECTOR]
	bic	r0, r0, #7 << VECTOR_SHIFT
	str	r0, [r1, #GUEST32_CPU_CPSR]
	str	lr, [r1, #GUEST32_CPU_LR]
	mrs	r0, spsr
	str	r0, [r1, #GUEST32_CPU_SPSR]
	mrc	p15, 0, r0, c5, c0, 0		@ DFSR
	str	r0, [r1, #GUEST32_CPU_DFSR]
	mrc	p15, 0, r0, c6, c0, 0		@ DFAR
	str	r0, [r1, #GUEST32_CPU_DFAR]
	mrc	p15, 0, r0, c5, c0, 1		@ IFSR
	str	r0, [r1, #GUEST32_CPU_IFSR]
	mrc	p15, 0, r0, c6, c0, 2		@ IFAR
	str	r0, [r1, #GUEST32_CPU_IFAR]
	ldr	r0, [r1, #GUEST32_CPU_RESUME]
	cmp	r0, #0
	beq	unexpected
	mov	lr, r0
	ldr	r0, [r1, #GUEST32_CPU_RESUME_CPSR]
	msr	spsr_cxsf, r0
	mov	r0, #0
	str	r0, [r1, #GUEST32_CPU_RESUME]
	ldr	r2, [r1, #GUEST32_CPU_SCRATCH]
	mrc	p15, 0, r1, c13, c0, 3
	mrc	p15, 0, r0, c13, c0, 2
	movs	pc, lr

unexpected:
	mov	r3, r1
	ldr	r1, [r3, #GUEST32_CPU_VECTOR]
	ldr	r2, [r3, #GUEST32_CPU_LR]
	ldr	r3, [r3, #GUEST32_CPU_DFAR]
	mov	r0, #UCALL_EXCEPTION_NUMBER
	bl	guest_ucall
	b	.

/* By vectors that were not to be used. */
unwanted:
	mov	r0, #UCALL_EXCEPTION_NUMBER
	mov	r1, #0
	mov	r2, lr
	mov	r3, #0
	bl	guest_ucall
	b	.

/* All that a C function may change; its argument is the vector's number. */
interrupt:
	ldr	r2, [r1, #GUEST32_CPU_INTERRUPT]
	cmp	r2, #0
	ubfx	r2, r0, #VECTOR_SHIFT, #3
	beq	synchronous
	ldr	r2, [r1, #GUEST32_CPU_SCRATCH]
	mrc	p15, 0, r1, c13, c0, 3
	mrc	p15, 0, r0, c13, c0, 2
	sub	lr, lr, #4
	push	{r0-r3, r12, lr}
	mrs	r1, spsr
	push	{r1, r2}
	mrs	r0, cpsr
	tst	r0, #MODE_FIQ & ~MODE_IRQ
	moveq	r0, #6
	movne	r0, #7
	mrc	p15, 0, r1, c13, c0, 4
	ldr	r1, [r1, #GUEST32_CPU_INTERRUPT]
	blx	r1
	pop	{r1, r2}
	msr	spsr_cxsf, r1
	ldm	sp!, {r0-r3, r12, pc}^

	.balign	0x20
	.globl	guest_vectors
guest_vectors:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	b	handler_0_\number
	.endr

	.globl	guest_vectors_thumb
guest_vectors_thumb:
	.thumb
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	b.w	handler_1_\number
	.endr
	.arm

	.globl	guest_vectors_none
guest_vectors_none:
	.rept	8
	b	unwanted
	.endr

	.globl	guest_vectors_copy
guest_vectors_copy:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	ldr	pc, [pc, #0x18]
	.endr
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	.word	handler_0_\number
	.endr
	.globl	guest_vectors_copy_end
guest_vectors_copy_end:

/*
 * The 4 GiB, each mapped to itself, in both formats.  Descriptors (ARM DDI
 * 0487J.a, G5.4, G5.5): a block of 1 GiB is 0x401 (access flag, valid), 0x300 for
 * inner shareable, 0x4 for the second attribute of MAIR0, device memory; a section
 * of 1 MiB is 0xc02 (readable and writable), 0x10000 shareable, 0x100c write-back,
 * 0x4 shareable device.
 */
	.data
	.balign	0x1000
	.globl	guest_tables
guest_tables:
	.quad	0x00000701
	.quad	0x40000701
	.quad	0x80000701
	.quad	GUEST_UCALL_BASE + 0x405

	.balign	0x4000
	.globl	guest_sections
guest_sections:
	.set	n, 0
	.rept	4096
	.if	n >= GUEST_UCALL_BASE >> 20
	.word	(n << 20) | 0x00c06
	.else
	.word	(n << 20) | 0x11c0e
	.endif
	.set	n, n + 1
	.endr

	.section .note.GNU-stack, "", %progbits
