/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of injected exceptions agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_INJECT_H
#define SELFTESTS_GUEST32_AARCH32_INJECT_H

/* Where no memory is, and no device of the host's tests. */
#define INJECT_NOWHERE		0x20000000
#define INJECT_HIGH_VECTORS	0xffff0000

/* Bits of how: the state before, and how exceptions are to be taken. */
#define INJECT_THUMB		0x01	/* out of T32 */
#define INJECT_TO_THUMB		0x02	/* SCTLR.TE */
#define INJECT_TO_BIG		0x04	/* SCTLR.EE */
#define INJECT_TO_HIGH		0x08	/* SCTLR.V */
#define INJECT_LONG		0x10	/* the long format, TTBCR.EAE */
#define INJECT_UNMASKED		0x20	/* with A, I and F clear */
#define INJECT_FLAGS		0x40	/* with N, Z, C, V, Q and GE set, else clear */
#define INJECT_IN_USR		0x80	/* out of User mode */
#define INJECT_HOWS		0x100

#ifndef __ASSEMBLY__

/** enum inject_what - what is to go wrong */
enum inject_what {
	INJECT_UNDEF,
	INJECT_PREFETCH,
	INJECT_DATA,		/* for the host to bring about */
	INJECT_DATA_WRITE,
	INJECT_WALK,		/* of a data access */
	INJECT_WALK_FETCH,
	INJECT_SERROR,		/* for the host to bring about */
};

/**
 * struct inject_seen - what the guest found, registers as they were on entry
 * @vector: its number
 * @cpsr: CPSR, and so on
 * @spsr: SPSR
 * @lr: LR
 * @dfsr: DFSR
 * @dfar: DFAR
 * @ifsr: IFSR
 * @ifar: IFAR
 * @address: of the instruction
 * @fault: the address that it used
 */
struct inject_seen {
	unsigned int vector;
	unsigned int cpsr;
	unsigned int spsr;
	unsigned int lr;
	unsigned int dfsr;
	unsigned int dfar;
	unsigned int ifsr;
	unsigned int ifar;
	unsigned int address;
	unsigned int fault;
};

#endif /* __ASSEMBLY__ */
#endif /* SELFTESTS_GUEST32_AARCH32_INJECT_H */
