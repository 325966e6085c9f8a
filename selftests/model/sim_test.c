// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random schedules: a number of right ones in which nothing may go wrong, and
 * then each thing done wrong, which has to be found out.
 *
 *   sim_test              all of it; SETWAY_LONG=1 for fifty times as many,
 *                         SETWAY_SEED=N to begin at another seed
 *   sim_test SEED         one schedule again
 *   sim_test SEED WRONG   the same with something done wrong, by its number
 */
#include <string.h>
#include <sanitizer/asan_interface.h>
#include <kselftest.h>

#include "sim.h"

#define SCHEDULES	600
#define WRONG_SCHEDULES	20000	/* at the most, for each */
#define LONG_FACTOR	50

static u64 seed;

static const char *const wrong_names[SIM_WRONGS] = {
	[SIM_CLEAN_FIRST] = "cleaning before invalidating",
	[SIM_BOTTOM_UP] = "harvesting leaves before tables",
	[SIM_FIRST_ROOT_PAGE] = "harvesting the first root page only",
	[SIM_NO_HARVEST_FLUSH] = "harvesting without a TLB flush",
	[SIM_REVALIDATE_TOP_DOWN] = "revalidating tables before the leaf",
	[SIM_UNMAP_VALID] = "unmapping valid entries only",
	[SIM_UNMAP_TORN] = "unmapping with a gap for revalidation",
	[SIM_UNMAP_UNFLUSHED] = "unmapping what a harvest has not flushed yet",
	[SIM_UNMAP_UNCLEAN] = "unmapping without cleaning",
	[SIM_NO_SYNC] = "freeing tables under a walk",
	[SIM_STALE_IGNORED] = "showing the guest what was never cleaned",
	[SIM_DIRTY_NEVER] = "letting the guest write to what is not marked dirty",
	[SIM_DIRTY_LATE] = "marking a page dirty without the lock",
	[SIM_DIRTY_AHEAD] = "marking neighbours dirty ahead",
	[SIM_HARVEST_ANEW] = "forgetting a harvest that was interrupted",
	[SIM_IDLE_UNCLEAN] = "showing a vCPU with its caches off what was idle",
	[SIM_UNSYNCED] = "not waiting for cleaning",
	[SIM_PROTECT_UNFLUSHED] = "taking permission without a TLB flush",
	[SIM_LOG_LATE] = "logging a page after it is writable",
	[SIM_AF_CLEAN_FIRST] = "cleaning before access flags are taken",
	[SIM_AF_UNFLUSHED] = "taking access flags without a TLB flush",
	[SIM_AF_IDLE_VALID] = "leaving idle pages valid for a vCPU with its caches off",
	[SIM_AF_IDLE_TABLES] = "taking back tables above leaves that stay valid",
	[SIM_COHERENT_IN_NAME] = "leaving out batches of memory that is not coherent",
};

/* The sanitizer calls this before it reports and ends the program. */
void __asan_on_error(void)
{
	printf("# in the schedule of seed %llu\n", seed);
	fflush(stdout);
}

static u64 env_number(const char *name, u64 otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static void test_right(u64 first, u64 schedules)
{
	const char *failure = NULL;

	for (seed = first; !failure && seed < first + schedules; seed++)
		failure = sim_run(seed, SIM_RIGHT);
	if (failure)
		ksft_test_result_fail("seed %llu: %s\n", seed - 1, failure);
	else
		ksft_test_result_pass("%llu random schedules from seed %llu on\n", schedules,
				      first);
}

static bool counts_print(void)
{
	const struct {
		const char *name;
		u64 count;
	} counts[] = {
#define COUNT(name) { #name, sim_counts.name }
		COUNT(accesses), COUNT(faults), COUNT(revalidated), COUNT(swaps_failed),
		COUNT(refused_dying), COUNT(batches), COUNT(skipped),
		COUNT(harvests_interrupted), COUNT(interrupted), COUNT(flags_set),
		COUNT(witnessed), COUNT(host_writes), COUNT(mode_changes), COUNT(restarts),
		COUNT(idle_cleaned), COUNT(logs_begun), COUNT(logs_taken),
		COUNT(logged_writes), COUNT(invalidations), COUNT(invalidated_in_batch),
		COUNT(sync_waits), COUNT(tables_freed), COUNT(splits), COUNT(in_the_way),
		COUNT(cleaned_for_batch), COUNT(cleaned_for_unmap), COUNT(cleaned_for_touch),
		COUNT(marked), COUNT(written_back),
#undef COUNT
	};
	bool all = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ksft_print_msg("%-22s %llu\n", counts[i].name, counts[i].count);
		all &= counts[i].count != 0;
	}
	ksft_print_msg("%-22s %llu\n", "switches", coro_switches());
	return all;
}

static void test_wrong(enum sim_wrong wrong, u64 first)
{
	const char *failure = NULL;

	for (seed = first; !failure && seed < first + WRONG_SCHEDULES; seed++)
		failure = sim_run(seed, wrong);
	if (failure) {
		ksft_print_msg("seed %llu: %s\n", seed - 1, failure);
		ksft_test_result_pass("%s is noticed\n", wrong_names[wrong]);
	} else {
		ksft_test_result_fail("%s is not noticed\n", wrong_names[wrong]);
	}
}

static int replay(const char *which, const char *wrong)
{
	const char *failure;

	seed = strtoull(which, NULL, 0);
	failure = sim_run(seed, wrong ? strtoul(wrong, NULL, 0) % SIM_WRONGS : SIM_RIGHT);
	printf("seed %llu: %s\n", seed, failure ?: "nothing wrong");
	return !!failure;
}

int main(int argc, char **argv)
{
	u64 first = env_number("SETWAY_SEED", 1);
	u64 schedules = SCHEDULES * (env_number("SETWAY_LONG", 0) ? LONG_FACTOR : 1);
	enum sim_wrong wrong;

	if (argc > 1)
		return replay(argv[1], argv[2]);

	/* A long run is watched, or ended, by way of a file. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	ksft_set_plan(2 + SIM_WRONGS - 1);
	test_right(first, schedules);
	ksft_test_result(counts_print(), "the schedules get into all corners\n");
	for (wrong = SIM_RIGHT + 1; wrong < SIM_WRONGS; wrong++)
		test_wrong(wrong, first);
	ksft_finished();
}
