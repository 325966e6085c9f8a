// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other end of the guest's serial line.
 *
 * There is no thread for the user's keys: firmware polls its serial port, so
 * looking at stdin whenever it does is soon enough.
 */
#include "console.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "../lib/device.h"
#include "script.h"

#define ESCAPE	0x01		/* Ctrl-A, as in other VMMs */

static struct termios terminal_before;
static bool stdin_is_open;

static void terminal_restore(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
}

void console_open(struct console *console)
{
	struct termios raw;

	console->script = NULL;
	stdin_is_open = true;
	if (tcgetattr(STDIN_FILENO, &terminal_before))
		return;
	raw = terminal_before;
	raw.c_iflag &= ~(ICRNL | IXON);
	raw.c_lflag &= ~(ICANON | ECHO | ISIG);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	atexit(terminal_restore);
	fprintf(stderr, "[the keys are yours; Ctrl-A x leaves]\r\n");
}

static void typed_add(struct console *console, char c)
{
	if (console->count == CONSOLE_TYPED_MAX)
		fail("the guest does not read what is typed");
	console->typed[(console->head + console->count++) % CONSOLE_TYPED_MAX] = c;
}

void console_type(struct console *console, const char *text)
{
	while (*text)
		typed_add(console, *text++);
}

void console_putc(struct console *console, char c)
{
	if (!console->quiet) {
		putchar(c);
		fflush(stdout);
	}
	if (console->script)
		script_hear(console->script, c);
}

/* Take a key, if there is one; the escape's second character acts. */
static void stdin_poll(struct console *console)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	static bool escaped;
	char c;

	if (console->count || !stdin_is_open || poll(&input, 1, 0) != 1)
		return;
	if (read(STDIN_FILENO, &c, 1) != 1) {
		stdin_is_open = false;
		return;
	}
	if (!escaped && c == ESCAPE) {
		escaped = true;
		return;
	}
	if (escaped && c == 'x')
		exit(EXIT_SUCCESS);
	escaped = false;
	typed_add(console, c);
}

bool console_pending(struct console *console)
{
	stdin_poll(console);
	return console->count;
}

char console_getc(struct console *console)
{
	char c;

	if (!console->count)
		return 0;
	c = console->typed[console->head];
	console->head = (console->head + 1) % CONSOLE_TYPED_MAX;
	console->count--;
	return c;
}
