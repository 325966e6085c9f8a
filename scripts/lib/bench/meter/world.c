// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host at EL1 calls EL2 by an exception, and is returned to there, or behind the
 * instruction.  Whoever else is returned to is a guest:
 *
 *	host --HVC at PC--> EL2 --ERET to PC--> host
 *	                        `-ERET elsewhere-> guest --exit--> EL2 --ERET to PC--> host
 *
 * But setway, on some CPUs, executes two instructions of its own image at EL1 in AArch32
 * state (module/el2/nvhe/detour.S).
 *
 * An exit goes on until the same thread enters a guest again.  On a host with one CPU
 * others run meanwhile, so which thread it is has to be known: each function that
 * makes a frame writes to its stack, and what enters a guest from a stack is the
 * thread of that stack.  What is no vCPU's (interrupts, the idle thread) goes to the
 * exit of the vCPU that ran last.
 */
#include <err.h>
#include <stddef.h>

#include "world.h"

#define EL2		2
#define INSN_SIZE	4
#define THUMB_SIZE	2
#define IMAGE_SIZE	0x10000ULL	/* at most, of what makes such detours */
#define STACK_SIZE	0x8000ULL	/* at most, and aligned: of a thread in Linux and in Xen */

#define ESR_EC_SHIFT	26
#define ESR_EC(syndrome) ((syndrome) >> ESR_EC_SHIFT)
#define ESR_EC_WFX	0x01
#define ESR_EC_CP15_32	0x03
#define ESR_EC_CP15_64	0x04
#define ESR_EC_CP14_32	0x05
#define ESR_EC_CP14_64	0x0c
#define ESR_EC_SYS64	0x18
#define ESR_EC_IABT_LOW	0x20
#define ESR_EC_DABT_LOW	0x24
#define ESR_EC_MASK	(0x3fU << ESR_EC_SHIFT)

/*
 * What of a syndrome says which instruction trapped, and not which registers it has
 * (ARM DDI 0487J.a, D19.2.37).
 */
#define ISS_WFX		0x00000003U
#define ISS_MOVE_32	0x000ffc1fU
#define ISS_MOVE_64	0x000f001fU
#define ISS_SYS64	0x003ffc1fU
#define ISS_FAULT_TYPE	0x0000003cU

struct world_state world;

static uint32_t cause_mask(uint32_t syndrome)
{
	switch (ESR_EC(syndrome)) {
	case ESR_EC_WFX:
		return ISS_WFX;
	case ESR_EC_CP15_32:
	case ESR_EC_CP14_32:
		return ISS_MOVE_32;
	case ESR_EC_CP15_64:
	case ESR_EC_CP14_64:
		return ISS_MOVE_64;
	case ESR_EC_SYS64:
		return ISS_SYS64;
	case ESR_EC_IABT_LOW:
	case ESR_EC_DABT_LOW:
		return ISS_FAULT_TYPE;
	default:
		return 0;
	}
}

static uint32_t cause_of(const struct log_event *event)
{
	if (event->exception == LOG_IRQ || event->exception == LOG_FIQ)
		return WORLD_IRQ;
	return event->syndrome & (ESR_EC_MASK | cause_mask(event->syndrome));
}

static struct thread *thread_find(uint64_t stack)
{
	struct thread *thread;

	for (thread = threads; thread < threads + THREADS && thread->stack; thread++)
		if (thread->stack == stack)
			return thread;
	return NULL;
}

static struct thread *thread_get(uint64_t stack)
{
	struct thread *thread = thread_find(stack);

	for (thread = thread ?: threads; thread < threads + THREADS; thread++) {
		if (thread->stack && thread->stack != stack)
			continue;
		thread->stack = stack;
		return thread;
	}
	errx(1, "meter: more than %d vCPUs", THREADS);
}

struct thread *world_stack(uint64_t address)
{
	uint64_t stack = address & ~(STACK_SIZE - 1);

	if (stack == world.stack || world.now != (world.no_host ? WORLD_EL2 : WORLD_HOST))
		return NULL;
	world.stack = stack;
	return thread_find(stack);
}

static void world_taken(const struct log_event *event)
{
	if (event->to != EL2)
		return;
	world.vector = event->pc;
	if (world.now == WORLD_GUEST) {
		world.thread->exited = true;
		world.thread->cause = cause_of(event);
		world.thread->elr = event->elr;
	} else if (world.now == WORLD_HOST) {
		world.host_pc = event->elr;
		world.host_vector = event->pc;
	}
	world.now = WORLD_EL2;
}

/* From EL1 to EL0. */
static void world_returned(const struct log_event *event)
{
	if (world.now != WORLD_GUEST || event->to || world.userspace)
		return;
	world.userspace = true;
	world_reached();
}

static bool is_host(uint64_t pc)
{
	return !world.no_host && (!world.host_pc || pc - world.host_pc <= INSN_SIZE);
}

static bool is_detour(const struct log_event *event)
{
	return event->aarch32 && event->to == 1 &&
	       (event->pc & ~(IMAGE_SIZE - 1)) == (world.vector & ~(IMAGE_SIZE - 1));
}

static void world_entered(uint64_t pc)
{
	struct thread *thread = thread_get(world.stack);
	unsigned int outcome = 0;

	if (pc == thread->elr)
		outcome = OUTCOME_RETRIED;
	else if (pc == thread->elr + INSN_SIZE || pc == thread->elr + THUMB_SIZE)
		outcome = OUTCOME_ADVANCED;
	if (thread->exited)
		counts_end(thread, outcome);
	world.thread = thread;
	world.now = WORLD_GUEST;
}

void world_event(const struct log_event *event)
{
	if (event->kind == LOG_TAKEN)
		world_taken(event);
	else if (event->from < EL2)
		world_returned(event);
	else if (event->to == EL2 || is_detour(event))
		return;
	else if (is_host(event->pc))
		world.now = WORLD_HOST;
	else
		world_entered(event->pc);
}

void world_arm(void)
{
	counts_drop();
	world.userspace = false;
	world.thread = NULL;
}
