/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector tables: one while the host runs, one while a guest's state is loaded.
 * VBAR_EL2 is switched with the world, so no entry has to find out where it came from.
 *
 * Of the guest's there is one for each way to keep a guest from training the branch
 * predictors for what comes after its exit (enum el2_predictors).  A CPU uses the
 * table that it needs, so a CPU that needs nothing does nothing.
 */
#include <linux/linkage.h>

#include "abi.h"
#include "asm-offsets.h"
#include "../sysreg.h"

	.macro	vector target
	.align	7
	b	\target
	.endm

/*
 * The ways, between a guest and the first branch that can be mispredicted.  x0 and x1
 * are free, and the flags; the firmware keeps all but x0 to x3 (ARM DEN 0028E, 2.6).
 */
	.macro	predictors_keep
	.endm

	.macro	predictors_loop
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_PREDICTORS_ARGUMENT]
1:	b	2f
2:	subs	x0, x0, #1
	b.ne	1b
	dsb	nsh
	isb
	.endm

	.macro	predictors_clrbhb
	hint	#22
	isb
	.endm

	.macro	predictors_firmware
	stp	x2, x3, [sp, #-16]!
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_PREDICTORS_ARGUMENT]
	smc	#0
	ldp	x2, x3, [sp], #16
	.endm

/* Exits of the guest: its x0 and x1 on the stack; the exit code of another in x0. */
	.macro	guest_sync_vector predictors
	.align	7
	stp	x0, x1, [sp, #-16]!
	predictors_\predictors
	b	el2_guest_sync
	.endm

	.macro	guest_vector predictors, code
	.align	7
	stp	x0, x1, [sp, #-16]!
	predictors_\predictors
	mov	x0, #\code
	b	el2_guest_exit
	.endm

	.macro	guest_vectors predictors
	.align	VECTORS_SHIFT
	.rept	4				/* from EL2 with SP_EL0 */
	vector	el2_panic_entry
	.endr
	.rept	3				/* from EL2 with SP_EL2 */
	vector	el2_guest_illegal
	.endr
	vector	el2_guest_serror
	.rept	2				/* AArch64, then AArch32 */
	guest_sync_vector \predictors
	guest_vector \predictors, EL2_EXIT_IRQ	/* IRQ */
	guest_vector \predictors, EL2_EXIT_IRQ	/* FIQ */
	guest_vector \predictors, EL2_EXIT_SERROR
	.endr
	.endm

	.text
	.align	VECTORS_SHIFT
SYM_CODE_START(el2_host_vectors)
	.rept	8				/* from EL2 itself */
	vector	el2_panic_entry
	.endr
	vector	el2_host_sync			/* AArch64 */
	vector	el2_spin
	vector	el2_spin
	vector	el2_spin
	vector	el2_refuse			/* AArch32 */
	vector	el2_spin
	vector	el2_spin
	vector	el2_spin
SYM_CODE_END(el2_host_vectors)

	.align	VECTORS_SHIFT
SYM_CODE_START(el2_guest_vectors)
	guest_vectors keep
	guest_vectors loop
	guest_vectors clrbhb
	guest_vectors firmware
SYM_CODE_END(el2_guest_vectors)

/*
 * An ERET to a state that is illegal stays at EL2, with PSTATE.IL set, and ends
 * here, by way of any vector: interrupts may have become unmasked.  The general
 * registers are the guest's.  Everything else here is a fault of the runtime.
 */
SYM_CODE_START_LOCAL(el2_guest_illegal)
	stp	x0, x1, [sp, #-16]!
	mrs	x0, spsr_el2
	tbz	x0, #EL2_SPSR_IL_BIT, el2_panic_entry
.Lillegal:
	mov	x0, #EL2_EXIT_ILLEGAL
	b	el2_guest_exit
SYM_CODE_END(el2_guest_illegal)

/*
 * An SError in the window that serror_take() opens for it, its syndrome to x0.  The
 * ERET leads back into the window, so that one that comes after it is taken as well.
 */
SYM_CODE_START_LOCAL(el2_guest_serror)
	stp	x0, x1, [sp, #-16]!
	mrs	x0, spsr_el2
	tbnz	x0, #EL2_SPSR_IL_BIT, .Lillegal
	mrs	x0, elr_el2
	adr	x1, serror_window
	sub	x0, x0, x1
	cmp	x0, #4				/* before the ISB or after it */
	b.hi	el2_panic_entry
	add	sp, sp, #16
	mrs	x0, esr_el2
	b	el2_eret
SYM_CODE_END(el2_guest_serror)

/*
 * Interrupts and SErrors of the host are not routed to EL2, which is what makes
 * this unreachable.  The kernel's stub treats them alike.
 */
SYM_CODE_START_LOCAL(el2_spin)
	wfe
	b	el2_spin
SYM_CODE_END(el2_spin)
