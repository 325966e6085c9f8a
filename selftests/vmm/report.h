/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest cost, step by step: a table of the hypervisor's counters, one
 * line for each step of the script and, where there are several CPUs, one more
 * for each of them; columns separated by tabs.  What is not counted is "-".
 */
#ifndef SELFTESTS_VMM_REPORT_H
#define SELFTESTS_VMM_REPORT_H

#include <stdio.h>

#include "../lib/types.h"

#define REPORT_COLUMNS	9
#define REPORT_CPUS_MAX	16

struct vcpu;

/**
 * struct report - the table being written
 * @file: where to, or NULL for nowhere
 * @vcpus: the CPUs whose counters, and whose VM's, it shows
 * @nr_vcpus: how many
 * @started: when it was opened, in ms
 * @before: the counters at the last step: the VM's, then each CPU's
 */
struct report {
	FILE *file;
	struct vcpu **vcpus;
	unsigned int nr_vcpus;
	u64 started;
	u64 before[1 + REPORT_CPUS_MAX][REPORT_COLUMNS];
};

/**
 * report_open() - begin the table
 * @report: the report
 * @path: the file, truncated
 * @vcpus: the CPUs
 * @nr_vcpus: how many, at most REPORT_CPUS_MAX
 */
void report_open(struct report *report, const char *path, struct vcpu **vcpus,
		 unsigned int nr_vcpus);

/**
 * report_step() - write the lines of a step that ends now
 * @report: the report; nothing happens if it was not opened
 * @name: the step
 */
void report_step(struct report *report, const char *name);

#endif /* SELFTESTS_VMM_REPORT_H */
