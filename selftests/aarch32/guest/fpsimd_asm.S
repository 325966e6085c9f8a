/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All FP and SIMD registers from memory and to memory: struct fpsimd32.
 */
	.syntax	unified
	.arch	armv7ve
	.fpu	neon-vfpv4
	.arm
	.text

/* void fpsimd_load(const struct fpsimd32 *from); clobbers r1 */
	.globl	fpsimd_load
	.type	fpsimd_load, %function
fpsimd_load:
	vldmia	r0!, {d0-d15}
	vldmia	r0!, {d16-d31}
	ldr	r1, [r0]
	vmsr	fpscr, r1
	bx	lr

/* void fpsimd_store(struct fpsimd32 *to); clobbers r1 */
	.globl	fpsimd_store
	.type	fpsimd_store, %function
fpsimd_store:
	vstmia	r0!, {d0-d15}
	vstmia	r0!, {d16-d31}
	vmrs	r1, fpscr
	str	r1, [r0]
	vmrs	r1, fpexc
	str	r1, [r0, #4]
	bx	lr

	.section .note.GNU-stack, "", %progbits
