/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test program includes: the kernel's own test harness, and the VM
 * library.  Without a device the program is skipped before its first test.
 */
#ifndef SELFTESTS_LIB_TEST_H
#define SELFTESTS_LIB_TEST_H

#include <errno.h>
#include <kselftest_harness.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "alarm.h"
#include "device.h"
#include "guest.h"
#include "onereg.h"
#include "program.h"
#include "require.h"
#include "vm.h"

/* In seconds.  An emulated CPU on a busy machine may be slow, a hang is for ever. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/**
 * tests_limit() - let tests that hang fail sooner
 *
 * SETWAY_TEST_SECONDS in the environment is the time that each test has, for somebody
 * who expects one to hang.
 */
static inline void tests_limit(void)
{
	const char *seconds = getenv("SETWAY_TEST_SECONDS");
	struct __fixture_metadata *fixture;
	struct __test_metadata *test;

	if (!seconds)
		return;
	for (fixture = __fixture_list; fixture; fixture = fixture->next)
		for (test = fixture->tests; test; test = test->next)
			test->timeout = atoi(seconds);
}

/* What TEST_HARNESS_MAIN calls. */
#define test_harness_run(argc, argv)	(tests_limit(), test_harness_run(argc, argv))

/**
 * ERRNO_OF() - what errno a call fails with
 * @call: what returns -1 and sets errno, or works
 *
 * Result: the errno, 0 if it worked.
 */
#define ERRNO_OF(call)	((call) == -1 ? errno : 0)

/**
 * EXPECT_ERRNO() - expect a call to fail
 * @error: the errno
 * @call: what must return -1 and set it
 */
#define EXPECT_ERRNO(error, call) do {					\
	int __errno_seen = ERRNO_OF(call);				\
									\
	EXPECT_EQ(error, __errno_seen)					\
		TH_LOG(#call ": %s", strerror(__errno_seen));		\
} while (0)

/**
 * unknown_ioctl_errno() - what an ioctl that is not known fails with
 *
 * On this architecture KVM says EINVAL; setway says what ioctl(2) does.
 */
static inline int unknown_ioctl_errno(void)
{
	return device_is_setway() ? ENOTTY : EINVAL;
}

/* An ioctl that neither KVM nor setway has */
#define IOCTL_UNKNOWN	_IO(KVMIO, 0xfe)

/* An address that is never mapped, and user space's nonetheless */
#define BAD_ADDRESS	((void *)16)

#endif /* SELFTESTS_LIB_TEST_H */
