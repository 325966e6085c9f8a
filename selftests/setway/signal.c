// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cleaning a large guest takes time, and the VMM can be interrupted meanwhile.  A signal
 * ends KVM_RUN, but the guest does not go on before its batch is done; and nothing is
 * cleaned twice for that.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "../lib/alarm.h"
#include "../lib/hugepages.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define FULL_SIZE	(128 * SZ_1M)
#define EXACT_PAGES	4096ULL

/* How often to try: a batch may be through before the first signal comes. */
#define TRIES		100

/* The guest's registers that say how far it is. */
#define AFTER_FLUSH	REG_X(19)	/* the address of the next instruction */
#define RUN_ON		REG_X(20)	/* 1 once the guest is there */

enum stage {
	TOUCHED,
	FLUSHED,
};

/*
 * Touches some pages, then flushes, over and over. Between the two stages it does
 * not write to memory, so that all is in registers.
 */
static void __own_page guest_touch_and_flush(u64 pages)
{
	u64 sync = GUEST_UCALL_BASE + UCALL_SYNC * sizeof(u64);

	for (;;) {
		guest_touch(MEMORY_IPA, pages, SZ_4K);
		asm volatile("adr x19, 1f\n\t"
			     "mov x20, xzr\n\t"
			     "str x20, [%0]\n\t"
			     "dc cisw, xzr\n"
			     "1:\tmov x20, #1\n\t"
			     "str x20, [%0]"
			     : : "r" (sync) : "x19", "x20", "memory");
	}
}

FIXTURE(interrupted)
{
	struct vm *vm;
	struct vcpu *vcpu;
	u64 pages;		/* that the batch has to clean */
	struct tally before;
};

FIXTURE_VARIANT(interrupted)
{
	u32 policy;
};

FIXTURE_VARIANT_ADD(interrupted, exact)
{
	.policy = SETWAY_POLICY_EXACT,
};

FIXTURE_VARIANT_ADD(interrupted, full)
{
	.policy = SETWAY_POLICY_FULL,
};

static void *memory_of(u32 policy, u64 *size)
{
	void *hva;

	if (policy == SETWAY_POLICY_FULL) {
		*size = FULL_SIZE;
		return memory_repeated(*size);
	}
	*size = EXACT_PAGES * SZ_4K;
	hva = memory_alloc(*size, SZ_2M);
	memory_small(hva, *size);
	return hva;
}

static void memory_use(struct vm *vm, void *hva, u64 size, u32 policy)
{
	vm_memslot_add(vm, MEMORY_SLOT, (struct memslot){
		.ipa = MEMORY_IPA, .size = size, .hva = hva,
	});
	vm_set_policy(vm, policy);
	vm_premap(vm, MEMORY_SLOT);
}

/* Run to where the vCPU is about to flush, with much to be cleaned. */
static void flush_prepare(FIXTURE_DATA(interrupted) * self, u32 policy)
{
	program_run_to(self->vcpu, TOUCHED);
	self->pages = policy == SETWAY_POLICY_FULL ?
		      counter_read(self->vm, "mapped_pages") : accessed_pages(self->vm);
	self->before = tally_read(self->vm);
}

FIXTURE_SETUP(interrupted)
{
	bool full = variant->policy == SETWAY_POLICY_FULL;
	void *hva;
	u64 size;

	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	hva = memory_of(variant->policy, &size);
	if (!hva)
		return;
	memory_use(self->vm, hva, size, variant->policy);
	program_load(self->vm);
	memory_small(self->vm->slots[PROGRAM_SLOT].hva, GUEST_PROGRAM_SIZE);
	program_enter(self->vcpu, guest_touch_and_flush, full ? 3 : EXACT_PAGES, 0, 0);
	flush_prepare(self, variant->policy);
}

FIXTURE_TEARDOWN(interrupted)
{
	vm_destroy(self->vm);
	hugepages_restore();
}

#define NO_MEMORY "no huge pages"

static u64 pages_cleaned(FIXTURE_DATA(interrupted) * self)
{
	return tally_since(self->vm, &self->before).cleaned;
}

/* Return: interrupted with some pages cleaned, rather than through. */
static bool flush_until_signal(struct __test_metadata *_metadata,
			       FIXTURE_DATA(interrupted) * self)
{
	while (__vcpu_run(self->vcpu)) {
		ASSERT_EQ(EINTR, errno);
		EXPECT_EQ(KVM_EXIT_INTR, self->vcpu->run->exit_reason);
		if (pages_cleaned(self))
			return !reg_get(self->vcpu, RUN_ON);
	}
	return false;
}

/* Run until a signal comes in the middle of a batch. */
static void flush_interrupt(struct __test_metadata *_metadata,
			    FIXTURE_DATA(interrupted) * self, u32 policy)
{
	unsigned int tries;
	bool interrupted;

	for (tries = 0; tries < TRIES; tries++) {
		alarm_every(1);
		interrupted = flush_until_signal(_metadata, self);
		alarm_every(0);
		if (interrupted)
			break;
		if (!reg_get(self->vcpu, RUN_ON))
			program_run_to(self->vcpu, FLUSHED);
		flush_prepare(self, policy);
	}
	ASSERT_GT(TRIES, tries);
	EXPECT_EQ(reg_get(self->vcpu, AFTER_FLUSH), reg_get(self->vcpu, REG_PC));
	EXPECT_GE(self->pages, pages_cleaned(self));
}

TEST_F(interrupted, by_one_signal)
{
	struct tally t;

	if (!self->pages)
		SKIP(return, NO_MEMORY);
	flush_interrupt(_metadata, self, variant->policy);
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_EQ(1, reg_get(self->vcpu, RUN_ON));
	t = tally_since(self->vm, &self->before);
	EXPECT_EQ(1, t.batches);
	EXPECT_EQ(self->pages, t.cleaned);
	EXPECT_EQ(self->pages * SZ_4K, t.bytes);
}

/* As long as some are cleaned each time, it comes to an end. */
TEST_F(interrupted, again_and_again)
{
	u64 cleaned = 0, now;

	if (!self->pages)
		SKIP(return, NO_MEMORY);
	flush_interrupt(_metadata, self, variant->policy);
	alarm_every(1);
	while (__vcpu_run(self->vcpu)) {
		ASSERT_EQ(EINTR, errno);
		now = pages_cleaned(self);
		EXPECT_LE(cleaned, now);
		EXPECT_TRUE(now == self->pages || !reg_get(self->vcpu, RUN_ON));
		cleaned = now;
	}
	alarm_every(0);
	EXPECT_EQ(1, reg_get(self->vcpu, RUN_ON));
	EXPECT_EQ(self->pages, pages_cleaned(self));
	EXPECT_EQ(1, tally_since(self->vm, &self->before).batches);
}

/* immediate_exit: not even a little. */
TEST_F(interrupted, and_then_not_run_at_all)
{
	u64 cleaned;

	if (!self->pages)
		SKIP(return, NO_MEMORY);
	flush_interrupt(_metadata, self, variant->policy);
	cleaned = pages_cleaned(self);
	self->vcpu->run->immediate_exit = 1;
	EXPECT_ERRNO(EINTR, __vcpu_run(self->vcpu));
	EXPECT_EQ(cleaned, pages_cleaned(self));
	EXPECT_EQ(reg_get(self->vcpu, AFTER_FLUSH), reg_get(self->vcpu, REG_PC));
	self->vcpu->run->immediate_exit = 0;
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_EQ(self->pages, pages_cleaned(self));
}

/* What goes while it waits to be cleaned need not be cleaned by the batch. */
TEST_F(interrupted, and_memory_goes)
{
	u64 program;

	if (!self->pages)
		SKIP(return, NO_MEMORY);
	program = counter_read(self->vm, "mapped_pages") -
		  pages_mapped(self->vm, MEMORY_WINDOW);
	flush_interrupt(_metadata, self, variant->policy);
	vm_memory_remove(self->vm, MEMORY_SLOT);
	EXPECT_EQ(program, counter_read(self->vm, "mapped_pages"));
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_GE(self->pages, pages_cleaned(self));
	EXPECT_EQ(1, reg_get(self->vcpu, RUN_ON));
}

/* Another vCPU's batch does the rest, as that is not to wait for anyone. */
TEST_F(interrupted, and_another_vcpu_flushes)
{
	struct vcpu *other = vcpu_add(self->vm, 1);
	u64 cleaned, accessed;

	if (!self->pages)
		SKIP(return, NO_MEMORY);
	flush_interrupt(_metadata, self, variant->policy);
	cleaned = pages_cleaned(self);
	puppet_start(other);
	accessed = accessed_pages(self->vm);
	puppet_flush(other);
	/* all that is mapped, or its own and what was left */
	if (variant->policy == SETWAY_POLICY_EXACT)
		accessed += self->pages - cleaned;
	EXPECT_EQ(accessed, counter_read_vcpu(other, "pages_cleaned"));
	program_run_to(self->vcpu, FLUSHED);
	EXPECT_EQ(cleaned + accessed, pages_cleaned(self));
	EXPECT_EQ(1, reg_get(self->vcpu, RUN_ON));
}

/* A thread that no signal of the test's goes to. */
static void *run_undisturbed(void *vcpu)
{
	program_run_to(vcpu, FLUSHED);
	return NULL;
}

/* Waiting for another vCPU's batch is interruptible as well. */
TEST_F(interrupted, while_another_vcpu_flushes)
{
	struct vcpu *other = vcpu_add(self->vm, 1);
	bool full = variant->policy == SETWAY_POLICY_FULL;
	pthread_t thread;
	sigset_t alarm;
	u64 mapped;

	if (!self->pages)
		SKIP(return, NO_MEMORY);
	program_enter(other, guest_touch_and_flush, full ? 3 : EXACT_PAGES, 0, 0);
	program_run_to(other, TOUCHED);
	mapped = counter_read(self->vm, "mapped_pages");
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_undisturbed, other));
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	alarm_every(1);
	while (__vcpu_run(self->vcpu))
		ASSERT_EQ(EINTR, errno);
	alarm_every(0);
	pthread_join(thread, NULL);
	EXPECT_EQ(1, reg_get(self->vcpu, RUN_ON));
	EXPECT_EQ(2, tally_since(self->vm, &self->before).batches);
	EXPECT_LE(self->pages, pages_cleaned(self));
	if (full) {
		/* what the interrupted one has left, the other may have cleaned */
		EXPECT_LE(mapped, pages_cleaned(self));
		EXPECT_GE(2 * mapped, pages_cleaned(self));
	}
}

/* A VMM that is killed with its batch half done. */
static void __own_page guest_flush_for_ever(void)
{
	for (;;)
		guest_flush(GUEST_CISW, 0);
}

static void vmm_run(void *hva)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);

	memory_use(vm, hva, FULL_SIZE, SETWAY_POLICY_FULL);
	program_load(vm);
	program_enter(vcpu, guest_flush_for_ever, 0, 0, 0);
	vcpu_run(vcpu);
	_exit(1);
}

static bool nothing_is_left(void)
{
	return !counter_read_total("vms") && !counter_read_total("mapped_pages") &&
	       !counter_read_total("tables");
}

TEST(the_vmm_is_killed_in_a_batch)
{
	void *hva = memory_repeated(FULL_SIZE);
	unsigned int round, i;
	int status;
	pid_t vmm;
	u64 ops;

	if (!hva)
		SKIP(return, NO_MEMORY);
	ASSERT_TRUE(nothing_is_left());
	for (round = 0; round < 5; round++) {
		ops = counter_read_total("setway_ops");
		vmm = fork();
		ASSERT_LE(0, vmm);
		if (!vmm)
			vmm_run(hva);
		while (counter_read_total("setway_ops") < ops + 1 + round % 2)
			usleep(100);
		usleep(round * 10000);
		ASSERT_EQ(0, kill(vmm, SIGKILL));
		ASSERT_EQ(vmm, waitpid(vmm, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		for (i = 0; i < 100 && !nothing_is_left(); i++)
			usleep(20000);
		EXPECT_TRUE(nothing_is_left());
	}
	hugepages_restore();
}

TEST_HARNESS_MAIN
