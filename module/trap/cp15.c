// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trapped coprocessor accesses of AArch32 (EC 0x03 to 0x05, 0x08, 0x0c).  Each
 * register is mapped to an AArch64 register or a half of one (ARM DDI 0487J.a,
 * G8.1).  sysreg.c then answers as if AArch64 had accessed that.
 *
 * The syndrome names general-purpose registers by their AArch64 numbers.
 */
#include <linux/bitfield.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <asm/sysreg.h>

#include "../compat.h"
#include "../table.h"
#include "debug.h"
#include "sysreg.h"
#include "trap.h"

/* ISS of MCR and MRC, VMRS (ARM DDI 0487J.a, D19.2.37). */
#define ISS_OPC2	GENMASK(19, 17)
#define ISS_OPC1	GENMASK(16, 14)
#define ISS_CRN		GENMASK(13, 10)
#define ISS_RT		GENMASK(9, 5)
#define ISS_CRM		GENMASK(4, 1)
#define ISS_READ	BIT(0)

/*
 * Rt of an MRC from DBGDSCRint that names no register but the flags, which get bits
 * 31:28 (ARM DDI 0487J.a, G8.3).
 */
#define RT_FLAGS	31
#define FLAGS		GENMASK(31, 28)

/* ISS of MCRR and MRRC; Rt and CRm as above. */
#define ISS64_OPC1	GENMASK(19, 16)
#define ISS64_RT2	GENMASK(14, 10)

/* Coprocessor registers in the packing of sys_reg(), without its op0. */
#define CP(opc1, crn, crm, opc2)	sys_reg(0, opc1, crn, crm, opc2)

/* An unallocated register in AArch64's ID space. */
#define ID_RESERVED	sys_reg(3, 0, 0, 7, 7)

/* VMRS registers, as ISS_CRN has them. */
#define VMRS_MVFR2		5
#define VMRS_MVFR1		6
#define VMRS_MVFR0		7

/* Debug registers whose AArch64 counterparts have other numbers, or are read otherwise. */
#define CP14_DBGDIDR	CP(0, 0, 0, 0)
#define CP14_DBGDSCRINT	CP(0, 0, 1, 0)
#define CP14_DBGVCR	CP(0, 0, 7, 0)
#define CP14_DBGOSLAR	CP(0, 1, 0, 4)
#define CP14_DBGBXVR0	CP(0, 1, 0, 1)
#define CP14_DBGBXVR_N	GENMASK(11, 8)
#define OP2_DBGBVR	4

/* What DBGOSLAR locks by; OSLAR_EL1 does by bit 0 (ARM DDI 0487J.a, G8.3.24). */
#define DBGOSLAR_KEY	0xc5acce55

/**
 * struct cp15_row - what an AArch32 register is mapped to
 * @cp: CP(opc1, CRn, CRm, opc2)
 * @encoding: AArch64 register or operation
 * @half: of it
 */
struct cp15_row {
	u32 cp;
	u32 encoding;
	enum sysreg_half half;
};

/* Sorted by opc1, CRn, CRm, opc2. */
static const struct cp15_row cp15_rows[] = {
	{ CP(0, 0, 0, 1),	SYS_CTR_EL0,		SYSREG_LOW_HALF },
	{ CP(0, 0, 0, 2),	SYS_AIDR_EL1,		SYSREG_LOW_HALF },	/* TCMTR: 0 */
	{ CP(0, 0, 0, 3),	SYS_AIDR_EL1,		SYSREG_LOW_HALF },	/* TLBTR: 0 */
	{ CP(0, 0, 0, 6),	SYS_REVIDR_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 1, 0, 0),	SYS_SCTLR_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 1, 0, 1),	SYS_ACTLR_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 1, 0, 3),	SYS_ACTLR_EL1,		SYSREG_HIGH_HALF },
	{ CP(0, 2, 0, 0),	SYS_TTBR0_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 2, 0, 1),	SYS_TTBR1_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 2, 0, 2),	SYS_TCR_EL1,		SYSREG_LOW_HALF },	/* TTBCR */
	{ CP(0, 2, 0, 3),	SYS_TCR_EL1,		SYSREG_HIGH_HALF },	/* TTBCR2 */
	{ CP(0, 3, 0, 0),	SYS_DACR32_EL2,		SYSREG_LOW_HALF },
	{ CP(0, 4, 6, 0),	SYS_ICC_PMR_EL1,	SYSREG_LOW_HALF },
	{ CP(0, 5, 0, 0),	SYS_ESR_EL1,		SYSREG_LOW_HALF },	/* DFSR */
	{ CP(0, 5, 0, 1),	SYS_IFSR32_EL2,		SYSREG_LOW_HALF },
	{ CP(0, 5, 1, 0),	SYS_AFSR0_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 5, 1, 1),	SYS_AFSR1_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 6, 0, 0),	SYS_FAR_EL1,		SYSREG_LOW_HALF },	/* DFAR */
	{ CP(0, 6, 0, 2),	SYS_FAR_EL1,		SYSREG_HIGH_HALF },	/* IFAR */
	{ CP(0, 7, 6, 2),	SYS_DC_ISW,		SYSREG_LOW_HALF },
	{ CP(0, 7, 10, 2),	SYS_DC_CSW,		SYSREG_LOW_HALF },
	{ CP(0, 7, 14, 2),	SYS_DC_CISW,		SYSREG_LOW_HALF },
	{ CP(0, 10, 2, 0),	SYS_MAIR_EL1,		SYSREG_LOW_HALF },	/* PRRR, MAIR0 */
	{ CP(0, 10, 2, 1),	SYS_MAIR_EL1,		SYSREG_HIGH_HALF },	/* NMRR, MAIR1 */
	{ CP(0, 10, 3, 0),	SYS_AMAIR_EL1,		SYSREG_LOW_HALF },
	{ CP(0, 10, 3, 1),	SYS_AMAIR_EL1,		SYSREG_HIGH_HALF },
	{ CP(0, 13, 0, 1),	SYS_CONTEXTIDR_EL1,	SYSREG_LOW_HALF },
	{ CP(0, 14, 2, 0),	SYS_CNTP_TVAL_EL0,	SYSREG_LOW_HALF },
	{ CP(0, 14, 2, 1),	SYS_CNTP_CTL_EL0,	SYSREG_LOW_HALF },
	{ CP(1, 0, 0, 0),	SYS_CCSIDR_EL1,		SYSREG_LOW_HALF },
	{ CP(1, 0, 0, 1),	SYS_CLIDR_EL1,		SYSREG_LOW_HALF },
	{ CP(1, 0, 0, 7),	SYS_AIDR_EL1,		SYSREG_LOW_HALF },
	{ CP(2, 0, 0, 0),	SYS_CSSELR_EL1,		SYSREG_LOW_HALF },
};

/* MCRR and MRRC: opc1 and CRm.  Sorted likewise. */
static const struct cp15_row cp15_rows64[] = {
	{ CP(0, 0, 2, 0),	SYS_TTBR0_EL1,		SYSREG_WHOLE },
	{ CP(0, 0, 12, 0),	SYS_ICC_SGI1R_EL1,	SYSREG_WHOLE },
	{ CP(0, 0, 14, 0),	SYS_CNTPCT_EL0,		SYSREG_WHOLE },
	{ CP(1, 0, 2, 0),	SYS_TTBR1_EL1,		SYSREG_WHOLE },
	{ CP(1, 0, 12, 0),	SYS_ICC_ASGI1R_EL1,	SYSREG_WHOLE },
	{ CP(2, 0, 12, 0),	SYS_ICC_SGI0R_EL1,	SYSREG_WHOLE },
	{ CP(2, 0, 14, 0),	SYS_CNTP_CVAL_EL0,	SYSREG_WHOLE },
	{ CP(8, 0, 14, 0),	SYS_CNTPCTSS_EL0,	SYSREG_WHOLE },
};

/* By opc1 and CRn; and those of MCRR and MRRC, whose opc1 has 4 bits, by that. */
static u8 cp15_first[BIT(SYSREG_OP0_SHIFT - SYSREG_CRN_SHIFT)] __ro_after_init;
static u8 cp15_first64[BIT(4)] __ro_after_init;

static const struct cp15_row *cp15_find(u32 cp)
{
	return table_find(cp15_first, SYSREG_CRN_SHIFT, cp15_rows, ARRAY_SIZE(cp15_rows),
			  sizeof(cp15_rows[0]), cp);
}

static const struct cp15_row *cp15_find64(u32 cp)
{
	return table_find(cp15_first64, SYSREG_OP1_SHIFT, cp15_rows64, ARRAY_SIZE(cp15_rows64),
			  sizeof(cp15_rows64[0]), cp);
}

bool __init cp15_tables_init(void)
{
	table_index(cp15_first, ARRAY_SIZE(cp15_first), SYSREG_CRN_SHIFT, cp15_rows,
		    ARRAY_SIZE(cp15_rows), sizeof(cp15_rows[0]), NULL);
	table_index(cp15_first64, ARRAY_SIZE(cp15_first64), SYSREG_OP1_SHIFT, cp15_rows64,
		    ARRAY_SIZE(cp15_rows64), sizeof(cp15_rows64[0]), NULL);
	return table_is_sorted(cp15_rows, ARRAY_SIZE(cp15_rows), sizeof(cp15_rows[0])) &&
	       table_is_sorted(cp15_rows64, ARRAY_SIZE(cp15_rows64), sizeof(cp15_rows64[0]));
}

/* Registers whose AArch64 counterparts have the same numbers: ID registers, GIC. */
static bool is_same_in_aarch64(u32 cp)
{
	return (cp >= CP(0, 0, 1, 0) && cp <= CP(0, 0, 2, 7)) ||
	       (cp >= CP(0, 12, 8, 0) && cp <= CP(0, 12, 15, 7));
}

/*
 * AArch64 has MVFRn_EL1 and its own ID registers here.  AArch32 has nothing
 * here that a guest is shown: read-only, and zero.
 */
static bool is_reserved_id(u32 cp)
{
	return cp >= CP(0, 0, 3, 0) && cp <= CP(0, 0, 7, 7);
}

static bool cp15_map(u32 cp, struct sysreg_access *access)
{
	const struct cp15_row *row = cp15_find(cp);

	access->half = row ? row->half : SYSREG_LOW_HALF;
	if (row)
		access->encoding = row->encoding;
	else if (is_same_in_aarch64(cp))
		access->encoding = cp | sys_reg(3, 0, 0, 0, 0);
	else if (is_reserved_id(cp))
		access->encoding = ID_RESERVED;
	else
		return false;
	return true;
}

static void cp15_finish(struct vcpu *vcpu, bool answered)
{
	if (answered)
		vcpu_skip_insn(vcpu);
	else
		sysreg_refuse(vcpu);
}

static u32 half_of(u64 value, enum sysreg_half half)
{
	return half == SYSREG_HIGH_HALF ? upper_32_bits(value) : lower_32_bits(value);
}

int cp15_trap(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	unsigned int rt = FIELD_GET(ISS_RT, esr);
	u32 cp = CP(FIELD_GET(ISS_OPC1, esr), FIELD_GET(ISS_CRN, esr),
		    FIELD_GET(ISS_CRM, esr), FIELD_GET(ISS_OPC2, esr));
	struct sysreg_access access = {
		.is_read = esr & ISS_READ,
		.value = lower_32_bits(vcpu_reg(vcpu, rt)),
	};
	bool answered = cp15_map(cp, &access);

	if (vcpu->atomic && sysreg_sleeps(access.encoding))
		return TRAP_SLEEPS;
	sysreg_count(vcpu, access.encoding);
	answered = answered && sysreg_answer(vcpu, &access);
	if (answered && access.is_read)
		vcpu_set_reg(vcpu, rt, half_of(access.value, access.half));
	cp15_finish(vcpu, answered);
	return 1;
}

int cp15_trap64(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	unsigned int rt = FIELD_GET(ISS_RT, esr);
	unsigned int rt2 = FIELD_GET(ISS64_RT2, esr);
	u32 cp = CP(FIELD_GET(ISS64_OPC1, esr), 0, FIELD_GET(ISS_CRM, esr), 0);
	const struct cp15_row *row = cp15_find64(cp);
	struct sysreg_access access = {
		.encoding = row ? row->encoding : 0,
		.is_read = esr & ISS_READ,
		.half = SYSREG_WHOLE,
		.value = lower_32_bits(vcpu_reg(vcpu, rt)) |
			 vcpu_reg(vcpu, rt2) << BITS_PER_TYPE(u32),
	};
	bool answered;

	sysreg_count(vcpu, access.encoding);
	answered = row && sysreg_answer(vcpu, &access);
	if (answered && access.is_read) {
		vcpu_set_reg(vcpu, rt, lower_32_bits(access.value));
		vcpu_set_reg(vcpu, rt2, upper_32_bits(access.value));
	}
	cp15_finish(vcpu, answered);
	return 1;
}

/* DBGBXVRn is bits 63:32 of DBGBVRn_EL1, and DBGDSCRint a view of DBGDSCRext. */
static void cp14_map(u32 cp, struct sysreg_access *access)
{
	access->half = SYSREG_LOW_HALF;
	access->encoding = cp | sys_reg(2, 0, 0, 0, 0);
	if (cp == CP14_DBGDSCRINT) {
		access->encoding = SYS_MDSCR_EL1;
	} else if (cp == CP14_DBGVCR) {
		access->encoding = SYS_DBGVCR32_EL2;
	} else if (cp == CP14_DBGOSLAR) {
		access->value = access->value == DBGOSLAR_KEY;
	} else if ((cp & ~CP14_DBGBXVR_N) == CP14_DBGBXVR0) {
		access->encoding = sys_reg(2, 0, 0, FIELD_GET(CP14_DBGBXVR_N, cp), OP2_DBGBVR);
		access->half = SYSREG_HIGH_HALF;
	}
}

/* Debug registers are those with opc1 0. */
static bool cp14_answer(struct vcpu *vcpu, u32 cp, struct sysreg_access *access)
{
	if (cp >= CP(1, 0, 0, 0))
		return false;
	if (!access->is_read && (cp == CP14_DBGDIDR || cp == CP14_DBGDSCRINT))
		return false;
	if (cp == CP14_DBGDIDR) {
		access->value = debug_dbgdidr();
		return true;
	}
	cp14_map(cp, access);
	return sysreg_answer(vcpu, access);
}

static void mrc_set(struct vcpu *vcpu, unsigned int rt, u32 value)
{
	if (rt == RT_FLAGS)
		vcpu->el2.pstate = (vcpu->el2.pstate & ~(u64)FLAGS) | (value & FLAGS);
	else
		vcpu_set_reg(vcpu, rt, value);
}

int cp14_trap(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	unsigned int rt = FIELD_GET(ISS_RT, esr);
	u32 cp = CP(FIELD_GET(ISS_OPC1, esr), FIELD_GET(ISS_CRN, esr),
		    FIELD_GET(ISS_CRM, esr), FIELD_GET(ISS_OPC2, esr));
	struct sysreg_access access = {
		.is_read = esr & ISS_READ,
		.value = lower_32_bits(vcpu_reg(vcpu, rt)),
	};
	bool answered = cp14_answer(vcpu, cp, &access);

	counter_add(&vcpu->counters, COUNTER_EXITS_SYSREG, 1);
	if (answered && access.is_read)
		mrc_set(vcpu, rt, half_of(access.value, access.half));
	cp15_finish(vcpu, answered);
	return 1;
}

/* DBGDRAR and DBGDSAR: no memory-mapped debug registers. */
int cp14_trap64(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;

	counter_add(&vcpu->counters, COUNTER_EXITS_SYSREG, 1);
	if (esr & ISS_READ) {
		vcpu_set_reg(vcpu, FIELD_GET(ISS_RT, esr), 0);
		vcpu_set_reg(vcpu, FIELD_GET(ISS64_RT2, esr), 0);
	}
	cp15_finish(vcpu, esr & ISS_READ);
	return 1;
}

static u32 vmrs_encoding(u64 esr)
{
	switch (FIELD_GET(ISS_CRN, esr)) {
	case VMRS_MVFR2:
		return SYS_MVFR2_EL1;
	case VMRS_MVFR1:
		return SYS_MVFR1_EL1;
	case VMRS_MVFR0:
		return SYS_MVFR0_EL1;
	default:
		return 0;
	}
}

/* VMRS of an identification register (HCR_EL2.TID3). */
int vmrs_trap(struct vcpu *vcpu)
{
	u64 esr = vcpu->el2.esr_el2;
	bool answered;
	u64 value;

	counter_add(&vcpu->counters, COUNTER_EXITS_SYSREG, 1);
	answered = (esr & ISS_READ) && idreg_read(vmrs_encoding(esr), &value);
	if (answered)
		vcpu_set_reg(vcpu, FIELD_GET(ISS_RT, esr), value);
	cp15_finish(vcpu, answered);
	return 1;
}
