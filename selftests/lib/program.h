/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test program as a guest: puts it into guest memory, starts one of its
 * functions there, and understands what that tells the host.
 */
#ifndef SELFTESTS_LIB_PROGRAM_H
#define SELFTESTS_LIB_PROGRAM_H

#include "guest.h"
#include "vm.h"

#define PROGRAM_SLOT	(VM_MEMSLOTS - 1)	/* its memslot's id */

/**
 * struct ucall - what the guest told
 * @command: what kind of thing
 * @args: the arguments of guest_ucall() after the command
 */
struct ucall {
	enum ucall_command command;
	u64 args[3];
};

/**
 * program_load() - put this program into a VM's memory, as it is now
 * @vm: the VM
 */
void program_load(struct vm *vm);

/**
 * program_enter() - let a vCPU start with a function of this program
 * @vcpu: the vCPU, just reset
 * @function: the guest function
 * @a: its first argument
 * @b: its second argument
 * @c: its third argument
 */
void program_enter(struct vcpu *vcpu, const void *function, u64 a, u64 b, u64 c);

/**
 * program_vcpu() - create a VM with one vCPU about to run a function
 * @function: the guest function, without arguments
 *
 * Return: vCPU 0; vm_destroy(vcpu->vm) frees both.
 */
struct vcpu *program_vcpu(const void *function);

/**
 * ucall_get() - was the last exit the guest telling something?
 * @vcpu: the vCPU, back from KVM_RUN
 * @ucall: what it told
 */
bool ucall_get(struct vcpu *vcpu, struct ucall *ucall);

/**
 * program_run() - run until the guest is at a stage or done
 * @vcpu: the vCPU
 * @ucall: what it told, UCALL_SYNC or UCALL_DONE
 *
 * Fails if an assertion of the guest's does not hold, if it takes an exception
 * that it does not expect, and at any other exit.
 */
void program_run(struct vcpu *vcpu, struct ucall *ucall);

/**
 * program_run_to() - run until the guest is at a stage, which must be the right one
 * @vcpu: the vCPU
 * @stage: as given to guest_sync()
 */
void program_run_to(struct vcpu *vcpu, u64 stage);

/**
 * program_finish() - run until the guest is done; it must not sync any more
 * @vcpu: the vCPU
 */
void program_finish(struct vcpu *vcpu);

#endif /* SELFTESTS_LIB_PROGRAM_H */
