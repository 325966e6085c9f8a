// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that is busy.
 */
#include "busy.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "device.h"
#include "program.h"

#define BUSY_SLOT	0
#define BUSY_FLUSH	4			/* rounds from one flush to the next */
#define BUSY_PATIENCE	20000			/* milliseconds */
#define CPACR_FPEN	(3ULL << 20)
#define FPSR_FLAGS	0x1f
#define CONTEXTIDR_BITS	0xffffffff

/* Different in every VM, vCPU, page and round. */
static u64 busy_pattern(u64 key, u64 page, u64 round)
{
	return (key << 48 | page << 32 | round) * 0x9e3779b97f4a7c15ULL;
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
		     : : "r" (value), "r" (value & CONTEXTIDR_BITS), "r" (value & FPSR_FLAGS));
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
	GUEST_ASSERT_EQ(value & CONTEXTIDR_BITS, contextidr);
	GUEST_ASSERT_EQ(value, low);
	GUEST_ASSERT_EQ(value, high);
	GUEST_ASSERT_EQ(value, last);
	GUEST_ASSERT_EQ(value & FPSR_FLAGS, fpsr);
}

static void busy_pages_turn(u64 base, u64 pages, u64 key, u64 round)
{
	u64 page;

	for (page = 0; page < pages; page++) {
		u64 address = base + page * SZ_4K;

		if (round)
			GUEST_ASSERT_EQ(busy_pattern(key, page, round - 1), guest_read(address));
		guest_write(address, busy_pattern(key, page, round));
	}
}

static void busy_guest(u64 pages, u64 key)
{
	u64 base = BUSY_BASE + guest_vcpu_id() * BUSY_STRIDE;
	u64 round;

	key = key << 8 | guest_vcpu_id();
	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r" (CPACR_FPEN));
	guest_mmu_on();
	for (round = 0;; round++) {
		busy_pages_turn(base, pages, key, round);
		if (round % BUSY_FLUSH == 0)
			guest_setway_all(GUEST_CISW);
		if (round)
			busy_registers_check(busy_pattern(key, 0, round - 1));
		busy_registers_set(busy_pattern(key, 0, round));
		guest_sync(round);
	}
}

static void *busy_thread(void *argument)
{
	struct busy_vcpu *vcpu = argument;
	struct ucall ucall;

	while (!vcpu->busy->stop) {
		program_run(vcpu->vcpu, &ucall);
		vcpu->rounds++;
	}
	return NULL;
}

void busy_bind(struct busy *busy)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	unsigned int i;
	cpu_set_t set;

	for (i = 0; i < busy->nr; i++) {
		CPU_ZERO(&set);
		CPU_SET(i % cpus, &set);
		/* Fails as long as the CPU is offline. */
		pthread_setaffinity_np(busy->vcpus[i].thread, sizeof(set), &set);
	}
}

struct busy *busy_create(unsigned int nr, u64 pages, u64 key)
{
	struct busy *busy = calloc(1, sizeof(*busy));
	unsigned int i;

	if (!busy)
		fail("out of memory");
	busy->vm = vm_create();
	busy->nr = nr;
	vm_memory_add(busy->vm, BUSY_SLOT, BUSY_BASE, nr * BUSY_STRIDE, 0);
	program_load(busy->vm);
	for (i = 0; i < nr; i++) {
		busy->vcpus[i].busy = busy;
		busy->vcpus[i].vcpu = vcpu_add(busy->vm, i);
		program_enter(busy->vcpus[i].vcpu, busy_guest, pages, key, 0);
	}
	return busy;
}

void busy_run(struct busy *busy)
{
	unsigned int i;

	for (i = 0; i < busy->nr; i++) {
		if (pthread_create(&busy->vcpus[i].thread, NULL, busy_thread, &busy->vcpus[i]))
			fail("cannot create a thread");
	}
	busy_bind(busy);
}

struct busy *busy_start(unsigned int nr, u64 pages, u64 key)
{
	struct busy *busy = busy_create(nr, pages, key);

	busy_run(busy);
	return busy;
}

u64 busy_least(const struct busy *busy)
{
	u64 rounds, least = ~0ULL;
	unsigned int i;

	for (i = 0; i < busy->nr; i++) {
		rounds = busy->vcpus[i].rounds;
		if (rounds < least)
			least = rounds;
	}
	return least;
}

void busy_wait(const struct busy *busy, u64 rounds)
{
	u64 before[VM_VCPUS];
	unsigned int i, patience = BUSY_PATIENCE;

	for (i = 0; i < busy->nr; i++)
		before[i] = busy->vcpus[i].rounds;
	for (i = 0; i < busy->nr; i++) {
		while (busy->vcpus[i].rounds < before[i] + rounds) {
			if (!patience--)
				fail("vCPU %u stands still after %lu rounds", i,
				     busy->vcpus[i].rounds);
			usleep(1000);
		}
	}
}

void busy_end(struct busy *busy)
{
	unsigned int i;

	busy->stop = true;
	for (i = 0; i < busy->nr; i++)
		pthread_join(busy->vcpus[i].thread, NULL);
	vm_destroy(busy->vm);
	free(busy);
}
