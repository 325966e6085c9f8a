// SPDX-License-Identifier: GPL-2.0-only
/*
 * VTCR_EL2: how the CPU walks a VM's stage-2 tables.
 */
#include <linux/bitfield.h>
#include <linux/minmax.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "../memory/vmid.h"
#include "vtcr.h"

/*
 * VTCR_EL2 (ARM DDI 0487J.a, D19.2.147).
 *
 * T0SZ		64 less the size of the IPA space in bits
 * SL0		level of the root, counted from level 2 upwards
 * IRGN0, ORGN0	walks are Normal Write-Back, read- and write-allocate
 * SH0		and Inner Shareable
 * TG0		0: granule of 4 KiB
 * PS		size of output addresses
 * VS		VMIDs have 16 bits
 * HA		the CPU sets access flags, if they are looked at
 * bit 31	RES1
 *
 * Clear: HD, as the dirty log is kept by faults
 */
#define VTCR_T0SZ	GENMASK_ULL(5, 0)
#define VTCR_SL0	GENMASK_ULL(7, 6)
#define VTCR_IRGN0	GENMASK_ULL(9, 8)
#define VTCR_ORGN0	GENMASK_ULL(11, 10)
#define VTCR_SH0	GENMASK_ULL(13, 12)
#define VTCR_PS		GENMASK_ULL(18, 16)
#define VTCR_VS		BIT_ULL(19)
#define VTCR_HA		BIT_ULL(21)
#define VTCR_RES1	BIT_ULL(31)

#define VTCR_RGN_WBRAWA	1
#define VTCR_SH_INNER	3
#define VTCR_SL0_LEVEL	2	/* level that SL0 = 0 stands for */

#define VMID_BITS_16	16
#define VTCR_T0SZ_NONE	64	/* less the bits of the IPA space is T0SZ */

/* Physical address bits by PARange. */
static const u8 pa_bits[] = { 32, 36, 40, 42, 44, 48 };

static_assert(ARRAY_SIZE(pa_bits) == PARANGE_48 + 1);

unsigned int stage2_ia_bits_max(void)
{
	return pa_bits[stage2_parange(read_sanitised_ftr_reg(SYS_ID_AA64MMFR0_EL1))];
}

u64 stage2_vtcr(const struct stage2 *s2)
{
	u64 ps = stage2_parange(read_sanitised_ftr_reg(SYS_ID_AA64MMFR0_EL1));

	return VTCR_RES1 |
	       (vmid_bits_hw() == VMID_BITS_16 ? VTCR_VS : 0) |
	       (s2->policy == STAGE2_POLICY_AF || s2->crosscheck ? VTCR_HA : 0) |
	       FIELD_PREP(VTCR_PS, ps) |
	       FIELD_PREP(VTCR_SH0, VTCR_SH_INNER) |
	       FIELD_PREP(VTCR_ORGN0, VTCR_RGN_WBRAWA) |
	       FIELD_PREP(VTCR_IRGN0, VTCR_RGN_WBRAWA) |
	       FIELD_PREP(VTCR_SL0, VTCR_SL0_LEVEL - s2->start_level) |
	       FIELD_PREP(VTCR_T0SZ, VTCR_T0SZ_NONE - s2->ia_bits);
}
