// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that reads or writes every system register there could be.  Each
 * instruction, with a return after it, is in guest memory from the start, so that
 * none has to be written by the guest.
 */
#include "scan.h"

#include <stdio.h>

#include "guest.h"

#define SCAN_BASE	0x20000000ULL
#define SCAN_SIZE	SZ_2M
#define SCAN_READS	0x00000		/* struct scan_code, by index */
#define SCAN_WRITES	0x40000
#define SCAN_RESULTS	0x80000		/* struct scan_result, by index */

/* MSR (register), MRS, NOP, RET: ARM DDI 0487J.a, C6.2. The operand is x0. */
#define INSN_MSR_X0	0xd5100000	/* op0 is 2 */
#define INSN_MRS_X0	0xd5300000
#define INSN_INDEX_SHIFT 5
#define INSN_NOP	0xd503201f
#define INSN_RET	0xd65f03c0

/**
 * struct scan_code - one register's
 * @insn: reads or writes it
 * @ret: returns
 */
struct scan_code {
	u32 insn;
	u32 ret;
};

/*
 * What the guest needs to go on; and the virtual timer's values: one that wraps
 * around when CNTVOFF_EL2 is added makes QEMU 7.2 set a timer in the past, again
 * and again, and do nothing else any more.
 */
static const unsigned int scan_left_alone[] = {
	SCAN_INDEX(3, 0, 1, 0, 0),	/* SCTLR_EL1 */
	SCAN_INDEX(3, 0, 4, 2, 0),	/* SPSel */
	SCAN_INDEX(3, 0, 12, 0, 0),	/* VBAR_EL1 */
	SCAN_INDEX(3, 0, 13, 0, 4),	/* TPIDR_EL1 */
	SCAN_INDEX(3, 3, 14, 3, 0),	/* CNTV_TVAL_EL0 */
	SCAN_INDEX(3, 3, 14, 3, 2),	/* CNTV_CVAL_EL0 */
};

static const unsigned int scan_timely[] = {
	SCAN_INDEX(3, 3, 14, 2, 0),	/* CNTP_TVAL_EL0 */
	SCAN_INDEX(3, 3, 2, 4, 0),	/* RNDR */
	SCAN_INDEX(3, 3, 2, 4, 1),	/* RNDRRS */
	SCAN_INDEX(3, 3, 4, 2, 0),	/* NZCV: RNDR's */
	SCAN_INDEX(3, 3, 14, 0, 1),	/* CNTPCT_EL0 */
	SCAN_INDEX(3, 3, 14, 0, 2),	/* CNTVCT_EL0 */
	SCAN_INDEX(3, 3, 14, 0, 5),	/* CNTPCTSS_EL0 */
	SCAN_INDEX(3, 3, 14, 0, 6),	/* CNTVCTSS_EL0 */
	SCAN_INDEX(3, 3, 14, 3, 0),	/* CNTV_TVAL_EL0 */
};

static bool index_is_in(unsigned int index, const unsigned int *list, unsigned int nr)
{
	while (nr--)
		if (list[nr] == index)
			return true;
	return false;
}

bool scan_is_timely(unsigned int index)
{
	return index_is_in(index, scan_timely, ARRAY_SIZE(scan_timely));
}

void scan_add(struct vm *vm, u32 slot)
{
	char *memory = vm_memory_add(vm, slot, SCAN_BASE, SCAN_SIZE, 0);
	struct scan_code *reads = (void *)(memory + SCAN_READS);
	struct scan_code *writes = (void *)(memory + SCAN_WRITES);
	unsigned int i;

	for (i = 0; i < SCAN_NR; i++) {
		reads[i].insn = INSN_MRS_X0 | i << INSN_INDEX_SHIFT;
		reads[i].ret = INSN_RET;
		writes[i].insn = INSN_MSR_X0 | i << INSN_INDEX_SHIFT;
		if (index_is_in(i, scan_left_alone, ARRAY_SIZE(scan_left_alone)))
			writes[i].insn = INSN_NOP;
		writes[i].ret = INSN_RET;
	}
}

struct scan_result *scan_results(struct vm *vm)
{
	return vm_hva(vm, SCAN_BASE + SCAN_RESULTS, SCAN_NR * sizeof(struct scan_result));
}

const char *scan_name(unsigned int index, char *name)
{
	snprintf(name, SCAN_NAME, "S%u_%u_C%u_C%u_%u", 2 + (index >> 14 & 1), index >> 11 & 7,
		 index >> 7 & 15, index >> 3 & 15, index & 7);
	return name;
}

static u64 scan_guest_try(u64 code, u64 *x0)
{
	register u64 operand asm("x0") = *x0;
	u64 esr = GUEST_TRY("blr %1", "+r" (operand), "+r" (code));

	*x0 = operand;
	return esr;
}

void scan_guest_read(void)
{
	struct scan_result *results = (void *)(SCAN_BASE + SCAN_RESULTS);
	u64 i;

	for (i = 0; i < SCAN_NR; i++) {
		u64 value = 0;

		results[i].esr = scan_guest_try(SCAN_BASE + SCAN_READS +
						i * sizeof(struct scan_code), &value);
		results[i].value = value;
	}
}

void scan_guest_write(u64 value)
{
	u64 i;

	for (i = 0; i < SCAN_NR; i++) {
		u64 operand = value;

		scan_guest_try(SCAN_BASE + SCAN_WRITES + i * sizeof(struct scan_code), &operand);
	}
}
