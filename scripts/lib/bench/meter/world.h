/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who runs: told from the exceptions that the CPU takes to EL2 and returns from,
 * and from where the stack is; so the same for every hypervisor.
 */
#ifndef METER_WORLD_H
#define METER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "counts.h"
#include "log.h"

/** enum world - who runs */
enum world {
	WORLD_HOST,
	WORLD_EL2,
	WORLD_GUEST,
};

/** WORLD_IRQ - the cause of an exit that has no syndrome; no syndrome is all ones */
#define WORLD_IRQ	0xffffffffU

/**
 * struct world_state - what is known
 * @now: who runs
 * @userspace: a guest has run a program, since world_arm()
 * @no_host: whatever returns from EL2 is a guest (Xen)
 * @host_pc: where the host last called EL2
 * @host_vector: where EL2 took that
 * @vector: where EL2 last took anything
 * @stack: that a function last began on
 * @thread: whose exit the hypervisor's instructions are part of, or NULL
 */
struct world_state {
	enum world now;
	bool userspace;
	bool no_host;
	uint64_t host_pc;
	uint64_t host_vector;
	uint64_t vector;
	uint64_t stack;
	struct thread *thread;
};

extern struct world_state world;

/** world_event() - the CPU took an exception or returned from one */
void world_event(const struct log_event *event);

/**
 * world_stack() - a function begins
 * @address: of something on its stack
 *
 * Return: the thread if it is one that runs a vCPU and did not just before, or NULL.
 */
struct thread *world_stack(uint64_t address);

/** world_arm() - another guest: forget the one before */
void world_arm(void);

/** world_reached() - called when a guest runs a program for the first time; the meter's */
void world_reached(void);

#endif
