// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMMs that are killed at random moments, whatever they and their guests are
 * doing: nothing of them stays.  $SETWAY_KILLS is how many there are.
 * $SETWAY_SEED repeats a run, as far as anything can be repeated that depends on
 * time.
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../../module/api/uapi.h"
#include "../lib/leak.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define ROUNDS		100
#define ROUNDS_MIN	20
#define AT_ONCE		2
#define LIFE_MAX_US	150000

#define VCPUS_MAX	4
#define RAM_SLOT	0
#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	(4 * SZ_2M)
#define MOVING_SLOT	1
#define MOVING_BASE	0x80000000ULL
#define MOVING_SIZE	SZ_1M
#define MOVING_PLACES	4
#define READONLY_SLOT	2
#define READONLY_BASE	0x90000000ULL
#define READONLY_SIZE	SZ_64K

/* What a VMM was doing when it was killed; shared with it. */
enum phase {
	PHASE_BEFORE,
	PHASE_CREATING,
	PHASE_PREMAPPING,
	PHASE_RUNNING,
	PHASES
};

static const char * const phase_names[] = { "before", "creating", "premapping", "running" };

/**
 * struct vmm - one that is going to be killed
 * @pid: process, 0 if there is none
 * @phase: see &enum phase
 * @until: time of death, in microseconds
 */
struct vmm {
	pid_t pid;
	atomic_int phase;
	u64 until;
};

static u64 now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* Guest code: anything, anywhere, but always something that may go on for ever. */

static void kill_guest_access(u64 random)
{
	u64 page = random >> 8 & 0xfff;
	u64 address = RAM_BASE + page % (RAM_SIZE / SZ_4K) * SZ_4K;

	if (!(random & 7))
		address = MOVING_BASE + page % (MOVING_PLACES * MOVING_SIZE / SZ_4K) * SZ_4K;
	else if ((random & 7) == 1)
		address = READONLY_BASE + page % (READONLY_SIZE / SZ_4K) * SZ_4K;
	if (random & 8)
		guest_write(address, random);
	else
		guest_read(address);
}

static void kill_guest(u64 seed)
{
	bool mmu = false;

	for (;;) {
		u64 random = seed += 0x9e3779b97f4a7c15ULL;

		random ^= random >> 29;
		random *= 0xbf58476d1ce4e5b9ULL;
		random ^= random >> 32;
		kill_guest_access(random);
		switch (random >> 32 & 63) {
		case 0:
			guest_setway_all(GUEST_CISW);
			break;
		case 1:
			guest_setway_loop(random >> 40 & 1 ? GUEST_ISW : GUEST_CSW, 1, 4, 2, 6);
			break;
		case 2:
			if (mmu)
				guest_mmu_off();
			else
				guest_mmu_on();
			mmu = !mmu;
			break;
		case 3:
			guest_sync(0);
			break;
		}
	}
}

/* The VMM: never returns, never fails but when something is wrong. */

static void *kill_vcpu_thread(void *vcpu)
{
	for (;;)
		__vcpu_run(vcpu);
	return NULL;
}

static void *kill_memslot_thread(void *argument)
{
	struct vm *vm = argument;
	void *memory = memory_alloc(MOVING_SIZE, SZ_4K);
	u64 seed = getpid();

	for (;;) {
		u64 place = MOVING_BASE + random_next(&seed) % MOVING_PLACES * MOVING_SIZE;
		u64 size = random_next(&seed) % 4 ? MOVING_SIZE : 0;

		__vm_memslot_set(vm, MOVING_SLOT, 0, place, size, memory);
		usleep(random_next(&seed) % 3000);
	}
	return NULL;
}

static void *kill_madvise_thread(void *argument)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_PAGEOUT,
	};
	struct vm *vm = argument;
	char *ram = vm->slots[RAM_SLOT].hva;
	u64 seed = getpid() + 1;

	for (;;) {
		u64 start = random_next(&seed) % (RAM_SIZE / SZ_4K) * SZ_4K;
		u64 size = random_next(&seed) % SZ_1M;

		if (size > RAM_SIZE - start)
			size = RAM_SIZE - start;
		madvise(ram + start, size, advices[random_next(&seed) % ARRAY_SIZE(advices)]);
		usleep(random_next(&seed) % 3000);
	}
	return NULL;
}

static void kill_thread(void *(*function)(void *argument), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument))
		fail("cannot create a thread");
}

static struct vm *kill_vm_create(u64 *seed)
{
	u32 policy = random_next(seed) % 2 ? SETWAY_POLICY_EXACT : SETWAY_POLICY_FULL;
	struct vm *vm = vm_create();
	void *ram;

	vm_ioctl(vm, SETWAY_SET_POLICY, &policy);
	ram = vm_memory_add(vm, RAM_SLOT, RAM_BASE, RAM_SIZE, 0);
	if (random_next(seed) % 2)
		madvise(ram, RAM_SIZE, MADV_HUGEPAGE);
	else
		madvise(ram, RAM_SIZE, MADV_NOHUGEPAGE);
	vm_memory_add(vm, READONLY_SLOT, READONLY_BASE, READONLY_SIZE, KVM_MEM_READONLY);
	program_load(vm);
	return vm;
}

static void kill_premap(struct vm *vm)
{
	struct setway_premap premap = { .slot = RAM_SLOT };

	vm_ioctl(vm, SETWAY_PREMAP, &premap);
}

static void kill_vm_start(struct vmm *vmm, u64 seed)
{
	struct vm *vm = kill_vm_create(&seed);
	unsigned int i, nr = 1 + random_next(&seed) % VCPUS_MAX;

	for (i = 0; i < nr; i++)
		program_enter(vcpu_add(vm, i), kill_guest, random_next(&seed), 0, 0);
	vmm->phase = PHASE_PREMAPPING;
	if (random_next(&seed) % 2)
		kill_premap(vm);
	vmm->phase = PHASE_RUNNING;
	for (i = 0; i < nr; i++)
		kill_thread(kill_vcpu_thread, vm->vcpus[i]);
	if (random_next(&seed) % 2)
		kill_thread(kill_memslot_thread, vm);
	if (random_next(&seed) % 2)
		kill_thread(kill_madvise_thread, vm);
}

static void vmm_main(struct vmm *vmm, u64 seed)
{
	vmm->phase = PHASE_CREATING;
	alarm(60);	/* should nobody kill it */
	kill_vm_start(vmm, seed);
	/* Another VM in the same process, and a child that shares its pages. */
	if (random_next(&seed) % 4 == 0)
		kill_vm_start(vmm, seed);
	if (random_next(&seed) % 4 == 0 && !fork())
		usleep(LIFE_MAX_US / 2);
	for (;;)
		pause();
}

static void vmm_start(struct vmm *vmm, u64 *seed)
{
	u64 own = random_next(seed);
	pid_t pid;

	vmm->phase = PHASE_BEFORE;
	vmm->until = now_us() + random_next(seed) % LIFE_MAX_US;
	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (!pid) {
		/* so that a child of its dies with it */
		setpgid(0, 0);
		vmm_main(vmm, own);
	}
	setpgid(pid, pid);
	vmm->pid = pid;
}

/* Return: what it was doing. */
static enum phase vmm_kill(struct vmm *vmm)
{
	enum phase phase;
	u64 now = now_us();
	int status;

	if (vmm->until > now)
		usleep(vmm->until - now);
	phase = vmm->phase;
	kill(-vmm->pid, SIGKILL);
	if (waitpid(vmm->pid, &status, 0) != vmm->pid)
		fail("waitpid: %s", strerror(errno));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("a VMM ended by itself: status %#x", status);
	vmm->pid = 0;
	return phase;
}

static void rounds_run(struct vmm *vmms, u64 *seed, unsigned int rounds, unsigned int *phases)
{
	unsigned int i;

	for (i = 0; i < AT_ONCE; i++)
		vmm_start(&vmms[i], seed);
	for (i = 0; i < rounds; i++) {
		phases[vmm_kill(&vmms[i % AT_ONCE])]++;
		if (i + AT_ONCE < rounds)
			vmm_start(&vmms[i % AT_ONCE], seed);
	}
}

static unsigned int rounds_wanted(void)
{
	const char *kills = getenv("SETWAY_KILLS");
	unsigned long rounds = kills ? strtoul(kills, NULL, 0) : ROUNDS;

	if (rounds < ROUNDS_MIN || rounds > UINT_MAX)
		fail("SETWAY_KILLS=%s: at least %u, please", kills, ROUNDS_MIN);
	return rounds;
}

FIXTURE(kill)
{
};

FIXTURE_SETUP(kill)
{
}

FIXTURE_TEARDOWN(kill)
{
}

TEST_F_TIMEOUT(kill, nothing_of_a_killed_vmm_is_left, 3500)
{
	struct vmm *vmms = mmap(NULL, SZ_4K, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int rounds = rounds_wanted() / (LEAK_STRETCHES + 1);
	unsigned int i, phases[PHASES] = { 0 };
	struct leak *leak = NULL;
	u64 seed = random_seed();

	TH_LOG("seed %llu", seed);
	log_mark();
	/* The first stretch warms the kernel up. */
	for (i = 0; i <= LEAK_STRETCHES; i++) {
		rounds_run(vmms, &seed, rounds, phases);
		EXPECT_TRUE(module_holds_nothing());
		if (leak)
			leak_count(leak);
		else
			leak = leak_begin();
	}
	for (i = 0; i < PHASES; i++)
		TH_LOG("killed while %s: %u", phase_names[i], phases[i]);
	/* not every VMM came as far as a VM, nor every VM as far as a guest */
	EXPECT_TRUE(leak_is_none(leak, rounds / 6));
	EXPECT_TRUE(log_is_clean());
	/* the moments were random enough */
	EXPECT_LT(0, phases[PHASE_CREATING]);
	EXPECT_LT(0, phases[PHASE_RUNNING]);
}

TEST_HARNESS_MAIN
