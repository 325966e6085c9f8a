// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PL011 serial port.
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
#define UARTIMSC	0x038	/* interrupts that are let through */
#define UARTRIS		0x03c	/* interrupts that there are */
#define UARTMIS		0x040	/* both */
#define UARTICR		0x044	/* write 1 to clear */
#define   INT_RX	BIT(4)
#define   INT_TX	BIT(5)
#define UARTPERIPHID0	0xfe0

/* UARTPeriphID0 to 3, then UARTPCellID0 to 3: a PL011, revision r1p5 */
static const u8 pl011_id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

void pl011_reset(struct pl011 *uart)
{
	memset(uart->registers, 0, sizeof(uart->registers));
	uart->registers[UARTCR / sizeof(u32)] = CR_TXE | CR_RXE;
}

static u32 *pl011_register(struct pl011 *uart, u32 offset)
{
	return &uart->registers[offset / sizeof(u32)];
}

/* What has been sent has gone at once; what is to be read stays until it is. */
static u32 pl011_raw(struct pl011 *uart)
{
	u32 raw = *pl011_register(uart, UARTRIS) & ~INT_RX;

	return console_pending(uart->console) ? raw | INT_RX : raw;
}

bool pl011_interrupt(struct pl011 *uart)
{
	return pl011_raw(uart) & *pl011_register(uart, UARTIMSC);
}

u32 pl011_read(struct pl011 *uart, u32 offset)
{
	switch (offset) {
	case UARTDR:
		return console_getc(uart->console);
	case UARTFR:
		return FR_TXFE | (console_pending(uart->console) ? 0 : FR_RXFE);
	case UARTRIS:
		return pl011_raw(uart);
	case UARTMIS:
		return pl011_raw(uart) & *pl011_register(uart, UARTIMSC);
	}
	if (offset >= UARTPERIPHID0)
		return pl011_id[(offset - UARTPERIPHID0) / sizeof(u32)];
	return *pl011_register(uart, offset);
}

void pl011_write(struct pl011 *uart, u32 offset, u32 value)
{
	switch (offset) {
	case UARTDR:
		console_putc(uart->console, value);
		*pl011_register(uart, UARTRIS) |= INT_TX;
		break;
	case UARTICR:
		*pl011_register(uart, UARTRIS) &= ~value;
		break;
	case UARTRIS:
	case UARTMIS:
		break;
	default:
		*pl011_register(uart, offset) = value;
	}
}
