// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit guest that debugs itself: by CP14, and with DBGDSCR to say what it was that
 * stopped it.
 */
#include "guest32.h"
#include "debug.h"

#define DBGDIDR		"p14, 0, %0, c0, c0, 0"
#define DBGDSCRINT	"p14, 0, %0, c0, c1, 0"
#define DBGDSCREXT	"p14, 0, %0, c0, c2, 2"
#define DBGVCR		"p14, 0, %0, c0, c7, 0"
#define DBGBVR0		"p14, 0, %0, c0, c0, 4"
#define DBGBVR1		"p14, 0, %0, c0, c1, 4"
#define DBGBCR0		"p14, 0, %0, c0, c0, 5"
#define DBGBCR15	"p14, 0, %0, c0, c15, 5"
#define DBGWVR0		"p14, 0, %0, c0, c0, 6"
#define DBGWCR0		"p14, 0, %0, c0, c0, 7"
#define DBGBXVR1	"p14, 0, %0, c1, c1, 1"
#define DBGOSLAR	"p14, 0, %0, c1, c0, 4"
#define DBGOSLSR	"p14, 0, %0, c1, c1, 4"
#define OSLAR_KEY	0xc5acce55U

/* DBGDSCR: ARM DDI 0487J.a, G8.3.19 */
#define DSCR_MDBGEN	0x00008000U
#define DSCR_MOE(dscr)	((dscr) >> 2 & 0xf)
#define MOE_BREAKPOINT	1
#define MOE_BKPT	3
#define MOE_WATCHPOINT	10

#define DIDR_BRPS(didr)	((didr) >> 24 & 0xf)
#define DIDR_WRPS(didr)	((didr) >> 28)
#define DIDR_VERSION(didr)	((didr) >> 16 & 0xf)

#define BXVR		0x5a5a1234U
#define BCR_ON		0x1e7
#define WCR_STORES	0x1ff7
#define FSR_DEBUG	2	/* a debug event, in either format's FSR without EAE */
#define FSR_STATUS	0x40f

static u32 watched;

static void stepped_on(void)
{
	asm volatile("" : : : "memory");
}

static u32 try_call(void (*function)(void))
{
	return GUEST_TRY("blx %0", "+r" (function));
}

static u32 try_store(u32 value)
{
	u32 *where = &watched;

	return GUEST_TRY("str %0, [%1]", "+r" (value), "+r" (where));
}

static void moe_assert(u32 moe)
{
	GUEST_ASSERT_EQ(moe, DSCR_MOE(READ(DBGDSCRINT)));
	GUEST_ASSERT_EQ(moe, DSCR_MOE(READ(DBGDSCREXT)));
}

static void breakpoint_fires(void)
{
	GUEST_ASSERT_EQ(VECTOR_PREFETCH_ABORT, try_call(stepped_on));
	GUEST_ASSERT_EQ(FSR_DEBUG, guest_cpu()->ifsr & FSR_STATUS);
	GUEST_ASSERT_EQ((u32)stepped_on + 4, guest_cpu()->lr);
	moe_assert(MOE_BREAKPOINT);
}

static void watchpoint_fires(void)
{
	GUEST_ASSERT_EQ(VECTOR_DATA_ABORT, try_store(1));
	GUEST_ASSERT_EQ(FSR_DEBUG, guest_cpu()->dfsr & FSR_STATUS);
	GUEST_ASSERT_EQ((u32)&watched, guest_cpu()->dfar);
	GUEST_ASSERT_EQ(0, READ_ONCE(watched));
	moe_assert(MOE_WATCHPOINT);
}

/* BKPT needs no enable. */
static void bkpt_stops(void)
{
	GUEST_ASSERT_EQ(VECTOR_PREFETCH_ABORT, GUEST_TRY("bkpt #0"));
	GUEST_ASSERT_EQ(FSR_DEBUG, guest_cpu()->ifsr & FSR_STATUS);
	moe_assert(MOE_BKPT);
}

static void counts_are_true(void)
{
	u32 didr = READ(DBGDIDR), value;

	GUEST_ASSERT_EQ(6, DIDR_VERSION(didr));
	GUEST_ASSERT(DIDR_BRPS(didr) >= 1);
	GUEST_ASSERT(DIDR_WRPS(didr) >= 1);
	if (DIDR_BRPS(didr) < 15)
		GUEST_ASSERT_EQ(VECTOR_UNDEF,
				GUEST_TRY("mrc p14, 0, %0, c0, c15, 5", "=r" (value)));
}

/* QEMU (7.2) does not have it. */
static void bxvr_is_apart(void)
{
	u32 value = BXVR;

	if (GUEST_TRY("mcr p14, 0, %0, c1, c1, 1", "+r" (value)) != VECTOR_NONE)
		return;
	GUEST_ASSERT_EQ(BXVR, READ(DBGBXVR1));
	GUEST_ASSERT_EQ(0, READ(DBGBVR1));
}

void debug_itself(void)
{
	counts_are_true();
	bkpt_stops();
	WRITE((u32)stepped_on, DBGBVR0);
	WRITE(BCR_ON, DBGBCR0);
	WRITE((u32)&watched, DBGWVR0);
	WRITE(WCR_STORES, DBGWCR0);
	bxvr_is_apart();
	GUEST_ASSERT_EQ(VECTOR_NONE, try_call(stepped_on));
	WRITE(READ(DBGDSCREXT) | DSCR_MDBGEN, DBGDSCREXT);
	GUEST_ASSERT(READ(DBGDSCRINT) & DSCR_MDBGEN);
	breakpoint_fires();
	watchpoint_fires();
	guest_sync(DEBUG_SET_UP);
	moe_assert(MOE_WATCHPOINT);
	breakpoint_fires();
	bkpt_stops();
}

void debug_locked(void)
{
	WRITE(DEBUG_VCR, DBGVCR);
	GUEST_ASSERT_EQ(DEBUG_VCR, READ(DBGVCR));
	WRITE((u32)stepped_on, DBGBVR0);
	WRITE(BCR_ON, DBGBCR0);
	WRITE(DSCR_MDBGEN, DBGDSCREXT);
	breakpoint_fires();
	/* any other value opens it */
	WRITE(1, DBGOSLAR);
	GUEST_ASSERT_EQ(8, READ(DBGOSLSR));
	breakpoint_fires();
	WRITE(OSLAR_KEY, DBGOSLAR);
	GUEST_ASSERT_EQ(10, READ(DBGOSLSR));
	GUEST_ASSERT_EQ(VECTOR_NONE, try_call(stepped_on));
	guest_sync(DEBUG_LOCKED);
	WRITE(~OSLAR_KEY, DBGOSLAR);
	breakpoint_fires();
}

/* What a VMM steps: instructions done by the CPU, by EL2 and by the host. */
const u32 debug_stepped[] = {
	0xe320f000,	/* NOP */
	0xee100f30,	/* MRC p15, 0, R0, c0, c0, 1: CTR */
	0xee100f11,	/* MRC p15, 0, R0, c0, c1, 0: ID_PFR0 */
	0xee100e11,	/* MRC p14, 0, R0, c0, c1, 0: DBGDSCRint */
	0xe1a00000,	/* MOV R0, R0 */
	0xe12fff1e,	/* BX LR */
};

static void call_stepped(void)
{
	asm volatile("blx %0" : : "r" (debug_stepped) : "r0", "lr", "memory");
}

void debug_by_vmm(void)
{
	guest_sync(DEBUG_SET_UP);
	call_stepped();
	call_stepped();
	asm volatile("bkpt #5" : : : "memory");
	guest_sync(DEBUG_LOCKED);
	GUEST_ASSERT_EQ(VECTOR_PREFETCH_ABORT, GUEST_TRY("bkpt #0"));
}
