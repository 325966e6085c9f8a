// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test program cannot do without.
 */
#include "require.h"

#include <kselftest.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

/* The harness ends each test by _exit(), which forgets what is not written yet. */
static void __attribute__((constructor)) stdout_keep(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}

/*
 * Runs before the harness's main(), which knows no setup for all tests. Not by
 * priority: it must not come before the C library's own constructors.
 */
static void __attribute__((constructor)) require_device(void)
{
	if (!access(device_path(), R_OK | W_OK))
		return;
	ksft_print_header();
	ksft_exit_skip("%s: %s\n", device_path(), strerror(errno));
}

void require_setway(void)
{
	/* the order of constructors is the linker's */
	require_device();
	if (device_is_setway())
		return;
	ksft_print_header();
	ksft_exit_skip("%s is not setway\n", device_path());
}

void require_capability(unsigned long capability, const char *why)
{
	require_device();
	if (device_capability(capability))
		return;
	ksft_print_header();
	ksft_exit_skip("%s\n", why);
}
