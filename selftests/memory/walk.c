// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's own tables as what is not mapped, or idle: its walks fault in stage 2
 * at each level, then go on.  With FEAT_LPA2 there is a level -1.
 */
#include "../lib/test.h"

REQUIRE_SETWAY();

#define TABLES		0x80000000UL
#define DATA		0x90000000UL
#define MAGIC		0x5e7a

#define REG_MMFR0	ARM64_SYS_REG(3, 0, 0, 7, 0)
#define MMFR0_TGRAN4(mmfr0)	((mmfr0) >> 28 & 0xf)
#define TGRAN4_LPA2	1

/* VMSAv8-64 descriptors, ARM DDI 0487J.a, D8.3.1; shareability left 0 for LPA2 */
#define DESC_TABLE	3
#define DESC_BLOCK	1
#define DESC_DEVICE	BIT(2)	/* of guest_mmu_on()'s kinds of memory */
#define DESC_AF		BIT(10)
#define GIB_SHIFT	30
#define ENTRIES		(SZ_4K / sizeof(u64))

static void guest_reads(void)
{
	GUEST_ASSERT_EQ(MAGIC, guest_read(DATA));
	guest_sync(0);
	guest_setway_all(GUEST_CISW);
	/* what is not in a TLB is walked for, from the top */
	asm volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
	GUEST_ASSERT_EQ(MAGIC, guest_read(DATA));
	guest_mmu_off();
}

static void guest_walks_from_level_0(void)
{
	guest_mmu_on_48bit(TABLES + SZ_4K);
	guest_reads();
}

static void guest_walks_from_level_minus_1(void)
{
	guest_mmu_on_52bit(TABLES);
	guest_reads();
}

/* Levels -1, 0 and 1, a page each: every address is mapped to itself. */
static void tables_fill(u64 *tables)
{
	u64 i, kind;

	tables[0] = (TABLES + SZ_4K) | DESC_TABLE;
	tables[ENTRIES] = (TABLES + 2 * SZ_4K) | DESC_TABLE;
	for (i = 0; i < ENTRIES; i++) {
		kind = i == GUEST_UCALL_BASE >> GIB_SHIFT ? DESC_DEVICE : 0;
		tables[2 * ENTRIES + i] = i << GIB_SHIFT | DESC_AF | DESC_BLOCK | kind;
	}
}

FIXTURE(walk)
{
	struct vcpu *vcpu;
};

FIXTURE_SETUP(walk)
{
	u64 *data;

	self->vcpu = program_vcpu(guest_walks_from_level_0);
	tables_fill(vm_memory_add(self->vcpu->vm, 0, TABLES, 3 * SZ_4K, 0));
	data = vm_memory_add(self->vcpu->vm, 1, DATA, SZ_4K, 0);
	*data = MAGIC;
}

FIXTURE_TEARDOWN(walk)
{
	vm_destroy(self->vcpu->vm);
}

TEST_F(walk, from_level_0)
{
	program_run_to(self->vcpu, 0);
	program_finish(self->vcpu);
}

TEST_F(walk, from_level_minus_1)
{
	if (MMFR0_TGRAN4(reg_get(self->vcpu, REG_MMFR0)) != TGRAN4_LPA2)
		SKIP(return, "no FEAT_LPA2");
	program_enter(self->vcpu, guest_walks_from_level_minus_1, 0, 0, 0);
	program_run_to(self->vcpu, 0);
	program_finish(self->vcpu);
}

TEST_HARNESS_MAIN
