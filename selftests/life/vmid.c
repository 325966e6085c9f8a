// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMIDs run out: with three of them (vmid_bits=2), more VMs than that run at
 * once, come and go.  Each must see its own memory only; and as QEMU's TLBs would
 * hide a mistake, the module's own calls are traced to see that a VMID changes
 * hands only after a flush that no guest ran through.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "../lib/busy.h"
#include "../lib/module.h"
#include "../lib/test.h"
#include "../../module/el2/context.h"

#define VMIDS		3	/* 1 to 3; 0 is the host's */
#define VMS		5
#define PAGES		4
#define ROUNDS		2
#define COMERS		6
#define LONGER		20	/* times, in the long variant */

#define TRACING		"/sys/kernel/tracing/"
#define VTTBR_ROOT	GENMASK(47, 1)
#define VTTBR_VMID(vttbr) ((vttbr) >> 48)

/**
 * struct vmid_user - who has a VMID
 * @root: VTTBR_EL2's root, 0 for nobody
 * @since: flushes that there had been when it last was entered
 */
struct vmid_user {
	u64 root;
	u64 since;
};

/**
 * struct vmid_trace - what the trace says
 * @user: by VMID
 * @inside: per CPU, flushes that had begun when its guest was entered, plus one;
 *	0 when none is in
 * @entries: into guests
 * @flushes: of all VMIDs that have ended
 * @begun: of all VMIDs that have begun
 * @changes: of a VMID's user
 * @wrong: things that must not be
 */
struct vmid_trace {
	struct vmid_user user[VMIDS + 1];
	u64 inside[CPU_SETSIZE];
	u64 entries;
	u64 flushes;
	u64 begun;
	u64 changes;
	u64 wrong;
};

static void tracing_write(const char *file, const char *text, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail("cannot write %s to %s: %s", text, path, strerror(errno));
	close(fd);
}

static void tracing_begin(void)
{
	char probe[128];

	tracing_write("trace_clock", "global", 0);
	tracing_write("buffer_size_kb", "4096", 0);
	snprintf(probe, sizeof(probe), "p:vmid/enter setway:el2_run vttbr=+%zu(%%x0):x64",
		 offsetof(struct el2_vcpu, vttbr_el2));
	tracing_write("kprobe_events", probe, O_APPEND);
	tracing_write("kprobe_events", "r:vmid/leave setway:el2_run", O_APPEND);
	tracing_write("kprobe_events", "p:vmid/flush setway:el2_tlb_flush_all", O_APPEND);
	tracing_write("kprobe_events", "r:vmid/flushed setway:el2_tlb_flush_all", O_APPEND);
	/* One event after the other: no guest runs yet. */
	tracing_write("events/vmid/enable", "1", 0);
	tracing_write("trace", "", O_TRUNC);
}

/* All events at once, as guests go on. */
static void tracing_stop(void)
{
	tracing_write("tracing_on", "0", 0);
}

static void tracing_end(void)
{
	tracing_write("events/vmid/enable", "0", 0);
	tracing_write("kprobe_events", "", O_TRUNC);
	tracing_write("trace", "", O_TRUNC);
	tracing_write("tracing_on", "1", 0);
	tracing_write("buffer_size_kb", "1", 0);
	tracing_write("trace_clock", "local", 0);
}

static void trace_wrong(struct vmid_trace *trace, const char *line, const char *why)
{
	if (trace->wrong++ < 5)
		printf("# %s: %s", why, line);
}

static void trace_enter(struct vmid_trace *trace, unsigned int cpu, u64 vttbr, const char *line)
{
	struct vmid_user *user;

	trace->entries++;
	trace->inside[cpu] = trace->begun + 1;
	if (VTTBR_VMID(vttbr) < 1 || VTTBR_VMID(vttbr) > VMIDS)
		return trace_wrong(trace, line, "no such VMID");
	user = &trace->user[VTTBR_VMID(vttbr)];
	if (user->root && user->root != (vttbr & VTTBR_ROOT)) {
		trace->changes++;
		if (user->since == trace->flushes)
			trace_wrong(trace, line, "two VMs with one VMID, and no flush between");
	}
	user->root = vttbr & VTTBR_ROOT;
	user->since = trace->flushes;
}

/* By the end of a flush every guest that was in when it began has been left. */
static void trace_flushed(struct vmid_trace *trace, const char *line)
{
	unsigned int cpu;

	trace->flushes++;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (trace->inside[cpu] && trace->inside[cpu] < trace->begun + 1)
			trace_wrong(trace, line, "a guest ran through a flush");
}

/* "task-pid [cpu] flags time: event: (function) fields" */
static void trace_line(struct vmid_trace *trace, const char *line)
{
	const char *bracket = strchr(line, '['), *value = strstr(line, "vttbr=");
	unsigned int cpu = bracket ? strtoul(bracket + 1, NULL, 10) : 0;

	if (line[0] == '#')
		return;
	if (value)
		trace_enter(trace, cpu, strtoull(value + strlen("vttbr="), NULL, 16), line);
	else if (strstr(line, " leave: "))
		trace->inside[cpu] = 0;
	else if (strstr(line, " flush: "))
		trace->begun++;
	else if (strstr(line, " flushed: "))
		trace_flushed(trace, line);
}

static void trace_read(struct vmid_trace *trace)
{
	FILE *file = fopen(TRACING "trace", "re");
	char line[256];

	if (!file)
		fail("cannot read the trace");
	while (fgets(line, sizeof(line), file))
		trace_line(trace, line);
	fclose(file);
}

FIXTURE(vmid)
{
	u64 times;
};

FIXTURE_SETUP(vmid)
{
	self->times = is_long_run() ? LONGER : 1;
	log_mark();
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load("vmid_bits=2"));
}

FIXTURE_TEARDOWN(vmid)
{
	EXPECT_EQ(0, module_unload());
	EXPECT_EQ(0, module_load(""));
	EXPECT_TRUE(log_is_clean());
}

/* All CPUs have a vCPU of every VM to run. */
static void vms_start(struct busy *vms[VMS])
{
	unsigned int i;

	/* Once they run they leave little time to make more. */
	for (i = 0; i < VMS; i++)
		vms[i] = busy_create(sysconf(_SC_NPROCESSORS_ONLN), PAGES, i + 1);
	for (i = 0; i < VMS; i++)
		busy_run(vms[i]);
}

static void vms_end(struct busy *vms[VMS])
{
	unsigned int i;

	for (i = 0; i < VMS; i++)
		busy_end(vms[i]);
}

TEST_F_TIMEOUT(vmid, more_vms_than_vmids, 600)
{
	struct busy *vms[VMS];
	unsigned int i;

	vms_start(vms);
	for (i = 0; i < VMS; i++)
		busy_wait(vms[i], ROUNDS * self->times);
	vms_end(vms);
}

/* A guest stays on each CPU, while VMs come and go and use up the VMIDs. */
TEST_F_TIMEOUT(vmid, vms_that_come_and_go, 600)
{
	struct busy *stays = busy_start(sysconf(_SC_NPROCESSORS_ONLN), PAGES, 0);
	struct busy *comes;
	unsigned int i;

	for (i = 0; i < COMERS * self->times; i++) {
		comes = busy_start(1, 1, 1 + i % 255);
		busy_wait(comes, 1);
		busy_end(comes);
	}
	busy_wait(stays, 1);
	busy_end(stays);
}

TEST_F(vmid, a_vmid_changes_hands_after_a_flush)
{
	static struct vmid_trace trace;
	struct busy *vms[VMS];
	unsigned int i;

	tracing_begin();
	vms_start(vms);
	for (i = 0; i < VMS; i++)
		busy_wait(vms[i], 1);
	tracing_stop();
	vms_end(vms);
	trace_read(&trace);
	tracing_end();
	TH_LOG("%llu entries, %llu flushes, %llu changes of a VMID's user", trace.entries,
	       trace.flushes, trace.changes);
	EXPECT_EQ(0, trace.wrong);
	EXPECT_LT(VMS, trace.entries);
	EXPECT_LE(VMS / VMIDS, trace.flushes);
	EXPECT_LE(VMS - VMIDS, trace.changes);
}

TEST_HARNESS_MAIN
