// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaks, counted.  All of it is the kernel's own count to the last object and page;
 * what is still on its way to being freed is waited for.
 */
#include "leak.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counter.h"
#include "device.h"

#define ROWS_MAX	400
#define CACHES_MAX	300
#define SLABINFO_SIZE	65536
#define NAME_SIZE	48
#define LINE_SIZE	512
#define COUNTS		(LEAK_STRETCHES + 1)
#define LOOKS_MAX	4	/* or until nothing falls: a look takes seconds on a busy machine */
#define LOOK_US		20000
#define PATIENCE_MS	5000

/**
 * struct leak_row - one thing that is counted
 * @name: what it is
 * @values: each count
 */
struct leak_row {
	char name[NAME_SIZE];
	s64 values[COUNTS];
};

/**
 * struct leak - all of them
 * @counts: done
 * @nr: rows
 * @row: each
 * @falls: during the present count
 */
struct leak {
	unsigned int counts;
	unsigned int nr;
	struct leak_row row[ROWS_MAX];
	bool falls;
};

/* Whose pages /proc/vmstat counts.  Those of slabs are counted as objects. */
static const char * const page_kinds[] = {
	"nr_anon_pages", "nr_file_pages", "nr_page_table_pages",
};

static const char * const slab_pages[] = { "nr_slab_reclaimable", "nr_slab_unreclaimable" };

static void proc_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail("cannot write to %s: %s", path, strerror(errno));
	close(fd);
}

static FILE *proc_open(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		fail("cannot open %s: %s", path, strerror(errno));
	return file;
}

static struct leak_row *row_of(struct leak *leak, const char *name)
{
	unsigned int i;

	for (i = 0; i < leak->nr; i++)
		if (!strcmp(leak->row[i].name, name))
			return &leak->row[i];
	if (leak->nr == ROWS_MAX)
		fail("more than %u things to count", ROWS_MAX);
	snprintf(leak->row[leak->nr].name, NAME_SIZE, "%s", name);
	return &leak->row[leak->nr++];
}

/* The smallest of several looks counts: a leak does not go away. */
static void row_look(struct leak *leak, const char *name, s64 value, bool is_first)
{
	s64 *count = &row_of(leak, name)->values[leak->counts];

	if (!is_first && value >= *count)
		return;
	leak->falls |= !is_first;
	*count = value;
}

/* Return: a file to have CPUs give back the free objects of a cache that they keep. */
static int shrink_open(const char *cache)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	return fd;
}

/**
 * struct slabs - /proc/slabinfo
 * @text: what it said last
 * @fd: the file
 * @nr: caches
 * @cache: their names
 * @shrink: files that shrink them
 */
struct slabs {
	char text[SLABINFO_SIZE];
	int fd;
	unsigned int nr;
	char cache[CACHES_MAX][NAME_SIZE - 8];
	int shrink[CACHES_MAX];
};

static void slabs_read(struct slabs *slabs)
{
	ssize_t got, length = 0;

	lseek(slabs->fd, 0, SEEK_SET);
	while ((got = read(slabs->fd, slabs->text + length, SLABINFO_SIZE - 1 - length)) > 0)
		length += got;
	if (got < 0 || length == SLABINFO_SIZE - 1)
		fail("cannot read /proc/slabinfo");
	slabs->text[length] = '\0';
}

static void slabs_open(struct slabs *slabs)
{
	char *line, *rest = slabs->text;

	slabs->nr = 0;
	slabs->fd = open("/proc/slabinfo", O_RDONLY | O_CLOEXEC);
	if (slabs->fd < 0)
		fail("cannot open /proc/slabinfo: %s", strerror(errno));
	slabs_read(slabs);
	strsep(&rest, "\n");	/* its version */
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '#' || sscanf(line, "%39s", slabs->cache[slabs->nr]) != 1)
			continue;
		slabs->shrink[slabs->nr] = shrink_open(slabs->cache[slabs->nr]);
		if (++slabs->nr == CACHES_MAX)
			fail("more than %u slab caches", CACHES_MAX);
	}
}

static void slabs_close(struct slabs *slabs)
{
	unsigned int i;

	for (i = 0; i < slabs->nr; i++)
		close(slabs->shrink[i]);
	close(slabs->fd);
}

/* Those whose names begin in a certain way. */
static void slabs_shrink(struct slabs *slabs, const char *begin)
{
	unsigned int i;

	for (i = 0; i < slabs->nr; i++)
		if (!strncmp(slabs->cache[i], begin, strlen(begin)) &&
		    write(slabs->shrink[i], "1", 1) != 1)
			fail("cannot shrink %s: %s", slabs->cache[i], strerror(errno));
}

/*
 * A free object that a CPU keeps counts as used, by the slab.  So nothing may be
 * allocated between the shrinking and the reading: all files are opened before.
 * Each write() takes an object of the smallest kmalloc cache, the last in the list
 * of these, which is therefore the last to be shrunk.
 */
static void slabs_look(struct leak *leak, bool is_first)
{
	static struct slabs slabs;
	char *line, *rest = slabs.text, cache[NAME_SIZE - 8], name[NAME_SIZE];
	unsigned long long used;

	slabs_open(&slabs);
	slabs_shrink(&slabs, "");
	slabs_shrink(&slabs, "kmalloc-");
	slabs_read(&slabs);
	slabs_close(&slabs);
	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '#' || sscanf(line, "%39s %llu", cache, &used) != 2)
			continue;
		/* These wait for a flush of the TLB; regions are counted as such. */
		if (!strcmp(cache, "vmap_area"))
			continue;
		snprintf(name, sizeof(name), "slab %s", cache);
		row_look(leak, name, used, is_first);
	}
}

/* Return: pages that the kernel has given away. */
static s64 zones_used(void)
{
	FILE *file = proc_open("/proc/zoneinfo");
	unsigned long long n;
	char line[LINE_SIZE];
	s64 pages = 0;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " managed %llu", &n) == 1)
			pages += n;
		else if (sscanf(line, " pages free %llu", &n) == 1 ||
			 sscanf(line, " count: %llu", &n) == 1)
			pages -= n;
	}
	fclose(file);
	return pages;
}

static s64 vmstat_read(const char *name)
{
	FILE *file = proc_open("/proc/vmstat");
	char line[LINE_SIZE], found[NAME_SIZE] = "";
	long long value = 0;

	while (strcmp(found, name) && fgets(line, sizeof(line), file))
		sscanf(line, "%47s %lld", found, &value);
	fclose(file);
	if (strcmp(found, name))
		fail("no %s in /proc/vmstat", name);
	return value;
}

/* Pages of a kind, and those that nobody accounts for, as a driver's own. */
static void pages_look(struct leak *leak, bool is_first)
{
	s64 pages, rest = zones_used();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(page_kinds); i++) {
		pages = vmstat_read(page_kinds[i]);
		row_look(leak, page_kinds[i], pages, is_first);
		rest -= pages;
	}
	for (i = 0; i < ARRAY_SIZE(slab_pages); i++)
		rest -= vmstat_read(slab_pages[i]);
	row_look(leak, "pages of no kind", rest, is_first);
}

/* Those that are free, and only wait for a flush of the TLB, are "unpurged". */
static void vmalloc_look(struct leak *leak, bool is_first)
{
	FILE *file = proc_open("/proc/vmallocinfo");
	char line[LINE_SIZE];
	s64 regions = 0;

	while (fgets(line, sizeof(line), file))
		regions += !strstr(line, "unpurged");
	fclose(file);
	row_look(leak, "vmalloc regions", regions, is_first);
}

static void leak_look(struct leak *leak, bool is_first)
{
	proc_write("/proc/sys/vm/drop_caches", "3");
	slabs_look(leak, is_first);
	proc_write("/proc/sys/vm/compact_memory", "1");	/* CPUs' lists of pages */
	proc_write("/proc/sys/vm/stat_refresh", "1");
	pages_look(leak, is_first);
	vmalloc_look(leak, is_first);
}

struct leak *leak_begin(void)
{
	struct leak *leak = calloc(1, sizeof(*leak));

	if (!leak)
		fail("no memory");
	leak_count(leak);
	return leak;
}

void leak_count(struct leak *leak)
{
	unsigned int looks;

	if (leak->counts == COUNTS)
		fail("more counts than stretches");
	leak_look(leak, true);
	for (looks = 1; looks < LOOKS_MAX; looks++) {
		usleep(LOOK_US);
		leak->falls = false;
		leak_look(leak, false);
		if (!leak->falls)
			break;
	}
	leak->counts++;
}

static bool row_leaks(const struct leak_row *row, s64 least)
{
	unsigned int i;

	for (i = 1; i < COUNTS; i++)
		if (row->values[i] < row->values[i - 1] + least)
			return false;
	printf("# %s:", row->name);
	for (i = 0; i < COUNTS; i++)
		printf(" %lld", row->values[i]);
	printf("\n");
	return true;
}

bool leak_is_none(struct leak *leak, unsigned int least)
{
	bool none = true;
	unsigned int i;

	if (leak->counts != COUNTS)
		fail("fewer counts than stretches");
	for (i = 0; i < leak->nr; i++)
		none &= !row_leaks(&leak->row[i], least);
	fflush(stdout);
	free(leak);
	return none;
}

bool module_holds_nothing(void)
{
	static const char * const names[] = { "vms", "vcpus", "mapped_pages", "tables" };
	unsigned int i, ms = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		while (counter_read_total(names[i])) {
			if (ms++ == PATIENCE_MS) {
				printf("# %s: %llu\n", names[i], counter_read_total(names[i]));
				return false;
			}
			usleep(1000);
		}
	}
	return true;
}
