// SPDX-License-Identifier: GPL-2.0-only
/*
 * See coro.h.  Apart from changing hands at random, a coroutine is now and then
 * put to sleep in the middle of what it does while the others do a lot: this is
 * what makes long races short to find.
 */
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "coro.h"

#define STACK_SIZE	(128 * 1024)
#define SLEEP_MAX	600
#define SWITCHES_MAX	3000000

/**
 * struct coro - one coroutine
 * @entry: how it begins
 * @here: where it is, once it has begun
 * @begun: it has
 * @stack: its own
 * @function: what it runs
 * @arg: with this
 * @ended: @function returned
 * @sleep_until: not to be chosen before this many switches
 */
struct coro {
	ucontext_t entry;
	void *here[5];
	bool begun;
	char *stack;
	void (*function)(void *arg);
	void *arg;
	bool ended;
	u64 sleep_until;
};

static struct coro coros[CORO_MAX];
static unsigned int nr_coros, current_coro;
static void *main_here[5];
static const void *main_stack;
static size_t main_stack_size;
static bool running;
static u64 random_state, switches, switches_before, stickiness;
static char failure[256];

u64 rnd(u64 below)
{
	/* xorshift64*, Marsaglia and Vigna */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return ((random_state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

void coro_reset(u64 seed)
{
	static const u64 stickinesses[] = { 1, 2, 4, 12, 40 };
	unsigned int i;

	for (i = 0; i < nr_coros; i++)
		__asan_unpoison_memory_region(coros[i].stack, STACK_SIZE);
	nr_coros = 0;
	current_coro = 0;
	switches_before = switches;
	failure[0] = 0;
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	for (i = 0; i < 8; i++)
		rnd(2);
	stickiness = stickinesses[rnd(5)];
}

const char *coro_failure(void)
{
	return failure[0] ? failure : NULL;
}

unsigned int coro_self(void)
{
	return current_coro;
}

unsigned int coro_alive(void)
{
	unsigned int i, alive = 0;

	for (i = 0; i < nr_coros; i++)
		alive += !coros[i].ended;
	return alive;
}

u64 coro_switches(void)
{
	return switches;
}

/* To the sanitizer a jump is the end of the stack; here it goes on to live. */
#define UNSANITIZED	__attribute__((no_sanitize_address, noipa))

UNSANITIZED static void jump(void **there)
{
	__builtin_longjmp(there, 1);
}

/* swapcontext() would do, but takes a system call and, under ASan, a warning. */
UNSANITIZED static void leave(void **here, struct coro *to)
{
	if (__builtin_setjmp(here))
		return;
	if (!to)
		jump(main_here);
	if (to->begun)
		jump(to->here);
	to->begun = true;
	setcontext(&to->entry);
}

static void switch_to_main(struct coro *self, bool for_good)
{
	void *fake = NULL;

	__sanitizer_start_switch_fiber(for_good ? NULL : &fake, main_stack, main_stack_size);
	leave(self->here, NULL);
	__sanitizer_finish_switch_fiber(fake, &main_stack, &main_stack_size);
}

static void switch_to(struct coro *next)
{
	void *fake = NULL;

	switches++;
	current_coro = next - coros;
	__sanitizer_start_switch_fiber(&fake, next->stack, STACK_SIZE);
	leave(main_here, next);
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
}

static void coro_entry(void)
{
	struct coro *self = &coros[current_coro];

	__sanitizer_finish_switch_fiber(NULL, &main_stack, &main_stack_size);
	self->function(self->arg);
	self->ended = true;
	switch_to_main(self, true);
}

void coro_spawn(void (*function)(void *arg), void *arg)
{
	struct coro *coro = &coros[nr_coros++];

	if (!coro->stack)
		coro->stack = malloc(STACK_SIZE);
	if (!coro->stack || nr_coros > CORO_MAX)
		abort();
	coro->function = function;
	coro->arg = arg;
	coro->ended = false;
	coro->sleep_until = 0;
	coro->begun = false;
	getcontext(&coro->entry);
	coro->entry.uc_stack.ss_sp = coro->stack;
	coro->entry.uc_stack.ss_size = STACK_SIZE;
	coro->entry.uc_link = NULL;
	makecontext(&coro->entry, coro_entry, 0);
}

static struct coro *choose(void)
{
	struct coro *coro, *asleep = NULL;
	unsigned int i, at = rnd(nr_coros);

	for (i = 0; i < nr_coros; i++) {
		coro = &coros[(at + i) % nr_coros];
		if (coro->ended)
			continue;
		if (coro->sleep_until <= switches)
			return coro;
		asleep = coro;
	}
	return asleep;
}

bool coro_run(void)
{
	struct coro *next;

	running = true;
	while (!failure[0]) {
		next = choose();
		if (!next)
			break;
		switch_to(next);
	}
	running = false;
	return !failure[0];
}

void coro_yield(void)
{
	struct coro *self = &coros[current_coro];

	if (!running || !rnd_once_in(stickiness))
		return;
	if (rnd_once_in(60))
		self->sleep_until = switches + rnd(SLEEP_MAX);
	switch_to_main(self, false);
}

void coro_block(void)
{
	if (!running || switches - switches_before > SWITCHES_MAX)
		coro_fail("deadlock, or takes for ever");
	switch_to_main(&coros[current_coro], false);
}

void coro_sleep(u64 n)
{
	coros[current_coro].sleep_until = switches + n;
	coro_block();
}

void coro_give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure, sizeof(failure), format, args);
	va_end(args);
	if (!running)
		return;
	switch_to_main(&coros[current_coro], true);
	abort();
}
