/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other end of the guest's serial line: the user's terminal, or a script
 * that reads and types in the user's place.
 */
#ifndef SELFTESTS_VMM_CONSOLE_H
#define SELFTESTS_VMM_CONSOLE_H

#include "../lib/types.h"

#define CONSOLE_TYPED_MAX	512

struct script;

/**
 * struct console - both directions of the serial line
 * @script: who listens and types, or NULL for the user
 * @quiet: the guest's output is not shown
 * @typed: what was typed and not read yet, a ring
 * @head: where the guest reads next in @typed
 * @count: how many characters are in @typed
 */
struct console {
	struct script *script;
	bool quiet;
	char typed[CONSOLE_TYPED_MAX];
	unsigned int head;
	unsigned int count;
};

/**
 * console_open() - let the user type
 * @console: the console
 *
 * A terminal is made raw until the program ends.  Ctrl-A x ends the program.
 */
void console_open(struct console *console);

/**
 * console_type() - type a string
 * @console: the console
 * @text: the string
 *
 * Fails if the guest has too much unread.
 */
void console_type(struct console *console, const char *text);

/**
 * console_putc() - the guest sends a character
 * @console: the console
 * @c: the character
 */
void console_putc(struct console *console, char c);

/**
 * console_pending() - is there a character for the guest to read?
 * @console: the console
 */
bool console_pending(struct console *console);

/**
 * console_getc() - the guest reads a character
 * @console: the console
 *
 * Return: the character, or 0 if there is none.
 */
char console_getc(struct console *console);

#endif /* SELFTESTS_VMM_CONSOLE_H */
