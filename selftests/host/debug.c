// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debugging and profiling belong to the host: its breakpoints and watchpoints
 * fire in it, and never in a guest that uses the same addresses; its counters go
 * on counting; and nothing that a guest does to its own debug registers shows,
 * though they stop the guest.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "../lib/debug.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define GUEST_CALLS	100
#define HOST_CALLS	7

/* At the same address in the host and in the guest: it has a copy of its own. */
static u64 watched;

static void stepped_on(void)
{
	asm volatile("" : : : "memory");
}

static void watched_write(u64 value)
{
	WRITE_ONCE(watched, value);
}

/* Called by way of these, so that neither is inlined. */
static void (*step)(void) = stepped_on;
static void (*watched_set)(u64 value) = watched_write;

static void guest_steps_on_them(void)
{
	u64 i;

	for (i = 0; i < GUEST_CALLS; i++) {
		READ_ONCE(step)();
		READ_ONCE(watched_set)(i);
		if (i % 10 == 0)
			guest_sync(i);
	}
	GUEST_ASSERT_EQ(GUEST_CALLS - 1, watched);
}

/*
 * As a debugger in the guest would: the same addresses, and both stop it each time.  The
 * first of each, which the host uses, have others.
 */
static void guest_sets_its_own(void)
{
	void (*code)(void) = stepped_on;
	u64 *data = &watched;
	u64 i, esr;

	asm volatile("msr oslar_el1, xzr\n\tmsr osdlr_el1, xzr");
	DEBUG_SET("dbgbvr", 0, watched_write);
	DEBUG_SET("dbgbcr", 0, DBGBCR_ON);
	DEBUG_SET("dbgbvr", 1, code);
	DEBUG_SET("dbgbcr", 1, DBGBCR_ON);
	DEBUG_SET("dbgwvr", 0, &step);
	DEBUG_SET("dbgwcr", 0, DBGWCR_ON);
	DEBUG_SET("dbgwvr", 1, data);
	DEBUG_SET("dbgwcr", 1, DBGWCR_ON);
	debug_mdscr(MDSCR_KDE | MDSCR_MDE);
	debug_unmask();
	for (i = 0; i < GUEST_CALLS; i++) {
		esr = GUEST_TRY("blr %0", "+r" (code));
		GUEST_ASSERT_EQ(ESR_EC_BREAKPOINT + ESR_EC_SAME, ESR_EC(esr));
		esr = GUEST_TRY("str %0, [%1]", "+r" (i), "+r" (data));
		GUEST_ASSERT_EQ(ESR_EC_WATCHPOINT + ESR_EC_SAME, ESR_EC(esr));
		if (i % 10 == 0)
			guest_sync(i);
	}
}

/* NOP, and SVC #0, which ends it. The host's breakpoints are for EL0. */
static const u32 el0_code[] = { 0xd503201f, 0xd4000001 };

static void guest_steps_on_it_at_el0(void)
{
	GUEST_ASSERT_EQ(ESR_EC_SVC, ESR_EC(guest_at_el0(el0_code, GUEST_EL0, 0).esr));
}

static int perf_open(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->exclude_kernel = 1;
	return syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static int breakpoint_open(u32 type, const void *address)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.bp_type = type,
		.bp_addr = (u64)address,
		.bp_len = type == HW_BREAKPOINT_X ? sizeof(long) : HW_BREAKPOINT_LEN_8,
	};

	return perf_open(&attr);
}

static u64 perf_count(int fd)
{
	u64 count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		fail("cannot read a counter: %s", strerror(errno));
	return count;
}

FIXTURE(debug)
{
	int code;
	int data;
};

FIXTURE_VARIANT(debug)
{
	const void *guest;
};

FIXTURE_VARIANT_ADD(debug, by_a_guest_that_knows_nothing)
{
	.guest = guest_steps_on_them,
};

FIXTURE_VARIANT_ADD(debug, by_a_guest_that_sets_its_own)
{
	.guest = guest_sets_its_own,
};

FIXTURE_SETUP(debug)
{
	log_mark();
	self->code = breakpoint_open(HW_BREAKPOINT_X, stepped_on);
	self->data = breakpoint_open(HW_BREAKPOINT_W, &watched);
}

FIXTURE_TEARDOWN(debug)
{
	close(self->code);
	close(self->data);
	EXPECT_TRUE(log_is_clean());
}

static void host_steps_on_them(void)
{
	unsigned int i;

	for (i = 0; i < HOST_CALLS; i++) {
		READ_ONCE(step)();
		READ_ONCE(watched_set)(i);
	}
}

TEST_F(debug, the_hosts_breakpoints_are_hit)
{
	struct vcpu *vcpu = program_vcpu(variant->guest);
	struct ucall ucall;
	unsigned int rounds = 1;

	if (self->code < 0 || self->data < 0)
		SKIP(goto out, "no hardware breakpoints");
	host_steps_on_them();
	EXPECT_EQ(HOST_CALLS, perf_count(self->code));
	EXPECT_EQ(HOST_CALLS, perf_count(self->data));
	for (;;) {
		program_run(vcpu, &ucall);
		if (ucall.command == UCALL_DONE)
			break;
		host_steps_on_them();
		rounds++;
		/* neither more, for the guest's, nor fewer */
		ASSERT_EQ(rounds * HOST_CALLS, perf_count(self->code));
		ASSERT_EQ(rounds * HOST_CALLS, perf_count(self->data));
	}
	EXPECT_EQ(1 + GUEST_CALLS / 10, rounds);
out:
	vm_destroy(vcpu->vm);
}

/* Userspace restores what a guest had in MDSCR_EL1, every enable in it. */
TEST(the_guests_enables_are_not_for_the_hosts_breakpoints)
{
	struct vcpu *vcpu = program_vcpu(guest_steps_on_it_at_el0);
	int fd = breakpoint_open(HW_BREAKPOINT_X, el0_code);

	if (fd < 0)
		SKIP(goto out, "no hardware breakpoints");
	reg_set(vcpu, REG_MDSCR_EL1, MDSCR_KDE | MDSCR_MDE);
	program_finish(vcpu);
	EXPECT_EQ(MDSCR_KDE | MDSCR_MDE, reg_get(vcpu, REG_MDSCR_EL1));
	EXPECT_EQ(0, perf_count(fd));
	close(fd);
out:
	vm_destroy(vcpu->vm);
}

static void guest_resets_the_pmu(void)
{
	u64 i, value = ~0ULL;

	for (i = 0; i < GUEST_CALLS; i++) {
		/* PMCR_EL0, PMCNTENCLR_EL0, PMCCNTR_EL0, PMOVSCLR_EL0, PMUSERENR_EL0 */
		GUEST_TRY("msr s3_3_c9_c12_0, %0", "+r" (value));
		GUEST_TRY("msr s3_3_c9_c12_2, %0", "+r" (value));
		GUEST_TRY("msr s3_3_c9_c13_0, %0", "+r" (value));
		GUEST_TRY("msr s3_3_c9_c12_3, %0", "+r" (value));
		GUEST_TRY("msr s3_3_c9_c14_0, %0", "+r" (value));
		if (i % 10 == 0)
			guest_sync(i);
	}
}

/* Is what the host does counted, before and after each exit? */
TEST(the_hosts_counters_count)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES,
	};
	struct vcpu *vcpu = program_vcpu(guest_resets_the_pmu);
	int fd = perf_open(&attr);
	struct ucall ucall;
	u64 before, after;

	if (fd < 0)
		SKIP(return, "no PMU: %s", strerror(errno));
	do {
		program_run(vcpu, &ucall);
		before = perf_count(fd);
		host_steps_on_them();
		after = perf_count(fd);
		ASSERT_LT(before, after);
	} while (ucall.command != UCALL_DONE);
	close(fd);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
