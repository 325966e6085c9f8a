/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of trapped accesses agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_TRAP_H
#define SELFTESTS_GUEST32_AARCH32_TRAP_H

enum trap_stage {
	TRAP_STARTED = 1,
	TRAP_TRAPPED,
	TRAP_ON_AND_OFF,
	TRAP_UNTRAPPED,
};

#define TRAP_VM_REGISTERS	16
#define TRAP_ID_REGISTERS	(7 * 8)		/* CRm 1 to 7, opc2 0 to 7 */
#define TRAP_RESULTS		64

#endif /* SELFTESTS_GUEST32_AARCH32_TRAP_H */
