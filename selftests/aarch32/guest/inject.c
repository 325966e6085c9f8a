// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that goes wrong in one way, and notes which exception it then takes.
 */
#include "guest32.h"
#include "inject.h"
#include "inject_asm.h"

#define FLAGS		0xf80f0000U	/* N, Z, C, V, Q and GE */

/* Descriptors of tables, in both formats. */
#define LONG_TABLE	3
#define SHORT_TABLE	1

/* An address whose translation goes through a table that is not there. */
#define WALK_ADDRESS	0x80001000U
#define WALK_GIB	(WALK_ADDRESS >> 30)
#define WALK_MIB	(WALK_ADDRESS >> 20)

/* What is in the registers of faults that are of another kind. */
#define FSR_BEFORE	0x00000005U
#define DFAR_BEFORE	0x11111110U
#define IFAR_BEFORE	0x22222220U

struct inject_seen seen;

/* Of code in T32 the linker makes an odd address, to be jumped to. */
static unsigned long code_of(u32 what, bool is_thumb)
{
	switch (what) {
	case INJECT_UNDEF:
		return (unsigned long)(is_thumb ? undef_t32 : undef_a32);
	case INJECT_DATA:
	case INJECT_WALK:
		return (unsigned long)(is_thumb ? load_t32 : load_a32);
	case INJECT_DATA_WRITE:
		return (unsigned long)(is_thumb ? store_t32 : store_a32);
	case INJECT_SERROR:
		return (unsigned long)(is_thumb ? unmask_t32 : unmask_a32);
	default:
		return (unsigned long)(is_thumb ? jump_t32 : jump_a32);
	}
}

static void translation_set(u32 what, u32 how)
{
	bool is_long = how & INJECT_LONG;

	if (what != INJECT_WALK && what != INJECT_WALK_FETCH) {
		WRITE(is_long ? TTBCR_EAE : 0, TTBCR);
		return;
	}
	WRITE_ONCE(guest_tables[WALK_GIB], INJECT_NOWHERE | LONG_TABLE);
	WRITE_ONCE(guest_sections[WALK_MIB], INJECT_NOWHERE | SHORT_TABLE);
	if (is_long)
		guest_mmu_on();
	else
		guest_mmu_on_short();
}

static void vectors_set(u32 how)
{
	u32 set = 0;

	if (how & INJECT_TO_THUMB) {
		set |= SCTLR_TE;
		WRITE((unsigned long)guest_vectors_thumb, VBAR);
	}
	if (how & INJECT_TO_BIG)
		set |= SCTLR_EE;
	if (how & INJECT_TO_HIGH) {
		set |= SCTLR_V;
		WRITE((unsigned long)guest_vectors_none, VBAR);
	}
	sctlr_change(set, 0);
}

static void faults_set(void)
{
	WRITE(FSR_BEFORE, DFSR);
	WRITE(FSR_BEFORE, IFSR);
	WRITE(DFAR_BEFORE, DFAR);
	WRITE(IFAR_BEFORE, IFAR);
}

static void seen_set(const struct guest32_cpu *cpu)
{
	seen.vector = cpu->vector;
	seen.cpsr = cpu->cpsr;
	seen.spsr = cpu->spsr;
	seen.lr = cpu->lr;
	seen.dfsr = cpu->dfsr;
	seen.dfar = cpu->dfar;
	seen.ifsr = cpu->ifsr;
	seen.ifar = cpu->ifar;
}

static u32 address_of(u32 what, u32 how)
{
	bool is_thumb = how & INJECT_THUMB;

	switch (what) {
	case INJECT_PREFETCH:
		return INJECT_NOWHERE + is_thumb;
	case INJECT_WALK_FETCH:
		return WALK_ADDRESS + is_thumb;
	case INJECT_WALK:
		return WALK_ADDRESS;
	default:
		return INJECT_NOWHERE;
	}
}

void inject(u32 what, u32 how)
{
	register u32 flags asm("r0");
	register u32 address asm("r1");
	register unsigned long stub asm("r2");
	register u32 how_now asm("r3");
	register unsigned long code asm("r4");
	bool is_thumb = how & INJECT_THUMB;

	translation_set(what, how);
	vectors_set(how);
	faults_set();
	seen.address = code_of(what, is_thumb) & ~1UL;
	seen.fault = address_of(what, how) & ~1U;
	guest_sync(0);
	flags = how & INJECT_FLAGS ? FLAGS : 0;
	address = address_of(what, how);
	how_now = how;
	code = code_of(what, is_thumb);
	stub = (unsigned long)(is_thumb ? inject_t32 : inject_a32);
	if (how & INJECT_UNMASKED)
		GUEST_TRY("cpsie aif\n\tblx r2", "+r" (flags), "+r" (address), "+r" (stub),
			  "+r" (how_now), "+r" (code));
	else
		GUEST_TRY("blx r2", "+r" (flags), "+r" (address), "+r" (stub),
			  "+r" (how_now), "+r" (code));
	seen_set(guest_cpu());
	sctlr_change(0, SCTLR_TE | SCTLR_EE | SCTLR_V);
	guest_sync(1);
}
