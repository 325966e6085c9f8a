/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exits from the guest: one file per class, one table (exit.c) that finds it.
 *
 * Every handler returns > 0 to go on running the guest, 0 to return to userspace
 * with vcpu->run filled in, or a negative errno for KVM_RUN.  It is called with
 * interrupts off first, and may return TRAP_SLEEPS then.
 */
#ifndef SETWAY_TRAP_TRAP_H
#define SETWAY_TRAP_TRAP_H

#include <linux/errno.h>
#include <linux/types.h>

#include "../vcpu.h"
#include "syndrome.h"

/* Of a handler that finds vcpu->atomic: it has done nothing, and wants to sleep for it. */
#define TRAP_SLEEPS	(-EAGAIN)

/**
 * trap_handle() - act on the exit that el2_run() reported
 * @vcpu: just left the guest; interrupts off if vcpu->atomic, else on
 * @exit: what el2_run() returned
 */
int trap_handle(struct vcpu *vcpu, int exit);

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
 * @vcpu: stopped by a synchronous exception, in AArch32
 *
 * Return: true also for an instruction without a condition.
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
