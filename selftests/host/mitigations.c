// SPDX-License-Identifier: GPL-2.0-only
/*
 * What exits do about the branch predictors: as the kernel has it for itself; and by
 * each of the means that there are, which el2_probe makes a CPU believe that it needs.
 * That they help no emulator can show; that the guest and the host survive them, this.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/klog.h>

#include "../lib/counter.h"
#include "../lib/cpu.h"
#include "../lib/file.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define MITIGATIONS_FILE	COUNTER_DIRECTORY "/mitigations"
#define VULNERABILITY_FILE	"/sys/devices/system/cpu/vulnerabilities/spectre_v2"
#define ANSWER_FILE		"/sys/kernel/debug/el2-probe/answer"
#define MIDR_FILE		"/sys/devices/system/cpu/cpu0/regs/identification/midr_el1"
#define ONLINE_FILE		"/sys/devices/system/cpu/cpu1/online"

#define LOG_SIZE		(1024 * 1024)
#define MIDR_MODEL		0xff0ffff0	/* implementer, architecture, part */
#define MIDR_CORTEX_A57		0x410fd070
#define MIDR_CORTEX_A77		0x410fd0d0

#define FIRMWARE_HAS_IT		"0"
#define FIRMWARE_UNAFFECTED	"1"
#define ISAR2_CLRBHB		"10000000"
#define HVC_UNKNOWN		0xc6001234ULL
#define EXITS			1000

/* x0 to x3 are a call's, the others and the flags are to stay as they are. */
static void guest_keeps_registers(void)
{
	register u64 x0 asm("x0") = HVC_UNKNOWN;
	register u64 x4 asm("x4") = 4, x5 asm("x5") = 5, x16 asm("x16") = 16, x17 asm("x17") = 17;
	u64 flags;

	for (int i = 0; i < EXITS; i++) {
		x0 = HVC_UNKNOWN;
		asm volatile("msr nzcv, %[nzcv]\n\t"
			     "hvc #0\n\t"
			     "mrs %[flags], nzcv"
			     : "+r" (x0), "+r" (x4), "+r" (x5), "+r" (x16), "+r" (x17),
			       [flags] "=r" (flags)
			     : [nzcv] "r" (0xa0000000ULL)
			     : "x1", "x2", "x3", "cc", "memory");
		GUEST_ASSERT_EQ(~0ULL, x0);
		GUEST_ASSERT_EQ(0xa0000000ULL, flags);
		GUEST_ASSERT_EQ(4, x4);
		GUEST_ASSERT_EQ(5, x5);
		GUEST_ASSERT_EQ(16, x16);
		GUEST_ASSERT_EQ(17, x17);
	}
}

/* x0 to x3 are free at a call, and not at another exit. */
static void guest_reads_ids(void)
{
	u64 a, b, c, d;

	asm volatile("mov x0, #10\n\tmov x1, #11\n\tmov x2, #12\n\tmov x3, #13\n\t"
		     "mrs x4, ctr_el0\n\t"
		     "mov %0, x0\n\tmov %1, x1\n\tmov %2, x2\n\tmov %3, x3"
		     : "=&r" (a), "=&r" (b), "=&r" (c), "=&r" (d)
		     : : "x0", "x1", "x2", "x3", "x4");
	GUEST_ASSERT_EQ(10, a);
	GUEST_ASSERT_EQ(11, b);
	GUEST_ASSERT_EQ(12, c);
	GUEST_ASSERT_EQ(13, d);
}

/* The host */

static void answer(const char *function, const char *value)
{
	char text[96];

	snprintf(text, sizeof(text), "%s %s", function, value);
	if (file_write(ANSWER_FILE, text))
		fail("el2_probe: %s: %s", text, strerror(errno));
}

/* Has CPU 1 what is in this line? */
static bool cpu1_has(const char *what)
{
	char text[4096], *line;

	file_read(MITIGATIONS_FILE, text, sizeof(text));
	line = strstr(text, "cpu1: ");
	if (!line)
		fail("no line for CPU 1 in: %s", text);
	*strchrnul(line, '\n') = '\0';
	if (strstr(line, what))
		return true;
	printf("# %s, not %s\n", line, what);
	return false;
}

static void cpu1_anew(void)
{
	if (file_write(ONLINE_FILE, "0") || file_write(ONLINE_FILE, "1"))
		fail("CPU 1 does not go and come: %s", strerror(errno));
}

static void run_on_cpu1(const void *function)
{
	struct vcpu *vcpu = program_vcpu(function);

	cpu_bind(1);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(each_cpu_has_a_line)
{
	char text[4096], *rest = text, *line;
	long lines = 0;

	file_read(MITIGATIONS_FILE, text, sizeof(text));
	while ((line = strsep(&rest, "\n")) && *line) {
		TH_LOG("%s", line);
		lines++;
	}
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_ONLN), lines);
}

/* As the kernel sees its own CPUs, which here are all alike. */
TEST(agrees_with_the_kernel)
{
	char text[4096], kernel[256];

	file_read(MITIGATIONS_FILE, text, sizeof(text));
	file_read(VULNERABILITY_FILE, kernel, sizeof(kernel));
	TH_LOG("the kernel: %s", kernel);
	EXPECT_EQ(!strncmp(kernel, "Vulnerable", 10), !!strstr(text, "spectre-v2 vulnerable"));
	EXPECT_EQ(!!strstr(kernel, "CSV2"), !!strstr(text, "spectre-v2 not affected"));
	if (strstr(kernel, ", BHB"))
		EXPECT_NE(NULL, strstr(text, "spectre-bhb mitigated"));
	if (strstr(kernel, "not BHB"))
		EXPECT_NE(NULL, strstr(text, "spectre-bhb vulnerable"));
	/* what cannot be helped costs nothing */
	if (strstr(text, "spectre-v2 vulnerable"))
		EXPECT_NE(NULL, strstr(text, "at exits: nothing"));
}

/* Cortex-A57 up to r1p2 (erratum 832075), Cortex-A77 up to r1p1 (1508412). */
static bool cpu_can_deadlock(void)
{
	char text[64];
	u64 midr, model, revision;

	file_read(MIDR_FILE, text, sizeof(text));
	midr = strtoull(text, NULL, 16);
	model = midr & MIDR_MODEL;
	revision = (midr >> 16 & 0xf0) | (midr & 0xf);
	return (model == MIDR_CORTEX_A57 && revision <= 0x12) ||
	       (model == MIDR_CORTEX_A77 && revision <= 0x11);
}

TEST(warns_of_guests_that_can_deadlock_it)
{
	char *log = malloc(LOG_SIZE);
	int got;

	ASSERT_EQ(0, module_unload());
	log_mark();
	ASSERT_EQ(0, module_load(""));
	got = klogctl(3 /* read all */, log, LOG_SIZE - 1);
	ASSERT_LT(0, got);
	log[got] = '\0';
	EXPECT_EQ(cpu_can_deadlock(), !!strstr(log, "can deadlock the machine"));
	/* and that is no reason to say anything else */
	EXPECT_TRUE(log_is_clean());
	free(log);
}

FIXTURE(means)
{
	char before[4096];
	const char *lacks;	/* why not here */
};

FIXTURE_SETUP(means)
{
	file_read(MITIGATIONS_FILE, self->before, sizeof(self->before));
	if (access(ONLINE_FILE, W_OK))
		self->lacks = "the host has one CPU only";
	else if (!strstr(self->before, "spectre-v2 vulnerable"))
		self->lacks = "the CPU is not affected";
	else
		probe_load();
}

/* Everything as it was, so that the next test has the CPU that there is. */
FIXTURE_TEARDOWN(means)
{
	char after[4096];

	if (self->lacks)
		return;
	probe_unload();
	cpu1_anew();
	file_read(MITIGATIONS_FILE, after, sizeof(after));
	EXPECT_STREQ(self->before, after);
}

TEST_F(means, firmware)
{
	if (self->lacks)
		SKIP(return, "%s", self->lacks);
	answer("predictor_firmware", FIRMWARE_HAS_IT);
	cpu1_anew();
	EXPECT_TRUE(cpu1_has("spectre-v2 mitigated, spectre-bhb mitigated"));
	EXPECT_TRUE(cpu1_has("at exits: firmware call 0x80008000"));
	run_on_cpu1(guest_keeps_registers);
	run_on_cpu1(guest_reads_ids);
}

TEST_F(means, loop)
{
	if (self->lacks)
		SKIP(return, "%s", self->lacks);
	answer("predictor_firmware", FIRMWARE_UNAFFECTED);
	cpu1_anew();
	EXPECT_TRUE(cpu1_has("spectre-v2 not affected, spectre-bhb mitigated"));
	EXPECT_TRUE(cpu1_has("at exits: loop of 8"));
	run_on_cpu1(guest_keeps_registers);
	run_on_cpu1(guest_reads_ids);
}

TEST_F(means, clrbhb)
{
	if (self->lacks)
		SKIP(return, "%s", self->lacks);
	answer("predictor_firmware", FIRMWARE_UNAFFECTED);
	answer("predictor_isar2", ISAR2_CLRBHB);
	cpu1_anew();
	EXPECT_TRUE(cpu1_has("spectre-v2 not affected, spectre-bhb mitigated"));
	EXPECT_TRUE(cpu1_has("at exits: clrbhb"));
	run_on_cpu1(guest_keeps_registers);
	run_on_cpu1(guest_reads_ids);
}

TEST_HARNESS_MAIN
