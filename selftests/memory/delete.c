// SPDX-License-Identifier: GPL-2.0-only
/*
 * A slot goes, and while it does the VMM loses a page of it: the page is the
 * host's again, and the guest cannot reach it any more.
 *
 * A slot that goes leaves the list of slots, then waits for the faults that
 * found it there.  One vCPU has such a fault, on a page that userfaultfd keeps
 * from it, so that this wait takes as long as the test likes.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "../lib/module.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PAGES		64
#define SIZE		(PAGES * SZ_4K)
#define KEPT		0		/* the page that userfaultfd keeps */
#define LOST		(PAGES - 1)	/* the page that the VMM loses */
#define ELSEWHERE_IPA	(MEMORY_IPA + SZ_1G)

#define BY_GUEST	0x5e7a9a6e5e7a9a6eULL

/* What the kernel may make of the page that was lost. */
#define FRESH_SIZE	(4 * SZ_1M)

FIXTURE(slot)
{
	struct vm *vm;
	struct vcpu *held;	/* its thread waits for the page that is kept */
	struct vcpu *prober;
	struct vcpu *writer;	/* has the page that will be lost */
	char *hva;
	int uffd;
	pthread_t holder;
	pthread_t changer;
	int changed;		/* what KVM_SET_USER_MEMORY_REGION returned */
	u64 ipa;		/* as given to it, with the size */
	u64 size;
};

FIXTURE_VARIANT(slot)
{
	u64 ipa;
	u64 size;
};

FIXTURE_VARIANT_ADD(slot, deleted)
{
	.ipa = MEMORY_IPA,
	.size = 0,
};

FIXTURE_VARIANT_ADD(slot, moved)
{
	.ipa = ELSEWHERE_IPA,
	.size = SIZE,
};

/* An access that only the VMM can answer: there is no slot. */
static bool exit_is_outside(struct vcpu *vcpu, u64 page)
{
	return vcpu->run->exit_reason == KVM_EXIT_MMIO &&
	       vcpu->run->mmio.phys_addr == MEMORY_PAGE(page);
}

static bool access_is_outside(struct vcpu *vcpu, enum puppet_order order, u64 page)
{
	puppet_order(vcpu, order, MEMORY_PAGE(page), BY_GUEST);
	vcpu_run(vcpu);
	return exit_is_outside(vcpu, page);
}

/* Return: the descriptor that tells of faults on a page, and ends them. */
static int page_keep(void *page)
{
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register region = {
		.range = { (u64)page, SZ_4K },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &region))
		fail("userfaultfd: %s", strerror(errno));
	return uffd;
}

static void *holder_run(void *data)
{
	FIXTURE_DATA(slot) * self = data;

	puppet_order(self->held, PUPPET_READ, MEMORY_PAGE(KEPT), 0);
	vcpu_run(self->held);
	return NULL;
}

static void *changer_run(void *data)
{
	FIXTURE_DATA(slot) * self = data;

	self->changed = __vm_memslot_set(self->vm, MEMORY_SLOT, 0, self->ipa, self->size,
					 self->hva);
	return NULL;
}

static void thread_start(pthread_t *thread, void *(*function)(void *data), void *data)
{
	if (pthread_create(thread, NULL, function, data))
		fail("no thread");
}

static struct vcpu *puppet_add(struct vm *vm, u32 id)
{
	struct vcpu *vcpu = vcpu_add(vm, id);

	puppet_start(vcpu);
	return vcpu;
}

/* Each page only once: what was mapped before the slot goes says nothing. */
static void wait_until_slot_is_gone(struct vcpu *vcpu)
{
	u64 page;

	for (page = KEPT + 1; page < LOST; page++) {
		if (access_is_outside(vcpu, PUPPET_READ, page)) {
			puppet_obey(vcpu);
			return;
		}
		usleep(10000);
	}
	fail("the slot is still there");
}

/* Has the slot on its way out, with a fault that found it still under way. */
FIXTURE_SETUP(slot)
{
	struct uffd_msg message;

	self->vm = vm_create();
	program_load(self->vm);
	self->hva = vm_memory_add(self->vm, MEMORY_SLOT, MEMORY_IPA, SIZE, 0);
	memory_small(self->hva, SIZE);
	self->uffd = page_keep(self->hva + KEPT * SZ_4K);
	self->held = puppet_add(self->vm, 0);
	self->prober = puppet_add(self->vm, 1);
	self->writer = puppet_add(self->vm, 2);
	puppet_write(self->writer, MEMORY_PAGE(LOST), BY_GUEST);
	ASSERT_EQ(BY_GUEST, *(u64 *)(self->hva + LOST * SZ_4K));

	thread_start(&self->holder, holder_run, self);
	ASSERT_EQ(sizeof(message), read(self->uffd, &message, sizeof(message)));
	self->ipa = variant->ipa;
	self->size = variant->size;
	thread_start(&self->changer, changer_run, self);
	wait_until_slot_is_gone(self->prober);
}

FIXTURE_TEARDOWN(slot)
{
	struct uffdio_zeropage zero = {
		.range = { (u64)self->hva + KEPT * SZ_4K, SZ_4K },
	};

	EXPECT_EQ(0, ioctl(self->uffd, UFFDIO_ZEROPAGE, &zero));
	pthread_join(self->holder, NULL);
	pthread_join(self->changer, NULL);
	close(self->uffd);
	EXPECT_TRUE(exit_is_outside(self->held, KEPT))
		TH_LOG("the fault that was under way maps nothing");
	EXPECT_EQ(0, self->changed);
	EXPECT_EQ(0, pages_mapped(self->vm, MEMORY_WINDOW));
	vm_destroy(self->vm);
}

/* Return: memory that was not there before. */
static u64 *fresh_get(void)
{
	u64 *fresh = mmap(NULL, FRESH_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (fresh == MAP_FAILED)
		fail("no memory: %s", strerror(errno));
	return fresh;
}

/* Is any of it the guest's? */
static bool fresh_is_guests(const u64 *fresh)
{
	u64 i;

	for (i = 0; i < FRESH_SIZE / sizeof(u64); i += SZ_4K / sizeof(u64)) {
		if (READ_ONCE(fresh[i]) == BY_GUEST)
			return true;
	}
	return false;
}

static void expect_out_of_reach(struct __test_metadata *_metadata, struct vcpu *writer)
{
	u64 *fresh = fresh_get();

	EXPECT_TRUE(access_is_outside(writer, PUPPET_WRITE, LOST))
		TH_LOG("the guest still has the page");
	EXPECT_FALSE(fresh_is_guests(fresh))
		TH_LOG("the guest writes to somebody else's page");
	munmap(fresh, FRESH_SIZE);
}

TEST_F(slot, while_a_page_is_dropped)
{
	ASSERT_EQ(0, madvise(self->hva + LOST * SZ_4K, SZ_4K, MADV_DONTNEED));
	expect_out_of_reach(_metadata, self->writer);
}

TEST_F(slot, while_a_page_is_unmapped)
{
	ASSERT_EQ(0, munmap(self->hva + LOST * SZ_4K, SZ_4K));
	expect_out_of_reach(_metadata, self->writer);
}

/* It goes to somebody who keeps it, and what it holds is theirs. */
TEST_F(slot, while_a_page_moves_away)
{
	u64 *moved = mremap(self->hva + LOST * SZ_4K, SZ_4K, SZ_4K,
			    MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);

	ASSERT_NE(MAP_FAILED, moved);
	*moved = 0;
	expect_out_of_reach(_metadata, self->writer);
	EXPECT_EQ(0, *moved);
	munmap(moved, SZ_4K);
}

/* The same by chance: a slot with many pages, and a guest that never stops. */
#define RACE_SIZE	SZ_1G
#define RACE_END	16		/* pages at the end, which are lost */
#define RACE_PAGE(n)	MEMORY_PAGE(RACE_SIZE / SZ_4K - RACE_END + (n))
#define ROUNDS		100
#define LONG_RUN	10		/* times as many, with SETWAY_LONG=1 */
#define DELAY_MAX_US	200
#define PATIENCE_S	60

/**
 * struct race - a guest that writes on and on
 * @vcpu: the vCPU
 * @thread: runs it
 * @stop: the thread is to end
 * @outside: writes for which there was no slot
 */
struct race {
	struct vcpu *vcpu;
	pthread_t thread;
	atomic_bool stop;
	atomic_ulong outside;
};

static void __own_page guest_write_on(void)
{
	u64 n;

	for (n = 0;; n = (n + 1) % RACE_END)
		guest_write(RACE_PAGE(n), BY_GUEST);
}

/* It can be stopped only while there is no slot: then each write is an exit. */
static void *race_run(void *data)
{
	struct race *race = data;

	while (!race->stop) {
		if (__vcpu_run(race->vcpu))
			fail("KVM_RUN: %s", strerror(errno));
		if (race->vcpu->run->exit_reason != KVM_EXIT_MMIO)
			fail("exit %u", race->vcpu->run->exit_reason);
		race->outside++;
	}
	return NULL;
}

static void *race_delete(void *data)
{
	struct vm *vm = data;

	if (__vm_memslot_set(vm, MEMORY_SLOT, 0, MEMORY_IPA, 0, NULL))
		fail("the slot stays: %s", strerror(errno));
	return NULL;
}

/* Something is wrong, and not slow, if a wait takes longer. */
static void patience(time_t since, const char *what)
{
	if (time(NULL) > since + PATIENCE_S)
		fail("%s", what);
	sched_yield();
}

/* The guest writes to the end of the slot, whose pages are there. */
static void wait_for_guest(const u64 *page)
{
	time_t since = time(NULL);

	while (READ_ONCE(*page) != BY_GUEST)
		patience(since, "what the guest writes does not come");
}

static void wait_for_exit(struct race *race)
{
	u64 before = race->outside;
	time_t since = time(NULL);

	while (race->outside == before)
		patience(since, "the guest still writes where no slot is");
}

static bool race_once(struct race *race, char *hva, u64 *seed)
{
	char *end = hva + RACE_SIZE - RACE_END * SZ_4K;
	struct vm *vm = race->vcpu->vm;
	pthread_t deleter;
	bool guests;
	u64 *fresh;

	if (__vm_memslot_set(vm, MEMORY_SLOT, 0, MEMORY_IPA, RACE_SIZE, hva))
		fail("no slot: %s", strerror(errno));
	wait_for_guest((u64 *)end);
	thread_start(&deleter, race_delete, vm);
	usleep(random_next(seed) % DELAY_MAX_US);
	madvise(end, RACE_END * SZ_4K, MADV_DONTNEED);
	fresh = fresh_get();
	pthread_join(deleter, NULL);
	wait_for_exit(race);
	guests = fresh_is_guests(fresh);
	munmap(fresh, FRESH_SIZE);
	return !guests;
}

FIXTURE(race)
{
	struct vm *vm;
	struct race race;
	char *hva;
};

FIXTURE_SETUP(race)
{
	self->vm = vm_create();
	program_load(self->vm);
	self->hva = memory_alloc(RACE_SIZE, SZ_2M);
	memory_small(self->hva, RACE_SIZE);
	self->race.vcpu = vcpu_add(self->vm, 0);
	program_enter(self->race.vcpu, guest_write_on, 0, 0, 0);
	thread_start(&self->race.thread, race_run, &self->race);
}

FIXTURE_TEARDOWN(race)
{
	self->race.stop = true;
	pthread_join(self->race.thread, NULL);
	EXPECT_EQ(0, pages_mapped(self->vm, MEMORY_WINDOW));
	vm_destroy(self->vm);
	munmap(self->hva, RACE_SIZE);
}

TEST_F_TIMEOUT(race, of_deleting_and_dropping, 600)
{
	unsigned int i, rounds = is_long_run() ? ROUNDS * LONG_RUN : ROUNDS;
	u64 seed = random_seed();

	for (i = 0; i < rounds; i++) {
		ASSERT_TRUE(race_once(&self->race, self->hva, &seed))
			TH_LOG("round %u: the guest writes to somebody else's page", i);
	}
}

TEST_HARNESS_MAIN
