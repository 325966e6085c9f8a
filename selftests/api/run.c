// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: what it refuses, how it is interrupted, who may call it.
 */
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/rseq.h>
#include <sys/syscall.h>

#include "../lib/test.h"

#define MMIO_BASE		0x0a000000UL
#define SHARED_BASE		0x10000000ULL
#define SPINS			20000000UL
#define WATCHDOG_SECONDS	10

static void guest_spins(void)
{
	u64 i;

	for (i = 0; i < SPINS; i++)
		asm volatile("");
	guest_sync(0);
}

/* The host's watchdog ends it, when signals do not. */
static void guest_counts_until_told(void)
{
	do
		guest_write(SHARED_BASE, guest_read(SHARED_BASE) + 1);
	while (!guest_read(SHARED_BASE + 8));
	guest_sync(0);
}

static void guest_spins_forever(void)
{
	for (;;)
		guest_write(SHARED_BASE, guest_read(SHARED_BASE) + 1);
}

static void guest_reads_mmio(void)
{
	GUEST_ASSERT_EQ(0x1234, guest_read(MMIO_BASE));
	guest_sync(0);
}

static void guest_syncs(void)
{
	guest_sync(0);
	guest_sync(1);
	guest_sync(2);
}

/* Adds to a counter of its own, so long as the host wants. */
static void guest_adds(u64 times)
{
	u64 word = SHARED_BASE + 64 * guest_vcpu_id();

	while (times--)
		guest_write(word, guest_read(word) + 1);
}

TEST(argument_must_be_zero)
{
	struct vcpu *vcpu = program_vcpu(guest_syncs);

	EXPECT_ERRNO(EINVAL, ioctl(vcpu->fd, KVM_RUN, 1));
	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

TEST(host_interrupts_do_not_end_it)
{
	struct vcpu *vcpu = program_vcpu(guest_spins);

	EXPECT_EQ(0, __vcpu_run(vcpu));
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu->run->exit_reason);
	vm_destroy(vcpu->vm);
}

/* A thread that no signal gets out of KVM_RUN can not be killed either: tell the guest. */
static void *watchdog(void *words)
{
	sleep(WATCHDOG_SECONDS);
	WRITE_ONCE(((u64 *)words)[1], 1);
	return NULL;
}

TEST(signals_end_it)
{
	struct vcpu *vcpu = program_vcpu(guest_counts_until_told);
	u64 *count = vm_memory_add(vcpu->vm, 0, SHARED_BASE, SZ_4K, 0);
	pthread_t thread;
	unsigned int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, watchdog, count));
	alarm_every(20);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(EINTR, ERRNO_OF(__vcpu_run(vcpu)));
		EXPECT_EQ(KVM_EXIT_INTR, vcpu->run->exit_reason);
	}
	alarm_every(0);
	/* it did run in between */
	EXPECT_LT(0, READ_ONCE(*count));
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	vm_destroy(vcpu->vm);
}

TEST(immediate_exit)
{
	struct vcpu *vcpu = program_vcpu(guest_syncs);
	u64 pc = reg_get(vcpu, REG_PC);

	vcpu->run->immediate_exit = 1;
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_EQ(pc, reg_get(vcpu, REG_PC));
	vcpu->run->immediate_exit = 0;
	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

/* That is how a VMM gets a vCPU whose registers are all as they should be. */
TEST(immediate_exit_completes_mmio)
{
	struct vcpu *vcpu = program_vcpu(guest_reads_mmio);
	u64 pc, value = 0x1234;

	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	ASSERT_EQ(MMIO_BASE, vcpu->run->mmio.phys_addr);
	pc = reg_get(vcpu, REG_PC);
	memcpy(vcpu->run->mmio.data, &value, sizeof(value));
	vcpu->run->immediate_exit = 1;
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_EQ(pc + 4, reg_get(vcpu, REG_PC));
	/* no second time */
	memset(vcpu->run->mmio.data, 0xff, sizeof(value));
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_EQ(pc + 4, reg_get(vcpu, REG_PC));
	vcpu->run->immediate_exit = 0;
	program_run_to(vcpu, 0);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* A signal that is blocked but for KVM_RUN ends it, and stays pending. */
TEST(signal_mask)
{
	struct vcpu *vcpu = program_vcpu(guest_spins_forever);
	struct {
		struct kvm_signal_mask head;
		u64 set;
	} none = { .head.len = 8 };
	sigset_t blocked;

	vm_memory_add(vcpu->vm, 0, SHARED_BASE, SZ_4K, 0);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	vcpu_ioctl(vcpu, KVM_SET_SIGNAL_MASK, &none);
	raise(SIGUSR1);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	sigpending(&blocked);
	EXPECT_TRUE(sigismember(&blocked, SIGUSR1));
	vm_destroy(vcpu->vm);
}

static void *thread_runs(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

TEST(any_thread_may_run_it)
{
	struct vcpu *vcpu = program_vcpu(guest_syncs);
	pthread_t thread;

	program_run_to(vcpu, 0);
	program_run_to(vcpu, 1);
	program_run_to(vcpu, 2);
	ASSERT_EQ(0, pthread_create(&thread, NULL, thread_runs, vcpu));
	pthread_join(thread, NULL);
	vm_destroy(vcpu->vm);
}

/* Each on its own word: nothing of one vCPU's state gets into another's. */
TEST(several_vcpus_at_once)
{
	enum { VCPUS = 4, TIMES = 2000000 };
	struct vm *vm = vm_create();
	struct vcpu *vcpu[VCPUS];
	pthread_t thread[VCPUS];
	u64 *words;
	u32 i;

	program_load(vm);
	words = vm_memory_add(vm, 0, SHARED_BASE, SZ_4K, 0);
	for (i = 0; i < VCPUS; i++) {
		vcpu[i] = vcpu_add(vm, i);
		program_enter(vcpu[i], guest_adds, TIMES, 0, 0);
	}
	for (i = 0; i < VCPUS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, thread_runs, vcpu[i]));
	for (i = 0; i < VCPUS; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < VCPUS; i++)
		EXPECT_EQ(TIMES, words[8 * i]);
	vm_destroy(vm);
}

/* One thread, two VMs by turns: the same addresses, other memory. */
TEST(two_vms_by_turns)
{
	struct vcpu *first = program_vcpu(guest_spins_forever);
	struct vcpu *second = program_vcpu(guest_spins_forever);
	u64 *a = vm_memory_add(first->vm, 0, SHARED_BASE, SZ_4K, 0);
	u64 *b = vm_memory_add(second->vm, 0, SHARED_BASE, SZ_4K, 0);
	u64 a_was, b_was;
	int i;

	alarm_every(10);
	for (i = 0; i < 10; i++) {
		b_was = READ_ONCE(*b);
		EXPECT_ERRNO(EINTR, __vcpu_run(first));
		EXPECT_EQ(b_was, READ_ONCE(*b));
		a_was = READ_ONCE(*a);
		EXPECT_ERRNO(EINTR, __vcpu_run(second));
		EXPECT_EQ(a_was, READ_ONCE(*a));
	}
	alarm_every(0);
	EXPECT_LT(0, READ_ONCE(*a));
	EXPECT_LT(0, READ_ONCE(*b));
	vm_destroy(first->vm);
	vm_destroy(second->vm);
}

TEST(without_any_memory)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);

	/* the guest takes aborts of its fetches without end: that is its problem */
	alarm_every(100);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	vm_destroy(vm);
}

/* A word says that it runs, the next lets it end. */
static void guest_waits(void)
{
	guest_write(SHARED_BASE, 1);
	while (!guest_read(SHARED_BASE + 8))
		;
}

static u32 *thread_cpu;

static void *thread_with_rseq(void *vcpu)
{
	struct rseq *rseq = __builtin_thread_pointer() + __rseq_offset;

	thread_cpu = &rseq->cpu_id;
	return thread_runs(vcpu);
}

static void stay_on_cpu(pthread_t thread, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pthread_setaffinity_np(thread, sizeof(cpus), &cpus);
}

/*
 * What the kernel does for a thread on its way to userspace does not wait until
 * KVM_RUN returns.  Here it is that a thread that was preempted has its rseq area
 * filled in.
 */
TEST(work_for_the_thread_is_done_meanwhile)
{
	struct vcpu *vcpu = program_vcpu(guest_waits);
	u64 *words = vm_memory_add(vcpu->vm, 0, SHARED_BASE, SZ_4K, 0);
	pthread_t thread;

	if (!__rseq_size)
		SKIP(return, "no rseq");
	stay_on_cpu(pthread_self(), 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, thread_with_rseq, vcpu));
	while (!READ_ONCE(words[0]))
		sched_yield();
	WRITE_ONCE(*thread_cpu, RSEQ_CPU_ID_UNINITIALIZED);
	while (READ_ONCE(*thread_cpu))
		sched_yield();
	WRITE_ONCE(words[1], 1);
	pthread_join(thread, NULL);
	vm_destroy(vcpu->vm);
}

/**
 * struct interrupted - a thread in KVM_RUN that signals interrupt
 * @vcpu: what it runs
 * @stop: it is to end
 * @count: signals that ended KVM_RUN
 * @wrong: of these, those that userspace could not tell by the exit reason
 */
struct interrupted {
	struct vcpu *vcpu;
	bool stop;
	u32 count;
	u32 wrong;
};

static void *thread_is_interrupted(void *argument)
{
	struct interrupted *interrupted = argument;
	struct vcpu *vcpu = interrupted->vcpu;

	while (!READ_ONCE(interrupted->stop)) {
		if (ERRNO_OF(__vcpu_run(vcpu)) != EINTR)
			break;
		WRITE_ONCE(interrupted->count, interrupted->count + 1);
		/* immediate_exit leaves the exit reason alone */
		if (!vcpu->run->immediate_exit)
			interrupted->wrong += vcpu->run->exit_reason != KVM_EXIT_INTR;
	}
	return NULL;
}

/* Give every running thread of the process something to do on its way to userspace. */
static int threads_get_work(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0);
}

/*
 * The kernel has something to do for the thread, and so it is on its way out of KVM_RUN,
 * to start it again, when a signal comes: that is an exit like any other by a signal.
 */
TEST(signals_end_it_on_the_way)
{
	enum { TIMES = 4000, DELAYS = 400, DELAY = 8 };
	struct vcpu *vcpu = program_vcpu(guest_spins_forever);
	struct interrupted interrupted = { .vcpu = vcpu };
	pthread_t thread;
	unsigned int i;

	if (!__rseq_size || syscall(SYS_membarrier,
				    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0))
		SKIP(return, "no rseq, or no membarrier for it");
	vm_memory_add(vcpu->vm, 0, SHARED_BASE, SZ_4K, 0);
	alarm_every(0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, thread_is_interrupted, &interrupted));
	for (i = 0; i < TIMES; i++) {
		unsigned int delay = i % DELAYS * DELAY;

		ASSERT_EQ(0, threads_get_work());
		while (delay--)
			asm volatile("");
		pthread_kill(thread, SIGALRM);
	}
	WRITE_ONCE(interrupted.stop, true);
	vcpu->run->immediate_exit = 1;
	pthread_kill(thread, SIGALRM);
	pthread_join(thread, NULL);
	EXPECT_LT(0, interrupted.count);
	EXPECT_EQ(0, interrupted.wrong)
		TH_LOG("%u of %u", interrupted.wrong, interrupted.count);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
