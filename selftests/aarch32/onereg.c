// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: a 32-bit vCPU's registers as userspace has them: those that modes have
 * for themselves by their AArch64 numbers, the modes, and all of them to be moved
 * to another VM.
 */
#include "../lib/program32.h"
#include "../lib/test.h"

#include "guest/onereg.h"

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(onereg_set);

#define PSTATE_START	0x1d3		/* SVC mode, A, I and F masked */

/**
 * struct banked - where AArch64 sees a register (ARM DDI 0487J.a, D1.21.1)
 * @x: its number there
 * @mode: whose it is
 * @n: its number in the mode
 */
static const struct banked {
	unsigned int x;
	u32 mode;
	u32 n;
} banked[] = {
	/* in the order in which the guest tells them */
	{ 17, 0x12, 13 }, { 16, 0x12, 14 }, { 19, 0x13, 13 }, { 18, 0x13, 14 },
	{ 21, 0x17, 13 }, { 20, 0x17, 14 }, { 23, 0x1b, 13 }, { 22, 0x1b, 14 },
	{ 13, 0x1f, 13 }, { 14, 0x1f, 14 }, { 29, 0x11, 13 }, { 30, 0x11, 14 },
	{ 24, 0x11, 8 }, { 28, 0x11, 12 },
	/* and those that it does not tell */
	{ 25, 0x11, 9 }, { 26, 0x11, 10 }, { 27, 0x11, 11 },
};

#define TOLD	14

FIXTURE(onereg) {
	struct vcpu *vcpu;
};

static struct vcpu *onereg_vcpu(void)
{
	struct vcpu *vcpu = program32_vcpu(guest32_onereg_set);

	reg_set(vcpu, REG_PC, (u64)guest32_onereg_set);
	reg_set(vcpu, REG_PSTATE, PSTATE_START);
	return vcpu;
}

FIXTURE_SETUP(onereg)
{
	self->vcpu = onereg_vcpu();
}

FIXTURE_TEARDOWN(onereg)
{
	vm_destroy(self->vcpu->vm);
}

static u32 told(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	return ucall.args[0];
}

TEST_F(onereg, userspace_sees_each_mode)
{
	unsigned int i;

	program_run_to(self->vcpu, 0);
	for (i = 0; i < ARRAY_SIZE(banked); i++)
		EXPECT_EQ(ONEREG_BANKED(banked[i].mode, banked[i].n),
			  (u32)reg_get(self->vcpu, REG_X(banked[i].x)))
			TH_LOG("R%u of mode %#x", banked[i].n, banked[i].mode);
	EXPECT_EQ(0x1df, reg_get(self->vcpu, REG_PSTATE) & 0x1ff);
}

TEST_F(onereg, userspace_sets_each_mode)
{
	unsigned int i;

	program_run_to(self->vcpu, 0);
	for (i = 0; i < ARRAY_SIZE(banked); i++)
		reg_set(self->vcpu, REG_X(banked[i].x), 0xc0de0000 + i);
	for (i = 0; i < TOLD; i++)
		EXPECT_EQ(0xc0de0000 + i, told(self->vcpu));
}

/* The guest must not get where it is not to be: into AArch64, or EL2. */
TEST_F(onereg, modes)
{
	static const u64 good[] = { 0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f, 0x1d3 };
	static const u64 bad[] = { 0x0, 0x4, 0x5, 0x9, 0x14, 0x15, 0x16, 0x18, 0x19, 0x1a,
				   0x1c, 0x1d, 0x1e };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		reg_set(self->vcpu, REG_PSTATE, good[i]);
		EXPECT_EQ(good[i], reg_get(self->vcpu, REG_PSTATE));
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(EINVAL, ERRNO_OF(__reg_set(self->vcpu, REG_PSTATE, &bad[i])))
			TH_LOG("PSTATE %#llx", bad[i]);
	EXPECT_EQ(0x1d3, reg_get(self->vcpu, REG_PSTATE));
}

/* The store that told something is over only when the vCPU runs again. */
static void store_finish(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!__vcpu_run(vcpu) || errno != EINTR)
		fail("an immediate exit did not come");
	vcpu->run->immediate_exit = 0;
}

static void registers_move(struct vcpu *from, struct vcpu *to)
{
	struct kvm_reg_list *list = reg_list(from);
	u8 value[256];
	u64 i;

	for (i = 0; i < list->n; i++)
		if (__reg_get(from, list->reg[i], value) || __reg_set(to, list->reg[i], value))
			fail("register %#llx: %s", list->reg[i], strerror(errno));
	free(list);
}

TEST_F(onereg, guest_moves_to_another_vm)
{
	struct vcpu *other = onereg_vcpu();
	unsigned int i;

	program_run_to(self->vcpu, 0);
	store_finish(self->vcpu);
	registers_move(self->vcpu, other);
	for (i = 0; i < TOLD; i++)
		EXPECT_EQ(ONEREG_BANKED(banked[i].mode, banked[i].n), told(other));
	vm_destroy(other->vm);
}

TEST_HARNESS_MAIN
