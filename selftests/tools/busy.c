// SPDX-License-Identifier: GPL-2.0-only
/*
 * The busy guest as a program, for shell tests of what happens around it.
 *
 *	usage: busy [-v VCPUS] [-p PAGES] [-r ROUNDS] STATUS-FILE
 *
 * STATUS-FILE gets the number of rounds of each vCPU.  SIGTERM ends it, or every
 * vCPU's having done its rounds, with status 0 if nothing was ever wrong.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../lib/busy.h"
#include "../lib/device.h"

#define BUSY_TICK_US	10000

/**
 * struct options - from the command line
 * @vcpus: how many
 * @pages: that each uses
 * @rounds: after which it ends
 * @status: the file
 */
struct options {
	u64 vcpus;
	u64 pages;
	u64 rounds;
	FILE *status;
};

static atomic_bool stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = true;
}

static void report(int fd, const struct busy *busy)
{
	char line[VM_VCPUS * 24];
	unsigned int i;
	int length = 0;

	for (i = 0; i < busy->nr; i++)
		length += snprintf(line + length, sizeof(line) - length, "%lu ",
				   busy->vcpus[i].rounds);
	line[length - 1] = '\n';
	if (pwrite(fd, line, length, 0) != length)
		fail("cannot write the status");
}

static struct options parse(int argc, char **argv)
{
	struct options options = {
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
	struct options options = parse(argc, argv);
	struct busy *busy;

	signal(SIGTERM, on_signal);
	busy = busy_start(options.vcpus, options.pages, 0);
	while (!stop && busy_least(busy) < options.rounds) {
		busy_bind(busy);
		report(fileno(options.status), busy);
		usleep(BUSY_TICK_US);
	}
	report(fileno(options.status), busy);
	busy_end(busy);
	return 0;
}
