// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading the module, over and over, with a guest in between: each
 * time every CPU's EL2 is given back as it was found, and nothing else is left.
 */
#include "../lib/busy.h"
#include "../lib/leak.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define TIMES		10	/* a stretch */
#define TIMES_LONG	100
#define PAGES		4

/* As they were without the module. */
static char el1_found[PROBE_SIZE];
static char el2_found[PROBE_SIZE];

FIXTURE(reload)
{
};

FIXTURE_SETUP(reload)
{
	probe_load();
	ASSERT_EQ(0, module_unload());
	/* At once: were EL2 still in the pages that are free now, anything could follow. */
	ASSERT_TRUE(probe_calls(PROBE_STUB));
	probe_read("el1", el1_found);
	probe_read("el2", el2_found);
	log_mark();
}

FIXTURE_TEARDOWN(reload)
{
	EXPECT_TRUE(log_is_clean());
	probe_unload();
	if (!module_is_loaded())
		EXPECT_EQ(0, module_load(""));
}

static bool el2_is_as_found(void)
{
	return probe_calls(PROBE_STUB) && probe_matches("el2", el2_found) &&
	       probe_matches("el1", el1_found);
}

/* A guest on every CPU, so that every CPU has switched worlds. */
static void guest_run(void)
{
	struct busy *busy = busy_start(sysconf(_SC_NPROCESSORS_ONLN), PAGES, 0);

	busy_wait(busy, 2);
	busy_end(busy);
}

static bool cycle(void)
{
	if (module_load("") || !probe_calls(PROBE_RUNTIME))
		return false;
	guest_run();
	return !module_unload() && el2_is_as_found();
}

TEST_F(reload, el2_is_given_back_as_it_was_found)
{
	EXPECT_TRUE(el2_is_as_found());
	EXPECT_EQ(0, module_load(""));
	EXPECT_TRUE(probe_calls(PROBE_RUNTIME));
	EXPECT_EQ(0, module_unload());
	EXPECT_TRUE(el2_is_as_found());
}

/* The first stretch warms the kernel up. */
TEST_F_TIMEOUT(reload, many_times_with_a_guest_in_between, 3000)
{
	int times = is_long_run() ? TIMES_LONG : TIMES;
	struct leak *leak = NULL;
	int i, stretch;

	for (stretch = 0; stretch <= LEAK_STRETCHES; stretch++) {
		for (i = 0; i < times; i++)
			ASSERT_TRUE(cycle())
				TH_LOG("at time %d of stretch %d", i + 1, stretch);
		if (leak)
			leak_count(leak);
		else
			leak = leak_begin();
	}
	EXPECT_TRUE(leak_is_none(leak, times / 4));
}

TEST_F(reload, the_same_module_twice_is_refused)
{
	EXPECT_EQ(0, module_load(""));
	EXPECT_ERRNO(EEXIST, module_load(""));
	EXPECT_TRUE(probe_calls(PROBE_RUNTIME));
	EXPECT_EQ(0, module_unload());
	EXPECT_TRUE(el2_is_as_found());
}

/* A load that fails after it has begun leaves nothing. */
TEST_F(reload, a_load_with_a_wrong_parameter_is_refused)
{
	EXPECT_ERRNO(EINVAL, module_load("policy=none"));
	log_mark();	/* the kernel names it */
	EXPECT_FALSE(module_is_loaded());
	EXPECT_TRUE(el2_is_as_found());
}

TEST_HARNESS_MAIN
