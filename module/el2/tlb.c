// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLB maintenance that only EL2 can do: by a VMID that is not the host's, by
 * IPA, and for the runtime's own translations.
 *
 * The guest's VMID is loaded for the time of the call, while the host's stage 1
 * stays in place.  So walks are stopped: a walk would leave the host's
 * translation tagged with the guest's VMID.  See switch.c.
 */
#include <asm/barrier.h>

#include "runtime.h"
#include "sysreg.h"

/*
 * Some CPUs (Cortex-A76 1286807 and others) may miss a translation that another
 * CPU uses while the TLBI arrives.  A second TLBI after a DSB does not miss it.
 */
#define tlbi_broadcast(cpu, operation, operand) do {			\
	int times = (cpu)->features & EL2_CPU_REPEAT_TLBI ? 2 : 1;	\
									\
	while (times--) {						\
		asm volatile("tlbi " operation : : "r" (operand) : "memory"); \
		dsb(ish);						\
	}								\
} while (0)

/* What the host has in the registers that a TLB call borrows. */
struct tlb_host {
	u64 sctlr;
	u64 tcr;
	u64 vtcr;
	u64 vttbr;
};

/* VTCR_EL2.VS decides how much of the VMID counts. */
static void vmid_load(const struct el2_cpu *cpu, u64 vttbr, struct tlb_host *host)
{
	u64 vs = cpu->features & EL2_CPU_VMID16 ? EL2_VTCR_VS : 0;

	host->sctlr = read_sysreg(sctlr_el1);
	host->tcr = read_sysreg(tcr_el1);
	host->vtcr = read_sysreg(vtcr_el2);
	host->vttbr = read_sysreg(vttbr_el2);
	walks_stop(cpu);
	write_sysreg(EL2_VTCR_RES1 | vs, vtcr_el2);
	write_sysreg(vttbr, vttbr_el2);
	isb();
}

static void vmid_unload(const struct tlb_host *host)
{
	write_sysreg(host->vtcr, vtcr_el2);
	write_sysreg(host->vttbr, vttbr_el2);
	walks_allow(host->sctlr, host->tcr);
}

void tlb_flush_vmid(const struct el2_cpu *cpu, u64 vttbr)
{
	struct tlb_host host;

	dsb(ishst);	/* table entries as the host wrote them, before the TLBI */
	vmid_load(cpu, vttbr, &host);
	tlbi_broadcast(cpu, "vmalls12e1is", 0);
	vmid_unload(&host);
}

/*
 * A flush by IPA finds only entries of stage 2.  Combined entries are flushed
 * after that, and not before: a walk in between could make one from a stage-2
 * entry that is being removed (ARM DDI 0487J.a, D8.13.5).
 */
void tlb_flush_ipa(const struct el2_cpu *cpu, u64 vttbr, u64 ipa)
{
	struct tlb_host host;

	dsb(ishst);	/* as in tlb_flush_vmid() */
	vmid_load(cpu, vttbr, &host);
	tlbi_broadcast(cpu, "ipas2e1is, %0", (ipa & EL2_PAR_PA) >> 12);
	tlbi_broadcast(cpu, "vmalle1is", 0);
	vmid_unload(&host);
}

void tlb_flush_local(const struct el2_cpu *cpu, u64 vttbr)
{
	struct tlb_host host;

	vmid_load(cpu, vttbr, &host);
	asm volatile("tlbi vmalle1" : : : "memory");
	asm volatile("ic iallu" : : : "memory");
	dsb(nsh);
	vmid_unload(&host);
}

void tlb_flush_all(const struct el2_cpu *cpu)
{
	dsb(ishst);	/* as in tlb_flush_vmid() */
	asm volatile("ic ialluis" : : : "memory");
	tlbi_broadcast(cpu, "alle1is", 0);
	isb();
}

void tlb_flush_el2(const struct el2_cpu *cpu)
{
	dsb(ishst);	/* the entry cleared in module/host/map.c, before the TLBI */
	tlbi_broadcast(cpu, "alle2is", 0);
	isb();
}
