// SPDX-License-Identifier: GPL-2.0-only
#include "runner.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "alarm.h"
#include "device.h"
#include "vm.h"

#define PATIENCE_S	60
#define LOOK_US		1000

static void *runner_thread(void *argument)
{
	struct runner *runner = argument;

	__atomic_store_n(&runner->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	runner->error = __vcpu_run(runner->vcpu) ? errno : 0;
	return NULL;
}

void runner_start(struct runner *runner, struct vcpu *vcpu)
{
	*runner = (struct runner){ .vcpu = vcpu };
	alarm_every(0);
	if (pthread_create(&runner->thread, NULL, runner_thread, runner))
		fail("cannot create a thread");
	while (!__atomic_load_n(&runner->tid, __ATOMIC_ACQUIRE))
		usleep(LOOK_US);
}

/* What the kernel says of the thread. */
static void runner_read(const struct runner *runner, const char *name, char *text, int size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", runner->tid, name);
	file = fopen(path, "re");
	if (!file || !fgets(text, size, file))
		fail("%s: %s", path, strerror(errno));
	fclose(file);
}

/* "running", or the call that the thread waits in and its arguments. */
static bool runner_is_in_kvm_run(const struct runner *runner)
{
	unsigned long nr, fd, request;
	char text[256];

	runner_read(runner, "syscall", text, sizeof(text));
	return sscanf(text, "%lu %lx %lx", &nr, &fd, &request) == 3 &&
	       nr == SYS_ioctl && request == KVM_RUN;
}

/* The state follows the name, which is in brackets. */
static bool runner_sleeps(const struct runner *runner)
{
	char text[512];
	const char *state;

	runner_read(runner, "stat", text, sizeof(text));
	state = strrchr(text, ')');
	return state && !strncmp(state, ") S", 3);
}

void runner_wait_asleep(const struct runner *runner)
{
	time_t since = time(NULL);

	/* In this order: the thread calls KVM_RUN once, so what sleeps after that is it. */
	while (!runner_is_in_kvm_run(runner) || !runner_sleeps(runner)) {
		if (time(NULL) > since + PATIENCE_S)
			fail("vCPU %u does not go to sleep", runner->vcpu->id);
		usleep(LOOK_US);
	}
}

int runner_stop(struct runner *runner)
{
	pthread_kill(runner->thread, SIGALRM);
	pthread_join(runner->thread, NULL);
	return runner->error;
}
