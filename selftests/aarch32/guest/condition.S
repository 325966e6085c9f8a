/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that are trapped: with conditions, in IT blocks, of 16 and of 32
 * bits, and with registers that each mode has for itself.  What came of them is
 * for the host to judge.
 *
 * While the caches are off writes to CONTEXTIDR are trapped, and reads of ID
 * registers are at any time.
 */
#include "../../lib/guest_layout.h"
#include "condition.h"

	.syntax	unified
	.arch	armv7ve
	.text

	.macro	contextidr_clear
	mov	r7, #0
	mcr	p15, 0, r7, c13, c0, 1
	.endm

	.macro	contextidr_store
	mrc	p15, 0, r7, c13, c0, 1
	str	r7, [r5], #4
	.endm

#define ALL_BUT_AL	eq, ne, cs, cc, mi, pl, vs, vc, hi, ls, ge, lt, gt, le

/*
 * Under each condition with each set of flags: what a write leaves in CONTEXTIDR,
 * and what a read leaves in a register, both 0 before.
 */
	.arm
	.globl	condition_a32
	.type	condition_a32, %function
condition_a32:
	push	{r4-r7, lr}
	ldr	r5, =results
	mov	r4, #0
1:	.irp	cond, ALL_BUT_AL, al
	contextidr_clear
	ldr	r6, =CONDITION_WRITTEN
	msr	cpsr_f, r4
	mcr\cond	p15, 0, r6, c13, c0, 1
	contextidr_store
	mov	r6, #0
	mrc\cond	p15, 0, r6, c0, c0, 1
	str	r6, [r5], #4
	.endr
	b	2f
	.ltorg
2:	adds	r4, r4, #0x10000000
	bne	1b
	pop	{r4-r7, pc}

	.thumb
	.globl	condition_t32
	.type	condition_t32, %function
condition_t32:
	push	{r4-r7, lr}
	ldr	r5, =results
	mov	r4, #0
1:	.irp	cond, ALL_BUT_AL
	contextidr_clear
	ldr	r6, =CONDITION_WRITTEN
	msr	cpsr_f, r4
	it	\cond
	mcr\cond	p15, 0, r6, c13, c0, 1
	contextidr_store
	mov	r6, #0
	msr	cpsr_f, r4
	it	\cond
	mrc\cond	p15, 0, r6, c0, c0, 1
	str	r6, [r5], #4
	.endr
	contextidr_clear
	ldr	r6, =CONDITION_WRITTEN
	mcr	p15, 0, r6, c13, c0, 1
	contextidr_store
	mrc	p15, 0, r6, c0, c0, 1
	str	r6, [r5], #4
	b	2f
	.ltorg
	.balign	4
2:	adds	r4, r4, #0x10000000
	bne.w	1b
	pop	{r4-r7, pc}

/*
 * Blocks of four, whose first, third and last instructions are trapped, one of 32
 * bits and two of 16: what each is that should be executed adds up in r0, what
 * should not in r1.
 */
	.globl	condition_it_block
	.type	condition_it_block, %function
condition_it_block:
	push	{r4-r7, lr}
	ldr	r5, =results
	ldr	r3, =CONDITION_MMIO
	ldr	r6, =CONDITION_WRITTEN
	movs	r0, #0
	movs	r1, #0
	cmp	r0, r1				@ EQ
	itete	eq
	mcreq	p15, 0, r6, c13, c0, 1
	addne	r1, #1
	addeq	r0, #1
	addne	r1, #2
	itttt	eq
	streq.n	r6, [r3]
	addeq	r0, #2
	streq.n	r6, [r3, #4]
	addeq	r0, #4
	iteet	ne
	addne	r1, #4
	mcreq	p15, 0, r6, c13, c0, 1
	addeq	r0, #8
	mcrne	p15, 0, r1, c13, c0, 1
	@ behind a block, whose last instruction was trapped, flags are set again
	ite	ne
	addne	r1, #8
	streq.n	r6, [r3, #8]
	movs	r7, #1
	it	ne
	addne	r0, #16
	cmp	r7, #1
	ite	ne
	addne	r1, #16
	mcreq	p15, 0, r6, c13, c0, 1
	@ a read
	itet	eq
	mrceq	p15, 0, r6, c0, c0, 1
	addne	r1, #32
	addeq	r0, #64
	movs	r7, #1
	it	ne
	addne	r0, #32
	str	r0, [r5]
	str	r1, [r5, #4]
	pop	{r4-r7, pc}
	.ltorg

/*
 * Both lengths of WFI, each with an instruction of 16 bits behind it, and then a
 * store of what these have added up to.  Not in an IT block: QEMU 7.2 counts that
 * on before it traps.
 */
	.globl	condition_wfi
	.type	condition_wfi, %function
condition_wfi:
	ldr	r3, =CONDITION_MMIO
	movs	r0, #0
	wfi.n
	adds	r0, #1
	str	r0, [r3]
	wfi.w
	adds	r0, #2
	str	r0, [r3]
	bx	lr
	.ltorg

/*
 * In each mode: what a write of R8, R12, SP and LR leaves in CONTEXTIDR, what one
 * of SP and LR together leaves in CNTP_CVAL, and what reads of MIDR and CTR leave
 * in SP and LR.
 */
	.arm
	.globl	condition_banks
	.type	condition_banks, %function
condition_banks:
	push	{r4-r11, lr}
	mov	r6, sp
	ldr	r5, =results
	.irp	mode, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f
	cps	#\mode
	ldr	r8, =CONDITION_BANKED(\mode, 8)
	ldr	r12, =CONDITION_BANKED(\mode, 12)
	ldr	sp, =CONDITION_BANKED(\mode, 13)
	ldr	lr, =CONDITION_BANKED(\mode, 14)
	.irp	reg, r8, r12, sp, lr
	contextidr_clear
	mcr	p15, 0, \reg, c13, c0, 1
	contextidr_store
	.endr
	mcrr	p15, 2, sp, lr, c14
	mrrc	p15, 2, r7, r4, c14
	str	r7, [r5], #4
	str	r4, [r5], #4
	mrc	p15, 0, sp, c0, c0, 1
	str	sp, [r5], #4
	str	lr, [r5], #4
	mrc	p15, 0, lr, c0, c1, 0
	str	sp, [r5], #4
	str	lr, [r5], #4
	.endr
	cps	#0x13
	mov	sp, r6
	pop	{r4-r11, pc}
	.ltorg

/*
 * The same in User mode, with what it may access: CNTP_CVAL.  An exception brings
 * it back, see GUEST_TRY().
 */
	.globl	condition_banks_usr
	.type	condition_banks_usr, %function
condition_banks_usr:
	push	{r4-r7, lr}
	ldr	r5, =results
	mov	r0, #0x200
	mcr	p15, 0, r0, c14, c1, 0		@ CNTKCTL.PL0PTEN
	isb
	mrc	p15, 0, r4, c13, c0, 4
	mrs	r0, cpsr
	str	r0, [r4, #GUEST32_CPU_RESUME_CPSR]
	adr	r0, 1f
	str	r0, [r4, #GUEST32_CPU_RESUME]
	cps	#0x10
	ldr	sp, =CONDITION_BANKED(0x10, 13)
	ldr	lr, =CONDITION_BANKED(0x10, 14)
	mcrr	p15, 2, sp, lr, c14
	mrrc	p15, 2, r6, r7, c14
	stmia	r5!, {r6, r7}
	mov	sp, #0
	mov	lr, #0
	mrrc	p15, 2, sp, lr, c14
	str	sp, [r5], #4
	str	lr, [r5]
	svc	#0
1:	pop	{r4-r7, pc}
	.ltorg

/* SMC ends a block: that it is behind it shows in flags that are set. */
	.thumb
	.arch_extension sec
	.globl	condition_smc
	.type	condition_smc, %function
condition_smc:
	push	{r4-r7, lr}
	ldr	r5, =results
	ldr	r0, =CONDITION_WRITTEN
	movs	r6, #0
	cmp	r6, r6
	it	ne
	smcne	#0
	str	r0, [r5]
	itt	eq
	addeq	r6, #1
	smceq	#0
	movs	r7, #1
	it	ne
	addne	r6, #8
	str	r0, [r5, #4]
	str	r6, [r5, #8]
	pop	{r4-r7, pc}
	.ltorg

	.bss
	.balign	8
	.globl	results
results:
	.skip	CONDITION_RESULTS * 4

	.section .note.GNU-stack, "", %progbits
