// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's GIC CPU interface: list registers, active priorities, and what
 * the guest has written to its ICC_ registers (ARM IHI 0069H, 12.4).  This is
 * only for guests with a GIC.  If a guest has none, every access traps
 * (EL2_ICH_HCR_TRAPS).
 *
 * No list register holds an interrupt while no guest runs, because an entry
 * writes only those that it uses.  What is in the other registers means nothing to the
 * host, as its ICH_HCR_EL2.En is clear.
 */
#include <linux/bitfield.h>

#include "runtime.h"
#include "sysreg.h"

#define LR_WRITE_LOW(n, value)	write_sysreg_s(value, EL2_SYS_ICH_LR_LOW(n))
#define LR_WRITE_HIGH(n, value)	write_sysreg_s(value, EL2_SYS_ICH_LR_HIGH(n))
#define LR_READ_LOW(n)		read_sysreg_s(EL2_SYS_ICH_LR_LOW(n))
#define LR_READ_HIGH(n)		read_sysreg_s(EL2_SYS_ICH_LR_HIGH(n))

static void lr_write_high(unsigned int n, u64 value)
{
	switch (n) {
	case 8:
		LR_WRITE_HIGH(0, value);
		break;
	case 9:
		LR_WRITE_HIGH(1, value);
		break;
	case 10:
		LR_WRITE_HIGH(2, value);
		break;
	case 11:
		LR_WRITE_HIGH(3, value);
		break;
	case 12:
		LR_WRITE_HIGH(4, value);
		break;
	case 13:
		LR_WRITE_HIGH(5, value);
		break;
	case 14:
		LR_WRITE_HIGH(6, value);
		break;
	case 15:
		LR_WRITE_HIGH(7, value);
		break;
	}
}

static void lr_write(unsigned int n, u64 value)
{
	switch (n) {
	case 0:
		LR_WRITE_LOW(0, value);
		break;
	case 1:
		LR_WRITE_LOW(1, value);
		break;
	case 2:
		LR_WRITE_LOW(2, value);
		break;
	case 3:
		LR_WRITE_LOW(3, value);
		break;
	case 4:
		LR_WRITE_LOW(4, value);
		break;
	case 5:
		LR_WRITE_LOW(5, value);
		break;
	case 6:
		LR_WRITE_LOW(6, value);
		break;
	case 7:
		LR_WRITE_LOW(7, value);
		break;
	default:
		lr_write_high(n, value);
		break;
	}
}

static u64 lr_read(unsigned int n)
{
	switch (n) {
	case 0:		return LR_READ_LOW(0);
	case 1:		return LR_READ_LOW(1);
	case 2:		return LR_READ_LOW(2);
	case 3:		return LR_READ_LOW(3);
	case 4:		return LR_READ_LOW(4);
	case 5:		return LR_READ_LOW(5);
	case 6:		return LR_READ_LOW(6);
	case 7:		return LR_READ_LOW(7);
	case 8:		return LR_READ_HIGH(0);
	case 9:		return LR_READ_HIGH(1);
	case 10:	return LR_READ_HIGH(2);
	case 11:	return LR_READ_HIGH(3);
	case 12:	return LR_READ_HIGH(4);
	case 13:	return LR_READ_HIGH(5);
	case 14:	return LR_READ_HIGH(6);
	default:	return LR_READ_HIGH(7);
	}
}

u64 gic_vtr(const struct el2_cpu *cpu)
{
	if (!(cpu->features & EL2_CPU_GICV3) ||
	    !(read_sysreg_s(EL2_SYS_ICC_SRE_EL2) & EL2_ICC_SRE_SRE))
		return 0;
	return read_sysreg_s(EL2_SYS_ICH_VTR_EL2);
}

/* Registers of active priorities for each group: as many as 32 levels each take. */
static unsigned int nr_aprs(u64 vtr)
{
	return 1 << (FIELD_GET(EL2_ICH_VTR_PREBITS, vtr) + 1 - EL2_PREBITS_OF_ONE_APR);
}

/* Clears what reset or an earlier owner of EL2 has left. */
void gic_init(struct el2_cpu *cpu)
{
	u64 vtr = gic_vtr(cpu);
	unsigned int i;

	cpu->nr_lrs = 0;
	if (cpu->features & EL2_CPU_GICV3)
		cpu->host_controls.icc_sre_el2 = read_sysreg_s(EL2_SYS_ICC_SRE_EL2);
	if (!vtr)
		return;
	cpu->host_controls.ich_hcr_el2 = read_sysreg_s(EL2_SYS_ICH_HCR_EL2);
	cpu->nr_aprs = nr_aprs(vtr);
	cpu->nr_lrs = FIELD_GET(EL2_ICH_VTR_LISTREGS, vtr) + 1;
	for (i = 0; i < cpu->nr_lrs; i++)
		lr_write(i, 0);
}

static void aprs_load(const struct el2_vgic *vgic, u64 nr)
{
	const u64 *ap0r = vgic->ich_ap0r_el2, *ap1r = vgic->ich_ap1r_el2;

	if (nr > 2) {
		write_sysreg_s(ap0r[3], EL2_SYS_ICH_AP0R(3));
		write_sysreg_s(ap0r[2], EL2_SYS_ICH_AP0R(2));
		write_sysreg_s(ap1r[3], EL2_SYS_ICH_AP1R(3));
		write_sysreg_s(ap1r[2], EL2_SYS_ICH_AP1R(2));
	}
	if (nr > 1) {
		write_sysreg_s(ap0r[1], EL2_SYS_ICH_AP0R(1));
		write_sysreg_s(ap1r[1], EL2_SYS_ICH_AP1R(1));
	}
	write_sysreg_s(ap0r[0], EL2_SYS_ICH_AP0R(0));
	write_sysreg_s(ap1r[0], EL2_SYS_ICH_AP1R(0));
}

static void aprs_save(struct el2_vgic *vgic, u64 nr)
{
	u64 *ap0r = vgic->ich_ap0r_el2, *ap1r = vgic->ich_ap1r_el2;

	if (nr > 2) {
		ap0r[3] = read_sysreg_s(EL2_SYS_ICH_AP0R(3));
		ap0r[2] = read_sysreg_s(EL2_SYS_ICH_AP0R(2));
		ap1r[3] = read_sysreg_s(EL2_SYS_ICH_AP1R(3));
		ap1r[2] = read_sysreg_s(EL2_SYS_ICH_AP1R(2));
	}
	if (nr > 1) {
		ap0r[1] = read_sysreg_s(EL2_SYS_ICH_AP0R(1));
		ap1r[1] = read_sysreg_s(EL2_SYS_ICH_AP1R(1));
	}
	ap0r[0] = read_sysreg_s(EL2_SYS_ICH_AP0R(0));
	ap1r[0] = read_sysreg_s(EL2_SYS_ICH_AP1R(0));
}

/* Not inline, these two, as most of the time no interrupt is in a list register. */
static noinline void lrs_load(const struct el2_vgic *vgic)
{
	unsigned int i;

	for (i = 0; i < vgic->nr_lrs; i++)
		lr_write(i, vgic->ich_lr_el2[i]);
}

static noinline void lrs_save(struct el2_vgic *vgic)
{
	unsigned int i;

	for (i = 0; i < vgic->nr_lrs; i++) {
		vgic->ich_lr_el2[i] = lr_read(i);
		lr_write(i, 0);
	}
}

static void interface_load(const struct el2_cpu *cpu, const struct el2_vgic *vgic)
{
	write_sysreg_s(vgic->ich_vmcr_el2, EL2_SYS_ICH_VMCR_EL2);
	aprs_load(vgic, cpu->nr_aprs);
	if (vgic->nr_lrs)
		lrs_load(vgic);
}

static u64 guest_ich_hcr(const struct el2_vgic *vgic)
{
	if (!vgic->enabled)
		return EL2_ICH_HCR_TRAPS;
	return (vgic->ich_hcr_el2 & EL2_ICH_HCR_CHOICE) | EL2_ICH_HCR_EN;
}

/* ICH_*_EL2 are there only while the CPU interface is in system registers. */
void gic_guest_load(const struct el2_cpu *cpu, const struct el2_vgic *vgic)
{
	u64 host_sre = cpu->host_controls.icc_sre_el2;

	if (!(cpu->features & EL2_CPU_GICV3))
		return;
	write_sysreg_s(host_sre & ~EL2_ICC_SRE_ENABLE, EL2_SYS_ICC_SRE_EL2);
	if (!cpu->nr_lrs)
		return;
	if (vgic->enabled)
		interface_load(cpu, vgic);
	write_sysreg_s(guest_ich_hcr(vgic), EL2_SYS_ICH_HCR_EL2);
}

/* In ICH_HCR_EL2, the CPU changes a count only, of what NOT_IN_LR is about. */
void gic_guest_save(const struct el2_cpu *cpu, struct el2_vgic *vgic)
{
	if (!vgic->enabled)
		return;
	if (vgic->ich_hcr_el2 & EL2_ICH_HCR_LRENPIE)
		vgic->ich_hcr_el2 = read_sysreg_s(EL2_SYS_ICH_HCR_EL2);
	vgic->ich_vmcr_el2 = read_sysreg_s(EL2_SYS_ICH_VMCR_EL2);
	aprs_save(vgic, cpu->nr_aprs);
	if (vgic->nr_lrs)
		lrs_save(vgic);
}

void gic_host_load(const struct el2_cpu *cpu)
{
	const struct el2_controls *host = &cpu->host_controls;

	if (!(cpu->features & EL2_CPU_GICV3))
		return;
	if (cpu->nr_lrs)
		write_sysreg_s(host->ich_hcr_el2, EL2_SYS_ICH_HCR_EL2);
	write_sysreg_s(host->icc_sre_el2, EL2_SYS_ICC_SRE_EL2);
}
