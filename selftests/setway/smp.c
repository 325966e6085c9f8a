// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several vCPUs: a batch cleans what any of them has accessed, even while they
 * go on, and batches wait for each other.
 */
#include <linux/psci.h>
#include <pthread.h>
#include <sched.h>

#include "../lib/cleanings.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	1024
#define VCPUS_MAX	4

FIXTURE(smp)
{
	struct vm *vm;
	struct vcpu *vcpus[VCPUS_MAX];
	pthread_t threads[VCPUS_MAX];
};

FIXTURE_VARIANT(smp)
{
	unsigned int nr;
};

FIXTURE_VARIANT_ADD(smp, two_vcpus)
{
	.nr = 2,
};

FIXTURE_VARIANT_ADD(smp, three_vcpus)
{
	.nr = 3,
};

FIXTURE_VARIANT_ADD(smp, four_vcpus)
{
	.nr = 4,
};

FIXTURE_SETUP(smp)
{
	unsigned int i;

	self->vm = vm_watched(PAGES_WATCHED);
	for (i = 0; i < variant->nr; i++)
		self->vcpus[i] = vcpu_add(self->vm, i);
}

FIXTURE_TEARDOWN(smp)
{
	vm_destroy(self->vm);
}

/* One after the other: who accessed a page does not matter. */
TEST_F(smp, a_batch_cleans_for_all)
{
	unsigned int i;
	u64 accessed, cleaned;

	for (i = 0; i < variant->nr; i++)
		puppet_start(self->vcpus[i]);
	for (i = 0; i < variant->nr; i++) {
		puppet_write(self->vcpus[i], MEMORY_PAGE(10 * i), i);
		puppet_read(self->vcpus[i], MEMORY_PAGE(100));
	}
	for (i = 0; i < variant->nr; i++)
		EXPECT_EQ(i, puppet_read(self->vcpus[0], MEMORY_PAGE(10 * i)));
	accessed = accessed_pages(self->vm);
	/* some when the other vCPUs started */
	cleaned = counter_read(self->vm, "pages_cleaned");
	puppet_flush(self->vcpus[0]);
	EXPECT_EQ(cleaned + accessed, counter_read(self->vm, "pages_cleaned"))
		TH_LOG("a page is cleaned once, whoever has used it");
	EXPECT_ACCESSED(self->vm);

	for (i = 1; i < variant->nr; i++) {
		puppet_write(self->vcpus[i], MEMORY_PAGE(10 * i), 1);
		EXPECT_ACCESSED(self->vm, pages_at(10 * i, 1));
		puppet_flush(self->vcpus[i - 1]);
		EXPECT_ACCESSED(self->vm);
		/* a batch is the vCPU's that asked for it */
		EXPECT_EQ(i == 1 ? 2 : 1,
			  counter_read_vcpu(self->vcpus[i - 1], "setway_batches"));
		EXPECT_EQ(0, counter_read_vcpu(self->vcpus[i], "setway_batches"));
	}
}

/*
 * Those that run on must fault to get at their pages again: what their CPU's TLB
 * knows of them is from before the batch.  Once it is over, each is shown a flag,
 * and says at once that it has seen it.
 */
#define SPIN_ROUNDS	40
#define SHARED_PAGE	100
#define FLAG_PAGE	200
#define FLAG_STOP	~0ULL

static void __own_page guest_spin(u64 id)
{
	u64 n = 0, seen = 0, flag;

	while (seen != FLAG_STOP) {
		flag = guest_read(MEMORY_PAGE(FLAG_PAGE));
		if (flag != seen) {
			seen = flag;
			guest_sync(flag);
		}
		guest_write(MEMORY_PAGE(2 * id), ++n);
		guest_write(MEMORY_PAGE(SHARED_PAGE), n);
	}
}

/**
 * struct spinner - a vCPU that spins
 * @vcpu: the vCPU
 * @thread: its thread
 * @flag: the last flag that it has seen
 * @revalidations: the counter at that moment
 */
struct spinner {
	struct vcpu *vcpu;
	pthread_t thread;
	u64 flag;
	u64 revalidations;
};

static void *spinner_run(void *data)
{
	struct spinner *spinner = data;
	struct ucall ucall;

	for (;;) {
		program_run(spinner->vcpu, &ucall);
		if (ucall.command == UCALL_DONE)
			return NULL;
		spinner->revalidations = counter_read_vcpu(spinner->vcpu, "revalidations");
		WRITE_ONCE(spinner->flag, ucall.args[0]);
	}
}

/* Threads have a CPU each, if there are so many: waiting must not stop the guest. */
static void thread_pin(pthread_t thread, unsigned int n)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(n % sysconf(_SC_NPROCESSORS_ONLN), &cpu);
	pthread_setaffinity_np(thread, sizeof(cpu), &cpu);
}

static void spinner_start(struct spinner *spinner, struct vcpu *vcpu)
{
	spinner->vcpu = vcpu;
	program_enter(vcpu, guest_spin, vcpu->id, 0, 0);
	if (pthread_create(&spinner->thread, NULL, spinner_run, spinner))
		fail("no thread");
	thread_pin(spinner->thread, vcpu->id);
}

static u64 word_read(struct vm *vm, u64 page)
{
	return READ_ONCE(*(u64 *)vm_hva(vm, MEMORY_PAGE(page), SZ_4K));
}

static void word_write(struct vm *vm, u64 page, u64 value)
{
	WRITE_ONCE(*(u64 *)vm_hva(vm, MEMORY_PAGE(page), SZ_4K), value);
}

/* Wait until it has been all around its loop. */
static void spinner_wait(struct spinner *spinner)
{
	u64 goal = word_read(spinner->vcpu->vm, 2 * spinner->vcpu->id) + 2;

	while (word_read(spinner->vcpu->vm, 2 * spinner->vcpu->id) < goal)
		sched_yield();
}

TEST_F(smp, a_batch_reaches_those_that_run)
{
	struct spinner spinners[VCPUS_MAX] = { 0 };
	struct range expected[VCPUS_MAX + 1];
	u64 revalidations[VCPUS_MAX];
	unsigned int i, nr = 0;
	u64 round;

	for (i = 1; i < variant->nr; i++) {
		expected[nr++] = pages_at(2 * i, 1);
		spinner_start(&spinners[i], self->vcpus[i]);
	}
	expected[nr++] = pages_at(SHARED_PAGE, 1);
	expected[nr++] = pages_at(FLAG_PAGE, 1);
	thread_pin(pthread_self(), 0);
	/* A start with the caches off is a batch, which takes the others' pages back. */
	for (i = 1; i < variant->nr; i++)
		spinner_wait(&spinners[i]);
	puppet_start(self->vcpus[0]);
	for (round = 1; round <= SPIN_ROUNDS; round++) {
		for (i = 1; i < variant->nr; i++) {
			spinner_wait(&spinners[i]);
			revalidations[i] = counter_read_vcpu(self->vcpus[i], "revalidations");
		}
		EXPECT_TRUE(accessed_is(self->vm, MEMORY_WINDOW, expected, nr));
		puppet_flush(self->vcpus[0]);
		word_write(self->vm, FLAG_PAGE, round);
		for (i = 1; i < variant->nr; i++) {
			while (READ_ONCE(spinners[i].flag) != round)
				sched_yield();
			EXPECT_LT(revalidations[i], spinners[i].revalidations);
		}
	}
	word_write(self->vm, FLAG_PAGE, FLAG_STOP);
	for (i = 1; i < variant->nr; i++)
		pthread_join(spinners[i].thread, NULL);
	puppet_flush(self->vcpus[0]);
	EXPECT_ACCESSED(self->vm);
}

static void *run_to_end(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

/*
 * All at once: each writes to its own pages and to some that are everybody's,
 * and flushes; again and again. Between a write and the return from the flush
 * after it somebody must have cleaned the page.
 */
#define STRESS_ROUNDS	30
#define STRESS_PAGES	48
#define STRESS_SHARED	8

static void __own_page guest_stress(u64 id)
{
	u64 own = MEMORY_PAGE(id * STRESS_PAGES);
	u64 shared = MEMORY_PAGE(VCPUS_MAX * STRESS_PAGES);
	u64 round, i;

	for (round = 0; round < STRESS_ROUNDS; round++) {
		for (i = 0; i < STRESS_PAGES; i++)
			guest_write(own + i * SZ_4K, round);
		for (i = 0; i < STRESS_SHARED; i++)
			guest_write(shared + i * SZ_4K, round);
		guest_flush(GUEST_CISW, 0);
	}
}

static void run_all(struct vcpu **vcpus, pthread_t *threads, unsigned int nr, const void *guest)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		program_enter(vcpus[i], guest, i, 0, 0);
		if (pthread_create(&threads[i], NULL, run_to_end, vcpus[i]))
			fail("no thread");
	}
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
}

TEST_F(smp, all_write_and_flush_at_once)
{
	u32 count[(VCPUS_MAX + 1) * STRESS_PAGES];
	struct tally t;
	unsigned int i;

	if (!cleanings_trace())
		SKIP(return, "no tracing: %s", strerror(errno));
	run_all(self->vcpus, self->threads, variant->nr, guest_stress);
	cleanings_count(MEMORY_IPA, ARRAY_SIZE(count), count);
	for (i = 0; i < variant->nr * STRESS_PAGES; i++)
		EXPECT_LE(STRESS_ROUNDS, count[i])
			TH_LOG("page %u", i);
	for (; i < VCPUS_MAX * STRESS_PAGES; i++)
		EXPECT_EQ(0, count[i])
			TH_LOG("page %u", i);
	for (; i < VCPUS_MAX * STRESS_PAGES + STRESS_SHARED; i++)
		EXPECT_LE(STRESS_ROUNDS, count[i])
			TH_LOG("shared page %u", i);

	for (i = 0; i < variant->nr; i++)
		EXPECT_EQ(STRESS_ROUNDS, counter_read_vcpu(self->vcpus[i], "setway_batches"));
	EXPECT_ACCESSED(self->vm);
	/* each cleaning was paid for with a fault */
	t = tally_read(self->vm);
	EXPECT_LE(t.cleaned + accessed_pages(self->vm), t.faults);
	EXPECT_EQ(t.cleaned * SZ_4K, t.bytes);
}

/* Nothing but flushes: they take turns, and nothing is pending after the last. */
static void __own_page guest_flush_only(void)
{
	u64 round;

	for (round = 0; round < STRESS_ROUNDS; round++)
		guest_flush(GUEST_CISW, 0);
}

static u64 pages_pending(struct vm *vm)
{
	struct mapping mappings[PAGES_WATCHED];
	unsigned int n = mappings_read(vm, MEMORY_WINDOW, mappings, ARRAY_SIZE(mappings));
	u64 bytes = 0;

	while (n--) {
		if (mappings[n].pending)
			bytes += mappings[n].range.end - mappings[n].range.start;
	}
	return bytes / SZ_4K;
}

TEST_F(smp, all_flush_at_once)
{
	unsigned int i;

	run_all(self->vcpus, self->threads, variant->nr, guest_flush_only);
	for (i = 0; i < variant->nr; i++)
		EXPECT_EQ(STRESS_ROUNDS, counter_read_vcpu(self->vcpus[i], "setway_batches"));
	EXPECT_EQ(0, pages_pending(self->vm));
}

/*
 * A batch that has little to do itself is not over before that of another vCPU
 * which has taken back the same pages, but not cleaned them all yet.
 */
static void *flush_and_look(void *vcpu)
{
	puppet_flush(vcpu);
	return (void *)pages_pending(((struct vcpu *)vcpu)->vm);
}

static void __own_page guest_touch_all(void)
{
	guest_touch(MEMORY_IPA, PAGES_WATCHED, SZ_4K);
	guest_sync(1);
}

TEST_F(smp, no_batch_ends_before_another_that_began)
{
	struct vcpu *vcpu = self->vcpus[0];
	unsigned int round, i;
	void *pending;
	u64 cleaned;

	for (i = 1; i < variant->nr; i++)
		puppet_start(self->vcpus[i]);
	for (round = 0; round < 5; round++) {
		program_enter(vcpu, guest_touch_all, 0, 0, 0);
		program_run_to(vcpu, 1);
		EXPECT_ACCESSED(self->vm, pages_at(0, PAGES_WATCHED));
		cleaned = counter_read(self->vm, "pages_cleaned");
		for (i = 1; i < variant->nr; i++)
			ASSERT_EQ(0, pthread_create(&self->threads[i], NULL, flush_and_look,
						    self->vcpus[i]));
		for (i = 1; i < variant->nr; i++) {
			pthread_join(self->threads[i], &pending);
			EXPECT_EQ(0, (u64)pending);
		}
		EXPECT_ACCESSED(self->vm);
		cleaned = counter_read(self->vm, "pages_cleaned") - cleaned;
		EXPECT_LE(PAGES_WATCHED, cleaned);
		/* and a few of code and stacks */
		EXPECT_GE(PAGES_WATCHED + 16, cleaned);
		vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	}
}

/* Each CPU that comes up turns its own caches on. */
static void guest_secondary(void)
{
	guest_mmu_on();
}

static void guest_primary(u64 nr)
{
	u64 i;

	guest_mmu_on();
	for (i = 1; i < nr; i++)
		GUEST_ASSERT_EQ(PSCI_RET_SUCCESS,
				guest_psci(PSCI_0_2_FN64_CPU_ON, i, (u64)guest_start,
					   (u64)guest_secondary));
}

TEST_F(smp, each_vcpu_turns_its_caches_on)
{
	struct vm *vm = vm_watched(PAGES_WATCHED);
	struct vcpu *vcpus[VCPUS_MAX];
	unsigned int i;

	vcpus[0] = vcpu_add(vm, 0);
	program_enter(vcpus[0], guest_primary, variant->nr, 0, 0);
	for (i = 1; i < variant->nr; i++)
		vcpus[i] = vcpu_add_off(vm, i);
	for (i = 0; i < variant->nr; i++)
		ASSERT_EQ(0, pthread_create(&self->threads[i], NULL, run_to_end, vcpus[i]));
	for (i = 0; i < variant->nr; i++)
		pthread_join(self->threads[i], NULL);
	for (i = 0; i < variant->nr; i++)
		EXPECT_EQ(1, counter_read_vcpu(vcpus[i], "cache_toggles"));
	EXPECT_EQ(0, counter_read(vm, "setway_batches"));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
