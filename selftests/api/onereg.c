// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST.
 */
#include "../lib/test.h"

#define PATTERN		0x0123456789abcdefULL
#define GUEST_PATTERN	0x0000456789abc000ULL

/* EL1 registers that hold what is written, at least where @mask has ones. */
static const struct el1_register {
	const char *name;
	u64 id;
	u64 mask;
} el1_registers[] = {
	{ "TTBR0_EL1", REG_TTBR0_EL1, ~0ULL },
	{ "TTBR1_EL1", REG_TTBR1_EL1, ~0ULL },
	{ "TCR_EL1", REG_TCR_EL1, 0xffff },
	{ "ESR_EL1", REG_ESR_EL1, 0xffffffff },
	{ "FAR_EL1", REG_FAR_EL1, ~0ULL },
	{ "AFSR0_EL1", REG_AFSR0_EL1, 0 },
	{ "AFSR1_EL1", REG_AFSR1_EL1, 0 },
	{ "MAIR_EL1", REG_MAIR_EL1, ~0ULL },
	{ "AMAIR_EL1", REG_AMAIR_EL1, 0 },
	{ "VBAR_EL1", REG_VBAR_EL1, ~0x7ffULL },
	{ "CONTEXTIDR_EL1", REG_CONTEXTIDR_EL1, 0xffffffff },
	{ "TPIDR_EL0", REG_TPIDR_EL0, ~0ULL },
	{ "TPIDRRO_EL0", REG_TPIDRRO_EL0, ~0ULL },
	{ "TPIDR_EL1", REG_TPIDR_EL1, ~0ULL },
	{ "CPACR_EL1", REG_CPACR_EL1, 3 << 20 },
	{ "CNTKCTL_EL1", REG_CNTKCTL_EL1, 3 },
	{ "PAR_EL1", REG_PAR_EL1, 0 },
	{ "SCTLR_EL1", REG_SCTLR_EL1, 0 },
};

/* The guest changes registers, and finds what the host made of them. */
static void guest_exchanges(void)
{
	u64 value;

	asm volatile("msr ttbr1_el1, %0\n\t"
		     "msr tpidr_el0, %0\n\t"
		     "msr tpidrro_el0, %0\n\t"
		     "msr far_el1, %0\n\t"
		     "msr elr_el1, %0\n\t"
		     "msr sp_el0, %0" : : "r" (GUEST_PATTERN));
	guest_sync(0);
	asm volatile("mrs %0, ttbr1_el1" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_PATTERN + 0x1000, value);
	asm volatile("mrs %0, tpidr_el0" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_PATTERN + 0x2000, value);
	asm volatile("mrs %0, tpidrro_el0" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_PATTERN + 0x3000, value);
	asm volatile("mrs %0, far_el1" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_PATTERN + 0x4000, value);
	asm volatile("mrs %0, elr_el1" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_PATTERN + 0x5000, value);
	asm volatile("mrs %0, sp_el0" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_PATTERN + 0x6000, value);
}

static void guest_identifies(void)
{
	u64 midr, mpidr;

	asm volatile("mrs %0, midr_el1" : "=r" (midr));
	asm volatile("mrs %0, mpidr_el1" : "=r" (mpidr));
	guest_report(0, midr, mpidr);
}

FIXTURE(onereg)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(onereg)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
}

FIXTURE_TEARDOWN(onereg)
{
	vm_destroy(self->vm);
}

static size_t register_size(u64 id)
{
	return 1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

static bool list_has(struct kvm_reg_list *list, u64 id)
{
	u64 i;

	for (i = 0; i < list->n; i++) {
		if (list->reg[i] == id)
			return true;
	}
	return false;
}

TEST_F(onereg, core_registers)
{
	unsigned int n;

	for (n = 0; n <= 30; n++)
		reg_set(self->vcpu, REG_X(n), PATTERN + n);
	reg_set(self->vcpu, REG_SP_EL0, PATTERN + 31);
	reg_set(self->vcpu, REG_PC, PATTERN + 32);
	reg_set(self->vcpu, REG_SP_EL1, PATTERN + 33);
	reg_set(self->vcpu, REG_ELR_EL1, PATTERN + 34);
	reg_set(self->vcpu, REG_SPSR_EL1, 0x60000005);
	for (n = 0; n <= 30; n++)
		EXPECT_EQ(PATTERN + n, reg_get(self->vcpu, REG_X(n)));
	EXPECT_EQ(PATTERN + 31, reg_get(self->vcpu, REG_SP_EL0));
	EXPECT_EQ(PATTERN + 32, reg_get(self->vcpu, REG_PC));
	EXPECT_EQ(PATTERN + 33, reg_get(self->vcpu, REG_SP_EL1));
	EXPECT_EQ(PATTERN + 34, reg_get(self->vcpu, REG_ELR_EL1));
	EXPECT_EQ(0x60000005, reg_get(self->vcpu, REG_SPSR_EL1));
}

TEST_F(onereg, el1_registers)
{
	const struct el1_register *reg;
	u64 pattern = 0x0000456789abc005;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(el1_registers); i++) {
		reg = &el1_registers[i];
		reg_set(self->vcpu, reg->id, pattern + (i << 16));
	}
	for (i = 0; i < ARRAY_SIZE(el1_registers); i++) {
		reg = &el1_registers[i];
		EXPECT_EQ((pattern + (i << 16)) & reg->mask,
			  reg_get(self->vcpu, reg->id) & reg->mask)
			TH_LOG("%s", reg->name);
	}
}

TEST_F(onereg, guest_and_host_mean_the_same)
{
	struct vcpu *vcpu = self->vcpu;

	program_enter(vcpu, guest_exchanges, 0, 0, 0);
	program_run_to(vcpu, 0);
	EXPECT_EQ(GUEST_PATTERN, reg_get(vcpu, REG_TTBR1_EL1));
	EXPECT_EQ(GUEST_PATTERN, reg_get(vcpu, REG_TPIDR_EL0));
	EXPECT_EQ(GUEST_PATTERN, reg_get(vcpu, REG_TPIDRRO_EL0));
	EXPECT_EQ(GUEST_PATTERN, reg_get(vcpu, REG_FAR_EL1));
	EXPECT_EQ(GUEST_PATTERN, reg_get(vcpu, REG_ELR_EL1));
	EXPECT_EQ(GUEST_PATTERN, reg_get(vcpu, REG_SP_EL0));
	reg_set(vcpu, REG_TTBR1_EL1, GUEST_PATTERN + 0x1000);
	reg_set(vcpu, REG_TPIDR_EL0, GUEST_PATTERN + 0x2000);
	reg_set(vcpu, REG_TPIDRRO_EL0, GUEST_PATTERN + 0x3000);
	reg_set(vcpu, REG_FAR_EL1, GUEST_PATTERN + 0x4000);
	reg_set(vcpu, REG_ELR_EL1, GUEST_PATTERN + 0x5000);
	reg_set(vcpu, REG_SP_EL0, GUEST_PATTERN + 0x6000);
	program_finish(vcpu);
}

TEST_F(onereg, identity)
{
	struct vcpu *other = vcpu_add(self->vm, 0x21);
	struct ucall ucall;

	program_enter(self->vcpu, guest_identifies, 0, 0, 0);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(ucall.args[1], reg_get(self->vcpu, REG_MIDR_EL1));
	EXPECT_EQ(ucall.args[2], reg_get(self->vcpu, REG_MPIDR_EL1));
	EXPECT_EQ(0, ucall.args[2] & 0xffffff);
	/* 16 vCPUs to a cluster */
	EXPECT_EQ(0x201, reg_get(other, REG_MPIDR_EL1) & 0xffffff);
}

TEST_F(onereg, list)
{
	struct kvm_reg_list *list = reg_list(self->vcpu);
	unsigned int i;

	for (i = 0; i <= 30; i++)
		EXPECT_TRUE(list_has(list, REG_X(i)));
	for (i = 0; i <= 31; i++)
		EXPECT_TRUE(list_has(list, REG_V(i)));
	EXPECT_TRUE(list_has(list, REG_PC));
	EXPECT_TRUE(list_has(list, REG_PSTATE));
	EXPECT_TRUE(list_has(list, REG_FPSR));
	EXPECT_TRUE(list_has(list, REG_FPCR));
	for (i = 0; i < ARRAY_SIZE(el1_registers); i++) {
		EXPECT_TRUE(list_has(list, el1_registers[i].id))
			TH_LOG("%s", el1_registers[i].name);
	}
	free(list);
}

TEST_F(onereg, list_has_each_register_once)
{
	struct kvm_reg_list *list = reg_list(self->vcpu);
	u64 i, j;

	for (i = 0; i < list->n; i++) {
		for (j = i + 1; j < list->n; j++)
			EXPECT_NE(list->reg[i], list->reg[j]);
	}
	free(list);
}

/* So can a VMM save a vCPU and bring it back. */
TEST_F(onereg, every_register_can_be_read_and_written_back)
{
	struct kvm_reg_list *list = reg_list(self->vcpu);
	u8 value[256];
	u64 i;

	for (i = 0; i < list->n; i++) {
		ASSERT_GE(sizeof(value), register_size(list->reg[i]));
		EXPECT_EQ(0, __reg_get(self->vcpu, list->reg[i], value))
			TH_LOG("get %#llx: %s", list->reg[i], strerror(errno));
		EXPECT_EQ(0, __reg_set(self->vcpu, list->reg[i], value))
			TH_LOG("set %#llx: %s", list->reg[i], strerror(errno));
	}
	free(list);
}

TEST_F(onereg, list_too_short)
{
	struct kvm_reg_list list = { .n = 0 };
	u64 n;

	EXPECT_ERRNO(E2BIG, ioctl(self->vcpu->fd, KVM_GET_REG_LIST, &list));
	n = list.n;
	EXPECT_LT(60, n);
	list.n = 0;
	EXPECT_ERRNO(E2BIG, ioctl(self->vcpu->fd, KVM_GET_REG_LIST, &list));
	EXPECT_EQ(n, list.n);
	EXPECT_ERRNO(EFAULT, ioctl(self->vcpu->fd, KVM_GET_REG_LIST, BAD_ADDRESS));
}

TEST_F(onereg, unknown_registers)
{
	u64 sizeless = REG_X(0) & ~KVM_REG_SIZE_MASK;
	u64 value[32] = { 0 };
	unsigned int i;
	const u64 unknown[] = {
		/* no such group */
		KVM_REG_ARM64 | KVM_REG_SIZE_U64 | 0xfffULL << KVM_REG_ARM_COPROC_SHIFT,
		/* past the last core register */
		KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | 0xffff,
		/* no such system register */
		ARM64_SYS_REG(3, 7, 15, 15, 7),
		ARM64_SYS_REG(0, 0, 0, 0, 0),
		/* it is not for a guest at EL1 to have */
		ARM64_SYS_REG(3, 4, 1, 1, 0),
		/* no such number of bits */
		KVM_REG_ARM64 | KVM_REG_SIZE_U128 | (REG_TTBR0_EL1 & 0xffffff),
	};

	const u64 foreign[] = { 0, ~0ULL, KVM_REG_X86 | KVM_REG_SIZE_U64 };

	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		EXPECT_ERRNO(EINVAL, __reg_get(self->vcpu, foreign[i], value));
		EXPECT_ERRNO(EINVAL, __reg_set(self->vcpu, foreign[i], value));
	}
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(ENOENT, ERRNO_OF(__reg_get(self->vcpu, unknown[i], value)))
			TH_LOG("get %#llx", unknown[i]);
		EXPECT_EQ(ENOENT, ERRNO_OF(__reg_set(self->vcpu, unknown[i], value)))
			TH_LOG("set %#llx", unknown[i]);
	}
	/* a core register's size is part of its name */
	EXPECT_ERRNO(EINVAL, __reg_get(self->vcpu, sizeless | KVM_REG_SIZE_U32, value));
	EXPECT_ERRNO(EINVAL, __reg_set(self->vcpu, sizeless | KVM_REG_SIZE_U32, value));
	EXPECT_ERRNO(EINVAL, __reg_get(self->vcpu, sizeless | KVM_REG_SIZE_U128, value));
	EXPECT_ERRNO(EINVAL, __reg_get(self->vcpu, REG_X(0) + 1, value));
}

/* A CPU without AArch32 has 0 in its ID registers, and ignores what is written. */
TEST_F(onereg, aarch32_ids_without_aarch32)
{
	const u64 pfr0 = ARM64_SYS_REG(3, 0, 0, 1, 0), afr0 = ARM64_SYS_REG(3, 0, 0, 1, 3);
	u64 value = PATTERN;

	if ((reg_get(self->vcpu, ARM64_SYS_REG(3, 0, 0, 4, 0)) & 0xf) != 1)
		SKIP(return, "the CPU has AArch32");
	EXPECT_EQ(0, reg_get(self->vcpu, pfr0));
	EXPECT_EQ(0, __reg_set(self->vcpu, pfr0, &value));
	EXPECT_EQ(0, reg_get(self->vcpu, pfr0));
	/* but those that are 0 everywhere */
	EXPECT_ERRNO(EINVAL, __reg_set(self->vcpu, afr0, &value));
}

TEST_F(onereg, bad_pointers)
{
	EXPECT_ERRNO(EFAULT, __reg_get(self->vcpu, REG_X(0), BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, __reg_set(self->vcpu, REG_X(0), BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, __reg_get(self->vcpu, REG_TTBR0_EL1, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, __reg_set(self->vcpu, REG_TTBR0_EL1, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, ioctl(self->vcpu->fd, KVM_GET_ONE_REG, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, ioctl(self->vcpu->fd, KVM_SET_ONE_REG, BAD_ADDRESS));
}

/* The guest must not get where it is not to be, EL2 above all. */
TEST_F(onereg, modes)
{
	static const u64 good[] = { 0x0, 0x4, 0x5, 0x3c5 };
	static const u64 bad[] = { 0x1, 0x8, 0x9, 0xc, 0xd, 0xf, 0x3c9, 0x1f };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		reg_set(self->vcpu, REG_PSTATE, good[i]);
		EXPECT_EQ(good[i], reg_get(self->vcpu, REG_PSTATE));
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(EINVAL, ERRNO_OF(__reg_set(self->vcpu, REG_PSTATE, &bad[i])))
			TH_LOG("PSTATE %#llx", bad[i]);
	}
	EXPECT_EQ(0x3c5, reg_get(self->vcpu, REG_PSTATE));
}

/* What the CPU is, is not for the VMM to say. */
TEST_F(onereg, identity_cannot_be_changed)
{
	u64 midr = reg_get(self->vcpu, REG_MIDR_EL1);
	u64 other = midr ^ 1;

	EXPECT_EQ(0, __reg_set(self->vcpu, REG_MIDR_EL1, &midr));
	EXPECT_ERRNO(EINVAL, __reg_set(self->vcpu, REG_MIDR_EL1, &other));
	EXPECT_EQ(midr, reg_get(self->vcpu, REG_MIDR_EL1));
}

TEST_HARNESS_MAIN
