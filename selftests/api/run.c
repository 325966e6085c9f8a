// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: what it refuses, how it is interrupted, who may call it.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../lib/test.h"
#include "../lib/thread_work.h"

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

/* Memory that a process and its child share. */
static void *shared_alloc(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* Is there a keyring of that name?  It goes when nobody uses it any more. */
static bool keyring_is_there(const char *name)
{
	char line[256];
	bool found = false;
	FILE *file = fopen("/proc/keys", "r");

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, name);
	if (file)
		fclose(file);
	return found;
}

#define KEYRING		"setway_run"

/* The child waits for the parent's keyring to go, and ends the parent's guest. */
static void child_gives_work(u64 *words)
{
	bool given;

	while (!READ_ONCE(words[0]))
		sched_yield();
	given = !thread_work_for_parent();
	while (given && keyring_is_there(KEYRING))
		sched_yield();
	WRITE_ONCE(words[1], 1);
	_exit(!given);
}

/* What the kernel does for a thread on its way to userspace waits for no exit. */
TEST(work_for_the_thread_is_done_meanwhile)
{
	struct vcpu *vcpu = program_vcpu(guest_waits);
	u64 *words = shared_alloc(SZ_4K);
	int child, status = -1;

	ASSERT_NE(MAP_FAILED, words);
	vm_memslot_add(vcpu->vm, 0, (struct memslot){
		.ipa = SHARED_BASE, .size = SZ_4K, .hva = words });
	if (!thread_work_possible(KEYRING))
		SKIP(return, "no keyrings");
	ASSERT_TRUE(keyring_is_there(KEYRING));
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		child_gives_work(words);
	program_finish(vcpu);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	vm_destroy(vcpu->vm);
}

enum { SIGNALLING, SIGNALLED, NO_WORK };

/* Work, and a signal some time after, again and again; then signals until it is killed. */
static void child_works_and_signals(int *state)
{
	enum { TIMES = 4000, DELAYS = 400, DELAY = 8 };
	int i, delay, failed = 0;

	for (i = 0; i < TIMES && !failed; i++) {
		failed = thread_work_for_parent();
		for (delay = i % DELAYS * DELAY; delay; delay--)
			asm volatile("");
		kill(getppid(), SIGALRM);
	}
	WRITE_ONCE(*state, failed ? NO_WORK : SIGNALLED);
	for (;;) {
		kill(getppid(), SIGALRM);
		usleep(1000);
	}
}

/*
 * The kernel has something to do for the thread, and so it is on its way out of KVM_RUN,
 * to start it again, when a signal comes: that is an exit like any other by a signal.
 */
TEST(signals_end_it_on_the_way)
{
	struct vcpu *vcpu = program_vcpu(guest_spins_forever);
	int *state = shared_alloc(SZ_4K);
	unsigned int count = 0, wrong = 0;
	int child;

	ASSERT_NE(MAP_FAILED, state);
	if (!thread_work_possible(KEYRING))
		SKIP(return, "no keyrings");
	vm_memory_add(vcpu->vm, 0, SHARED_BASE, SZ_4K, 0);
	alarm_every(0);
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		child_works_and_signals(state);
	while (READ_ONCE(*state) == SIGNALLING) {
		ASSERT_EQ(EINTR, ERRNO_OF(__vcpu_run(vcpu)));
		count++;
		wrong += vcpu->run->exit_reason != KVM_EXIT_INTR;
	}
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	EXPECT_EQ(SIGNALLED, READ_ONCE(*state));
	EXPECT_LT(0, count);
	EXPECT_EQ(0, wrong)
		TH_LOG("%u of %u", wrong, count);
	munmap(state, SZ_4K);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
