/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A script at the guest's console: it waits for what the guest prints and types
 * the answer, so that a boot needs nobody at the keys.
 *
 * One command a line, its argument the rest of the line; C's \r, \n, \t and \\
 * are understood in it, blank lines and those that begin with # are not read.
 *
 *   wait TEXT     go on when the guest has printed TEXT
 *   touch         go on when the guest first touches the hole in its memory
 *   off           go on when the guest has switched itself off
 *   type TEXT     type TEXT
 *   step NAME     take down the counters since the last step
 *   say TEXT      tell the user
 *   timeout SECS  how long a wait may take from here on (60 at first)
 *   user          leave the console to the user
 *
 * Whatever is not a wait happens at once, while the guest stands still between
 * the character that ended the wait and the next: a step is the same moment in
 * every run.
 */
#ifndef SELFTESTS_VMM_SCRIPT_H
#define SELFTESTS_VMM_SCRIPT_H

#include "../lib/types.h"

#define SCRIPT_LINES_MAX	128
#define SCRIPT_HEARD_MAX	256

struct console;
struct report;

/** enum script_command - what a line does */
enum script_command {
	SCRIPT_WAIT,
	SCRIPT_TOUCH,
	SCRIPT_OFF,
	SCRIPT_TYPE,
	SCRIPT_STEP,
	SCRIPT_SAY,
	SCRIPT_TIMEOUT,
	SCRIPT_USER,
};

/**
 * struct script_line - one command
 * @command: what to do
 * @text: its argument
 */
struct script_line {
	enum script_command command;
	char *text;
};

/**
 * struct script - the commands and how far they got
 * @lines: the commands
 * @count: how many
 * @next: the first that is not finished
 * @timeout: seconds that a wait may take
 * @heard: the end of what the guest printed since the last wait was over
 * @length: how much that is
 * @console: where to type
 * @report: where steps are taken down, or NULL
 */
struct script {
	struct script_line lines[SCRIPT_LINES_MAX];
	unsigned int count;
	unsigned int next;
	unsigned int timeout;
	char heard[SCRIPT_HEARD_MAX + 1];
	unsigned int length;
	struct console *console;
	struct report *report;
};

/**
 * script_add() - add one command
 * @script: the script
 * @line: the command and its argument; fails if it makes no sense
 */
void script_add(struct script *script, const char *line);

/**
 * script_load() - add the commands of a file
 * @script: the script
 * @path: the file; fails if it cannot be read or makes no sense
 */
void script_load(struct script *script, const char *path);

/**
 * script_start() - do what comes before the first wait
 * @script: the script
 */
void script_start(struct script *script);

/**
 * script_hear() - the guest printed a character
 * @script: the script
 * @c: the character
 */
void script_hear(struct script *script, char c);

/**
 * script_feel() - the guest touched the hole
 * @script: the script
 */
void script_feel(struct script *script);

/**
 * script_power_off() - the guest switched itself off
 * @script: the script
 */
void script_power_off(struct script *script);

/**
 * script_finished() - is there nothing left to do?
 * @script: the script
 */
bool script_finished(struct script *script);

/**
 * script_complain() - fail, and say what the script was waiting for
 * @script: the script
 * @why: what happened instead
 */
void __noreturn script_complain(struct script *script, const char *why);

#endif /* SELFTESTS_VMM_SCRIPT_H */
