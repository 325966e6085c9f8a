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

#endif /* SELFTESTS_LIB_REQUIRE_H */
