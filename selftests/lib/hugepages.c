// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory in huge pages.
 */
#include "hugepages.h"

#include <linux/memfd.h>
#include <linux/mman.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "vm.h"

#define RESERVED_2M	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define FREE_2M		"/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"
#define RESERVED_1G	"/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define REPEATED_SIZE	(16 * SZ_1M)

/* How many were reserved before, if that was changed. */
static struct {
	bool changed;
	unsigned int nr;
} before_2m, before_1g;

static bool count_read(const char *path, unsigned int *nr)
{
	FILE *file = fopen(path, "re");
	bool done;

	if (!file)
		return false;
	done = fscanf(file, "%u", nr) == 1;
	fclose(file);
	return done;
}

static void reserved_write(const char *path, unsigned int nr)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return;
	fprintf(file, "%u\n", nr);
	fclose(file);
}

static void reserve_2m(unsigned int more)
{
	if (before_2m.changed || !count_read(RESERVED_2M, &before_2m.nr))
		return;
	before_2m.changed = true;
	reserved_write(RESERVED_2M, before_2m.nr + more);
}

static void reserve_1g(void)
{
	if (before_1g.changed || !count_read(RESERVED_1G, &before_1g.nr))
		return;
	before_1g.changed = true;
	if (!before_1g.nr)
		reserved_write(RESERVED_1G, 1);
}

/* The same @unit bytes of a file of huge pages, over and over. */
static void *file_repeated(unsigned int flags, u64 unit, u64 size)
{
	int file = memfd_create("guest", MFD_CLOEXEC | MFD_HUGETLB | flags);
	char *hva = memory_alloc(size, SZ_1G);
	u64 done, length;

	if (file < 0 || ftruncate(file, unit))
		return NULL;
	for (done = 0; done < size; done += length) {
		length = size - done < unit ? size - done : unit;
		if (mmap(hva + done, length, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
			return NULL;
	}
	close(file);
	return hva;
}

void *memory_repeated(u64 size)
{
	reserve_2m(REPEATED_SIZE / SZ_2M);
	return file_repeated(MFD_HUGE_2MB, REPEATED_SIZE, size);
}

void *memory_repeated_1g(u64 size)
{
	reserve_1g();
	return file_repeated(MFD_HUGE_1GB, SZ_1G, size);
}

/* Two, as one may be on its way out when the next is needed. */
void *memory_2m(void)
{
	void *hva;

	reserve_2m(2);
	hva = mmap(NULL, SZ_2M, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
	return hva == MAP_FAILED ? NULL : hva;
}

unsigned int hugepages_free(void)
{
	unsigned int nr = 0;

	if (!count_read(FREE_2M, &nr))
		fail("cannot read %s", FREE_2M);
	return nr;
}

void *memory_1g(void)
{
	void *hva;

	reserve_1g();
	hva = mmap(NULL, SZ_1G, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_1GB, -1, 0);
	return hva == MAP_FAILED ? NULL : hva;
}

void hugepages_restore(void)
{
	if (before_2m.changed)
		reserved_write(RESERVED_2M, before_2m.nr);
	if (before_1g.changed)
		reserved_write(RESERVED_1G, before_1g.nr);
}
