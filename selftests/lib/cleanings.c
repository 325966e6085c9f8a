// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages batches clean, and how often.
 */
#include "cleanings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"

#define TRACEFS		"/sys/kernel/tracing"
#define TRACE_EVENT	"setway/clean_range"
#define BUFFER_KIB	"4096"

static char instance[64];

static FILE *trace_open(const char *name, const char *mode)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", instance, name);
	return fopen(path, mode);
}

static bool trace_write(const char *name, const char *value)
{
	FILE *file = trace_open(name, "we");

	if (!file)
		return false;
	fprintf(file, "%s\n", value);
	return !fclose(file);
}

bool cleanings_trace(void)
{
	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	snprintf(instance, sizeof(instance), TRACEFS "/instances/setway-%d", getpid());
	if (mkdir(instance, 0700))
		return false;
	if (trace_write("buffer_size_kb", BUFFER_KIB) &&
	    trace_write("events/" TRACE_EVENT "/enable", "1"))
		return true;
	rmdir(instance);
	return false;
}

static void event_count(u64 start, u64 end, u64 ipa, u64 pages, u32 *count)
{
	for (; start < end; start += SZ_4K) {
		if (start >= ipa && (start - ipa) / SZ_4K < pages)
			count[(start - ipa) / SZ_4K]++;
	}
}

/* # entries-in-buffer/entries-written: 12/12   #P:2 */
static void header_check(const char *line)
{
	const char *numbers = strstr(line, "entries-written:");
	unsigned long long kept, written;

	if (numbers && sscanf(numbers, "entries-written: %llu/%llu", &kept, &written) == 2 &&
	    kept != written)
		fail("the trace has lost %llu of %llu events", written - kept, written);
}

void cleanings_count(u64 ipa, u64 pages, u32 *count)
{
	unsigned long long start, size;
	char line[256], *event;
	FILE *file;

	trace_write("events/" TRACE_EVENT "/enable", "0");
	file = trace_open("trace", "re");
	if (!file)
		fail("no trace: %s", strerror(errno));
	memset(count, 0, pages * sizeof(*count));
	while (fgets(line, sizeof(line), file)) {
		header_check(line);
		event = strstr(line, "clean_range: ");
		if (event && sscanf(event, "clean_range: ipa=%llx size=%llx", &start, &size) == 2)
			event_count(start, start + size, ipa, pages, count);
	}
	fclose(file);
	rmdir(instance);
}
