/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cache maintenance by Set/Way, and caches that go on or off: when must the
 * guest's memory be cleaned?
 */
#ifndef SETWAY_TRAP_SETWAY_H
#define SETWAY_TRAP_SETWAY_H

#include <linux/build_bug.h>
#include <linux/types.h>
#include "../stage2/stage2.h"
#include "loops.h"

struct vcpu;

/**
 * enum setway_op - kinds of operation
 * @SETWAY_NONE: none, but a cache toggle
 * @SETWAY_ISW: invalidate
 * @SETWAY_IGSW: invalidate Allocation Tags
 * @SETWAY_IGDSW: invalidate data and Allocation Tags
 * @SETWAY_CSW: clean
 * @SETWAY_CGSW: clean Allocation Tags
 * @SETWAY_CGDSW: clean data and Allocation Tags
 * @SETWAY_CISW: clean and invalidate
 * @SETWAY_CIGSW: clean and invalidate Allocation Tags
 * @SETWAY_CIGDSW: clean and invalidate data and Allocation Tags
 */
enum setway_op {
	SETWAY_NONE,
	SETWAY_ISW,
	SETWAY_IGSW,
	SETWAY_IGDSW,
	SETWAY_CSW,
	SETWAY_CGSW,
	SETWAY_CGDSW,
	SETWAY_CISW,
	SETWAY_CIGSW,
	SETWAY_CIGDSW,
};

static_assert(SETWAY_CIGDSW < LOOPS_KINDS);

/**
 * enum setway_owed - what is left to do of a batch before the vCPU may run
 * @SETWAY_OWES_NOTHING: no batch is under way
 * @SETWAY_OWES_HARVEST: all of it
 * @SETWAY_OWES_CLEANING: pages are harvested, not all of them cleaned
 */
enum setway_owed {
	SETWAY_OWES_NOTHING,
	SETWAY_OWES_HARVEST,
	SETWAY_OWES_CLEANING,
};

/**
 * struct setway - one vCPU's Set/Way state machine
 * @loops: those that it is in
 * @owed: what has to be done before the vCPU runs again
 * @batch: progress of the batch under way
 * @uncached: &struct stage2.uncached counts this vCPU
 * @clean_ns: time the batch under way has spent cleaning, ns
 */
struct setway {
	struct loops loops;
	enum setway_owed owed;
	struct tracker_batch batch;
	bool uncached;
	u64 clean_ns;
};

/**
 * setway_trap() - a Set/Way operation was trapped
 * @vcpu: stopped at the operation
 * @op: its kind
 * @operand: its register, set, way and level packed together
 *
 * The vCPU owes a batch, unless the operation belongs to a loop already served.
 * Context: process, may sleep.
 */
void setway_trap(struct vcpu *vcpu, enum setway_op op, u32 operand);

/**
 * setway_vm_register_written() - the guest wrote SCTLR_EL1 or another register that
 *	HCR_EL2.TVM traps
 * @vcpu: stopped at the write
 * @was_enabled: vcpu_caches_enabled() before it
 *
 * The vCPU owes a batch if its caches went on or off.  If they are on, no further
 * write traps.
 */
void setway_vm_register_written(struct vcpu *vcpu, bool was_enabled);

/**
 * setway_sctlr_set() - userspace wrote SCTLR_EL1
 * @vcpu: not running
 * @was_enabled: vcpu_caches_enabled() before it
 *
 * The vCPU owes a batch if its caches went on or off.
 */
void setway_sctlr_set(struct vcpu *vcpu, bool was_enabled);

/**
 * setway_end_loop() - the vCPU did something that no flush loop does
 * @setway: the vCPU's, which is stopped
 *
 * The next Set/Way operation is a batch, whatever its operand.
 */
static inline void setway_end_loop(struct setway *setway)
{
	loops_end(&setway->loops);
}

/**
 * setway_stop() - the vCPU does not run for a while
 * @vcpu: not running; locked, or nobody can use it any more
 *
 * Pages are not cleaned for it until setway_settle() is called.
 */
void setway_stop(struct vcpu *vcpu);

/**
 * setway_settle() - serve VCPU_REQUEST_BATCH: do what the vCPU owes
 * @vcpu: about to enter the guest
 *
 * A vCPU that is to run with its caches off, and did not when it ran last, owes a
 * batch, however it came to that.
 *
 * Waits for the batch of another vCPU of the VM, and then runs its own.
 * Context: process, may sleep; takes stage2.batch_lock.
 * Return: 1 with nothing owed; -EINTR when a signal came, with the rest owed.
 */
int setway_settle(struct vcpu *vcpu);

#endif /* SETWAY_TRAP_SETWAY_H */
