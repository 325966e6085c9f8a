/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that reads or writes every system register there could be: all
 * encodings with op0 2 and 3.
 */
#ifndef SELFTESTS_LIB_SCAN_H
#define SELFTESTS_LIB_SCAN_H

#include "vm.h"

#define SCAN_NR		0x8000	/* op0's low bit, op1, CRn, CRm, op2: 15 bits */
#define SCAN_NAME	24

/* The index of a register; ARM DDI 0487J.a, C5.1.2. */
#define SCAN_INDEX(op0, op1, crn, crm, op2) \
	((((op0) & 1) << 14) | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/**
 * struct scan_result - what came of reading a register
 * @esr: syndrome of the exception, or 0
 * @value: what was read, if there was none
 */
struct scan_result {
	u64 esr;
	u64 value;
};

/**
 * scan_add() - give a VM the memory that scans need
 * @vm: the VM
 * @slot: memslot id for it
 */
void scan_add(struct vm *vm, u32 slot);

/**
 * scan_results() - what scan_guest_read() has found
 * @vm: a VM with scan_add()
 *
 * Return: SCAN_NR results, by index, in the VM's memory.
 */
struct scan_result *scan_results(struct vm *vm);

/**
 * scan_name() - how an assembler would call a register
 * @index: its index
 * @name: gets it, SCAN_NAME bytes
 *
 * Return: @name.
 */
const char *scan_name(unsigned int index, char *name);

/**
 * scan_is_timely() - does a register's value depend on time or chance?
 * @index: its index
 */
bool scan_is_timely(unsigned int index);

/**
 * scan_guest_read() - guest code: read all registers
 */
void scan_guest_read(void);

/**
 * scan_guest_write() - guest code: write to all registers
 * @value: what to write
 *
 * Apart from those that the guest needs to go on: SCTLR_EL1, VBAR_EL1,
 * TPIDR_EL1 and SPSel; and from the virtual timer's values.
 */
void scan_guest_write(u64 value);

#endif /* SELFTESTS_LIB_SCAN_H */
