// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches and the faults around them, to be metered from outside (Documentation/bench.rst).
 *
 *	usage: batches pages | alone | ram GIB | cpus N
 *
 *	pages	so many accessed pages, neighbours or each alone in its 2 MiB
 *	alone	the most of them alone, which takes 20 GiB of mapped memory
 *	ram	100 accessed pages in a guest that has GIB of mapped memory; 0 is 256 MiB
 *	cpus	N vCPUs, each with 100 accessed pages and a batch of its own
 *
 * One line for each mark: "mark", its number, how often it was, its name.  On stock KVM
 * a Set/Way operation counts only if the caches were turned on since the one before, so
 * they are, before each.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/device.h"
#include "../lib/guest.h"
#include "../lib/hugepages.h"
#include "../lib/mark.h"
#include "../lib/program.h"
#include "../lib/tracking.h"
#include "../lib/vm.h"

#define SPARSE		SZ_2M		/* from one page to the next: no two in a table */
#define FEW		100
#define MANY		10000
#define PAGES_SIZE	(256 * SZ_1M)
#define ALONE_SIZE	(20ULL * SZ_1G)	/* whole GiB, for MANY at SPARSE */
#define RAM_IPA		(4ULL * SZ_1G)
#define RAM_BITS	41		/* for 1 TiB of RAM from there */
#define ROUNDS		8
#define NEXT_SET	BIT(6)		/* from one operand of a loop to the next */

/** enum mark_number - what ends there */
enum mark_number {
	FIRST_MANY,
	BATCH_MANY,
	AGAIN,
	BATCH_FEW,
	BATCH_ONE,
	BATCH_NONE,
	IN_LOOP,
	BATCH_SPARSE,
	AGAIN_SPARSE,
	BATCH_MANY_SPARSE,
	BATCH_IN_RAM,
	BATCHES_OF_CPUS,
};

static void name(enum mark_number number, u32 times, const char *what)
{
	printf("mark %u %u %s\n", number, times, what);
}

/* What marks and batches has no other page of code to fetch in between. */
#define guest_batch(number) do {					\
	mark(MARK_BEGIN);						\
	guest_flush(GUEST_CISW, 0);					\
	mark(number);							\
} while (0)

#define guest_touches(number, ipa, pages, stride) do {			\
	mark(MARK_BEGIN);						\
	guest_touch(ipa, pages, stride);				\
	mark(number);							\
} while (0)

/* Nothing is accessed but what this itself takes. */
static void guest_fresh(void)
{
	guest_mmu_off();
	guest_mmu_on();
}

/* The batch before was its first operation. */
static void guest_loop(void)
{
	u64 set;

	mark(MARK_BEGIN);
	for (set = 1; set <= FEW; set++)
		guest_flush(GUEST_CISW, set * NEXT_SET);
	mark(IN_LOOP);
}

static void guest_pages(void)
{
	guest_fresh();
	guest_touches(FIRST_MANY, MEMORY_IPA, MANY, SZ_4K);
	guest_batch(BATCH_MANY);
	guest_touches(AGAIN, MEMORY_IPA, FEW, SZ_4K);
	guest_fresh();
	guest_touch(MEMORY_IPA, FEW, SZ_4K);
	guest_batch(BATCH_FEW);
	guest_fresh();
	guest_touch(MEMORY_IPA, 1, SZ_4K);
	guest_batch(BATCH_ONE);
	guest_batch(BATCH_NONE);
	guest_loop();
	guest_fresh();
	guest_touch(MEMORY_IPA, FEW, SPARSE);
	guest_batch(BATCH_SPARSE);
	guest_touches(AGAIN_SPARSE, MEMORY_IPA, FEW, SPARSE);
}

static void bench_pages(void)
{
	struct vcpu *vcpu = program_vcpu(guest_pages);

	vm_watch(vcpu->vm, PAGES_SIZE / SZ_4K);
	program_finish(vcpu);
	name(FIRST_MANY, MANY, "first touch of 10000 pages");
	name(BATCH_MANY, 1, "batch, 10000 pages");
	name(AGAIN, FEW, "touch of 100 idle pages");
	name(BATCH_FEW, 1, "batch, 100 pages");
	name(BATCH_ONE, 1, "batch, 1 page");
	name(BATCH_NONE, 1, "batch, no page");
	name(IN_LOOP, FEW, "operation in a served loop");
	name(BATCH_SPARSE, 1, "batch, 100 pages each alone in its 2 MiB");
	name(AGAIN_SPARSE, FEW, "touch of 100 idle pages each alone in its 2 MiB");
	vm_destroy(vcpu->vm);
}

static struct vm *vm_with_ram(u64 size)
{
	struct vm *vm = vm_create_sized(RAM_BITS);

	vcpu_add(vm, 0);
	program_load(vm);
	vm_memslot_add(vm, MEMORY_SLOT, (struct memslot){
		.ipa = RAM_IPA,
		.size = size,
		.hva = memory_repeated_1g(size < SZ_1G ? SZ_1G : size),
	});
	return vm;
}

static void guest_alone(void)
{
	guest_fresh();
	guest_touch(RAM_IPA, MANY, SPARSE);
	guest_batch(BATCH_MANY_SPARSE);
}

static void bench_alone(void)
{
	struct vm *vm = vm_with_ram(ALONE_SIZE);

	vm_premap(vm, MEMORY_SLOT);
	program_enter(vm->vcpus[0], guest_alone, 0, 0, 0);
	program_finish(vm->vcpus[0]);
	name(BATCH_MANY_SPARSE, 1, "batch, 10000 pages each alone in its 2 MiB");
	vm_destroy(vm);
}

/* One access to each block maps it, if it is not. */
static void guest_ram(u64 blocks, u64 block_size)
{
	guest_touch(RAM_IPA, blocks, block_size);
	guest_fresh();
	guest_touch(RAM_IPA, FEW, SZ_4K);
	guest_batch(BATCH_IN_RAM);
}

static void bench_ram(u64 gib)
{
	u64 size = gib ? gib * SZ_1G : SZ_1G / 4;
	u64 block = gib ? SZ_1G : SZ_2M;
	struct vm *vm = vm_with_ram(size);
	bool stock = strstr(device_path(), "kvm");

	if (!stock)
		vm_premap(vm, MEMORY_SLOT);
	program_enter(vm->vcpus[0], guest_ram, stock ? size / block : 0, block, 0);
	program_finish(vm->vcpus[0]);
	name(BATCH_IN_RAM, 1, "batch, 100 pages");
	vm_destroy(vm);
}

/* The guest's own: how many vCPUs have come to where they wait for the others. */
static u64 arrived;

static void guest_meet(u64 cpus, u64 round)
{
	__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	while (READ_ONCE(arrived) < cpus * round)
		;
}

static void guest_cpus(u64 cpus)
{
	u64 ipa = MEMORY_IPA + guest_vcpu_id() * FEW * SZ_4K;
	u32 i;

	guest_mmu_on();
	guest_touch(ipa, FEW, SZ_4K);
	guest_meet(cpus, 1);
	if (!guest_vcpu_id())
		mark(MARK_BEGIN);
	for (i = 0; i < ROUNDS; i++) {
		guest_fresh();
		guest_touch(ipa, FEW, SZ_4K);
		guest_flush(GUEST_CISW, 0);
	}
	guest_meet(cpus, 2);
	if (!guest_vcpu_id())
		mark(BATCHES_OF_CPUS);
	guest_meet(cpus, 3);
}

static void *run(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

static void bench_cpus(u64 cpus)
{
	struct vm *vm = vm_watched(VM_VCPUS * FEW);
	pthread_t threads[VM_VCPUS];
	u64 i;

	for (i = 0; i < cpus; i++)
		program_enter(vcpu_add(vm, i), guest_cpus, cpus, 0, 0);
	for (i = 0; i < cpus; i++)
		if (pthread_create(&threads[i], NULL, run, vm->vcpus[i]))
			fail("cannot create a thread");
	for (i = 0; i < cpus; i++)
		pthread_join(threads[i], NULL);
	name(BATCHES_OF_CPUS, cpus * ROUNDS, "batches, 100 pages each");
	vm_destroy(vm);
}

int main(int argc, char **argv)
{
	u64 number = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;

	mark(MARK_BEGIN);
	if (argc == 2 && !strcmp(argv[1], "pages"))
		bench_pages();
	else if (argc == 2 && !strcmp(argv[1], "alone"))
		bench_alone();
	else if (argc == 3 && !strcmp(argv[1], "ram"))
		bench_ram(number);
	else if (argc == 3 && !strcmp(argv[1], "cpus") && number && number <= VM_VCPUS)
		bench_cpus(number);
	else
		fail("usage: batches pages | alone | ram GIB | cpus N");
	return 0;
}
