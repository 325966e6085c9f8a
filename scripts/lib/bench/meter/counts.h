/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What exits cost, by class, and which code it was.
 */
#ifndef METER_COUNTS_H
#define METER_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#define THREADS		64	/* that run vCPUs, at most */

/** enum region - where the hypervisor's instructions are */
enum region {
	REGION_EL2,
	REGION_KERNEL,		/* of the host */
	REGION_USER,		/* of the host */
	REGIONS,
};

/** enum outcome - what came of an exit, seen from outside; bits */
enum outcome {
	OUTCOME_RETRIED	= 1 << 0,	/* the guest goes on where it was */
	OUTCOME_ADVANCED = 1 << 1,	/* behind the instruction */
	OUTCOME_KERNEL	= 1 << 2,	/* the host's kernel ran */
	OUTCOME_USER	= 1 << 3,	/* a program of the host's ran */
	OUTCOME_CLEANED	= 1 << 4,	/* something was cleaned */
};

struct block;

/**
 * struct pending - of a block, for each thread: what its exit has executed so far
 * @insns: instructions
 * @next: the next block with some
 */
struct pending {
	uint64_t insns;
	struct block *next;
};

/**
 * struct block - a translated block
 * @va: its address
 * @insns: its instructions
 * @returns: the last one is an ERET
 * @may_be_vector: it is where a vector could be
 * @zeroes: it zeroes lines: DC ZVA
 * @next: of the same hash
 * @pending: by thread, or NULL
 * @by_class: instructions executed in each class's exits, or NULL
 */
struct block {
	uint64_t va;
	uint32_t insns;
	bool returns;
	bool may_be_vector;
	bool zeroes;
	struct block *next;
	struct pending *pending;
	uint64_t *by_class;
};

/**
 * struct exit_cost - of an exit
 * @insns: executed, by region
 * @cleaned: lines cleaned by DC CIVAC
 * @zeroing: instructions of the host's kernel, in blocks that zero lines
 */
struct exit_cost {
	uint64_t insns[REGIONS];
	uint64_t cleaned;
	uint64_t zeroing;
};

/**
 * struct thread - of the host's, running a vCPU; Xen has a stack for each as well
 * @stack: where its stack is
 * @exited: an exit is going on
 * @cause: of that
 * @elr: where the guest was
 * @cost: so far
 * @touched: blocks that are part of it
 */
struct thread {
	uint64_t stack;
	bool exited;
	uint32_t cause;
	uint64_t elr;
	struct exit_cost cost;
	struct block *touched;
};

extern struct thread threads[THREADS];

/** block_get() - the block that is this, made if there is none */
struct block *block_get(uint64_t va, uint32_t insns, bool returns);

/**
 * counts_add() - instructions of a block, in the exit that is going on
 * @thread: whose exit
 * @block: the block
 * @region: where it is
 * @insns: how many
 */
void counts_add(struct thread *thread, struct block *block, enum region region,
		uint64_t insns);

/**
 * counts_end() - an exit is over
 * @thread: whose
 * @outcome: bits of OUTCOME_RETRIED and OUTCOME_ADVANCED
 */
void counts_end(struct thread *thread, unsigned int outcome);

/** counts_drop() - forget all threads */
void counts_drop(void);

/** counts_open() - where to write, and whether blocks are wanted */
void counts_open(const char *path, bool blocks);

/**
 * counts_write() - write down what was counted since the last time
 * @name: of the section
 * @guest: instructions of guests meanwhile
 * @vector: where EL2 was last entered from the host
 */
void counts_write(const char *name, uint64_t guest, uint64_t vector);

#endif
