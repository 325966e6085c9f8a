/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test's guest code can use.
 *
 * Guest code is ordinary functions of the test program: program_load() puts
 * the program into guest memory where it is linked, so that calls, literals and
 * variables work (the guest has its own copy of the variables).  It runs at
 * EL1, with the MMU off at first.  It must not call libc.
 */
#ifndef SELFTESTS_LIB_GUEST_H
#define SELFTESTS_LIB_GUEST_H

#include "guest_call.h"
#include "guest_layout.h"
#include "types.h"

/* SCTLR_EL1, ARM DDI 0487J.a, D19.2.118 */
#define SCTLR_M		BIT(0)	/* MMU */
#define SCTLR_C		BIT(2)	/* data caches */
#define SCTLR_I		BIT(12)	/* instruction caches */

/* ESR_ELx, ARM DDI 0487J.a, D19.2.37 */
#define ESR_EC(esr)		((esr) >> 26 & 0x3f)
#define ESR_ISS(esr)		((esr) & 0x1ffffff)
#define ESR_EC_UNKNOWN		0x00
#define ESR_EC_FP		0x07
#define ESR_EC_SYSREG		0x18
#define ESR_EC_IABT_LOWER	0x20
#define ESR_EC_IABT_SAME	0x21
#define ESR_EC_DABT_SAME	0x25
#define ESR_FSC(esr)		((esr) & 0x3f)
#define ESR_FSC_SEA		0x10	/* synchronous external abort */
#define ESR_FSC_SEA_WALK(level)	(0x14 + (level))	/* on a table walk */
#define ESR_FSC_ADDRESS_SIZE(level)	(level)

/* The vectors' numbers of IRQ and FIQ, taken from where they are handled. */
#define GUEST_VECTOR_IRQ	5
#define GUEST_VECTOR_FIQ	6

/**
 * struct guest_cpu - what a vCPU knows of itself, at the top of its stack
 * @resume: where an exception returns to, 0 if none is expected
 * @esr: the syndrome of the last expected exception, or 0
 * @elr: its address
 * @far: the address that faulted
 * @interrupt: called at IRQs and FIQs with the vector's number, NULL if none is
 *	expected
 */
struct guest_cpu {
	u64 resume;
	u64 esr;
	u64 elr;
	u64 far;
	void (*interrupt)(u64 vector);
	u64 padding;
};

/**
 * guest_start() - where a vCPU starts
 *
 * Expects x0 to have the guest function, x1 to x3 its arguments. For CPU_ON,
 * the function is the context id, and has no arguments. When it returns, the
 * guest is done.
 */
void guest_start(void);

/** guest_cpu() - this vCPU's own data */
static inline struct guest_cpu *guest_cpu(void)
{
	struct guest_cpu *cpu;

	asm volatile("mrs %0, tpidr_el1" : "=r" (cpu));
	return cpu;
}

/**
 * GUEST_TRY() - run an instruction that may take an exception
 * @instruction: a string; x16, x17 and label 9 are taken
 * @...: its operands, all of them as outputs of an asm statement
 *
 * An exception ends the instruction, as if it had been there only to be tried.
 *
 * Result: the exception's syndrome, 0 if there was none. guest_cpu() has more.
 */
#define GUEST_TRY(instruction, ...) ({					\
	struct guest_cpu *__cpu = guest_cpu();				\
									\
	WRITE_ONCE(__cpu->esr, 0);					\
	asm volatile("mov x17, %[resume]\n\t"				\
		     "adr x16, 9f\n\t"					\
		     "str x16, [x17]\n\t"				\
		     instruction "\n"					\
		     "9:\tstr xzr, [x17]"				\
		     : __VA_ARGS__					\
		     : [resume] "r" (&__cpu->resume)			\
		     : "x16", "x17", "x30", "memory");			\
	READ_ONCE(__cpu->esr);						\
})

/**
 * guest_psci() - call PSCI by HVC
 * @function: function id
 * @a: first argument
 * @b: second argument
 * @c: third argument
 *
 * Return: what PSCI returns, sign-extended by it if at all.
 */
u64 guest_psci(u64 function, u64 a, u64 b, u64 c);

/**
 * guest_smc() - as guest_psci(), by SMC
 * @function: function id
 * @a: first argument
 * @b: second argument
 * @c: third argument
 */
u64 guest_smc(u64 function, u64 a, u64 b, u64 c);

/* PSTATE at EL0: AArch64, with SErrors, IRQs and FIQs masked; or of one step, as well */
#define GUEST_EL0		0x1c0ULL
#define GUEST_EL0_STEP		(GUEST_EL0 | BIT(21))
/* At EL1, on the same stack, with debug exceptions let through, likewise */
#define GUEST_EL1		0x1c5ULL
#define GUEST_EL1_STEP		(GUEST_EL1 | BIT(21))

/**
 * struct guest_trip - how a trip to EL0 ended
 * @esr: the syndrome of the exception that ended it
 * @elr: where that came
 */
struct guest_trip {
	u64 esr;
	u64 elr;
};

/**
 * guest_at_el0() - run code at EL0, or at EL1, until its first exception
 * @code: instructions; they may use X0 to X9, and no stack
 * @pstate: GUEST_EL0, GUEST_EL0_STEP, GUEST_EL1 or GUEST_EL1_STEP
 * @x1: what they find in X1
 */
struct guest_trip guest_at_el0(const void *code, u64 pstate, u64 x1);

/**
 * guest_mmu_on() - turn MMU and caches on, all addresses mapped to themselves
 *
 * The tables, of 1 GiB blocks for the 40 bits of address, are part of the
 * program. The GiB of the calls is device memory, all else is write-back.
 */
void guest_mmu_on(void);

/*
 * guest_mmu_on()'s tables: one of the first level, for the two halves of the
 * address space, and one of the second level for each half.
 */
extern u64 guest_tables[3 * 512];

/**
 * guest_mmu_on_48bit() - turn MMU and caches on, with tables of the test's own
 * @table: of level 0, for 48 bits of address
 */
void guest_mmu_on_48bit(u64 table);

/**
 * guest_mmu_on_52bit() - the same, with 52 bits of address
 * @table: of level -1
 *
 * For CPUs with FEAT_LPA2 and 4 KiB pages. Descriptors have no shareability then.
 */
void guest_mmu_on_52bit(u64 table);

/** guest_mmu_off() - turn MMU and caches off */
void guest_mmu_off(void);

/**
 * guest_sctlr_change() - set and clear bits of SCTLR_EL1 in one write
 * @set: bits to set
 * @clear: bits to clear
 */
void guest_sctlr_change(u64 set, u64 clear);

/** enum guest_setway - the Set/Way operations */
enum guest_setway {
	GUEST_ISW,	/* invalidate */
	GUEST_CSW,	/* clean */
	GUEST_CISW,	/* clean and invalidate */
};

/**
 * guest_setway() - issue one Set/Way operation
 * @operation: which
 * @operand: set, way and level, as the register has them
 */
void guest_setway(enum guest_setway operation, u64 operand);

/**
 * guest_setway_all() - go over all caches, by the geometry that the CPU shows
 * @operation: which
 *
 * Return: how many operations that took.
 */
u64 guest_setway_all(enum guest_setway operation);

/**
 * guest_setway_loop() - go over one cache, by a geometry of our own
 * @operation: which
 * @level: 1 to 7
 * @sets: a number
 * @ways: a number
 * @line_shift: log2 of the bytes in a line
 *
 * As firmware does that was built for one chip.
 */
void guest_setway_loop(enum guest_setway operation, u32 level, u32 sets,
		       u32 ways, u32 line_shift);

/**
 * guest_read() - read a word
 * @ipa: its address
 */
static inline u64 guest_read(u64 ipa)
{
	u64 value;

	asm volatile("ldr %0, [%1]" : "=r" (value) : "r" (ipa) : "memory");
	return value;
}

/**
 * guest_write() - write a word
 * @ipa: its address
 * @value: what to write
 */
static inline void guest_write(u64 ipa, u64 value)
{
	asm volatile("str %0, [%1]" : : "r" (value), "r" (ipa) : "memory");
}

/**
 * guest_touch() - write a word to each of a range of pages
 * @ipa: the first page
 * @pages: how many
 * @stride: bytes from one to the next
 */
void guest_touch(u64 ipa, u64 pages, u64 stride);

/** guest_vcpu_id() - the id of this vCPU, as given to KVM_CREATE_VCPU */
static inline u32 guest_vcpu_id(void)
{
	u64 mpidr;

	/* KVM puts 16 vCPUs into a cluster */
	asm volatile("mrs %0, mpidr_el1" : "=r" (mpidr));
	return (mpidr & 0xf) | (mpidr >> 4 & 0xff0);
}

#endif /* SELFTESTS_LIB_GUEST_H */
