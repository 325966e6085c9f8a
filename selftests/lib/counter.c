// SPDX-License-Identifier: GPL-2.0-only
/*
 * What setway counts, read from debugfs.
 */
#include "counter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "device.h"

#define DEBUGFS		"/sys/kernel/debug"

/* Open a VM's file; NULL if there is none. */
static FILE *vm_file_open(struct vm *vm, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), COUNTER_DIRECTORY "/%d-%d/%s", getpid(),
		 vm->fd, name);
	return fopen(path, "re");
}

/* Takes the file over. */
static u64 value_read(FILE *file, const char *name)
{
	unsigned long long value;

	if (!file)
		fail("no counter %s: %s", name, strerror(errno));
	if (fscanf(file, "%llu", &value) != 1)
		fail("counter %s has no value", name);
	fclose(file);
	return value;
}

bool counter_present(struct vm *vm)
{
	FILE *file;

	if (access(DEBUGFS "/sched", F_OK) && access(COUNTER_DIRECTORY, F_OK))
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	file = vm_file_open(vm, "setway_ops");
	if (file)
		fclose(file);
	return file;
}

u64 counter_read(struct vm *vm, const char *name)
{
	return value_read(vm_file_open(vm, name), name);
}

u64 counter_read_vcpu(struct vcpu *vcpu, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "vcpu%u/%s", vcpu->id, name);
	return counter_read(vcpu->vm, path);
}

u64 counter_read_total(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), COUNTER_DIRECTORY "/%s", name);
	return value_read(fopen(path, "re"), name);
}

static FILE *accessed_open(struct vm *vm)
{
	FILE *file = vm_file_open(vm, "accessed");

	if (!file)
		fail("no dump of the accessed ranges: %s", strerror(errno));
	return file;
}

static bool range_read(FILE *file, struct range *range)
{
	unsigned long long start, end;

	if (fscanf(file, "%llx-%llx%*[^\n]", &start, &end) < 2)
		return false;
	*range = (struct range){ start, end };
	return true;
}

unsigned int accessed_read(struct vm *vm, struct range *ranges,
			   unsigned int max)
{
	FILE *file = accessed_open(vm);
	struct range range;
	unsigned int n = 0;

	while (range_read(file, &range)) {
		if (n == max)
			fail("more than %u accessed ranges", max);
		ranges[n++] = range;
	}
	fclose(file);
	return n;
}

u64 accessed_pages(struct vm *vm)
{
	FILE *file = accessed_open(vm);
	struct range range;
	u64 bytes = 0;

	while (range_read(file, &range))
		bytes += range.end - range.start;
	fclose(file);
	return bytes / SZ_4K;
}
