// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that keeps values in all FP and SIMD registers, or may not use them.
 */
#include "guest32.h"
#include "fpsimd.h"

#define CPACR		"p15, 0, %0, c1, c0, 2"
#define CPACR_FP	0x00f00000U	/* cp10 and cp11: all access */
#define FPEXC_EN	0x40000000U

/* By the coprocessor's name, as the compiler is told that there is none. */
#define FPSID		"p10, 7, %0, c0, c0, 0"
#define MVFR2		"p10, 7, %0, c5, c0, 0"
#define MVFR1		"p10, 7, %0, c6, c0, 0"
#define MVFR0		"p10, 7, %0, c7, c0, 0"
#define FPEXC		"p10, 7, %0, c8, c0, 0"
#define VMOV		"mrc p10, 0, %[value], c0, c0, 0"	/* from S0 */

struct fpsimd32 values[FPSIMD_VCPUS], stored[FPSIMD_VCPUS];
u32 identified[5];

static void fp_on(void)
{
	WRITE(CPACR_FP, CPACR);
	WRITE(FPEXC_EN, FPEXC);
}

/* Load once, then store at each run: it is all that ever touches them here. */
void fpsimd_keep(u32 vcpu)
{
	fp_on();
	fpsimd_load(&values[vcpu]);
	for (;;) {
		guest_sync(0);
		fpsimd_store(&stored[vcpu]);
	}
}

void fpsimd_identify(void)
{
	fp_on();
	identified[0] = READ(FPSID);
	identified[1] = READ(MVFR0);
	identified[2] = READ(MVFR1);
	identified[3] = READ(MVFR2);
	identified[4] = READ(FPEXC);
}

/* CPACR and FPEXC have to let it through both, and keep doing so over exits. */
void fpsimd_off_and_on(void)
{
	u32 value = 0x5a;

	WRITE(0, CPACR);
	guest_sync(0);
	GUEST_ASSERT_EQ(VECTOR_UNDEF, GUEST_TRY(VMOV, [value] "+r" (value)));
	GUEST_ASSERT_EQ(VECTOR_UNDEF, GUEST_TRY("mrc p10, 7, %[value], c7, c0, 0",
						[value] "+r" (value)));
	WRITE(CPACR_FP, CPACR);
	WRITE(0, FPEXC);
	guest_sync(1);
	GUEST_ASSERT_EQ(CPACR_FP, READ(CPACR) & CPACR_FP);
	GUEST_ASSERT_EQ(0, READ(FPEXC) & FPEXC_EN);
	GUEST_ASSERT_EQ(VECTOR_UNDEF, GUEST_TRY(VMOV, [value] "+r" (value)));
	GUEST_ASSERT_EQ(0x5a, value);
	WRITE(FPEXC_EN, FPEXC);
	guest_sync(2);
	GUEST_ASSERT_EQ(FPEXC_EN, READ(FPEXC) & FPEXC_EN);
	GUEST_ASSERT_EQ(VECTOR_NONE, GUEST_TRY(VMOV, [value] "+r" (value)));
	GUEST_ASSERT_EQ(0, value);
}
