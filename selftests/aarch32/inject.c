// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: exceptions that the guest takes because the hypervisor says so, with
 * the vector, the state and the syndrome that the CPU would have given them (ARM
 * DDI 0487J.a, G1.12).
 */
#include "../lib/program32.h"
#include "../lib/test.h"

#include "guest/inject.h"

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(inject);
GUEST32(seen);
GUEST32(guest_vectors_copy);
GUEST32(guest_vectors_copy_end);

#define VECTORS_SLOT	5

#define VECTOR_UNDEF	1
#define VECTOR_PREFETCH	3
#define VECTOR_DATA	4

/* CPSR, ARM DDI 0487J.a, G8.2 */
#define MODE_USR	0x10
#define MODE_SVC	0x13
#define MODE_ABT	0x17
#define MODE_UND	0x1b
#define CPSR_T		0x020
#define CPSR_F		0x040
#define CPSR_I		0x080
#define CPSR_A		0x100
#define CPSR_E		0x200
#define CPSR_AIF	(CPSR_A | CPSR_I | CPSR_F)
#define CPSR_FLAGS	0xf80f0000U

/* DFSR and IFSR in both formats (ARM DDI 0487J.a, G8.2): external aborts */
#define FSR_SHORT	0x008
#define FSR_LONG	0x210
#define FSR_SHORT_ASYNC	0x406
#define FSR_LONG_ASYNC	0x211
#define FSR_WRITE	0x800

/* What the guest puts there. */
#define FSR_BEFORE	0x00000005U
#define DFAR_BEFORE	0x11111110U
#define IFAR_BEFORE	0x22222220U

/* Ways to go wrong that any exception can be combined with. */
static const u32 hows[] = {
	0, INJECT_THUMB, INJECT_TO_THUMB, INJECT_THUMB | INJECT_TO_THUMB,
	INJECT_TO_BIG, INJECT_TO_BIG | INJECT_TO_THUMB | INJECT_FLAGS, INJECT_TO_HIGH,
	INJECT_LONG, INJECT_LONG | INJECT_THUMB, INJECT_UNMASKED, INJECT_FLAGS,
	INJECT_UNMASKED | INJECT_FLAGS | INJECT_THUMB,
};

static void vectors_add(struct vm *vm)
{
	u64 size = guest32_guest_vectors_copy_end - guest32_guest_vectors_copy;

	memcpy(vm_memory_add(vm, VECTORS_SLOT, INJECT_HIGH_VECTORS, SZ_4K, 0),
	       program32_data(vm, guest32_guest_vectors_copy), size);
}

/* Not what it should be answered with. */
static void events_abort(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	if (vcpu_run(vcpu) != KVM_EXIT_MMIO || vcpu->run->mmio.phys_addr != INJECT_NOWHERE)
		fail("exit %u, not for MMIO", vcpu->run->exit_reason);
	vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static void events_serror(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };

	vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static struct inject_seen inject_run(enum inject_what what, u32 how)
{
	struct vcpu *vcpu = program32_vcpu(guest32_inject);
	struct inject_seen seen;

	program32_enter(vcpu, guest32_inject, what, how, 0);
	vectors_add(vcpu->vm);
	program_run_to(vcpu, 0);
	if (what == INJECT_DATA || what == INJECT_DATA_WRITE)
		events_abort(vcpu);
	if (what == INJECT_SERROR)
		events_serror(vcpu);
	program_run_to(vcpu, 1);
	seen = *(struct inject_seen *)program32_data(vcpu->vm, guest32_seen);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
	return seen;
}

static bool is_undef(enum inject_what what)
{
	return what == INJECT_UNDEF;
}

static bool is_fetch(enum inject_what what)
{
	return what == INJECT_PREFETCH || what == INJECT_WALK_FETCH;
}

static u32 expected_vector(enum inject_what what)
{
	if (is_undef(what))
		return VECTOR_UNDEF;
	return is_fetch(what) ? VECTOR_PREFETCH : VECTOR_DATA;
}

/* Before: an SError is taken where its mask is cleared. */
static u32 expected_spsr(enum inject_what what, u32 how)
{
	u32 masks = how & INJECT_UNMASKED ? 0 : CPSR_AIF;

	if (what == INJECT_SERROR)
		masks &= ~CPSR_A;
	return (how & INJECT_FLAGS ? CPSR_FLAGS : 0) | masks |
	       (how & INJECT_THUMB ? CPSR_T : 0) |
	       (how & INJECT_IN_USR ? MODE_USR : MODE_SVC);
}

static u32 expected_cpsr(enum inject_what what, u32 how)
{
	u32 before = expected_spsr(what, how);

	return (before & (CPSR_FLAGS | CPSR_A | CPSR_F)) | CPSR_I |
	       (is_undef(what) ? 0 : CPSR_A) |
	       (how & INJECT_TO_THUMB ? CPSR_T : 0) | (how & INJECT_TO_BIG ? CPSR_E : 0) |
	       (is_undef(what) ? MODE_UND : MODE_ABT);
}

static u32 expected_lr(enum inject_what what, u32 how, const struct inject_seen *seen)
{
	bool is_thumb = how & INJECT_THUMB;

	if (is_undef(what))
		return seen->address + (is_thumb ? 2 : 4);
	if (is_fetch(what))
		return seen->fault + 4;
	if (what == INJECT_SERROR)	/* behind CPSIE */
		return seen->address + (is_thumb ? 2 : 4) + 8;
	return seen->address + 8;
}

static u32 expected_fsr(enum inject_what what, u32 how)
{
	if (what == INJECT_SERROR)
		return how & INJECT_LONG ? FSR_LONG_ASYNC : FSR_SHORT_ASYNC;
	return (how & INJECT_LONG ? FSR_LONG : FSR_SHORT) |
	       (what == INJECT_DATA_WRITE ? FSR_WRITE : 0);
}

static void syndrome_check(struct __test_metadata *_metadata, enum inject_what what, u32 how,
			   const struct inject_seen *seen)
{
	bool is_data = !is_undef(what) && !is_fetch(what);
	u32 fsr = expected_fsr(what, how);

	EXPECT_EQ(is_data ? fsr : FSR_BEFORE, seen->dfsr)
		TH_LOG("how %#x", how);
	EXPECT_EQ(is_fetch(what) ? fsr : FSR_BEFORE, seen->ifsr)
		TH_LOG("how %#x", how);
	/* of an SError there is no address */
	if (what != INJECT_SERROR)
		EXPECT_EQ(is_data ? seen->fault : DFAR_BEFORE, seen->dfar)
			TH_LOG("how %#x", how);
	EXPECT_EQ(is_fetch(what) ? seen->fault : IFAR_BEFORE, seen->ifar)
		TH_LOG("how %#x", how);
}

static void inject_check(struct __test_metadata *_metadata, enum inject_what what, u32 how)
{
	struct inject_seen seen = inject_run(what, how);

	EXPECT_EQ(expected_vector(what), seen.vector)
		TH_LOG("how %#x", how);
	EXPECT_EQ(expected_cpsr(what, how), seen.cpsr)
		TH_LOG("how %#x, %#x", how, seen.cpsr);
	EXPECT_EQ(expected_lr(what, how, &seen), seen.lr)
		TH_LOG("how %#x, %#x", how, seen.lr);
	/* QEMU's SPSRs go wrong under KVM (Documentation/limits.rst) */
	if (device_is_setway())
		EXPECT_EQ(expected_spsr(what, how), seen.spsr)
			TH_LOG("how %#x, %#x", how, seen.spsr);
	syndrome_check(_metadata, what, how, &seen);
}

static bool is_walk(enum inject_what what)
{
	return what == INJECT_WALK || what == INJECT_WALK_FETCH;
}

/*
 * An SError would be taken as soon as it is unmasked, and not where it should.
 * SCTLR.EE is about the tables as well.
 */
static bool inject_fits(enum inject_what what, u32 how)
{
	return !(what == INJECT_SERROR && (how & INJECT_UNMASKED)) &&
	       !(is_walk(what) && (how & INJECT_TO_BIG));
}

static void inject_check_all(struct __test_metadata *_metadata, enum inject_what what)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hows); i++)
		if (inject_fits(what, hows[i]))
			inject_check(_metadata, what, hows[i]);
}

TEST(undefined)
{
	inject_check_all(_metadata, INJECT_UNDEF);
}

TEST(prefetch_abort)
{
	inject_check_all(_metadata, INJECT_PREFETCH);
	inject_check(_metadata, INJECT_PREFETCH, INJECT_IN_USR | INJECT_UNMASKED);
	inject_check(_metadata, INJECT_PREFETCH, INJECT_IN_USR | INJECT_THUMB);
}

TEST(data_abort_of_a_load)
{
	if (!device_is_setway())
		SKIP(return, "6.1's KVM goes on behind the load as well");
	inject_check_all(_metadata, INJECT_DATA);
	inject_check(_metadata, INJECT_DATA, INJECT_IN_USR | INJECT_UNMASKED);
	inject_check(_metadata, INJECT_DATA, INJECT_IN_USR | INJECT_THUMB);
}

TEST(data_abort_of_a_store)
{
	if (!device_is_setway())
		SKIP(return, "6.1's KVM goes on behind the store as well");
	inject_check_all(_metadata, INJECT_DATA_WRITE);
}

/* Tables are not the guest's to have outside its memory. */
TEST(abort_of_a_table_walk)
{
	inject_check_all(_metadata, INJECT_WALK);
	inject_check_all(_metadata, INJECT_WALK_FETCH);
}

TEST(serror)
{
	inject_check_all(_metadata, INJECT_SERROR);
}

TEST_HARNESS_MAIN
