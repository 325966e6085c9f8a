// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a 32-bit guest gets from the hypervisor: exceptions with the banked registers,
 * vectors and syndromes of AArch32, coprocessor registers that are trapped, and how
 * an instruction is left behind that was answered.
 */
#include "lib/test.h"

#define MMIO_BASE	0x0a000000UL
#define CODE_BASE	0x18000000UL
#define VECTORS		(CODE_BASE + 0x1000)
#define VECTORS_HIGH	0xffff0000UL
#define MEMORY_SIZE	0x10000UL

/* PSTATE of AArch32 (ARM DDI 0487J.a, C5.2.19) */
#define PSTATE_USR	0x10
#define PSTATE_IRQ	0x12
#define PSTATE_SVC	0x13
#define PSTATE_ABT	0x17
#define PSTATE_UND	0x1b
#define PSTATE_SYS	0x1f
#define PSTATE_T	BIT(5)
#define PSTATE_F	BIT(6)
#define PSTATE_I	BIT(7)
#define PSTATE_A	BIT(8)
#define PSTATE_E	BIT(9)
#define PSTATE_IT	0x600fc00
#define PSTATE_Q	BIT(27)
#define PSTATE_V	BIT(28)
#define PSTATE_C	BIT(29)
#define PSTATE_Z	BIT(30)

/* SCTLR (G8.2.126), TTBCR */
#define SCTLR_V		BIT(13)
#define SCTLR_EE	BIT(25)
#define SCTLR_TE	BIT(30)
#define TTBCR_EAE	BIT(31)

/* DFSR and IFSR (G8.2.44) of a synchronous external abort */
#define FSR_SHORT	0x008
#define FSR_LPAE	0x210
#define FSR_WNR		BIT(11)

#define VECTOR_UND	0x04
#define VECTOR_PABT	0x0c
#define VECTOR_DABT	0x10

#define REG_IFSR32_EL2	ARM64_SYS_REG(3, 4, 5, 0, 1)
#define REG_LR_ABT	REG_X(20)
#define REG_LR_UND	REG_X(22)

/* A32; R3 is where MMIO is */
#define A32_EXIT	0xe5830000	/* str r0, [r3] */
#define A32_LOAD	0xe5930000	/* ldr r0, [r3] */
#define A32_JUMP	0xe12fff13	/* bx r3 */
#define A32_PMCR	0xee190f1c	/* mrc p15, 0, r0, c9, c12, 0: there is no PMU */
/* T32, two halfwords */
#define T32_EXIT	0xbf006018	/* str r0, [r3]; nop */
#define T32_PMCR	0x0f1cee19

FIXTURE(aarch32) {
	struct vm *vm;
	struct vcpu *vcpu;
	u32 *code;
	u32 *vectors;
	u32 *high;
};

FIXTURE_SETUP(aarch32)
{
	u32 i;

	self->vm = vm_create();
	if (vm_ioctl(self->vm, KVM_CHECK_EXTENSION, (void *)KVM_CAP_ARM_EL1_32BIT) != 1)
		SKIP(return, "the CPU has no AArch32 at EL1");
	self->code = vm_memory_add(self->vm, 0, CODE_BASE, MEMORY_SIZE, 0);
	self->high = vm_memory_add(self->vm, 1, VECTORS_HIGH, MEMORY_SIZE, 0);
	self->vectors = self->code + (VECTORS - CODE_BASE) / sizeof(u32);
	for (i = 0; i < 8; i++)
		self->vectors[i] = self->high[i] = A32_EXIT;
	self->vcpu = vcpu_create(self->vm, 0);
	vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_EL1_32BIT));
	reg_set(self->vcpu, REG_VBAR_EL1, VECTORS);
	reg_set(self->vcpu, REG_X(3), MMIO_BASE);
	reg_set(self->vcpu, REG_PC, CODE_BASE);
}

FIXTURE_TEARDOWN(aarch32)
{
	vm_destroy(self->vm);
}

/* Run from the start of @code to the next exit. */
static void run(struct _test_data_aarch32 *self, u64 pstate)
{
	reg_set(self->vcpu, REG_PSTATE, pstate);
	if (vcpu_run(self->vcpu) != KVM_EXIT_MMIO)
		fail("exit %u", self->vcpu->run->exit_reason);
}

static void sctlr(struct vcpu *vcpu, u64 set, u64 clear)
{
	reg_set(vcpu, REG_SCTLR_EL1, (reg_get(vcpu, REG_SCTLR_EL1) | set) & ~clear);
}

#define EXPECT_TAKEN(self, vector, mode, lr, address) do {			\
	EXPECT_EQ(vector, reg_get((self)->vcpu, REG_PC));			\
	EXPECT_EQ(mode, reg_get((self)->vcpu, REG_PSTATE));			\
	EXPECT_EQ(address, (u32)reg_get((self)->vcpu, lr));			\
} while (0)

TEST_F(aarch32, undefined)
{
	u64 from = PSTATE_SVC | PSTATE_F | PSTATE_C | PSTATE_Q;

	self->code[0] = A32_PMCR;
	run(self, from);
	EXPECT_TAKEN(self, VECTORS + VECTOR_UND, PSTATE_UND | PSTATE_F | PSTATE_I | PSTATE_C |
		     PSTATE_Q, REG_LR_UND, CODE_BASE + 4);
	EXPECT_EQ(from, reg_get(self->vcpu, REG_CORE_U64(spsr[KVM_SPSR_UND])));
}

TEST_F(aarch32, undefined_in_thumb)
{
	u64 from = PSTATE_SYS | PSTATE_T | PSTATE_Z | 0x400;	/* IT: cond EQ, more to come */

	self->code[0] = T32_PMCR;
	run(self, from);
	EXPECT_TAKEN(self, VECTORS + VECTOR_UND, PSTATE_UND | PSTATE_I | PSTATE_Z, REG_LR_UND,
		     CODE_BASE + 2);
	EXPECT_EQ(from, reg_get(self->vcpu, REG_CORE_U64(spsr[KVM_SPSR_UND])));
}

TEST_F(aarch32, undefined_to_high_vectors)
{
	self->code[0] = A32_PMCR;
	sctlr(self->vcpu, SCTLR_V, 0);
	run(self, PSTATE_USR);
	EXPECT_TAKEN(self, VECTORS_HIGH + VECTOR_UND, PSTATE_UND | PSTATE_I, REG_LR_UND,
		     CODE_BASE + 4);
}

TEST_F(aarch32, undefined_to_thumb)
{
	self->code[0] = A32_PMCR;
	self->vectors[VECTOR_UND / sizeof(u32)] = T32_EXIT;
	sctlr(self->vcpu, SCTLR_TE | SCTLR_EE, 0);
	run(self, PSTATE_IRQ);
	EXPECT_TAKEN(self, VECTORS + VECTOR_UND, PSTATE_UND | PSTATE_I | PSTATE_T | PSTATE_E,
		     REG_LR_UND, CODE_BASE + 4);
}

TEST_F(aarch32, prefetch_abort)
{
	self->code[0] = A32_JUMP;
	run(self, PSTATE_SVC | PSTATE_V);
	EXPECT_TAKEN(self, VECTORS + VECTOR_PABT, PSTATE_ABT | PSTATE_I | PSTATE_A | PSTATE_V,
		     REG_LR_ABT, MMIO_BASE + 4);
	EXPECT_EQ(PSTATE_SVC | PSTATE_V, reg_get(self->vcpu, REG_CORE_U64(spsr[KVM_SPSR_ABT])));
	EXPECT_EQ(FSR_SHORT, reg_get(self->vcpu, REG_IFSR32_EL2));
	EXPECT_EQ(MMIO_BASE, reg_get(self->vcpu, REG_FAR_EL1) >> 32);
}

TEST_F(aarch32, prefetch_abort_of_lpae)
{
	self->code[0] = A32_JUMP;
	reg_set(self->vcpu, REG_TCR_EL1, TTBCR_EAE);
	run(self, PSTATE_USR);
	EXPECT_TAKEN(self, VECTORS + VECTOR_PABT, PSTATE_ABT | PSTATE_I | PSTATE_A, REG_LR_ABT,
		     MMIO_BASE + 4);
	EXPECT_EQ(FSR_LPAE, reg_get(self->vcpu, REG_IFSR32_EL2));
}

/* The access that userspace is asked about becomes an abort. */
static void abort_access(struct _test_data_aarch32 *self, u32 access, u64 pstate)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	self->code[0] = access;
	run(self, pstate);
	if (ioctl(self->vcpu->fd, KVM_SET_VCPU_EVENTS, &events))
		fail("no abort: %s", strerror(errno));
	if (vcpu_run(self->vcpu) != KVM_EXIT_MMIO)
		fail("exit %u", self->vcpu->run->exit_reason);
}

TEST_F(aarch32, data_abort)
{
	reg_set(self->vcpu, REG_X(0), 0x1234);
	abort_access(self, A32_LOAD, PSTATE_SYS);
	EXPECT_TAKEN(self, VECTORS + VECTOR_DABT, PSTATE_ABT | PSTATE_I | PSTATE_A, REG_LR_ABT,
		     CODE_BASE + 8);
	EXPECT_EQ(PSTATE_SYS, reg_get(self->vcpu, REG_CORE_U64(spsr[KVM_SPSR_ABT])));
	EXPECT_EQ(FSR_SHORT, reg_get(self->vcpu, REG_ESR_EL1));
	EXPECT_EQ(MMIO_BASE, (u32)reg_get(self->vcpu, REG_FAR_EL1));
	EXPECT_EQ(0x1234, reg_get(self->vcpu, REG_X(0)));
}

TEST_F(aarch32, data_abort_of_a_store)
{
	if (!device_is_setway())
		SKIP(return, "KVM does not say that it was one");
	reg_set(self->vcpu, REG_TCR_EL1, TTBCR_EAE);
	abort_access(self, A32_EXIT, PSTATE_SVC);
	EXPECT_TAKEN(self, VECTORS + VECTOR_DABT, PSTATE_ABT | PSTATE_I | PSTATE_A, REG_LR_ABT,
		     CODE_BASE + 8);
	EXPECT_EQ(FSR_LPAE | FSR_WNR, reg_get(self->vcpu, REG_ESR_EL1));
}

/* Coprocessor registers that trap */

TEST_F(aarch32, writes_to_halves)
{
	static const u32 code[] = {
		0xee061f50,	/* mcr p15, 0, r1, c6, c0, 2: IFAR */
		0xee062f10,	/* mcr p15, 0, r2, c6, c0, 0: DFAR */
		0xee0a1f12,	/* mcr p15, 0, r1, c10, c2, 0: MAIR0 */
		0xee0a2f32,	/* mcr p15, 0, r2, c10, c2, 1: MAIR1 */
		0xee0d1f30,	/* mcr p15, 0, r1, c13, c0, 1: CONTEXTIDR */
		0xee051f30,	/* mcr p15, 0, r1, c5, c0, 1: IFSR */
		0xec421f02,	/* mcrr p15, 0, r1, r2, c2: TTBR0 */
		0xec412f12,	/* mcrr p15, 1, r2, r1, c2: TTBR1 */
		A32_EXIT,
	};
	u64 one = 0x11223344, two = 0x55667788;

	memcpy(self->code, code, sizeof(code));
	/* Upper halves mean nothing to AArch32. */
	reg_set(self->vcpu, REG_X(1), one | 0xdeadULL << 32);
	reg_set(self->vcpu, REG_X(2), two | 0xbeefULL << 32);
	run(self, PSTATE_SVC);
	EXPECT_EQ(CODE_BASE + sizeof(code) - 4, reg_get(self->vcpu, REG_PC));
	EXPECT_EQ(one << 32 | two, reg_get(self->vcpu, REG_FAR_EL1));
	EXPECT_EQ(two << 32 | one, reg_get(self->vcpu, REG_MAIR_EL1));
	EXPECT_EQ(one, (u32)reg_get(self->vcpu, REG_CONTEXTIDR_EL1));
	EXPECT_EQ(two << 32 | one, reg_get(self->vcpu, REG_TTBR0_EL1));
	EXPECT_EQ(one << 32 | two, reg_get(self->vcpu, REG_TTBR1_EL1));
}

TEST_F(aarch32, reads_into_banked_registers)
{
	static const u32 code[] = {
		0xee100f30,	/* mrc p15, 0, r0, c0, c0, 1: CTR */
		0xee10df30,	/* mrc p15, 0, sp, c0, c0, 1 */
		A32_EXIT,
	};

	memcpy(self->code, code, sizeof(code));
	run(self, PSTATE_IRQ);
	/* SP_irq is X17, SP_usr X13 */
	EXPECT_NE(0, reg_get(self->vcpu, REG_X(0)));
	EXPECT_EQ(reg_get(self->vcpu, REG_X(0)), reg_get(self->vcpu, REG_X(17)));
	EXPECT_EQ(0, reg_get(self->vcpu, REG_X(13)));
}

TEST_F(aarch32, physical_timer)
{
	static const u32 code[] = {
		0xec421f2e,	/* mcrr p15, 2, r1, r2, c14: CNTP_CVAL */
		0xec565f2e,	/* mrrc p15, 2, r5, r6, c14 */
		0xee0e4f32,	/* mcr p15, 0, r4, c14, c2, 1: CNTP_CTL */
		0xee1e7f32,	/* mrc p15, 0, r7, c14, c2, 1 */
		0xee1e8f12,	/* mrc p15, 0, r8, c14, c2, 0: CNTP_TVAL */
		A32_EXIT,
	};

	memcpy(self->code, code, sizeof(code));
	reg_set(self->vcpu, REG_X(1), 0xfffffff0);
	reg_set(self->vcpu, REG_X(2), 0x7fffffff);
	reg_set(self->vcpu, REG_X(4), 3);	/* on, masked */
	run(self, PSTATE_SVC);
	EXPECT_EQ(0xfffffff0, reg_get(self->vcpu, REG_X(5)));
	EXPECT_EQ(0x7fffffff, reg_get(self->vcpu, REG_X(6)));
	EXPECT_EQ(3, reg_get(self->vcpu, REG_X(7)));
	EXPECT_EQ(0, reg_get(self->vcpu, REG_X(8)) >> 32);
}

/* How a trapped instruction is left behind */

TEST_F(aarch32, narrow_instruction_in_a_block)
{
	static const u16 code[] = {
		0xbf06,		/* itte eq */
		0x6018,		/* streq r0, [r3] */
		0x2101,		/* moveq r1, #1 */
		0x2102,		/* movne r1, #2 */
		0x6019,		/* str r1, [r3] */
		0xbf00,
	};
	u32 data;

	memcpy(self->code, code, sizeof(code));
	run(self, PSTATE_SVC | PSTATE_T | PSTATE_Z);
	EXPECT_EQ(CODE_BASE + 2, reg_get(self->vcpu, REG_PC));
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	EXPECT_EQ(CODE_BASE + 8, reg_get(self->vcpu, REG_PC));
	EXPECT_EQ(0, reg_get(self->vcpu, REG_PSTATE) & PSTATE_IT);
	memcpy(&data, self->vcpu->run->mmio.data, sizeof(data));
	EXPECT_EQ(1, data);
}

TEST_F(aarch32, wide_instruction_in_a_block)
{
	static const u16 code[] = {
		0xbf06,		/* itte eq */
		0xee10, 0x4f30,	/* mrceq p15, 0, r4, c0, c0, 1: CTR */
		0x2101,		/* moveq r1, #1 */
		0x2102,		/* movne r1, #2 */
		0x6019,		/* str r1, [r3] */
	};
	u32 data;

	memcpy(self->code, code, sizeof(code));
	run(self, PSTATE_SVC | PSTATE_T | PSTATE_Z);
	EXPECT_EQ(CODE_BASE + 10, reg_get(self->vcpu, REG_PC));
	memcpy(&data, self->vcpu->run->mmio.data, sizeof(data));
	EXPECT_EQ(1, data);
	EXPECT_NE(0, reg_get(self->vcpu, REG_X(4)));
}

TEST_F(aarch32, instruction_that_is_not_executed)
{
	static const u32 code[] = {
		0x1e104f30,	/* mrcne p15, 0, r4, c0, c0, 1: CTR */
		0x1e190f1c,	/* mrcne p15, 0, r0, c9, c12, 0 */
		A32_EXIT,
	};

	memcpy(self->code, code, sizeof(code));
	run(self, PSTATE_SVC | PSTATE_Z);
	EXPECT_EQ(CODE_BASE + 8, reg_get(self->vcpu, REG_PC));
	EXPECT_EQ(0, reg_get(self->vcpu, REG_X(4)));
}

TEST_F(aarch32, big_endian_store)
{
	self->code[0] = A32_EXIT;
	reg_set(self->vcpu, REG_X(0), 0x11223344);
	run(self, PSTATE_SVC | PSTATE_E);
	EXPECT_EQ(0x11, self->vcpu->run->mmio.data[0]);
	EXPECT_EQ(0x44, self->vcpu->run->mmio.data[3]);
}

TEST_HARNESS_MAIN
