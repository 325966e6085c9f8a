// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL0 is stepped: an instruction that the hypervisor does in the guest's place is one
 * step, like any other.
 */
#include "../lib/debug.h"
#include "../lib/test.h"

#define SCTLR_UCT	BIT(15)	/* EL0 may read CTR_EL0 */
#define MMIO_BASE	0x0a000000UL

/* Instructions to be stepped, each with one behind it that must not be. */
static const u32 step_nop[] = { 0xd503201f, 0xd503201f };
static const u32 step_mrs[] = { 0xd53b0020, 0xd503201f };	/* MRS X0, CTR_EL0 */
static const u32 step_ldr[] = { 0xb9400020, 0xd503201f };	/* LDR W0, [X1] */

static void guest_step(const u32 *insn)
{
	struct guest_trip trip = guest_at_el0(insn, GUEST_EL0_STEP, MMIO_BASE);

	GUEST_ASSERT_EQ(ESR_EC_STEP, ESR_EC(trip.esr));
	GUEST_ASSERT_EQ((u64)&insn[1], trip.elr);
}

static void guest_steps(void)
{
	debug_mdscr(MDSCR_SS);
	guest_sctlr_change(SCTLR_UCT, 0);
	guest_step(step_nop);
	guest_step(step_mrs);
	guest_sync(0);
	guest_step(step_ldr);
}

TEST(an_instruction_done_for_the_guest_is_one_step)
{
	struct vcpu *vcpu = program_vcpu(guest_steps);

	program_run_to(vcpu, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(MMIO_BASE, vcpu->run->mmio.phys_addr);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
