// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers, by encoding: those that the world switch keeps, those that are
 * emulated, and those that describe the CPU and cannot be changed (but their own
 * value can be written).  Of breakpoints and watchpoints there are as many as a CPU can
 * have, whatever this one has.  The sizes of the caches are registers too, by selector.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <asm/kvm_arm.h>
#include <asm/sysreg.h>

#include "../timer/timer.h"
#include "../trap/debug.h"
#include "../trap/sysreg.h"
#include "../vcpu.h"
#include "../vm.h"
#include "onereg.h"

/**
 * struct kept_sysreg - a system register that the world switch keeps
 * @encoding: as sys_reg()
 * @reg: where it is in the context
 */
struct kept_sysreg {
	u32 encoding;
	enum el2_sysreg reg;
};

#define KEPT(name)	{ SYS_##name, EL2_REG_##name }

/*
 * All of the context but SP_EL0, SP_EL1, ELR_EL1 and SPSR_EL1, which are core, and
 * MDSCR_EL1, which is not the guest's there.
 */
static const struct kept_sysreg kept_sysregs[] = {
	KEPT(SCTLR_EL1),
	KEPT(CPACR_EL1),
	KEPT(TTBR0_EL1),
	KEPT(TTBR1_EL1),
	KEPT(TCR_EL1),
	KEPT(AFSR0_EL1),
	KEPT(AFSR1_EL1),
	KEPT(ESR_EL1),
	KEPT(FAR_EL1),
	KEPT(PAR_EL1),
	KEPT(MAIR_EL1),
	KEPT(AMAIR_EL1),
	KEPT(VBAR_EL1),
	KEPT(CONTEXTIDR_EL1),
	KEPT(TPIDR_EL1),
	KEPT(CNTKCTL_EL1),
	KEPT(TPIDR_EL0),
	KEPT(TPIDRRO_EL0),
};

static_assert(ARRAY_SIZE(kept_sysregs) + 5 == EL2_NR_SYSREGS);

/* These are kept elsewhere; see sysreg_find(). */
static const u32 other_sysregs[] = {
	SYS_DISR_EL1, SYS_CSSELR_EL1, SYS_DACR32_EL2, SYS_IFSR32_EL2, SYS_FPEXC32_EL2,
	SYS_MDSCR_EL1, SYS_MDCCINT_EL1, SYS_OSLSR_EL1, SYS_DBGVCR32_EL2,
};

/* Fixed, and answered as the guest's own accesses are, but for the first two. */
static const u32 fixed_sysregs[] = {
	SYS_MIDR_EL1, SYS_MPIDR_EL1, SYS_REVIDR_EL1, SYS_CLIDR_EL1, SYS_AIDR_EL1, SYS_CTR_EL0,
	SYS_ACTLR_EL1,
};

/* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn_EL1: op2 is 4 to 7, CRm is n. */
#define DEBUG_KINDS	4
#define DEBUG_EACH	16

static u32 debug_encoding(unsigned int nth)
{
	return sys_reg(2, 0, 0, nth / DEBUG_KINDS, 4 + nth % DEBUG_KINDS);
}

/* ID registers, some of them not allocated: CRm is 1 to 7, op2 is 0 to 7. */
#define ID_CRMS		7
#define ID_OP2S		8

/* Of these those up to CRm 3 are AArch32's, with two that are not allocated. */
#define ID_AARCH32_HOLE	sys_reg(3, 0, 0, 3, 3)
#define ID_AARCH32_LAST	sys_reg(3, 0, 0, 3, 7)

/* ID_AA64PFR0_EL1.EL0 = 1: EL0 is AArch64 only (ARM DDI 0487J.a, D19.2.68). */
#define PFR0_EL0		GENMASK_ULL(3, 0)
#define PFR0_EL0_AARCH64	1

static u32 id_encoding(unsigned int nth)
{
	return sys_reg(3, 0, 0, 1 + nth / ID_OP2S, nth % ID_OP2S);
}

/* An id has the fields of the encoding in the same order, packed to the right. */
#define SYSREG_ID_FIELDS	GENMASK_ULL(15, 0)
#define SYSREG_ID_SHIFT		5

static_assert((ARM64_SYS_REG(2, 3, 9, 5, 1) & SYSREG_ID_FIELDS) << SYSREG_ID_SHIFT ==
	      sys_reg(2, 3, 9, 5, 1));

static u32 sysreg_encoding(u64 id)
{
	return (id & SYSREG_ID_FIELDS) << SYSREG_ID_SHIFT;
}

static u64 sysreg_id(u32 encoding)
{
	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG |
	       (encoding >> SYSREG_ID_SHIFT);
}

/* Return: where a register that can change is kept, or NULL. */
static u64 *sysreg_find(struct vcpu *vcpu, u32 encoding)
{
	unsigned int i;

	switch (encoding) {
	case SYS_DISR_EL1:
		return &vcpu->el2.vdisr_el2;
	case SYS_CSSELR_EL1:
		return &vcpu->el2.answers.csselr;
	case SYS_DACR32_EL2:
		return &vcpu->el2.aarch32.dacr32_el2;
	case SYS_IFSR32_EL2:
		return &vcpu->el2.aarch32.ifsr32_el2;
	case SYS_FPEXC32_EL2:
		return &vcpu->el2.aarch32.fpexc32_el2;
	}
	for (i = 0; i < ARRAY_SIZE(kept_sysregs); i++)
		if (kept_sysregs[i].encoding == encoding)
			return vcpu_sysreg(vcpu, kept_sysregs[i].reg);
	return NULL;
}

static bool sysreg_is_fixed(u32 encoding)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fixed_sysregs); i++)
		if (encoding == fixed_sysregs[i])
			return true;
	return encoding >= id_encoding(0) && encoding <= id_encoding(ID_CRMS * ID_OP2S - 1);
}

static int sysreg_read_fixed(struct vcpu *vcpu, u32 encoding, u64 *value)
{
	struct sysreg_access access = { .encoding = encoding, .is_read = true };

	if (!sysreg_is_fixed(encoding))
		return -ENOENT;
	if (encoding == SYS_MPIDR_EL1)
		access.value = vcpu->el2.vmpidr_el2;
	else if (encoding == SYS_MIDR_EL1)
		access.value = vcpu->el2.vpidr_el2;
	else if (!sysreg_answer(vcpu, &access))
		return -ENOENT;
	/*
	 * The VM may still get a GIC.  Userspace must be able to write after that what
	 * it has read before it.  So it sees what VMs can have, as in KVM.
	 */
	*value = vgic_available() ? idreg_with_gic(encoding, access.value) : access.value;
	return 0;
}

static int sysreg_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	u32 encoding = sysreg_encoding(id);
	u64 *where;

	if (id != sysreg_id(encoding))
		return -ENOENT;
	if (!timer_get_reg(vcpu, id, &value->u64))
		return 0;
	if (!debug_read(vcpu, encoding, &value->u64))
		return 0;
	where = sysreg_find(vcpu, encoding);
	if (!where)
		return sysreg_read_fixed(vcpu, encoding, &value->u64);
	value->u64 = *where;
	return 0;
}

/*
 * On a CPU without AArch32, its ID registers are 0 and writes to them are ignored,
 * as in KVM: userspace may have read the value on a CPU with AArch32.
 */
static bool sysreg_ignores_writes(u32 encoding)
{
	u64 pfr0;

	switch (encoding) {
	case SYS_ID_AFR0_EL1:
	case SYS_ID_DFR1_EL1:
	case ID_AARCH32_HOLE:
	case ID_AARCH32_LAST:
		/* these are 0 everywhere */
		return false;
	}
	return encoding >= id_encoding(0) && encoding <= ID_AARCH32_LAST &&
	       idreg_read(SYS_ID_AA64PFR0_EL1, &pfr0) &&
	       FIELD_GET(PFR0_EL0, pfr0) == PFR0_EL0_AARCH64;
}

static int sysreg_write(struct vcpu *vcpu, u64 id, const union onereg_value *value)
{
	bool caches_enabled = vcpu_caches_enabled(vcpu);
	union onereg_value old;
	u64 *where;
	int ret;

	if (!timer_set_reg(vcpu, id, value->u64))
		return 0;
	ret = debug_write(vcpu, sysreg_encoding(id), value->u64);
	if (ret != -ENOENT)
		return ret;
	where = sysreg_find(vcpu, sysreg_encoding(id));
	if (!where && sysreg_ignores_writes(sysreg_encoding(id)))
		return 0;
	if (!where)
		return sysreg_read(vcpu, id, &old) || value->u64 != old.u64 ? -EINVAL : 0;
	*where = value->u64;
	if (where == vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1))
		setway_sctlr_set(vcpu, caches_enabled);
	return 0;
}

static int encodings_list(struct onereg_cursor *cursor, const u32 *encodings, unsigned int nr)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(encodings[i]));
	return ret;
}

static int kept_list(struct onereg_cursor *cursor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(kept_sysregs) && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(kept_sysregs[i].encoding));
	for (i = 0; timer_reg_id(i) && !ret; i++)
		ret = onereg_emit(cursor, timer_reg_id(i));
	return ret;
}

static int generated_list(struct onereg_cursor *cursor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < DEBUG_KINDS * DEBUG_EACH && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(debug_encoding(i)));
	for (i = 0; i < ID_CRMS * ID_OP2S && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(id_encoding(i)));
	return ret;
}

static int sysreg_list(struct vcpu *vcpu, struct onereg_cursor *cursor)
{
	int ret;

	ret = kept_list(cursor);
	if (!ret)
		ret = encodings_list(cursor, other_sysregs, ARRAY_SIZE(other_sysregs));
	if (!ret)
		ret = encodings_list(cursor, fixed_sysregs, ARRAY_SIZE(fixed_sysregs));
	return ret ?: generated_list(cursor);
}

const struct onereg_kind onereg_sysreg = {
	.read = sysreg_read,
	.write = sysreg_write,
	.list = sysreg_list,
};

/* KVM_REG_ARM_DEMUX: CCSIDR_EL1 for each CSSELR_EL1 that guests are shown a cache for. */
#define DEMUX_CCSIDR	(KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | \
			 KVM_REG_ARM_DEMUX_ID_CCSIDR)

static int demux_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	u64 csselr = id & KVM_REG_ARM_DEMUX_VAL_MASK;

	if (id != (DEMUX_CCSIDR | csselr) || csselr >= SYSREG_NR_CACHES)
		return -ENOENT;
	value->u64 = sysreg_ccsidr(csselr);
	return 0;
}

static int demux_write(struct vcpu *vcpu, u64 id, const union onereg_value *value)
{
	union onereg_value old;

	return demux_read(vcpu, id, &old) || (u32)value->u64 != (u32)old.u64 ? -EINVAL : 0;
}

static int demux_list(struct vcpu *vcpu, struct onereg_cursor *cursor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < SYSREG_NR_CACHES && !ret; i++)
		ret = onereg_emit(cursor, DEMUX_CCSIDR | i);
	return ret;
}

const struct onereg_kind onereg_demux = {
	.read = demux_read,
	.write = demux_write,
	.list = demux_list,
};
