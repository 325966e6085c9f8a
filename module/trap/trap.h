/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exits from the guest: one file per class, one table (exit.c) that finds it.
 *
 * Every handler returns > 0 to go on running the guest, 0 to return to userspace
 * with vcpu->run filled in, or a negative errno for KVM_RUN.
 */
#ifndef SETWAY_TRAP_TRAP_H
#define SETWAY_TRAP_TRAP_H

#include <linux/bitfield.h>
#include <linux/types.h>
#include <asm/esr.h>

#include "../vcpu.h"

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
 * trap_handle() - act on the exit that el2_run() reported
 * @vcpu: just left the guest; interrupts on
 * @exit: what el2_run() returned
 */
int trap_handle(struct vcpu *vcpu, int exit);

/**
 * trap_fault_ipa() - the IPA that a stage-2 abort was about
 * @vcpu: stopped by EC 0x20 or 0x24
 *
 * Return: bytes; the page offset comes from FAR_EL2.
 */
static inline u64 trap_fault_ipa(const struct vcpu *vcpu)
{
	return (FIELD_GET(HPFAR_FIPA, vcpu->el2.hpfar_el2) << PAGE_SHIFT) |
	       (vcpu->el2.far_el2 & ~PAGE_MASK);
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
 * trap_fault_access() - what the aborted access wanted of the page
 * @esr: ESR_EL2 of an abort
 *
 * Cache maintenance is reported as a write, but needs only read permission,
 * unless it failed on permission (DC IVAC).  The syndrome of a stage-1 walk
 * does not say what the walk wanted.  Reading is always permitted, so a walk
 * that fails on permission is about to set an access flag or a dirty state
 * (TCR_EL1.HA and HD).
 */
enum stage2_access trap_fault_access(u64 esr);

/** abort_trap() - EC 0x20 and 0x24: memory, MMIO or nothing there (abort.c) */
int abort_trap(struct vcpu *vcpu);

/**
 * mmio_trap() - a data abort outside the memslots (mmio.c)
 * @vcpu: stopped at the access
 * @ipa: address
 *
 * Return: 0 with an MMIO exit; 1 when there was nothing to do; -ENOSYS for an
 * access that the syndrome does not describe, as in KVM.
 */
int mmio_trap(struct vcpu *vcpu, u64 ipa);

/**
 * mmio_finish() - userspace has answered an MMIO exit
 * @vcpu: KVM_RUN begins
 */
void mmio_finish(struct vcpu *vcpu);

/** cp15_trap() - EC 0x03: MCR or MRC to CP15 (cp15.c) */
int cp15_trap(struct vcpu *vcpu);

/** cp15_trap64() - EC 0x04: MCRR or MRRC to CP15 */
int cp15_trap64(struct vcpu *vcpu);

/** cp14_trap() - EC 0x05: MCR or MRC to CP14 */
int cp14_trap(struct vcpu *vcpu);

/** cp14_trap64() - EC 0x0c: MRRC from CP14 */
int cp14_trap64(struct vcpu *vcpu);

/** vmrs_trap() - EC 0x08: VMRS of an identification register */
int vmrs_trap(struct vcpu *vcpu);

/**
 * aarch32_condition_passed() - would the trapped instruction have executed?
 * @vcpu: stopped by a synchronous exception
 *
 * Return: true also for an instruction without a condition, such as those of
 * AArch64.
 */
bool aarch32_condition_passed(const struct vcpu *vcpu);

/**
 * aarch32_transfer_reg() - the register that a load or store transfers
 * @vcpu: stopped by a data abort
 * @rt: ISS.SRT
 *
 * @rt is an AArch64 number, for instructions in AArch32 as well (ARM DDI 0487J.a,
 * D19.2.37).  QEMU (7.2) gives the number that the instruction names instead.
 *
 * Return: the register's number in AArch64, in either case.
 */
unsigned int aarch32_transfer_reg(const struct vcpu *vcpu, unsigned int rt);

/** inject32_undef() - inject_undef() into EL1 in AArch32 (inject32.c) */
void inject32_undef(struct vcpu *vcpu);

/**
 * inject32_abort() - an external abort into EL1 in AArch32
 * @vcpu: stopped by an abort
 */
void inject32_abort(struct vcpu *vcpu);

/** inject_undef() - the instruction is UNDEFINED for the guest (inject.c) */
void inject_undef(struct vcpu *vcpu);

/**
 * inject_external_abort() - the access hit nothing
 * @vcpu: stopped by an abort
 *
 * An instruction or data abort of the same kind as the one that came.
 */
void inject_external_abort(struct vcpu *vcpu);

/** serror_has_syndrome() - is a virtual SError's syndrome ours to choose? (FEAT_RAS) */
bool serror_has_syndrome(void);

/* The syndrome of an SError of which nothing is known: IDS, and no more. */
#define SERROR_SAYS_NOTHING	ESR_ELx_IDS

/**
 * inject_serror() - a virtual SError, to be taken when the guest lets it come
 * @vcpu: not running
 * @syndrome: the ISS, if serror_has_syndrome()
 */
void inject_serror(struct vcpu *vcpu, u64 syndrome);

/**
 * inject_address_size_fault() - the address is outside the IPA space
 * @vcpu: stopped by an abort
 */
void inject_address_size_fault(struct vcpu *vcpu);

#endif /* SETWAY_TRAP_TRAP_H */
