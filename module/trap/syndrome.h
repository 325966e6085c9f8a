/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the syndrome of an exit says, for the kernel's side and for EL2 itself.
 */
#ifndef SETWAY_TRAP_SYNDROME_H
#define SETWAY_TRAP_SYNDROME_H

#include <linux/bitfield.h>
#include <linux/types.h>
#include <asm/esr.h>

#include "../el2/context.h"
#include "../stage2/stage2.h"

/* HPFAR_EL2.FIPA holds IPA[47:12] (ARM DDI 0487J.a, D19.2.65). */
#define HPFAR_FIPA	GENMASK_ULL(43, 4)

/* ESR_EL2.EC (ARM DDI 0487J.a, D19.2.37). */
#define ESR_EC		GENMASK_ULL(31, 26)
#define TRAP_CLASSES	64

/**
 * trap_class() - exception class of an exit
 * @esr: ESR_EL2
 *
 * Return: below TRAP_CLASSES.
 */
static inline unsigned int trap_class(u64 esr)
{
	return FIELD_GET(ESR_EC, esr);
}

/**
 * trap_fault_ipa() - the IPA that a stage-2 abort was about
 * @vcpu: stopped by EC 0x20 or 0x24
 *
 * Return: bytes; the page offset comes from FAR_EL2.
 */
static inline u64 trap_fault_ipa(const struct el2_vcpu *vcpu)
{
	return (FIELD_GET(HPFAR_FIPA, vcpu->hpfar_el2) << PAGE_SHIFT) |
	       (vcpu->far_el2 & ~PAGE_MASK);
}

/**
 * trap_is_abort() - is the exit a stage-2 instruction or data abort?
 * @esr: ESR_EL2
 */
static inline bool trap_is_abort(u64 esr)
{
	return trap_class(esr) == ESR_ELx_EC_IABT_LOW || trap_class(esr) == ESR_ELx_EC_DABT_LOW;
}

/**
 * enum trap_fault_code - ESR_ELx.IFSC and DFSC of walks that begin at level -1
 * @FSC_ADDRESS_SIZE_LEVEL_MINUS_1: address size fault
 * @FSC_TRANSLATION_LEVEL_MINUS_1: translation fault
 *
 * With FEAT_LPA2; other levels have two bits of a code that is the kind's (ARM DDI
 * 0487J.a, D19.2.37).  A guest's own walk may begin there: its stage-2 fault has that
 * level on some CPUs (QEMU's).
 */
enum trap_fault_code {
	FSC_ADDRESS_SIZE_LEVEL_MINUS_1 = 0x29,
	FSC_TRANSLATION_LEVEL_MINUS_1 = 0x2b,
};

/**
 * trap_is_translation_fault() - is there nothing valid in stage 2?
 * @esr: ESR_EL2 of an abort
 */
static inline bool trap_is_translation_fault(u64 esr)
{
	return (esr & ESR_ELx_FSC_TYPE) == ESR_ELx_FSC_FAULT ||
	       (esr & ESR_ELx_FSC) == FSC_TRANSLATION_LEVEL_MINUS_1;
}

/**
 * trap_is_fetch() - was it an instruction that could not be fetched?
 * @esr: ESR_EL2 of an abort
 */
static inline bool trap_is_fetch(u64 esr)
{
	return trap_class(esr) == ESR_ELx_EC_IABT_LOW;
}

/**
 * trap_is_permission_fault() - does stage 2 not allow the access?
 * @esr: ESR_EL2 of an abort
 */
static inline bool trap_is_permission_fault(u64 esr)
{
	return (esr & ESR_ELx_FSC_TYPE) == ESR_ELx_FSC_PERM;
}

/**
 * trap_fault_access() - what the aborted access wanted of the page
 * @esr: ESR_EL2 of an abort
 *
 * Cache maintenance is reported as a write, but needs only read permission,
 * unless it failed on permission (DC IVAC).  The syndrome of a stage-1 walk
 * does not say what the walk wanted.  Reading is always permitted, so a walk
 * that fails on permission is about to set an access flag or a dirty state
 * (TCR_EL1.HA and HD).
 */
static inline enum stage2_access trap_fault_access(u64 esr)
{
	/* What the CPU wants of a table is not what the guest wants of the page. */
	if (trap_is_permission_fault(esr))
		return trap_is_fetch(esr) && !(esr & ESR_ELx_S1PTW) ? STAGE2_READ : STAGE2_WRITE;
	/* Of a fetch WnR is 0. */
	if (esr & (ESR_ELx_S1PTW | ESR_ELx_CM))
		return STAGE2_READ;
	return esr & ESR_ELx_WNR ? STAGE2_WRITE : STAGE2_READ;
}

#endif /* SETWAY_TRAP_SYNDROME_H */
