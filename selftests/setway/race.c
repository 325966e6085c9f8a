// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMM changes its memory and its slots while vCPUs run in them and flush:
 * whatever comes of it for the guest, the host lives on, what one vCPU writes it
 * reads again unless it was thrown away, and in the end nothing is left.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "../lib/alarm.h"
#include "../lib/module.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define VCPUS		2
#define PAGES_WATCHED	1024
#define SIZE_WATCHED	(PAGES_WATCHED * SZ_4K)
#define ELSEWHERE_IPA	(MEMORY_IPA + SZ_1G)
#define ROUNDS		60
#define LONG_RUN	10	/* times as many, with SETWAY_LONG=1 */
#define TIMEOUT		600	/* seconds for a test */

/* Where the VMM tells the guest that it is over: never touched otherwise. */
#define STOP_SLOT	2
#define STOP_IPA	(MEMORY_IPA - SZ_2M)

enum stage {
	WRONG = 1,
	OLD,
	STOPPED,
};

/* Batches of each vCPU before anything happens, and while it does. */
#define BATCHES_BEFORE	1
#define BATCHES_MEANWHILE	3

static unsigned int rounds(unsigned int nr)
{
	return is_long_run() ? nr * LONG_RUN : nr;
}

static inline u64 lcg_next(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

/*
 * Writes and reads again, each vCPU its own word of a page, larger numbers all
 * the time. 0 is what is read where memory was thrown away, or is none; an old
 * number where there was none for the write, but then is again.
 */
static void __own_page guest_write_and_read(u64 id, u64 state)
{
	u64 n = 0, word, seen;

	while (!guest_read(STOP_IPA)) {
		word = MEMORY_PAGE(lcg_next(&state) % PAGES_WATCHED) + id * sizeof(u64);
		guest_write(word, ++n);
		seen = guest_read(word);
		if (seen && seen != n)
			guest_report(seen > n ? WRONG : OLD, word, seen);
		if (n % 64 == 0)
			guest_flush(GUEST_CISW, 0);
	}
	guest_sync(STOPPED);
}

/**
 * struct runner - a vCPU and its thread
 * @vcpu: the vCPU
 * @thread: the thread
 * @wrong: how often it read what it had not written
 * @old: how often it read what it had written before the last time
 * @lost: how often there was no memory behind a slot
 * @outside: how often there was no slot
 * @signals: how often it was interrupted
 */
struct runner {
	struct vcpu *vcpu;
	pthread_t thread;
	unsigned int wrong;
	unsigned int old;
	unsigned int lost;
	unsigned int outside;
	unsigned int signals;
};

FIXTURE(race)
{
	struct vm *vm;
	char *hva;
	u64 *stop;
	u64 state;
	bool may_lose_writes;
	struct runner runners[VCPUS];
};

FIXTURE_VARIANT(race)
{
	u32 policy;
};

FIXTURE_VARIANT_ADD(race, exact)
{
	.policy = SETWAY_POLICY_EXACT,
};

FIXTURE_VARIANT_ADD(race, full)
{
	.policy = SETWAY_POLICY_FULL,
};

/* Return: the vCPU has to go on. */
static bool runner_handle(struct runner *runner)
{
	struct kvm_run *run = runner->vcpu->run;
	struct ucall ucall;

	if (ucall_get(runner->vcpu, &ucall)) {
		if (ucall.command != UCALL_SYNC)
			fail("the guest has taken an exception");
		runner->wrong += ucall.args[0] == WRONG;
		runner->old += ucall.args[0] == OLD;
		return ucall.args[0] != STOPPED;
	}
	if (run->exit_reason != KVM_EXIT_MMIO)
		fail("exit %u", run->exit_reason);
	runner->outside++;
	if (!run->mmio.is_write)
		*(u64 *)run->mmio.data = 0;
	return true;
}

static void *runner_run(void *data)
{
	struct runner *runner = data;

	for (;;) {
		if (!__vcpu_run(runner->vcpu)) {
			if (!runner_handle(runner))
				return NULL;
			continue;
		}
		if (errno == EFAULT)
			runner->lost++;
		else if (errno == EINTR)
			runner->signals++;
		else
			fail("KVM_RUN: %s", strerror(errno));
	}
}

static void runner_start(struct runner *runner, struct vm *vm, u32 id)
{
	runner->vcpu = vcpu_add(vm, id);
	program_enter(runner->vcpu, guest_write_and_read, id, id + 1, 0);
	if (pthread_create(&runner->thread, NULL, runner_run, runner))
		fail("no thread");
}

/* Wait until each vCPU has had so many batches. */
static void runners_wait(struct runner *runners, u64 batches)
{
	unsigned int i;

	for (i = 0; i < VCPUS; i++) {
		while (counter_read_vcpu(runners[i].vcpu, "setway_batches") < batches)
			usleep(1000);
	}
}

FIXTURE_SETUP(race)
{
	unsigned int i;

	self->vm = vm_create();
	self->state = 42;
	vm_set_policy(self->vm, variant->policy);
	program_load(self->vm);
	self->stop = vm_memory_add(self->vm, STOP_SLOT, STOP_IPA, SZ_4K, 0);
	self->hva = vm_memory_add(self->vm, MEMORY_SLOT, MEMORY_IPA, SIZE_WATCHED, 0);
	for (i = 0; i < VCPUS; i++)
		runner_start(&self->runners[i], self->vm, i);
	runners_wait(self->runners, BATCHES_BEFORE);
}

/* Whatever has happened, that is how it has to end. */
FIXTURE_TEARDOWN(race)
{
	unsigned int i;

	runners_wait(self->runners, BATCHES_MEANWHILE);
	WRITE_ONCE(*self->stop, 1);
	for (i = 0; i < VCPUS; i++) {
		pthread_join(self->runners[i].thread, NULL);
		EXPECT_EQ(0, self->runners[i].wrong);
		EXPECT_TRUE(self->may_lose_writes || !self->runners[i].old);
	}
	for (i = 0; i < VM_MEMSLOTS; i++) {
		if (self->vm->slots[i].size)
			vm_memory_remove(self->vm, i);
	}
	EXPECT_EQ(0, counter_read(self->vm, "mapped_pages"));
	EXPECT_EQ(0, counter_read(self->vm, "tables"));
	vm_destroy(self->vm);
}

static u64 random_below(u64 *state, u64 limit)
{
	return lcg_next(state) % limit;
}

/* Some of the pages, one or all. */
static struct range random_part(u64 *state)
{
	u64 first = random_below(state, PAGES_WATCHED);
	u64 nr = 1 + random_below(state, PAGES_WATCHED - first);

	return (struct range){ first * SZ_4K, (first + nr) * SZ_4K };
}

TEST_F_TIMEOUT(race, memory_is_dropped, TIMEOUT)
{
	struct range part;
	unsigned int i;

	for (i = 0; i < rounds(ROUNDS); i++) {
		part = random_part(&self->state);
		EXPECT_EQ(0, madvise(self->hva + part.start, part.end - part.start,
				     MADV_DONTNEED));
	}
}

TEST_F_TIMEOUT(race, memory_is_unmapped_and_mapped_again, TIMEOUT)
{
	struct range part;
	unsigned int i;
	char *hva;
	u64 size;

	for (i = 0; i < rounds(ROUNDS); i++) {
		part = random_part(&self->state);
		hva = self->hva + part.start;
		size = part.end - part.start;
		EXPECT_EQ(0, munmap(hva, size));
		EXPECT_EQ(hva, mmap(hva, size, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	}
}

TEST_F_TIMEOUT(race, memory_is_protected, TIMEOUT)
{
	static const int protections[] = { PROT_NONE, PROT_READ };
	struct range part;
	unsigned int i;
	u64 size;

	for (i = 0; i < rounds(ROUNDS); i++) {
		part = random_part(&self->state);
		size = part.end - part.start;
		EXPECT_EQ(0, mprotect(self->hva + part.start, size, protections[i % 2]));
		EXPECT_EQ(0, mprotect(self->hva + part.start, size,
				      PROT_READ | PROT_WRITE));
	}
}

TEST_F_TIMEOUT(race, huge_pages_come_and_go, TIMEOUT)
{
	unsigned int i;

	for (i = 0; i < rounds(ROUNDS / 20); i++) {
		madvise(self->hva, SIZE_WATCHED, MADV_HUGEPAGE);
		madvise(self->hva, SIZE_WATCHED, MADV_DONTNEED);
		madvise(self->hva, SIZE_WATCHED, MADV_POPULATE_WRITE);
		madvise(self->hva + SZ_4K * random_below(&self->state, PAGES_WATCHED),
			SZ_4K, MADV_DONTNEED);
	}
}

TEST_F_TIMEOUT(race, the_slot_is_deleted_and_added, TIMEOUT)
{
	struct memslot memory = self->vm->slots[MEMORY_SLOT];
	unsigned int i;

	self->may_lose_writes = true;
	for (i = 0; i < rounds(ROUNDS / 3); i++) {
		EXPECT_EQ(0, __vm_memslot_set(self->vm, MEMORY_SLOT, 0, MEMORY_IPA, 0, NULL));
		EXPECT_EQ(0, __vm_memslot_set(self->vm, MEMORY_SLOT, 0, MEMORY_IPA,
					      SIZE_WATCHED, memory.hva));
	}
}

TEST_F_TIMEOUT(race, the_slot_is_moved, TIMEOUT)
{
	unsigned int i;

	self->may_lose_writes = true;
	for (i = 0; i < rounds(ROUNDS / 3); i++) {
		vm_memslot_move(self->vm, MEMORY_SLOT, ELSEWHERE_IPA);
		vm_memslot_move(self->vm, MEMORY_SLOT, MEMORY_IPA);
	}
}

/* The VMM takes a snapshot of itself, as it were. */
TEST_F_TIMEOUT(race, the_vmm_forks, TIMEOUT)
{
	unsigned int i;
	pid_t child;
	int status;

	for (i = 0; i < rounds(ROUNDS / 12); i++) {
		child = fork();
		if (!child)
			_exit(0);
		ASSERT_LT(0, child);
		EXPECT_EQ(child, waitpid(child, &status, 0));
	}
}

/* Signals, and somebody who looks at all there is to see. */
TEST_F_TIMEOUT(race, everybody_looks, TIMEOUT)
{
	unsigned int i, n = 0;

	alarm_every(1);
	for (i = 0; i < rounds(ROUNDS / 20); i++) {
		n += accessed_pages(self->vm) != 0;
		n += pages_mapped(self->vm, MEMORY_WINDOW) != 0;
		n += counter_read(self->vm, "bytes_cleaned") != 0;
		EXPECT_EQ(0, madvise(self->hva, SIZE_WATCHED, MADV_DONTNEED));
	}
	alarm_every(0);
	EXPECT_LT(0, n);
}

/*
 * A page that is dropped while a vCPU faults on it: it must not be mapped after
 * all. Few pages, so that there is always a fault under way; each vCPU writes a
 * word of each, and says how often it has been round.
 */
#define SWEEP_PAGES	4
#define SWEEP_BURSTS	10
#define SWEEP_DROPS	6
#define SWEEP_ROUNDS	3
#define PROGRESS_IPA(id)	(STOP_IPA + (1 + (id)) * sizeof(u64))

static void __own_page guest_sweep(u64 id)
{
	u64 n = 0, i;

	while (!guest_read(STOP_IPA)) {
		for (i = 0; i < SWEEP_PAGES; i++)
			guest_write(MEMORY_PAGE(i) + id * sizeof(u64), n + 1);
		guest_write(PROGRESS_IPA(id), ++n);
	}
	guest_sync(STOPPED);
}

/* Wait until each vCPU has been all around again. */
static void sweep_wait(const u64 *stop)
{
	u64 goal[VCPUS], id;

	for (id = 0; id < VCPUS; id++)
		goal[id] = READ_ONCE(stop[1 + id]) + SWEEP_ROUNDS;
	for (id = 0; id < VCPUS; id++) {
		while (READ_ONCE(stop[1 + id]) < goal[id])
			sched_yield();
	}
}

static void sweep_start(struct runner *runners, struct vm *vm)
{
	u64 id;

	for (id = 0; id < VCPUS; id++) {
		runners[id].vcpu = vcpu_add(vm, id);
		program_enter(runners[id].vcpu, guest_sweep, id, 0, 0);
		if (pthread_create(&runners[id].thread, NULL, runner_run, &runners[id]))
			fail("no thread");
	}
}

TEST(what_was_dropped_is_not_mapped_after_all)
{
	struct vm *vm = vm_create();
	struct runner runners[VCPUS] = { 0 };
	unsigned int burst, i;
	u64 *stop, *hva;

	program_load(vm);
	stop = vm_memory_add(vm, STOP_SLOT, STOP_IPA, SZ_4K, 0);
	hva = vm_memory_add(vm, MEMORY_SLOT, MEMORY_IPA, SWEEP_PAGES * SZ_4K, 0);
	sweep_start(runners, vm);
	for (burst = 0; burst < SWEEP_BURSTS; burst++) {
		for (i = 0; i < SWEEP_DROPS; i++)
			EXPECT_EQ(0, madvise(hva, SWEEP_PAGES * SZ_4K, MADV_DONTNEED));
		sweep_wait(stop);
		for (i = 0; i < SWEEP_PAGES * VCPUS; i++)
			EXPECT_NE(0, READ_ONCE(hva[i / VCPUS * SZ_4K / sizeof(u64) + i % VCPUS]))
				TH_LOG("page %u, vCPU %u", i / VCPUS, i % VCPUS);
	}
	WRITE_ONCE(*stop, 1);
	for (i = 0; i < VCPUS; i++)
		pthread_join(runners[i].thread, NULL);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
