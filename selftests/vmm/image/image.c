// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest that U-Boot starts in the demo, with the caches off.
 *
 * It checks that memory holds what U-Boot wrote there while its caches were on,
 * which is what all the cleaning is for, touches some pages, and resets the
 * machine.
 */
#include "../../lib/types.h"
#include "../layout.h"
#include "image.h"

/* Known to demo.script as well. */
#define FILL_BASE	0x42000000UL
#define FILL_WORDS	0x80000UL
#define FILL_VALUE	0x5e7a5e7acac4e5ffUL
#define TOUCH_BASE	0x48000000UL
#define TOUCH_PAGES	64
#define TOUCH_STRIDE	(16 * SZ_4K)

/* ARM DEN 0022D, 5.9 and 5.10 */
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009

/* SCTLR_EL1, ARM DDI 0487J.a, D17.2.118 */
#define SCTLR_M		BIT(0)	/* MMU on */
#define SCTLR_C		BIT(2)	/* data caches on */

static void print_char(char c)
{
	WRITE_ONCE(*(u32 *)UART_BASE, c);
}

static void print(const char *text)
{
	while (*text)
		print_char(*text++);
}

static void print_hex(u64 value)
{
	int shift;

	for (shift = 60; shift >= 0; shift -= 4)
		print_char("0123456789abcdef"[value >> shift & 0xf]);
}

static void give_up(const char *what, u64 where, u64 value)
{
	print("image: FAILED: ");
	print(what);
	print(" at ");
	print_hex(where);
	print(" is ");
	print_hex(value);
	print("\r\n");
	psci_call(PSCI_SYSTEM_OFF);
}

static void caches_check(void)
{
	u64 sctlr;

	asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
	if (sctlr & (SCTLR_M | SCTLR_C))
		give_up("SCTLR_EL1, with caches on,", 0, sctlr);
	print("image: started, caches off\r\n");
}

static void memory_check(void)
{
	u64 *word = (u64 *)FILL_BASE;
	u64 *end = word + FILL_WORDS;
	u64 value;

	for (; word < end; word++) {
		value = READ_ONCE(*word);
		if (value != FILL_VALUE)
			give_up("the word", (u64)word, value);
	}
	print("image: memory is as U-Boot wrote it\r\n");
}

static void pages_touch(void)
{
	u64 page;

	for (page = 0; page < TOUCH_PAGES; page++)
		WRITE_ONCE(*(u64 *)(TOUCH_BASE + page * TOUCH_STRIDE), page);
	print("image: pages touched\r\n");
}

void image_main(void)
{
	caches_check();
	memory_check();
	pages_touch();
	psci_call(PSCI_SYSTEM_RESET);
	give_up("PSCI SYSTEM_RESET", 0, PSCI_SYSTEM_RESET);
}
