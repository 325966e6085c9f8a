/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way in and the way out of EL2.
 *
 * In: the kernel's stub jumps to el2_init with the MMU off when the host calls
 * HVC_SOFT_RESTART; VBAR_EL2 is still the stub's, ELR_EL2 and SPSR_EL2 lead back
 * to the caller.  Out: el2_restore and el2_soft_restart, from the host's vectors.
 *
 * Nothing is stored while EL2's caches are off: what was found stays in registers
 * until the MMU is on, so that no stale line of the host's can hide it.
 * Translations and instructions that an earlier owner of EL2 left are dropped
 * before the MMU goes on.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

#include "abi.h"
#include "asm-offsets.h"
#include "../sysreg.h"

	.section ".head.text", "ax"
/*
 * u64 el2_init(u64 cpu, u64 ttbr0, u64 tcr): install the runtime on this CPU
 *
 * At EL2, MMU off.  @cpu is the physical address of this CPU's struct el2_cpu.
 * Returns to the host with EL2_INIT_DONE in x0, or another EL2_INIT_* and EL2 as
 * it was.  Clobbers x0 to x17.
 */
SYM_CODE_START(el2_init)
	mrs	x9, hcr_el2
	tbnz	x9, #EL2_HCR_E2H_BIT, .Le2h

	mrs	x9, vbar_el2
	mrs	x10, sctlr_el2
	mrs	x11, ttbr0_el2
	mrs	x12, tcr_el2
	mrs	x13, mair_el2
	mrs	x14, tpidr_el2
	mov	x15, sp

	msr	ttbr0_el2, x1
	msr	tcr_el2, x2
	mov	x16, #EL2_MAIR
	msr	mair_el2, x16
	isb
	tlbi	alle2
	tlbi	alle1
	ic	iallu
	dsb	nsh
	isb
	mov_q	x16, EL2_SCTLR_ON
	msr	sctlr_el2, x16
	isb

	add	x16, x0, #CPU_FOUND
	stp	x9, x10, [x16]
	stp	x11, x12, [x16, #16]
	stp	x13, x14, [x16, #32]
	str	x15, [x16, #48]

	ldr	x16, [x0, #CPU_PREDICTORS]
	adrp	x17, el2_guest_vectors
	add	x17, x17, #:lo12:el2_guest_vectors
	add	x17, x17, x16, lsl #VECTORS_SHIFT
	str	x17, [x0, #CPU_GUEST_VECTORS]

	msr	tpidr_el2, x0
	mov	x16, #CPU_STACK_END
	add	x16, x0, x16
	mov	sp, x16
	adrp	x16, el2_host_vectors
	add	x16, x16, #:lo12:el2_host_vectors
	msr	vbar_el2, x16
	str	x30, [sp, #-16]!
	bl	el2_cpu_init
	ldr	x30, [sp], #16
	mov	x0, #EL2_INIT_DONE
	b	el2_eret
.Le2h:
	mov	x0, #EL2_INIT_E2H
	b	el2_eret
SYM_CODE_END(el2_init)

	.text
/* Give every register of struct el2_found its value back.  Clobbers x9 to x17. */
	.macro	restore_found
	mrs	x17, tpidr_el2
	add	x17, x17, #CPU_FOUND
	ldp	x9, x10, [x17]
	ldp	x11, x12, [x17, #16]
	ldp	x13, x14, [x17, #32]
	ldr	x15, [x17, #48]
	mov_q	x16, EL2_SCTLR_RES1
	isb					/* Falkor erratum 1041 */
	msr	sctlr_el2, x16
	isb
	msr	ttbr0_el2, x11
	msr	tcr_el2, x12
	msr	mair_el2, x13
	msr	tpidr_el2, x14
	msr	vbar_el2, x9
	mov	sp, x15
	isb
	tlbi	alle2
	dsb	nsh
	isb
	msr	sctlr_el2, x10
	isb
	.endm

/*
 * EL2_HVC_RESTORE and the stub's RESET_VECTORS: EL2 as it was found, 0 to the
 * caller.
 */
SYM_CODE_START(el2_restore)
	restore_found
	mov	x0, #0
	b	el2_eret
SYM_CODE_END(el2_restore)

/*
 * The stub's SOFT_RESTART: EL2 as it was found, then on at x1 with x2 to x4 as
 * the first three arguments.
 */
SYM_CODE_START(el2_soft_restart)
	restore_found
	mov	x16, x1
	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	br	x16
SYM_CODE_END(el2_soft_restart)
