/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A few instructions in AArch32 state at EL1, and back: for ../aarch32.c.  Stages 1
 * and 2 are off meanwhile, so they are fetched from where the image is.
 */
#include <linux/linkage.h>

#include "../sysreg.h"

	.text
	.align	11
SYM_CODE_START_LOCAL(detour_vectors)
	.rept	12				/* from EL2, and from AArch64 */
	.align	7
	b	el2_panic_entry
	.endr
	.align	7
	b	detour_back			/* HVC from AArch32 */
	.rept	3
	.align	7
	b	el2_panic_entry
	.endr
SYM_CODE_END(detour_vectors)

/* A32: the assembler here knows A64 only. */
SYM_CODE_START(detour_set_mode)
	.inst	0xe121f000			/* msr cpsr_c, r0 */
	.inst	0xe1400070			/* hvc #0 */
SYM_CODE_END(detour_set_mode)

SYM_CODE_START(detour_read_spsr)
	.inst	0xe14f0000			/* mrs r0, spsr */
	.inst	0xe1400070			/* hvc #0 */
SYM_CODE_END(detour_read_spsr)

/*
 * u64 detour_go(u64 r0, u64 pstate, const char *pc): returns R0.  The banked
 * registers of AArch32 are in X18 to X30 among others: all of them are kept.
 */
SYM_FUNC_START(detour_go)
	stp	x18, x19, [sp, #-112]!
	stp	x20, x21, [sp, #16]
	stp	x22, x23, [sp, #32]
	stp	x24, x25, [sp, #48]
	stp	x26, x27, [sp, #64]
	stp	x28, x29, [sp, #80]
	mrs	x9, vbar_el2
	stp	x30, x9, [sp, #96]
	adr	x9, detour_vectors
	msr	vbar_el2, x9
	msr	spsr_el2, x1
	msr	elr_el2, x2
	b	el2_eret
SYM_FUNC_END(detour_go)

SYM_CODE_START_LOCAL(detour_back)
	ldp	x30, x9, [sp, #96]
	msr	vbar_el2, x9
	ldp	x28, x29, [sp, #80]
	ldp	x26, x27, [sp, #64]
	ldp	x24, x25, [sp, #48]
	ldp	x22, x23, [sp, #32]
	ldp	x20, x21, [sp, #16]
	ldp	x18, x19, [sp], #112
	isb
	ret
SYM_CODE_END(detour_back)
