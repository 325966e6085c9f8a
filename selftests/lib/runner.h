/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU that runs in a thread of its own until it is told to stop.
 */
#ifndef SELFTESTS_LIB_RUNNER_H
#define SELFTESTS_LIB_RUNNER_H

#include <pthread.h>
#include <sys/types.h>

struct vcpu;

/**
 * struct runner - the thread
 * @vcpu: runs in it
 * @thread: in KVM_RUN, once, until it ends
 * @tid: the kernel's number of it
 * @error: errno of KVM_RUN, 0 if that ended by itself
 */
struct runner {
	struct vcpu *vcpu;
	pthread_t thread;
	pid_t tid;
	int error;
};

/**
 * runner_start() - start the thread
 * @runner: filled in; must stay until runner_stop()
 * @vcpu: to run
 */
void runner_start(struct runner *runner, struct vcpu *vcpu);

/**
 * runner_wait_asleep() - wait until KVM_RUN waits for something
 * @runner: of a vCPU that is off, suspended or in WFI
 *
 * Fails if that does not come about.
 */
void runner_wait_asleep(const struct runner *runner);

/**
 * runner_stop() - end KVM_RUN by a signal, and the thread
 * @runner: started
 *
 * Return: as &struct runner.error.
 */
int runner_stop(struct runner *runner);

#endif /* SELFTESTS_LIB_RUNNER_H */
