// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that confine a guest, or belong to a world as a whole: traps,
 * identification, timer, profiling.  There is one place each to read, choose
 * and write them, and all three check in the same way what a CPU has.
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

static void fgt_save(const struct el2_cpu *cpu, struct el2_controls *controls)
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

/* ICH_*_EL2 are there only while the CPU interface is in system registers. */
static void gic_save(const struct el2_cpu *cpu, struct el2_controls *controls)
{
	if (!cpu_has(cpu, EL2_CPU_GICV3))
		return;
	controls->icc_sre_el2 = read_sysreg_s(EL2_SYS_ICC_SRE_EL2);
	if (controls->icc_sre_el2 & EL2_ICC_SRE_SRE) {
		controls->ich_hcr_el2 = read_sysreg_s(EL2_SYS_ICH_HCR_EL2);
		controls->ich_vmcr_el2 = read_sysreg_s(EL2_SYS_ICH_VMCR_EL2);
	}
}

static void gic_load(const struct el2_cpu *cpu, const struct el2_controls *controls)
{
	if (!cpu_has(cpu, EL2_CPU_GICV3))
		return;
	write_sysreg_s(controls->icc_sre_el2, EL2_SYS_ICC_SRE_EL2);
	if (controls->icc_sre_el2 & EL2_ICC_SRE_SRE) {
		write_sysreg_s(controls->ich_vmcr_el2, EL2_SYS_ICH_VMCR_EL2);
		write_sysreg_s(controls->ich_hcr_el2, EL2_SYS_ICH_HCR_EL2);
	}
}

static void optional_save(const struct el2_cpu *cpu, struct el2_controls *controls)
{
	if (cpu_has(cpu, EL2_CPU_HCX))
		controls->hcrx_el2 = read_sysreg_s(EL2_SYS_HCRX_EL2);
	if (cpu_has(cpu, EL2_CPU_MPAM))
		controls->mpam2_el2 = read_sysreg_s(EL2_SYS_MPAM2_EL2);
	if (cpu_has(cpu, EL2_CPU_RAS)) {
		controls->vdisr_el2 = read_sysreg_s(EL2_SYS_VDISR_EL2);
		controls->vsesr_el2 = read_sysreg_s(EL2_SYS_VSESR_EL2);
	}
	if (cpu_has(cpu, EL2_CPU_PMU))
		controls->pmuserenr_el0 = read_sysreg_s(EL2_SYS_PMUSERENR_EL0);
	if (cpu_has(cpu, EL2_CPU_SPE))
		controls->pmscr_el1 = read_sysreg_s(EL2_SYS_PMSCR_EL1);
	if (cpu_has(cpu, EL2_CPU_TRF))
		controls->trfcr_el1 = read_sysreg_s(EL2_SYS_TRFCR_EL1);
	if (cpu_has(cpu, EL2_CPU_SME))
		controls->tpidr2_el0 = read_sysreg_s(EL2_SYS_TPIDR2_EL0);
}

static void optional_load(const struct el2_cpu *cpu, const struct el2_controls *controls)
{
	if (cpu_has(cpu, EL2_CPU_HCX))
		write_sysreg_s(controls->hcrx_el2, EL2_SYS_HCRX_EL2);
	if (cpu_has(cpu, EL2_CPU_MPAM))
		write_sysreg_s(controls->mpam2_el2, EL2_SYS_MPAM2_EL2);
	if (cpu_has(cpu, EL2_CPU_RAS)) {
		write_sysreg_s(controls->vdisr_el2, EL2_SYS_VDISR_EL2);
		write_sysreg_s(controls->vsesr_el2, EL2_SYS_VSESR_EL2);
	}
	if (cpu_has(cpu, EL2_CPU_PMU))
		write_sysreg_s(controls->pmuserenr_el0, EL2_SYS_PMUSERENR_EL0);
	if (cpu_has(cpu, EL2_CPU_SME))
		write_sysreg_s(controls->tpidr2_el0, EL2_SYS_TPIDR2_EL0);
}

/* Neither world's timer may fire with the other's compare value or offset. */
static void timer_load(const struct el2_controls *controls)
{
	write_sysreg(0, cntv_ctl_el0);
	isb();
	write_sysreg(controls->cntvoff_el2, cntvoff_el2);
	write_sysreg(controls->cntv_cval_el0, cntv_cval_el0);
	isb();
	write_sysreg(controls->cntv_ctl_el0, cntv_ctl_el0);
}

void controls_save(struct el2_cpu *cpu)
{
	struct el2_controls *host = &cpu->host_controls;

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
	host->cntv_ctl_el0 = read_sysreg(cntv_ctl_el0);
	host->cntv_cval_el0 = read_sysreg(cntv_cval_el0);
	gic_save(cpu, host);
	fgt_save(cpu, host);
	optional_save(cpu, host);
}

void controls_load(const struct el2_cpu *cpu, const struct el2_controls *controls)
{
	timer_load(controls);
	write_sysreg(controls->cnthctl_el2, cnthctl_el2);
	write_sysreg(controls->vpidr_el2, vpidr_el2);
	write_sysreg(controls->vmpidr_el2, vmpidr_el2);
	write_sysreg(controls->cptr_el2, cptr_el2);
	write_sysreg(controls->mdcr_el2, mdcr_el2);
	write_sysreg(controls->hstr_el2, hstr_el2);
	gic_load(cpu, controls);
	fgt_load(cpu, controls);
	optional_load(cpu, controls);
	write_sysreg(controls->vtcr_el2, vtcr_el2);
	write_sysreg(controls->vttbr_el2, vttbr_el2);
	write_sysreg(controls->hcr_el2, hcr_el2);
}

static u64 guest_hcr(const struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	return (vcpu->hcr_el2 | cpu->hcr_set | EL2_HCR_SET) & ~EL2_HCR_CLEAR;
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

static u64 guest_cnthctl(const struct el2_controls *host, const struct el2_vcpu *vcpu)
{
	u64 cnthctl = host->cnthctl_el2 & ~(EL2_CNTHCTL_EL1PCEN | EL2_CNTHCTL_EL1PCTEN);

	return vcpu->cntpct_traps ? cnthctl : cnthctl | EL2_CNTHCTL_EL1PCTEN;
}

static u64 guest_ich_hcr(const struct el2_vgic *vgic)
{
	if (!vgic->enabled)
		return EL2_ICH_HCR_TRAPS;
	return (vgic->ich_hcr_el2 & EL2_ICH_HCR_CHOICE) | EL2_ICH_HCR_EN;
}

/*
 * Every field is the guest's value or a constant.  Registers that the CPU does
 * not have are never loaded.  In a fine-grained trap register, 0 means that what
 * is named n<register> traps; the other controls decide about the rest.
 */
void controls_compose(struct el2_cpu *cpu, const struct el2_vcpu *vcpu)
{
	const struct el2_controls *host = &cpu->host_controls;
	struct el2_controls *guest = &cpu->guest_controls;

	guest->hcr_el2 = guest_hcr(cpu, vcpu);
	guest->vtcr_el2 = vcpu->vtcr_el2;
	guest->vttbr_el2 = vcpu->vttbr_el2;
	guest->vpidr_el2 = vcpu->vpidr_el2;
	guest->vmpidr_el2 = vcpu->vmpidr_el2;
	guest->cptr_el2 = guest_cptr(cpu);
	guest->mdcr_el2 = (host->mdcr_el2 | EL2_MDCR_SET) & ~EL2_MDCR_CLEAR;
	guest->hstr_el2 = EL2_HSTR;
	guest->cnthctl_el2 = guest_cnthctl(host, vcpu);
	guest->cntvoff_el2 = vcpu->cntvoff_el2;
	guest->cntv_ctl_el0 = vcpu->cntv_ctl_el0;
	guest->cntv_cval_el0 = vcpu->cntv_cval_el0;
	guest->icc_sre_el2 = host->icc_sre_el2 & ~EL2_ICC_SRE_ENABLE;
	guest->ich_hcr_el2 = guest_ich_hcr(&vcpu->vgic);
	guest->ich_vmcr_el2 = vcpu->vgic.ich_vmcr_el2;
	guest->mpam2_el2 = host->mpam2_el2 | EL2_MPAM2_TRAPS;
	guest->vdisr_el2 = vcpu->vdisr_el2;
	guest->vsesr_el2 = vcpu->vsesr_el2;
	guest->pmuserenr_el0 = EL2_PMUSERENR;
	/* hcrx_el2, fgt, fgt2 and tpidr2_el0 are 0 from allocation on. */
}

void controls_retrieve(const struct el2_cpu *cpu, struct el2_vcpu *vcpu)
{
	vcpu->cntv_ctl_el0 = read_sysreg(cntv_ctl_el0);
	vcpu->cntv_cval_el0 = read_sysreg(cntv_cval_el0);
	if (cpu_has(cpu, EL2_CPU_RAS))
		vcpu->vdisr_el2 = read_sysreg_s(EL2_SYS_VDISR_EL2);

	/* The CPU clears VSE when the guest takes the virtual SError. */
	if (!(read_sysreg(hcr_el2) & HCR_VSE))
		vcpu->hcr_el2 &= ~HCR_VSE;
}

void profiling_stop(const struct el2_cpu *cpu)
{
	const struct el2_controls *host = &cpu->host_controls;

	if (cpu_has(cpu, EL2_CPU_SPE) && host->pmscr_el1) {
		write_sysreg_s(0, EL2_SYS_PMSCR_EL1);
		isb();
		psb_csync();
		dsb(nsh);
	}
	if (cpu_has(cpu, EL2_CPU_TRF) && host->trfcr_el1) {
		write_sysreg_s(0, EL2_SYS_TRFCR_EL1);
		isb();
		trace_drain();
		dsb(nsh);
	}
}

void profiling_resume(const struct el2_cpu *cpu)
{
	const struct el2_controls *host = &cpu->host_controls;

	/* The host owns the buffers again (MDCR_EL2) before what follows. */
	isb();
	if (cpu_has(cpu, EL2_CPU_SPE) && host->pmscr_el1)
		write_sysreg_s(host->pmscr_el1, EL2_SYS_PMSCR_EL1);
	if (cpu_has(cpu, EL2_CPU_TRF) && host->trfcr_el1)
		write_sysreg_s(host->trfcr_el1, EL2_SYS_TRFCR_EL1);
}
