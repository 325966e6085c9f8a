/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of the random model: coroutines that change hands only where they
 * yield, in an order that a seed decides.
 */
#ifndef MODEL_CORO_H
#define MODEL_CORO_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#define CORO_MAX	8

/**
 * coro_reset() - forget all coroutines and begin a new schedule
 * @seed: decides all that is random from here on
 */
void coro_reset(u64 seed);

/**
 * coro_spawn() - add a coroutine
 * @function: runs when coro_run() is called
 * @arg: for @function
 */
void coro_spawn(void (*function)(void *arg), void *arg);

/**
 * coro_run() - run all coroutines until they have ended, or one fails
 *
 * Return: true when all have ended.
 */
bool coro_run(void);

/**
 * coro_yield() - another coroutine may go on here
 */
void coro_yield(void);

/**
 * coro_block() - another coroutine has to go on here
 */
void coro_block(void);

/**
 * coro_sleep() - others have to go on here for a while
 * @n: switches between coroutines to wait for
 */
void coro_sleep(u64 n);

/**
 * coro_give_up() - end the whole schedule; does not return to a coroutine
 * @format: as printf(), what went wrong
 */
void coro_give_up(const char *format, ...);

/* coro_give_up(), with its arguments checked by the compiler */
#define coro_fail(...)					\
do {							\
	if (0)						\
		printf(__VA_ARGS__);			\
	coro_give_up(__VA_ARGS__);			\
} while (0)

/**
 * coro_failure() - what went wrong, or NULL
 */
const char *coro_failure(void);

/**
 * coro_self() - index of the running coroutine, in the order of coro_spawn()
 */
unsigned int coro_self(void);

/**
 * coro_alive() - coroutines that have not ended
 */
unsigned int coro_alive(void);

/**
 * coro_switches() - how often coroutines changed hands since the program began
 */
u64 coro_switches(void);

/**
 * rnd() - a random number
 * @below: upper limit, not included
 */
u64 rnd(u64 below);

/**
 * rnd_once_in() - a rare event
 * @n: how rare
 */
static inline bool rnd_once_in(u64 n)
{
	return rnd(n) == 0;
}

#endif /* MODEL_CORO_H */
