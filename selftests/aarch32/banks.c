// SPDX-License-Identifier: GPL-2.0-only
/*
 * The banked registers of AArch32: two vCPUs take turns on one CPU, both in the
 * same mode, and each finds its own SP, LR and SPSR as it left them.
 */
#include <sched.h>

#include "../lib/program32.h"
#include "../lib/test.h"

#define MMIO_BASE	0x0a000000UL

#define VCPUS		2
#define TURNS		8
#define REGISTERS	3

/* PSTATE of AArch32: SErrors, IRQs and FIQs masked (ARM DDI 0487J.a, C5.2.19) */
#define PSTATE_AIF	0x1c0

GUEST32(banks);

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

FIXTURE(banks) {
	struct vm *vm;
	struct vcpu *vcpus[VCPUS];
	cpu_set_t cpus;
};

/**
 * struct _fixture_variant_banks - a mode
 * @mode: PSTATE.M
 * @spsr: where KVM has its SPSR
 */
FIXTURE_VARIANT(banks) {
	u64 mode;
	u64 spsr;
};

FIXTURE_VARIANT_ADD(banks, svc) { 0x13, REG_CORE_U64(spsr[KVM_SPSR_SVC]) };
FIXTURE_VARIANT_ADD(banks, abt) { 0x17, REG_CORE_U64(spsr[KVM_SPSR_ABT]) };
FIXTURE_VARIANT_ADD(banks, und) { 0x1b, REG_CORE_U64(spsr[KVM_SPSR_UND]) };
FIXTURE_VARIANT_ADD(banks, irq) { 0x12, REG_CORE_U64(spsr[KVM_SPSR_IRQ]) };
FIXTURE_VARIANT_ADD(banks, fiq) { 0x11, REG_CORE_U64(spsr[KVM_SPSR_FIQ]) };

FIXTURE_SETUP(banks)
{
	cpu_set_t first;
	int i;

	sched_getaffinity(0, sizeof(self->cpus), &self->cpus);
	CPU_ZERO(&first);
	CPU_SET(sched_getcpu(), &first);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(first), &first));

	self->vm = vm_create();
	program32_load(self->vm);
	for (i = 0; i < VCPUS; i++)
		self->vcpus[i] = program32_add(self->vm, i);
}

FIXTURE_TEARDOWN(banks)
{
	vm_destroy(self->vm);
	sched_setaffinity(0, sizeof(self->cpus), &self->cpus);
}

static u32 mmio_data(struct vcpu *vcpu)
{
	u32 data;

	memcpy(&data, vcpu->run->mmio.data, sizeof(data));
	return data;
}

static void begin(struct vcpu *vcpu, u64 mode)
{
	reg_set(vcpu, REG_X(3), MMIO_BASE);
	reg_set(vcpu, REG_PC, (u64)guest32_banks);
	reg_set(vcpu, REG_PSTATE, mode | PSTATE_AIF);
}

/*
 * SPSR, SP and LR of a vCPU in a turn.  Of an SPSR all CPUs keep the flags and the
 * mode, here User; no two have the same flags one after the other.
 */
static u32 value_of(int reg, int vcpu, int turn)
{
	u32 number = turn * VCPUS + vcpu;

	return reg ? (u32)reg << 24 | number << 4 : (1 + number % 15) << 28 | 0x10;
}

static void set_values(struct vcpu *vcpu, int turn)
{
	int reg;

	for (reg = 0; reg < REGISTERS; reg++)
		reg_set(vcpu, REG_X(reg), value_of(reg, vcpu->id, turn));
}

TEST_F(banks, each_vcpu_keeps_its_own)
{
	int turn, i, reg;

	for (i = 0; i < VCPUS; i++)
		begin(self->vcpus[i], variant->mode);
	for (turn = 0; turn < TURNS; turn++) {
		for (i = 0; i < VCPUS; i++) {
			set_values(self->vcpus[i], turn);
			ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpus[i]));
		}
		for (reg = 0; reg < REGISTERS; reg++)
			for (i = 0; i < VCPUS; i++) {
				ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpus[i]));
				EXPECT_EQ(value_of(reg, i, turn), mmio_data(self->vcpus[i]));
			}
	}
}

TEST_F(banks, userspace_sees_the_spsr)
{
	struct vcpu *vcpu = self->vcpus[0];

	begin(vcpu, variant->mode);
	set_values(vcpu, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(value_of(0, 0, 0), reg_get(vcpu, variant->spsr));
}

TEST_F(banks, userspace_sets_the_spsr)
{
	struct vcpu *vcpu = self->vcpus[0];

	begin(vcpu, variant->mode);
	set_values(vcpu, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	reg_set(vcpu, variant->spsr, value_of(0, 1, 0));
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(value_of(0, 1, 0), mmio_data(vcpu));
}

TEST_HARNESS_MAIN
