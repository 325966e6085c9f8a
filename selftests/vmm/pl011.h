/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PL011 serial port: the part that firmware and Linux use.
 */
#ifndef SELFTESTS_VMM_PL011_H
#define SELFTESTS_VMM_PL011_H

#include "../lib/types.h"

#define PL011_SIZE	0x1000

struct console;

/**
 * struct pl011 - the serial port's state
 * @console: where the characters go, and come from
 * @registers: what was written to the registers that merely hold a value
 */
struct pl011 {
	struct console *console;
	u32 registers[PL011_SIZE / sizeof(u32)];
};

/**
 * pl011_reset() - back to how power-on leaves it
 * @uart: the serial port
 */
void pl011_reset(struct pl011 *uart);

/**
 * pl011_read() - the guest reads a register
 * @uart: the serial port
 * @offset: of the register, below PL011_SIZE
 *
 * Return: the register's value.
 */
u32 pl011_read(struct pl011 *uart, u32 offset);

/**
 * pl011_write() - the guest writes a register
 * @uart: the serial port
 * @offset: of the register, below PL011_SIZE
 * @value: what it writes
 */
void pl011_write(struct pl011 *uart, u32 offset, u32 value);

/**
 * pl011_interrupt() - level of the serial port's interrupt line
 * @uart: the serial port
 */
bool pl011_interrupt(struct pl011 *uart);

#endif /* SELFTESTS_VMM_PL011_H */
