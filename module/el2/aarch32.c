// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of a guest with EL1 in AArch32 that have no AArch64 register in
 * their place.
 *
 * QEMU's CPUs (7.2 at least, without KVM) keep the SPSR of the current mode apart,
 * and put it where EL2 finds it only when AArch32 code changes the mode.  Then EL2
 * saves an older value at an exit, and the guest does not find the value that EL2
 * loads.  It finds that of the vCPU which ran here before, and returns from its
 * exception with the wrong PSTATE.  So on such a CPU two instructions in AArch32
 * state change the mode: out of the guest's mode after each exit, into it before
 * each entry.
 */
#include <asm/barrier.h>
#include <asm/ptrace.h>

#include "runtime.h"
#include "sysreg.h"

/* What a detour borrows. */
struct detour {
	u64 hcr;
	u64 sctlr;
	u64 mdscr;
};

/*
 * Nothing is translated.  Interrupts are masked, because they go to EL1
 * meanwhile.  The guest's single step must not stop at these instructions.
 */
static void detour_begin(struct detour *detour)
{
	detour->hcr = read_sysreg(hcr_el2);
	detour->sctlr = read_sysreg(sctlr_el1);
	detour->mdscr = read_sysreg(mdscr_el1);
	write_sysreg(0, mdscr_el1);
	write_sysreg(EL2_SCTLR_AARCH32, sctlr_el1);
	isb();
	write_sysreg(0, hcr_el2);
	isb();
}

static void detour_end(const struct detour *detour)
{
	write_sysreg(detour->hcr, hcr_el2);
	isb();
	write_sysreg(detour->sctlr, sctlr_el1);
	write_sysreg(detour->mdscr, mdscr_el1);
	isb();
}

static void change_mode(u64 from, u64 to)
{
	struct detour detour;

	detour_begin(&detour);
	detour_go(to | EL2_AARCH32_AIF, from | EL2_AARCH32_AIF, detour_set_mode);
	detour_end(&detour);
}

static bool spsr_irq_is(u64 spsr)
{
	struct detour detour;
	u64 found;

	write_sysreg(spsr, spsr_irq);
	detour_begin(&detour);
	found = detour_go(0, PSR_AA32_MODE_IRQ | EL2_AARCH32_AIF, detour_read_spsr);
	detour_end(&detour);
	return found == spsr;
}

/*
 * Does the guest find what EL2 writes?  Ask twice, as the value may be the same by
 * chance.  AArch32 cannot reach an image above 4 GiB: then the CPU is assumed to
 * work.
 */
static void spsr_check(struct el2_cpu *cpu)
{
	if ((u64)detour_set_mode >> 32)
		cpu->spsr = EL2_SPSR_WORKS;
	else
		cpu->spsr = spsr_irq_is(PSR_AA32_MODE_USR) && spsr_irq_is(PSR_AA32_MODE_SVC) ?
			EL2_SPSR_WORKS : EL2_SPSR_APART;
	/* The fetch has left a flat translation with the host's VMID. */
	asm volatile("tlbi vmalle1" : : : "memory");
	dsb(nsh);
	isb();
}

/*
 * Does a mode have an SPSR?  Userspace can give a vCPU any mode, and an HVC does
 * not leave an illegal one, so no other mode may be entered in AArch32 state.
 */
static bool spsr_is_apart(const struct el2_cpu *cpu, u64 mode)
{
	return cpu->spsr == EL2_SPSR_APART &&
	       (mode == PSR_AA32_MODE_SVC || mode == PSR_AA32_MODE_IRQ ||
		mode == PSR_AA32_MODE_FIQ || mode == PSR_AA32_MODE_ABT ||
		mode == PSR_AA32_MODE_UND);
}

void aarch32_guest_leave(const struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	u64 mode = vcpu->pstate & PSR_AA32_MODE_MASK;

	if (spsr_is_apart(cpu, mode))
		change_mode(mode, PSR_AA32_MODE_SYS);
}

/* Two at a time, so that one instruction stores them. */
#define SPSRS_SAVE(mode1, reg1, mode2, reg2) {				\
	u64 first = read_sysreg(reg1), second = read_sysreg(reg2);	\
									\
	aarch32->spsr[EL2_SPSR_##mode1] = first;			\
	aarch32->spsr[EL2_SPSR_##mode2] = second;			\
}

void aarch32_save(struct el2_vcpu *vcpu)
{
	struct el2_aarch32 *aarch32 = &vcpu->aarch32;
	u64 dacr, ifsr;

	SPSRS_SAVE(ABT, spsr_abt, UND, spsr_und);
	SPSRS_SAVE(IRQ, spsr_irq, FIQ, spsr_fiq);
	dacr = read_sysreg(dacr32_el2);
	ifsr = read_sysreg(ifsr32_el2);
	aarch32->dacr32_el2 = dacr;
	aarch32->ifsr32_el2 = ifsr;
	/* DBGDSCRext.MOE: what the last debug exception was. */
	vcpu->context.sysregs[EL2_REG_MDSCR_EL1] = read_sysreg(mdscr_el1);
}

void aarch32_load(const struct el2_aarch32 *aarch32)
{
	write_sysreg(aarch32->spsr[EL2_SPSR_ABT], spsr_abt);
	write_sysreg(aarch32->spsr[EL2_SPSR_UND], spsr_und);
	write_sysreg(aarch32->spsr[EL2_SPSR_IRQ], spsr_irq);
	write_sysreg(aarch32->spsr[EL2_SPSR_FIQ], spsr_fiq);
	write_sysreg(aarch32->dacr32_el2, dacr32_el2);
	write_sysreg(aarch32->ifsr32_el2, ifsr32_el2);
	write_sysreg(aarch32->fpexc32_el2, fpexc32_el2);
}

void aarch32_guest_enter(struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	const u64 *spsr = vcpu->aarch32.spsr;
	u64 mode = vcpu->pstate & PSR_AA32_MODE_MASK;

	if (cpu->spsr == EL2_SPSR_UNKNOWN) {
		spsr_check(cpu);
		write_sysreg(spsr[EL2_SPSR_IRQ], spsr_irq);
	}
	if (spsr_is_apart(cpu, mode))
		change_mode(PSR_AA32_MODE_SYS, mode);
}
