// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile guest on each CPU writes to whatever it can and calls whatever it
 * likes.  The host's own registers stay as they are: those of the process that
 * runs it, and those of the kernel, as the test module el2_probe shows them.
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>

#include "../lib/cpu.h"
#include "../lib/module.h"
#include "../lib/scan.h"
#include "../lib/test.h"

#define SCAN_SLOT	0
#define CPACR_FPEN	(3ULL << 20)
#define CNTV_ENABLE	1ULL
#define FPCR_HOST	0x00c00000ULL	/* round towards zero */
#define FPSR_HOST	0x08000010ULL	/* saturated, inexact */
#define SMCCC_UNKNOWN	(~0ULL)
#define CLOCK_SLACK_NS	1000000000LL
#define LOOKS		40		/* at the kernel's registers */
#define LOOKS_LONG	4000
#define LOOK_US		25000
#define NAP_US		2000

/* Guest code */

/* x0 of the stub's calls and the runtime's, then what is nothing of SMCCC. */
static const u64 hostile_calls[] = {
	0, 1, 2, 3, 4, 0xff, 0xbadca11,
	0x5e700000, 0x5e700001, 0x5e700002, 0x5e700003, 0x5e700004, 0x5e700005,
	0x5e700006, 0x5e700007, 0x5e700008, 0x5e70ffff,
	0x80000001, 0x8000ffff,
	0x82000000, 0x83000000, 0xb2000000,
	0xc0000000, 0xc2000000, 0xc5000020, 0xc6000000,
	0x7fffffff, 0xffffffff, 0x100000001, 0xffffffff00000000,
};

static u64 hvc_other(u64 call)
{
	register u64 x0 asm("x0") = call;

	asm volatile("hvc #0x1234" : "+r" (x0) : : "memory");
	return x0;
}

static void guest_calls(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hostile_calls); i++) {
		u64 call = hostile_calls[i];

		GUEST_ASSERT_EQ(SMCCC_UNKNOWN, guest_psci(call, ~0ULL, ~0ULL, ~0ULL));
		GUEST_ASSERT_EQ(SMCCC_UNKNOWN, guest_psci(call, 0, 0, 0));
		GUEST_ASSERT_EQ(SMCCC_UNKNOWN, guest_smc(call, ~0ULL, 0, ~0ULL));
		GUEST_ASSERT_EQ(SMCCC_UNKNOWN, hvc_other(call));
	}
}

static void guest_writes(u64 value)
{
	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r" (CPACR_FPEN));
	asm volatile(".irp n, 0, 1, 7, 8, 9, 15, 16, 30, 31\n\t"
		     "dup v\\n\\().2d, %0\n\t"
		     ".endr\n\t"
		     "msr fpcr, %0\n\t"
		     "msr fpsr, %0"
		     : : "r" (value));
	/* the virtual timer has fired long since */
	asm volatile("msr cntv_cval_el0, xzr\n\t"
		     "msr cntv_ctl_el0, %0\n\t"
		     "isb"
		     : : "r" (CNTV_ENABLE));
	scan_guest_write(value);
}

static void hostile_guest(void)
{
	u64 value = ~0ULL, round;

	for (round = 0;; round++) {
		guest_sync(round);
		guest_writes(value);
		guest_sync(round);
		guest_calls();
		value = value * 0x9e3779b97f4a7c15ULL + round;
	}
}

/* The process */

/**
 * struct host_registers - what a system call leaves alone
 * @v: V0 to V31
 * @fpcr: FPCR
 * @fpsr: FPSR
 * @tpidr: TPIDR_EL0
 */
struct host_registers {
	__uint128_t v[32];
	u64 fpcr;
	u64 fpsr;
	u64 tpidr;
};

/**
 * struct host_cpu - a CPU, with a hostile guest and a sleeper
 * @cpu: its number
 * @vcpu: the guest's
 * @thread: runs it
 * @sleeper: takes naps
 * @runs: how often the guest has come back
 * @naps: how often the sleeper has woken up
 */
struct host_cpu {
	unsigned int cpu;
	struct vcpu *vcpu;
	pthread_t thread;
	pthread_t sleeper;
	atomic_ulong runs;
	atomic_ulong naps;
};

static atomic_bool stop;

#define EACH_V(insn, base)						\
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,"	\
	"16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"	\
	insn " q\\n, [" base ", #16 * \\n]\n\t"				\
	".endr\n\t"

/* KVM_RUN, with nothing between it and the registers; 0 or a negative errno. */
static long run_between(int fd, const struct host_registers *before,
			struct host_registers *after, struct host_registers *scratch)
{
	register long x0 asm("x0") = fd;
	register u64 x1 asm("x1") = KVM_RUN;
	register u64 x2 asm("x2") = 0;
	register long x8 asm("x8") = SYS_ioctl;

	/* The compiler knows nothing of the V registers: it gets them all back. */
	asm volatile(".arch_extension simd\n\t"
		     EACH_V("str", "%[scratch]")
		     EACH_V("ldr", "%[before]")
		     "msr fpcr, %[fpcr]\n\t"
		     "msr fpsr, %[fpsr]\n\t"
		     "svc #0\n\t"
		     EACH_V("str", "%[after]")
		     "mrs x1, fpcr\n\t"
		     "mrs x2, fpsr\n\t"
		     "str x1, [%[after], #512]\n\t"
		     "str x2, [%[after], #520]\n\t"
		     "mrs x1, tpidr_el0\n\t"
		     "str x1, [%[after], #528]\n\t"
		     "msr fpcr, xzr\n\t"
		     EACH_V("ldr", "%[scratch]")
		     : "+r" (x0), "+r" (x1), "+r" (x2)
		     : "r" (x8), [before] "r" (before), [after] "r" (after),
		       [scratch] "r" (scratch), [fpcr] "r" (before->fpcr),
		       [fpsr] "r" (before->fpsr)
		     : "memory");
	return x0;
}

static_assert(offsetof(struct host_registers, fpcr) == 512, "run_between() stores there");
static_assert(offsetof(struct host_registers, tpidr) == 528, "and there");

static void registers_run(struct vcpu *vcpu)
{
	struct host_registers before, after, scratch;
	unsigned char *byte = (void *)before.v;
	unsigned int i;
	long error;

	for (i = 0; i < sizeof(before.v); i++)
		byte[i] = i * 7 + 1;
	before.fpcr = FPCR_HOST;
	before.fpsr = FPSR_HOST;
	asm volatile("mrs %0, tpidr_el0" : "=r" (before.tpidr));
	do
		error = run_between(vcpu->fd, &before, &after, &scratch);
	while (error == -EINTR);
	if (error)
		fail("KVM_RUN: %s", strerror(-error));
	if (memcmp(before.v, after.v, sizeof(before.v)))
		fail("KVM_RUN has changed V registers of the host's");
	if (before.fpcr != after.fpcr || before.fpsr != after.fpsr)
		fail("KVM_RUN has changed FPCR or FPSR of the host's: %#llx, %#llx",
		     after.fpcr, after.fpsr);
	if (before.tpidr != after.tpidr)
		fail("KVM_RUN has changed TPIDR_EL0 of the host's: %#llx", after.tpidr);
}

static __thread sig_atomic_t illegal;

static void on_illegal(int signal, siginfo_t *info, void *context)
{
	ucontext_t *user = context;

	(void)signal;
	(void)info;
	illegal++;
	user->uc_mcontext.pc += 4;
}

/* A guest does not give userspace what the kernel has not. */
static void forbidden_check(void)
{
	u64 value = 0;

	illegal = 0;
	asm volatile("mrs %0, pmccntr_el0" : "+r" (value) : : "memory");
	asm volatile("mrs %0, cntp_cval_el0" : "+r" (value) : : "memory");
	asm volatile("mrs %0, cntv_cval_el0" : "+r" (value) : : "memory");
	if (illegal != 3)
		fail("userspace may read a counter or timer of the kernel's");
}

static s64 clock_ns(const struct timespec *time)
{
	return time->tv_sec * 1000000000LL + time->tv_nsec;
}

/* The vDSO reads the virtual counter, the kernel its own: CNTVOFF_EL2 is 0. */
static void clock_check(void)
{
	struct timespec vdso, kernel;
	s64 ahead;

	clock_gettime(CLOCK_MONOTONIC, &vdso);
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &kernel);
	ahead = clock_ns(&vdso) - clock_ns(&kernel);
	if (ahead > 0 || ahead < -CLOCK_SLACK_NS)
		fail("userspace's clock is %lld ns ahead of the kernel's", ahead);
}

static void guest_check(struct vcpu *vcpu)
{
	struct ucall ucall;

	if (!ucall_get(vcpu, &ucall))
		fail("the guest has ended: exit %u", vcpu->run->exit_reason);
	if (ucall.command == UCALL_ASSERT)
		fail("guest: %s: %#llx, %#llx", ((struct guest_site *)ucall.args[0])->text,
		     ucall.args[1], ucall.args[2]);
	if (ucall.command != UCALL_SYNC)
		fail("the guest took an exception: ESR %#llx", ucall.args[0]);
}

static void *host_thread(void *argument)
{
	struct host_cpu *host = argument;

	cpu_bind(host->cpu);
	while (!stop) {
		registers_run(host->vcpu);
		forbidden_check();
		clock_check();
		guest_check(host->vcpu);
		host->runs++;
	}
	return NULL;
}

static void *host_sleeper(void *argument)
{
	struct host_cpu *host = argument;

	cpu_bind(host->cpu);
	while (!stop) {
		usleep(NAP_US);
		clock_check();
		host->naps++;
	}
	return NULL;
}

FIXTURE(host)
{
	unsigned int nr;
	struct host_cpu *cpus;
	char el1[PROBE_SIZE];
};

FIXTURE_SETUP(host)
{
	struct sigaction action = {
		.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO,
	};
	unsigned int i;

	log_mark();
	probe_load();
	probe_read("el1", self->el1);
	sigaction(SIGILL, &action, NULL);
	self->nr = sysconf(_SC_NPROCESSORS_ONLN);
	self->cpus = calloc(self->nr, sizeof(*self->cpus));
	for (i = 0; i < self->nr; i++) {
		struct host_cpu *host = &self->cpus[i];

		host->cpu = i;
		host->vcpu = program_vcpu(hostile_guest);
		scan_add(host->vcpu->vm, SCAN_SLOT);
		ASSERT_EQ(0, pthread_create(&host->thread, NULL, host_thread, host));
		ASSERT_EQ(0, pthread_create(&host->sleeper, NULL, host_sleeper, host));
	}
}

FIXTURE_TEARDOWN(host)
{
	unsigned int i;

	stop = true;
	for (i = 0; i < self->nr; i++) {
		pthread_join(self->cpus[i].thread, NULL);
		pthread_join(self->cpus[i].sleeper, NULL);
		vm_destroy(self->cpus[i].vcpu->vm);
	}
	EXPECT_TRUE(probe_calls(PROBE_RUNTIME));
	EXPECT_TRUE(log_is_clean());
	probe_unload();
	free(self->cpus);
}

TEST_F_TIMEOUT(host, registers_are_its_own, 600)
{
	unsigned int looks = is_long_run() ? LOOKS_LONG : LOOKS;
	unsigned int i;

	for (i = 0; i < looks; i++) {
		ASSERT_TRUE(probe_matches("el1", self->el1));
		usleep(LOOK_US);
	}
	for (i = 0; i < self->nr; i++) {
		/* twice round the guest's loop */
		while (self->cpus[i].runs < 4)
			usleep(LOOK_US);
		EXPECT_LT(looks * LOOK_US / NAP_US / 20, self->cpus[i].naps);
		TH_LOG("CPU %u: %lu runs, %lu naps", i, self->cpus[i].runs, self->cpus[i].naps);
	}
}

TEST_HARNESS_MAIN
