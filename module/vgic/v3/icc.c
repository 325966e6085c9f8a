// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a vCPU's CPU interface, as userspace reads and writes them,
 * and as the guest does where its access traps.  Otherwise they are the guest's
 * own: the CPU keeps them in ICH_VMCR_EL2 and the active priorities (ARM IHI
 * 0069H, 12.2 and 12.4).
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <asm/sysreg.h>

#include "../../trap/sysreg.h"
#include "../../vcpu.h"
#include "../../vm.h"
#include "ich.h"
#include "lr.h"
#include "../vgic.h"

#define ICC_PMR			GENMASK_ULL(7, 0)
#define ICC_BPR			GENMASK_ULL(2, 0)
#define ICC_IGRPEN		BIT_ULL(0)
#define ICC_DIR_INTID		GENMASK_ULL(23, 0)
#define ICC_RPR_IDLE		0xffU

#define ICC_APR_BITS		32
#define ICC_APR_NR		GENMASK(6, 5)	/* op2 bits 1:0 of an encoding */

/* The fields of ICC_CTLR_EL1 that describe the GIC. */
#define ICC_CTLR_READ_ONLY	(ICC_CTLR_PRIBITS | ICC_CTLR_IDBITS | ICC_CTLR_SERRORS | \
				 ICC_CTLR_AFF3)

static u64 *icc_vmcr(struct vcpu *vcpu)
{
	return &vcpu->el2.vgic.ich_vmcr_el2;
}

static u64 icc_ctlr(struct vcpu *vcpu)
{
	u64 vmcr = *icc_vmcr(vcpu), vtr = vgic_vtr();

	return FIELD_PREP(ICC_CTLR_PRIBITS, FIELD_GET(ICH_VTR_PRIBITS, vtr)) |
	       FIELD_PREP(ICC_CTLR_IDBITS, FIELD_GET(ICH_VTR_IDBITS, vtr)) |
	       FIELD_PREP(ICC_CTLR_SERRORS, FIELD_GET(ICH_VTR_SERRORS, vtr)) |
	       FIELD_PREP(ICC_CTLR_AFF3, FIELD_GET(ICH_VTR_AFF3, vtr)) |
	       FIELD_PREP(ICC_CTLR_EOIMODE, FIELD_GET(ICH_VMCR_EOIMODE, vmcr)) |
	       FIELD_PREP(ICC_CTLR_COMMON_BPR, FIELD_GET(ICH_VMCR_COMMON_BPR, vmcr));
}

/* With a common binary point, that of group 1 is group 0's, one bit finer. */
static u64 icc_bpr1(u64 vmcr)
{
	if (vmcr & ICH_VMCR_COMMON_BPR)
		return min(FIELD_GET(ICH_VMCR_BPR0, vmcr) + 1, ICC_BPR);
	return FIELD_GET(ICH_VMCR_BPR1, vmcr);
}

static bool icc_read_simple(struct vcpu *vcpu, u32 encoding, u64 *value)
{
	u64 vmcr = *icc_vmcr(vcpu);

	switch (encoding) {
	case SYS_ICC_PMR_EL1:
		*value = FIELD_GET(ICH_VMCR_PMR, vmcr);
		return true;
	case SYS_ICC_BPR0_EL1:
		*value = FIELD_GET(ICH_VMCR_BPR0, vmcr);
		return true;
	case SYS_ICC_BPR1_EL1:
		*value = icc_bpr1(vmcr);
		return true;
	case SYS_ICC_CTLR_EL1:
		*value = icc_ctlr(vcpu);
		return true;
	case SYS_ICC_SRE_EL1:
		*value = ICC_SRE_FIXED;
		return true;
	case SYS_ICC_IGRPEN0_EL1:
		*value = FIELD_GET(ICH_VMCR_ENG0, vmcr);
		return true;
	case SYS_ICC_IGRPEN1_EL1:
		*value = FIELD_GET(ICH_VMCR_ENG1, vmcr);
		return true;
	default:
		return false;
	}
}

static void icc_set(struct vcpu *vcpu, u64 field, u64 value)
{
	u64 *vmcr = icc_vmcr(vcpu);

	*vmcr &= ~field;
	*vmcr |= (value << __ffs64(field)) & field;
}

/*
 * The fields that describe the GIC must match; userspace may have fewer bits of
 * priority.
 */
static int icc_check_ctlr(struct vcpu *vcpu, u64 value)
{
	u64 is = icc_ctlr(vcpu);

	if ((value ^ is) & ICC_CTLR_READ_ONLY & ~ICC_CTLR_PRIBITS)
		return -EINVAL;
	return (value & ICC_CTLR_PRIBITS) > (is & ICC_CTLR_PRIBITS) ? -EINVAL : 0;
}

static void icc_set_ctlr(struct vcpu *vcpu, u64 value)
{
	icc_set(vcpu, ICH_VMCR_EOIMODE, FIELD_GET(ICC_CTLR_EOIMODE, value));
	icc_set(vcpu, ICH_VMCR_COMMON_BPR, FIELD_GET(ICC_CTLR_COMMON_BPR, value));
}

static bool icc_write_simple(struct vcpu *vcpu, u32 encoding, u64 value)
{
	switch (encoding) {
	case SYS_ICC_PMR_EL1:
		icc_set(vcpu, ICH_VMCR_PMR, value & ICC_PMR);
		return true;
	case SYS_ICC_BPR0_EL1:
		icc_set(vcpu, ICH_VMCR_BPR0, value & ICC_BPR);
		return true;
	case SYS_ICC_BPR1_EL1:
		if (!(*icc_vmcr(vcpu) & ICH_VMCR_COMMON_BPR))
			icc_set(vcpu, ICH_VMCR_BPR1, value & ICC_BPR);
		return true;
	case SYS_ICC_CTLR_EL1:
		icc_set_ctlr(vcpu, value);
		return true;
	case SYS_ICC_SRE_EL1:
		return true;
	case SYS_ICC_IGRPEN0_EL1:
		icc_set(vcpu, ICH_VMCR_ENG0, value & ICC_IGRPEN);
		return true;
	case SYS_ICC_IGRPEN1_EL1:
		icc_set(vcpu, ICH_VMCR_ENG1, value & ICC_IGRPEN);
		return true;
	default:
		return false;
	}
}

/* How many registers of active priorities each group has, for the levels. */
static unsigned int icc_nr_aprs(void)
{
	unsigned int bits = FIELD_GET(ICH_VTR_PREBITS, vgic_vtr()) + 1;

	return 1U << (bits - VGIC_PRIORITY_BITS);
}

/* Return: where, -EINVAL when there are not so many, -ENXIO for other registers. */
static int icc_find_apr(struct vcpu *vcpu, u32 encoding, u64 **apr)
{
	unsigned int nr = FIELD_GET(ICC_APR_NR, encoding);

	switch (encoding) {
	case SYS_ICC_AP0R0_EL1 ... SYS_ICC_AP0R3_EL1:
		*apr = &vcpu->el2.vgic.ich_ap0r_el2[nr];
		break;
	case SYS_ICC_AP1R0_EL1 ... SYS_ICC_AP1R3_EL1:
		*apr = &vcpu->el2.vgic.ich_ap1r_el2[nr];
		break;
	default:
		return -ENXIO;
	}
	return nr < icc_nr_aprs() ? 0 : -EINVAL;
}

int vgic_icc_read(struct vcpu *vcpu, u32 encoding, u64 *value)
{
	u64 *apr;
	int ret;

	if (icc_read_simple(vcpu, encoding, value))
		return 0;
	ret = icc_find_apr(vcpu, encoding, &apr);
	if (!ret)
		*value = *apr;
	return ret;
}

int vgic_icc_write(struct vcpu *vcpu, u32 encoding, u64 value)
{
	u64 *apr;
	int ret;

	if (encoding == SYS_ICC_CTLR_EL1 && icc_check_ctlr(vcpu, value))
		return -EINVAL;
	if (encoding == SYS_ICC_SRE_EL1 && !(value & 1))
		return -EINVAL;
	if (icc_write_simple(vcpu, encoding, value))
		return 0;
	ret = icc_find_apr(vcpu, encoding, &apr);
	if (!ret)
		*apr = value & U32_MAX;
	return ret;
}

/* ICC_RPR_EL1: the highest of the active priorities, as their bits have it. */
static u64 icc_rpr(const struct vcpu *vcpu)
{
	const struct el2_vgic *el2 = &vcpu->el2.vgic;
	unsigned int nr = icc_nr_aprs();
	unsigned int shift = 8 - VGIC_PRIORITY_BITS - ilog2(nr);
	unsigned int i;
	u32 active;

	for (i = 0; i < nr; i++) {
		active = el2->ich_ap0r_el2[i] | el2->ich_ap1r_el2[i];
		if (active)
			return (i * ICC_APR_BITS + __ffs(active)) << shift;
	}
	return ICC_RPR_IDLE;
}

static bool trap_icc_read(struct vcpu *vcpu, struct sysreg_access *access)
{
	switch (access->encoding) {
	case SYS_ICC_PMR_EL1:
	case SYS_ICC_CTLR_EL1:
	case SYS_ICC_SRE_EL1:
		return icc_read_simple(vcpu, access->encoding, &access->value);
	case SYS_ICC_RPR_EL1:
		access->value = icc_rpr(vcpu);
		return true;
	default:
		return false;
	}
}

static bool trap_icc_write(struct vcpu *vcpu, const struct sysreg_access *access)
{
	switch (access->encoding) {
	case SYS_ICC_SGI1R_EL1:
		vgic_send_sgi(vcpu, access->value, 1);
		return true;
	case SYS_ICC_ASGI1R_EL1:
	case SYS_ICC_SGI0R_EL1:
		vgic_send_sgi(vcpu, access->value, 0);
		return true;
	case SYS_ICC_DIR_EL1:
		vgic_deactivate(vcpu, access->value & ICC_DIR_INTID);
		/* Before the guest finds its line as it was. */
		vgic_notify_acked(vcpu);
		return true;
	case SYS_ICC_PMR_EL1:
	case SYS_ICC_CTLR_EL1:
	case SYS_ICC_SRE_EL1:
		return icc_write_simple(vcpu, access->encoding, access->value);
	default:
		return false;
	}
}

bool vgic_trap_icc(struct vcpu *vcpu, struct sysreg_access *access, unsigned int unused)
{
	if (!vcpu->vm->vgic.initialized)
		return false;
	return access->is_read ? trap_icc_read(vcpu, access) : trap_icc_write(vcpu, access);
}
