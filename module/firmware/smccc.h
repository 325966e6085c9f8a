/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest calls by HVC (ARM DEN 0028E, SMC Calling Convention): PSCI, and
 * those services of KVM that guests ask for.
 */
#ifndef SETWAY_FIRMWARE_SMCCC_H
#define SETWAY_FIRMWARE_SMCCC_H

#include <linux/sched.h>
#include <linux/types.h>
#include <uapi/linux/psci.h>

#include "../vcpu.h"

struct vm;

/* KVM_REG_ARM_PSCI_VERSION; 0.1 is what a vCPU without KVM_ARM_VCPU_PSCI_0_2 has. */
#define SMCCC_PSCI_0_1		PSCI_VERSION(0, 1)
#define SMCCC_PSCI_0_2		PSCI_VERSION(0, 2)
#define SMCCC_PSCI_1_0		PSCI_VERSION(1, 0)
#define SMCCC_PSCI_1_1		PSCI_VERSION(1, 1)

/* Bits of &struct vm_smccc, all that there are. */
#define SMCCC_STANDARD_TRNG	BIT_ULL(KVM_REG_ARM_STD_BIT_TRNG_V1_0)
#define SMCCC_STANDARD_ALL	SMCCC_STANDARD_TRNG
#define SMCCC_HYP_PV_TIME	BIT_ULL(KVM_REG_ARM_STD_HYP_BIT_PV_TIME)
#define SMCCC_HYP_ALL		SMCCC_HYP_PV_TIME
#define SMCCC_VENDOR_FEATURES	BIT_ULL(KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT)
#define SMCCC_VENDOR_PTP	BIT_ULL(KVM_REG_ARM_VENDOR_HYP_BIT_PTP)
#define SMCCC_VENDOR_ALL	(SMCCC_VENDOR_FEATURES | SMCCC_VENDOR_PTP)

/* By number, those of all functions lie close together. */
#define PSCI_NR(id)		((id) - PSCI_0_2_FN_BASE)

/**
 * smccc_vm_init() - a new VM's guests find everything
 * @vm: being created
 */
void smccc_vm_init(struct vm *vm);

/**
 * smccc_call() - an HVC: x0 names the function
 * @vcpu: stopped behind the instruction
 *
 * Return: 1 to go on, 0 with an exit to userspace.
 */
int smccc_call(struct vcpu *vcpu);

/**
 * smccc_return() - what a call returns that has one result
 * @vcpu: the caller
 * @result: x0; x1 to x3 become 0
 */
static inline void smccc_return(struct vcpu *vcpu, u64 result)
{
	vcpu_set_reg(vcpu, 0, result);
	vcpu_set_reg(vcpu, 1, 0);
	vcpu_set_reg(vcpu, 2, 0);
	vcpu_set_reg(vcpu, 3, 0);
}

/**
 * smccc_spectre_v2_unaffected() - need no guest ask for ARCH_WORKAROUND_1?
 *
 * Return: false also when that is not known.
 */
bool smccc_spectre_v2_unaffected(void);

/**
 * smccc_spectre_bhb_unaffected() - need no guest ask for ARCH_WORKAROUND_3?
 *
 * Return: false also when that is not known.
 */
bool smccc_spectre_bhb_unaffected(void);

/**
 * psci_call() - a PSCI function, or what is not known (psci.c)
 * @vcpu: the caller
 *
 * Return: as smccc_call().
 */
int psci_call(struct vcpu *vcpu);

/**
 * psci_has_number() - is it one of the numbers that PSCI has, from version 0.2 on?
 * @id: x0 of a call
 */
static inline bool psci_has_number(u32 id)
{
	return PSCI_NR(id & ~PSCI_0_2_64BIT) <= PSCI_NR(PSCI_1_1_FN_SYSTEM_RESET2);
}

/**
 * psci_version() - the PSCI that a vCPU has
 * @vcpu: initialised
 *
 * Return: SMCCC_PSCI_*.
 */
u32 psci_version(const struct vcpu *vcpu);

/**
 * pvtime_features() - PV_TIME_FEATURES (pvtime.c)
 * @vcpu: the caller
 * @function: x1
 *
 * Return: x0.
 */
s64 pvtime_features(const struct vcpu *vcpu, u32 function);

/**
 * pvtime_start() - PV_TIME_ST: where the stolen time is; it starts at 0
 * @vcpu: the caller
 *
 * Return: x0.
 */
s64 pvtime_start(struct vcpu *vcpu);

/**
 * pvtime_is_due() - has the thread had to wait since pvtime_update()?
 * @vcpu: in its thread
 *
 * False if the guest does not want to know.
 */
static inline bool pvtime_is_due(const struct vcpu *vcpu)
{
	return unlikely(vcpu->stolen.ipa != STOLEN_TIME_NONE) &&
	       READ_ONCE(current->sched_info.run_delay) != vcpu->stolen.last;
}

/**
 * pvtime_update() - tell the guest of the time that its thread had to wait
 * @vcpu: about to run, in its thread
 */
void pvtime_update(struct vcpu *vcpu);

/**
 * pvtime_get() - KVM_ARM_VCPU_PVTIME_IPA
 * @vcpu: locked
 *
 * Return: guest physical address, or STOLEN_TIME_NONE.
 */
u64 pvtime_get(const struct vcpu *vcpu);

/**
 * pvtime_set() - KVM_ARM_VCPU_PVTIME_IPA
 * @vcpu: locked
 * @ipa: guest physical address
 *
 * Return: 0; -EINVAL: not a multiple of 64, or in no memslot; -EEXIST: it is set.
 */
int pvtime_set(struct vcpu *vcpu, u64 ipa);

#endif /* SETWAY_FIRMWARE_SMCCC_H */
