/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What EL2 may answer without the host, and with what (&struct el2_answers).
 */
#ifndef SETWAY_TRAP_ANSWERS_H
#define SETWAY_TRAP_ANSWERS_H

#include "../vcpu.h"

/**
 * answers_init() - fill in what never changes
 * @vcpu: runs for the first time; its VM has a GIC, or will never have one
 */
void answers_init(struct vcpu *vcpu);

/**
 * answers_allow() - say what EL2 may answer from here on
 * @vcpu: about to enter the guest, after vgic_load()
 *
 * Nothing that a tracepoint in use would have to tell, and nothing at all while the
 * module's parameter "answers" is off.
 */
void answers_allow(struct vcpu *vcpu);

/**
 * answers_add() - add what EL2 has answered to the counters
 * @vcpu: has just left the guest
 */
void answers_add(struct vcpu *vcpu);

/**
 * answers_count() - count what EL2 has answered
 * @vcpu: has just left the guest
 */
static inline void answers_count(struct vcpu *vcpu)
{
	const struct el2_answers *el2 = &vcpu->el2.answers;

	if (el2->nr_ids | el2->nr_faults | el2->nr_fpsimd)
		answers_add(vcpu);
}

#endif /* SETWAY_TRAP_ANSWERS_H */
