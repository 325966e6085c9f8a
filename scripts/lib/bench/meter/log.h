/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's log of exceptions (-d int), read while QEMU writes it.
 */
#ifndef METER_LOG_H
#define METER_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* As QEMU numbers the exceptions of the architecture. */
#define LOG_IRQ		5
#define LOG_FIQ		6

/** enum log_kind - of events: an exception taken, an ERET */
enum log_kind {
	LOG_TAKEN,
	LOG_RETURN,
};

/**
 * struct log_event - what the CPU did
 * @kind: of them
 * @exception: QEMU's number for it, if taken
 * @from: the exception level before
 * @to: the exception level after
 * @aarch32: the state after a return is AArch32
 * @syndrome: as in ESR_ELx, if taken; an interrupt has none
 * @elr: where it was taken
 * @pc: where execution goes on
 */
struct log_event {
	enum log_kind kind;
	unsigned int exception;
	unsigned int from;
	unsigned int to;
	bool aarch32;
	uint32_t syndrome;
	uint64_t elr;
	uint64_t pc;
};

/**
 * log_poll() - read what was written since the last time
 * @event: called for each event that is complete
 *
 * QEMU writes out each line at once, so what is not there has not happened.  Exceptions
 * taken to AArch32 have no last line of their own; they are passed on without a PC.
 */
void log_poll(void (*event)(const struct log_event *event));

/**
 * log_open() - name the log
 * @path: what -D names
 *
 * What was read is given back to the file system, so the log can be long.
 */
void log_open(const char *path);

#endif
