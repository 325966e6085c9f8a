/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the vectors to C and back: the host's hypercalls, the way into a guest
 * and out of it, and exceptions of the runtime itself.
 *
 *   host: hvc -> el2_host_sync -> el2_call()         -> el2_host_return: eret
 *                              `-> el2_world_enter() -> el2_guest_resume: eret
 *                                                   `-> el2_host_return, if not now
 *   guest: exit -> el2_guest_exit -> el2_world_leave() -> el2_host_return: eret
 *
 * No C frame exists while a guest runs: the stack is empty at every eret.  The
 * registers that the host's caller expects to keep are in struct el2_cpu.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

#include "abi.h"
#include "asm-offsets.h"
#include "../sysreg.h"

	.text
/*
 * A synchronous exception from the host.  As with the kernel's stub, an unknown
 * call returns EL2_STUB_ERR.  A hypercall may clobber x0 to x17.
 */
SYM_CODE_START(el2_host_sync)
	mrs	x9, esr_el2
	lsr	x9, x9, #EL2_ESR_EC_SHIFT
	cmp	x9, #EL2_ESR_EC_HVC64
	b.ne	el2_refuse
	cmp	x0, #EL2_STUB_SOFT_RESTART
	b.eq	el2_soft_restart
	cmp	x0, #EL2_STUB_RESET_VECTORS
	b.eq	el2_restore
	mov_q	x9, EL2_HVC_BASE
	sub	x9, x0, x9
	cmp	x9, #EL2_HVC_NR
	b.hs	el2_refuse
	cbz	x9, el2_restore

	mrs	x10, tpidr_el2
	mov	x11, #CPU_HOST_REGS
	add	x11, x10, x11
	stp	x18, x19, [x11]
	stp	x20, x21, [x11, #16]
	stp	x22, x23, [x11, #32]
	stp	x24, x25, [x11, #48]
	stp	x26, x27, [x11, #64]
	stp	x28, x29, [x11, #80]
	mrs	x12, elr_el2
	mrs	x13, spsr_el2
	stp	x30, x12, [x11, #96]
	str	x13, [x11, #112]

	mov	x0, x10
	cmp	x9, #(EL2_HVC_RUN - EL2_HVC_BASE)
	b.eq	.Lrun
	mov	x3, x2
	mov	x2, x1
	mov	x1, x9
	bl	el2_call
	b	el2_host_return
.Lrun:
	bl	el2_world_enter
	cbnz	x0, el2_host_return
	b	el2_guest_resume
SYM_CODE_END(el2_host_sync)

SYM_CODE_START(el2_refuse)
	mov_q	x0, EL2_STUB_ERR
	b	el2_eret
SYM_CODE_END(el2_refuse)

/* Back to the host from a hypercall, x0 being its result. */
SYM_CODE_START_LOCAL(el2_host_return)
	mrs	x10, tpidr_el2
	mov	x11, #CPU_HOST_REGS
	add	x11, x10, x11
	ldp	x18, x19, [x11]
	ldp	x20, x21, [x11, #16]
	ldp	x22, x23, [x11, #32]
	ldp	x24, x25, [x11, #48]
	ldp	x26, x27, [x11, #64]
	ldp	x28, x29, [x11, #80]
	ldp	x30, x12, [x11, #96]
	ldr	x13, [x11, #112]
	msr	elr_el2, x12
	msr	spsr_el2, x13
	b	el2_eret
SYM_CODE_END(el2_host_return)

/* Only speculation reaches the barriers, which stop it. */
SYM_CODE_START(el2_eret)
	eret
	dsb	nsh
	isb
SYM_CODE_END(el2_eret)

/* Into the guest; all but its general registers is in place. */
SYM_CODE_START_LOCAL(el2_guest_resume)
	mrs	x0, tpidr_el2
	mov	x1, #CPU_VCPU
	ldr	x0, [x0, x1]
	add	x0, x0, #VCPU_REGS
	ldp	x2, x3, [x0, #16 * 1]
	ldp	x4, x5, [x0, #16 * 2]
	ldp	x6, x7, [x0, #16 * 3]
	ldp	x8, x9, [x0, #16 * 4]
	ldp	x10, x11, [x0, #16 * 5]
	ldp	x12, x13, [x0, #16 * 6]
	ldp	x14, x15, [x0, #16 * 7]
	ldp	x16, x17, [x0, #16 * 8]
	ldp	x18, x19, [x0, #16 * 9]
	ldp	x20, x21, [x0, #16 * 10]
	ldp	x22, x23, [x0, #16 * 11]
	ldp	x24, x25, [x0, #16 * 12]
	ldp	x26, x27, [x0, #16 * 13]
	ldp	x28, x29, [x0, #16 * 14]
	ldr	x30, [x0, #16 * 15]
	ldp	x0, x1, [x0]
	b	el2_eret
SYM_CODE_END(el2_guest_resume)

/* Out of the guest: exit code in x0, the guest's x0 and x1 on the stack. */
SYM_CODE_START(el2_guest_exit)
	mrs	x1, tpidr_el2
	add	x1, x1, #(CPU_VCPU & ~0xfff)
	ldr	x1, [x1, #(CPU_VCPU & 0xfff)]
	add	x1, x1, #VCPU_REGS
	stp	x2, x3, [x1, #16 * 1]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x1]
	stp	x4, x5, [x1, #16 * 2]
	stp	x6, x7, [x1, #16 * 3]
	stp	x8, x9, [x1, #16 * 4]
	stp	x10, x11, [x1, #16 * 5]
	stp	x12, x13, [x1, #16 * 6]
	stp	x14, x15, [x1, #16 * 7]
	stp	x16, x17, [x1, #16 * 8]
	stp	x18, x19, [x1, #16 * 9]
	stp	x20, x21, [x1, #16 * 10]
	stp	x22, x23, [x1, #16 * 11]
	stp	x24, x25, [x1, #16 * 12]
	stp	x26, x27, [x1, #16 * 13]
	stp	x28, x29, [x1, #16 * 14]
	str	x30, [x1, #16 * 15]
	mov	x1, x0
	mrs	x0, tpidr_el2
	bl	el2_world_leave
	b	el2_host_return
SYM_CODE_END(el2_guest_exit)

/*
 * An exception of the runtime itself, always inside a hypercall.  It returns to
 * that hypercall's caller, and drops what was on the stack.
 */
SYM_CODE_START(el2_panic_entry)
	mrs	x0, tpidr_el2
	mov	x1, #CPU_STACK_END
	add	x1, x0, x1
	msr	spsel, #1
	mov	sp, x1
	bl	el2_panic
	b	el2_host_return
SYM_CODE_END(el2_panic_entry)

/*
 * u64 serror_take(void): SErrors are unmasked for two instructions, of which the ISB
 * gives a pending one the time to come; el2_guest_serror puts its syndrome into x0.
 * Clobbers x1 then.
 */
SYM_FUNC_START(serror_take)
	mov	x0, #0
	msr	daifclr, #4
SYM_INNER_LABEL(serror_window, SYM_L_GLOBAL)
	isb
	msr	daifset, #4
	ret
SYM_FUNC_END(serror_take)

/* void el2_fpsimd_save(struct el2_fpsimd *fp): clobbers x8 and x9 */
SYM_FUNC_START(el2_fpsimd_save)
	stp	q0, q1, [x0, #16 * 0]
	stp	q2, q3, [x0, #16 * 2]
	stp	q4, q5, [x0, #16 * 4]
	stp	q6, q7, [x0, #16 * 6]
	stp	q8, q9, [x0, #16 * 8]
	stp	q10, q11, [x0, #16 * 10]
	stp	q12, q13, [x0, #16 * 12]
	stp	q14, q15, [x0, #16 * 14]
	stp	q16, q17, [x0, #16 * 16]
	stp	q18, q19, [x0, #16 * 18]
	stp	q20, q21, [x0, #16 * 20]
	stp	q22, q23, [x0, #16 * 22]
	stp	q24, q25, [x0, #16 * 24]
	stp	q26, q27, [x0, #16 * 26]
	stp	q28, q29, [x0, #16 * 28]
	stp	q30, q31, [x0, #16 * 30]
	mrs	x8, fpsr
	mrs	x9, fpcr
	add	x0, x0, #FPSIMD_FPSR
	stp	x8, x9, [x0]
	ret
SYM_FUNC_END(el2_fpsimd_save)

/* void el2_fpsimd_load(const struct el2_fpsimd *fp): clobbers x8 and x9 */
SYM_FUNC_START(el2_fpsimd_load)
	ldp	q0, q1, [x0, #16 * 0]
	ldp	q2, q3, [x0, #16 * 2]
	ldp	q4, q5, [x0, #16 * 4]
	ldp	q6, q7, [x0, #16 * 6]
	ldp	q8, q9, [x0, #16 * 8]
	ldp	q10, q11, [x0, #16 * 10]
	ldp	q12, q13, [x0, #16 * 12]
	ldp	q14, q15, [x0, #16 * 14]
	ldp	q16, q17, [x0, #16 * 16]
	ldp	q18, q19, [x0, #16 * 18]
	ldp	q20, q21, [x0, #16 * 20]
	ldp	q22, q23, [x0, #16 * 22]
	ldp	q24, q25, [x0, #16 * 24]
	ldp	q26, q27, [x0, #16 * 26]
	ldp	q28, q29, [x0, #16 * 28]
	ldp	q30, q31, [x0, #16 * 30]
	add	x0, x0, #FPSIMD_FPSR
	ldp	x8, x9, [x0]
	msr	fpsr, x8
	msr	fpcr, x9
	ret
SYM_FUNC_END(el2_fpsimd_load)
