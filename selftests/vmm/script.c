// SPDX-License-Identifier: GPL-2.0-only
/*
 * A script at the guest's console.
 */
#include "script.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/device.h"
#include "console.h"
#include "report.h"

#define TIMEOUT_DEFAULT	60

static const char * const command_names[] = {
	[SCRIPT_WAIT] = "wait",
	[SCRIPT_TOUCH] = "touch",
	[SCRIPT_OFF] = "off",
	[SCRIPT_TYPE] = "type",
	[SCRIPT_STEP] = "step",
	[SCRIPT_SAY] = "say",
	[SCRIPT_TIMEOUT] = "timeout",
	[SCRIPT_USER] = "user",
};

/* Replace the escapes in place. */
static void text_unescape(char *text)
{
	static const char from[] = "rnt\\", to[] = "\r\n\t\\";
	const char *known;
	char *out = text;

	for (; *text; text++) {
		known = *text == '\\' && text[1] ? strchr(from, text[1]) : NULL;
		*out++ = known ? to[known - from] : *text;
		if (known)
			text++;
	}
	*out = '\0';
}

static bool needs_text(enum script_command command)
{
	return command != SCRIPT_TOUCH && command != SCRIPT_OFF &&
	       command != SCRIPT_USER;
}

void script_add(struct script *script, const char *line)
{
	size_t word = strcspn(line, " \t");
	const char *text = line + word + strspn(line + word, " \t");
	struct script_line *added = &script->lines[script->count];
	unsigned int i;

	if (script->count == SCRIPT_LINES_MAX)
		fail("the script is longer than %u lines", SCRIPT_LINES_MAX);
	for (i = 0; i < ARRAY_SIZE(command_names); i++) {
		if (strlen(command_names[i]) == word &&
		    !strncmp(line, command_names[i], word))
			break;
	}
	if (i == ARRAY_SIZE(command_names) || needs_text(i) != !!*text)
		fail("script: what is '%s'?", line);
	added->command = i;
	added->text = strdup(text);
	if (!added->text)
		fail("out of memory");
	text_unescape(added->text);
	if (i == SCRIPT_WAIT && strlen(added->text) > SCRIPT_HEARD_MAX)
		fail("script: '%s' is too long to wait for", line);
	script->count++;
}

void script_load(struct script *script, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];
	char *start;

	if (!file)
		fail("cannot read %s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		start = line + strspn(line, " \t");
		if (*start && *start != '#')
			script_add(script, start);
	}
	fclose(file);
}

static void timeout_set(struct script *script, const char *text)
{
	char *end;

	script->timeout = strtoul(text, &end, 10);
	if (*end || !script->timeout)
		fail("script: '%s' is no number of seconds", text);
}

static void user_take_over(struct script *script)
{
	alarm(0);
	script->next = script->count;
	console_open(script->console);
}

/* Do a command. Return: false if it is a wait and has to wait. */
static bool command_run(struct script *script, struct script_line *line)
{
	switch (line->command) {
	case SCRIPT_WAIT:
	case SCRIPT_TOUCH:
	case SCRIPT_OFF:
		alarm(script->timeout);
		return false;
	case SCRIPT_TYPE:
		console_type(script->console, line->text);
		break;
	case SCRIPT_STEP:
		report_step(script->report, line->text);
		break;
	case SCRIPT_SAY:
		fprintf(stderr, "%s\n", line->text);
		break;
	case SCRIPT_TIMEOUT:
		timeout_set(script, line->text);
		break;
	case SCRIPT_USER:
		user_take_over(script);
		break;
	}
	return true;
}

static void script_go_on(struct script *script)
{
	alarm(0);
	script->length = 0;
	while (script->next < script->count) {
		if (!command_run(script, &script->lines[script->next]))
			return;
		/* user_take_over() leaves nothing to do */
		if (script->next < script->count)
			script->next++;
	}
}

void script_start(struct script *script)
{
	if (!script->timeout)
		script->timeout = TIMEOUT_DEFAULT;
	script_go_on(script);
}

static bool waiting_for(struct script *script, enum script_command command)
{
	return script->next < script->count &&
	       script->lines[script->next].command == command;
}

void script_hear(struct script *script, char c)
{
	const char *text;
	size_t length;

	if (script->length == SCRIPT_HEARD_MAX)
		memmove(script->heard, script->heard + 1, --script->length);
	script->heard[script->length++] = c;
	if (!waiting_for(script, SCRIPT_WAIT))
		return;
	text = script->lines[script->next].text;
	length = strlen(text);
	if (script->length < length ||
	    memcmp(script->heard + script->length - length, text, length))
		return;
	script->next++;
	script_go_on(script);
}

static void event_happened(struct script *script, enum script_command awaited)
{
	if (!waiting_for(script, awaited))
		return;
	script->next++;
	script_go_on(script);
}

void script_feel(struct script *script)
{
	event_happened(script, SCRIPT_TOUCH);
}

void script_power_off(struct script *script)
{
	event_happened(script, SCRIPT_OFF);
}

bool script_finished(struct script *script)
{
	return script->next == script->count;
}

/* The last line or two that the guest printed, fit to be shown. */
static const char *last_heard(struct script *script)
{
	static char shown[80 + 1];
	unsigned int n = script->length < 80 ? script->length : 80;
	unsigned int i;

	memcpy(shown, script->heard + script->length - n, n);
	for (i = 0; i < n; i++) {
		if (!isprint((unsigned char)shown[i]))
			shown[i] = ' ';
	}
	shown[n] = '\0';
	return shown;
}

static const char *awaited(const struct script_line *line)
{
	switch (line->command) {
	case SCRIPT_TOUCH:
		return "the hole's first access";
	case SCRIPT_OFF:
		return "power-off";
	default:
		return line->text;
	}
}

void script_complain(struct script *script, const char *why)
{
	if (script_finished(script))
		fail("%s", why);
	fail("%s while the script waits for %s; the guest's last words: '%s'", why,
	     awaited(&script->lines[script->next]), last_heard(script));
}
