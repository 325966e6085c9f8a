// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: accesses to coprocessor registers, of which the hypervisor traps some,
 * and instructions that call it.  What is written lands in the right register, as
 * the guest reads it back and as userspace sees it.
 */
#include "../lib/gic.h"
#include "../lib/program32.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "guest/trap.h"

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(results);
GUEST32(results_untrapped);
GUEST32(trap_vm_registers);
GUEST32(trap_sctlr);
GUEST32(trap_ttbr_halves);
GUEST32(trap_id_registers);
GUEST32(trap_cache_id);
GUEST32(trap_identification);
GUEST32(trap_undefined);
GUEST32(trap_debug);
GUEST32(trap_flags);
GUEST32(trap_timers);
GUEST32(trap_calls);
GUEST32(trap_cpu_on);
GUEST32(trap_waits);

/* ARM DDI 0487J.a, C5.3 */
#define REG_DACR32_EL2		ARM64_SYS_REG(3, 4, 3, 0, 0)
#define REG_IFSR32_EL2		ARM64_SYS_REG(3, 4, 5, 0, 1)
#define REG_CLIDR_EL1		ARM64_SYS_REG(3, 1, 0, 0, 1)
#define REG_CTR_EL0		ARM64_SYS_REG(3, 3, 0, 0, 1)
#define REG_ACTLR_EL1		ARM64_SYS_REG(3, 0, 1, 0, 1)
#define REG_CCSIDR(csselr)	(KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | \
				 KVM_REG_ARM_DEMUX_ID_CCSIDR | (csselr))

/* The whole register holds less than what is written. */
#define ANY			0

/**
 * struct vm_register - a register that is trapped while the caches are off
 * @name: in AArch32
 * @id: the AArch64 register that it is, or is a half of
 * @high: the high half
 * @value: what the guest writes, ANY if the CPU need not keep it
 */
static const struct vm_register {
	const char *name;
	u64 id;
	bool high;
	u32 value;
} vm_registers[] = {
	{ "TTBCR", REG_TCR_EL1, false, 0x00000035 },
	{ "TTBR0", REG_TTBR0_EL1, false, 0x12344000 },
	{ "TTBR1", REG_TTBR1_EL1, false, 0x56788000 },
	{ "DACR", REG_DACR32_EL2, false, 0x51015401 },
	{ "DFSR", REG_ESR_EL1, false, 0x00000c75 },
	{ "IFSR", REG_IFSR32_EL2, false, 0x00001405 },
	{ "ADFSR", REG_AFSR0_EL1, false, ANY },
	{ "AIFSR", REG_AFSR1_EL1, false, ANY },
	{ "DFAR", REG_FAR_EL1, false, 0x89abcdef },
	{ "IFAR", REG_FAR_EL1, true, 0xfedcba98 },
	{ "PRRR", REG_MAIR_EL1, false, 0x000a81a4 },
	{ "NMRR", REG_MAIR_EL1, true, 0x40e040e0 },
	{ "AMAIR0", REG_AMAIR_EL1, false, ANY },
	{ "AMAIR1", REG_AMAIR_EL1, true, ANY },
	{ "CONTEXTIDR", REG_CONTEXTIDR_EL1, false, 0x12345678 },
};

static u32 half_get(struct vcpu *vcpu, const struct vm_register *reg)
{
	u64 value = reg_get(vcpu, reg->id);

	return reg->high ? value >> 32 : value;
}

/* How many accesses were trapped between two stages: all of the guest's writes. */
static void run_counted(struct __test_metadata *_metadata, struct vcpu *vcpu, u64 stage,
			u64 trapped)
{
	u64 before = 0;

	if (device_is_setway())
		before = counter_read(vcpu->vm, "exits_sysreg");
	program_run_to(vcpu, stage);
	if (device_is_setway())
		EXPECT_EQ(trapped, counter_read(vcpu->vm, "exits_sysreg") - before);
}

TEST(memory_registers)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_vm_registers);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);
	const u32 *untrapped = program32_data(vcpu->vm, guest32_results_untrapped);
	const struct vm_register *reg = vm_registers;

	program_run_to(vcpu, TRAP_STARTED);
	run_counted(_metadata, vcpu, TRAP_TRAPPED, ARRAY_SIZE(vm_registers));
	for (; reg < vm_registers + ARRAY_SIZE(vm_registers); reg++, seen++) {
		EXPECT_EQ(half_get(vcpu, reg), *seen)
			TH_LOG("%s over ONE_REG", reg->name);
		if (reg->value != ANY)
			EXPECT_EQ(reg->value, *seen)
				TH_LOG("%s", reg->name);
	}
	seen = program32_data(vcpu->vm, guest32_results);
	program_run_to(vcpu, TRAP_ON_AND_OFF);
	run_counted(_metadata, vcpu, TRAP_UNTRAPPED, 0);
	EXPECT_EQ(0, memcmp(seen, untrapped, sizeof(*seen) * ARRAY_SIZE(vm_registers)));
	vm_destroy(vcpu->vm);
}

TEST(sctlr)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_sctlr);
	struct ucall ucall;

	program_run(vcpu, &ucall);
	ASSERT_EQ(UCALL_SYNC, ucall.command);
	EXPECT_EQ(ucall.args[1], (u32)reg_get(vcpu, REG_SCTLR_EL1));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(ttbr_of_64_bits)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_ttbr_halves);

	program_run_to(vcpu, TRAP_STARTED);
	EXPECT_EQ(0x0056000312345000, reg_get(vcpu, REG_TTBR0_EL1));
	EXPECT_EQ(0x0078000156789000, reg_get(vcpu, REG_TTBR1_EL1));
	program_run_to(vcpu, TRAP_TRAPPED);
	/* ARM DDI 0487J.a, G8.2, TTBR0; KVM clears the high half (Linux 6.1) */
	if (device_is_setway()) {
		EXPECT_EQ(0x005600030badc000, reg_get(vcpu, REG_TTBR0_EL1));
		EXPECT_EQ(0x007800010ced8000, reg_get(vcpu, REG_TTBR1_EL1));
	}
	vm_destroy(vcpu->vm);
}

/* What AArch32 has of them is what userspace sees, with a GIC; the rest reads as zero. */
TEST(id_registers)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_id_registers);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);
	/*
	 * KVM (Linux 6.1) has MVFRn at CRm 3, and executes reads of those from 4 on
	 * for ever.
	 */
	unsigned int crm, op2, rows = device_is_setway() ? 7 : 2;
	u64 expected;

	gic_create(vcpu->vm);
	program32_enter(vcpu, guest32_trap_id_registers, rows, 0, 0);
	program_run_to(vcpu, TRAP_TRAPPED);
	for (crm = 1; crm <= rows; crm++) {
		for (op2 = 0; op2 <= 7; op2++, seen++) {
			expected = crm > 2 ? 0 :
				   reg_get(vcpu, ARM64_SYS_REG(3, 0, 0, crm, op2));
			EXPECT_EQ(expected, *seen)
				TH_LOG("c0, c%u, %u", crm, op2);
		}
	}
	vm_destroy(vcpu->vm);
}

TEST(cache_id)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_cache_id);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);

	program_run_to(vcpu, TRAP_TRAPPED);
	EXPECT_EQ((u32)reg_get(vcpu, REG_CTR_EL0), seen[1]);
	if (device_is_setway()) {
		/* Linux 6.12's KVM has 0 for AArch32 */
		EXPECT_EQ((u32)reg_get(vcpu, REG_CLIDR_EL1), seen[0]);
		/* one set, one way */
		EXPECT_EQ(0, seen[2] >> 3);
		EXPECT_EQ(0, seen[3] >> 3);
		EXPECT_EQ(1, reg_get(vcpu, REG_CSSELR_EL1));
		EXPECT_EQ(0, seen[4]);
	}
	vm_destroy(vcpu->vm);
}

TEST(identification)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_identification);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);

	program_run_to(vcpu, TRAP_TRAPPED);
	EXPECT_EQ((u32)reg_get(vcpu, REG_MIDR_EL1), seen[0]);
	EXPECT_EQ((u32)reg_get(vcpu, REG_MPIDR_EL1), seen[1]);
	EXPECT_EQ((u32)reg_get(vcpu, ARM64_SYS_REG(3, 0, 0, 0, 6)), seen[2]);
	EXPECT_EQ((u32)reg_get(vcpu, REG_ACTLR_EL1), seen[3]);
	vm_destroy(vcpu->vm);
}

TEST(undefined)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_undefined);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(debug)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_debug);
	const u32 *seen = program32_data(vcpu->vm, guest32_results);

	program_run_to(vcpu, TRAP_TRAPPED);
	/* DBGDIDR.Version (ARM DDI 0487J.a, G8.3): Armv8 */
	EXPECT_EQ(6, seen[0] >> 16 & 0xf);
	/* OSLM: the lock is there; OSLK: open, or as it is in hardware */
	EXPECT_EQ(8, seen[1] & ~2U);
	EXPECT_EQ(0, seen[2]);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(reads_into_the_flags)
{
	struct vcpu *vcpu;

	if (!device_is_setway())
		SKIP(return, "KVM leaves the flags as they were");
	vcpu = program32_vcpu(guest32_trap_flags);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

#define FAR_AHEAD	0x123456789abcdef0ULL

TEST(timers)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_timers);

	program_run_to(vcpu, TRAP_STARTED);
	/* which KVM does not show (Linux 6.1) */
	if (device_is_setway()) {
		EXPECT_EQ(FAR_AHEAD, reg_get(vcpu, KVM_REG_ARM_PTIMER_CVAL));
		EXPECT_EQ(2, reg_get(vcpu, KVM_REG_ARM_PTIMER_CTL));
	}
	program_run_to(vcpu, TRAP_TRAPPED);
	EXPECT_EQ(FAR_AHEAD, reg_get(vcpu, KVM_REG_ARM_TIMER_CVAL));
	EXPECT_EQ(2, reg_get(vcpu, KVM_REG_ARM_TIMER_CTL));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(calls)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_calls);
	struct ucall ucall;

	program_run(vcpu, &ucall);
	/* by SMC: "not supported"; Linux 6.12's KVM has PSCI there as well */
	if (device_is_setway())
		EXPECT_EQ(~0U, ucall.args[1]);
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(KVM_SYSTEM_EVENT_SHUTDOWN, vcpu->run->system_event.type);
	vm_destroy(vcpu->vm);
}

static void cpu_on(struct __test_metadata *_metadata, bool is_big)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_cpu_on);
	struct vcpu *second = vcpu_create(vcpu->vm, 1);
	struct ucall ucall;

	program32_enter(vcpu, guest32_trap_cpu_on, is_big, 0, 0);
	vcpu_reset(second, VCPU32_FEATURES | BIT(KVM_ARM_VCPU_POWER_OFF));
	program_finish(vcpu);
	program_run(second, &ucall);
	EXPECT_EQ(UCALL_SYNC, ucall.command);
	EXPECT_EQ(0x5ec0, ucall.args[0]);
	/* SVC mode, A, I and F masked, and E */
	EXPECT_EQ(is_big ? 0x3d3 : 0x1d3, ucall.args[1] & 0x3df);
	vm_destroy(vcpu->vm);
}

TEST(cpu_on_in_thumb)
{
	cpu_on(_metadata, false);
}

TEST(cpu_on_big_endian)
{
	cpu_on(_metadata, true);
}

TEST(waits)
{
	struct vcpu *vcpu = program32_vcpu(guest32_trap_waits);
	struct kvm_irq_level irq = {
		.irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT,
		.level = 1,
	};

	program_run_to(vcpu, TRAP_STARTED);
	alarm_every(10);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	/* masked, but it wakes the guest up */
	vm_ioctl(vcpu->vm, KVM_IRQ_LINE, &irq);
	program_run_to(vcpu, TRAP_TRAPPED);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
