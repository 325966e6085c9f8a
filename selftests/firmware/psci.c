// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI, called by HVC (ARM DEN 0022D): versions and features, vCPUs powered on
 * and off, and the end of the machine.
 */
#include <linux/psci.h>
#include <pthread.h>
#include <signal.h>

#include "../lib/test.h"

#define UNKNOWN_FUNCTION	0x8400001e	/* reserved, ARM DEN 0022D, 5.1 */
#define UNKNOWN_SERVICE		0x86001234	/* another range than PSCI's */

#define NO_SUCH_CPU		0x3f		/* Aff0 */
#define UPPER_HALF		BIT(40)		/* of a register with a 32-bit argument */
#define SHARED_BASE		0x10000000ULL

/* The guest */

/* Status codes are 32 bits, signed. */
static int psci(u64 function, u64 a, u64 b, u64 c)
{
	return (int)guest_psci(function, a, b, c);
}

static void guest_asks_for_the_version(void)
{
	/* PSCI 1.x */
	GUEST_ASSERT_EQ(1, guest_psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0) >> 16);
}

static int psci_features(u64 function)
{
	return psci(PSCI_1_0_FN_PSCI_FEATURES, function, 0, 0);
}

static void guest_asks_for_features(void)
{
	static const u32 present[] = {
		PSCI_0_2_FN_PSCI_VERSION,
		PSCI_0_2_FN_CPU_OFF,
		PSCI_0_2_FN_CPU_ON,
		PSCI_0_2_FN64_CPU_ON,
		PSCI_0_2_FN_AFFINITY_INFO,
		PSCI_0_2_FN64_AFFINITY_INFO,
		PSCI_0_2_FN_SYSTEM_OFF,
		PSCI_0_2_FN_SYSTEM_RESET,
		PSCI_1_0_FN_PSCI_FEATURES,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(present); i++)
		GUEST_ASSERT_EQ(0, psci_features(present[i]));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci_features(PSCI_0_2_FN_MIGRATE));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci_features(UNKNOWN_FUNCTION));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci_features(0));
}

static void guest_calls_what_is_not_there(void)
{
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci(UNKNOWN_FUNCTION, 0, 0, 0));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci(PSCI_0_2_FN_MIGRATE, 0, 0, 0));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci(UNKNOWN_SERVICE, 0, 0, 0));
	GUEST_ASSERT_EQ(~0ULL, guest_psci(0, 0, 0, 0));
	GUEST_ASSERT_EQ(~0ULL, guest_psci(~0ULL, 0, 0, 0));
}

/* The result is in x0; nothing else may change. */
static void guest_watches_its_registers(void)
{
	u64 sum = 0;

	asm volatile("mov x0, %1\n\t"
		     "mov x4, #4\n\tmov x8, #8\n\tmov x16, #16\n\t"
		     "mov x17, #17\n\tmov x18, #18\n\tmov x30, #30\n\t"
		     "hvc #0\n\t"
		     "add %0, x4, x8\n\tadd %0, %0, x16\n\t"
		     "add %0, %0, x17\n\tadd %0, %0, x18\n\tadd %0, %0, x30"
		     : "=&r" (sum) : "r" ((u64)PSCI_0_2_FN_PSCI_VERSION)
		     : "x0", "x4", "x8", "x16", "x17", "x18", "x30");
	GUEST_ASSERT_EQ(4 + 8 + 16 + 17 + 18 + 30, sum);
}

static void guest_turns_on_what_it_cannot(void)
{
	GUEST_ASSERT_EQ(PSCI_RET_INVALID_PARAMS,
			psci(PSCI_0_2_FN64_CPU_ON, NO_SUCH_CPU, (u64)guest_start, 0));
	/* itself */
	GUEST_ASSERT_EQ(PSCI_RET_ALREADY_ON,
			psci(PSCI_0_2_FN64_CPU_ON, 0, (u64)guest_start, 0));
	GUEST_ASSERT_EQ(PSCI_RET_ALREADY_ON,
			psci(PSCI_0_2_FN_CPU_ON, 0, (u64)guest_start, 0));
}

static void guest_asks_who_is_on(void)
{
	GUEST_ASSERT_EQ(PSCI_0_2_AFFINITY_LEVEL_ON, psci(PSCI_0_2_FN64_AFFINITY_INFO, 0, 0, 0));
	GUEST_ASSERT_EQ(PSCI_0_2_AFFINITY_LEVEL_OFF, psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0));
	GUEST_ASSERT_EQ(PSCI_0_2_AFFINITY_LEVEL_OFF, psci(PSCI_0_2_FN_AFFINITY_INFO, 1, 0, 0));
	GUEST_ASSERT_EQ(PSCI_0_2_AFFINITY_LEVEL_OFF,
			psci(PSCI_0_2_FN_AFFINITY_INFO, UPPER_HALF + 1, UPPER_HALF, 0));
	GUEST_ASSERT_EQ(PSCI_RET_INVALID_PARAMS,
			psci(PSCI_0_2_FN64_AFFINITY_INFO, NO_SUCH_CPU, 0, 0));
	/* there are levels 0 to 3 */
	GUEST_ASSERT_EQ(PSCI_RET_INVALID_PARAMS, psci(PSCI_0_2_FN64_AFFINITY_INFO, 0, 4, 0));
	/* as a core's level knows no other cores, a cluster's knows all */
	GUEST_ASSERT_EQ(PSCI_0_2_AFFINITY_LEVEL_ON, psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 1, 0));
}

static void guest_word_add(unsigned int word, u64 n)
{
	u64 address = SHARED_BASE + 8 * word;

	guest_write(address, guest_read(address) + n);
}

/* On vCPU 1, with its caches and MMU off: it was just powered on. */
static void guest_secondary(void)
{
	u64 sctlr, daif, el;

	asm volatile("mrs %0, sctlr_el1" : "=r" (sctlr));
	asm volatile("mrs %0, daif" : "=r" (daif));
	asm volatile("mrs %0, currentel" : "=r" (el));
	GUEST_ASSERT_EQ(0, sctlr & (SCTLR_M | SCTLR_C | SCTLR_I));
	GUEST_ASSERT_EQ(0x3c0, daif);
	GUEST_ASSERT_EQ(1, el >> 2);
	GUEST_ASSERT_EQ(1, guest_vcpu_id());
	guest_word_add(0, 1);
	/* so that it matters that these are reset */
	guest_mmu_on();
	asm volatile("msr daifclr, #0xf");
	psci(PSCI_0_2_FN_CPU_OFF, 0, 0, 0);
	/* it does not return */
	guest_word_add(1, 1);
}

static void guest_wait_until_off(u64 cpu)
{
	while (psci(PSCI_0_2_FN64_AFFINITY_INFO, cpu, 0, 0) != PSCI_0_2_AFFINITY_LEVEL_OFF)
		asm volatile("yield");
}

static void guest_turns_another_on_and_off(u64 times)
{
	u64 i;

	for (i = 0; i < times; i++) {
		guest_wait_until_off(1);
		GUEST_ASSERT_EQ(PSCI_RET_SUCCESS,
				psci(i & 1 ? PSCI_0_2_FN_CPU_ON : PSCI_0_2_FN64_CPU_ON, 1,
				     (u64)guest_start, (u64)guest_secondary));
		while (guest_read(SHARED_BASE) == i)
			asm volatile("yield");
	}
	guest_wait_until_off(1);
	GUEST_ASSERT_EQ(0, guest_read(SHARED_BASE + 8));
}

static void guest_turns_it_on_twice(void)
{
	GUEST_ASSERT_EQ(PSCI_RET_SUCCESS, psci(PSCI_0_2_FN64_CPU_ON, 1, 0x12340, 0x5678));
	GUEST_ASSERT_EQ(PSCI_RET_ALREADY_ON, psci(PSCI_0_2_FN64_CPU_ON, 1, 0x12340, 0x5678));
	GUEST_ASSERT_EQ(PSCI_0_2_AFFINITY_LEVEL_ON, psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0));
}

static void guest_ends_the_machine(u64 function)
{
	psci(function, 0, 0, 0);
}

static void guest_turns_another_on(void)
{
	GUEST_ASSERT_EQ(PSCI_RET_SUCCESS, psci(PSCI_0_2_FN64_CPU_ON, 1, (u64)guest_start,
					       (u64)guest_secondary));
	guest_sync(0);
}

static void guest_set_by_userspace(void)
{
	guest_sync(1);
}

/* The host */

/* A VM whose vCPU 1 waits to be powered on */
static struct vcpu *two_vcpus(const void *function, u64 argument)
{
	struct vcpu *vcpu = program_vcpu(function);

	reg_set(vcpu, REG_X(1), argument);
	vcpu_add_off(vcpu->vm, 1);
	return vcpu;
}

static u32 mp_state(struct vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state);
	return state.mp_state;
}

static void guest_run(const void *function)
{
	struct vcpu *vcpu = two_vcpus(function, 0);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(asks_for_the_version)
{
	guest_run(guest_asks_for_the_version);
}

TEST(asks_for_features)
{
	guest_run(guest_asks_for_features);
}

TEST(calls_what_is_not_there)
{
	guest_run(guest_calls_what_is_not_there);
}

TEST(watches_its_registers)
{
	guest_run(guest_watches_its_registers);
}

TEST(turns_on_what_it_cannot)
{
	guest_run(guest_turns_on_what_it_cannot);
}

TEST(asks_who_is_on)
{
	guest_run(guest_asks_who_is_on);
}

/* It was turned on, but is initialised anew before it runs: that start is over. */
TEST(init_ends_a_start)
{
	struct vcpu *vcpu = two_vcpus(guest_turns_another_on, 0);
	struct vcpu *other = vcpu->vm->vcpus[1];

	program_run_to(vcpu, 0);
	vcpu_reset(other, BIT(KVM_ARM_VCPU_PSCI_0_2));
	EXPECT_EQ(0, reg_get(other, REG_PC));
	program_enter(other, guest_set_by_userspace, 0, 0, 0);
	program_run_to(other, 1);
	vm_destroy(vcpu->vm);
}

static void *vcpu_thread(void *argument)
{
	struct vcpu *vcpu = argument;
	struct ucall ucall;

	/* it ends by a signal, and in the kernel most of the time */
	if (!__vcpu_run(vcpu) && ucall_get(vcpu, &ucall))
		fail("vCPU 1 calls, command %u (%#llx, %#llx, %#llx)",
		     ucall.command, ucall.args[0], ucall.args[1], ucall.args[2]);
	return NULL;
}

TEST(turns_another_on_and_off)
{
	enum { TIMES = 100 };
	struct vcpu *vcpu = two_vcpus(guest_turns_another_on_and_off, TIMES);
	u64 *words = vm_memory_add(vcpu->vm, 0, SHARED_BASE, SZ_4K, 0);
	struct vcpu *other = vcpu->vm->vcpus[1];
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, vcpu_thread, other));
	program_finish(vcpu);
	EXPECT_EQ(TIMES, words[0]);
	EXPECT_EQ(0, words[1]);
	other->run->immediate_exit = 1;
	alarm_every(0);
	pthread_kill(thread, SIGALRM);
	pthread_join(thread, NULL);
	EXPECT_EQ(KVM_MP_STATE_STOPPED, mp_state(other));
	vm_destroy(vcpu->vm);
}

TEST(turns_it_on_twice)
{
	struct vcpu *vcpu = two_vcpus(guest_turns_it_on_twice, 0);
	struct vcpu *other = vcpu->vm->vcpus[1];

	EXPECT_EQ(KVM_MP_STATE_STOPPED, mp_state(other));
	program_finish(vcpu);
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, mp_state(other));
	/* it goes to its entry as soon as it is run, with the context in x0 */
	other->run->immediate_exit = 1;
	EXPECT_ERRNO(EINTR, __vcpu_run(other));
	alarm_every(50);
	other->run->immediate_exit = 0;
	EXPECT_ERRNO(EINTR, __vcpu_run(other));
	alarm_every(0);
	EXPECT_EQ(0x5678, reg_get(other, REG_X(0)));
	vm_destroy(vcpu->vm);
}

FIXTURE(system)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(system)
{
	u32 function;
	u32 type;
};

FIXTURE_VARIANT_ADD(system, off)
{
	.function = PSCI_0_2_FN_SYSTEM_OFF,
	.type = KVM_SYSTEM_EVENT_SHUTDOWN,
};

FIXTURE_VARIANT_ADD(system, reset)
{
	.function = PSCI_0_2_FN_SYSTEM_RESET,
	.type = KVM_SYSTEM_EVENT_RESET,
};

FIXTURE_SETUP(system)
{
	self->vcpu = two_vcpus(guest_ends_the_machine, variant->function);
}

FIXTURE_TEARDOWN(system)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(system, event)
{
	struct vcpu *vcpu = self->vcpu, *other = vcpu->vm->vcpus[1];

	vcpu_reset(other, BIT(KVM_ARM_VCPU_PSCI_0_2));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, mp_state(other));
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(variant->type, vcpu->run->system_event.type);
	/* nobody runs any more */
	EXPECT_EQ(KVM_MP_STATE_STOPPED, mp_state(vcpu));
	EXPECT_EQ(KVM_MP_STATE_STOPPED, mp_state(other));
}

TEST_F(system, starts_again_after_a_reset_by_userspace)
{
	struct vcpu *vcpu = self->vcpu;

	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	program_enter(vcpu, guest_asks_for_the_version, 0, 0, 0);
	program_finish(vcpu);
}

TEST_HARNESS_MAIN
