// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses outside all memslots: each kind of load and store becomes an exit
 * that says what was accessed, and what userspace answers arrives in the right
 * register, extended as the instruction says.
 */
#include "lib/test.h"

#define MMIO_BASE	0x0a000000UL
#define MMIO_HIGH	0x8000000000UL	/* in the upper half of 40 bits */
#define ROM_BASE	0x10000000UL

/* Each byte has its sign bit set, or none has. */
#define DATA_NEGATIVE	0xf8f7f6f5f4f3f2f1ULL
#define DATA_POSITIVE	0x0807060504030201ULL

/* X(instruction, bytes, sign-extends, bits of the register written) */
#define LOADS(X)						\
	X("ldrb %w0, [%1]", 1, false, 32)			\
	X("ldrh %w0, [%1]", 2, false, 32)			\
	X("ldr %w0, [%1]", 4, false, 32)			\
	X("ldr %0, [%1]", 8, false, 64)				\
	X("ldrsb %w0, [%1]", 1, true, 32)			\
	X("ldrsb %0, [%1]", 1, true, 64)			\
	X("ldrsh %w0, [%1]", 2, true, 32)			\
	X("ldrsh %0, [%1]", 2, true, 64)			\
	X("ldrsw %0, [%1]", 4, true, 64)			\
	X("ldurb %w0, [%1]", 1, false, 32)			\
	X("ldursh %0, [%1]", 2, true, 64)			\
	X("ldtr %0, [%1]", 8, false, 64)			\
	X("ldr %0, [%1, xzr]", 8, false, 64)			\
	X("ldarb %w0, [%1]", 1, false, 32)			\
	X("ldarh %w0, [%1]", 2, false, 32)			\
	X("ldar %w0, [%1]", 4, false, 32)			\
	X("ldar %0, [%1]", 8, false, 64)

/* X(instruction, bytes, what arrives of the data: all or 0) */
#define STORES(X)						\
	X("strb %w0, [%1]", 1, ~0ULL)				\
	X("strh %w0, [%1]", 2, ~0ULL)				\
	X("str %w0, [%1]", 4, ~0ULL)				\
	X("str %0, [%1]", 8, ~0ULL)				\
	X("sturb %w0, [%1]", 1, ~0ULL)				\
	X("sttr %0, [%1]", 8, ~0ULL)				\
	X("stlrb %w0, [%1]", 1, ~0ULL)				\
	X("stlrh %w0, [%1]", 2, ~0ULL)				\
	X("stlr %w0, [%1]", 4, ~0ULL)				\
	X("stlr %0, [%1]", 8, ~0ULL)				\
	X("strb wzr, [%1]", 1, 0ULL)				\
	X("strh wzr, [%1]", 2, 0ULL)				\
	X("str wzr, [%1]", 4, 0ULL)				\
	X("str xzr, [%1]", 8, 0ULL)

/* X(register, two others) */
#define REGISTERS(X)						\
	X(0, 16, 17) X(1, 16, 17) X(2, 16, 17) X(3, 16, 17)	\
	X(4, 16, 17) X(5, 16, 17) X(6, 16, 17) X(7, 16, 17)	\
	X(8, 16, 17) X(9, 16, 17) X(10, 16, 17) X(11, 16, 17)	\
	X(12, 16, 17) X(13, 16, 17) X(14, 16, 17) X(15, 16, 17)	\
	X(16, 14, 15) X(17, 14, 15) X(18, 16, 17) X(19, 16, 17)	\
	X(20, 16, 17) X(21, 16, 17) X(22, 16, 17) X(23, 16, 17)	\
	X(24, 16, 17) X(25, 16, 17) X(26, 16, 17) X(27, 16, 17)	\
	X(28, 16, 17) X(29, 16, 17) X(30, 16, 17)

/* What the host does not get to see in the register must be overwritten. */
#define GUEST_LOAD(instruction, bytes, is_signed, bits) {	\
	value = 0xa5a5a5a5a5a5a5a5;				\
	asm volatile(instruction : "+r" (value)			\
		     : "r" (MMIO_BASE) : "memory");		\
	guest_report(__COUNTER__, value, 0);			\
}

static void guest_loads(void)
{
	u64 value;

	LOADS(GUEST_LOAD)
}

#define GUEST_STORE(instruction, bytes, mask)			\
	asm volatile(instruction				\
		     : : "r" (DATA_NEGATIVE), "r" (MMIO_BASE) : "memory");

static void guest_stores(void)
{
	STORES(GUEST_STORE)
}

/* Save xN in y, use x as the address and then for the result, restore xN. */
#define GUEST_LOAD_REGISTER(n, x, y)				\
	asm volatile("mov x" #x ", %1\n\t"			\
		     "mov x" #y ", x" #n "\n\t"			\
		     "ldr x" #n ", [x" #x "]\n\t"		\
		     "mov x" #x ", x" #n "\n\t"			\
		     "mov x" #n ", x" #y "\n\t"			\
		     "mov %0, x" #x				\
		     : "=r" (value) : "r" (MMIO_BASE + 8 * (n))	\
		     : "x" #x, "x" #y, "memory");		\
	guest_report(n, value, 0);

static void guest_loads_into_each_register(void)
{
	u64 value;

	REGISTERS(GUEST_LOAD_REGISTER)
}

#define GUEST_STORE_REGISTER(n, x, y)				\
	asm volatile("mov x" #x ", %1\n\t"			\
		     "mov x" #y ", x" #n "\n\t"			\
		     "mov x" #n ", %0\n\t"			\
		     "str x" #n ", [x" #x "]\n\t"		\
		     "mov x" #n ", x" #y			\
		     : : "r" (DATA_NEGATIVE + (n)),		\
		     "r" (MMIO_BASE + 8 * (n))			\
		     : "x" #x, "x" #y, "memory");

static void guest_stores_from_each_register(void)
{
	REGISTERS(GUEST_STORE_REGISTER)
}

static void guest_loads_into_nowhere(void)
{
	u64 before, after;

	asm volatile("mov %0, sp\n\t"
		     "ldr xzr, [%2]\n\t"
		     "ldrsb wzr, [%2]\n\t"
		     "mov %1, sp"
		     : "=&r" (before), "=r" (after) : "r" (MMIO_BASE) : "memory");
	GUEST_ASSERT_EQ(before, after);
}

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

/* Expect an exit for a read, and answer it. */
#define ANSWER_READ(vcpu, address, bytes, answer) do {			\
	u64 __answer = (answer);					\
									\
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));			\
	ASSERT_EQ((u64)(address), (vcpu)->run->mmio.phys_addr);		\
	EXPECT_EQ(0, (vcpu)->run->mmio.is_write);			\
	EXPECT_EQ(bytes, (vcpu)->run->mmio.len);			\
	memcpy((vcpu)->run->mmio.data, &__answer, sizeof(__answer));	\
} while (0)

/* Expect an exit for a write. */
#define EXPECT_WRITE(vcpu, address, bytes, value) do {			\
	u64 __value = 0;						\
									\
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));			\
	ASSERT_EQ((u64)(address), (vcpu)->run->mmio.phys_addr);		\
	EXPECT_EQ(1, (vcpu)->run->mmio.is_write);			\
	EXPECT_EQ(bytes, (vcpu)->run->mmio.len);			\
	memcpy(&__value, (vcpu)->run->mmio.data, bytes);		\
	EXPECT_EQ((u64)(value), __value);				\
} while (0)

/* The low @bytes of a value */
static u64 low_bytes(u64 value, unsigned int bytes)
{
	return value & GENMASK(8 * bytes - 1, 0);
}

static u64 extended(u64 value, unsigned int bytes, bool is_signed, unsigned int bits)
{
	unsigned int shift = 64 - 8 * bytes;

	if (!is_signed)
		return low_bytes(value, bytes);
	return low_bytes((u64)((s64)(value << shift) >> shift), bits / 8);
}

static const struct load {
	const char *instruction;
	unsigned int bytes;
	bool is_signed;
	unsigned int bits;
} loads[] = {
#define LOAD_ROW(...)	{ __VA_ARGS__ },
	LOADS(LOAD_ROW)
};

static const struct store {
	const char *instruction;
	unsigned int bytes;
	u64 mask;
} stores[] = {
#define STORE_ROW(...)	{ __VA_ARGS__ },
	STORES(STORE_ROW)
};

FIXTURE(loads)
{
	struct vcpu *vcpu;
};

FIXTURE_VARIANT(loads)
{
	u64 data;
};

FIXTURE_VARIANT_ADD(loads, of_negative_numbers)
{
	.data = DATA_NEGATIVE,
};

FIXTURE_VARIANT_ADD(loads, of_positive_numbers)
{
	.data = DATA_POSITIVE,
};

FIXTURE_SETUP(loads)
{
	self->vcpu = program_vcpu(guest_loads);
}

FIXTURE_TEARDOWN(loads)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(loads, each_size_and_sign)
{
	bool setway = device_is_setway();
	const struct load *load;
	struct ucall ucall;

	for (load = loads; load < loads + ARRAY_SIZE(loads); load++) {
		ANSWER_READ(self->vcpu, MMIO_BASE, load->bytes, variant->data);
		program_run(self->vcpu, &ucall);
		/* KVM's byte swapping (Linux 6.1) loses the sign again */
		if (load->is_signed && !setway && ucall.args[1] ==
		    low_bytes(variant->data, load->bytes))
			continue;
		EXPECT_EQ(extended(variant->data, load->bytes, load->is_signed,
				   load->bits), ucall.args[1])
			TH_LOG("%s gives %#llx", load->instruction, ucall.args[1]);
	}
	program_finish(self->vcpu);
}

TEST(stores_of_each_size)
{
	struct vcpu *vcpu = program_vcpu(guest_stores);
	const struct store *store;

	for (store = stores; store < stores + ARRAY_SIZE(stores); store++)
		EXPECT_WRITE(vcpu, MMIO_BASE, store->bytes,
			     low_bytes(DATA_NEGATIVE & store->mask, store->bytes));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(loads_into_each_register)
{
	struct vcpu *vcpu = program_vcpu(guest_loads_into_each_register);
	struct ucall ucall;
	unsigned int n;

	for (n = 0; n <= 30; n++) {
		ANSWER_READ(vcpu, MMIO_BASE + 8 * n, 8, DATA_NEGATIVE + n);
		program_run(vcpu, &ucall);
		EXPECT_EQ(n, ucall.args[0]);
		EXPECT_EQ(DATA_NEGATIVE + n, ucall.args[1]);
	}
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(stores_from_each_register)
{
	struct vcpu *vcpu = program_vcpu(guest_stores_from_each_register);
	unsigned int n;

	for (n = 0; n <= 30; n++)
		EXPECT_WRITE(vcpu, MMIO_BASE + 8 * n, 8, DATA_NEGATIVE + n);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* Register 31 is the zero register, not the stack pointer. */
TEST(loads_into_the_zero_register_are_lost)
{
	struct vcpu *vcpu = program_vcpu(guest_loads_into_nowhere);

	ANSWER_READ(vcpu, MMIO_BASE, 8, DATA_NEGATIVE);
	ANSWER_READ(vcpu, MMIO_BASE, 1, DATA_NEGATIVE);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(upper_half_of_the_address_space)
{
	struct vcpu *vcpu = program_vcpu(guest_accesses_high);

	EXPECT_WRITE(vcpu, MMIO_HIGH + 0x1238, 8, DATA_POSITIVE);
	ANSWER_READ(vcpu, MMIO_HIGH + 0x1238, 8, DATA_NEGATIVE);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(with_the_mmu_on)
{
	struct vcpu *vcpu = program_vcpu(guest_accesses_with_mmu_on);

	EXPECT_WRITE(vcpu, MMIO_BASE + 0x128, 8, DATA_POSITIVE);
	ANSWER_READ(vcpu, MMIO_BASE + 0x128, 8, DATA_NEGATIVE);
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
	EXPECT_WRITE(vcpu, ROM_BASE + 8, 8, DATA_NEGATIVE);
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
