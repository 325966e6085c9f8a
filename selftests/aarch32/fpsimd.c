// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: FP and SIMD registers survive exits, are not another vCPU's, and are
 * there only as far as the guest has turned them on.
 */
#include <sched.h>

#include "../lib/program32.h"
#include "../lib/test.h"

#include "guest/fpsimd.h"

/* FPSID (ARM DDI 0487J.a, G8.2.58) */
#define FPSID_IMPLEMENTER	GENMASK(31, 24)
#define FPSID_SW		BIT(23)

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(values);
GUEST32(stored);
GUEST32(identified);
GUEST32(fpsimd_keep);
GUEST32(fpsimd_identify);
GUEST32(fpsimd_off_and_on);

#define ROUNDS		8
#define REG_FPEXC32_EL2	ARM64_SYS_REG(3, 4, 5, 3, 0)
#define FPEXC_EN	0x40000000U

/* FPSCR, ARM DDI 0487J.a, G8.2: flags, rounding and cumulative exceptions */
#define FPSCR_FLAGS	0xf0000000U
#define FPSCR_FZ	0x01000000U
#define FPSCR_RZ	0x00c00000U
#define FPSCR_ALL	0x0000001fU

static void values_fill(struct fpsimd32 *values, u64 seed)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(values->d); n++)
		values->d[n] = (seed + n) << 32 | (u32)~(seed * (n + 1));
	values->fpscr = FPSCR_FLAGS | (seed & 1 ? FPSCR_FZ : FPSCR_RZ) | FPSCR_ALL;
	values->fpexc = 0;
}

/* Each Q register is two D registers: D1 is the high half of V0. */
static void onereg_check(struct __test_metadata *_metadata, struct vcpu *vcpu,
			 const struct fpsimd32 *values)
{
	unsigned int n;
	u64 v[2];

	for (n = 0; n < ARRAY_SIZE(values->d) / 2; n++) {
		ASSERT_EQ(0, __reg_get(vcpu, REG_V(n), v));
		EXPECT_EQ(values->d[2 * n], v[0]);
		EXPECT_EQ(values->d[2 * n + 1], v[1]);
	}
	EXPECT_EQ(FPSCR_ALL, reg_get(vcpu, REG_FPSR) & FPSCR_ALL);
	EXPECT_EQ(FPEXC_EN, reg_get(vcpu, REG_FPEXC32_EL2) & FPEXC_EN);
}

TEST(each_vcpu_keeps_its_own)
{
	struct vm *vm = vm_create();
	struct fpsimd32 *values, *stored;
	unsigned int i, round;

	program32_load(vm);
	values = program32_data(vm, guest32_values);
	stored = program32_data(vm, guest32_stored);
	for (i = 0; i < FPSIMD_VCPUS; i++) {
		values_fill(&values[i], 0x1234567 * (i + 1));
		program32_enter(program32_add(vm, i), guest32_fpsimd_keep, i, 0, 0);
		program_run_to(vm->vcpus[i], 0);
	}
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < FPSIMD_VCPUS; i++) {
			memset(&stored[i], 0, sizeof(stored[i]));
			program_run_to(vm->vcpus[i], 0);
			EXPECT_EQ(0, memcmp(values[i].d, stored[i].d, sizeof(values[i].d)));
			EXPECT_EQ(values[i].fpscr, stored[i].fpscr);
			EXPECT_EQ(FPEXC_EN, stored[i].fpexc & FPEXC_EN);
		}
	}
	for (i = 0; i < FPSIMD_VCPUS; i++)
		onereg_check(_metadata, vm->vcpus[i], &values[i]);
	vm_destroy(vm);
}

/* AArch64 has them by the same names, but FPSID, whose ISA has its own. */
TEST(identification)
{
	struct vcpu *vcpu = program32_vcpu(guest32_fpsimd_identify);
	const u32 *seen = program32_data(vcpu->vm, guest32_identified);
	unsigned int n;

	program_finish(vcpu);
	/* an implementer, which need not be MIDR's (QEMU's max has none there), no software */
	EXPECT_NE(0, seen[0] & FPSID_IMPLEMENTER);
	EXPECT_EQ(0, seen[0] & FPSID_SW);
	for (n = 0; n < 3; n++)
		EXPECT_EQ((u32)reg_get(vcpu, ARM64_SYS_REG(3, 0, 0, 3, n)), seen[1 + n])
			TH_LOG("MVFR%u", n);
	EXPECT_EQ((u32)reg_get(vcpu, REG_FPEXC32_EL2), seen[4]);
	vm_destroy(vcpu->vm);
}

static void stay_on_this_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("cannot be bound to a CPU");
}

/* While another vCPU, which has them on, runs on the same CPU in between. */
TEST(off_and_on)
{
	struct vcpu *vcpu = program32_vcpu(guest32_fpsimd_off_and_on);
	struct vcpu *other = program32_add(vcpu->vm, 1);
	unsigned int stage;

	stay_on_this_cpu();
	program32_enter(other, guest32_fpsimd_keep, 1, 0, 0);
	for (stage = 0; stage < 3; stage++) {
		program_run_to(vcpu, stage);
		program_run_to(other, 0);
	}
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
