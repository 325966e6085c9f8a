/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of 32-bit interrupts agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_IRQ_H
#define SELFTESTS_GUEST32_AARCH32_IRQ_H

#define IRQ_DEVICE		35
#define IRQ_DEVICE_ROUNDS	10

enum irq_stage {
	IRQ_READY = 1,
	IRQ_TAKEN,
};

#endif /* SELFTESTS_GUEST32_AARCH32_IRQ_H */
