// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest cost, step by step.
 */
#include "report.h"

#include <errno.h>
#include <string.h>

#include "../lib/counter.h"
#include "../lib/device.h"

/*
 * The columns, by the names of their counters. Those that count events are
 * given as what the step added; those that say how things stand, as they are.
 */
static const struct column {
	const char *name;
	bool is_state;
} columns[REPORT_COLUMNS] = {
	{ .name = "setway_ops" },
	{ .name = "setway_batches" },
	{ .name = "cache_toggles" },
	{ .name = "mapped_pages", .is_state = true },
	{ .name = "accessed", .is_state = true },
	{ .name = "pages_cleaned" },
	{ .name = "pages_skipped" },
	{ .name = "bytes_cleaned" },
	{ .name = "exits" },
};

void report_open(struct report *report, const char *path, struct vm *vm)
{
	unsigned int i;

	report->file = fopen(path, "we");
	if (!report->file)
		fail("cannot write %s: %s", path, strerror(errno));
	report->vm = vm;
	report->counted = counter_present(vm);
	fputs("step", report->file);
	for (i = 0; i < REPORT_COLUMNS; i++)
		fprintf(report->file, "\t%s", columns[i].name);
	fputc('\n', report->file);
}

static u64 column_read(struct vm *vm, const char *name)
{
	/* a dump, not a counter */
	if (!strcmp(name, "accessed"))
		return accessed_pages(vm);
	return counter_read(vm, name);
}

void report_step(struct report *report, const char *name)
{
	unsigned int i;
	u64 now;

	if (!report->file)
		return;
	fputs(name, report->file);
	for (i = 0; i < REPORT_COLUMNS; i++) {
		if (!report->counted) {
			fputs("\t-", report->file);
			continue;
		}
		now = column_read(report->vm, columns[i].name);
		fprintf(report->file, "\t%llu",
			columns[i].is_state ? now : now - report->before[i]);
		report->before[i] = now;
	}
	fputc('\n', report->file);
	fflush(report->file);
}
