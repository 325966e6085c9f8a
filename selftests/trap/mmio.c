// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses outside all memslots: each kind of load and store becomes an exit
 * that says what was accessed, and what userspace answers arrives in the right
 * register, extended as the instruction says.
 */
#include "../lib/test.h"

#define MMIO_BASE	0x0a000000UL
#define MMIO_HIGH	0x8000000000UL	/* in the upper half of 40 bits */
#define ROM_BASE	0x10000000UL
#define CODE_BASE	0x18000000UL

/* Each byte has its sign bit set, or none has. */
#define DATA_NEGATIVE	0xf8f7f6f5f4f3f2f1ULL
#define DATA_POSITIVE	0x0807060504030201ULL

/* What is in register N unless it is told otherwise. */
#define REGISTER_FILL(n)	(0xa5a5000000000000ULL + (n))

/* An instruction's fields: the register to load or store, and the address's */
#define INSN_RT(n)	(n)
#define INSN_RN(n)	((n) << 5)
#define ZERO_REGISTER	31

/**
 * struct access - an instruction that accesses memory
 * @name: in assembly
 * @insn: encoding, with x0 for all its registers
 * @bytes: how many it accesses
 * @is_signed: a load that extends the sign
 * @bits: how many of a register a load writes
 */
static const struct access {
	const char *name;
	u32 insn;
	u8 bytes;
	bool is_signed;
	u8 bits;
} loads[] = {
	{ "ldrb wT, [xN]",	0x39400000, 1, false, 32 },
	{ "ldrh wT, [xN]",	0x79400000, 2, false, 32 },
	{ "ldr wT, [xN]",	0xb9400000, 4, false, 32 },
	{ "ldr xT, [xN]",	0xf9400000, 8, false, 64 },
	{ "ldrsb wT, [xN]",	0x39c00000, 1, true, 32 },
	{ "ldrsb xT, [xN]",	0x39800000, 1, true, 64 },
	{ "ldrsh wT, [xN]",	0x79c00000, 2, true, 32 },
	{ "ldrsh xT, [xN]",	0x79800000, 2, true, 64 },
	{ "ldrsw xT, [xN]",	0xb9800000, 4, true, 64 },
	{ "ldurb wT, [xN]",	0x38400000, 1, false, 32 },
	{ "ldursh xT, [xN]",	0x78800000, 2, true, 64 },
	{ "ldtr xT, [xN]",	0xf8400800, 8, false, 64 },
	{ "ldr xT, [xN, xzr]",	0xf87f6800, 8, false, 64 },
	{ "ldarb wT, [xN]",	0x08dffc00, 1, false, 32 },
	{ "ldarh wT, [xN]",	0x48dffc00, 2, false, 32 },
	{ "ldar wT, [xN]",	0x88dffc00, 4, false, 32 },
	{ "ldar xT, [xN]",	0xc8dffc00, 8, false, 64 },
}, stores[] = {
	{ "strb wT, [xN]",	0x39000000, 1, false, 0 },
	{ "strh wT, [xN]",	0x79000000, 2, false, 0 },
	{ "str wT, [xN]",	0xb9000000, 4, false, 0 },
	{ "str xT, [xN]",	0xf9000000, 8, false, 0 },
	{ "sturb wT, [xN]",	0x38000000, 1, false, 0 },
	{ "sttr xT, [xN]",	0xf8000800, 8, false, 0 },
	{ "str xT, [xN, xzr]",	0xf83f6800, 8, false, 0 },
	{ "stlrb wT, [xN]",	0x089ffc00, 1, false, 0 },
	{ "stlrh wT, [xN]",	0x489ffc00, 2, false, 0 },
	{ "stlr wT, [xN]",	0x889ffc00, 4, false, 0 },
	{ "stlr xT, [xN]",	0xc89ffc00, 8, false, 0 },
};

/* The guest */

static void guest_accesses_high(void)
{
	guest_write(MMIO_HIGH + 0x1238, DATA_POSITIVE);
	GUEST_ASSERT_EQ(DATA_NEGATIVE, guest_read(MMIO_HIGH + 0x1238));
}

static void guest_accesses_with_mmu_on(void)
{
	guest_mmu_on();
	guest_write(MMIO_BASE + 0x128, DATA_POSITIVE);
	GUEST_ASSERT_EQ(DATA_NEGATIVE, guest_read(MMIO_BASE + 0x128));
}

static void guest_loads_a_pair(void)
{
	u64 a = 1, b = 2;

	asm volatile("ldp %0, %1, [%2]" : "+r" (a), "+r" (b)
		     : "r" (MMIO_BASE) : "memory");
	guest_report(0, a, b);
}

static void guest_stores_with_writeback(void)
{
	u64 address = MMIO_BASE + 0x40;

	asm volatile("str %1, [%0], #8" : "+r" (address)
		     : "r" (DATA_POSITIVE) : "memory");
	guest_report(0, address, 0);
}

static void guest_writes_rom(void)
{
	GUEST_ASSERT_EQ(DATA_POSITIVE, guest_read(ROM_BASE + 8));
	guest_write(ROM_BASE + 8, DATA_NEGATIVE);
	GUEST_ASSERT_EQ(DATA_POSITIVE, guest_read(ROM_BASE + 8));
}

static void guest_maintains_nothing(void)
{
	asm volatile("dc civac, %0\n\tdc cvac, %0\n\tdsb sy"
		     : : "r" (MMIO_BASE) : "memory");
}

/* The host */

static void mmio_expect(struct vcpu *vcpu, bool is_write, u64 address, u32 bytes)
{
	struct kvm_run *run = vcpu->run;

	if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
		fail("exit %u, not for MMIO", run->exit_reason);
	if (run->mmio.phys_addr != address || run->mmio.is_write != is_write ||
	    run->mmio.len != bytes)
		fail("%s of %u bytes at %#llx, expected %s of %u at %#llx",
		     run->mmio.is_write ? "write" : "read", run->mmio.len,
		     run->mmio.phys_addr, is_write ? "write" : "read", bytes, address);
}

/* Expect an exit for a read, and answer it. */
static void mmio_read(struct vcpu *vcpu, u64 address, u32 bytes, u64 answer)
{
	mmio_expect(vcpu, false, address, bytes);
	memcpy(vcpu->run->mmio.data, &answer, sizeof(answer));
}

/* Expect an exit for a write. Return: what is written. */
static u64 mmio_write(struct vcpu *vcpu, u64 address, u32 bytes)
{
	u64 value = 0;

	mmio_expect(vcpu, true, address, bytes);
	memcpy(&value, vcpu->run->mmio.data, bytes);
	return value;
}

/* The low @bytes of a value */
static u64 low_bytes(u64 value, unsigned int bytes)
{
	return value & GENMASK(8 * bytes - 1, 0);
}

/* What a load leaves in its register */
static u64 loaded(const struct access *load, u64 value)
{
	unsigned int shift = 64 - 8 * load->bytes;

	if (!load->is_signed)
		return low_bytes(value, load->bytes);
	return low_bytes((u64)((s64)(value << shift) >> shift), load->bits / 8);
}

/*
 * A VM with nothing but one page for instructions, each of which is run by
 * itself and with all registers known.
 */
FIXTURE(instruction)
{
	struct vcpu *vcpu;
	u32 *code;
	u64 pc;
	bool is_setway;
};

FIXTURE_VARIANT(instruction)
{
	u64 data;
};

FIXTURE_VARIANT_ADD(instruction, negative)
{
	.data = DATA_NEGATIVE,
};

FIXTURE_VARIANT_ADD(instruction, positive)
{
	.data = DATA_POSITIVE,
};

FIXTURE_SETUP(instruction)
{
	struct vm *vm = vm_create();

	self->vcpu = vcpu_add(vm, 0);
	self->code = vm_memory_add(vm, 0, CODE_BASE, SZ_64K, 0);
	self->pc = CODE_BASE;
	self->is_setway = device_is_setway();
}

FIXTURE_TEARDOWN(instruction)
{
	vm_destroy(self->vcpu->vm);
}

/*
 * Let the vCPU stand before an instruction on register @rt with the address in
 * another. Each has a place of its own, so that no instruction cache is asked
 * twice. Return: the register with the address.
 */
static unsigned int instruction_set(struct _test_data_instruction *self,
				    const struct access *access, unsigned int rt)
{
	unsigned int n, rn = rt == 1 ? 2 : 1;
	u32 *insn;

	self->pc += sizeof(*insn);
	insn = &self->code[(self->pc - CODE_BASE) / sizeof(*insn)];
	*insn = access->insn | INSN_RT(rt) | INSN_RN(rn);
	__builtin___clear_cache((void *)insn, (void *)(insn + 1));
	for (n = 0; n <= 30; n++)
		reg_set(self->vcpu, REG_X(n), REGISTER_FILL(n));
	reg_set(self->vcpu, REG_X(rn), MMIO_BASE + 8 * rt);
	reg_set(self->vcpu, REG_SP_EL1, REGISTER_FILL(31));
	reg_set(self->vcpu, REG_PC, self->pc);
	return rn;
}

/* Finish the access without running on. */
static void instruction_finish(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!__vcpu_run(vcpu) || errno != EINTR)
		fail("an immediate exit did not come");
	vcpu->run->immediate_exit = 0;
}

/* Expect the registers to be as they were, but for @rt if it is one. */
static void registers_check(struct _test_data_instruction *self,
			    const struct access *access, unsigned int rt,
			    unsigned int rn, u64 value)
{
	u64 expected, seen;
	unsigned int n;

	for (n = 0; n <= 30; n++) {
		expected = n == rt ? value :
			   n == rn ? MMIO_BASE + 8 * rt : REGISTER_FILL(n);
		seen = reg_get(self->vcpu, REG_X(n));
		if (seen != expected)
			fail("'%s' with T=%u, N=%u leaves %#llx in x%u, not %#llx",
			     access->name, rt, rn, seen, n, expected);
	}
	if (reg_get(self->vcpu, REG_SP_EL1) != REGISTER_FILL(31))
		fail("'%s' with T=%u changes SP", access->name, rt);
	if (reg_get(self->vcpu, REG_PC) != self->pc + 4)
		fail("'%s': the guest is not at the next instruction", access->name);
}

/* KVM swaps bytes after it extends the sign, and loses it again (Linux 6.1). */
static bool kvm_loses_sign(struct _test_data_instruction *self,
			   const struct access *load, unsigned int rt, u64 data)
{
	return !self->is_setway && load->is_signed && rt != ZERO_REGISTER &&
	       reg_get(self->vcpu, REG_X(rt)) == low_bytes(data, load->bytes);
}

TEST_F(instruction, loads)
{
	const struct access *load;
	unsigned int rt, rn;

	for (load = loads; load < loads + ARRAY_SIZE(loads); load++) {
		for (rt = 0; rt <= ZERO_REGISTER; rt++) {
			rn = instruction_set(self, load, rt);
			mmio_read(self->vcpu, MMIO_BASE + 8 * rt, load->bytes,
				  variant->data);
			instruction_finish(self->vcpu);
			if (kvm_loses_sign(self, load, rt, variant->data))
				continue;
			registers_check(self, load, rt, rn,
					loaded(load, variant->data));
		}
	}
}

TEST_F(instruction, stores)
{
	const struct access *store;
	unsigned int rt, rn;
	u64 data, seen;

	for (store = stores; store < stores + ARRAY_SIZE(stores); store++) {
		for (rt = 0; rt <= ZERO_REGISTER; rt++) {
			rn = instruction_set(self, store, rt);
			data = rt == ZERO_REGISTER ? 0 : variant->data;
			if (rt != ZERO_REGISTER)
				reg_set(self->vcpu, REG_X(rt), data);
			seen = mmio_write(self->vcpu, MMIO_BASE + 8 * rt,
					  store->bytes);
			ASSERT_EQ(low_bytes(data, store->bytes), seen) {
				TH_LOG("'%s' with T=%u", store->name, rt);
			}
			instruction_finish(self->vcpu);
			registers_check(self, store, rt, rn, data);
		}
	}
}

TEST(upper_half_of_the_address_space)
{
	struct vcpu *vcpu = program_vcpu(guest_accesses_high);

	EXPECT_EQ(DATA_POSITIVE, mmio_write(vcpu, MMIO_HIGH + 0x1238, 8));
	mmio_read(vcpu, MMIO_HIGH + 0x1238, 8, DATA_NEGATIVE);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* What userspace writes to the page beside the data is no matter. */
TEST(is_completed_as_it_was_asked_for)
{
	struct vcpu *vcpu = program_vcpu(guest_accesses_high);

	EXPECT_EQ(DATA_POSITIVE, mmio_write(vcpu, MMIO_HIGH + 0x1238, 8));
	vcpu->run->mmio.is_write = 0;
	mmio_read(vcpu, MMIO_HIGH + 0x1238, 8, DATA_NEGATIVE);
	vcpu->run->mmio.is_write = 1;
	vcpu->run->mmio.len = 1;
	vcpu->run->mmio.phys_addr = 0;
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(with_the_mmu_on)
{
	struct vcpu *vcpu = program_vcpu(guest_accesses_with_mmu_on);

	EXPECT_EQ(DATA_POSITIVE, mmio_write(vcpu, MMIO_BASE + 0x128, 8));
	mmio_read(vcpu, MMIO_BASE + 0x128, 8, DATA_NEGATIVE);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* The syndrome does not say what a pair loads: nobody can emulate that. */
TEST(undescribed_access_is_an_error)
{
	struct vcpu *vcpu = program_vcpu(guest_loads_a_pair);
	u64 pc;

	EXPECT_ERRNO(ENOSYS, __vcpu_run(vcpu));
	pc = reg_get(vcpu, REG_PC);
	/* and stays one: the guest has not moved */
	EXPECT_ERRNO(ENOSYS, __vcpu_run(vcpu));
	EXPECT_EQ(pc, reg_get(vcpu, REG_PC));
	vm_destroy(vcpu->vm);
}

TEST(undescribed_access_goes_on_once_there_is_memory)
{
	struct vcpu *vcpu = program_vcpu(guest_loads_a_pair);
	struct ucall ucall;
	u64 *memory;

	EXPECT_ERRNO(ENOSYS, __vcpu_run(vcpu));
	memory = vm_memory_add(vcpu->vm, 1, MMIO_BASE, SZ_4K, 0);
	memory[0] = DATA_NEGATIVE;
	memory[1] = DATA_POSITIVE;
	program_run(vcpu, &ucall);
	EXPECT_EQ(DATA_NEGATIVE, ucall.args[1]);
	EXPECT_EQ(DATA_POSITIVE, ucall.args[2]);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

static void nisv_enable(struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };

	vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
}

TEST(undescribed_access_is_an_exit_if_asked_for)
{
	struct vcpu *vcpu = program_vcpu(guest_stores_with_writeback);
	struct kvm_run *run = vcpu->run;
	struct ucall ucall;
	u64 pc;

	nisv_enable(vcpu->vm);
	ASSERT_EQ(KVM_EXIT_ARM_NISV, vcpu_run(vcpu));
	EXPECT_EQ(MMIO_BASE + 0x40, run->arm_nisv.fault_ipa);
	/* ISS, ARM DDI 0487J.a, D19.2.37: WnR set, ISV clear */
	EXPECT_EQ(BIT(6), run->arm_nisv.esr_iss & BIT(6));
	EXPECT_EQ(0, run->arm_nisv.esr_iss & BIT(24));
	/* the guest stands at the instruction: it can be stepped over */
	pc = reg_get(vcpu, REG_PC);
	reg_set(vcpu, REG_PC, pc + 4);
	program_run(vcpu, &ucall);
	EXPECT_EQ(MMIO_BASE + 0x40, ucall.args[1]);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(writes_to_read_only_memory)
{
	struct vcpu *vcpu = program_vcpu(guest_writes_rom);
	u64 *rom = vm_memory_add(vcpu->vm, 1, ROM_BASE, SZ_4K, KVM_MEM_READONLY);

	rom[1] = DATA_POSITIVE;
	EXPECT_EQ(DATA_NEGATIVE, mmio_write(vcpu, ROM_BASE + 8, 8));
	EXPECT_EQ(DATA_POSITIVE, rom[1]);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(cache_maintenance_of_nothing_is_nothing)
{
	struct vcpu *vcpu = program_vcpu(guest_maintains_nothing);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
