/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of the virtual interface control registers, and of the guest's CPU
 * interface (ARM IHI 0069H, 12.2 and 12.4).
 */
#ifndef SETWAY_VGIC_V3_ICH_H
#define SETWAY_VGIC_V3_ICH_H

#include <linux/bits.h>

#define ICH_LR_VINTID		GENMASK_ULL(31, 0)
#define ICH_LR_PINTID		GENMASK_ULL(44, 32)	/* with HW */
#define ICH_LR_DEACTIVATION	BIT_ULL(41)		/* without: EOI, tell by an interrupt */
#define ICH_LR_PRIO		GENMASK_ULL(55, 48)
#define ICH_LR_IS_GROUP1	BIT_ULL(60)
#define ICH_LR_IS_HW		BIT_ULL(61)
#define ICH_LR_IS_PENDING	BIT_ULL(62)
#define ICH_LR_IS_ACTIVE	BIT_ULL(63)

#define ICH_HCR_ENABLE		BIT_ULL(0)
#define ICH_HCR_NOT_IN_LR	BIT_ULL(2)		/* LRENPIE */
#define ICH_HCR_NONE_PENDING	BIT_ULL(3)		/* NPIE */
#define ICH_HCR_TRAP_COMMON	BIT_ULL(10)		/* TC */
#define ICH_HCR_TRAP_GROUP0	BIT_ULL(11)		/* TALL0 */
#define ICH_HCR_TRAP_GROUP1	BIT_ULL(12)		/* TALL1 */
#define ICH_HCR_TRAP_DIR	BIT_ULL(14)		/* TDIR */
#define ICH_HCR_EOIS		GENMASK_ULL(31, 27)	/* EOIcount */

#define ICH_VMCR_ENG0		BIT_ULL(0)
#define ICH_VMCR_ENG1		BIT_ULL(1)
#define ICH_VMCR_COMMON_BPR	BIT_ULL(4)
#define ICH_VMCR_EOIMODE	BIT_ULL(9)
#define ICH_VMCR_BPR1		GENMASK_ULL(20, 18)
#define ICH_VMCR_BPR0		GENMASK_ULL(23, 21)
#define ICH_VMCR_PMR		GENMASK_ULL(31, 24)

#define ICH_VTR_LRS		GENMASK_ULL(4, 0)	/* less one */
#define ICH_VTR_TDIR		BIT_ULL(19)		/* TDS: ICH_HCR_EL2.TDIR works */
#define ICH_VTR_AFF3		BIT_ULL(21)		/* A3V */
#define ICH_VTR_SERRORS		BIT_ULL(22)		/* SEIS */
#define ICH_VTR_IDBITS		GENMASK_ULL(25, 23)
#define ICH_VTR_PREBITS		GENMASK_ULL(28, 26)	/* less one */
#define ICH_VTR_PRIBITS		GENMASK_ULL(31, 29)	/* less one */

#define ICC_CTLR_COMMON_BPR	BIT_ULL(0)		/* CBPR */
#define ICC_CTLR_EOIMODE	BIT_ULL(1)
#define ICC_CTLR_PRIBITS	GENMASK_ULL(10, 8)	/* less one */
#define ICC_CTLR_IDBITS		GENMASK_ULL(13, 11)
#define ICC_CTLR_SERRORS	BIT_ULL(14)
#define ICC_CTLR_AFF3		BIT_ULL(15)

/* ICC_SRE_EL1.{DIB, DFB, SRE}: system registers only, no bypass; fixed. */
#define ICC_SRE_FIXED		GENMASK_ULL(2, 0)

#endif /* SETWAY_VGIC_V3_ICH_H */
