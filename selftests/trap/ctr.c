// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads of CTR, which EL2 answers before it has saved the guest's registers: into each
 * register, and no other changes.  In AArch32 with a condition as well, and in an IT block.
 * Or the CPU does, if it can do so without showing the caches' geometry (FEAT_EVT).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/counter.h"
#include "../lib/device.h"
#include "../lib/module.h"
#include "../lib/onereg.h"
#include "../lib/program32.h"
#include "../lib/require.h"
#include "../lib/test.h"

REQUIRE_SETWAY();

#define REG_CTR_EL0	ARM64_SYS_REG(3, 3, 0, 0, 1)

#define MMFR2_EVT	(0xfUL << 56)

#define CODE_SLOT	1
#define CODE_BASE	0x10000000UL
#define CODE_SIZE	16		/* bytes for each register */
#define MMIO_BASE	0x0a000000UL	/* no memory there */
#define NR_REGS		31		/* X0 to X30 */
#define RT_ZR		31
#define RT_LR32		14

/* The store behind the read is W0 or R0, to where one of these two says. */
#define RN(rt)		((rt) == 1 ? 2 : 1)
#define PATTERN(n)	(0xfeed0000cafe0000UL | (n))

/* PSTATE: everything is masked; EL1h, or System mode, whose SP and LR are X13 and X14. */
#define PSTATE_EL1H	0x3c5
#define PSTATE_SYS	0x1df
#define PSTATE_THUMB	BIT(5)
#define PSTATE_EQ	BIT(30)

#define A64_MRS_CTR(rt)	(0xd53b0020 | (rt))
#define A64_STR(rn)	(0xb9000000 | (rn) << 5)
#define A32_MRC_CTR(cond, rt)	((cond) << 28 | 0x0e100f30 | (rt) << 12)
#define A32_STR(rn)	(0xe5800000 | (rn) << 16)
#define A32_EQ		0x0
#define A32_AL		0xeu

/* Two halfwords each, the first one lower. */
#define T32_MRC_CTR(rt)	((0x0f30 | (rt) << 12) << 16 | 0xee10)
#define T32_STR(rn)	(0x6000 | (rn) << 3)
#define T32_NOP		0xbf00
#define T32_ITE_EQ	0xbf0c
#define T32_TWO(one, two)	((u32)(two) << 16 | (one))

/* Each reads CTR into a register, and stores to MMIO then. */
static void code_a64(u32 *code, unsigned int rt)
{
	code[0] = A64_MRS_CTR(rt);
	code[1] = A64_STR(RN(rt));
}

static void code_a32(u32 *code, unsigned int rt)
{
	code[0] = A32_MRC_CTR(A32_AL, rt);
	code[1] = A32_STR(RN(rt));
}

static void code_a32_eq(u32 *code, unsigned int rt)
{
	code[0] = A32_MRC_CTR(A32_EQ, rt);
	code[1] = A32_STR(RN(rt));
}

static void code_t32(u32 *code, unsigned int rt)
{
	code[0] = T32_MRC_CTR(rt);
	code[1] = T32_TWO(T32_STR(RN(rt)), T32_NOP);
}

/* The second store is that behind the block, the first one is not executed. */
static void code_t32_block(u32 *code, unsigned int rt)
{
	code[0] = T32_TWO(T32_NOP, T32_ITE_EQ);
	code[1] = T32_MRC_CTR(rt);
	code[2] = T32_TWO(T32_STR(3), T32_STR(RN(rt)));
}

FIXTURE(ctr)
{
	struct vcpu *vcpu;
};

/**
 * struct _fixture_variant_ctr - a way to read CTR
 * @code: makes the instructions for one register
 * @pstate: where they are executed
 * @last_rt: the last register
 * @reads: whether they are to be executed
 * @by_el2: whether EL2 answers
 */
FIXTURE_VARIANT(ctr)
{
	void (*code)(u32 *code, unsigned int rt);
	u64 pstate;
	unsigned int last_rt;
	bool reads;
	bool by_el2;
};

FIXTURE_VARIANT_ADD(ctr, a64)
{
	.code = code_a64, .pstate = PSTATE_EL1H, .last_rt = RT_ZR,
	.reads = true, .by_el2 = true,
};

FIXTURE_VARIANT_ADD(ctr, a32)
{
	.code = code_a32, .pstate = PSTATE_SYS, .last_rt = RT_LR32,
	.reads = true, .by_el2 = true,
};

FIXTURE_VARIANT_ADD(ctr, a32_eq)
{
	.code = code_a32_eq, .pstate = PSTATE_SYS | PSTATE_EQ, .last_rt = RT_LR32,
	.reads = true, .by_el2 = true,
};

FIXTURE_VARIANT_ADD(ctr, a32_ne)
{
	.code = code_a32_eq, .pstate = PSTATE_SYS, .last_rt = RT_LR32,
};

FIXTURE_VARIANT_ADD(ctr, t32)
{
	.code = code_t32, .pstate = PSTATE_SYS | PSTATE_THUMB, .last_rt = RT_LR32,
	.reads = true, .by_el2 = true,
};

FIXTURE_VARIANT_ADD(ctr, t32_block)
{
	.code = code_t32_block, .pstate = PSTATE_SYS | PSTATE_THUMB | PSTATE_EQ,
	.last_rt = RT_LR32, .reads = true,
};

FIXTURE_SETUP(ctr)
{
	bool is_32bit = variant->last_rt == RT_LR32;
	struct vm *vm;
	char *memory;
	unsigned int rt;

	if (is_32bit && !device_capability(KVM_CAP_ARM_EL1_32BIT))
		SKIP(return, "the CPU has no AArch32 at EL1");
	vm = vm_create();
	if (is_32bit) {
		self->vcpu = vcpu_create(vm, 0);
		vcpu_reset(self->vcpu, VCPU32_FEATURES);
	} else {
		self->vcpu = vcpu_add(vm, 0);
	}
	memory = vm_memory_add(vm, CODE_SLOT, CODE_BASE, SZ_4K, 0);
	for (rt = 0; rt <= variant->last_rt; rt++)
		variant->code((u32 *)(memory + rt * CODE_SIZE), rt);
}

FIXTURE_TEARDOWN(ctr)
{
	if (self->vcpu)
		vm_destroy(self->vcpu->vm);
}

/* What a register has before, the one to store by aside. */
static u64 pattern(unsigned int rt, unsigned int n)
{
	return n == RN(rt) ? MMIO_BASE : PATTERN(n);
}

static void registers_fill(struct vcpu *vcpu, unsigned int rt)
{
	unsigned int n;

	for (n = 0; n < NR_REGS; n++)
		reg_set(vcpu, REG_X(n), pattern(rt, n));
}

/* In AArch32 only the low halves are the guest's. */
static void registers_expect(struct __test_metadata *_metadata, struct vcpu *vcpu,
			     unsigned int rt, u64 mask, bool reads)
{
	u64 ctr = reg_get(vcpu, REG_CTR_EL0), expected;
	unsigned int n;

	for (n = 0; n < NR_REGS; n++) {
		expected = reads && n == rt ? ctr : pattern(rt, n);
		EXPECT_EQ(expected & mask, reg_get(vcpu, REG_X(n)) & mask)
			TH_LOG("register %u after a read into %u", n, rt);
	}
}

/* The store is behind the vCPU only then. */
static void store_finish(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!__vcpu_run(vcpu) || errno != EINTR)
		fail("the vCPU has run");
	vcpu->run->immediate_exit = 0;
}

TEST_F(ctr, is_read_into_each_register)
{
	u64 mask = variant->last_rt == RT_ZR ? ~0UL : ~0U;
	struct vcpu *vcpu = self->vcpu;
	bool traps = !module_does("evt");
	u64 answered, exits;
	unsigned int rt;

	for (rt = 0; rt <= variant->last_rt; rt++) {
		registers_fill(vcpu, rt);
		reg_set(vcpu, REG_PC, CODE_BASE + rt * CODE_SIZE);
		reg_set(vcpu, REG_PSTATE, variant->pstate);
		answered = counter_read(vcpu->vm, "el2_sysreg");
		exits = counter_read(vcpu->vm, "exits_sysreg");
		ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
		EXPECT_EQ(MMIO_BASE, vcpu->run->mmio.phys_addr);
		store_finish(vcpu);
		registers_expect(_metadata, vcpu, rt, mask, variant->reads);
		EXPECT_EQ(traps && variant->by_el2,
			  counter_read(vcpu->vm, "el2_sysreg") - answered);
		EXPECT_EQ(traps && variant->reads && !variant->by_el2,
			  counter_read(vcpu->vm, "exits_sysreg") - exits);
	}
}

static u64 mmfr2_read(void)
{
	static char text[PROBE_SIZE];

	probe_load();
	probe_read("mmfr2", text);
	return strtoull(text, NULL, 0);
}

TEST(traps_only_if_it_must)
{
	const char *args = getenv("MODULE_ARGS");

	EXPECT_EQ((mmfr2_read() & MMFR2_EVT) && !(args && strstr(args, "evt=0")),
		  module_does("evt"));
}

TEST_HARNESS_MAIN
