/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest code of 32-bit tests can use.
 *
 * It is built for A32 into an image of its own, which is part of the test program
 * and which program32_load() puts into guest memory. It runs in SVC mode, with the
 * MMU off at first. Its functions and variables are the host's by the names
 * guest32_NAME: see lib/program32.h.
 */
#ifndef SELFTESTS_GUEST32_H
#define SELFTESTS_GUEST32_H

#include "../../lib/guest_call.h"

/* What must be in the caller's page of code. */
#define __here		__attribute__((					\
				__always_inline__))

/* A function that has a page of code to itself, see lib/tracking.h. */
#define __own_page	__attribute__((					\
				__noinline__, __noclone__, __aligned__(4096)))

/* SCTLR, ARM DDI 0487J.a, G8.2.126 */
#define SCTLR_M		0x00000001U	/* MMU */
#define SCTLR_C		0x00000004U	/* data caches */
#define SCTLR_I		0x00001000U	/* instruction caches */
#define SCTLR_V		0x00002000U	/* vectors at 0xffff0000 */
#define SCTLR_EE	0x02000000U	/* exceptions are big-endian */
#define SCTLR_TE	0x40000000U	/* exceptions are taken to T32 */

/* CPSR, ARM DDI 0487J.a, G8.2 */
#define CPSR_MODE	0x0000001fU
#define CPSR_T		0x00000020U
#define CPSR_F		0x00000040U
#define CPSR_I		0x00000080U
#define CPSR_A		0x00000100U
#define CPSR_E		0x00000200U

#define MODE_USR	0x10
#define MODE_FIQ	0x11
#define MODE_IRQ	0x12
#define MODE_SVC	0x13
#define MODE_ABT	0x17
#define MODE_UND	0x1b
#define MODE_SYS	0x1f

#define TTBCR_EAE	0x80000000U	/* the long format */

/** enum guest_vector - the vectors, by their numbers */
enum guest_vector {
	VECTOR_NONE,
	VECTOR_UNDEF,
	VECTOR_SVC,
	VECTOR_PREFETCH_ABORT,
	VECTOR_DATA_ABORT,
	VECTOR_IRQ = 6,
	VECTOR_FIQ,
};

/**
 * struct guest32_cpu - what a vCPU knows of itself, at the top of its stack
 * @resume: where an exception returns to, 0 if none is expected
 * @resume_cpsr: and with what CPSR
 * @vector: of the last expected exception, or VECTOR_NONE
 * @cpsr: what it found on entry, CPSR.T included
 * @lr: what the CPU had put there
 * @spsr: likewise
 * @dfsr: the register then
 * @dfar: likewise
 * @ifsr: likewise
 * @ifar: likewise
 * @interrupt: called at IRQs and FIQs with the vector's number, NULL if none is
 *	expected
 * @scratch: a register meanwhile
 */
struct guest32_cpu {
	u32 resume;
	u32 resume_cpsr;
	u32 vector;
	u32 cpsr;
	u32 lr;
	u32 spsr;
	u32 dfsr;
	u32 dfar;
	u32 ifsr;
	u32 ifar;
	void (*interrupt)(u32 vector);
	u32 scratch;
};

/*
 * Registers by their encodings, as the instruction has them: coprocessor, opc1,
 * the value, CRn, CRm, opc2; or, of 64 bits, coprocessor, opc1, the value, CRm.
 */
#define READ(name) ({							\
	u32 __value;							\
									\
	asm volatile("mrc " name : "=r" (__value) : : "memory");	\
	__value;							\
})

#define WRITE(value, name) ({						\
	asm volatile("mcr " name "\n\tisb" : : "r" (value) : "memory");	\
})

#define READ64(name) ({							\
	u64 __value;							\
									\
	asm volatile("mrrc " name : "=r" (__value) : : "memory");	\
	__value;							\
})

#define WRITE64(value, name) ({						\
	asm volatile("mcrr " name "\n\tisb" : : "r" ((u64)(value)) : "memory"); \
})

#define SCTLR		"p15, 0, %0, c1, c0, 0"
#define TTBR0		"p15, 0, %0, c2, c0, 0"
#define TTBR1		"p15, 0, %0, c2, c0, 1"
#define TTBCR		"p15, 0, %0, c2, c0, 2"
#define DACR		"p15, 0, %0, c3, c0, 0"
#define DFSR		"p15, 0, %0, c5, c0, 0"
#define IFSR		"p15, 0, %0, c5, c0, 1"
#define MAIR0		"p15, 0, %0, c10, c2, 0"
#define MAIR1		"p15, 0, %0, c10, c2, 1"
#define VBAR		"p15, 0, %0, c12, c0, 0"
#define TPIDRPRW	"p15, 0, %0, c13, c0, 4"
#define DFAR		"p15, 0, %0, c6, c0, 0"
#define IFAR		"p15, 0, %0, c6, c0, 2"
#define TTBR0_64	"p15, 0, %Q0, %R0, c2"

/** guest_cpu() - this vCPU's own data */
static inline struct guest32_cpu *guest_cpu(void)
{
	return (struct guest32_cpu *)READ(TPIDRPRW);
}

/**
 * GUEST_TRY() - run instructions that may take an exception
 * @instructions: a string; r12, lr and label 9 are taken
 * @...: their operands, all of them as outputs of an asm statement
 *
 * An exception ends them, in the mode that there was at their beginning.
 *
 * Result: the exception's vector, VECTOR_NONE if there was none. guest_cpu() has
 * more.
 */
#define GUEST_TRY(instructions, ...) ({					\
	struct guest32_cpu *__cpu = guest_cpu();			\
									\
	WRITE_ONCE(__cpu->vector, VECTOR_NONE);				\
	asm volatile("mrs r12, cpsr\n\t"				\
		     "str r12, [%[cpu], #4]\n\t"			\
		     "adr r12, 9f\n\t"					\
		     "str r12, [%[cpu]]\n\t"				\
		     instructions "\n"					\
		     "9:\tmov r12, #0\n\t"				\
		     "str r12, [%[cpu]]"				\
		     : __VA_ARGS__					\
		     : [cpu] "r" (__cpu)				\
		     : "r12", "lr", "cc", "memory");			\
	READ_ONCE(__cpu->vector);					\
})

/**
 * guest_mmu_on() - turn MMU and caches on, all addresses mapped to themselves
 *
 * By tables in the long format. From the calls' address up it is device memory,
 * all else is write-back.
 */
void guest_mmu_on(void);

/** guest_mmu_on_short() - the same, by tables in the short format */
void guest_mmu_on_short(void);

/* guest_mmu_on()'s table, of 1 GiB blocks. */
extern u64 guest_tables[4];

/* guest_mmu_on_short()'s table, of 1 MiB sections. */
extern u32 guest_sections[4096];

/** guest_mmu_off() - turn MMU and caches off */
void guest_mmu_off(void);

/**
 * sctlr_change() - set and clear bits of SCTLR, in the caller's page of code
 * @set: bits to set
 * @clear: bits to clear
 */
static inline __here void sctlr_change(u32 set, u32 clear)
{
	u32 sctlr = READ(SCTLR);

	asm volatile("dsb sy" : : : "memory");
	WRITE((sctlr & ~clear) | set, SCTLR);
}

/* Tables of vectors: for A32, for T32, one that is never used, one for A32 to copy. */
extern char guest_vectors[], guest_vectors_thumb[], guest_vectors_none[];
extern char guest_vectors_copy[], guest_vectors_copy_end[];

/**
 * guest_read() - read a word
 * @ipa: its address
 */
static inline u32 guest_read(u32 ipa)
{
	u32 value;

	asm volatile("ldr %0, [%1]" : "=r" (value) : "r" (ipa) : "memory");
	return value;
}

/**
 * guest_write() - write a word
 * @ipa: its address
 * @value: what to write
 */
static inline void guest_write(u32 ipa, u32 value)
{
	asm volatile("str %0, [%1]" : : "r" (value), "r" (ipa) : "memory");
}

#endif /* SELFTESTS_GUEST32_H */
