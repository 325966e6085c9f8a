/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header of an arm64 Image, 64 bytes, and the way into C.
 *
 * Layout as documented in the kernel's Documentation/arm64/booting.rst.  Bit 3
 * of the flags lets the image run wherever it is loaded, bits 2:1 say that it
 * was built for 4 KiB pages.
 */
	.section .head, "ax"
	.globl	_start
_start:
	b	start			/* code0 */
	nop				/* code1 */
	.quad	0			/* text_offset */
	.quad	_image_size		/* image_size */
	.quad	(1 << 3) | (1 << 1)	/* flags */
	.quad	0, 0, 0
	.ascii	"ARM\x64"		/* magic */
	.long	0

start:
	adrp	x0, _stack_top
	add	x0, x0, #:lo12:_stack_top
	mov	sp, x0
	bl	image_main
1:	wfi
	b	1b

/* u64 psci_call(u64 function) - by HVC, as the machine's device tree says */
	.globl	psci_call
psci_call:
	hvc	#0
	ret
