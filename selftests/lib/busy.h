/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that is busy, for tests of what happens around it.
 *
 * Each vCPU writes to pages of its own, finds there again what it wrote, keeps
 * values in registers of all kinds, flushes its caches by Set/Way, and exits to
 * the host, over and over.  Its thread is bound to one CPU as far as that is
 * online.  Whatever is wrong ends the program by fail().
 */
#ifndef SELFTESTS_LIB_BUSY_H
#define SELFTESTS_LIB_BUSY_H

#include <pthread.h>
#include <stdatomic.h>

#include "vm.h"

#define BUSY_BASE	0x10000000ULL
#define BUSY_STRIDE	SZ_1M			/* from one vCPU's pages to the next's */
#define BUSY_PAGES_MAX	(BUSY_STRIDE / SZ_4K)

/**
 * struct busy_vcpu - one vCPU and its thread
 * @busy: whose it is
 * @vcpu: the vCPU
 * @thread: runs it
 * @rounds: how far it has come; the thread counts, others read
 */
struct busy_vcpu {
	struct busy *busy;
	struct vcpu *vcpu;
	pthread_t thread;
	atomic_ulong rounds;
};

/**
 * struct busy - a VM that is busy
 * @vm: the VM
 * @stop: its threads are to end
 * @nr: how many vCPUs
 * @vcpus: these
 */
struct busy {
	struct vm *vm;
	atomic_bool stop;
	unsigned int nr;
	struct busy_vcpu vcpus[VM_VCPUS];
};

/**
 * busy_create() - create a VM, to be started by busy_run()
 * @nr: how many vCPUs, at most VM_VCPUS
 * @pages: that each writes to, at most BUSY_PAGES_MAX
 * @key: makes what it writes different from other VMs'; up to 8 bits
 *
 * vCPU n is for CPU n, beginning again with CPU 0 where there is no such.
 *
 * Return: the VM, to be ended by busy_end().
 */
struct busy *busy_create(unsigned int nr, u64 pages, u64 key);

/**
 * busy_run() - let a VM's vCPUs run, each in a thread of its own
 * @busy: the VM
 */
void busy_run(struct busy *busy);

/**
 * busy_start() - create a VM and let it run
 * @nr: as for busy_create()
 * @pages: likewise
 * @key: likewise
 *
 * Return: the VM, to be ended by busy_end().
 */
struct busy *busy_start(unsigned int nr, u64 pages, u64 key);

/**
 * busy_bind() - bind the threads to their CPUs again
 * @busy: the VM
 *
 * A CPU that goes offline loses its threads to others.
 */
void busy_bind(struct busy *busy);

/**
 * busy_least() - how many rounds every vCPU has done
 * @busy: the VM
 */
u64 busy_least(const struct busy *busy);

/**
 * busy_wait() - wait until every vCPU has done some more rounds
 * @busy: the VM
 * @rounds: how many
 *
 * Fails if that takes longer than 20 seconds.
 */
void busy_wait(const struct busy *busy, u64 rounds);

/**
 * busy_end() - let the threads end, and free the VM
 * @busy: the VM
 */
void busy_end(struct busy *busy);

#endif /* SELFTESTS_LIB_BUSY_H */
