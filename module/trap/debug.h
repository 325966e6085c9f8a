/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's debug registers, and who debugs it: itself, or its VMM.
 */
#ifndef SETWAY_TRAP_DEBUG_H
#define SETWAY_TRAP_DEBUG_H

#include <linux/kvm.h>
#include <linux/types.h>

#include "../el2/context.h"

struct sysreg_access;
struct vcpu;

/**
 * struct vcpu_debug - what the debug registers are to a vCPU
 * @mdscr: MDSCR_EL1 as the guest wrote it
 * @mdccint: MDCCINT_EL1, which does nothing
 * @locked: OSLSR_EL1.OSLK: the OS lock is locked
 * @own: the guest's breakpoints and watchpoints
 * @control: KVM_GUESTDBG_* of KVM_SET_GUEST_DEBUG, 0 if the VMM does not debug the guest
 * @vmm: the VMM's breakpoints and watchpoints; none are enabled without
 *	KVM_GUESTDBG_USE_HW
 * @own_ss: PSTATE.SS of the guest's own, while the VMM steps it and has its own there
 *
 * Belongs to whoever has the vCPU's lock.
 */
struct vcpu_debug {
	u64 mdscr;
	u64 mdccint;
	bool locked;
	struct el2_debug own;
	u32 control;
	struct el2_debug vmm;
	u64 own_ss;
};

/**
 * debug_reset() - the debug registers out of reset
 * @vcpu: not running; PSTATE is that out of reset already
 *
 * The OS lock is open, as in KVM.  What the VMM has asked for stays.
 */
void debug_reset(struct vcpu *vcpu);

/**
 * debug_set_vmm() - KVM_SET_GUEST_DEBUG
 * @vcpu: not running
 * @request: as userspace gave it
 *
 * Return: 0; -EINVAL for what is not in DEBUG_CONTROLS.
 */
int debug_set_vmm(struct vcpu *vcpu, const struct kvm_guest_debug *request);

/* What KVM_SET_GUEST_DEBUG can ask for. */
#define DEBUG_CONTROLS	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | \
			 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW)

/**
 * debug_exception_trap() - a debug exception of the guest's, for the VMM that debugs it
 * @vcpu: stopped by it
 *
 * Return: 0, with KVM_EXIT_DEBUG.
 */
int debug_exception_trap(struct vcpu *vcpu);

/**
 * debug_pstate() - PSTATE as userspace reads it
 * @vcpu: not running
 *
 * With the guest's own SS, where the VMM's is in its place.
 */
u64 debug_pstate(const struct vcpu *vcpu);

/**
 * debug_set_pstate() - PSTATE as userspace writes it
 * @vcpu: not running
 * @pstate: allowed
 */
void debug_set_pstate(struct vcpu *vcpu, u64 pstate);

/**
 * debug_update() - let the registers take effect when the guest runs next
 * @vcpu: not running
 */
void debug_update(struct vcpu *vcpu);

/**
 * debug_read() - value of a debug register
 * @vcpu: not running
 * @encoding: as sys_reg()
 * @value: filled in
 *
 * Return: 0; -ENOENT if no value of it is kept.
 */
int debug_read(struct vcpu *vcpu, u32 encoding, u64 *value);

/**
 * debug_write() - write to a debug register, as userspace can
 * @vcpu: not running
 * @encoding: as sys_reg()
 * @value: of OSLSR_EL1, with OSLK either way
 *
 * Return: 0; -ENOENT as debug_read(); -EINVAL if OSLSR_EL1 differs in more than OSLK.
 */
int debug_write(struct vcpu *vcpu, u32 encoding, u64 value);

/**
 * debug_trap() - answer an access to a register with op0 = 2
 * @vcpu: stopped at the instruction
 * @access: what it is
 *
 * Return: false when the access is UNDEFINED.
 */
bool debug_trap(struct vcpu *vcpu, struct sysreg_access *access);

/** debug_dbgdidr() - DBGDIDR, which says the same as ID_AA64DFR0_EL1 */
u32 debug_dbgdidr(void);

/** debug_nr_breakpoints() - how many there are for guests */
unsigned int debug_nr_breakpoints(void);

/** debug_nr_watchpoints() - how many there are for guests */
unsigned int debug_nr_watchpoints(void);

#endif /* SETWAY_TRAP_DEBUG_H */
