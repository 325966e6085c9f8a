// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a batch did, and which pages are accessed.
 */
#include "tracking.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../module/api/uapi.h"
#include "device.h"
#include "program.h"

#define ACCESSED_MAX	4096
#define MAPPINGS_MAX	4096

void memory_small(void *hva, u64 size)
{
	if (madvise(hva, size, MADV_NOHUGEPAGE))
		fail("MADV_NOHUGEPAGE: %s", strerror(errno));
}

void memory_populate(void *hva, u64 size)
{
	/* a write, or all pages would be the zero page */
	if (madvise(hva, size, MADV_POPULATE_WRITE))
		fail("%llu bytes of memory: %s", size, strerror(errno));
}

u64 memory_huge(const void *hva)
{
	unsigned long long start, kib;
	FILE *file = fopen("/proc/self/smaps", "re");
	bool here = false;
	char line[256];
	u64 bytes = 0;

	if (!file)
		fail("/proc/self/smaps: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx-", &start) == 1 && strchr(line, '-'))
			here = start == (u64)hva;
		else if (here && sscanf(line, "AnonHugePages: %llu kB", &kib) == 1)
			bytes = kib * 1024;
	}
	fclose(file);
	return bytes;
}

void vm_watch(struct vm *vm, u64 pages)
{
	u64 size = pages * SZ_4K;
	void *hva;

	/* what the kernel collapses meanwhile would be missing from the counts */
	memory_small(vm->slots[PROGRAM_SLOT].hva, GUEST_PROGRAM_SIZE);
	hva = vm_memory_add(vm, MEMORY_SLOT, MEMORY_IPA, size, 0);
	memory_small(hva, size);
	memory_populate(hva, size);
}

struct vm *vm_watched(u64 pages)
{
	struct vm *vm = vm_create();

	program_load(vm);
	vm_watch(vm, pages);
	return vm;
}

void vm_premap(struct vm *vm, u32 slot)
{
	struct setway_premap premap = { .slot = slot };

	vm_ioctl(vm, SETWAY_PREMAP, &premap);
}

void vm_set_policy(struct vm *vm, u32 policy)
{
	vm_ioctl(vm, SETWAY_SET_POLICY, &policy);
}

bool vm_has_policy(struct vm *vm, u32 policy)
{
	if (!ioctl(vm->fd, SETWAY_SET_POLICY, &policy))
		return true;
	if (errno != EOPNOTSUPP)
		fail("SETWAY_SET_POLICY: %s", strerror(errno));
	return false;
}

struct tally tally_read(struct vm *vm)
{
	return (struct tally){
		.ops = counter_read(vm, "setway_ops"),
		.batches = counter_read(vm, "setway_batches"),
		.coalesced = counter_read(vm, "setway_coalesced"),
		.toggles = counter_read(vm, "cache_toggles"),
		.cleaned = counter_read(vm, "pages_cleaned"),
		.skipped = counter_read(vm, "pages_skipped"),
		.bytes = counter_read(vm, "bytes_cleaned"),
		.revalidations = counter_read(vm, "revalidations"),
		.faults = counter_read(vm, "stage2_faults"),
		.sysregs = counter_read(vm, "exits_sysreg") + counter_read(vm, "el2_sysreg"),
	};
}

struct tally tally_since(struct vm *vm, const struct tally *before)
{
	struct tally now = tally_read(vm);

	return (struct tally){
		.ops = now.ops - before->ops,
		.batches = now.batches - before->batches,
		.coalesced = now.coalesced - before->coalesced,
		.toggles = now.toggles - before->toggles,
		.cleaned = now.cleaned - before->cleaned,
		.skipped = now.skipped - before->skipped,
		.bytes = now.bytes - before->bytes,
		.revalidations = now.revalidations - before->revalidations,
		.faults = now.faults - before->faults,
		.sysregs = now.sysregs - before->sysregs,
	};
}

/* Drop what is outside the window; nothing that is tracked crosses its ends. */
static unsigned int ranges_inside(struct range window, struct range *ranges, unsigned int n)
{
	unsigned int i, inside = 0;

	for (i = 0; i < n; i++) {
		if (ranges[i].start >= window.start && ranges[i].end <= window.end)
			ranges[inside++] = ranges[i];
	}
	return inside;
}

static void ranges_print(const char *name, const struct range *ranges, unsigned int n)
{
	unsigned int i;

	printf("# %s:", name);
	for (i = 0; i < n; i++)
		printf(" 0x%llx-0x%llx", ranges[i].start, ranges[i].end);
	printf("\n");
	fflush(stdout);
}

bool accessed_is(struct vm *vm, struct range window, const struct range *expected,
		 unsigned int n)
{
	static struct range seen[ACCESSED_MAX];
	unsigned int nr = accessed_read(vm, seen, ACCESSED_MAX);

	nr = ranges_inside(window, seen, nr);
	if (nr == n && !memcmp(seen, expected, n * sizeof(*seen)))
		return true;
	ranges_print("accessed", seen, nr);
	ranges_print("expected", expected, n);
	return false;
}

static u64 leaf_size(const char *name)
{
	if (!strcmp(name, "4K"))
		return SZ_4K;
	if (!strcmp(name, "2M"))
		return SZ_2M;
	if (!strcmp(name, "1G"))
		return SZ_1G;
	fail("a leaf of %s in the dump", name);
}

/* One line: 0x40000000-0x40200000 idle 2M rw pending stale */
static struct mapping mapping_parse(const char *line)
{
	char state[16], size[16], access[16];
	struct mapping mapping = { 0 };

	if (sscanf(line, "%llx-%llx %15s %15s %15s", &mapping.range.start,
		   &mapping.range.end, state, size, access) != 5)
		fail("a dump with '%s'", line);
	mapping.accessed = !strcmp(state, "accessed");
	mapping.leaf_size = leaf_size(size);
	mapping.writable = !strcmp(access, "rw");
	mapping.pending = strstr(line, " pending");
	mapping.stale = strstr(line, " stale");
	return mapping;
}

unsigned int mappings_read(struct vm *vm, struct range window, struct mapping *mappings,
			   unsigned int max)
{
	struct mapping mapping;
	char path[128], line[128];
	unsigned int n = 0;
	FILE *file;

	snprintf(path, sizeof(path), COUNTER_DIRECTORY "/%d-%d/stage2", getpid(), vm->fd);
	file = fopen(path, "re");
	if (!file)
		fail("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		mapping = mapping_parse(line);
		if (mapping.range.start < window.start || mapping.range.start >= window.end)
			continue;
		if (n == max)
			fail("more than %u mapped ranges", max);
		mappings[n++] = mapping;
	}
	fclose(file);
	return n;
}

u64 pages_mapped(struct vm *vm, struct range window)
{
	static struct mapping mappings[MAPPINGS_MAX];
	unsigned int n = mappings_read(vm, window, mappings, MAPPINGS_MAX);
	u64 bytes = 0;

	while (n--)
		bytes += mappings[n].range.end - mappings[n].range.start;
	return bytes / SZ_4K;
}
