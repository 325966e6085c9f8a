// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest code of 32-bit tests can use, as far as it is C.
 */
#include "guest32.h"

/* MAIR0: 0 = normal memory, write-back; 1 = device-nGnRE */
#define MAIR		0x04ff

/* TTBCR with EAE, ARM DDI 0487J.a, G8.2: T0SZ = 0, all by TTBR0 */
#define TTBCR_EPD1	0x00800000U
#define TTBCR_SH0_INNER	0x00003000U
#define TTBCR_ORGN0_WB	0x00000400U
#define TTBCR_IRGN0_WB	0x00000100U

/* TTBR0 in the short format: walks are cacheable, write-back, and shareable */
#define TTBR_IRGN_WB	0x40
#define TTBR_RGN_WB	0x08
#define TTBR_S		0x02

#define DACR_CLIENT	1	/* domain 0: permissions count */

static void tlb_flush(void)
{
	asm volatile("isb\n\tmcr p15, 0, %0, c8, c7, 0\n\tdsb nsh\n\tisb"
		     : : "r" (0) : "memory");
}

void guest_mmu_on(void)
{
	WRITE(MAIR, MAIR0);
	WRITE(TTBCR_EAE | TTBCR_EPD1 | TTBCR_SH0_INNER | TTBCR_ORGN0_WB | TTBCR_IRGN0_WB,
	      TTBCR);
	WRITE64((unsigned long)guest_tables, TTBR0_64);
	tlb_flush();
	sctlr_change(SCTLR_M | SCTLR_C | SCTLR_I, 0);
}

void guest_mmu_on_short(void)
{
	WRITE(0, TTBCR);
	WRITE((unsigned long)guest_sections | TTBR_IRGN_WB | TTBR_RGN_WB | TTBR_S, TTBR0);
	WRITE(DACR_CLIENT, DACR);
	tlb_flush();
	sctlr_change(SCTLR_M | SCTLR_C | SCTLR_I, 0);
}

void guest_mmu_off(void)
{
	sctlr_change(0, SCTLR_M | SCTLR_C | SCTLR_I);
}
