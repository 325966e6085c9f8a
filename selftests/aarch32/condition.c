// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: what is different about instructions that are trapped.  A condition
 * that fails makes them do nothing, an IT block goes on behind them, they may have
 * 16 bits, and they may name a register that the mode has for itself.
 */
#include "../lib/program32.h"
#include "../lib/test.h"

#include "guest/condition.h"

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(results);
GUEST32(condition_a32);
GUEST32(condition_t32);
GUEST32(condition_it_block);
GUEST32(condition_wfi);
GUEST32(condition_banks);
GUEST32(condition_banks_usr);
GUEST32(condition_smc);

#define THUMB(function)		((function) + 1)

#define REG_CTR_EL0		ARM64_SYS_REG(3, 3, 0, 0, 1)
#define REG_ID_PFR0_EL1		ARM64_SYS_REG(3, 0, 0, 1, 0)

/* ARM DDI 0487J.a, F1.3; of flags that are N, Z, C, V from the top. */
static bool condition_holds(unsigned int cond, unsigned int flags)
{
	bool n = flags & 8, z = flags & 4, c = flags & 2, v = flags & 1;
	const bool even[] = { z, c, n, v, c && !z, n == v, n == v && !z, true };

	return even[cond / 2] != (cond % 2);
}

FIXTURE(condition)
{
	struct vcpu *vcpu;
	const u32 *results;
};

FIXTURE_VARIANT(condition)
{
	bool is_thumb;
};

FIXTURE_VARIANT_ADD(condition, a32) { .is_thumb = false };
FIXTURE_VARIANT_ADD(condition, t32) { .is_thumb = true };

FIXTURE_SETUP(condition)
{
	self->vcpu = program32_vcpu(variant->is_thumb ? THUMB(guest32_condition_t32) :
							guest32_condition_a32);
	self->results = program32_data(self->vcpu->vm, guest32_results);
}

FIXTURE_TEARDOWN(condition)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(condition, decides)
{
	const u32 *seen = self->results;
	unsigned int cond, flags;
	u32 ctr;
	bool holds;

	program_finish(self->vcpu);
	ctr = reg_get(self->vcpu, REG_CTR_EL0);
	for (flags = 0; flags < CONDITION_FLAGS; flags++) {
		for (cond = 0; cond < CONDITION_NR; cond++, seen += 2) {
			holds = condition_holds(cond, flags);
			EXPECT_EQ(holds ? CONDITION_WRITTEN : 0, seen[0])
				TH_LOG("write, condition %u, flags %#x", cond, flags);
			EXPECT_EQ(holds ? ctr : 0, seen[1])
				TH_LOG("read, condition %u, flags %#x", cond, flags);
		}
	}
}

static void mmio_expect(struct vcpu *vcpu, u64 address)
{
	if (vcpu_run(vcpu) != KVM_EXIT_MMIO || !vcpu->run->mmio.is_write ||
	    vcpu->run->mmio.phys_addr != address)
		fail("no store to %#llx", address);
}

TEST(it_blocks)
{
	struct vcpu *vcpu = program32_vcpu(THUMB(guest32_condition_it_block));
	const u32 *results = program32_data(vcpu->vm, guest32_results);
	unsigned int i;

	for (i = 0; i < 3; i++)
		mmio_expect(vcpu, CONDITION_MMIO + i * sizeof(u32));
	program_finish(vcpu);
	EXPECT_EQ(127, results[0]);
	EXPECT_EQ(0, results[1]);
	vm_destroy(vcpu->vm);
}

static void irq_line(struct vcpu *vcpu, bool level)
{
	struct kvm_irq_level irq = {
		.irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT,
		.level = level,
	};

	vm_ioctl(vcpu->vm, KVM_IRQ_LINE, &irq);
}

/* It sleeps, and goes on when there is an interrupt, masked or not. */
static u32 stored_after_wait(struct vcpu *vcpu)
{
	alarm_every(20);
	if (!__vcpu_run(vcpu) || errno != EINTR)
		fail("the guest does not sleep");
	alarm_every(0);
	irq_line(vcpu, true);
	mmio_expect(vcpu, CONDITION_MMIO);
	irq_line(vcpu, false);
	return *(u32 *)vcpu->run->mmio.data;
}

TEST(waits_of_both_lengths)
{
	struct vcpu *vcpu = program32_vcpu(THUMB(guest32_condition_wfi));

	EXPECT_EQ(1, stored_after_wait(vcpu));
	EXPECT_EQ(1 + 2, stored_after_wait(vcpu));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(registers_of_each_mode)
{
	static const u32 modes[] = { 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f };
	struct vcpu *vcpu = program32_vcpu(guest32_condition_banks);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);
	unsigned int i, n;
	u32 ctr, id;

	program_finish(vcpu);
	ctr = reg_get(vcpu, REG_CTR_EL0);
	id = reg_get(vcpu, REG_ID_PFR0_EL1);
	for (i = 0; i < ARRAY_SIZE(modes); i++, seen += 10) {
		const u32 expected[] = {
			CONDITION_BANKED(modes[i], 8), CONDITION_BANKED(modes[i], 12),
			CONDITION_BANKED(modes[i], 13), CONDITION_BANKED(modes[i], 14),
			CONDITION_BANKED(modes[i], 13), CONDITION_BANKED(modes[i], 14),
			ctr, CONDITION_BANKED(modes[i], 14), ctr, id,
		};

		for (n = 0; n < ARRAY_SIZE(expected); n++)
			EXPECT_EQ(expected[n], seen[n])
				TH_LOG("mode %#x, result %u", modes[i], n);
	}
	vm_destroy(vcpu->vm);
}

TEST(registers_of_user_mode)
{
	struct vcpu *vcpu = program32_vcpu(guest32_condition_banks_usr);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);
	unsigned int i;

	program_finish(vcpu);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(CONDITION_BANKED(0x10, 13), seen[2 * i]);
		EXPECT_EQ(CONDITION_BANKED(0x10, 14), seen[2 * i + 1]);
	}
	vm_destroy(vcpu->vm);
}

TEST(secure_call_in_a_block)
{
	struct vcpu *vcpu = program32_vcpu(THUMB(guest32_condition_smc));
	const u32 *seen = program32_data(vcpu->vm, guest32_results);

	program_finish(vcpu);
	EXPECT_EQ(CONDITION_WRITTEN, seen[0]);
	EXPECT_NE(CONDITION_WRITTEN, seen[1]);
	EXPECT_EQ(1 + 8, seen[2]);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
