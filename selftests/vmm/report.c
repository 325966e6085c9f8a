// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest cost, step by step.
 */
#include "report.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../lib/counter.h"
#include "../lib/device.h"

#define KVM_EXITS	"/sys/kernel/debug/kvm/%d-%d/exits"

/* The whole VM, where a row is asked for: the others are the CPUs'. */
#define ROW_VM	0

/*
 * The columns, by the names of their counters. Those that count events are
 * given as what the step added; those that say how things stand, as they are.
 * A CPU has no share in the VM's memory.
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

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void report_open(struct report *report, const char *path, struct vcpu **vcpus,
		 unsigned int nr_vcpus)
{
	unsigned int i;

	report->file = fopen(path, "we");
	if (!report->file)
		fail("cannot write %s: %s", path, strerror(errno));
	report->vcpus = vcpus;
	report->nr_vcpus = nr_vcpus;
	report->started = now_ms();
	fputs("step", report->file);
	for (i = 0; i < REPORT_COLUMNS; i++)
		fprintf(report->file, "\t%s", columns[i].name);
	fputs("\tms\tcpu\n", report->file);
}

/* The one thing here that KVM counts as well. */
static bool kvm_column_read(struct vm *vm, const char *name, u64 *value)
{
	char path[sizeof(KVM_EXITS) + 20];
	unsigned long long exits;
	bool found;
	FILE *file;

	if (strcmp(name, "exits"))
		return false;
	snprintf(path, sizeof(path), KVM_EXITS, getpid(), vm->fd);
	file = fopen(path, "re");
	if (!file)
		return false;
	found = fscanf(file, "%llu", &exits) == 1;
	*value = exits;
	fclose(file);
	return found;
}

/* Return: false if this is not counted. */
static bool column_read(struct report *report, unsigned int row,
			const struct column *column, u64 *value)
{
	struct vm *vm = report->vcpus[0]->vm;

	if (row != ROW_VM && column->is_state)
		return false;
	if (!counter_present(vm))
		return row == ROW_VM && kvm_column_read(vm, column->name, value);
	if (row != ROW_VM)
		*value = counter_read_vcpu(report->vcpus[row - 1], column->name);
	else if (!strcmp(column->name, "accessed"))
		*value = accessed_pages(vm);
	else
		*value = counter_read(vm, column->name);
	return true;
}

static void row_write(struct report *report, unsigned int row, const char *name)
{
	unsigned int i;
	u64 now;

	fputs(name, report->file);
	for (i = 0; i < REPORT_COLUMNS; i++) {
		if (!column_read(report, row, &columns[i], &now)) {
			fputs("\t-", report->file);
			continue;
		}
		fprintf(report->file, "\t%llu", columns[i].is_state ? now :
			now - report->before[row][i]);
		report->before[row][i] = now;
	}
	fprintf(report->file, "\t%llu\t", now_ms() - report->started);
	if (row == ROW_VM)
		fputs("all\n", report->file);
	else
		fprintf(report->file, "%u\n", row - 1);
}

void report_step(struct report *report, const char *name)
{
	unsigned int row;

	if (!report->file)
		return;
	row_write(report, ROW_VM, name);
	for (row = 1; report->nr_vcpus > 1 && row <= report->nr_vcpus; row++)
		row_write(report, row, name);
	fflush(report->file);
}
