// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: accesses outside all memslots, in A32 and T32, in each mode.  Each kind
 * of load and store becomes an exit that says what was accessed, and what userspace
 * answers arrives in the mode's own register.
 */
#include "../lib/program32.h"
#include "../lib/test.h"

#include "guest/mmio.h"

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(mmio_accesses);
GUEST32(mmio_accesses_end);
GUEST32(mmio_undescribed);
GUEST32(mmio_undescribed_end);

#define MMIO_BASE	0x0a000120UL
#define R_ADDRESS	1		/* R1 has the address, R6 an offset */
#define R_OFFSET	6

/* Each byte has its sign bit set, or none has. */
#define DATA_NEGATIVE	0xf4f3f2f1U
#define DATA_POSITIVE	0x04030201U

/* What is in AArch64's register N unless it is told otherwise. */
#define REGISTER_FILL(n)	(0xa5a50000U + (n))
#define REGISTERS	31

/* PSTATE of AArch32 (ARM DDI 0487J.a, C5.2.19): masked; T32; big-endian */
#define PSTATE_AIF	0x1c0
#define PSTATE_T	0x020
#define PSTATE_E	0x200

FIXTURE(access) {
	struct vcpu *vcpu;
	const struct mmio_access *accesses;
	unsigned int nr;
	bool is_setway;
};

/**
 * struct _fixture_variant_access - a mode
 * @mode: PSTATE.M
 * @sp: where AArch64 sees the mode's SP (ARM DDI 0487J.a, D1.21.1)
 * @lr: likewise its LR
 * @r8: likewise its R8, the others up to R12 behind it
 * @pstate: more of PSTATE
 * @data: what is loaded and stored
 */
FIXTURE_VARIANT(access) {
	u32 mode;
	unsigned int sp;
	unsigned int lr;
	unsigned int r8;
	u32 pstate;
	u32 data;
};

FIXTURE_VARIANT_ADD(access, usr) { 0x10, 13, 14, 8, PSTATE_AIF, DATA_POSITIVE };
FIXTURE_VARIANT_ADD(access, fiq) { 0x11, 29, 30, 24, PSTATE_AIF, DATA_NEGATIVE };
FIXTURE_VARIANT_ADD(access, irq) { 0x12, 17, 16, 8, PSTATE_AIF, DATA_POSITIVE };
FIXTURE_VARIANT_ADD(access, svc) { 0x13, 19, 18, 8, PSTATE_AIF, DATA_NEGATIVE };
FIXTURE_VARIANT_ADD(access, abt) { 0x17, 21, 20, 8, PSTATE_AIF, DATA_NEGATIVE };
FIXTURE_VARIANT_ADD(access, und) { 0x1b, 23, 22, 8, PSTATE_AIF, DATA_POSITIVE };
FIXTURE_VARIANT_ADD(access, sys) { 0x1f, 13, 14, 8, PSTATE_AIF, DATA_NEGATIVE };
FIXTURE_VARIANT_ADD(access, big_endian) {
	0x13, 19, 18, 8, PSTATE_AIF | PSTATE_E, DATA_NEGATIVE
};

FIXTURE_SETUP(access)
{
	struct vm *vm = vm_create();

	self->is_setway = device_is_setway();
	self->vcpu = program32_add(vm, 0);
	program32_load(vm);
	self->accesses = program32_data(vm, guest32_mmio_accesses);
	self->nr = (guest32_mmio_accesses_end - guest32_mmio_accesses) /
		   sizeof(*self->accesses);
}

FIXTURE_TEARDOWN(access)
{
	vm_destroy(self->vcpu->vm);
}

static unsigned int register_of(const struct _fixture_variant_access *variant, unsigned int n)
{
	if (n == 13)
		return variant->sp;
	if (n == 14)
		return variant->lr;
	return n >= 8 && n <= 12 ? variant->r8 + n - 8 : n;
}

static void registers_set(struct vcpu *vcpu)
{
	unsigned int n;

	for (n = 0; n < REGISTERS; n++)
		reg_set(vcpu, REG_X(n), REGISTER_FILL(n));
	reg_set(vcpu, REG_X(R_ADDRESS), MMIO_BASE);
	reg_set(vcpu, REG_X(R_OFFSET), 0);
}

static u32 register_fill(unsigned int n)
{
	if (n == R_ADDRESS)
		return MMIO_BASE;
	return n == R_OFFSET ? 0 : REGISTER_FILL(n);
}

/* Expect the registers to be as they were, but for one. */
static void registers_check(struct vcpu *vcpu, const char *text, unsigned int rt, u32 value)
{
	u32 expected, seen;
	unsigned int n;

	for (n = 0; n < REGISTERS; n++) {
		expected = n == rt ? value : register_fill(n);
		seen = reg_get(vcpu, REG_X(n));
		if (seen != expected)
			fail("'%s' leaves %#x in X%u, not %#x", text, seen, n, expected);
	}
}

static u32 low_bytes(u32 value, unsigned int bytes)
{
	return value & GENMASK(8 * bytes - 1, 0);
}

/* From the low bytes of a register to what is in memory, or the other way round. */
static u32 in_memory(u32 value, unsigned int bytes, u32 pstate)
{
	return pstate & PSTATE_E ? __builtin_bswap32(value) >> (32 - 8 * bytes) :
				   low_bytes(value, bytes);
}

static u32 loaded(const struct mmio_access *access, u32 value)
{
	unsigned int shift = 32 - 8 * access->bytes;

	return access->is_signed ? (u32)((s32)(value << shift) >> shift) :
				   low_bytes(value, access->bytes);
}

static void mmio_expect(struct vcpu *vcpu, const struct mmio_access *access, const char *text)
{
	struct kvm_run *run = vcpu->run;

	if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
		fail("'%s': exit %u, not for MMIO", text, run->exit_reason);
	if (run->mmio.phys_addr != MMIO_BASE || run->mmio.is_write == access->is_load ||
	    run->mmio.len != access->bytes)
		fail("'%s': %s of %u bytes at %#llx", text, run->mmio.is_write ? "write" : "read",
		     run->mmio.len, run->mmio.phys_addr);
}

static void mmio_finish(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!__vcpu_run(vcpu) || errno != EINTR)
		fail("an immediate exit did not come");
	vcpu->run->immediate_exit = 0;
}

/* KVM swaps bytes after it extends the sign, and loses it again (Linux 6.1). */
static bool kvm_loses_sign(struct _test_data_access *self, const struct mmio_access *access,
			   unsigned int rt, u32 data)
{
	return !self->is_setway && access->is_signed &&
	       reg_get(self->vcpu, REG_X(rt)) == low_bytes(data, access->bytes);
}

static void access_check(struct _test_data_access *self,
			 const struct _fixture_variant_access *variant,
			 const struct mmio_access *access)
{
	struct vcpu *vcpu = self->vcpu;
	const char *text = program32_data(vcpu->vm, (void *)(u64)access->text);
	u64 pstate = variant->mode | variant->pstate | (access->is_thumb ? PSTATE_T : 0);
	unsigned int rt = register_of(variant, access->rt);
	u32 memory = in_memory(variant->data, access->bytes, variant->pstate), seen = 0;

	reg_set(vcpu, REG_PSTATE, pstate);
	reg_set(vcpu, REG_PC, access->pc);
	if (!access->is_load)
		reg_set(vcpu, REG_X(rt), variant->data);
	mmio_expect(vcpu, access, text);
	memcpy(&seen, vcpu->run->mmio.data, access->bytes);
	if (!access->is_load && seen != memory)
		fail("'%s' writes %#x, not %#x", text, seen, memory);
	if (access->is_load)
		memcpy(vcpu->run->mmio.data, &memory, access->bytes);
	mmio_finish(vcpu);
	if (!access->is_load || !kvm_loses_sign(self, access, rt, variant->data))
		registers_check(vcpu, text, rt, access->is_load ? loaded(access, variant->data) :
								  variant->data);
	reg_set(vcpu, REG_X(rt), register_fill(rt));
	if (reg_get(vcpu, REG_PC) != access->pc + access->length)
		fail("'%s': the guest is not at the next instruction", text);
	if (reg_get(vcpu, REG_PSTATE) != pstate)
		fail("'%s': PSTATE changes", text);
}

/* In QEMU's syndrome, which KVM believes: see Documentation/limits.rst. */
static bool is_misnumbered(struct _test_data_access *self,
			   const struct _fixture_variant_access *variant,
			   const struct mmio_access *access)
{
	return !self->is_setway && register_of(variant, access->rt) != access->rt;
}

TEST_F(access, of_each_kind)
{
	unsigned int i;

	ASSERT_LT(0, self->nr);
	registers_set(self->vcpu);
	for (i = 0; i < self->nr; i++)
		if (!is_misnumbered(self, variant, &self->accesses[i]))
			access_check(self, variant, &self->accesses[i]);
}

TEST(undescribed_accesses_are_errors)
{
	struct vcpu *vcpu = program32_vcpu(guest32_mmio_undescribed);
	const char *pc = guest32_mmio_undescribed;

	for (; pc < guest32_mmio_undescribed_end; pc += sizeof(u32)) {
		reg_set(vcpu, REG_PC, (u64)pc);
		reg_set(vcpu, REG_X(R_ADDRESS), MMIO_BASE);
		EXPECT_ERRNO(ENOSYS, __vcpu_run(vcpu));
		EXPECT_EQ((u64)pc, reg_get(vcpu, REG_PC));
	}
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
