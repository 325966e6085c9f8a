// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware that userspace chooses: versions of PSCI and what is new in each,
 * suspended vCPUs, and the services of the SMC Calling Convention.
 */
#include <linux/psci.h>

#include "../lib/test.h"

#define VERSION(major, minor)	((major) << 16 | (minor))
#define SMCCC_VERSION		0x80000000
#define SMCCC_ARCH_FEATURES	0x80000001
#define SMCCC_WORKAROUND_1	0x80008000
#define SMCCC_WORKAROUND_2	0x80007fff
#define SMCCC_WORKAROUND_3	0x80003fff
#define SMCCC_PV_TIME_FEATURES	0xc5000020
#define SMCCC_PV_TIME_ST	0xc5000021
#define SMCCC_VENDOR_UID	0x8600ff01
#define SMCCC_VENDOR_FEATURES	0x86000000
#define SMCCC_VENDOR_PTP	0x86000001
#define TRNG_VERSION		0x84000050
#define TRNG_FEATURES		0x84000051
#define TRNG_GET_UUID		0x84000052
#define TRNG_RND32		0x84000053
#define TRNG_RND64		0xc4000053
#define NOT_SUPPORTED		((u64)-1)
#define INVALID			((u64)-2)

#define ENTRY			0x12340000ULL
#define CONTEXT			0x5678ULL

static int psci(u64 function, u64 a, u64 b, u64 c)
{
	return (int)guest_psci(function, a, b, c);
}

/* All four results. */
static void guest_psci_all(u64 function, u64 argument, u64 *results)
{
	register u64 x0 asm("x0") = function;
	register u64 x1 asm("x1") = argument;
	register u64 x2 asm("x2") = 0;
	register u64 x3 asm("x3") = 0;

	asm volatile("hvc #0" : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3) : : "memory");
	results[0] = x0;
	results[1] = x1;
	results[2] = x2;
	results[3] = x3;
}

static void guest_calls(u64 function, u64 argument)
{
	guest_report(1, guest_psci(function, argument, 0, 0), 0);
}

static void guest_asks_for_features(void)
{
	static const u32 functions[] = {
		PSCI_0_2_FN_PSCI_VERSION, PSCI_0_2_FN_CPU_SUSPEND, PSCI_0_2_FN64_CPU_SUSPEND,
		PSCI_1_0_FN_PSCI_FEATURES, SMCCC_VERSION,
		PSCI_1_0_FN_SYSTEM_SUSPEND, PSCI_1_0_FN64_SYSTEM_SUSPEND,
		PSCI_1_1_FN_SYSTEM_RESET2, PSCI_1_1_FN64_SYSTEM_RESET2,
	};
	u64 has = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (psci(PSCI_1_0_FN_PSCI_FEATURES, functions[i], 0, 0) == 0)
			has |= BIT(i);
	guest_report(1, has, 0);
}

#define HAS_1_0		0x01f
#define HAS_SUSPEND	0x060
#define HAS_1_1		0x180

static struct vcpu *vcpu_for(const void *guest, u64 a, u64 b)
{
	struct vcpu *vcpu = program_vcpu(guest);

	program_enter(vcpu, guest, a, b, 0);
	return vcpu;
}

static int version_set(struct vcpu *vcpu, u64 version)
{
	return __reg_set(vcpu, KVM_REG_ARM_PSCI_VERSION, &version);
}

/* What the guest's call returns. */
static u64 answer(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	return ucall.args[1];
}

static u64 call(u64 function, u64 argument)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, function, argument);
	u64 result = answer(vcpu);

	vm_destroy(vcpu->vm);
	return result;
}

TEST(newest_version)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_0_2_FN_PSCI_VERSION, 0);

	EXPECT_EQ(VERSION(1, 1), reg_get(vcpu, KVM_REG_ARM_PSCI_VERSION));
	EXPECT_EQ(VERSION(1, 1), answer(vcpu));
	vm_destroy(vcpu->vm);
}

FIXTURE(version)
{
};

FIXTURE_VARIANT(version)
{
	u32 version;
	u64 has;
};

FIXTURE_VARIANT_ADD(version, v0_2) { .version = VERSION(0, 2) };
FIXTURE_VARIANT_ADD(version, v1_0) { .version = VERSION(1, 0), .has = HAS_1_0 };
FIXTURE_VARIANT_ADD(version, v1_1) { .version = VERSION(1, 1), .has = HAS_1_0 | HAS_1_1 };

FIXTURE_SETUP(version)
{
}

FIXTURE_TEARDOWN(version)
{
}

TEST_F(version, chosen)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_0_2_FN_PSCI_VERSION, 0);

	ASSERT_EQ(0, version_set(vcpu, variant->version));
	EXPECT_EQ(variant->version, reg_get(vcpu, KVM_REG_ARM_PSCI_VERSION));
	EXPECT_EQ(variant->version, answer(vcpu));
	vm_destroy(vcpu->vm);
}

TEST_F(version, features)
{
	struct vcpu *vcpu = vcpu_for(guest_asks_for_features, 0, 0);

	ASSERT_EQ(0, version_set(vcpu, variant->version));
	EXPECT_EQ(variant->has, answer(vcpu));
	vm_destroy(vcpu->vm);
}

TEST(version_errors)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_0_2_FN_PSCI_VERSION, 0);

	EXPECT_ERRNO(EINVAL, version_set(vcpu, VERSION(0, 1)));
	EXPECT_ERRNO(EINVAL, version_set(vcpu, VERSION(1, 9)));
	EXPECT_ERRNO(EINVAL, version_set(vcpu, 0));
	vm_destroy(vcpu->vm);
}

static void enable_suspend(struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_SYSTEM_SUSPEND };

	vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
}

TEST(system_suspend_must_be_enabled)
{
	struct vcpu *vcpu = vcpu_for(guest_asks_for_features, 0, 0);

	EXPECT_EQ(1, device_capability(KVM_CAP_ARM_SYSTEM_SUSPEND));
	EXPECT_EQ(NOT_SUPPORTED, call(PSCI_1_0_FN64_SYSTEM_SUSPEND, ENTRY));
	enable_suspend(vcpu->vm);
	EXPECT_EQ(HAS_1_0 | HAS_SUSPEND | HAS_1_1, answer(vcpu));
	vm_destroy(vcpu->vm);
}

static void guest_suspends(u64 function)
{
	guest_report(1, guest_psci(function, 0xffffffff00000000 | ENTRY, CONTEXT, 0), 0);
}

static u32 mp_state(struct vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state);
	return state.mp_state;
}

static void set_mp_state(struct vcpu *vcpu, u32 mp_state)
{
	struct kvm_mp_state state = { .mp_state = mp_state };

	vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &state);
}

/* Userspace finds the arguments in the registers, and nothing has happened yet. */
TEST(system_suspend)
{
	struct vcpu *vcpu = vcpu_for(guest_suspends, PSCI_1_0_FN64_SYSTEM_SUSPEND, 0);

	enable_suspend(vcpu->vm);
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(KVM_SYSTEM_EVENT_SUSPEND, vcpu->run->system_event.type);
	EXPECT_EQ(PSCI_1_0_FN64_SYSTEM_SUSPEND, reg_get(vcpu, REG_X(0)));
	EXPECT_EQ(0xffffffff00000000 | ENTRY, reg_get(vcpu, REG_X(1)));
	EXPECT_EQ(CONTEXT, reg_get(vcpu, REG_X(2)));
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, mp_state(vcpu));
	/* refused by userspace */
	reg_set(vcpu, REG_X(0), (u64)PSCI_RET_DENIED);
	EXPECT_EQ((u64)PSCI_RET_DENIED, answer(vcpu));
	vm_destroy(vcpu->vm);
}

TEST(system_suspend_32)
{
	struct vcpu *vcpu = vcpu_for(guest_suspends, PSCI_1_0_FN_SYSTEM_SUSPEND, 0);

	enable_suspend(vcpu->vm);
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(ENTRY, reg_get(vcpu, REG_X(1)));
	vm_destroy(vcpu->vm);
}

static void cpu_line(struct vm *vm, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT | KVM_ARM_IRQ_CPU_IRQ,
		.level = level,
	};

	vm_ioctl(vm, KVM_IRQ_LINE, &line);
}

static void guest_goes_on(void)
{
	guest_report(1, 42, 0);
}

TEST(suspended)
{
	struct vcpu *vcpu = vcpu_for(guest_goes_on, 0, 0);

	set_mp_state(vcpu, KVM_MP_STATE_SUSPENDED);
	EXPECT_EQ(KVM_MP_STATE_SUSPENDED, mp_state(vcpu));
	alarm_every(50);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	EXPECT_EQ(KVM_MP_STATE_SUSPENDED, mp_state(vcpu));
	/* an interrupt is reason enough, but it is for userspace to say */
	cpu_line(vcpu->vm, true);
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(KVM_SYSTEM_EVENT_WAKEUP, vcpu->run->system_event.type);
	EXPECT_EQ(KVM_MP_STATE_SUSPENDED, mp_state(vcpu));
	set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
	EXPECT_EQ(42, answer(vcpu));
	vm_destroy(vcpu->vm);
}

/* As WFI: over when there is an interrupt, masked or not. */
TEST(cpu_suspend)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_0_2_FN64_CPU_SUSPEND, 0);

	alarm_every(50);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	cpu_line(vcpu->vm, true);
	EXPECT_EQ(PSCI_RET_SUCCESS, answer(vcpu));
	vm_destroy(vcpu->vm);
}

TEST(system_reset2)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_1_1_FN64_SYSTEM_RESET2, 0);
	struct kvm_run *run = vcpu->run;

	EXPECT_EQ(1, device_capability(KVM_CAP_SYSTEM_EVENT_DATA));
	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(KVM_SYSTEM_EVENT_RESET, run->system_event.type);
	EXPECT_EQ(1, run->system_event.ndata);
	EXPECT_EQ(KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2, run->system_event.data[0]);
	EXPECT_EQ(KVM_MP_STATE_STOPPED, mp_state(vcpu));
	vm_destroy(vcpu->vm);
}

TEST(system_reset2_types)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_1_1_FN_SYSTEM_RESET2, 0x80000001);

	/* types 1 to 0x7fffffff are reserved */
	EXPECT_EQ((u64)PSCI_RET_INVALID_PARAMS, call(PSCI_1_1_FN_SYSTEM_RESET2, 1));
	EXPECT_EQ((u64)PSCI_RET_INVALID_PARAMS, call(PSCI_1_1_FN64_SYSTEM_RESET2, 0x7fffffff));
	EXPECT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	vm_destroy(vcpu->vm);
}

TEST(system_off_has_no_flags)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, PSCI_0_2_FN_SYSTEM_OFF, 0);

	ASSERT_EQ(KVM_EXIT_SYSTEM_EVENT, vcpu_run(vcpu));
	EXPECT_EQ(1, vcpu->run->system_event.ndata);
	EXPECT_EQ(0, vcpu->run->system_event.data[0]);
	/* if userspace lets it go on, the call has failed */
	set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
	EXPECT_EQ((u64)PSCI_RET_INTERNAL_FAILURE, answer(vcpu));
	vm_destroy(vcpu->vm);
}

/* Without KVM_ARM_VCPU_PSCI_0_2 there is KVM's own 0.1. */
static struct vcpu *vcpu_0_1(const void *guest, u64 a, u64 b)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm, 0), *other = vcpu_create(vm, 1);

	vcpu_reset(vcpu, 0);
	vcpu_reset(other, BIT(KVM_ARM_VCPU_POWER_OFF));
	program_load(vm);
	program_enter(vcpu, guest, a, b, 0);
	return vcpu;
}

static void guest_uses_0_1(void)
{
	GUEST_ASSERT_EQ(PSCI_RET_INVALID_PARAMS, psci(KVM_PSCI_FN_CPU_ON, 9, ENTRY, CONTEXT));
	/* it is on */
	GUEST_ASSERT_EQ(PSCI_RET_INVALID_PARAMS, psci(KVM_PSCI_FN_CPU_ON, 0, ENTRY, CONTEXT));
	GUEST_ASSERT_EQ(PSCI_RET_SUCCESS, psci(KVM_PSCI_FN_CPU_ON, 1, ENTRY, CONTEXT));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci(KVM_PSCI_FN_MIGRATE, 0, 0, 0));
	GUEST_ASSERT_EQ(PSCI_RET_NOT_SUPPORTED, psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0));
	/* which is not PSCI's */
	GUEST_ASSERT_EQ(VERSION(1, 1), psci(SMCCC_VERSION, 0, 0, 0));
}

TEST(version_0_1)
{
	struct vcpu *vcpu = vcpu_0_1(guest_uses_0_1, 0, 0);
	struct vcpu *other = vcpu->vm->vcpus[1];

	EXPECT_EQ(VERSION(0, 1), reg_get(vcpu, KVM_REG_ARM_PSCI_VERSION));
	EXPECT_EQ(0, version_set(vcpu, VERSION(0, 1)));
	EXPECT_ERRNO(EINVAL, version_set(vcpu, VERSION(0, 2)));
	program_finish(vcpu);
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, mp_state(other));
	EXPECT_EQ(ENTRY, reg_get(other, REG_PC));
	EXPECT_EQ(CONTEXT, reg_get(other, REG_X(0)));
	vm_destroy(vcpu->vm);
}

/* The calling convention's own. */
TEST(smccc)
{
	EXPECT_EQ(VERSION(1, 1), call(SMCCC_VERSION, 0));
	EXPECT_EQ(NOT_SUPPORTED, call(SMCCC_ARCH_FEATURES, 0));
	EXPECT_EQ(0, call(SMCCC_ARCH_FEATURES, SMCCC_PV_TIME_FEATURES));
	/* none of the mitigations is here to be called */
	if (device_is_setway()) {
		EXPECT_EQ(NOT_SUPPORTED, call(SMCCC_WORKAROUND_1, 0));
		EXPECT_EQ(NOT_SUPPORTED, call(SMCCC_WORKAROUND_2, 0));
		EXPECT_EQ(NOT_SUPPORTED, call(SMCCC_WORKAROUND_3, 0));
	}
}

/* What the guest is told of a mitigation is what userspace is told. */
static void workaround_agrees(struct __test_metadata *_metadata, u32 function, u64 reg)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, SMCCC_ARCH_FEATURES, function);
	u64 level = reg_get(vcpu, reg), told = answer(vcpu);

	/* not available; available; not required */
	EXPECT_EQ(level == 0 ? NOT_SUPPORTED : level == 1 ? 0 : 1, told);
	vm_destroy(vcpu->vm);
}

TEST(workarounds)
{
	workaround_agrees(_metadata, SMCCC_WORKAROUND_1, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1);
	workaround_agrees(_metadata, SMCCC_WORKAROUND_3, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3);
}

TEST(workaround_registers)
{
	struct vcpu *vcpu = vcpu_for(guest_calls, 0, 0);
	u64 level = reg_get(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1), less = 0, more = 3;

	/* a guest from elsewhere may know less, but not more */
	EXPECT_EQ(0, __reg_set(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, &level));
	EXPECT_EQ(0, __reg_set(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, &less));
	EXPECT_ERRNO(EINVAL, __reg_set(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, &more));
	EXPECT_EQ(0, __reg_set(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2, &less));
	more = 1 << 5;
	EXPECT_ERRNO(EINVAL, __reg_set(vcpu, KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2, &more));
	vm_destroy(vcpu->vm);
}

static void guest_draws_lots(void)
{
	u64 a[4], b[4];

	GUEST_ASSERT_EQ(VERSION(1, 0), guest_psci(TRNG_VERSION, 0, 0, 0));
	GUEST_ASSERT_EQ(0, guest_psci(TRNG_FEATURES, TRNG_RND32, 0, 0));
	GUEST_ASSERT_EQ(0, guest_psci(TRNG_FEATURES, TRNG_RND64, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(TRNG_FEATURES, SMCCC_VERSION, 0, 0));
	GUEST_ASSERT_EQ(INVALID, guest_psci(TRNG_RND64, 193, 0, 0));
	GUEST_ASSERT_EQ(INVALID, guest_psci(TRNG_RND32, 97, 0, 0));
	guest_psci_all(TRNG_RND64, 192, a);
	guest_psci_all(TRNG_RND64, 192, b);
	GUEST_ASSERT_EQ(0, a[0]);
	GUEST_ASSERT(a[1] != b[1] && a[2] != b[2] && a[3] != b[3]);
	/* no more bits than were asked for */
	guest_psci_all(TRNG_RND64, 100, a);
	GUEST_ASSERT_EQ(0, a[1]);
	GUEST_ASSERT_EQ(0, a[2] >> 36);
	guest_psci_all(TRNG_RND32, 40, a);
	GUEST_ASSERT_EQ(0, a[0] | a[1] | a[2] >> 8 | a[3] >> 32);
	guest_psci_all(TRNG_GET_UUID, 0, a);
	GUEST_ASSERT((a[0] | a[1] | a[2] | a[3]) >> 32 == 0);
}

static void guest_looks_for_services(void)
{
	/* the second has what is no argument of a function with those of 32 bits */
	static const u64 virtual_counter[] = { 0, BIT(32) };
	u64 uid[4], time[4], count;
	unsigned int i;

	guest_psci_all(SMCCC_VENDOR_UID, 0, uid);
	GUEST_ASSERT_EQ(0xb66fb428, uid[0]);
	GUEST_ASSERT_EQ(3, guest_psci(SMCCC_VENDOR_FEATURES, 0, 0, 0));
	for (i = 0; i < ARRAY_SIZE(virtual_counter); i++) {
		guest_psci_all(SMCCC_VENDOR_PTP, virtual_counter[i], time);
		asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (count));
		GUEST_ASSERT((time[2] << 32 | time[3]) <= count);
	}
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(SMCCC_VENDOR_PTP, 7, 0, 0));
	/* userspace has given it no place for it */
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(SMCCC_PV_TIME_ST, 0, 0, 0));
}

static void guest_finds_no_services(void)
{
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(TRNG_VERSION, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(TRNG_RND64, 64, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(SMCCC_VENDOR_UID, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(SMCCC_VENDOR_PTP, 0, 0, 0));
	GUEST_ASSERT_EQ(NOT_SUPPORTED, guest_psci(SMCCC_ARCH_FEATURES, SMCCC_PV_TIME_FEATURES,
						  0, 0));
	GUEST_ASSERT_EQ(VERSION(1, 1), guest_psci(SMCCC_VERSION, 0, 0, 0));
}

static void guest_run(const void *guest)
{
	struct vcpu *vcpu = vcpu_for(guest, 0, 0);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(random_numbers)
{
	guest_run(guest_draws_lots);
}

TEST(services)
{
	guest_run(guest_looks_for_services);
}

TEST(services_taken_away)
{
	static const struct {
		u64 reg;
		u64 all;
	} maps[] = {
		{ KVM_REG_ARM_STD_BMAP, 1 },
		{ KVM_REG_ARM_STD_HYP_BMAP, 1 },
		{ KVM_REG_ARM_VENDOR_HYP_BMAP, 3 },
	};
	struct vcpu *vcpu = vcpu_for(guest_finds_no_services, 0, 0);
	u64 none = 0, more;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		more = maps[i].all + 1;
		EXPECT_EQ(maps[i].all, reg_get(vcpu, maps[i].reg));
		EXPECT_ERRNO(EINVAL, __reg_set(vcpu, maps[i].reg, &more));
		EXPECT_EQ(0, __reg_set(vcpu, maps[i].reg, &none));
	}
	program_finish(vcpu);
	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		more = maps[i].all;
		EXPECT_ERRNO(EBUSY, __reg_set(vcpu, maps[i].reg, &more));
		EXPECT_EQ(0, __reg_set(vcpu, maps[i].reg, &none));
	}
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
