/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test program cannot do without: it is skipped, with the reason, if
 * that is not there. The device itself is required of all of them.
 */
#ifndef SELFTESTS_LIB_REQUIRE_H
#define SELFTESTS_LIB_REQUIRE_H

/** require_setway() - skip the program unless the device is setway, not KVM */
void require_setway(void);

/**
 * REQUIRE_SETWAY() - the same, at file scope
 */
#define REQUIRE_SETWAY()						\
static void __attribute__((constructor)) program_require_setway(void)	\
{									\
	require_setway();						\
}

/**
 * require_capability() - skip the program unless the device has something
 * @capability: KVM_CAP_*
 * @why: what there is not, in words
 */
void require_capability(unsigned long capability, const char *why);

/**
 * REQUIRE_CAPABILITY() - the same, at file scope
 * @capability: KVM_CAP_*
 * @why: what there is not, in words
 *
 * SKIP() in FIXTURE_SETUP() would not do: the harness goes on with the test.
 */
#define REQUIRE_CAPABILITY(capability, why)				\
static void __attribute__((constructor)) program_require_capability(void)	\
{									\
	require_capability(capability, why);				\
}

#endif /* SELFTESTS_LIB_REQUIRE_H */
