/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest cost, step by step: a table of setway's counters, one line for
 * each step of the script, columns separated by tabs.
 */
#ifndef SELFTESTS_VMM_REPORT_H
#define SELFTESTS_VMM_REPORT_H

#include <stdio.h>

#include "../lib/types.h"

#define REPORT_COLUMNS	9

struct vm;

/**
 * struct report - the table being written
 * @file: where to, or NULL for nowhere
 * @vm: whose counters
 * @counted: is there anything to count? KVM itself does not
 * @before: the counters at the last step
 */
struct report {
	FILE *file;
	struct vm *vm;
	bool counted;
	u64 before[REPORT_COLUMNS];
};

/**
 * report_open() - begin the table
 * @report: the report
 * @path: the file, truncated
 * @vm: whose counters
 */
void report_open(struct report *report, const char *path, struct vm *vm);

/**
 * report_step() - write the line of a step that ends now
 * @report: the report; nothing happens if it was not opened
 * @name: the step
 */
void report_step(struct report *report, const char *name);

#endif /* SELFTESTS_VMM_REPORT_H */
