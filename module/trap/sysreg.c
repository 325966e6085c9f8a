// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trapped MRS, MSR and SYS instructions (EC 0x18): one table, sorted by
 * encoding, of what the hypervisor answers for.  What is not in it is UNDEFINED
 * for the guest.
 *
 * The guest is shown one level of cache with one set and one way, so that a
 * loop over the geometry is one operation.
 */
#include <linux/bitfield.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/moduleparam.h>
#include <asm/cpufeature.h>
#include <asm/kvm_arm.h>
#include <asm/sysreg.h>

#include "../compat.h"
#include "../table.h"
#include "debug.h"
#include "setway.h"
#include "sysreg.h"
#include "trap.h"

/* ISS of EC 0x18 (ARM DDI 0487J.a, D19.2.37). */
#define ISS_OP0		GENMASK(21, 20)
#define ISS_OP2		GENMASK(19, 17)
#define ISS_OP1		GENMASK(16, 14)
#define ISS_CRN		GENMASK(13, 10)
#define ISS_RT		GENMASK(9, 5)
#define ISS_CRM		GENMASK(4, 1)
#define ISS_READ	BIT(0)

/* Cache maintenance by Set/Way, plain and with Allocation Tags (FEAT_MTE2). */
#define INSN_ISW	sys_insn(1, 0, 7, 6, 2)
#define INSN_IGSW	sys_insn(1, 0, 7, 6, 4)
#define INSN_IGDSW	sys_insn(1, 0, 7, 6, 6)
#define INSN_CSW	sys_insn(1, 0, 7, 10, 2)
#define INSN_CGSW	sys_insn(1, 0, 7, 10, 4)
#define INSN_CGDSW	sys_insn(1, 0, 7, 10, 6)
#define INSN_CISW	sys_insn(1, 0, 7, 14, 2)
#define INSN_CIGSW	sys_insn(1, 0, 7, 14, 4)
#define INSN_CIGDSW	sys_insn(1, 0, 7, 14, 6)

/*
 * CLIDR_EL1: Ctype1 = separate instruction and data caches | LoUIS = 1 |
 * LoC = 1 | LoUU = 1
 */
#define CLIDR_GUEST	(FIELD_PREP(GENMASK_ULL(2, 0), 3) | FIELD_PREP(GENMASK_ULL(23, 21), 1) | \
			 FIELD_PREP(GENMASK_ULL(26, 24), 1) | FIELD_PREP(GENMASK_ULL(29, 27), 1))
#define CSSELR_BITS	GENMASK_ULL(3, 0)
#define CSSELR_IND	BIT_ULL(0)
#define CTR_IMINLINE	GENMASK_ULL(3, 0)
#define CTR_DMINLINE	GENMASK_ULL(19, 16)
/* CCSIDR_EL1.LineSize is log2(words) - 2; CTR_EL0 has log2(words). */
#define CCSIDR_LINE_BIAS	2

#define MMFR2_EVT	GENMASK_ULL(59, 56)

static bool evt = true;
module_param(evt, bool, 0444);
MODULE_PARM_DESC(evt, "let guests read CTR_EL0 from the CPU where that alone can be left untrapped (FEAT_EVT; default: yes; reads as what is done)");

static_assert(sys_reg(0, 0, 1, 0, 0) == BIT(SYSREG_CRN_SHIFT));
static_assert(sys_reg(0, 1, 0, 0, 0) == BIT(SYSREG_OP1_SHIFT));
static_assert(sys_reg(1, 0, 0, 0, 0) == BIT(SYSREG_OP0_SHIFT));

/**
 * struct sysreg_row - how one register or operation is answered
 * @encoding: what it is
 * @trap: answers it; false when the access is UNDEFINED
 * @arg: for @trap
 */
struct sysreg_row {
	u32 encoding;
	bool (*trap)(struct vcpu *vcpu, struct sysreg_access *access, unsigned int arg);
	unsigned int arg;
};

static bool trap_setway(struct vcpu *vcpu, struct sysreg_access *access, unsigned int op)
{
	if (access->is_read)
		return false;
	setway_trap(vcpu, op, access->value);
	return true;
}

#define HALF_BITS	32

/* Return: the part of the register that a write leaves as it was. */
static u64 half_kept(enum sysreg_half half)
{
	switch (half) {
	case SYSREG_LOW_HALF:
		return GENMASK_ULL(63, 32);
	case SYSREG_HIGH_HALF:
		return GENMASK_ULL(31, 0);
	default:
		return 0;
	}
}

void sysreg_write_half(u64 *value, const struct sysreg_access *access)
{
	unsigned int shift = access->half == SYSREG_HIGH_HALF ? HALF_BITS : 0;

	*value &= half_kept(access->half);
	*value |= (access->value << shift) & ~half_kept(access->half);
}

/* HCR_EL2.TVM: a write to a register that is otherwise the guest's own. */
static bool trap_vm_reg(struct vcpu *vcpu, struct sysreg_access *access, unsigned int reg)
{
	bool was_enabled = vcpu_caches_enabled(vcpu);

	if (access->is_read)
		return false;
	sysreg_write_half(vcpu_sysreg(vcpu, reg), access);
	setway_vm_register_written(vcpu, was_enabled);
	return true;
}

/* The same for registers that only AArch32 can write; they are stored separately. */
static bool trap_aarch32_reg(struct vcpu *vcpu, struct sysreg_access *access, unsigned int arg)
{
	if (access->is_read)
		return false;
	if (access->encoding == SYS_DACR32_EL2)
		vcpu->el2.aarch32.dacr32_el2 = access->value;
	else
		vcpu->el2.aarch32.ifsr32_el2 = access->value;
	setway_vm_register_written(vcpu, vcpu_caches_enabled(vcpu));
	return true;
}

u64 sysreg_ccsidr(u64 csselr)
{
	u64 ctr = read_sanitised_ftr_reg(SYS_CTR_EL0);
	u64 line = csselr & CSSELR_IND ? FIELD_GET(CTR_IMINLINE, ctr) :
					 FIELD_GET(CTR_DMINLINE, ctr);

	/* Associativity and NumSets are "less one": 0 is one way, one set. */
	return line - CCSIDR_LINE_BIAS;
}

/* Where CPUs differ, the kernel knows what holds for all of them, and a CPU does not. */
static bool __init ctr_can_be_read(void)
{
	return FIELD_GET(MMFR2_EVT, read_sanitised_ftr_reg(SYS_ID_AA64MMFR2_EL1)) &&
	       !cpus_have_cap(ARM64_MISMATCHED_CACHE_TYPE);
}

void __init sysreg_host_init(void)
{
	evt = evt && ctr_can_be_read();
}

u64 sysreg_cache_traps(void)
{
	return evt ? HCR_TID4 : HCR_TID2;
}

static bool trap_cache_id(struct vcpu *vcpu, struct sysreg_access *access, unsigned int arg)
{
	if (!access->is_read)
		return false;
	if (access->encoding == SYS_CTR_EL0)
		access->value = read_sanitised_ftr_reg(SYS_CTR_EL0);
	else if (access->encoding == SYS_CLIDR_EL1)
		access->value = CLIDR_GUEST;
	else
		access->value = sysreg_ccsidr(vcpu->el2.answers.csselr);
	return true;
}

static bool trap_csselr(struct vcpu *vcpu, struct sysreg_access *access, unsigned int arg)
{
	if (access->is_read)
		access->value = vcpu->el2.answers.csselr;
	else
		vcpu->el2.answers.csselr = access->value & CSSELR_BITS;
	return true;
}

/* Reads as @arg, writes are ignored. */
static bool trap_constant(struct vcpu *vcpu, struct sysreg_access *access, unsigned int arg)
{
	if (access->is_read)
		access->value = arg;
	return true;
}

/* Sorted by encoding: op0, op1, CRn, CRm, op2. */
static const struct sysreg_row sysreg_rows[] = {
	{ INSN_ISW,		trap_setway,	SETWAY_ISW },
	{ INSN_IGSW,		trap_setway,	SETWAY_IGSW },
	{ INSN_IGDSW,		trap_setway,	SETWAY_IGDSW },
	{ INSN_CSW,		trap_setway,	SETWAY_CSW },
	{ INSN_CGSW,		trap_setway,	SETWAY_CGSW },
	{ INSN_CGDSW,		trap_setway,	SETWAY_CGDSW },
	{ INSN_CISW,		trap_setway,	SETWAY_CISW },
	{ INSN_CIGSW,		trap_setway,	SETWAY_CIGSW },
	{ INSN_CIGDSW,		trap_setway,	SETWAY_CIGDSW },
	{ SYS_REVIDR_EL1,	trap_constant,	0 },
	{ SYS_SCTLR_EL1,	trap_vm_reg,	EL2_REG_SCTLR_EL1 },
	{ SYS_ACTLR_EL1,	trap_constant,	0 },
	{ SYS_TTBR0_EL1,	trap_vm_reg,	EL2_REG_TTBR0_EL1 },
	{ SYS_TTBR1_EL1,	trap_vm_reg,	EL2_REG_TTBR1_EL1 },
	{ SYS_TCR_EL1,		trap_vm_reg,	EL2_REG_TCR_EL1 },
	{ SYS_ICC_PMR_EL1,	vgic_trap_icc,	0 },
	{ SYS_AFSR0_EL1,	trap_vm_reg,	EL2_REG_AFSR0_EL1 },
	{ SYS_AFSR1_EL1,	trap_vm_reg,	EL2_REG_AFSR1_EL1 },
	{ SYS_ESR_EL1,		trap_vm_reg,	EL2_REG_ESR_EL1 },
	{ SYS_FAR_EL1,		trap_vm_reg,	EL2_REG_FAR_EL1 },
	{ SYS_MAIR_EL1,		trap_vm_reg,	EL2_REG_MAIR_EL1 },
	{ SYS_AMAIR_EL1,	trap_vm_reg,	EL2_REG_AMAIR_EL1 },
	{ SYS_ICC_DIR_EL1,	vgic_trap_icc,	0 },
	{ SYS_ICC_RPR_EL1,	vgic_trap_icc,	0 },
	{ SYS_ICC_SGI1R_EL1,	vgic_trap_icc,	0 },
	{ SYS_ICC_ASGI1R_EL1,	vgic_trap_icc,	0 },
	{ SYS_ICC_SGI0R_EL1,	vgic_trap_icc,	0 },
	{ SYS_ICC_CTLR_EL1,	vgic_trap_icc,	0 },
	{ SYS_ICC_SRE_EL1,	vgic_trap_icc,	0 },
	{ SYS_CONTEXTIDR_EL1,	trap_vm_reg,	EL2_REG_CONTEXTIDR_EL1 },
	{ SYS_CCSIDR_EL1,	trap_cache_id,	0 },
	{ SYS_CLIDR_EL1,	trap_cache_id,	0 },
	{ SYS_AIDR_EL1,		trap_constant,	0 },
	{ SYS_CSSELR_EL1,	trap_csselr,	0 },
	{ SYS_CTR_EL0,		trap_cache_id,	0 },
	{ SYS_CNTPCT_EL0,	counter_trap,	0 },
	{ SYS_CNTPCTSS_EL0,	counter_trap,	0 },
	{ SYS_CNTP_TVAL_EL0,	ptimer_trap,	0 },
	{ SYS_CNTP_CTL_EL0,	ptimer_trap,	0 },
	{ SYS_CNTP_CVAL_EL0,	ptimer_trap,	0 },
	{ SYS_DACR32_EL2,	trap_aarch32_reg, 0 },
	{ SYS_IFSR32_EL2,	trap_aarch32_reg, 0 },
};

/* By op0, op1 and CRn. */
static u8 sysreg_first[BIT(SYSREG_BITS - SYSREG_CRN_SHIFT)] __ro_after_init;

bool __init sysreg_tables_init(void)
{
	table_index(sysreg_first, ARRAY_SIZE(sysreg_first), SYSREG_CRN_SHIFT, sysreg_rows,
		    ARRAY_SIZE(sysreg_rows), sizeof(sysreg_rows[0]), NULL);
	return table_is_sorted(sysreg_rows, ARRAY_SIZE(sysreg_rows), sizeof(sysreg_rows[0])) &&
	       cp15_tables_init();
}

/* The space that HCR_EL2.TID3 traps: ID registers, present or yet to come. */
static bool is_id_space(u32 encoding)
{
	return encoding >= sys_reg(3, 0, 0, 1, 0) && encoding <= sys_reg(3, 0, 0, 7, 7);
}

static bool is_debug_space(u32 encoding)
{
	return encoding >= sys_reg(2, 0, 0, 0, 0) && encoding < sys_reg(3, 0, 0, 0, 0);
}

static bool trap_id_space(struct vcpu *vcpu, struct sysreg_access *access)
{
	if (!access->is_read)
		return false;
	if (!idreg_read_vcpu(vcpu, access->encoding, &access->value))
		access->value = 0;
	return true;
}

bool sysreg_answer(struct vcpu *vcpu, struct sysreg_access *access)
{
	const struct sysreg_row *row;

	row = table_find(sysreg_first, SYSREG_CRN_SHIFT, sysreg_rows, ARRAY_SIZE(sysreg_rows),
			 sizeof(sysreg_rows[0]), access->encoding);
	if (row)
		return row->trap(vcpu, access, row->arg);
	if (is_id_space(access->encoding))
		return trap_id_space(vcpu, access);
	return is_debug_space(access->encoding) && debug_trap(vcpu, access);
}

bool sysreg_is_setway(u32 encoding)
{
	return encoding >= INSN_ISW && encoding <= INSN_CIGDSW;
}

/* Loops need memory, and whoever waits for the end of an interrupt is told of it. */
bool sysreg_sleeps(u32 encoding)
{
	return sysreg_is_setway(encoding) || encoding == SYS_ICC_DIR_EL1;
}

void sysreg_count(struct vcpu *vcpu, u32 encoding)
{
	counter_add(&vcpu->counters,
		    sysreg_is_setway(encoding) ? COUNTER_EXITS_SETWAY : COUNTER_EXITS_SYSREG, 1);
}

void sysreg_refuse(struct vcpu *vcpu)
{
	if (!vgic_look_again(vcpu))
		inject_undef(vcpu);
}

int sysreg_trap(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	unsigned int rt = FIELD_GET(ISS_RT, esr);
	struct sysreg_access access = {
		.encoding = sys_reg(FIELD_GET(ISS_OP0, esr), FIELD_GET(ISS_OP1, esr),
				    FIELD_GET(ISS_CRN, esr), FIELD_GET(ISS_CRM, esr),
				    FIELD_GET(ISS_OP2, esr)),
		.is_read = esr & ISS_READ,
		.half = SYSREG_WHOLE,
		.value = vcpu_reg(vcpu, rt),
	};

	if (vcpu->atomic && sysreg_sleeps(access.encoding))
		return TRAP_SLEEPS;
	sysreg_count(vcpu, access.encoding);
	if (!sysreg_answer(vcpu, &access)) {
		sysreg_refuse(vcpu);
		return 1;
	}
	if (access.is_read)
		vcpu_set_reg(vcpu, rt, access.value);
	vcpu_skip_insn(vcpu);
	return 1;
}
