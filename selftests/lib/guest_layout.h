/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a test's guest has what, for C and assembly alike.
 *
 * The test program itself, or the image of 32-bit code that is part of it, is in
 * guest memory, at the addresses that it is linked at, with a stack for each vCPU
 * above it.  Tests are free to put memory
 * anywhere else but at the calls' address, where no memory may be.
 */
#ifndef SELFTESTS_LIB_GUEST_LAYOUT_H
#define SELFTESTS_LIB_GUEST_LAYOUT_H

#define GUEST_PROGRAM_BASE	0x00400000
#define GUEST_PROGRAM_SIZE	0x00400000
#define GUEST_STACK_TOP		0x00800000	/* of vCPU 0, the others' below */
#define GUEST_STACK_SIZE	0x00002000
#define GUEST_UCALL_BASE	0xc0000000	/* a 64-bit register a command */

/* Where the tests of Set/Way have the memory that they watch, and a page of it. */
#define MEMORY_IPA	0x40000000ULL
#define MEMORY_PAGE(n)	(MEMORY_IPA + (n) * 0x1000ULL)

/* struct guest_cpu */
#define GUEST_CPU_RESUME	0
#define GUEST_CPU_ESR		8
#define GUEST_CPU_ELR		16
#define GUEST_CPU_FAR		24
#define GUEST_CPU_INTERRUPT	32
#define GUEST_CPU_SIZE		48

/* struct guest32_cpu */
#define GUEST32_CPU_RESUME		0
#define GUEST32_CPU_RESUME_CPSR		4
#define GUEST32_CPU_VECTOR		8
#define GUEST32_CPU_CPSR		12
#define GUEST32_CPU_LR			16
#define GUEST32_CPU_SPSR		20
#define GUEST32_CPU_DFSR		24
#define GUEST32_CPU_DFAR		28
#define GUEST32_CPU_IFSR		32
#define GUEST32_CPU_IFAR		36
#define GUEST32_CPU_INTERRUPT		40
#define GUEST32_CPU_SCRATCH		44
#define GUEST32_CPU_SIZE		48

/* enum ucall_command, the two that assembly uses */
#define UCALL_DONE_NUMBER	1
#define UCALL_EXCEPTION_NUMBER	3

#endif /* SELFTESTS_LIB_GUEST_LAYOUT_H */
