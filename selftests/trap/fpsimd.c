// SPDX-License-Identifier: GPL-2.0-only
/*
 * FP and SIMD registers: the guest's survive its exits, the host's survive the
 * guest, and one vCPU's are not another's.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "../lib/counter.h"
#include "../lib/cpu.h"
#include "../lib/test.h"

#define CPACR_FPEN	(3ULL << 20)	/* no traps, ARM DDI 0487J.a, D19.2.29 */
#define VALUES_BASE	0x10000000ULL	/* what the guest loads, then stores */
#define RESULTS_OFFSET	0x800
#define FPCR_GUEST	0x01000000ULL	/* flush to zero */
#define FPCR_HOST	0x00c00000ULL	/* round towards zero */
#define FPSR_GUEST	0x0000001fULL	/* cumulative exceptions */
#define IDLE_RUNS	5		/* without a use of them */
#define CYCLES		4
#define ROUNDS		50

/**
 * struct fpsimd - all the state
 * @v: V0 to V31
 * @fpsr: FPSR
 * @fpcr: FPCR
 */
struct fpsimd {
	__uint128_t v[32];
	u64 fpsr;
	u64 fpcr;
};

/* An instruction for each of V0 to V31 and its place in memory */
#define EACH_V(insn)						\
	".arch_extension simd\n\t"				\
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,"	\
	"16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"	\
	insn " q\\n, [%0, #16 * \\n]\n\t"			\
	".endr\n\t"

static void fpsimd_load(const struct fpsimd *from)
{
	asm volatile(EACH_V("ldr")
		     "msr fpsr, %1\n\t"
		     "msr fpcr, %2"
		     : : "r" (from->v), "r" (from->fpsr), "r" (from->fpcr)
		     : "memory");
}

static void fpsimd_store(struct fpsimd *to)
{
	asm volatile(EACH_V("str") : : "r" (to->v) : "memory");
	asm volatile("mrs %0, fpsr" : "=r" (to->fpsr));
	asm volatile("mrs %0, fpcr" : "=r" (to->fpcr));
}

static void guest_fp_on(void)
{
	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r" (CPACR_FPEN));
}

static struct fpsimd *guest_area(void)
{
	return (void *)(VALUES_BASE + SZ_4K * guest_vcpu_id());
}

/* Load once, then store at each run: it is all that ever touches them here. */
static void guest_keeps_registers(void)
{
	struct fpsimd *values = guest_area();

	guest_fp_on();
	fpsimd_load(values);
	for (;;) {
		guest_sync(0);
		fpsimd_store(values + 1);
	}
}

/* Store and load them, with some runs without either in between. */
static void guest_uses_them_rarely(void)
{
	struct fpsimd *values = guest_area();
	unsigned int run;

	guest_fp_on();
	for (;;) {
		for (run = 0; run < IDLE_RUNS; run++)
			guest_sync(0);
		fpsimd_store(values + 1);
		guest_sync(1);
		fpsimd_load(values);
		guest_sync(2);
	}
}

/* As a kernel that uses them rarely: the first use traps, to EL1. */
static void guest_has_fp_off(void)
{
	u64 esr, value;

	asm volatile("msr cpacr_el1, xzr\n\tisb");
	esr = GUEST_TRY("fmov %0, d0", "=r" (value));
	GUEST_ASSERT_EQ(ESR_EC_FP, ESR_EC(esr));
	guest_fp_on();
	GUEST_ASSERT_EQ(0, GUEST_TRY("fmov %0, d0", "=r" (value)));
}

static void guest_looks_at_fresh_registers(void)
{
	guest_fp_on();
	fpsimd_store(guest_area() + 1);
}

/* The host */

static void fpsimd_fill(struct fpsimd *state, u64 seed)
{
	unsigned int n;

	for (n = 0; n < 32; n++)
		state->v[n] = (__uint128_t)(seed + n) << 64 | ~(seed * (n + 1));
	state->fpsr = FPSR_GUEST;
	state->fpcr = FPCR_GUEST;
}

static struct vcpu *fpsimd_vcpu(struct vm *vm, u32 id, const void *function)
{
	struct vcpu *vcpu = vcpu_add(vm, id);

	program_enter(vcpu, function, 0, 0, 0);
	return vcpu;
}

FIXTURE(fpsimd)
{
	struct vm *vm;
	struct vcpu *vcpu;
	struct fpsimd *values;	/* [0] for the guest to load, [1] what it stored */
};

FIXTURE_SETUP(fpsimd)
{
	self->vm = vm_create();
	program_load(self->vm);
	self->values = vm_memory_add(self->vm, 0, VALUES_BASE, 2 * SZ_4K, 0);
	fpsimd_fill(self->values, 0x1111);
	self->vcpu = fpsimd_vcpu(self->vm, 0, guest_keeps_registers);
}

FIXTURE_TEARDOWN(fpsimd)
{
	vm_destroy(self->vm);
}

/* Run a guest with the host's registers full of something else. */
static void run_amid_host_values(struct vcpu *vcpu, u64 seed)
{
	struct fpsimd host, after;

	fpsimd_fill(&host, seed);
	host.fpcr = FPCR_HOST;
	fpsimd_load(&host);
	__vcpu_run(vcpu);
	fpsimd_store(&after);
	asm volatile("msr fpcr, xzr\n\tmsr fpsr, xzr");
	if (memcmp(&host, &after, sizeof(host)))
		fail("the guest's run changed the host's registers");
}

TEST_F(fpsimd, survive_exits)
{
	int i;

	for (i = 0; i < 50; i++)
		run_amid_host_values(self->vcpu, 0xabc00 + i);
	EXPECT_EQ(0, memcmp(&self->values[0], &self->values[1],
			    sizeof(self->values[0])));
}

TEST_F(fpsimd, userspace_sees_them)
{
	__uint128_t v;
	unsigned int n;
	u32 word;

	program_run_to(self->vcpu, 0);
	for (n = 0; n < 32; n++) {
		ASSERT_EQ(0, __reg_get(self->vcpu, REG_V(n), &v));
		EXPECT_EQ(0, memcmp(&v, &self->values->v[n], sizeof(v)));
	}
	ASSERT_EQ(0, __reg_get(self->vcpu, REG_FPSR, &word));
	EXPECT_EQ(FPSR_GUEST, word);
	ASSERT_EQ(0, __reg_get(self->vcpu, REG_FPCR, &word));
	EXPECT_EQ(FPCR_GUEST, word);
}

TEST_F(fpsimd, userspace_sets_them)
{
	struct fpsimd set;
	unsigned int n;
	u32 word;

	program_run_to(self->vcpu, 0);
	fpsimd_fill(&set, 0x2222);
	set.fpcr = FPCR_HOST;
	for (n = 0; n < 32; n++)
		ASSERT_EQ(0, __reg_set(self->vcpu, REG_V(n), &set.v[n]));
	word = set.fpsr;
	ASSERT_EQ(0, __reg_set(self->vcpu, REG_FPSR, &word));
	word = set.fpcr;
	ASSERT_EQ(0, __reg_set(self->vcpu, REG_FPCR, &word));
	program_run_to(self->vcpu, 0);
	EXPECT_EQ(0, memcmp(&set, &self->values[1], sizeof(set)));
}

TEST_F(fpsimd, are_each_vcpus_own)
{
	struct vcpu *other = fpsimd_vcpu(self->vm, 1, guest_keeps_registers);
	struct fpsimd *others = (void *)self->values + SZ_4K;
	int i;

	fpsimd_fill(others, 0x3333);
	for (i = 0; i < 10; i++) {
		run_amid_host_values(self->vcpu, 0xdef00 + i);
		run_amid_host_values(other, 0x12300 + i);
	}
	EXPECT_EQ(0, memcmp(&self->values[0], &self->values[1],
			    sizeof(self->values[0])));
	EXPECT_EQ(0, memcmp(&others[0], &others[1], sizeof(others[0])));
}

/* EL2 has exchanged them in this run if the guest has used them, once an entry. */
static void run_and_count(struct __test_metadata *_metadata, struct vcpu *vcpu, bool used)
{
	u64 exits = counter_read_vcpu(vcpu, "exits");
	u64 uses = counter_read_vcpu(vcpu, "el2_fpsimd");

	run_amid_host_values(vcpu, 0x77700 + exits);
	exits = counter_read_vcpu(vcpu, "exits") - exits;
	uses = counter_read_vcpu(vcpu, "el2_fpsimd") - uses;
	if (used) {
		EXPECT_LE(1, uses);
		EXPECT_LE(uses, exits);
	} else {
		EXPECT_EQ(0, uses);
	}
}

TEST_F(fpsimd, are_exchanged_when_used)
{
	struct vcpu *vcpu = fpsimd_vcpu(self->vm, 1, guest_uses_them_rarely);
	struct fpsimd *values = (void *)self->values + SZ_4K;
	struct fpsimd expected = { };
	unsigned int cycle, run;

	for (cycle = 0; cycle < CYCLES; cycle++) {
		for (run = 0; run < IDLE_RUNS; run++) {
			run_and_count(_metadata, vcpu, false);
			run_amid_host_values(self->vcpu, 0x88800 + run);
		}
		run_and_count(_metadata, vcpu, true);
		EXPECT_EQ(0, memcmp(&expected, &values[1], sizeof(expected)));
		fpsimd_fill(&values[0], 0x9990 + cycle);
		expected = values[0];
		run_and_count(_metadata, vcpu, true);
	}
}

/* What userspace sets, and what it sees, is what the guest has after any number of runs. */
TEST_F(fpsimd, userspace_sets_unused_ones)
{
	struct vcpu *vcpu = fpsimd_vcpu(self->vm, 1, guest_uses_them_rarely);
	struct fpsimd *values = (void *)self->values + SZ_4K;
	struct fpsimd set;
	__uint128_t v;
	unsigned int n;

	program_run_to(vcpu, 0);
	fpsimd_fill(&set, 0x2222);
	for (n = 0; n < 32; n++)
		ASSERT_EQ(0, __reg_set(vcpu, REG_V(n), &set.v[n]));
	for (n = 1; n < IDLE_RUNS; n++)
		run_amid_host_values(vcpu, 0xaaa00 + n);
	for (n = 0; n < 32; n++) {
		ASSERT_EQ(0, __reg_get(vcpu, REG_V(n), &v));
		EXPECT_EQ(0, memcmp(&v, &set.v[n], sizeof(v)));
	}
	program_run_to(vcpu, 1);
	EXPECT_EQ(0, memcmp(set.v, values[1].v, sizeof(set.v)));
}

TEST_F(fpsimd, go_with_their_vcpu)
{
	unsigned int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "the host has one CPU");
	for (i = 0; i < ROUNDS; i++) {
		cpu_bind(i % 2);
		run_amid_host_values(self->vcpu, 0xbbb00 + i);
	}
	EXPECT_EQ(0, memcmp(&self->values[0], &self->values[1], sizeof(self->values[0])));
}

static void *thread_with_guest(void *vcpu)
{
	unsigned int i;

	cpu_bind(0);
	for (i = 0; i < ROUNDS; i++) {
		run_amid_host_values(vcpu, (uintptr_t)vcpu + i);
		sched_yield();
	}
	return NULL;
}

/* Switched from and to while its registers are in the CPU. */
static void *thread_without_guest(void *unused)
{
	struct fpsimd own, after;
	unsigned int i;

	cpu_bind(0);
	for (i = 0; i < ROUNDS; i++) {
		fpsimd_fill(&own, 0xccc00 + i);
		own.fpcr = FPCR_HOST;
		fpsimd_load(&own);
		sched_yield();
		fpsimd_store(&after);
		asm volatile("msr fpcr, xzr\n\tmsr fpsr, xzr");
		if (memcmp(&own, &after, sizeof(own)))
			fail("a guest changed another thread's registers");
	}
	return unused;
}

TEST_F(fpsimd, of_threads_on_one_cpu)
{
	struct vcpu *other = fpsimd_vcpu(self->vm, 1, guest_keeps_registers);
	struct fpsimd *others = (void *)self->values + SZ_4K;
	pthread_t threads[3];
	unsigned int i;

	fpsimd_fill(others, 0x3333);
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, thread_with_guest, self->vcpu));
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, thread_with_guest, other));
	ASSERT_EQ(0, pthread_create(&threads[2], NULL, thread_without_guest, NULL));
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, memcmp(&self->values[0], &self->values[1], sizeof(self->values[0])));
	EXPECT_EQ(0, memcmp(&others[0], &others[1], sizeof(others[0])));
}

/* Nothing of the host's or of another guest's gets into a new vCPU. */
TEST_F(fpsimd, are_zero_at_reset)
{
	static const struct fpsimd zero;
	struct vcpu *fresh = fpsimd_vcpu(self->vm, 1, guest_looks_at_fresh_registers);
	struct fpsimd *seen = (void *)self->values + SZ_4K;

	program_run_to(self->vcpu, 0);
	fpsimd_fill(&seen[1], 0x4444);
	run_amid_host_values(fresh, 0x5555);
	EXPECT_EQ(0, memcmp(&zero, &seen[1], sizeof(zero)));
}

TEST_F(fpsimd, guests_own_traps)
{
	struct vcpu *other = fpsimd_vcpu(self->vm, 1, guest_has_fp_off);

	program_finish(other);
}

TEST_HARNESS_MAIN
