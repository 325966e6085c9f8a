/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a vCPU is on: userspace says so (KVM_ARM_VCPU_INIT, KVM_SET_MP_STATE), and
 * the guest does (firmware/psci.c).
 */
#ifndef SETWAY_POWER_H
#define SETWAY_POWER_H

#include <linux/types.h>

struct vcpu;
struct vm;

/**
 * struct power_start - where a vCPU that is turned on by another one begins
 * @pending: the vCPU's own thread has yet to apply it
 * @pc: entry point; of a 32-bit guest, odd for Thumb code
 * @x0: context id
 * @big_endian: as the caller was
 */
struct power_start {
	bool pending;
	u64 pc;
	u64 x0;
	bool big_endian;
};

/**
 * struct power - a vCPU's power state; under vm->power_lock
 * @off: it does not run until it is turned on
 * @suspended: KVM_MP_STATE_SUSPENDED: it does not run until it has an interrupt
 * @start: where it begins, once it is on
 */
struct power {
	bool off;
	bool suspended;
	struct power_start start;
};

/**
 * power_is_on() - is a vCPU on, or about to start?
 * @vcpu: any
 */
bool power_is_on(const struct vcpu *vcpu);

/**
 * power_set() - userspace's word, which replaces what the guest asked for before
 * @vcpu: locked
 * @off: see &struct power
 * @suspended: see &struct power
 */
void power_set(struct vcpu *vcpu, bool off, bool suspended);

/**
 * power_on() - turn on a vCPU that is off
 * @vcpu: any, initialised
 * @start: where it begins
 *
 * Return: false if it is on already.
 */
bool power_on(struct vcpu *vcpu, const struct power_start *start);

/**
 * power_off() - turn a vCPU off
 * @vcpu: any; another one than the caller's may still be in the guest for a moment
 */
void power_off(struct vcpu *vcpu);

/**
 * power_off_all() - turn all vCPUs off; on return none is in the guest
 * @vm: any
 *
 * Context: process.
 */
void power_off_all(struct vm *vm);

/**
 * power_apply() - apply what was asked for
 * @vcpu: locked, outside the guest
 *
 * Return: true when the vCPU is on, its registers reset if it was started anew.
 */
bool power_apply(struct vcpu *vcpu);

/**
 * power_settle() - serve VCPU_REQUEST_POWER: sleep until the vCPU may run
 * @vcpu: in its thread, outside the guest
 *
 * Return: 1 when it may run, or the state has changed again; 0 for an exit: it is
 * suspended and has an interrupt; -EINTR.
 */
int power_settle(struct vcpu *vcpu);

/**
 * power_standby() - serve VCPU_REQUEST_WFI: sleep until there is an interrupt
 * @vcpu: in its thread, outside the guest
 *
 * Return: 1; also when the power state changes, or a signal comes.
 */
int power_standby(struct vcpu *vcpu);

#endif /* SETWAY_POWER_H */
