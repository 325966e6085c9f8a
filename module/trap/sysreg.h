/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System registers of the guest that the hypervisor answers for.
 */
#ifndef SETWAY_TRAP_SYSREG_H
#define SETWAY_TRAP_SYSREG_H

#include <linux/types.h>

struct vcpu;

/**
 * idreg_read() - value of an ID register as a guest sees it
 * @encoding: as sys_reg(op0, op1, CRn, CRm, op2)
 * @value: filled in
 *
 * Features that guests do not get are hidden.
 * Return: true; false when there is no such ID register.
 */
bool idreg_read(u32 encoding, u64 *value);

/**
 * idreg_next() - walk the ID registers
 * @index: 0, 1, ...
 *
 * Return: encoding, or 0 past the end.
 */
u32 idreg_next(unsigned int index);

/**
 * sysreg_trap() - a trapped MRS, MSR or SYS instruction
 * @vcpu: stopped at the instruction
 *
 * Return: 1 to go on; 0 to return to userspace; negative errno.
 */
int sysreg_trap(struct vcpu *vcpu);

#endif /* SETWAY_TRAP_SYSREG_H */
