// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that confine a guest, or belong to a world as a whole: traps,
 * identification, timer, profiling.
 *
 * Registers of EL2 are read and chosen once, when EL2 is taken on a CPU
 * (controls_init()).  The host, at EL1, cannot write them, and firmware that puts a CPU
 * to sleep, and so makes it lose them, gives EL2 back first and has it taken again.  An
 * entry only adds what is the vCPU's own.  What the host does write at EL1 is read at
 * each entry (struct el2_host_own).
 */
#include <asm/barrier.h>

#include "runtime.h"
#include "sysreg.h"

static bool cpu_has(const struct el2_cpu *cpu, u64 features)
{
	return (cpu->features & features) == features;
}

/*
 * TSB CSYNC, which older assemblers have no name for; twice, as on some CPUs
 * (Cortex-A710 2054223 and others) a single one may not flush.
 */
static void trace_drain(void)
{
	asm volatile("hint #18\n\thint #18" : : : "memory");
}

static void fgt_read(const struct el2_cpu *cpu, struct el2_controls *controls)
{
	if (cpu_has(cpu, EL2_CPU_FGT)) {
		controls->fgt[0] = read_sysreg_s(EL2_SYS_HFGRTR_EL2);
		controls->fgt[1] = read_sysreg_s(EL2_SYS_HFGWTR_EL2);
		controls->fgt[2] = read_sysreg_s(EL2_SYS_HFGITR_EL2);
		controls->fgt[3] = read_sysreg_s(EL2_SYS_HDFGRTR_EL2);
		controls->fgt[4] = read_sysreg_s(EL2_SYS_HDFGWTR_EL2);
	}
	if (cpu_has(cpu, EL2_CPU_FGT | EL2_CPU_AMU))
		controls->fgt[5] = read_sysreg_s(EL2_SYS_HAFGRTR_EL2);
	if (cpu_has(cpu, EL2_CPU_FGT2)) {
		controls->fgt2[0] = read_sysreg_s(EL2_SYS_HDFGRTR2_EL2);
		controls->fgt2[1] = read_sysreg_s(EL2_SYS_HDFGWTR2_EL2);
		controls->fgt2[2] = read_sysreg_s(EL2_SYS_HFGRTR2_EL2);
		controls->fgt2[3] = read_sysreg_s(EL2_SYS_HFGWTR2_EL2);
		controls->fgt2[4] = read_sysreg_s(EL2_SYS_HFGITR2_EL2);
	}
}

static void fgt_load(const struct el2_cpu *cpu, const struct el2_controls *controls)
{
	if (cpu_has(cpu, EL2_CPU_FGT)) {
		write_sysreg_s(controls->fgt[0], EL2_SYS_HFGRTR_EL2);
		write_sysreg_s(controls->fgt[1], EL2_SYS_HFGWTR_EL2);
		write_sysreg_s(controls->fgt[2], EL2_SYS_HFGITR_EL2);
		write_sysreg_s(controls->fgt[3], EL2_SYS_HDFGRTR_EL2);
		write_sysreg_s(controls->fgt[4], EL2_SYS_HDFGWTR_EL2);
	}
	if (cpu_has(cpu, EL2_CPU_FGT | EL2_CPU_AMU))
		write_sysreg_s(controls->fgt[5], EL2_SYS_HAFGRTR_EL2);
	if (cpu_has(cpu, EL2_CPU_FGT2)) {
		write_sysreg_s(controls->fgt2[0], EL2_SYS_HDFGRTR2_EL2);
		write_sysreg_s(controls->fgt2[1], EL2_SYS_HDFGWTR2_EL2);
		write_sysreg_s(controls->fgt2[2], EL2_SYS_HFGRTR2_EL2);
		write_sysreg_s(controls->fgt2[3], EL2_SYS_HFGWTR2_EL2);
		write_sysreg_s(controls->fgt2[4], EL2_SYS_HFGITR2_EL2);
	}
}

static void optional_read(const struct el2_cpu *cpu, struct el2_controls *controls)
{
	if (cpu_has(cpu, EL2_CPU_HCX))
		controls->hcrx_el2 = read_sysreg_s(EL2_SYS_HCRX_EL2);
	if (cpu_has(cpu, EL2_CPU_MPAM))
		controls->mpam2_el2 = read_sysreg_s(EL2_SYS_MPAM2_EL2);
	if (cpu_has(cpu, EL2_CPU_RAS)) {
		controls->vdisr_el2 = read_sysreg_s(EL2_SYS_VDISR_EL2);
		controls->vsesr_el2 = read_sysreg_s(EL2_SYS_VSESR_EL2);
	}
	fgt_read(cpu, controls);
}

/* Not inline, as most CPUs have none of it. */
static noinline void optional_load(const struct el2_cpu *cpu,
				   const struct el2_controls *controls)
{
	if (cpu->optional & EL2_CPU_HCX)
		write_sysreg_s(controls->hcrx_el2, EL2_SYS_HCRX_EL2);
	if (cpu->optional & EL2_CPU_MPAM)
		write_sysreg_s(controls->mpam2_el2, EL2_SYS_MPAM2_EL2);
	if (cpu->optional & EL2_CPU_RAS) {
		write_sysreg_s(controls->vdisr_el2, EL2_SYS_VDISR_EL2);
		write_sysreg_s(controls->vsesr_el2, EL2_SYS_VSESR_EL2);
	}
	if (cpu->optional & (EL2_CPU_FGT | EL2_CPU_FGT2))
		fgt_load(cpu, controls);
}

static void controls_read(const struct el2_cpu *cpu, struct el2_controls *host)
{
	host->hcr_el2 = read_sysreg(hcr_el2);
	host->vtcr_el2 = read_sysreg(vtcr_el2);
	host->vttbr_el2 = read_sysreg(vttbr_el2);
	host->vpidr_el2 = read_sysreg(vpidr_el2);
	host->vmpidr_el2 = read_sysreg(vmpidr_el2);
	host->cptr_el2 = read_sysreg(cptr_el2);
	host->mdcr_el2 = read_sysreg(mdcr_el2);
	host->hstr_el2 = read_sysreg(hstr_el2);
	host->cnthctl_el2 = read_sysreg(cnthctl_el2);
	host->cntvoff_el2 = read_sysreg(cntvoff_el2);
	optional_read(cpu, host);
}

static u64 guest_cptr(const struct el2_cpu *cpu)
{
	u64 cptr = EL2_CPTR;

	if (cpu_has(cpu, EL2_CPU_TRACE))
		cptr |= CPTR_EL2_TTA;
	if (cpu_has(cpu, EL2_CPU_AMU))
		cptr |= CPTR_EL2_TAM;
	return cptr;
}

/*
 * Every field is a constant of this CPU's; registers that it does not have are never
 * loaded.  hcrx_el2, fgt and fgt2 are 0 from allocation on: in a fine-grained trap
 * register, 0 means that what is named n<register> traps; the other controls decide about
 * the rest.
 */
static void controls_compose(const struct el2_cpu *cpu, struct el2_controls *guest)
{
	const struct el2_controls *host = &cpu->host_controls;

	guest->hcr_el2 = cpu->hcr_set | EL2_HCR_SET;
	guest->cptr_el2 = guest_cptr(cpu);
	guest->mdcr_el2 = (host->mdcr_el2 | EL2_MDCR_SET) & ~EL2_MDCR_CLEAR;
	guest->hstr_el2 = EL2_HSTR;
	guest->cnthctl_el2 = host->cnthctl_el2 & ~(EL2_CNTHCTL_EL1PCEN | EL2_CNTHCTL_EL1PCTEN);
	guest->mpam2_el2 = host->mpam2_el2 | EL2_MPAM2_TRAPS;
}

static bool are_zero(const u64 *words, unsigned int nr)
{
	while (nr--)
		if (words[nr])
			return false;
	return true;
}

/* With FEAT_RAS, what the guest has is its own. */
static u64 optional_find(const struct el2_cpu *cpu)
{
	const struct el2_controls *host = &cpu->host_controls;
	u64 same = 0;

	if (!host->hcrx_el2)
		same |= EL2_CPU_HCX;
	if (host->mpam2_el2 == cpu->guest_controls.mpam2_el2)
		same |= EL2_CPU_MPAM;
	if (are_zero(host->fgt, EL2_NR_FGT) && are_zero(host->fgt2, EL2_NR_FGT2))
		same |= EL2_CPU_FGT | EL2_CPU_FGT2;
	return cpu->features & EL2_CPU_OPTIONAL & ~same;
}

void controls_init(struct el2_cpu *cpu)
{
	controls_read(cpu, &cpu->host_controls);
	controls_compose(cpu, &cpu->guest_controls);
	cpu->optional = optional_find(cpu);
}

/*
 * The virtual timer is off whenever the worlds change, as neither's may fire with the
 * other's compare value or offset.  A kernel that was booted at EL2 does not use it: it is
 * off already, and there is nothing to be kept.
 */
static void timer_stop(void)
{
	write_sysreg(0, cntv_ctl_el0);
	isb();
}

static void timer_start(u64 ctl, u64 cval)
{
	write_sysreg(cval, cntv_cval_el0);
	isb();
	write_sysreg(ctl, cntv_ctl_el0);
}

static void host_timer_save(struct el2_host_own *own)
{
	own->cntv_ctl_el0 = read_sysreg(cntv_ctl_el0);
	if (own->cntv_ctl_el0 & EL2_CNTV_CTL_ENABLE)
		own->cntv_cval_el0 = read_sysreg(cntv_cval_el0);
}

static void host_timer_stop(const struct el2_host_own *own)
{
	if (own->cntv_ctl_el0 & EL2_CNTV_CTL_ENABLE)
		timer_stop();
}

static void host_timer_start(const struct el2_host_own *own)
{
	if (own->cntv_ctl_el0)
		timer_start(own->cntv_ctl_el0, own->cntv_cval_el0);
}

void controls_host_save(struct el2_cpu *cpu)
{
	struct el2_host_own *own = &cpu->host_own;

	if (cpu_has(cpu, EL2_CPU_PMU))
		own->pmuserenr_el0 = read_sysreg_s(EL2_SYS_PMUSERENR_EL0);
	if (cpu_has(cpu, EL2_CPU_SME))
		own->tpidr2_el0 = read_sysreg_s(EL2_SYS_TPIDR2_EL0);
	host_timer_save(own);
}

/* What the worlds have in common: each is a constant of this CPU's. */
static void controls_load(const struct el2_cpu *cpu, const struct el2_controls *controls)
{
	write_sysregs(controls->cptr_el2, cptr_el2, controls->mdcr_el2, mdcr_el2);
	write_sysreg(controls->hstr_el2, hstr_el2);
	if (cpu->optional)
		optional_load(cpu, controls);
}

void controls_host_load(const struct el2_cpu *cpu)
{
	const struct el2_controls *host = &cpu->host_controls;

	timer_stop();
	write_sysregs(host->cnthctl_el2, cnthctl_el2, host->cntvoff_el2, cntvoff_el2);
	host_timer_start(&cpu->host_own);
	write_sysregs(host->vpidr_el2, vpidr_el2, host->vmpidr_el2, vmpidr_el2);
	controls_load(cpu, host);
	if (cpu_has(cpu, EL2_CPU_PMU))
		write_sysreg_s(cpu->host_own.pmuserenr_el0, EL2_SYS_PMUSERENR_EL0);
	if (cpu_has(cpu, EL2_CPU_SME))
		write_sysreg_s(cpu->host_own.tpidr2_el0, EL2_SYS_TPIDR2_EL0);
	write_sysregs(host->vtcr_el2, vtcr_el2, host->vttbr_el2, vttbr_el2);
	write_sysreg(host->hcr_el2, hcr_el2);
}

static u64 guest_cnthctl(const struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	u64 cnthctl = cpu->guest_controls.cnthctl_el2;

	return vcpu->cntpct_traps ? cnthctl : cnthctl | EL2_CNTHCTL_EL1PCTEN;
}

void controls_guest_load(struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	struct el2_controls *guest = &cpu->guest_controls;

	host_timer_stop(&cpu->host_own);
	write_sysreg(guest_cnthctl(cpu, vcpu), cnthctl_el2);
	write_sysreg(vcpu->cntvoff_el2, cntvoff_el2);
	timer_start(vcpu->cntv_ctl_el0, vcpu->cntv_cval_el0);
	write_sysregs(vcpu->vpidr_el2, vpidr_el2, vcpu->vmpidr_el2, vmpidr_el2);
	if (cpu_has(cpu, EL2_CPU_RAS)) {
		guest->vdisr_el2 = vcpu->vdisr_el2;
		guest->vsesr_el2 = vcpu->vsesr_el2;
	}
	controls_load(cpu, guest);
	if (cpu_has(cpu, EL2_CPU_PMU))
		write_sysreg_s(EL2_PMUSERENR, EL2_SYS_PMUSERENR_EL0);
	if (cpu_has(cpu, EL2_CPU_SME))
		write_sysreg_s(0, EL2_SYS_TPIDR2_EL0);
	write_sysregs(vcpu->vtcr_el2, vtcr_el2, vcpu->vttbr_el2, vttbr_el2);
	write_sysreg((vcpu->hcr_el2 | guest->hcr_el2) & ~EL2_HCR_CLEAR, hcr_el2);
}

void controls_guest_save(const struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	vcpu->cntv_ctl_el0 = read_sysreg(cntv_ctl_el0);
	vcpu->cntv_cval_el0 = read_sysreg(cntv_cval_el0);
	if (cpu_has(cpu, EL2_CPU_RAS))
		vcpu->vdisr_el2 = read_sysreg_s(EL2_SYS_VDISR_EL2);

	/* The CPU clears VSE when the guest takes the virtual SError. */
	if ((vcpu->hcr_el2 & HCR_VSE) && !(read_sysreg(hcr_el2) & HCR_VSE))
		vcpu->hcr_el2 &= ~HCR_VSE;
}

void profiling_stop(struct el2_cpu *cpu)
{
	struct el2_host_own *own = &cpu->host_own;

	if (cpu_has(cpu, EL2_CPU_SPE))
		own->pmscr_el1 = read_sysreg_s(EL2_SYS_PMSCR_EL1);
	if (own->pmscr_el1) {
		write_sysreg_s(0, EL2_SYS_PMSCR_EL1);
		isb();
		psb_csync();
		dsb(nsh);
	}
	if (cpu_has(cpu, EL2_CPU_TRF))
		own->trfcr_el1 = read_sysreg_s(EL2_SYS_TRFCR_EL1);
	if (own->trfcr_el1) {
		write_sysreg_s(0, EL2_SYS_TRFCR_EL1);
		isb();
		trace_drain();
		dsb(nsh);
	}
}

void profiling_resume(const struct el2_cpu *cpu)
{
	const struct el2_host_own *own = &cpu->host_own;

	/* The host owns the buffers again (MDCR_EL2) before what follows. */
	isb();
	if (own->pmscr_el1)
		write_sysreg_s(own->pmscr_el1, EL2_SYS_PMSCR_EL1);
	if (own->trfcr_el1)
		write_sysreg_s(own->trfcr_el1, EL2_SYS_TRFCR_EL1);
}
