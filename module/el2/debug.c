// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watchpoints.  They are the host's until a guest is entered whose
 * MDSCR_EL1 has MDE, which is what enables them all:
 *
 *	MDE clear	the host's stay in the CPU, and cannot fire
 *	MDE set		exchanged at the entry, and the host's are back at the exit
 *
 * A guest's accesses to these registers always trap, and the CPU changes none of them.  So
 * what the guest has is never read back, and an exit costs half of what it would.
 *
 * Nothing fires meanwhile at EL2: debug exceptions go to EL1, from where EL2 takes none;
 * and when they go to EL2 (MDCR_EL2.TDE), PSTATE.D masks them there.  What is written
 * takes effect at the ERET.
 */
#include <linux/bitfield.h>
#include <asm/barrier.h>

#include "runtime.h"
#include "sysreg.h"

void debug_init(struct el2_cpu *cpu)
{
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);

	cpu->last_breakpoint = FIELD_GET(EL2_DFR0_BRPS, dfr0);
	cpu->last_watchpoint = FIELD_GET(EL2_DFR0_WRPS, dfr0);
}

/* As many registers as are left, one after the other. */
#define DEBUG_SAVE(value_reg, control_reg) {				\
	if (left) {							\
		left--;							\
		*value++ = read_sysreg(value_reg);			\
		*control++ = read_sysreg(control_reg);			\
	}								\
}

#define DEBUG_LOAD(value_reg, control_reg) {				\
	if (left) {							\
		left--;							\
		write_sysreg(*value++, value_reg);			\
		write_sysreg(*control++, control_reg);			\
	}								\
}

static void breakpoints_save(const struct el2_cpu *cpu, struct el2_debug *debug)
{
	u64 *value = debug->bvr, *control = debug->bcr;
	u64 left = cpu->last_breakpoint + 1;

#define EL2_DEBUG(n) DEBUG_SAVE(dbgbvr##n##_el1, dbgbcr##n##_el1)
#include "debugged.h"
}

static void breakpoints_load(const struct el2_cpu *cpu, const struct el2_debug *debug)
{
	const u64 *value = debug->bvr, *control = debug->bcr;
	u64 left = cpu->last_breakpoint + 1;

#define EL2_DEBUG(n) DEBUG_LOAD(dbgbvr##n##_el1, dbgbcr##n##_el1)
#include "debugged.h"
}

static void watchpoints_save(const struct el2_cpu *cpu, struct el2_debug *debug)
{
	u64 *value = debug->wvr, *control = debug->wcr;
	u64 left = cpu->last_watchpoint + 1;

#define EL2_DEBUG(n) DEBUG_SAVE(dbgwvr##n##_el1, dbgwcr##n##_el1)
#include "debugged.h"
}

static void watchpoints_load(const struct el2_cpu *cpu, const struct el2_debug *debug)
{
	const u64 *value = debug->wvr, *control = debug->wcr;
	u64 left = cpu->last_watchpoint + 1;

#define EL2_DEBUG(n) DEBUG_LOAD(dbgwvr##n##_el1, dbgwcr##n##_el1)
#include "debugged.h"
}

void debug_guest_load(struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	const struct el2_debug *debug = (const struct el2_debug *)vcpu->debug;

	breakpoints_save(cpu, &cpu->debug);
	watchpoints_save(cpu, &cpu->debug);
	/* Before the first register changes: el2_panic() goes by it. */
	cpu->lent |= EL2_LENT_DEBUG;
	barrier();
	breakpoints_load(cpu, debug);
	watchpoints_load(cpu, debug);
	if (el1_is_aarch32(vcpu))
		write_sysreg(debug->dbgvcr32_el2, dbgvcr32_el2);
	cpu->guest_controls.mdcr_el2 |= vcpu->mdcr_el2;
}

void debug_host_load(struct el2_cpu *cpu)
{
	breakpoints_load(cpu, &cpu->debug);
	watchpoints_load(cpu, &cpu->debug);
	cpu->guest_controls.mdcr_el2 &= ~MDCR_EL2_TDE;
	barrier();
	cpu->lent &= ~EL2_LENT_DEBUG;
}
