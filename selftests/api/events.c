// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions that userspace brings about: an SError, which the guest takes when it
 * lets it come, and an external abort in place of an access.
 */
#include "../lib/test.h"

#define NOWHERE		0x0a000000ULL
#define ESR_EC_SERROR	0x2f
#define ESR_ISV		BIT(24)
#define DISR_EL1	ARM64_SYS_REG(3, 0, 12, 1, 1)

static void guest_takes_serror(void)
{
	u64 esr;

	guest_sync(1);
	/* still masked */
	guest_sync(2);
	esr = GUEST_TRY("msr daifclr, #4\n\tisb");
	guest_report(3, esr, 0);
	/* and it was one */
	esr = GUEST_TRY("msr daifclr, #4\n\tisb");
	guest_report(4, esr, 0);
}

static void guest_loads(void)
{
	register u64 value asm("x20") = 0x1234;
	u64 esr = GUEST_TRY("ldr %x[value], [%[where]]", [value] "+r" (value),
			    [where] "+r" ((u64){ NOWHERE }));

	guest_report(1, esr, value);
	GUEST_ASSERT_EQ(NOWHERE, guest_cpu()->far);
	GUEST_ASSERT_EQ(value, 0x1234);
}

static int events_get(struct vcpu *vcpu, struct kvm_vcpu_events *events)
{
	return ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, events);
}

static int events_set(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	return ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, events);
}

FIXTURE(events)
{
	struct vcpu *vcpu;
	bool has_syndrome;
};

FIXTURE_SETUP(events)
{
	self->vcpu = program_vcpu(guest_takes_serror);
	self->has_syndrome = device_capability(KVM_CAP_ARM_INJECT_SERROR_ESR);
}

FIXTURE_TEARDOWN(events)
{
	vm_destroy(self->vcpu->vm);
}

TEST(capabilities)
{
	EXPECT_EQ(1, device_capability(KVM_CAP_VCPU_EVENTS));
	EXPECT_EQ(1, device_capability(KVM_CAP_ARM_INJECT_EXT_DABT));
}

TEST(not_initialised)
{
	struct kvm_vcpu_events events = {};
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm, 0);

	EXPECT_ERRNO(ENOEXEC, events_get(vcpu, &events));
	EXPECT_ERRNO(ENOEXEC, events_set(vcpu, &events));
	vm_destroy(vm);
}

TEST_F(events, none)
{
	struct kvm_vcpu_events events;

	memset(&events, 0xff, sizeof(events));
	ASSERT_EQ(0, events_get(self->vcpu, &events));
	EXPECT_EQ(0, events.exception.serror_pending);
	EXPECT_EQ(0, events.exception.ext_dabt_pending);
	EXPECT_EQ(self->has_syndrome, events.exception.serror_has_esr);
	EXPECT_EQ(0, events.exception.serror_esr);
	EXPECT_EQ(0, events.reserved[0]);
	/* and back, which changes nothing */
	EXPECT_EQ(0, events_set(self->vcpu, &events));
	program_run_to(self->vcpu, 1);
}

TEST_F(events, errors)
{
	struct kvm_vcpu_events events = {};

	EXPECT_ERRNO(EFAULT, ioctl(self->vcpu->fd, KVM_GET_VCPU_EVENTS, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, ioctl(self->vcpu->fd, KVM_SET_VCPU_EVENTS, BAD_ADDRESS));
	events.reserved[11] = 1;
	EXPECT_ERRNO(EINVAL, events_set(self->vcpu, &events));
	events.reserved[11] = 0;
	events.exception.pad[4] = 1;
	EXPECT_ERRNO(EINVAL, events_set(self->vcpu, &events));
	events.exception.pad[4] = 0;
	events.exception.serror_pending = 1;
	events.exception.serror_has_esr = 1;
	events.exception.serror_esr = 1ULL << 25;
	EXPECT_ERRNO(EINVAL, events_set(self->vcpu, &events));
	if (!self->has_syndrome) {
		events.exception.serror_esr = 0;
		EXPECT_ERRNO(EINVAL, events_set(self->vcpu, &events));
	}
	ASSERT_EQ(0, events_get(self->vcpu, &events));
	EXPECT_EQ(0, events.exception.serror_pending);
}

static void serror(struct vcpu *vcpu, bool has_esr, u64 esr)
{
	struct kvm_vcpu_events events = {
		.exception.serror_pending = 1,
		.exception.serror_has_esr = has_esr,
		.exception.serror_esr = esr,
	};

	if (events_set(vcpu, &events))
		fail("no SError: %s", strerror(errno));
}

static bool is_pending(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	if (events_get(vcpu, &events))
		fail("no events: %s", strerror(errno));
	return events.exception.serror_pending;
}

TEST_F(events, serror)
{
	struct ucall ucall;

	program_run_to(self->vcpu, 1);
	serror(self->vcpu, false, 0);
	EXPECT_TRUE(is_pending(self->vcpu));
	program_run_to(self->vcpu, 2);
	/* the guest has it masked */
	EXPECT_TRUE(is_pending(self->vcpu));
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(3, ucall.args[0]);
	EXPECT_EQ(ESR_EC_SERROR, ESR_EC(ucall.args[1]));
	EXPECT_FALSE(is_pending(self->vcpu));
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(4, ucall.args[0]);
	EXPECT_EQ(0, ucall.args[1]);
}

TEST_F(events, serror_with_syndrome)
{
	struct kvm_vcpu_events events;
	struct ucall ucall;

	if (!self->has_syndrome)
		SKIP(return, "the CPU has no FEAT_RAS");
	serror(self->vcpu, true, 0x123);
	ASSERT_EQ(0, events_get(self->vcpu, &events));
	EXPECT_EQ(1, events.exception.serror_pending);
	EXPECT_EQ(0x123, events.exception.serror_esr);
	program_run_to(self->vcpu, 1);
	program_run_to(self->vcpu, 2);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(ESR_EC_SERROR, ESR_EC(ucall.args[1]));
	EXPECT_EQ(0x123, ESR_ISS(ucall.args[1]));
}

TEST_F(events, reset_forgets)
{
	serror(self->vcpu, false, 0);
	vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	EXPECT_FALSE(is_pending(self->vcpu));
}

TEST_F(events, reset_forgets_a_deferred_one)
{
	reg_set(self->vcpu, DISR_EL1, 0x123);
	EXPECT_EQ(0x123, reg_get(self->vcpu, DISR_EL1));
	vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	EXPECT_EQ(0, reg_get(self->vcpu, DISR_EL1));
}

/* What userspace cannot answer becomes an abort, and the load does not happen. */
TEST(external_abort)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	struct vcpu *vcpu = program_vcpu(guest_loads);
	struct ucall ucall;

	if (!device_is_setway())
		SKIP(goto out, "6.1's KVM goes on behind the load as well");
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	ASSERT_EQ(NOWHERE, vcpu->run->mmio.phys_addr);
	memset(vcpu->run->mmio.data, 0xab, sizeof(vcpu->run->mmio.data));
	ASSERT_EQ(0, events_set(vcpu, &events));
	ASSERT_EQ(0, events_get(vcpu, &events));
	EXPECT_EQ(0, events.exception.ext_dabt_pending);
	program_run(vcpu, &ucall);
	EXPECT_EQ(ESR_EC_DABT_SAME, ESR_EC(ucall.args[1]));
	EXPECT_EQ(ESR_FSC_SEA, ESR_FSC(ucall.args[1]));
	EXPECT_EQ(0x1234, ucall.args[2]);
	program_finish(vcpu);
out:
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
