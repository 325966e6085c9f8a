// SPDX-License-Identifier: GPL-2.0-only
/*
 * The syndrome of a guest's synchronous exit, and with it the IPA of an abort.
 * HPFAR_EL2 does not have it for a permission fault on the access itself, and
 * on some Cortex-A57 (erratum 834220) not for other faults either.  Then the
 * access's translation is repeated in the guest's stage 1.
 */
#include <linux/bitfield.h>
#include <asm/barrier.h>

#include "../trap/syndrome.h"
#include "runtime.h"
#include "sysreg.h"

/* ARM DDI 0487J.a, D19.2.61: where HPFAR_EL2 is UNKNOWN. */
static bool hpfar_is_valid(const struct el2_cpu *cpu, u64 esr)
{
	if (esr & ESR_ELx_S1PTW)
		return true;
	if (trap_is_permission_fault(esr))
		return false;
	return !(cpu->features & EL2_CPU_HPFAR_AT);
}

/*
 * The walk fails if another vCPU has changed stage 1 since, or a batch has made
 * its tables idle.  Then the guest faults again.
 */
static bool hpfar_from_far(const struct el2_cpu *cpu, u64 far, u64 *hpfar)
{
	u64 saved = par_el1_read(cpu);
	u64 par;

	asm volatile("at s1e1r, %0" : : "r" (far));
	isb();
	par = par_el1_read(cpu);
	write_sysreg(saved, par_el1);

	*hpfar = FIELD_GET(EL2_PAR_PA, par) << EL2_HPFAR_FIPA_SHIFT;
	return !(par & EL2_PAR_F);
}

u64 fault_record_abort(const struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 esr)
{
	u64 far = read_sysreg(far_el2);

	vcpu->far_el2 = far;
	if (hpfar_is_valid(cpu, esr)) {
		vcpu->hpfar_el2 = read_sysreg(hpfar_el2);
		return EL2_EXIT_SYNC;
	}
	return hpfar_from_far(cpu, far, &vcpu->hpfar_el2) ? EL2_EXIT_SYNC : EL2_EXIT_RETRY;
}

u64 fault_record(const struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	if (trap_is_abort(vcpu->esr_el2))
		return fault_record_abort(cpu, vcpu, vcpu->esr_el2);
	vcpu->far_el2 = read_sysreg(far_el2);
	return EL2_EXIT_SYNC;
}
