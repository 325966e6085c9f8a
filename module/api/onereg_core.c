// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core registers: struct kvm_regs, by offset in 32-bit words.
 */
#include <linux/bitfield.h>
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#include "../trap/debug.h"
#include "../trap/sysreg.h"
#include "../vcpu.h"
#include "onereg.h"

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
	/* The API has 32 bits, the low half of the 64 here. */
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
	/*
	 * Userspace chooses the offset: it must not lead out of the area, even in
	 * speculation.
	 */
	return (void *)vcpu + area->where +
	       array_index_nospec(offset, area->count * area->size);
}

/*
 * Return: where a core register is kept, -ENOENT, or -EINVAL for the middle of a
 * register.
 */
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
	if (where == &vcpu->el2.pstate)
		value->u64 = debug_pstate(vcpu);
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

/* The mode must not be EL2 or EL3, nor AArch32 at EL1 if EL1 is AArch64. */
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
	if (where == &vcpu->el2.pstate) {
		if (!core_pstate_is_allowed(vcpu, value->u64))
			return -EINVAL;
		debug_set_pstate(vcpu, value->u64);
		return 0;
	}
	memcpy(where, value, KVM_REG_SIZE(id));
	return 0;
}

static u64 core_id(const struct core_area *area, unsigned int nth)
{
	u64 size = FIELD_PREP(KVM_REG_SIZE_MASK, ilog2(area->size));

	return KVM_REG_ARM64 | size | KVM_REG_ARM_CORE |
	       (area->first + nth * area->size / sizeof(u32));
}

static int core_list(struct vcpu *vcpu, struct onereg_cursor *cursor)
{
	unsigned int i, nth;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(core_areas) && !ret; i++)
		for (nth = 0; nth < core_areas[i].count && !ret; nth++)
			ret = onereg_emit(cursor, core_id(&core_areas[i], nth));
	return ret;
}

const struct onereg_kind onereg_core = {
	.read = core_read,
	.write = core_write,
	.list = core_list,
};
