// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that is busy until told to stop, for tests of what happens around it.
 *
 *	usage: busy [-v VCPUS] [-p PAGES] [-r ROUNDS] STATUS-FILE
 *
 * Each vCPU writes to pages of its own, finds there again what it wrote, keeps
 * values in registers of all kinds, flushes its caches by Set/Way, and exits to
 * here, over and over.  A vCPU's thread stays on one CPU for as long as that is
 * online.  STATUS-FILE gets the number of rounds of each vCPU.  SIGTERM ends it,
 * or every vCPU's having done its rounds, with status 0 if nothing was ever wrong.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/device.h"
#include "lib/program.h"

#define BUSY_SLOT	0
#define BUSY_BASE	0x10000000ULL
#define BUSY_STRIDE	SZ_1M			/* from one vCPU's pages to the next's */
#define BUSY_PAGES_MAX	(BUSY_STRIDE / SZ_4K)
#define BUSY_TICK_US	10000
#define BUSY_FLUSH	4			/* rounds from one flush to the next */
#define CPACR_FPEN	(3ULL << 20)

/**
 * struct busy_vcpu - one vCPU and its thread
 * @vcpu: the vCPU
 * @thread: runs it
 * @rounds: how far it has come
 */
struct busy_vcpu {
	struct vcpu *vcpu;
	pthread_t thread;
	volatile u64 rounds;
};

/**
 * struct busy_options - from the command line
 * @vcpus: how many
 * @pages: that each uses
 * @rounds: after which it ends
 * @status: the file
 */
struct busy_options {
	u64 vcpus;
	u64 pages;
	u64 rounds;
	FILE *status;
};

static volatile sig_atomic_t busy_stop;

/* Different in every vCPU, page and round. */
static u64 busy_pattern(u64 id, u64 page, u64 round)
{
	return (id << 56 | page << 40 | round) * 0x9e3779b97f4a7c15ULL;
}

/* Registers that nothing but the guest may change between two rounds. */
static void busy_registers_set(u64 value)
{
	asm volatile("msr tpidr_el0, %0\n\t"
		     "msr tpidrro_el0, %0\n\t"
		     "msr contextidr_el1, %1\n\t"
		     "fmov d0, %0\n\t"
		     "fmov v0.d[1], %0\n\t"
		     "fmov d31, %0\n\t"
		     "msr fpsr, %2"
		     : : "r" (value), "r" (value & 0xffffffff), "r" (value & 0x1f));
}

static void busy_registers_check(u64 value)
{
	u64 tpidr_el0, tpidrro_el0, contextidr, low, high, last, fpsr;

	asm volatile("mrs %0, tpidr_el0\n\t"
		     "mrs %1, tpidrro_el0\n\t"
		     "mrs %2, contextidr_el1\n\t"
		     "fmov %3, d0\n\t"
		     "fmov %4, v0.d[1]\n\t"
		     "fmov %5, d31\n\t"
		     "mrs %6, fpsr"
		     : "=r" (tpidr_el0), "=r" (tpidrro_el0), "=r" (contextidr),
		       "=r" (low), "=r" (high), "=r" (last), "=r" (fpsr));
	GUEST_ASSERT_EQ(value, tpidr_el0);
	GUEST_ASSERT_EQ(value, tpidrro_el0);
	GUEST_ASSERT_EQ(value & 0xffffffff, contextidr);
	GUEST_ASSERT_EQ(value, low);
	GUEST_ASSERT_EQ(value, high);
	GUEST_ASSERT_EQ(value, last);
	GUEST_ASSERT_EQ(value & 0x1f, fpsr);
}

static void busy_guest(u64 pages)
{
	u64 id = guest_vcpu_id();
	u64 base = BUSY_BASE + id * BUSY_STRIDE;
	u64 round, page;

	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r" (CPACR_FPEN));
	guest_mmu_on();
	for (round = 0;; round++) {
		for (page = 0; page < pages; page++) {
			u64 address = base + page * SZ_4K;

			if (round)
				GUEST_ASSERT_EQ(busy_pattern(id, page, round - 1),
						guest_read(address));
			guest_write(address, busy_pattern(id, page, round));
		}
		if (round % BUSY_FLUSH == 0)
			guest_setway_all(GUEST_CISW);
		if (round)
			busy_registers_check(busy_pattern(id, 0, round - 1));
		busy_registers_set(busy_pattern(id, 0, round));
		guest_sync(round);
	}
}

static void *busy_thread(void *argument)
{
	struct busy_vcpu *busy = argument;
	struct ucall ucall;

	while (!busy_stop) {
		program_run(busy->vcpu, &ucall);
		busy->rounds++;
	}
	return NULL;
}

/* A CPU that goes offline loses its threads to the others; they come back here. */
static void busy_pin(struct busy_vcpu *busy, unsigned int nr)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	unsigned int i;
	cpu_set_t set;

	for (i = 0; i < nr; i++) {
		CPU_ZERO(&set);
		CPU_SET(i % cpus, &set);
		pthread_setaffinity_np(busy[i].thread, sizeof(set), &set);
	}
}

static void busy_report(int fd, const struct busy_vcpu *busy, unsigned int nr)
{
	char line[VM_VCPUS * 24];
	unsigned int i;
	int length = 0;

	for (i = 0; i < nr; i++)
		length += snprintf(line + length, sizeof(line) - length, "%llu ",
				   busy[i].rounds);
	line[length - 1] = '\n';
	if (pwrite(fd, line, length, 0) != length)
		fail("cannot write the status");
}

static void busy_on_signal(int signal)
{
	(void)signal;
	busy_stop = 1;
}

static void busy_start(struct busy_vcpu *busy, const struct busy_options *options)
{
	struct vm *vm = vm_create();
	unsigned int i;

	vm_memory_add(vm, BUSY_SLOT, BUSY_BASE, options->vcpus * BUSY_STRIDE, 0);
	program_load(vm);
	for (i = 0; i < options->vcpus; i++) {
		busy[i].vcpu = vcpu_add(vm, i);
		program_enter(busy[i].vcpu, busy_guest, options->pages, 0, 0);
	}
	for (i = 0; i < options->vcpus; i++) {
		if (pthread_create(&busy[i].thread, NULL, busy_thread, &busy[i]))
			fail("cannot create a thread");
	}
}

static bool busy_is_done(const struct busy_vcpu *busy, const struct busy_options *options)
{
	unsigned int i;

	for (i = 0; i < options->vcpus; i++)
		if (busy[i].rounds < options->rounds)
			return false;
	return true;
}

static void busy_run(const struct busy_options *options)
{
	static struct busy_vcpu busy[VM_VCPUS];
	unsigned int i;

	busy_start(busy, options);
	while (!busy_stop && !busy_is_done(busy, options)) {
		busy_pin(busy, options->vcpus);
		busy_report(fileno(options->status), busy, options->vcpus);
		usleep(BUSY_TICK_US);
	}
	busy_stop = 1;
	for (i = 0; i < options->vcpus; i++)
		pthread_join(busy[i].thread, NULL);
	busy_report(fileno(options->status), busy, options->vcpus);
	vm_destroy(busy[0].vcpu->vm);
}

static struct busy_options busy_parse(int argc, char **argv)
{
	struct busy_options options = {
		.vcpus = sysconf(_SC_NPROCESSORS_CONF), .pages = 16, .rounds = ~0ULL,
	};
	int option;

	while ((option = getopt(argc, argv, "v:p:r:")) != -1) {
		u64 value = optarg ? strtoull(optarg, NULL, 0) : 0;

		if (option == 'v')
			options.vcpus = value;
		else if (option == 'p')
			options.pages = value;
		else if (option == 'r')
			options.rounds = value;
		else
			options.vcpus = 0;
	}
	if (optind != argc - 1 || !options.vcpus || options.vcpus > VM_VCPUS ||
	    options.pages > BUSY_PAGES_MAX)
		fail("usage: busy [-v VCPUS] [-p PAGES] [-r ROUNDS] STATUS-FILE");
	options.status = fopen(argv[optind], "w");
	if (!options.status)
		fail("cannot write %s", argv[optind]);
	return options;
}

int main(int argc, char **argv)
{
	struct busy_options options = busy_parse(argc, argv);

	signal(SIGTERM, busy_on_signal);
	busy_run(&options);
	return 0;
}
