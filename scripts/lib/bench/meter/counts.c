// SPDX-License-Identifier: GPL-2.0-only
/*
 * The class of an exit is known at its end.  Until then each block keeps what it
 * executed for the thread, in a list of those that did.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"

#define HASH_SIZE	65536
#define CLASSES		512
#define INSN_SHIFT	2
#define LINES_SHOWN	128	/* two pages of lines of 64 bytes: more than a first touch */

/**
 * struct class - exits of the same cause and outcome
 * @cause: as in counts_end()
 * @outcome: bits
 * @exits: how many
 * @cost: of all of them
 * @least: instructions of the cheapest one
 */
struct class {
	uint32_t cause;
	unsigned int outcome;
	uint64_t exits;
	struct exit_cost cost;
	uint64_t least;
};

struct thread threads[THREADS];

static struct block *blocks[HASH_SIZE];
static struct class classes[CLASSES];
static unsigned int class_count;
static FILE *output;
static bool with_blocks;

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		err(1, "meter");
	return memory;
}

struct block *block_get(uint64_t va, uint32_t insns, bool returns)
{
	struct block **head = &blocks[(va >> INSN_SHIFT ^ insns) % HASH_SIZE];
	struct block *block;

	for (block = *head; block; block = block->next)
		if (block->va == va && block->insns == insns && block->returns == returns)
			return block;
	block = allocate(sizeof(*block));
	block->va = va;
	block->insns = insns;
	block->returns = returns;
	block->next = *head;
	*head = block;
	return block;
}

void counts_add(struct thread *thread, struct block *block, enum region region,
		uint64_t insns)
{
	struct pending *pending;

	thread->cost.insns[region] += insns;
	if (block->zeroes && region == REGION_KERNEL)
		thread->cost.zeroing += insns;
	if (!with_blocks || !insns)
		return;
	if (!block->pending)
		block->pending = allocate(THREADS * sizeof(*block->pending));
	pending = &block->pending[thread - threads];
	if (!pending->insns) {
		pending->next = thread->touched;
		thread->touched = block;
	}
	pending->insns += insns;
}

static struct class *class_get(uint32_t cause, unsigned int outcome)
{
	struct class *class;

	for (class = classes; class < classes + class_count; class++)
		if (class->cause == cause && class->outcome == outcome)
			return class;
	if (class_count == CLASSES)
		errx(1, "meter: more than %d classes of exits", CLASSES);
	class_count++;
	class->cause = cause;
	class->outcome = outcome;
	class->least = UINT64_MAX;
	return class;
}

static void class_add(struct class *class, const struct exit_cost *cost)
{
	uint64_t all = 0;
	int i;

	for (i = 0; i < REGIONS; i++) {
		class->cost.insns[i] += cost->insns[i];
		all += cost->insns[i];
	}
	class->cost.cleaned += cost->cleaned;
	class->cost.zeroing += cost->zeroing;
	class->exits++;
	if (all < class->least)
		class->least = all;
}

static void blocks_end(struct thread *thread, const struct class *class)
{
	struct pending *pending;
	struct block *block;

	for (block = thread->touched; block; block = pending->next) {
		pending = &block->pending[thread - threads];
		if (class) {
			if (!block->by_class)
				block->by_class = allocate(CLASSES * sizeof(*block->by_class));
			block->by_class[class - classes] += pending->insns;
		}
		pending->insns = 0;
	}
	thread->touched = NULL;
}

void counts_end(struct thread *thread, unsigned int outcome)
{
	const struct exit_cost *cost = &thread->cost;
	struct class *class;

	if (cost->insns[REGION_KERNEL])
		outcome |= OUTCOME_KERNEL;
	if (cost->insns[REGION_USER])
		outcome |= OUTCOME_USER;
	if (cost->cleaned)
		outcome |= OUTCOME_CLEANED;
	class = class_get(thread->cause, outcome);
	class_add(class, cost);
	if (cost->cleaned >= LINES_SHOWN)
		fprintf(output, "cleaned %x %llu\n", thread->cause,
			(unsigned long long)cost->cleaned);
	blocks_end(thread, class);
	memset(&thread->cost, 0, sizeof(thread->cost));
	thread->exited = false;
}

void counts_drop(void)
{
	int i;

	for (i = 0; i < THREADS; i++)
		blocks_end(&threads[i], NULL);
	memset(threads, 0, sizeof(threads));
}

void counts_open(const char *path, bool wanted)
{
	with_blocks = wanted;
	output = fopen(path, "w");
	if (!output)
		err(1, "meter: %s", path);
}

static void blocks_write(void)
{
	struct block *block;
	unsigned int i, class;

	for (i = 0; i < HASH_SIZE; i++) {
		for (block = blocks[i]; block; block = block->next) {
			for (class = 0; block->by_class && class < class_count; class++)
				if (block->by_class[class])
					fprintf(output, "block %u %llx %u %llu\n", class,
						(unsigned long long)block->va, block->insns,
						(unsigned long long)block->by_class[class]);
			free(block->by_class);
			block->by_class = NULL;
		}
	}
}

static void class_write(const struct class *class)
{
	fprintf(output, "class %x %u %llu %llu %llu %llu %llu %llu %llu\n", class->cause,
		class->outcome, (unsigned long long)class->exits,
		(unsigned long long)class->cost.insns[REGION_EL2],
		(unsigned long long)class->cost.insns[REGION_KERNEL],
		(unsigned long long)class->cost.insns[REGION_USER],
		(unsigned long long)class->cost.cleaned, (unsigned long long)class->cost.zeroing,
		(unsigned long long)class->least);
}

void counts_write(const char *name, uint64_t guest, uint64_t vector)
{
	unsigned int i;

	for (i = 0; i < class_count; i++)
		class_write(&classes[i]);
	blocks_write();
	fprintf(output, "section %s %llu %llx\n", name, (unsigned long long)guest,
		(unsigned long long)vector);
	fflush(output);
	memset(classes, 0, sizeof(classes));
	class_count = 0;
}
