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
#define ACCESSED_MAX	4096

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

unsigned int accessed_read(struct vm *vm, struct range *ranges,
			   unsigned int max)
{
	FILE *file = vm_file_open(vm, "accessed");
	unsigned long long start, end;
	unsigned int n = 0;

	if (!file)
		fail("no dump of the accessed ranges: %s", strerror(errno));
	while (fscanf(file, "%llx-%llx%*[^\n]", &start, &end) >= 2) {
		if (n == max)
			fail("more than %u accessed ranges", max);
		ranges[n++] = (struct range){ start, end };
	}
	fclose(file);
	return n;
}

u64 accessed_pages(struct vm *vm)
{
	static struct range ranges[ACCESSED_MAX];
	unsigned int n = accessed_read(vm, ranges, ACCESSED_MAX);
	u64 bytes = 0;

	while (n--)
		bytes += ranges[n].end - ranges[n].start;
	return bytes / SZ_4K;
}
