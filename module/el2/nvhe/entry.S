/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the vectors to C and back: the host's hypercalls, the way into a guest
 * and out of it, and exceptions of the runtime itself.
 *
 *   host: hvc -> el2_host_sync -> el2_call()         -> el2_host_return: eret
 *                              `-> el2_world_enter() -> el2_guest_resume: eret
 *                                                   `-> el2_host_return, if not now
 *   guest: sync -> el2_guest_sync: eret
 *                  `-> el2_guest_answer() or el2_guest_fault() -> el2_guest_resume: eret
 *                      `-> el2_world_leave() -> el2_host_return: eret
 *          else -> el2_guest_exit -> el2_world_leave() -> el2_host_return: eret
 *
 * No C frame exists while a guest runs: the stack is empty at every eret.  The
 * registers that the host's caller expects to keep are in struct el2_cpu.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

#include "abi.h"
#include "asm-offsets.h"
#include "../sysreg.h"

/*
 * The registers, each list once: to be saved with stp (and str), loaded with ldp
 * (and ldr).
 *
 * What a hypercall keeps but for X30, which goes with ELR_EL2: struct el2_cpu.host_regs.
 */
	.macro	host_regs pair, cpu
	\pair	x18, x19, [\cpu, #CPU_HOST_REGS]
	\pair	x20, x21, [\cpu, #CPU_HOST_REGS + 16]
	\pair	x22, x23, [\cpu, #CPU_HOST_REGS + 32]
	\pair	x24, x25, [\cpu, #CPU_HOST_REGS + 48]
	\pair	x26, x27, [\cpu, #CPU_HOST_REGS + 64]
	\pair	x28, x29, [\cpu, #CPU_HOST_REGS + 80]
	.endm

/* All that a hypercall keeps; x10: struct el2_cpu.  Clobbers x12, x13. */
	.macro	host_save
	mrs	x10, tpidr_el2
	mrs	x12, elr_el2
	mrs	x13, spsr_el2
	host_regs stp, x10
	stp	x30, x12, [x10, #CPU_HOST_REGS + 96]
	str	x13, [x10, #CPU_HOST_REGS + 112]
	.endm

/*
 * A guest's but for X0 to X3, which are where it takes them: struct el2_vcpu.regs.  First
 * those that C code may change (X19 goes with X18), then those that it keeps.
 */
	.macro	guest_regs_changed pair, single, vcpu
	\pair	x4, x5, [\vcpu, #VCPU_REGS + 16 * 2]
	\pair	x6, x7, [\vcpu, #VCPU_REGS + 16 * 3]
	\pair	x8, x9, [\vcpu, #VCPU_REGS + 16 * 4]
	\pair	x10, x11, [\vcpu, #VCPU_REGS + 16 * 5]
	\pair	x12, x13, [\vcpu, #VCPU_REGS + 16 * 6]
	\pair	x14, x15, [\vcpu, #VCPU_REGS + 16 * 7]
	\pair	x16, x17, [\vcpu, #VCPU_REGS + 16 * 8]
	\pair	x18, x19, [\vcpu, #VCPU_REGS + 16 * 9]
	\single	x30, [\vcpu, #VCPU_REGS + 16 * 15]
	.endm

	.macro	guest_regs_kept pair, vcpu
	\pair	x20, x21, [\vcpu, #VCPU_REGS + 16 * 10]
	\pair	x22, x23, [\vcpu, #VCPU_REGS + 16 * 11]
	\pair	x24, x25, [\vcpu, #VCPU_REGS + 16 * 12]
	\pair	x26, x27, [\vcpu, #VCPU_REGS + 16 * 13]
	\pair	x28, x29, [\vcpu, #VCPU_REGS + 16 * 14]
	.endm

/* struct el2_fpsimd.vregs */
	.macro	vector_regs pair, base
	\pair	q0, q1, [\base, #16 * 0]
	\pair	q2, q3, [\base, #16 * 2]
	\pair	q4, q5, [\base, #16 * 4]
	\pair	q6, q7, [\base, #16 * 6]
	\pair	q8, q9, [\base, #16 * 8]
	\pair	q10, q11, [\base, #16 * 10]
	\pair	q12, q13, [\base, #16 * 12]
	\pair	q14, q15, [\base, #16 * 14]
	\pair	q16, q17, [\base, #16 * 16]
	\pair	q18, q19, [\base, #16 * 18]
	\pair	q20, q21, [\base, #16 * 20]
	\pair	q22, q23, [\base, #16 * 22]
	\pair	q24, q25, [\base, #16 * 24]
	\pair	q26, q27, [\base, #16 * 26]
	\pair	q28, q29, [\base, #16 * 28]
	\pair	q30, q31, [\base, #16 * 30]
	.endm

/* An instruction that EL2 has done is over: it was a step, and no target of a branch. */
	.macro	spsr_end_insn spsr
	and	\spsr, \spsr, #~EL2_SPSR_SS
	and	\spsr, \spsr, #~EL2_SPSR_BTYPE
	.endm

/*
 * x3 to a register of the guest's, by its number, in two instructions each.  X0 and X1 are
 * on the stack, X2 and X3 in struct el2_vcpu, x1; 31 is XZR.
 */
#define TRANSFER_SHIFT	3

	.macro	transfer insn:vararg
	\insn
	b	.Ltransferred
	.endm

	.macro	transfer_all
	transfer str	x3, [sp]
	transfer str	x3, [sp, #8]
	transfer str	x3, [x1, #VCPU_REGS + 16]
	transfer str	x3, [x1, #VCPU_REGS + 24]
	.irp	n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, \
		25, 26, 27, 28, 29, 30
	transfer mov	x\n, x3
	.endr
	transfer nop
	.endm

	.text
/*
 * A synchronous exception from the host.  As with the kernel's stub, an unknown
 * call returns EL2_STUB_ERR.
 *
 * IN        x0: the call, x1 and x2: its arguments
 * OUT       x0: the result
 * CLOBBERS  x1 to x17
 */
SYM_CODE_START(el2_host_sync)
	mrs	x9, esr_el2
	lsr	x9, x9, #EL2_ESR_EC_SHIFT
	cmp	x9, #EL2_ESR_EC_HVC64
	b.ne	el2_refuse
	mov_q	x9, EL2_HVC_RUN
	cmp	x0, x9
	b.eq	.Lrun
	cmp	x0, #EL2_STUB_SOFT_RESTART
	b.eq	el2_soft_restart
	cmp	x0, #EL2_STUB_RESET_VECTORS
	b.eq	el2_restore
	mov_q	x9, EL2_HVC_BASE
	sub	x9, x0, x9
	cmp	x9, #EL2_HVC_NR
	b.hs	el2_refuse
	cbz	x9, el2_restore

	host_save
	mov	x0, x10
	mov	x3, x2
	mov	x2, x1
	mov	x1, x9
	bl	el2_call
	b	el2_host_return
.Lrun:
	host_save
	mov	x0, x10
	bl	el2_world_enter
	cbz	x0, el2_guest_resume
	b	el2_host_return
SYM_CODE_END(el2_host_sync)

SYM_CODE_START(el2_refuse)
	mov_q	x0, EL2_STUB_ERR
	b	el2_eret
SYM_CODE_END(el2_refuse)

/*
 * Back to the host from a hypercall.
 *
 * IN        x0: the result
 * OUT       x18 to x30, ELR_EL2 and SPSR_EL2 as the hypercall found them
 * CLOBBERS  x10, x12, x13
 */
SYM_CODE_START_LOCAL(el2_host_return)
	mrs	x10, tpidr_el2
	host_regs ldp, x10
	ldp	x30, x12, [x10, #CPU_HOST_REGS + 96]
	ldr	x13, [x10, #CPU_HOST_REGS + 112]
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

/*
 * Into the guest; all but its general registers is in place.
 *
 * IN        struct el2_cpu.vcpu
 * OUT       x0 to x30: the guest's
 */
SYM_CODE_START_LOCAL(el2_guest_resume)
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_VCPU]
	guest_regs_kept ldp, x0
.Lresume_kept:
	ldp	x2, x3, [x0, #VCPU_REGS + 16]
	guest_regs_changed ldp, ldr, x0
	ldp	x0, x1, [x0, #VCPU_REGS]
	b	el2_eret
SYM_CODE_END(el2_guest_resume)

/* What C code may change of a guest's registers, with X2 and X3 saved; x1: struct el2_vcpu. */
	.macro	guest_save_changed
	guest_regs_changed stp, str, x1
	ldp	x3, x4, [sp], #16
	stp	x3, x4, [x1, #VCPU_REGS]
	.endm

/*
 * Out of the guest by an instruction or a fault, and into it again if the host need not
 * be asked.  A read of CTR_EL0, most of what a 32-bit Linux traps, is answered before
 * more is saved than is used here; el2_guest_answer() has the same conditions for what it
 * answers.  For a fault that is answered, nothing is saved that C code keeps.
 *
 * IN        the guest's x0 and x1 on the stack, x2 to x30 in place
 * OUT       the stack is empty; all of struct el2_vcpu.regs, or x0 to x30: the guest's
 * CLOBBERS  everything, or nothing
 */
SYM_CODE_START(el2_guest_sync)
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #CPU_VCPU]
	stp	x2, x3, [x1, #VCPU_REGS + 16]
	mrs	x2, esr_el2
	ldp	x0, x3, [x1, #VCPU_CTR_ESR]	/* and the bits of an IT block */
	eor	x0, x0, x2
	tst	x0, #~EL2_ESR_RT
	b.ne	.Lanswer
	ldr	x0, [x1, #VCPU_MAY]
	tbz	x0, #EL2_ANSWER_ID_BIT, .Lanswer
	ldr	x0, [x1, #VCPU_REQUESTS]
	cbnz	x0, .Lanswer
	mrs	x0, spsr_el2
	tst	x0, x3
	b.ne	.Lanswer

	spsr_end_insn x0
	msr	spsr_el2, x0
	mrs	x0, elr_el2
	add	x0, x0, #EL2_INSN_SIZE
	msr	elr_el2, x0
	ldr	x0, [x1, #VCPU_NR_IDS]
	add	x0, x0, #1
	str	x0, [x1, #VCPU_NR_IDS]
	ldr	x3, [x1, #VCPU_CTR_VALUE]
	ubfx	x2, x2, #EL2_ESR_RT_SHIFT, #EL2_ESR_RT_BITS
	adr	x0, .Ltransfer
	add	x0, x0, x2, lsl #TRANSFER_SHIFT
	br	x0
.Ltransfer:
	transfer_all
.Ltransferred:
	ldp	x2, x3, [x1, #VCPU_REGS + 16]
	ldp	x0, x1, [sp], #16
	b	el2_eret
.Lanswer:
	guest_save_changed
	mrs	x0, tpidr_el2
	lsr	x3, x2, #EL2_ESR_EC_SHIFT
	and	x3, x3, #~EL2_ESR_EC_DATA
	cmp	x3, #EL2_ESR_EC_IABT_LOW
	b.ne	.Lanswer_insn

	bl	el2_guest_fault
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #CPU_VCPU]
	cbz	w0, .Lnot_answered
	mov	x0, x1
	b	.Lresume_kept
.Lnot_answered:
	guest_regs_kept stp, x1
	b	.Lleave
.Lanswer_insn:
	guest_regs_kept stp, x1
	bl	el2_guest_answer
	cbnz	w0, el2_guest_resume
.Lleave:
	mov	x1, #EL2_EXIT_SYNC
	mrs	x0, tpidr_el2
	bl	el2_world_leave
	b	el2_host_return
SYM_CODE_END(el2_guest_sync)

/*
 * Out of the guest by anything else.
 *
 * IN        x0: enum el2_exit; the guest's x0 and x1 on the stack, x2 to x30 in place
 * OUT       the stack is empty; all of struct el2_vcpu.regs
 * CLOBBERS  everything
 */
SYM_CODE_START(el2_guest_exit)
	mrs	x1, tpidr_el2
	ldr	x1, [x1, #CPU_VCPU]
	stp	x2, x3, [x1, #VCPU_REGS + 16]
	guest_regs_kept stp, x1
	guest_save_changed
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
 *
 * OUT       x0: the syndrome or 0
 * CLOBBERS  x1, ELR_EL2, SPSR_EL2, ESR_EL2
 */
SYM_FUNC_START(serror_take)
	mov	x0, #0
	msr	daifclr, #4
SYM_INNER_LABEL(serror_window, SYM_L_GLOBAL)
	isb
	msr	daifset, #4
	ret
SYM_FUNC_END(serror_take)

/*
 * void el2_fpsimd_save(struct el2_fpsimd *fp)
 *
 * IN        x0: @fp
 * CLOBBERS  x0, x8, x9
 */
SYM_FUNC_START(el2_fpsimd_save)
	vector_regs stp, x0
	mrs	x8, fpsr
	mrs	x9, fpcr
	add	x0, x0, #FPSIMD_FPSR
	stp	x8, x9, [x0]
	ret
SYM_FUNC_END(el2_fpsimd_save)

/*
 * void el2_fpsimd_load(const struct el2_fpsimd *fp)
 *
 * IN        x0: @fp
 * OUT       Q0 to Q31, FPSR, FPCR
 * CLOBBERS  x0, x8, x9
 */
SYM_FUNC_START(el2_fpsimd_load)
	vector_regs ldp, x0
	add	x0, x0, #FPSIMD_FPSR
	ldp	x8, x9, [x0]
	msr	fpsr, x8
	msr	fpcr, x9
	ret
SYM_FUNC_END(el2_fpsimd_load)
