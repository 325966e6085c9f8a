// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world switch: everything that the guest could read or change of the
 * host's is exchanged here, or made to trap in controls.c.  The complete list
 * is Documentation/world-switch.rst.
 *
 * The order matters because the CPU walks the tables of EL1&0 whenever it likes,
 * and on some CPUs (Cortex-A57 1319537, A72 1319367, A55 1530923, A76 1165522)
 * a speculative AT at EL2 does so even with half of the registers exchanged.  A
 * walk through one world's TTBR and the other's stage 2 would leave a wrong
 * translation in the TLB.  So between the first and the last of those registers
 * no walk is possible at all:
 *
 *   EPD0|EPD1 set in TCR_EL1     every walk faults at once
 *   SCTLR_EL1.M set              nothing is translated flat instead
 *        | exchange TTBRn_EL1, VTTBR_EL2, HCR_EL2, ...
 *   new SCTLR_EL1                walks still fault
 *   new TCR_EL1                  walks start, all in the new world
 *
 * with an ISB between any two lines; mostly SCTLR_EL1.M is set already.  (TTBCR.EAE is
 * set as well, for the sake of AArch32, where EPD0 and EPD1 mean nothing without it; in
 * AArch64 it is a bit of TG1, which means nothing with EPD1.)  The TLB calls, which load
 * a guest's VMID for a moment, do the same.
 *
 * CPUs without such an erratum, by the kernel's own list, do not stop walks: while EL2
 * runs, the tables of EL1&0 are walked for no access and no speculation, but only for an
 * AT that is executed, and none is in between.
 */
#include <asm/barrier.h>
#include <asm/ptrace.h>

#include "runtime.h"
#include "sysreg.h"

void walks_stop(const struct el2_cpu *cpu)
{
	u64 tcr, sctlr;

	if (!(cpu->features & EL2_CPU_AT_WALKS))
		return;
	tcr = read_sysreg(tcr_el1);
	write_sysreg(tcr | EL2_TCR_EL1_EPD0 | EL2_TCR_EL1_EPD1 | EL2_TTBCR_EAE, tcr_el1);
	isb();
	sctlr = read_sysreg(sctlr_el1);
	if (!(sctlr & EL2_SCTLR_EL1_M)) {
		write_sysreg(sctlr | EL2_SCTLR_EL1_M, sctlr_el1);
		isb();
	}
}

void walks_allow(u64 sctlr, u64 tcr)
{
	isb();
	write_sysreg(sctlr, sctlr_el1);
	isb();
	write_sysreg(tcr, tcr_el1);
}

#define SYSREGS_SAVE(name1, reg1, name2, reg2) {			\
	u64 first = read_sysreg(reg1), second = read_sysreg(reg2);	\
									\
	sysregs[EL2_REG_##name1] = first;				\
	sysregs[EL2_REG_##name2] = second;				\
}

#define SYSREGS_LOAD(name1, reg1, name2, reg2) {				\
	write_sysregs(sysregs[EL2_REG_##name1], reg1, sysregs[EL2_REG_##name2], reg2); \
}

/* This only reads, so a panic in here finds the host as it was. */
static void host_save(struct el2_cpu *cpu)
{
	u64 *sysregs = cpu->host.sysregs;

#define EL2_SYSREGS SYSREGS_SAVE
#define EL2_SYSREGS_GUEST(name1, reg1, name2, reg2)
#include "switched.h"
	SYSREGS_SAVE(CNTKCTL_EL1, cntkctl_el1, MDSCR_EL1, mdscr_el1);
	SYSREGS_SAVE(SCTLR_EL1, sctlr_el1, TCR_EL1, tcr_el1);
	controls_host_save(cpu);
}

static void host_load(struct el2_cpu *cpu)
{
	const u64 *sysregs = cpu->host.sysregs;

	walks_stop(cpu);
#define EL2_SYSREGS SYSREGS_LOAD
#define EL2_SYSREGS_GUEST(name1, reg1, name2, reg2)
#include "switched.h"
	SYSREGS_LOAD(CNTKCTL_EL1, cntkctl_el1, MDSCR_EL1, mdscr_el1);
	gic_host_load(cpu);
	controls_host_load(cpu);
	walks_allow(sysregs[EL2_REG_SCTLR_EL1], sysregs[EL2_REG_TCR_EL1]);
	if (cpu->features & EL2_CPU_PROFILES)
		profiling_resume(cpu);
	write_sysreg(el2_host_vectors, vbar_el2);
}

/* All but SCTLR_EL1 and TCR_EL1, which walks_allow() brings. */
static void guest_sysregs_load(struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	const u64 *sysregs = vcpu->context.sysregs;
	u64 mdscr = sysregs[EL2_REG_MDSCR_EL1];

#define EL2_SYSREGS SYSREGS_LOAD
#include "switched.h"
	SYSREGS_LOAD(PAR_EL1, par_el1, CNTKCTL_EL1, cntkctl_el1);
	write_sysreg(mdscr, mdscr_el1);
	if (unlikely(mdscr & EL2_MDSCR_EL1_MDE))
		debug_guest_load(cpu, vcpu);
}

static void guest_sysregs_save(const struct el2_cpu *cpu, u64 *sysregs)
{
#define EL2_SYSREGS SYSREGS_SAVE
#include "switched.h"
	sysregs[EL2_REG_CNTKCTL_EL1] = read_sysreg(cntkctl_el1);
	SYSREGS_SAVE(SCTLR_EL1, sctlr_el1, TCR_EL1, tcr_el1);
	sysregs[EL2_REG_PAR_EL1] = par_el1_read(cpu);
}

/*
 * Of all modes that a guest may not have, only EL2 would be a legal return.  Use
 * EL3 instead, which is illegal.
 */
static u64 guest_pstate(const struct el2_vcpu *vcpu)
{
	u64 pstate = vcpu->pstate;

	if ((pstate & (PSR_MODE32_BIT | EL2_SPSR_EL)) == EL2_SPSR_IS_EL2)
		pstate |= EL2_SPSR_EL;
	return pstate;
}

static void guest_load(struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	const u64 *sysregs = vcpu->context.sysregs;

	walks_stop(cpu);
	if (el1_is_aarch32(vcpu))
		aarch32_load(&vcpu->aarch32);
	guest_sysregs_load(cpu, vcpu);
	gic_guest_load(cpu, &vcpu->vgic);
	if (el1_is_aarch32(vcpu))
		aarch32_guest_enter(cpu, vcpu);
	controls_guest_load(cpu, vcpu);
	walks_allow(sysregs[EL2_REG_SCTLR_EL1], sysregs[EL2_REG_TCR_EL1]);
	write_sysreg(vcpu->pc, elr_el2);
	write_sysreg(guest_pstate(vcpu), spsr_el2);
	write_sysreg(cpu->guest_vectors, vbar_el2);
}

/* What a guest has only when it uses it. */
static void lent_take_back(struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	if (cpu->lent & EL2_LENT_FPSIMD)
		fpsimd_host_load(cpu, vcpu);
	if (cpu->lent & EL2_LENT_DEBUG)
		debug_host_load(cpu);
}

static void guest_save(struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	if (el1_is_aarch32(vcpu))
		aarch32_guest_leave(cpu, vcpu);
	guest_sysregs_save(cpu, vcpu->context.sysregs);
	gic_guest_save(cpu, &vcpu->vgic);
	if (el1_is_aarch32(vcpu))
		aarch32_save(vcpu);
	controls_guest_save(cpu, vcpu);
	if (cpu->lent)
		lent_take_back(cpu, vcpu);
}

/*
 * SErrors
 *
 * An SError is asynchronous: one that a guest's access caused may arrive after its
 * exit.  On some systems a guest can cause one at will, by an atomic access to
 * memory that it has mapped without caches.  The host must not take it, as it would
 * die.  Nor must a guest take one of the host's, which may be the last sign of
 * memory that loses data.  So each has to arrive before the worlds change:
 *
 *   host        ... DSB, ISB | is one pending?  back to the host, which takes it
 *   guest       ...
 *   host (EL2)  exit, then with FEAT_RAS    ESB, which defers it to DISR_EL1
 *                          without          DSB, ISB; is one pending?  then it
 *                                           is taken here: serror_take() unmasks
 *               the exit has not happened, and becomes EL2_EXIT_SERROR
 *
 * The guest's HCR_EL2.AMO is in place, so EL2 takes the SError.  The exit is
 * dropped and not just flagged: the guest repeats what it did when it runs again,
 * and the SError's syndrome has replaced the exit's.
 *
 * On entry there is a DSB with FEAT_RAS only: without it a host does not survive an
 * SError anyway.
 */
static bool host_is_interrupted(const struct el2_cpu *cpu)
{
	if (cpu->features & EL2_CPU_RAS) {
		dsb(nshst);
		isb();
	}
	return read_sysreg(isr_el1);
}

/* The syndrome, or 0. */
static u64 guest_serror(const struct el2_cpu *cpu)
{
	u64 disr;

	if (!(cpu->features & EL2_CPU_RAS)) {
		dsb(sy);
		isb();
		return read_sysreg(isr_el1) & EL2_ISR_A ? serror_take() : 0;
	}
	asm volatile("hint #16" : : : "memory");	/* ESB */
	disr = read_sysreg_s(EL2_SYS_DISR_EL1);
	if (!(disr & EL2_DISR_A))
		return 0;
	write_sysreg_s(0, EL2_SYS_DISR_EL1);
	return EL2_ESR_EC_SERROR << EL2_ESR_EC_SHIFT | EL2_ESR_IL | (disr & EL2_ESR_ISS);
}

void el2_cpu_init(struct el2_cpu *cpu)
{
	controls_init(cpu);
	debug_init(cpu);
	gic_init(cpu);
}

u64 el2_world_enter(struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	if (host_is_interrupted(cpu))
		return EL2_EXIT_IRQ;
	host_save(cpu);

	/* Before the first register changes: el2_panic() goes by it. */
	cpu->vcpu = (u64)vcpu;
	barrier();

	if (cpu->features & EL2_CPU_PROFILES)
		profiling_stop(cpu);
	guest_load(cpu, vcpu);
	return 0;
}

/* An illegal return does not take over the guest's PSTATE. */
static u64 exit_record(struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 code)
{
	if (code == EL2_EXIT_ILLEGAL)
		return code;

	vcpu->pc = read_sysreg(elr_el2);
	vcpu->pstate = read_sysreg(spsr_el2);
	vcpu->esr_el2 = read_sysreg(esr_el2);
	if (code != EL2_EXIT_SYNC || vcpu->answers.refused)
		return code;
	return fault_record(cpu, vcpu);
}

/* The PC is past an HVC (ARM DDI 0487J.a, D1.3.2), which the guest is to do again. */
static u64 serror_record(struct el2_vcpu *vcpu, u64 code, u64 serror)
{
	u64 ec = vcpu->esr_el2 >> EL2_ESR_EC_SHIFT;

	if (code == EL2_EXIT_SYNC && (ec == EL2_ESR_EC_HVC32 || ec == EL2_ESR_EC_HVC64))
		vcpu->pc -= EL2_HVC_SIZE;
	vcpu->esr_el2 = serror;
	return EL2_EXIT_SERROR;
}

u64 el2_world_leave(struct el2_cpu *cpu, u64 code)
{
	struct el2_vcpu *vcpu = (struct el2_vcpu *)cpu->vcpu;
	u64 serror;

	code = exit_record(cpu, vcpu, code);
	serror = guest_serror(cpu);
	if (serror)
		code = serror_record(vcpu, code, serror);
	vcpu->exit_code = code;
	guest_save(cpu, vcpu);
	host_load(cpu);

	/* After the last register is back: el2_panic() goes by it. */
	barrier();
	cpu->vcpu = 0;
	return code;
}

u64 el2_panic(struct el2_cpu *cpu)
{
	struct el2_panic *panic = &cpu->panic;

	/* A second exception while one is handled: there is no way back to the host. */
	while (panic->busy)
		wfe();
	panic->busy = 1;
	panic->count++;
	panic->esr_el2 = read_sysreg(esr_el2);
	panic->elr_el2 = read_sysreg(elr_el2);
	panic->far_el2 = read_sysreg(far_el2);
	panic->spsr_el2 = read_sysreg(spsr_el2);

	if (cpu->vcpu) {
		lent_take_back(cpu, (struct el2_vcpu *)cpu->vcpu);
		host_load(cpu);
	}
	cpu->vcpu = 0;
	/* Whatever is in the list registers. */
	gic_init(cpu);
	panic->busy = 0;
	return EL2_EXIT_PANIC;
}
