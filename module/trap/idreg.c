// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's ID registers: those of the host, as the kernel has made them
 * agree between CPUs, without what guests do not get.  A row names the fields
 * that are shown.  Other fields read as 0, so a feature that is not known here
 * stays hidden.  Its registers then trap or are undefined, as the guest was
 * told.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "../stage2/vtcr.h"
#include "../vcpu.h"
#include "../vm.h"
#include "sysreg.h"

/* Fields have 4 bits.  The number of its lowest bit names a field. */
#define FIELD(shift)		(0xfULL << (shift))

/*
 * ID_AA64PFR0_EL1 without EL2 and EL3, GIC, RAS, SVE, SEL2, MPAM, AMU and RME:
 * EL0 | EL1 | FP | AdvSIMD | DIT | CSV2 | CSV3
 */
#define PFR0_SHOWN	(FIELD(0) | FIELD(4) | FIELD(16) | FIELD(20) | FIELD(48) | \
			 FIELD(56) | FIELD(60))
/* CSV2 above 1 promises SCXTNUM_ELx, which traps. */
#define PFR0_CSV2	FIELD(56)
#define PFR0_CSV2_MAX	1

/* The GIC's CPU interface is in system registers: of AArch64, and of AArch32. */
#define PFR0_GIC	BIT_ULL(24)
#define PFR1_AARCH32_GIC	BIT_ULL(28)

/* ID_AA64PFR1_EL1: BT | SSBS */
#define PFR1_SHOWN	(FIELD(0) | FIELD(4))

/*
 * ID_AA64DFR0_EL1: DebugVer | BRPs | WRPs | CTX_CMPs.  What later versions of the debug
 * architecture have besides Armv8.0's is not there, so no guest is shown a later one; nor
 * in ID_DFR0_EL1.CopDbg.
 */
#define DFR0_SHOWN	(DFR0_DEBUGVER | FIELD(12) | FIELD(20) | FIELD(28))
#define DFR0_DEBUGVER	FIELD(0)
#define DFR0_DEBUGVER_MAX	6

/* ID_AA64ISAR0_EL1: all but TME */
#define ISAR0_SHOWN	(~FIELD(24))

/*
 * ID_AA64ISAR1_EL1 without pointer authentication (APA, API, GPA, GPI), XS and
 * LS64: DPB | JSCVT | FCMA | LRCPC | FRINTTS | SB | SPECRES | BF16 | DGH | I8MM
 */
#define ISAR1_SHOWN	(FIELD(0) | FIELD(12) | FIELD(16) | FIELD(20) | FIELD(32) | \
			 FIELD(36) | FIELD(40) | FIELD(44) | FIELD(48) | FIELD(52))

/* ID_AA64ISAR2_EL1: RPRES | BC */
#define ISAR2_SHOWN	(FIELD(4) | FIELD(20))

/*
 * ID_AA64MMFR0_EL1 without the granules of a stage 2 (there is none), FGT and
 * ECV: PARange | ASIDBits | BigEnd | SNSMem | BigEndEL0 | TGran16 | TGran64 |
 * TGran4 | ExS
 */
#define MMFR0_SHOWN	(FIELD(0) | FIELD(4) | FIELD(8) | FIELD(12) | FIELD(16) | \
			 FIELD(20) | FIELD(24) | FIELD(28) | FIELD(44))

/* ID_AA64MMFR1_EL1: HAFDBS | HPDS | PAN | ETS */
#define MMFR1_SHOWN	(FIELD(0) | FIELD(12) | FIELD(20) | FIELD(36))

/* ID_AA64MMFR2_EL1: CnP | UAO | VARange | ST | AT | TTL | BBM | E0PD */
#define MMFR2_SHOWN	(FIELD(0) | FIELD(4) | FIELD(16) | FIELD(28) | FIELD(32) | \
			 FIELD(48) | FIELD(52) | FIELD(60))

/* ID_PFR1_EL1 without Security, Virtualization and GIC: ProgMod | MProgMod | GenTimer */
#define PFR1_32_SHOWN	(FIELD(0) | FIELD(8) | FIELD(16))

/*
 * ID_MMFR4_EL1 without CCIDX: there is no CCSIDR2, and CCSIDR has its format without
 * CCIDX.
 */
#define MMFR4_32_SHOWN	(U32_MAX & ~FIELD(24))

/**
 * struct idreg - one ID register
 * @encoding: sys_reg(op0, op1, CRn, CRm, op2)
 * @shown: bits of the host's value that the guest sees
 * @limited: a field that may not exceed @limit, or 0
 * @limit: see @limited
 */
struct idreg {
	u32 encoding;
	u64 shown;
	u64 limited;
	u64 limit;
};

static const struct idreg idregs[] = {
	{ SYS_ID_PFR0_EL1, .shown = FIELD(0) | FIELD(4) | FIELD(8) | FIELD(12) },
	{ SYS_ID_PFR1_EL1, .shown = PFR1_32_SHOWN },
	{ SYS_ID_DFR0_EL1, .shown = DFR0_DEBUGVER,
	  .limited = DFR0_DEBUGVER, .limit = DFR0_DEBUGVER_MAX },
	{ SYS_ID_MMFR0_EL1, .shown = U32_MAX },
	{ SYS_ID_MMFR1_EL1, .shown = U32_MAX },
	{ SYS_ID_MMFR2_EL1, .shown = U32_MAX },
	{ SYS_ID_MMFR3_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR0_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR1_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR2_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR3_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR4_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR5_EL1, .shown = U32_MAX },
	{ SYS_ID_ISAR6_EL1, .shown = U32_MAX },
	{ SYS_ID_MMFR4_EL1, .shown = MMFR4_32_SHOWN },
	{ SYS_MVFR0_EL1, .shown = U32_MAX },
	{ SYS_MVFR1_EL1, .shown = U32_MAX },
	{ SYS_MVFR2_EL1, .shown = U32_MAX },
	{ SYS_ID_AA64PFR0_EL1, .shown = PFR0_SHOWN,
	  .limited = PFR0_CSV2, .limit = PFR0_CSV2_MAX },
	{ SYS_ID_AA64PFR1_EL1, .shown = PFR1_SHOWN },
	{ SYS_ID_AA64ZFR0_EL1 },
	{ SYS_ID_AA64DFR0_EL1, .shown = DFR0_SHOWN,
	  .limited = DFR0_DEBUGVER, .limit = DFR0_DEBUGVER_MAX },
	{ SYS_ID_AA64DFR1_EL1 },
	{ SYS_ID_AA64ISAR0_EL1, .shown = ISAR0_SHOWN },
	{ SYS_ID_AA64ISAR1_EL1, .shown = ISAR1_SHOWN },
	{ SYS_ID_AA64ISAR2_EL1, .shown = ISAR2_SHOWN },
	{ SYS_ID_AA64MMFR0_EL1, .shown = MMFR0_SHOWN,
	  .limited = MMFR0_PARANGE, .limit = PARANGE_48 },
	{ SYS_ID_AA64MMFR1_EL1, .shown = MMFR1_SHOWN },
	{ SYS_ID_AA64MMFR2_EL1, .shown = MMFR2_SHOWN },
};

/* All such fields are at the bottom or the top of the word and unsigned. */
static u64 idreg_limit(const struct idreg *idreg, u64 value)
{
	unsigned int shift = __ffs64(idreg->limited);

	if ((value & idreg->limited) >> shift <= idreg->limit)
		return value;
	return (value & ~idreg->limited) | (idreg->limit << shift);
}

bool idreg_read(u32 encoding, u64 *value)
{
	const struct idreg *idreg;

	for (idreg = idregs; idreg < idregs + ARRAY_SIZE(idregs); idreg++) {
		if (idreg->encoding != encoding)
			continue;
		*value = 0;
		if (idreg->shown)
			*value = read_sanitised_ftr_reg(encoding) & idreg->shown;
		if (idreg->limited)
			*value = idreg_limit(idreg, *value);
		return true;
	}
	return false;
}

u64 idreg_with_gic(u32 encoding, u64 value)
{
	switch (encoding) {
	case SYS_ID_AA64PFR0_EL1:
		return value | PFR0_GIC;
	case SYS_ID_PFR1_EL1:
		/* The whole register is 0 where there is no AArch32. */
		return value ? value | PFR1_AARCH32_GIC : 0;
	default:
		return value;
	}
}

bool idreg_read_vcpu(const struct vcpu *vcpu, u32 encoding, u64 *value)
{
	if (!idreg_read(encoding, value))
		return false;
	if (vcpu->vm->vgic.created)
		*value = idreg_with_gic(encoding, *value);
	return true;
}
