// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines as QEMU 7.2 has them:
 *
 *	Taking exception 12 [Hypervisor Trap] on CPU 0
 *	...from EL1 to EL2
 *	...with ESR 0x18/0x6232c007
 *	...with ELR 0xffff800008015a2c
 *	...to EL2 PC 0xbb3fe400 PSTATE 0x3c9
 *	Exception return from AArch64 EL2 to AArch64 EL1 PC 0xffff800008015a30
 *	Exception return from AArch32 svc to usr PC 0x10188
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define LOG_CHUNK	65536
#define LOG_KEPT	(16 << 20)	/* bytes that were read and are not yet given back */
#define LOG_HEX		16

static const char *log_path;
static int log_fd = -1;
static off_t log_read_to;
static off_t log_given_back;
static char log_buffer[LOG_CHUNK + 1];
static size_t log_pending;		/* bytes of a line that is not complete */
static struct log_event taken;		/* the exception whose lines are being read */

void log_open(const char *path)
{
	log_path = path;
}

/* strip() - what comes after @prefix, or NULL */
static const char *strip(const char *line, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(line, prefix, length) ? NULL : line + length;
}

/* Within AArch32, modes are named; of EL0 there is one. */
static void line_return(const char *rest, void (*event)(const struct log_event *event))
{
	struct log_event done = { .kind = LOG_RETURN, .from = 1 };
	unsigned int from_state, to_state;
	unsigned long long pc;

	if (sscanf(rest, "AArch%u EL%u to AArch%u EL%u PC %llx", &from_state, &done.from,
		   &to_state, &done.to, &pc) == 5) {
		done.aarch32 = to_state == 32;
		done.pc = pc;
		event(&done);
	} else if (strstr(rest, "to usr PC")) {
		event(&done);
	}
}

static void line_detail(const char *line, void (*event)(const struct log_event *event))
{
	const char *rest;

	rest = strip(line, "...with ESR ");
	if (rest) {
		rest = strchr(rest, '/');
		taken.syndrome = rest ? strtoul(rest + 1, NULL, LOG_HEX) : 0;
		return;
	}
	rest = strip(line, "...with ELR ");
	if (rest) {
		taken.elr = strtoull(rest, NULL, LOG_HEX);
		return;
	}
	if (sscanf(line, "...from EL%u to EL%u", &taken.from, &taken.to) == 2) {
		if (taken.to < 2)
			event(&taken);
		return;
	}
	rest = strip(line, "...to EL2 PC ");
	if (rest) {
		taken.pc = strtoull(rest, NULL, LOG_HEX);
		event(&taken);
	}
}

static void log_line(const char *line, void (*event)(const struct log_event *event))
{
	const char *rest = strip(line, "Taking exception ");

	if (rest) {
		taken = (struct log_event){ .kind = LOG_TAKEN };
		taken.exception = strtoul(rest, NULL, 0);
		return;
	}
	rest = strip(line, "Exception return from ");
	if (rest)
		line_return(rest, event);
	else
		line_detail(line, event);
}

/* The writer keeps its place: the file becomes one with a hole before that. */
static void log_give_back(void)
{
	if (log_read_to - log_given_back < LOG_KEPT)
		return;
	if (ftruncate(log_fd, 0))
		err(1, "meter: %s", log_path);
	log_given_back = log_read_to;
}

static void log_lines(void (*event)(const struct log_event *event))
{
	char *line = log_buffer, *end;

	while ((end = strchr(line, '\n'))) {
		*end = 0;
		log_line(line, event);
		line = end + 1;
	}
	log_pending = strlen(line);
	memmove(log_buffer, line, log_pending);
}

void log_poll(void (*event)(const struct log_event *event))
{
	ssize_t bytes;

	if (log_fd < 0)
		log_fd = open(log_path, O_RDWR);
	if (log_fd < 0)
		err(1, "meter: %s", log_path);
	while ((bytes = pread(log_fd, log_buffer + log_pending, LOG_CHUNK - log_pending,
			      log_read_to)) > 0) {
		log_read_to += bytes;
		log_buffer[log_pending + bytes] = 0;
		log_lines(event);
	}
	log_give_back();
}
