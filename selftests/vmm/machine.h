/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine: a VM with a ROM or a kernel, RAM, a serial port and CPUs, and the
 * loop that runs them.
 */
#ifndef SELFTESTS_VMM_MACHINE_H
#define SELFTESTS_VMM_MACHINE_H

#include <pthread.h>

#include "../lib/vm.h"
#include "console.h"
#include "kernel.h"
#include "pl011.h"
#include "report.h"
#include "script.h"

#define MACHINE_CPUS_MAX	16

/**
 * struct machine_config - what machine to build
 * @rom: file at address 0, where the first CPU starts, or NULL
 * @kernel: Linux kernel to start instead, or NULL
 * @initrd: its initramfs, or NULL
 * @bootargs: its command line, or NULL
 * @nr_cpus: CPUs, at most MACHINE_CPUS_MAX
 * @pin: CPU n runs on the host's CPU n only
 * @image: file to be found in RAM, or NULL
 * @image_ipa: where in RAM
 * @ram_size: bytes
 * @hole: IPA of HOLE_SIZE bytes of RAM whose first access ends a script's
 *        "touch", or 0
 * @policy: SETWAY_POLICY_*, or -1 for the module's default
 * @cluster: pages that a fault lets the guest in to at most, or 0 for the default
 * @premap: map all memory before the first run
 * @aarch32: a 32-bit guest
 * @no_reboot: the guest's reset ends the run as power-off does
 */
struct machine_config {
	const char *rom;
	const char *kernel;
	const char *initrd;
	const char *bootargs;
	unsigned int nr_cpus;
	bool pin;
	const char *image;
	u64 image_ipa;
	u64 ram_size;
	u64 hole;
	int policy;
	u32 cluster;
	bool premap;
	bool aarch32;
	bool no_reboot;
};

/**
 * struct machine - a machine
 * @config: what it was built from
 * @vm: the VM
 * @vcpus: its CPUs
 * @kernel: where the kernel is, if one was loaded
 * @lock: held by a CPU's thread whenever that is not in KVM_RUN
 * @threads: the CPUs'; the first is the one that calls machine_run()
 * @stopped: the machine is off, or the script through: no CPU runs again
 * @uart_level: what the interrupt controller was told last
 * @ram: the guest's RAM in this process
 * @hole_open: the hole has not been touched yet
 * @uart: the serial port
 * @console: the other end of its line
 * @script: what listens and types there; empty if the user does
 * @report: what the script's steps are written to
 */
struct machine {
	struct machine_config config;
	struct vm *vm;
	struct vcpu *vcpus[MACHINE_CPUS_MAX];
	struct kernel kernel;
	pthread_mutex_t lock;
	pthread_t threads[MACHINE_CPUS_MAX];
	bool stopped;
	bool uart_level;
	void *ram;
	bool hole_open;
	struct pl011 uart;
	struct console console;
	struct script script;
	struct report report;
};

/**
 * machine_create() - build the machine
 * @machine: the machine, with its config filled in
 */
void machine_create(struct machine *machine);

/**
 * machine_run() - power on, and run until power-off or the script's end
 * @machine: the machine
 */
void machine_run(struct machine *machine);

/**
 * machine_destroy() - free everything
 * @machine: the machine
 */
void machine_destroy(struct machine *machine);

#endif /* SELFTESTS_VMM_MACHINE_H */
