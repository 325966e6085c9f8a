// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches going on and off: SCTLR_EL1 is watched from reset until they are on,
 * and again after a Set/Way operation.  Each change is a batch; other writes to
 * the registers that are trapped along with it (HCR_EL2.TVM) do what they do.
 */
#include "../lib/setway_cases.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES_WATCHED	64

static void __own_page guest_off_and_on(void)
{
	guest_mmu_on();
	guest_sync(STARTED);
	guest_flush(GUEST_CISW, 0);		/* watch from here on */
	guest_write(MEMORY_PAGE(1), 1);
	guest_sync(TOUCHED);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_sync(OFF);
	guest_write(MEMORY_PAGE(2), 1);
	guest_sync(TOUCHED_OFF);
	sctlr_change(SCTLR_M | SCTLR_C, 0);
	guest_sync(ON);
	guest_write(MEMORY_PAGE(3), 1);
	guest_sync(TOUCHED_ON);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_sync(OFF_UNSEEN);
	guest_sync(WRITTEN);		/* until then it stays in its frame */
}

FIXTURE(toggle)
{
	struct vm *vm;
	struct vcpu *vcpu;
};

FIXTURE_SETUP(toggle)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
}

FIXTURE_TEARDOWN(toggle)
{
	vm_destroy(self->vm);
}

TEST_F(toggle, is_a_batch)
{
	program_enter(self->vcpu, guest_off_and_on, 0, 0, 0);
	case_toggles(_metadata, self->vcpu);
}

/* Nobody wants to know how often a guest with its caches on writes registers. */
TEST_F(toggle, is_not_watched_for_while_caches_are_on)
{
	program_enter(self->vcpu, guest_off_and_on, 0, 0, 0);
	case_unwatched(_metadata, self->vcpu);
}

TEST_F(toggle, cleans_all_that_is_mapped_under_full)
{
	u64 mapped;

	vm_set_policy(self->vm, SETWAY_POLICY_FULL);
	vm_premap(self->vm, MEMORY_SLOT);
	vm_premap(self->vm, PROGRAM_SLOT);
	mapped = counter_read(self->vm, "mapped_pages");
	program_enter(self->vcpu, guest_off_and_on, 0, 0, 0);
	program_run_to(self->vcpu, STARTED);
	EXPECT_EQ(mapped, counter_read(self->vm, "pages_cleaned"));
	program_run_to(self->vcpu, TOUCHED);
	program_run_to(self->vcpu, OFF);
	program_run_to(self->vcpu, TOUCHED_OFF);
	program_run_to(self->vcpu, ON);
	/* two toggles more, and the operation before them */
	EXPECT_EQ(4 * mapped, counter_read(self->vm, "pages_cleaned"));
	EXPECT_EQ(0, counter_read(self->vm, "pages_skipped"));
}

/* A vCPU that is reset has its caches off, and is watched again. */
TEST_F(toggle, is_watched_for_after_a_reset)
{
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		program_enter(self->vcpu, guest_off_and_on, 0, 0, 0);
		program_run_to(self->vcpu, STARTED);
		EXPECT_EQ(i, counter_read(self->vm, "cache_toggles"));
		vcpu_reset(self->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	}
}

/* Caches are on when both C and M are. */
static void __own_page guest_one_bit_at_a_time(void)
{
	guest_mmu_on();
	guest_mmu_off();
	guest_flush(GUEST_CISW, 0);		/* watch again, with caches off */
	guest_sync(STARTED);
	sctlr_change(SCTLR_I, 0);
	sctlr_change(SCTLR_C, 0);
	sctlr_change(SCTLR_C, 0);
	sctlr_change(0, SCTLR_C);
	sctlr_change(SCTLR_M, 0);
	sctlr_change(0, SCTLR_M | SCTLR_I);
	sctlr_change(SCTLR_C, 0);
	guest_sync(CACHES_ALONE);
	sctlr_change(SCTLR_M, 0);
	guest_flush(GUEST_CISW, 0);
	sctlr_change(0, SCTLR_C);
	sctlr_change(SCTLR_C, SCTLR_M);
	sctlr_change(SCTLR_M, 0);
	guest_sync(ON);
}

TEST_F(toggle, takes_both_bits)
{
	program_enter(self->vcpu, guest_one_bit_at_a_time, 0, 0, 0);
	case_both_bits(_metadata, self->vcpu);
}

static void __own_page guest_flush_and_write_back(void)
{
	guest_mmu_on();
	guest_flush(GUEST_CISW, 0);
	guest_sync(STARTED);
	sctlr_change(0, SCTLR_I);
	guest_sync(ON);
	sctlr_change(SCTLR_I, 0);
	guest_sync(WRITTEN);
}

/* Once they are known to be on, that is the end of it. */
TEST_F(toggle, is_no_write_that_leaves_caches_on)
{
	struct tally t;

	program_enter(self->vcpu, guest_flush_and_write_back, 0, 0, 0);
	program_run_to(self->vcpu, STARTED);
	t = tally_read(self->vm);
	program_run_to(self->vcpu, ON);
	t = tally_since(self->vm, &t);
	EXPECT_EQ(1, t.sysregs);
	EXPECT_EQ(0, t.toggles);
	EXPECT_EQ(0, t.cleaned);
	t = tally_read(self->vm);
	program_run_to(self->vcpu, WRITTEN);
	t = tally_since(self->vm, &t);
	EXPECT_EQ(0, t.sysregs);
}

/*
 * The registers whose writes are trapped along with SCTLR_EL1's.  What a read
 * gives goes into watched memory, for the host.
 */
static const u64 register_ids[] = {
	REG_TTBR0_EL1, REG_TTBR1_EL1, REG_TCR_EL1, REG_AFSR0_EL1, REG_AFSR1_EL1,
	REG_ESR_EL1, REG_FAR_EL1, REG_MAIR_EL1, REG_AMAIR_EL1, REG_CONTEXTIDR_EL1,
};

#define REGISTER_WRITE(name, value) ({					\
	asm volatile("msr " name ", %0" : : "r" (value));		\
})

#define REGISTER_READ(name) ({						\
	u64 __value;							\
									\
	asm volatile("isb\n\tmrs %0, " name : "=r" (__value));		\
	__value;							\
})

static __always_inline void guest_registers_write(void)
{
	REGISTER_WRITE("ttbr0_el1", 0x0012345678abc000);
	REGISTER_WRITE("ttbr1_el1", 0x00340123456de000);
	REGISTER_WRITE("tcr_el1", 0x0000000512345678);
	REGISTER_WRITE("afsr0_el1", 0x11111111);
	REGISTER_WRITE("afsr1_el1", 0x22222222);
	REGISTER_WRITE("esr_el1", 0x56000001);
	REGISTER_WRITE("far_el1", 0xffff123456789abc);
	REGISTER_WRITE("mair_el1", 0x00bb44ff0c080400);
	REGISTER_WRITE("amair_el1", 0x33333333);
	REGISTER_WRITE("contextidr_el1", 0x12345678);
}

static __always_inline void guest_registers_read(u64 to)
{
	guest_write(to, REGISTER_READ("ttbr0_el1"));
	guest_write(to + 8, REGISTER_READ("ttbr1_el1"));
	guest_write(to + 16, REGISTER_READ("tcr_el1"));
	guest_write(to + 24, REGISTER_READ("afsr0_el1"));
	guest_write(to + 32, REGISTER_READ("afsr1_el1"));
	guest_write(to + 40, REGISTER_READ("esr_el1"));
	guest_write(to + 48, REGISTER_READ("far_el1"));
	guest_write(to + 56, REGISTER_READ("mair_el1"));
	guest_write(to + 64, REGISTER_READ("amair_el1"));
	guest_write(to + 72, REGISTER_READ("contextidr_el1"));
}

static void __own_page guest_registers(void)
{
	guest_sync(STARTED);
	guest_registers_write();
	guest_registers_read(MEMORY_PAGE(0));
	guest_sync(TOUCHED);
	guest_mmu_on();
	guest_mmu_off();
	guest_sync(ON);
	guest_registers_write();
	guest_registers_read(MEMORY_PAGE(1));
	guest_sync(WRITTEN);
}

TEST_F(toggle, leaves_other_registers_alone)
{
	const u64 *trapped = vm_hva(self->vm, MEMORY_PAGE(0), SZ_4K);
	const u64 *untrapped = vm_hva(self->vm, MEMORY_PAGE(1), SZ_4K);
	struct tally t;
	unsigned int i;

	program_enter(self->vcpu, guest_registers, 0, 0, 0);
	program_run_to(self->vcpu, STARTED);
	t = tally_read(self->vm);
	program_run_to(self->vcpu, TOUCHED);
	t = tally_since(self->vm, &t);
	EXPECT_EQ(ARRAY_SIZE(register_ids), t.sysregs);
	EXPECT_EQ(0, t.toggles);
	for (i = 0; i < ARRAY_SIZE(register_ids); i++)
		EXPECT_EQ(trapped[i], reg_get(self->vcpu, register_ids[i]))
			TH_LOG("register %u", i);

	program_run_to(self->vcpu, ON);
	t = tally_read(self->vm);
	program_run_to(self->vcpu, WRITTEN);
	t = tally_since(self->vm, &t);
	EXPECT_EQ(0, t.sysregs);
	for (i = 0; i < ARRAY_SIZE(register_ids); i++)
		EXPECT_EQ(untrapped[i], trapped[i])
			TH_LOG("register %u", i);
	EXPECT_EQ(0x0012345678abc000, trapped[0]);
	EXPECT_EQ(0xffff123456789abc, trapped[6]);
}

TEST_HARNESS_MAIN
