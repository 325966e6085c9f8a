// SPDX-License-Identifier: GPL-2.0-only
/*
 * 32-bit guests that flush their caches, and turn them on and off.  Each function
 * has a page of code to itself and calls nothing between a stage and a batch that it
 * has not called before: see lib/tracking.h.
 */
#include "../../lib/setway_stages.h"
#include "gic32.h"
#include "guest32.h"
#include "setway.h"

#define CONTEXTIDR	"p15, 0, %0, c13, c0, 1"
#define SGI_ANY		5

#define DCISW		"p15, 0, %0, c7, c6, 2"
#define DCCSW		"p15, 0, %0, c7, c10, 2"
#define DCCISW		"p15, 0, %0, c7, c14, 2"

/* Lines of 64 bytes; the number of the way is at the top. */
#define LINE_SHIFT	6
#define LEVEL_SHIFT	1
#define WAY_TOP		32

/* The host fills it in. */
struct setway_loop loop;

static inline __here void flush(u32 kind, u32 operand)
{
	if (kind == SETWAY_DCISW)
		asm volatile("mcr " DCISW : : "r" (operand) : "memory");
	else if (kind == SETWAY_DCCSW)
		asm volatile("mcr " DCCSW : : "r" (operand) : "memory");
	else
		asm volatile("mcr " DCCISW : : "r" (operand) : "memory");
}

void __own_page setway_touch_and_flush(u32 kind)
{
	guest_write(MEMORY_PAGE(0), 1);
	guest_write(MEMORY_PAGE(5), 1);
	guest_write(MEMORY_PAGE(511), 1);
	guest_write(MEMORY_PAGE(512), 1);
	guest_write(MEMORY_PAGE(1023), 1);
	guest_sync(TOUCHED);
	flush(kind, 0);
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(5), 2);
	guest_sync(TOUCHED_AGAIN);
	flush(kind, 0);
	guest_sync(FLUSHED_AGAIN);
}

void __own_page setway_again_and_again(void)
{
	flush(SETWAY_DCCISW, 0);
	flush(SETWAY_DCCISW, 0);
	flush(SETWAY_DCCSW, 0);
	flush(SETWAY_DCISW, 0);
	flush(SETWAY_DCCISW, 0);
	flush(SETWAY_DCCISW, 0);
	guest_sync(FLUSHED);
}

void __own_page setway_dma(u32 is_short)
{
	u32 i;

	if (is_short)
		guest_mmu_on_short();
	else
		guest_mmu_on();
	flush(SETWAY_DCCISW, 0);
	for (i = 0; i < DMA_BUFFERS; i++) {
		guest_write(MEMORY_PAGE(i), i);
		guest_write(MEMORY_PAGE(100 + i), i);
		guest_sync(TOUCHED);
		flush(SETWAY_DCCISW, 0);
		guest_sync(FLUSHED);
	}
}

static inline __here u32 lines(void)
{
	return loop.levels << (loop.set_bits + loop.way_bits);
}

/* The operand of the loop's operation number @i. */
static inline __here u32 line_operand(u32 i)
{
	u32 at = loop.descending ? lines() - 1 - i : i;
	u32 level = at >> (loop.set_bits + loop.way_bits);
	u32 way_at = loop.set_outer ? at : at >> loop.set_bits;
	u32 set_at = loop.set_outer ? at >> loop.way_bits : at;
	u32 way = way_at & ((1U << loop.way_bits) - 1);
	u32 set = set_at & ((1U << loop.set_bits) - 1);

	/* in two steps, as there may be but one way */
	return (way << (WAY_TOP - 1 - loop.way_bits) << 1) | set << LINE_SHIFT |
	       level << LEVEL_SHIFT;
}

static inline __here void loop_part(u32 from, u32 to)
{
	for (; from < to; from++)
		flush(SETWAY_DCCISW, line_operand(from));
}

void __own_page setway_two_loops(void)
{
	guest_write(MEMORY_PAGE(1), 1);
	guest_read((unsigned long)&loop);
	guest_sync(TOUCHED);
	loop_part(0, lines());
	guest_sync(FLUSHED);
	guest_write(MEMORY_PAGE(2), 1);
	guest_read((unsigned long)&loop);
	guest_sync(TOUCHED_AGAIN);
	loop_part(0, lines());
	guest_sync(FLUSHED_AGAIN);
}

void __own_page setway_two_loops_in_turn(u32 kinds)
{
	u32 i, pass;

	for (pass = 0; pass < 2; pass++) {
		guest_write(MEMORY_PAGE(1 + pass), 1);
		guest_read((unsigned long)&loop);
		guest_sync(pass ? TOUCHED_AGAIN : TOUCHED);
		for (i = 0; i < lines(); i++) {
			flush(SETWAY_DCCSW, line_operand(i));
			if (kinds > 2)
				flush(SETWAY_DCCISW, line_operand(i));
			flush(SETWAY_DCISW, line_operand(i));
		}
		guest_sync(pass ? FLUSHED_AGAIN : FLUSHED);
	}
}

static inline __here void call(bool is_secure)
{
	register u32 r0 asm("r0") = 0x84000000;		/* PSCI_VERSION */

	if (is_secure)
		asm volatile(".arch_extension sec\n\tsmc #0"
			     : "+r" (r0) : : "r1", "r2", "r3", "memory");
	else
		asm volatile(".arch_extension virt\n\thvc #0"
			     : "+r" (r0) : : "r1", "r2", "r3", "memory");
}

/* For a timer that has fired already, so that it does not wait. */
static inline __here void wait(void)
{
	WRITE64(0, "p15, 3, %Q0, %R0, c14");		/* CNTV_CVAL */
	WRITE(1, "p15, 0, %0, c14, c3, 1");		/* CNTV_CTL */
	asm volatile("wfi" : : : "memory");
}

static inline __here void cache_id(void)
{
	READ("p15, 1, %0, c0, c0, 1");			/* CLIDR */
	WRITE(0, "p15, 2, %0, c0, c0, 0");		/* CSSELR */
	READ("p15, 1, %0, c0, c0, 0");			/* CCSIDR */
	READ("p15, 0, %0, c0, c0, 1");			/* CTR */
}

void __own_page setway_two_halves(u32 what)
{
	u32 half = lines() / 2;

	guest_write(MEMORY_PAGE(1), 1);
	loop_part(0, half);
	guest_write(MEMORY_PAGE(2), 1);
	switch (what) {
	case NOTHING:
		break;
	case ACCESSES:
		guest_write(MEMORY_PAGE(1), 2);
		guest_read(MEMORY_PAGE(3));
		break;
	case CACHE_ID:
		cache_id();
		break;
	case MMIO:
		guest_sync(TOUCHED);
		break;
	case HYPERCALL:
		call(false);
		break;
	case SECURE_CALL:
		call(true);
		break;
	case WAIT:
		wait();
		break;
	case SCTLR_WRITE:
		sctlr_change(0, SCTLR_I);
		break;
	case CONTEXT_SWITCH:
		WRITE(0, CONTEXTIDR);
		break;
	case SGI:
		WRITE64(GIC_SGI_TO_OTHERS(SGI_ANY), ICC_SGI1R);
		break;
	case SGI_GROUP0:
		WRITE64(GIC_SGI_TO_OTHERS(SGI_ANY), ICC_SGI0R);
		break;
	}
	loop_part(half, 2 * half);
	guest_sync(FLUSHED);
}

static inline __here void switch_once(u32 what)
{
	if (what == SWITCH_CONTEXTIDR)
		WRITE(READ(CONTEXTIDR), CONTEXTIDR);
	else if (what == SWITCH_TTBR0)
		WRITE(READ(TTBR0), TTBR0);
	else if (what == SWITCH_TTBR0_64)
		WRITE64(READ64(TTBR0_64), TTBR0_64);
	else if (what == SWITCH_DACR)
		WRITE(READ(DACR), DACR);
	else
		WRITE(READ(SCTLR), SCTLR);
}

static inline __here void switches(u32 what)
{
	u32 i;

	for (i = 0; i < SWITCHES; i++)
		switch_once(what);
}

void __own_page setway_switching(u32 what, u32 is_short)
{
	if (is_short)
		guest_mmu_on_short();
	else
		guest_mmu_on();
	guest_sync(STARTED);
	switches(what);
	guest_sync(WRITTEN);
	flush(SETWAY_DCCISW, 0);
	guest_sync(FLUSHED);
	switches(what);
	guest_sync(ON);
	switches(what);
	guest_sync(TOUCHED_ON);
	flush(SETWAY_DCCISW, 0);
	guest_sync(FLUSHED_AGAIN);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_sync(OFF);
	switches(what);
	guest_sync(TOUCHED_OFF);
}

void __own_page setway_off_and_on(u32 is_short)
{
	if (is_short)
		guest_mmu_on_short();
	else
		guest_mmu_on();
	guest_sync(STARTED);
	flush(SETWAY_DCCISW, 0);		/* watch from here on */
	guest_write(MEMORY_PAGE(1), 1);
	guest_sync(TOUCHED);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_sync(OFF);
	guest_write(MEMORY_PAGE(2), 1);
	guest_sync(TOUCHED_OFF);
	sctlr_change(SCTLR_M | SCTLR_C, 0);
	guest_sync(ON);
	guest_write(MEMORY_PAGE(3), 1);
	guest_sync(TOUCHED_ON);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_sync(OFF_UNSEEN);
	guest_sync(WRITTEN);		/* until then it stays in its frame */
}

void __own_page setway_one_bit_at_a_time(void)
{
	guest_mmu_on();
	guest_mmu_off();
	flush(SETWAY_DCCISW, 0);		/* watch again, with caches off */
	guest_sync(STARTED);
	sctlr_change(SCTLR_I, 0);
	sctlr_change(SCTLR_C, 0);
	sctlr_change(SCTLR_C, 0);
	sctlr_change(0, SCTLR_C);
	sctlr_change(SCTLR_M, 0);
	sctlr_change(0, SCTLR_M | SCTLR_I);
	sctlr_change(SCTLR_C, 0);
	guest_sync(CACHES_ALONE);
	sctlr_change(SCTLR_M, 0);
	flush(SETWAY_DCCISW, 0);
	sctlr_change(0, SCTLR_C);
	sctlr_change(SCTLR_C, SCTLR_M);
	sctlr_change(SCTLR_M, 0);
	guest_sync(ON);
}
