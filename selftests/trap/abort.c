// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that nobody can answer: they abort in the guest, at the address that
 * the guest used, and are no concern of the host's.
 */
#include "../lib/test.h"

#define NOWHERE		0x20000000UL		/* no memory there */
#define BEYOND		BIT(41)		/* past the VM's 40 bits */
#define TOP_HALF	BIT(39)		/* of them */
#define ROM_BASE	0x10000000UL
#define TABLE_BASE	0x30000000UL

/* Jump there, and come back one way or the other. */
#define GUEST_TRY_CALL(address)	GUEST_TRY("blr %0", "+r" (address))

static void guest_executes_nothing(void)
{
	u64 address = NOWHERE;
	u64 esr = GUEST_TRY_CALL(address);

	GUEST_ASSERT_EQ(ESR_EC_IABT_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ(ESR_FSC_SEA, ESR_FSC(esr));
	GUEST_ASSERT_EQ(NOWHERE, guest_cpu()->far);
	GUEST_ASSERT_EQ(NOWHERE, guest_cpu()->elr);
}

static void guest_executes_nothing_with_mmu_on(void)
{
	guest_mmu_on();
	guest_executes_nothing();
}

static void guest_reads_beyond(void)
{
	u64 address = BEYOND + 0x1238, value;
	u64 esr = GUEST_TRY("ldr %0, [%1]", "=&r" (value), "+r" (address));

	GUEST_ASSERT_EQ(ESR_EC_DABT_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ(address, guest_cpu()->far);
}

static void guest_writes_beyond(void)
{
	u64 address = BEYOND;
	u64 esr = GUEST_TRY("str xzr, [%0]", "+r" (address));

	GUEST_ASSERT_EQ(ESR_EC_DABT_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ(address, guest_cpu()->far);
}

static void guest_executes_beyond(void)
{
	u64 address = BEYOND;
	u64 esr = GUEST_TRY_CALL(address);

	GUEST_ASSERT_EQ(ESR_EC_IABT_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ(BEYOND, guest_cpu()->far);
}

/*
 * With the MMU on, use an address whose translation goes through a table that
 * is not there: the table of the top half of a 40-bit space, its address
 * changed in the guest's copy.
 */
static void guest_walks_nothing(u64 table, u64 far)
{
	u64 address = TOP_HALF + 0x1000, value, esr;

	WRITE_ONCE(guest_tables[1], table | 3);
	guest_mmu_on();
	esr = GUEST_TRY("ldr %0, [%1]", "=&r" (value), "+r" (address));
	GUEST_ASSERT_EQ(ESR_EC_DABT_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ(far, guest_cpu()->far);
	esr = GUEST_TRY_CALL(address);
	GUEST_ASSERT_EQ(ESR_EC_IABT_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ(far, guest_cpu()->far);
	/* and the rest still works */
	guest_sync(0);
}

/* Tables in a slot that the guest may not write are fine to walk. */
static void guest_walks_rom(u64 table)
{
	u64 address = TOP_HALF + 8, value, esr;

	WRITE_ONCE(guest_tables[1], table | 3);
	guest_mmu_on();
	esr = GUEST_TRY("ldr %0, [%1]", "=&r" (value), "+r" (address));
	GUEST_ASSERT_EQ(0, esr);
	guest_report(0, value, 0);
}

static void guest_stores_pair_to_rom(void)
{
	u64 address = ROM_BASE;

	/* nobody can emulate that, so it is the host's to say what happens */
	asm volatile("stp xzr, xzr, [%0]" : : "r" (address) : "memory");
	guest_sync(0);
}

static void guest_is_fine(void)
{
	guest_sync(0);
}

static void guest_run(const void *function)
{
	struct vcpu *vcpu = program_vcpu(function);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(executes_nothing)
{
	guest_run(guest_executes_nothing);
}

TEST(executes_nothing_with_mmu_on)
{
	guest_run(guest_executes_nothing_with_mmu_on);
}

TEST(reads_beyond)
{
	guest_run(guest_reads_beyond);
}

TEST(writes_beyond)
{
	guest_run(guest_writes_beyond);
}

TEST(executes_beyond)
{
	guest_run(guest_executes_beyond);
}

TEST(walks_a_table_that_is_not_there)
{
	struct vcpu *vcpu = program_vcpu(guest_walks_nothing);

	reg_set(vcpu, REG_X(1), NOWHERE);
	reg_set(vcpu, REG_X(2), TOP_HALF + 0x1000);
	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

TEST(walks_a_table_beyond_the_address_space)
{
	struct vcpu *vcpu = program_vcpu(guest_walks_nothing);

	reg_set(vcpu, REG_X(1), BEYOND);
	/* KVM says which IPA was too large, not which address the guest used */
	reg_set(vcpu, REG_X(2), device_is_setway() ? TOP_HALF + 0x1000 : BEYOND);
	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

TEST(walks_a_table_in_read_only_memory)
{
	struct vcpu *vcpu = program_vcpu(guest_walks_rom);
	u64 *rom = vm_memory_add(vcpu->vm, 0, TABLE_BASE, SZ_4K, KVM_MEM_READONLY);
	struct ucall ucall;

	/* a block at 0 GiB: accessed, inner shareable, normal memory */
	vm_memory_add(vcpu->vm, 1, 0, SZ_4K, 0);
	*rom = 0x701;
	*((u64 *)vm_hva(vcpu->vm, 8, 8)) = 0x5e7a;
	reg_set(vcpu, REG_X(1), TABLE_BASE);
	program_run(vcpu, &ucall);
	EXPECT_EQ(0x5e7a, ucall.args[1]);
	vm_destroy(vcpu->vm);
}

TEST(stores_pair_to_read_only_memory)
{
	struct vcpu *vcpu = program_vcpu(guest_stores_pair_to_rom);

	vm_memory_add(vcpu->vm, 0, ROM_BASE, SZ_4K, KVM_MEM_READONLY);
	EXPECT_ERRNO(ENOSYS, __vcpu_run(vcpu));
	vm_destroy(vcpu->vm);
}

/* A guest that does all this harms nobody else's. */
TEST(others_go_on)
{
	struct vcpu *fine = program_vcpu(guest_is_fine);
	struct vcpu *vcpu;
	int i;

	for (i = 0; i < 20; i++) {
		vcpu = program_vcpu(guest_executes_nothing);
		program_finish(vcpu);
		vm_destroy(vcpu->vm);
	}
	program_run_to(fine, 0);
	vm_destroy(fine->vm);
}

TEST_HARNESS_MAIN
