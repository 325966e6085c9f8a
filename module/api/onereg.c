// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST.  Three kinds of
 * register, told apart by the coprocessor field of their ids:
 *
 *   core      struct kvm_regs, by offset in 32-bit words
 *   system    by encoding: the world switch keeps them, or they are emulated,
 *             or what they say is fixed (ID registers)
 *   firmware  the PSCI version
 *
 * Whatever the list names can be read, and written back as it was read.
 */
#include <linux/bitfield.h>
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <uapi/linux/psci.h>
#include <asm/kvm_arm.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#include "../trap/sysreg.h"
#include "../vcpu.h"
#include "../vm.h"
#include "api.h"

/* A value in transit, its low part first. */
union onereg_value {
	u64 u64;
	__uint128_t u128;
};

/**
 * struct core_area - registers of one size, one after the other
 * @first: where struct kvm_regs has them, in 32-bit words
 * @count: registers
 * @size: bytes of each
 * @where: where struct vcpu has them
 */
struct core_area {
	u16 first;
	u16 count;
	u16 size;
	u16 where;
};

#define CORE_REG(name)		KVM_REG_ARM_CORE_REG(name)
#define CORE_WHERE(field)	offsetof(struct vcpu, field)
#define CORE_SYSREG(name)	CORE_WHERE(el2.context.sysregs[EL2_REG_##name])

static const struct core_area core_areas[] = {
	{ CORE_REG(regs.regs), 31, 8, CORE_WHERE(el2.regs) },
	{ CORE_REG(regs.sp), 1, 8, CORE_SYSREG(SP_EL0) },
	{ CORE_REG(regs.pc), 1, 8, CORE_WHERE(el2.pc) },
	{ CORE_REG(regs.pstate), 1, 8, CORE_WHERE(el2.pstate) },
	{ CORE_REG(sp_el1), 1, 8, CORE_SYSREG(SP_EL1) },
	{ CORE_REG(elr_el1), 1, 8, CORE_SYSREG(ELR_EL1) },
	{ CORE_REG(spsr[KVM_SPSR_EL1]), 1, 8, CORE_SYSREG(SPSR_EL1) },
	{ CORE_REG(spsr[KVM_SPSR_ABT]), EL2_NR_SPSR_AARCH32, 8, CORE_WHERE(el2.aarch32.spsr) },
	{ CORE_REG(fp_regs.vregs), 32, 16, CORE_WHERE(el2.fpsimd.vregs) },
	/* 32 bits in the API, the low half of 64 here. */
	{ CORE_REG(fp_regs.fpsr), 1, 4, CORE_WHERE(el2.fpsimd.fpsr) },
	{ CORE_REG(fp_regs.fpcr), 1, 4, CORE_WHERE(el2.fpsimd.fpcr) },
};

static_assert(sizeof(struct vcpu) <= U16_MAX);
static_assert(sizeof_field(struct vcpu, el2.fpsimd.vregs[0]) == 16);

static void *core_area_find(struct vcpu *vcpu, const struct core_area *area, u64 id)
{
	u64 offset = ((id & U32_MAX & ~KVM_REG_ARM_CORE) - area->first) * sizeof(u32);

	if (KVM_REG_SIZE(id) != area->size || offset % area->size)
		return ERR_PTR(-EINVAL);
	/* The offset is userspace's: not beyond the area in speculation either. */
	return (void *)vcpu + area->where +
	       array_index_nospec(offset, area->count * area->size);
}

/* Where a core register is kept, or -ENOENT, or -EINVAL for the middle of one. */
static void *core_find(struct vcpu *vcpu, u64 id)
{
	u64 word = id & U32_MAX & ~KVM_REG_ARM_CORE;
	unsigned int i;

	if ((word + 1) * sizeof(u32) > sizeof(struct kvm_regs))
		return ERR_PTR(-ENOENT);
	for (i = 0; i < ARRAY_SIZE(core_areas); i++) {
		const struct core_area *area = &core_areas[i];

		if (word >= area->first &&
		    word < area->first + area->count * area->size / sizeof(u32))
			return core_area_find(vcpu, area, id);
	}
	return ERR_PTR(-EINVAL);	/* padding */
}

static int core_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	void *where = core_find(vcpu, id);

	if (IS_ERR(where))
		return PTR_ERR(where);
	memcpy(value, where, KVM_REG_SIZE(id));
	return 0;
}

/* Do guests find AArch32 at EL0?  (ID_AA64PFR0_EL1.EL0, ARM DDI 0487J.a, D19.2.68) */
static bool core_has_aarch32_el0(void)
{
	u64 pfr0;

	return idreg_read(SYS_ID_AA64PFR0_EL1, &pfr0) && (pfr0 & 0xf) == 2;
}

/* A 32-bit guest is never in AArch64, nor in Monitor or Hyp mode. */
static bool core_pstate32_is_allowed(u64 pstate)
{
	switch (pstate & PSR_AA32_MODE_MASK) {
	case PSR_AA32_MODE_USR:
	case PSR_AA32_MODE_FIQ:
	case PSR_AA32_MODE_IRQ:
	case PSR_AA32_MODE_SVC:
	case PSR_AA32_MODE_ABT:
	case PSR_AA32_MODE_UND:
	case PSR_AA32_MODE_SYS:
		return true;
	default:
		return false;
	}
}

/* Not into EL2 or EL3, nor into AArch32 at EL1 if that is AArch64. */
static bool core_pstate_is_allowed(const struct vcpu *vcpu, u64 pstate)
{
	if (vcpu_el1_is_aarch32(vcpu))
		return core_pstate32_is_allowed(pstate);
	switch (pstate & PSR_AA32_MODE_MASK) {
	case PSR_MODE_EL0t:
	case PSR_MODE_EL1t:
	case PSR_MODE_EL1h:
		return true;
	case PSR_AA32_MODE_USR:
		return core_has_aarch32_el0();
	default:
		return false;
	}
}

static int core_write(struct vcpu *vcpu, u64 id, const union onereg_value *value)
{
	void *where = core_find(vcpu, id);

	if (IS_ERR(where))
		return PTR_ERR(where);
	if (where == &vcpu->el2.pstate && !core_pstate_is_allowed(vcpu, value->u64))
		return -EINVAL;
	memcpy(where, value, KVM_REG_SIZE(id));
	return 0;
}

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

/* All of the context but SP_EL0, SP_EL1, ELR_EL1 and SPSR_EL1: those are core. */
static const struct kept_sysreg kept_sysregs[] = {
	KEPT(MDSCR_EL1),
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

static_assert(ARRAY_SIZE(kept_sysregs) + 4 == EL2_NR_SYSREGS);

/* Emulated, or fixed apart from the ID registers. */
static const u32 other_sysregs[] = {
	SYS_MPIDR_EL1, SYS_MIDR_EL1, SYS_CSSELR_EL1,
	SYS_DACR32_EL2, SYS_IFSR32_EL2, SYS_FPEXC32_EL2,
};

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

/* Where a register that can change is kept, or NULL. */
static u64 *sysreg_find(struct vcpu *vcpu, u32 encoding)
{
	unsigned int i;

	switch (encoding) {
	case SYS_CSSELR_EL1:
		return &vcpu->csselr;
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

static bool sysreg_read_fixed(struct vcpu *vcpu, u32 encoding, u64 *value)
{
	switch (encoding) {
	case SYS_MPIDR_EL1:
		*value = vcpu->el2.vmpidr_el2;
		return true;
	case SYS_MIDR_EL1:
		*value = vcpu->el2.vpidr_el2;
		return true;
	default:
		return idreg_read_vcpu(vcpu, encoding, value);
	}
}

static int sysreg_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	u32 encoding = sysreg_encoding(id);
	u64 *where;

	if (id != sysreg_id(encoding))
		return -ENOENT;
	if (!vtimer_get_reg(vcpu, id, &value->u64))
		return 0;
	where = sysreg_find(vcpu, encoding);
	if (where) {
		value->u64 = *where;
		return 0;
	}
	return sysreg_read_fixed(vcpu, encoding, &value->u64) ? 0 : -ENOENT;
}

static int sysreg_write(struct vcpu *vcpu, u64 id, const union onereg_value *value)
{
	union onereg_value old;
	u64 *where;
	int ret;

	ret = sysreg_read(vcpu, id, &old);
	if (ret)
		return ret;
	if (!vtimer_set_reg(vcpu, id, value->u64))
		return 0;
	where = sysreg_find(vcpu, sysreg_encoding(id));
	if (!where)
		return value->u64 == old.u64 ? 0 : -EINVAL;
	*where = value->u64;
	/* The caches may be off now: see the guest turn them on. */
	if (where == vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1))
		vcpu->el2.hcr_el2 |= HCR_TVM;
	return 0;
}

/* PSCI 1.0 is the only version there is here. */
static int firmware_read(u64 id, union onereg_value *value)
{
	if (id != KVM_REG_ARM_PSCI_VERSION)
		return -ENOENT;
	value->u64 = PSCI_VERSION(1, 0);
	return 0;
}

static int firmware_write(u64 id, const union onereg_value *value)
{
	union onereg_value only;
	int ret;

	ret = firmware_read(id, &only);
	if (ret)
		return ret;
	return value->u64 == only.u64 ? 0 : -EINVAL;
}

/* Everything above bit 31 but the size. */
static bool onereg_is_arm64(u64 id)
{
	return (id & ~KVM_REG_SIZE_MASK) >> 32 == KVM_REG_ARM64 >> 32;
}

static int onereg_read(struct vcpu *vcpu, u64 id, union onereg_value *value)
{
	if (!onereg_is_arm64(id))
		return -EINVAL;
	switch (id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_CORE:
		return core_read(vcpu, id, value);
	case KVM_REG_ARM64_SYSREG:
		return sysreg_read(vcpu, id, value);
	case KVM_REG_ARM_FW:
		return firmware_read(id, value);
	default:
		return -ENOENT;
	}
}

static int onereg_write(struct vcpu *vcpu, u64 id, const union onereg_value *value)
{
	switch (id & KVM_REG_ARM_COPROC_MASK) {
	case KVM_REG_ARM_CORE:
		return core_write(vcpu, id, value);
	case KVM_REG_ARM64_SYSREG:
		return sysreg_write(vcpu, id, value);
	default:
		return firmware_write(id, value);
	}
}

int onereg_get(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	union onereg_value value;
	int ret;

	ret = onereg_read(vcpu, reg->id, &value);
	if (ret)
		return ret;
	if (copy_to_user((void __user *)(uintptr_t)reg->addr, &value, KVM_REG_SIZE(reg->id)))
		return -EFAULT;
	return 0;
}

int onereg_set(struct vcpu *vcpu, const struct kvm_one_reg *reg)
{
	union onereg_value value;
	int ret;

	/* Is there such a register, and of this size? */
	ret = onereg_read(vcpu, reg->id, &value);
	if (ret)
		return ret;
	if (copy_from_user(&value, (void __user *)(uintptr_t)reg->addr, KVM_REG_SIZE(reg->id)))
		return -EFAULT;
	return onereg_write(vcpu, reg->id, &value);
}

/**
 * struct onereg_cursor - the list on its way to userspace
 * @next: where the next id goes, or NULL to count only
 * @nr: ids so far
 */
struct onereg_cursor {
	u64 __user *next;
	u64 nr;
};

static int onereg_emit(struct onereg_cursor *cursor, u64 id)
{
	cursor->nr++;
	if (!cursor->next)
		return 0;
	return put_user(id, cursor->next++);
}

static u64 core_id(const struct core_area *area, unsigned int nth)
{
	u64 size = FIELD_PREP(KVM_REG_SIZE_MASK, ilog2(area->size));

	return KVM_REG_ARM64 | size | KVM_REG_ARM_CORE |
	       (area->first + nth * area->size / sizeof(u32));
}

static int core_list(struct onereg_cursor *cursor)
{
	unsigned int i, nth;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(core_areas) && !ret; i++)
		for (nth = 0; nth < core_areas[i].count && !ret; nth++)
			ret = onereg_emit(cursor, core_id(&core_areas[i], nth));
	return ret;
}

static int sysreg_list(struct onereg_cursor *cursor)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(kept_sysregs) && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(kept_sysregs[i].encoding));
	for (i = 0; i < ARRAY_SIZE(other_sysregs) && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(other_sysregs[i]));
	for (i = 0; vtimer_reg_id(i) && !ret; i++)
		ret = onereg_emit(cursor, vtimer_reg_id(i));
	for (i = 0; idreg_next(i) && !ret; i++)
		ret = onereg_emit(cursor, sysreg_id(idreg_next(i)));
	return ret;
}

static int onereg_walk(struct onereg_cursor *cursor)
{
	int ret;

	ret = core_list(cursor);
	if (!ret)
		ret = sysreg_list(cursor);
	if (!ret)
		ret = onereg_emit(cursor, KVM_REG_ARM_PSCI_VERSION);
	return ret;
}

int onereg_list(struct vcpu *vcpu, struct kvm_reg_list __user *list)
{
	struct onereg_cursor count = {}, cursor = { .next = list->reg };
	u64 room;

	if (get_user(room, &list->n))
		return -EFAULT;
	onereg_walk(&count);
	if (put_user(count.nr, &list->n))
		return -EFAULT;
	return room < count.nr ? -E2BIG : onereg_walk(&cursor);
}
