/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image of 32-bit code that is part of a test program, as a guest. What it
 * tells the host is understood as program.h has it.
 */
#ifndef SELFTESTS_LIB_PROGRAM32_H
#define SELFTESTS_LIB_PROGRAM32_H

#include "program.h"

/* FEATURES of a 32-bit vCPU for vcpu_reset() */
#define VCPU32_FEATURES	(BIT(KVM_ARM_VCPU_PSCI_0_2) | BIT(KVM_ARM_VCPU_EL1_32BIT))

/**
 * GUEST32() - declare a function or variable of the image
 * @name: its name there
 *
 * guest32_NAME then has its address in the guest, and nothing at that address here.
 */
#define GUEST32(name)	extern const char guest32_ ## name[]

/**
 * program32_load() - put the image into a VM's memory
 * @vm: the VM
 */
void program32_load(struct vm *vm);

/**
 * program32_add() - create a vCPU with EL1 in AArch32
 * @vm: the VM
 * @id: the vCPU's id
 *
 * Return: the vCPU, freed with its VM.
 */
struct vcpu *program32_add(struct vm *vm, u32 id);

/**
 * program32_enter() - let a vCPU start with a function of the image
 * @vcpu: the vCPU, just reset
 * @function: guest32_NAME
 * @a: its first argument
 * @b: its second argument
 * @c: its third argument
 */
void program32_enter(struct vcpu *vcpu, const void *function, u32 a, u32 b, u32 c);

/**
 * program32_vcpu() - create a VM with one vCPU about to run a function
 * @function: guest32_NAME, without arguments
 *
 * Return: vCPU 0; vm_destroy(vcpu->vm) frees both.
 */
struct vcpu *program32_vcpu(const void *function);

/**
 * program32_data() - a variable of the guest's
 * @vm: the VM
 * @variable: guest32_NAME
 *
 * Return: where this process has it mapped.
 */
void *program32_data(struct vm *vm, const void *variable);

#endif /* SELFTESTS_LIB_PROGRAM32_H */
