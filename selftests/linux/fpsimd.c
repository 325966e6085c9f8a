// SPDX-License-Identifier: GPL-2.0-only
/*
 * fpsimd - do FP and SIMD registers survive in a guest?
 *
 *   usage: fpsimd SECONDS PROCESSES
 *
 * Each process fills all registers with a pattern of its own, gives the CPU
 * away or keeps it for a while, and looks whether everything is still there.
 * For arm64 and for armhf.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "registers.h"

#define SPINS	100000

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void pattern_fill(struct registers *registers, uint32_t seed)
{
	uint32_t *word = (uint32_t *)registers->vector;
	unsigned int i;

	for (i = 0; i < sizeof(registers->vector) / sizeof(*word); i++)
		word[i] = seed * 0x9e3779b9 + i * 0x01000193;
	/* any rounding mode, and the flags of earlier exceptions */
	registers->control = seed << FP_RMODE_SHIFT & FP_RMODE;
	registers->status = seed & FP_FLAGS;
}

/* Return: the number of rounds, or -1 if something changed. */
static int rounds_run(uint32_t number, time_t end)
{
	struct registers wanted, found;
	int round = 0;

	do {
		memset(&wanted, 0, sizeof(wanted));
		memset(&found, 0, sizeof(found));
		pattern_fill(&wanted, number << 24 | round);
		/* every other round is long, for a timer to end it */
		registers_keep(&wanted, &found, round & 1 ? SPINS : 0);
		if (memcmp(&wanted, &found, sizeof(wanted)))
			return -1;
		round++;
	} while (now() < end);
	return round;
}

static int process_run(uint32_t number, time_t end)
{
	int rounds = rounds_run(number, end);

	if (rounds > 1)
		return EXIT_SUCCESS;
	printf("fpsimd: process %u: %s\n", number,
	       rounds < 0 ? "a register changed" : "had no time");
	fflush(stdout);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	uint32_t processes, number;
	int status, failed = 0;
	time_t end;

	if (argc != 3)
		return EXIT_FAILURE;
	end = now() + atoi(argv[1]);
	processes = atoi(argv[2]);
	for (number = 0; number < processes; number++) {
		if (!fork())
			_exit(process_run(number + 1, end));
	}
	for (number = 0; number < processes; number++) {
		if (wait(&status) < 0 || status)
			failed = 1;
	}
	return failed;
}
