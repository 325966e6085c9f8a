/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and stores, each of which the host lets run by itself, and a table of
 * them: struct mmio_access of mmio.h.  The address is in R1.
 */
	.syntax	unified
	.arch	armv8-a
	.text

	.set	is_thumb, 0

	.macro	access insn, rt, bytes, is_load, is_signed=0
	.pushsection .text
1:	\insn
2:
	.popsection
	.pushsection .rodata.str, "aMS", %progbits, 1
3:	.asciz	"\insn"
	.popsection
	.word	1b, 3b
	.byte	\bytes, \is_load, \is_signed, \rt, is_thumb
	.byte	(2b - 1b), 0, 0
	.endm

	/* those that take any register; in T32 but SP */
	.macro	accesses_narrow reg, rt
	access	"ldrb \reg, [r1]", \rt, 1, 1
	access	"ldrh \reg, [r1]", \rt, 2, 1
	access	"ldrsb \reg, [r1]", \rt, 1, 1, 1
	access	"ldrsh \reg, [r1]", \rt, 2, 1, 1
	access	"strb \reg, [r1]", \rt, 1, 0
	access	"strh \reg, [r1]", \rt, 2, 0
	.endm

	.macro	accesses_word reg, rt
	access	"ldr \reg, [r1]", \rt, 4, 1
	access	"str \reg, [r1]", \rt, 4, 0
	.endm

	/* and whose form is another */
	.macro	accesses_other reg, rt
	access	"ldr \reg, [r1, r6]", \rt, 4, 1
	access	"strb \reg, [r1, r6]", \rt, 1, 0
	access	"lda \reg, [r1]", \rt, 4, 1
	access	"ldah \reg, [r1]", \rt, 2, 1
	access	"ldab \reg, [r1]", \rt, 1, 1
	access	"stl \reg, [r1]", \rt, 4, 0
	access	"stlh \reg, [r1]", \rt, 2, 0
	access	"stlb \reg, [r1]", \rt, 1, 0
	.endm

	.macro	accesses reg, rt
	accesses_narrow	\reg, \rt
	accesses_word	\reg, \rt
	accesses_other	\reg, \rt
	.endm

	.macro	accesses_but_sp
	accesses	r0, 0
	accesses	r8, 8
	accesses	lr, 14
	.endm

	.arm
	.section .data.accesses, "aw"
	.balign	4
	.globl	mmio_accesses, mmio_accesses_end
mmio_accesses:
	.arm
	accesses_but_sp
	accesses_word	sp, 13
	.set	is_thumb, 1
	.pushsection .text
	.thumb
	.popsection
	.thumb
	accesses_but_sp
	accesses_word	sp, 13
mmio_accesses_end:

/* What nobody can emulate by the syndrome: pairs, several, with writeback. */
	.text
	.arm
	.globl	mmio_undescribed, mmio_undescribed_end
mmio_undescribed:
	ldrd	r2, r3, [r1]
	strd	r2, r3, [r1]
	ldm	r1, {r2, r3}
	stm	r1, {r2, r3}
	ldr	r2, [r1], #4
	str	r2, [r1, #4]!
	ldrex	r2, [r1]
mmio_undescribed_end:

	.section .note.GNU-stack, "", %progbits
