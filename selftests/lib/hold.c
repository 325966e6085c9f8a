// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads held inside the kernel.
 */
#include "hold.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "module.h"

#define HOLD_FILE	"/sys/kernel/debug/el2-probe/hold"
#define PATIENCE_S	60

static void hold_write(const char *text)
{
	int fd = open(HOLD_FILE, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail("cannot hold at %s: %s", text, strerror(errno));
	close(fd);
}

static bool hold_is(const char *state)
{
	static char text[PROBE_SIZE];

	probe_read("hold", text);
	return !strncmp(text, state, strlen(state));
}

void hold_arm(const char *function)
{
	probe_load();
	hold_write(function);
}

bool hold_wait(void)
{
	time_t since = time(NULL);

	while (!hold_is("held")) {
		if (time(NULL) > since + PATIENCE_S)
			return false;
	}
	return true;
}

bool hold_release(void)
{
	bool held = hold_is("held");

	hold_write("\n");
	return held;
}
