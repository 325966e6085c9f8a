// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test's guest code can use, as far as it is C.
 */
#include "guest.h"

/* MAIR_EL1: 0 = normal memory, write-back; 1 = device-nGnRE */
#define MAIR		(0xffULL | 0x04ULL << 8)

/* TCR_EL1, ARM DDI 0487J.a, D19.2.139 */
#define TCR_T0SZ(bits)	(64 - (bits))	/* of address */
#define TCR_IRGN0_WB	BIT(8)	/* walks are cacheable, write-back */
#define TCR_ORGN0_WB	BIT(10)
#define TCR_SH0_INNER	(3ULL << 12)	/* and inner shareable */
#define TCR_EPD1	BIT(23)		/* no TTBR1_EL1 */
#define TCR_IPS_SHIFT	32
#define TCR_IPS_48	5
#define TCR_DS		BIT(59)		/* FEAT_LPA2's descriptors */

/* CLIDR_EL1 and CCSIDR_EL1, without FEAT_CCIDX; D19.2.26, D19.2.24 */
#define CLIDR_CTYPE(clidr, level)	((clidr) >> (3 * (level)) & 7)
#define CLIDR_CTYPE_DATA	2	/* and above: there is a data cache */
#define CLIDR_LEVELS		7

void guest_sctlr_change(u64 set, u64 clear)
{
	u64 sctlr;

	asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
	sctlr = (sctlr & ~clear) | set;
	asm volatile("dsb sy\n\tmsr sctlr_el1, %0\n\tisb" : : "r" (sctlr) : "memory");
}

static void mmu_on(u64 tcr, u64 table)
{
	u64 ips;

	asm volatile("mrs %0, id_aa64mmfr0_el1" : "=r" (ips));
	ips &= 0xf;
	if (ips > TCR_IPS_48)
		ips = TCR_IPS_48;
	tcr |= TCR_IRGN0_WB | TCR_ORGN0_WB | TCR_SH0_INNER | TCR_EPD1 | ips << TCR_IPS_SHIFT;
	asm volatile("msr mair_el1, %0\n\t"
		     "msr tcr_el1, %1\n\t"
		     "msr ttbr0_el1, %2\n\t"
		     "isb\n\t"
		     "tlbi vmalle1\n\t"
		     "dsb nsh\n\t"
		     "isb"
		     : : "r" (MAIR), "r" (tcr), "r" (table) : "memory");
	guest_sctlr_change(SCTLR_M | SCTLR_C | SCTLR_I, 0);
}

void guest_mmu_on(void)
{
	mmu_on(TCR_T0SZ(40), (u64)guest_tables);
}

void guest_mmu_on_48bit(u64 table)
{
	mmu_on(TCR_T0SZ(48), table);
}

void guest_mmu_on_52bit(u64 table)
{
	mmu_on(TCR_T0SZ(52) | TCR_DS, table);
}

void guest_mmu_off(void)
{
	guest_sctlr_change(0, SCTLR_M | SCTLR_C | SCTLR_I);
}

void guest_setway(enum guest_setway operation, u64 operand)
{
	switch (operation) {
	case GUEST_ISW:
		asm volatile("dc isw, %0" : : "r" (operand) : "memory");
		break;
	case GUEST_CSW:
		asm volatile("dc csw, %0" : : "r" (operand) : "memory");
		break;
	case GUEST_CISW:
		asm volatile("dc cisw, %0" : : "r" (operand) : "memory");
		break;
	}
}

/* How far to the left the way is: D19.2.24's formula, by the ways' number. */
static u32 way_shift(u32 ways)
{
	u32 bits = 0;

	while (bits < 31 && BIT(bits) < ways)
		bits++;
	return 32 - bits;
}

void guest_setway_loop(enum guest_setway operation, u32 level, u32 sets,
		       u32 ways, u32 line_shift)
{
	u32 shift = way_shift(ways);
	u64 way, set;

	asm volatile("dsb sy" : : : "memory");
	for (way = 0; way < ways; way++) {
		for (set = 0; set < sets; set++)
			guest_setway(operation, (way << shift & ~0U) |
				     set << line_shift | (level - 1) << 1);
	}
	asm volatile("dsb sy\n\tisb" : : : "memory");
}

u64 guest_setway_all(enum guest_setway operation)
{
	u64 clidr, ccsidr, level, done = 0;
	u32 sets, ways;

	asm volatile("mrs %0, clidr_el1" : "=r" (clidr));
	for (level = 0; level < CLIDR_LEVELS; level++) {
		if (CLIDR_CTYPE(clidr, level) < CLIDR_CTYPE_DATA)
			continue;
		asm volatile("msr csselr_el1, %1\n\tisb\n\tmrs %0, ccsidr_el1"
			     : "=r" (ccsidr) : "r" (level << 1));
		sets = (ccsidr >> 13 & 0x7fff) + 1;
		ways = (ccsidr >> 3 & 0x3ff) + 1;
		guest_setway_loop(operation, level + 1, sets, ways,
				  (ccsidr & 7) + 4);
		done += (u64)sets * ways;
	}
	return done;
}

void guest_touch(u64 ipa, u64 pages, u64 stride)
{
	for (; pages--; ipa += stride)
		guest_write(ipa, ipa);
}
