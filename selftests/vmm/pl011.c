// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PL011 serial port, polled.
 *
 * Registers as in ARM DDI 0183G, chapter 3.  Transmission takes no time, so
 * the transmit FIFO is always empty; the receive FIFO is the console's queue of
 * typed characters.
 */
#include "pl011.h"

#include <string.h>

#include "console.h"

#define UARTDR		0x000
#define UARTFR		0x018
#define   FR_RXFE	BIT(4)	/* receive FIFO empty */
#define   FR_TXFE	BIT(7)	/* transmit FIFO empty */
#define UARTCR		0x030
#define   CR_TXE	BIT(8)	/* transmit enable */
#define   CR_RXE	BIT(9)	/* receive enable */
#define UARTPERIPHID0	0xfe0

/* UARTPeriphID0 to 3, then UARTPCellID0 to 3: a PL011, revision r1p5 */
static const u8 pl011_id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

void pl011_reset(struct pl011 *uart)
{
	memset(uart->registers, 0, sizeof(uart->registers));
	uart->registers[UARTCR / sizeof(u32)] = CR_TXE | CR_RXE;
}

u32 pl011_read(struct pl011 *uart, u32 offset)
{
	switch (offset) {
	case UARTDR:
		return console_getc(uart->console);
	case UARTFR:
		return FR_TXFE | (console_pending(uart->console) ? 0 : FR_RXFE);
	}
	if (offset >= UARTPERIPHID0)
		return pl011_id[(offset - UARTPERIPHID0) / sizeof(u32)];
	return uart->registers[offset / sizeof(u32)];
}

void pl011_write(struct pl011 *uart, u32 offset, u32 value)
{
	if (offset == UARTDR)
		console_putc(uart->console, value);
	else
		uart->registers[offset / sizeof(u32)] = value;
}
