// SPDX-License-Identifier: GPL-2.0-only
/*
 * HVC calls other than PSCI's: what there is (ARM DEN 0028E), random numbers (ARM
 * DEN 0098), stolen time (ARM DEN 0057A), and KVM's clock for PTP.  Userspace can
 * take the last three away from a VM.
 *
 * Guests cannot call any of the firmware's mitigations against speculation.
 * They are told which mitigations the CPUs do not need.
 */
#include <linux/arm-smccc.h>
#include <linux/bitmap.h>
#include <linux/kvm.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/timekeeping.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "../vcpu.h"
#include "../vm.h"
#include "../trap/setway.h"
#include "../trap/trap.h"
#include "smccc.h"

/* ID_AA64PFR0_EL1.CSV2, ID_AA64MMFR1_EL1.ECBHB (ARM DDI 0487J.a, D19.2.65, D19.2.68). */
#define PFR0_CSV2		GENMASK_ULL(59, 56)
#define CSV2_NO_TRAINING	1	/* between contexts: FEAT_CSV2 */
#define CSV2_NO_HISTORY		3	/* FEAT_CSV2_3 */
#define MMFR1_ECBHB		GENMASK_ULL(63, 60)

#define WORKAROUND_UNAFFECTED	1

/* ARM DEN 0098: results, and words of 64 bits that a call can return. */
#define TRNG_VERSION_1_0	0x10000
#define TRNG_INVALID_PARAMETER	(-2)
#define TRNG_WORDS		3

/* UUID of the source of random numbers: the host kernel's, as in KVM. */
static const u32 trng_uuid[] = { 0x00e0210d, 0xeb118443, 0x44527080, 0x4c5a4e55 };

/* What userspace can take away from a guest as a whole. */
enum smccc_service {
	SERVICE_ALWAYS,		/* not that */
	SERVICE_TRNG,
	SERVICE_PV_TIME,
	SERVICE_FEATURES,
	SERVICE_PTP,
};

/**
 * struct smccc_function - one function
 * @id: its number
 * @service: what it is of
 * @sleeps: @call may
 * @call: does it, and sets x0 to x3
 */
struct smccc_function {
	u32 id;
	enum smccc_service service;
	bool sleeps;
	void (*call)(struct vcpu *vcpu);
};

static const struct smccc_function *smccc_find(u32 id);

void smccc_vm_init(struct vm *vm)
{
	vm->smccc = (struct vm_smccc) {
		.standard = SMCCC_STANDARD_ALL,
		.hypervisor = SMCCC_HYP_ALL,
		.vendor = SMCCC_VENDOR_ALL,
	};
}

static void smccc_return_all(struct vcpu *vcpu, u64 x0, u64 x1, u64 x2, u64 x3)
{
	vcpu_set_reg(vcpu, 0, x0);
	vcpu_set_reg(vcpu, 1, x1);
	vcpu_set_reg(vcpu, 2, x2);
	vcpu_set_reg(vcpu, 3, x3);
}

bool smccc_spectre_v2_unaffected(void)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);

	return FIELD_GET(PFR0_CSV2, pfr0) >= CSV2_NO_TRAINING;
}

bool smccc_spectre_bhb_unaffected(void)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);
	u64 mmfr1 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR1_EL1);

	return FIELD_GET(PFR0_CSV2, pfr0) >= CSV2_NO_HISTORY || FIELD_GET(MMFR1_ECBHB, mmfr1);
}

static s64 arch_feature(const struct vcpu *vcpu, u32 function)
{
	switch (function) {
	case ARM_SMCCC_ARCH_WORKAROUND_1:
		if (smccc_spectre_v2_unaffected())
			return WORKAROUND_UNAFFECTED;
		return SMCCC_RET_NOT_SUPPORTED;
	case ARM_SMCCC_ARCH_WORKAROUND_3:
		if (smccc_spectre_bhb_unaffected())
			return WORKAROUND_UNAFFECTED;
		return SMCCC_RET_NOT_SUPPORTED;
	case ARM_SMCCC_HV_PV_TIME_FEATURES:
		if (vcpu->vm->smccc.hypervisor & SMCCC_HYP_PV_TIME)
			return SMCCC_RET_SUCCESS;
		return SMCCC_RET_NOT_SUPPORTED;
	default:
		return SMCCC_RET_NOT_SUPPORTED;
	}
}

/* Return the bits asked for, right-aligned in x1:x2:x3 or in their low halves. */
static void trng_random(struct vcpu *vcpu, unsigned int width)
{
	u32 bits = vcpu_reg(vcpu, 1);
	DECLARE_BITMAP(random, TRNG_WORDS * 64);

	if (bits > TRNG_WORDS * width) {
		smccc_return(vcpu, TRNG_INVALID_PARAMETER);
		return;
	}
	get_random_bytes(random, sizeof(random));
	bitmap_clear(random, bits, TRNG_WORDS * 64 - bits);
	if (width == 64)
		smccc_return_all(vcpu, SMCCC_RET_SUCCESS, random[2], random[1], random[0]);
	else
		smccc_return_all(vcpu, SMCCC_RET_SUCCESS, lower_32_bits(random[1]),
				 upper_32_bits(random[0]), lower_32_bits(random[0]));
	memzero_explicit(random, sizeof(random));
}

static void trng_version(struct vcpu *vcpu)
{
	smccc_return(vcpu, TRNG_VERSION_1_0);
}

static void trng_features(struct vcpu *vcpu)
{
	const struct smccc_function *function = smccc_find(vcpu_reg(vcpu, 1));
	bool has = function && function->service == SERVICE_TRNG;

	smccc_return(vcpu, has ? SMCCC_RET_SUCCESS : SMCCC_RET_NOT_SUPPORTED);
}

static void trng_get_uuid(struct vcpu *vcpu)
{
	smccc_return_all(vcpu, trng_uuid[0], trng_uuid[1], trng_uuid[2], trng_uuid[3]);
}

static void trng_rnd32(struct vcpu *vcpu)
{
	trng_random(vcpu, 32);
}

static void trng_rnd64(struct vcpu *vcpu)
{
	trng_random(vcpu, 64);
}

/* The host's time of day, and what the guest's counter was at that moment. */
static void vendor_ptp(struct vcpu *vcpu)
{
	u32 which = vcpu_reg(vcpu, 1);
	struct system_time_snapshot now;
	u64 counter;

	ktime_get_snapshot(&now);
	counter = now.cycles;
	if (which == KVM_PTP_VIRT_COUNTER)
		counter -= READ_ONCE(vcpu->vm->cntvoff);
	else
		counter -= READ_ONCE(vcpu->vm->cntpoff);
	if (now.cs_id != CSID_ARM_ARCH_COUNTER || which > KVM_PTP_PHYS_COUNTER) {
		smccc_return(vcpu, SMCCC_RET_NOT_SUPPORTED);
		return;
	}
	smccc_return_all(vcpu, upper_32_bits(now.real), lower_32_bits(now.real),
			 upper_32_bits(counter), lower_32_bits(counter));
}

static void arch_version(struct vcpu *vcpu)
{
	smccc_return(vcpu, ARM_SMCCC_VERSION_1_1);
}

static void arch_features(struct vcpu *vcpu)
{
	smccc_return(vcpu, arch_feature(vcpu, vcpu_reg(vcpu, 1)));
}

static void pv_time_features(struct vcpu *vcpu)
{
	smccc_return(vcpu, pvtime_features(vcpu, vcpu_reg(vcpu, 1)));
}

static void pv_time_st(struct vcpu *vcpu)
{
	smccc_return(vcpu, pvtime_start(vcpu));
}

static void vendor_uid(struct vcpu *vcpu)
{
	smccc_return_all(vcpu, ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_0,
			 ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_1,
			 ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_2,
			 ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_3);
}

static void vendor_features(struct vcpu *vcpu)
{
	smccc_return(vcpu, vcpu->vm->smccc.vendor);
}

static const struct smccc_function smccc_functions[] = {
	{ ARM_SMCCC_VERSION_FUNC_ID, SERVICE_ALWAYS, false, arch_version },
	{ ARM_SMCCC_ARCH_FEATURES_FUNC_ID, SERVICE_ALWAYS, false, arch_features },
	{ ARM_SMCCC_TRNG_VERSION, SERVICE_TRNG, false, trng_version },
	{ ARM_SMCCC_TRNG_FEATURES, SERVICE_TRNG, false, trng_features },
	{ ARM_SMCCC_TRNG_GET_UUID, SERVICE_TRNG, false, trng_get_uuid },
	{ ARM_SMCCC_TRNG_RND32, SERVICE_TRNG, true, trng_rnd32 },
	{ ARM_SMCCC_TRNG_RND64, SERVICE_TRNG, true, trng_rnd64 },
	{ ARM_SMCCC_HV_PV_TIME_FEATURES, SERVICE_PV_TIME, false, pv_time_features },
	{ ARM_SMCCC_HV_PV_TIME_ST, SERVICE_PV_TIME, true, pv_time_st },
	{ ARM_SMCCC_VENDOR_HYP_CALL_UID_FUNC_ID, SERVICE_FEATURES, false, vendor_uid },
	{ ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID, SERVICE_FEATURES, false, vendor_features },
	{ ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID, SERVICE_PTP, true, vendor_ptp },
};

static const struct smccc_function *smccc_find(u32 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(smccc_functions); i++)
		if (smccc_functions[i].id == id)
			return &smccc_functions[i];
	return NULL;
}

/* Has userspace left the guest a service? */
static bool smccc_has_service(const struct vm_smccc *smccc, enum smccc_service service)
{
	switch (service) {
	case SERVICE_TRNG:
		return smccc->standard & SMCCC_STANDARD_TRNG;
	case SERVICE_PV_TIME:
		return smccc->hypervisor & SMCCC_HYP_PV_TIME;
	case SERVICE_FEATURES:
		return smccc->vendor & SMCCC_VENDOR_FEATURES;
	case SERVICE_PTP:
		return smccc->vendor & SMCCC_VENDOR_PTP;
	default:
		return true;
	}
}

int smccc_call(struct vcpu *vcpu)
{
	const struct smccc_function *function;

	setway_end_loop(&vcpu->setway);
	/* They come often, and need no search. */
	if (psci_has_number(vcpu_reg(vcpu, 0)))
		return psci_call(vcpu);
	function = smccc_find(vcpu_reg(vcpu, 0));
	if (!function)
		return psci_call(vcpu);
	if (vcpu->atomic && function->sleeps)
		return TRAP_SLEEPS;
	if (smccc_has_service(&vcpu->vm->smccc, function->service))
		function->call(vcpu);
	else
		smccc_return(vcpu, SMCCC_RET_NOT_SUPPORTED);
	return 1;
}
