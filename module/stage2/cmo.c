// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cleaning memory by address.  The kernel's own helpers are not exported to
 * modules.  The loops count lines and do not compare addresses, so a range may
 * end at the very top of the address space.  (XSA-437 and XSA-447 were loops
 * that compared.)
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/math.h>

#include "cmo.h"
#include "stage2.h"

/* CTR_EL0 (ARM DDI 0487J.a, D17.2.34); line sizes are log2 of 4-byte words. */
#define CTR_FIELD_IMINLINE	GENMASK_ULL(3, 0)
#define CTR_FIELD_L1IP		GENMASK_ULL(15, 14)
#define CTR_L1IP_IS_PIPT	3
#define CTR_FIELD_DMINLINE	GENMASK_ULL(19, 16)
#define CTR_FIELD_DIC		BIT_ULL(29)	/* no I-cache maintenance needed */
#define CTR_WORD_SIZE		4UL

u64 cmo_ctr;

/* Lines that are done without a look at what is left: a page of them, of 64 bytes each. */
#define LINES_AT_ONCE	64

/* Inline, and so is @op. */
static __always_inline void lines_do(void (*op)(unsigned long line), unsigned long line_size,
				     unsigned long addr, size_t size)
{
	unsigned long offset = addr & (line_size - 1);
	size_t lines = size ? DIV_ROUND_UP(offset + size, line_size) : 0;
	unsigned int i;

	addr -= offset;
	for (; lines >= LINES_AT_ONCE; lines -= LINES_AT_ONCE) {
#pragma GCC unroll 64
		for (i = 0; i < LINES_AT_ONCE; i++, addr += line_size)
			op(addr);
	}
	for (; lines; lines--, addr += line_size)
		op(addr);
}

/*
 * Invalidation by address is a message to all CPUs for each line, 512 of them for these,
 * which are about as many lines as an instruction cache has to fetch again if all of it
 * is invalidated.
 */
#define INSN_PAGES_BY_ADDRESS	8

enum insn_scope insn_scope(size_t size)
{
	u64 ctr = cache_ctr();

	if (ctr & CTR_FIELD_DIC)
		return INSN_NOTHING;
	/*
	 * Invalidation by address reaches all aliases only where the index is
	 * physical.
	 */
	if (FIELD_GET(CTR_FIELD_L1IP, ctr) != CTR_L1IP_IS_PIPT)
		return INSN_EVERYTHING;
	return size > INSN_PAGES_BY_ADDRESS * SZ_4K ? INSN_EVERYTHING : INSN_RANGE;
}

void insn_forget_begin(void *addr, size_t size)
{
	unsigned long line_size = CTR_WORD_SIZE << FIELD_GET(CTR_FIELD_IMINLINE, cache_ctr());

	lines_do(cache_inval_insn_line, line_size, (unsigned long)addr, size);
}

void clean_range_begin(void *addr, size_t size)
{
	unsigned long line_size = CTR_WORD_SIZE << FIELD_GET(CTR_FIELD_DMINLINE, cache_ctr());

	lines_do(cache_clean_inval_line, line_size, (unsigned long)addr, size);
}

void clean_range_to_poc(void *addr, size_t size)
{
	clean_range_begin(addr, size);
	/*
	 * The cleaning is complete before what follows: bit[0] is set, the guest runs,
	 * or the page is freed.
	 */
	cache_sync();
}

void insns_forget(void *addr, size_t size)
{
	enum insn_scope scope = insn_scope(size);

	if (scope == INSN_NOTHING)
		return;
	if (scope == INSN_RANGE)
		insn_forget_begin(addr, size);
	else
		cache_inval_insn_all();
	/* Completes the invalidation on all CPUs; entering the guest is its ISB. */
	cache_sync();
}

void clean_range_for_guest(void *addr, size_t size)
{
	clean_range_to_poc(addr, size);
	insns_forget(addr, size);
}
