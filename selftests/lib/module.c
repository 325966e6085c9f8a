// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module itself, and the state that it leaves behind.
 */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device.h"
#include "file.h"

#define MODULE_FILE	"/setway.ko"
#define PROBE_FILE	"/selftests/el2_probe.ko"
#define PROBE_FOLDER	"/sys/kernel/debug/el2-probe/"
#define SEED_DEFAULT	1
#define LOG_LINE	8192
#define LOG_WARNING	4
#define LOG_LEVEL(priority) ((priority) & 7)

static int log_fd = -1;

static int file_load(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result, error;

	if (fd < 0)
		return -1;
	result = syscall(SYS_finit_module, fd, parameters, 0);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

int module_load(const char *parameters)
{
	const char *always = getenv("MODULE_ARGS");
	char all[256];

	snprintf(all, sizeof(all), "%s %s", always ?: "", parameters);
	return file_load(MODULE_FILE, all);
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "setway", O_NONBLOCK);
}

bool module_is_loaded(void)
{
	return !access("/sys/module/setway", F_OK);
}

bool module_does(const char *parameter)
{
	char path[64], value[2];

	snprintf(path, sizeof(path), "/sys/module/setway/parameters/%s", parameter);
	file_read(path, value, sizeof(value));
	return *value == 'Y';
}

void probe_load(void)
{
	if (file_load(PROBE_FILE, "") && errno != EEXIST)
		fail("cannot load %s: %s", PROBE_FILE, strerror(errno));
}

void probe_unload(void)
{
	syscall(SYS_delete_module, "el2_probe", O_NONBLOCK);
}

void probe_read(const char *name, char *text)
{
	char path[128];
	ssize_t got, length = 0;
	int fd;

	snprintf(path, sizeof(path), PROBE_FOLDER "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	while ((got = read(fd, text + length, PROBE_SIZE - 1 - length)) > 0)
		length += got;
	if (got < 0)
		fail("cannot read %s: %s", path, strerror(errno));
	text[length] = '\0';
	close(fd);
}

bool probe_matches(const char *name, const char *before)
{
	static char old[PROBE_SIZE], now[PROBE_SIZE];
	char *old_rest = old, *now_rest = now;
	const char *old_line, *now_line;

	snprintf(old, sizeof(old), "%s", before);
	probe_read(name, now);
	if (!strcmp(before, now))
		return true;
	while (old_rest || now_rest) {
		old_line = strsep(&old_rest, "\n") ?: "";
		now_line = strsep(&now_rest, "\n") ?: "";
		if (strcmp(old_line, now_line))
			printf("# %s: %s, now %s\n", name, old_line, now_line);
	}
	return false;
}

bool probe_calls(const char *answers)
{
	static char text[PROBE_SIZE];
	char *line, *rest = text;
	long cpus = 0;

	probe_read("calls", text);
	while ((line = strsep(&rest, "\n")) && *line) {
		char *after = strchr(line, ' ');

		if (!after || strcmp(after + 1, answers)) {
			printf("# %s, not %s\n", line, answers);
			return false;
		}
		cpus++;
	}
	return cpus == sysconf(_SC_NPROCESSORS_ONLN);
}

void log_mark(void)
{
	if (log_fd < 0)
		log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0)
		fail("cannot open /dev/kmsg: %s", strerror(errno));
	lseek(log_fd, 0, SEEK_END);
}

/*
 * Any kernel says this when it is slow, or when a CPU goes off while threads run there;
 * and the module says some of it at each load, on some CPUs.
 */
static bool log_is_harmless(const char *text)
{
	return strstr(text, "hrtimer: interrupt took") || strstr(text, "no longer affine") ||
	       strstr(text, "callbacks suppressed") || strstr(text, "can deadlock the machine");
}

bool log_is_clean(void)
{
	char line[LOG_LINE];
	bool clean = true;
	ssize_t got;

	/* A reader that was overtaken gets EPIPE once, and goes on. */
	while ((got = read(log_fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[got > 0 ? got : 0] = '\0';
		if (LOG_LEVEL(atoi(line)) > LOG_WARNING || log_is_harmless(line))
			continue;
		printf("# %s", line);
		clean = false;
	}
	return clean;
}

bool is_long_run(void)
{
	const char *value = getenv("SETWAY_LONG");

	return value && strcmp(value, "0");
}

u64 random_seed(void)
{
	const char *seed = getenv("SETWAY_SEED");

	return seed ? strtoull(seed, NULL, 0) : SEED_DEFAULT;
}

/* splitmix64 */
u64 random_next(u64 *state)
{
	u64 value = *state += 0x9e3779b97f4a7c15ULL;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}
