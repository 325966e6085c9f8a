// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit guest debugs itself, and userspace sees its registers by their AArch64 names; or
 * userspace debugs it.
 */
#include "../lib/debug.h"
#include "../lib/program32.h"
#include "../lib/test.h"
#include "guest/debug.h"

/* KVM answers reads of DBGDSCRint and DBGVCR by 0 as long as it traps them. */
REQUIRE_SETWAY()
REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "no AArch32 at EL1")

GUEST32(debug_itself);
GUEST32(debug_locked);
GUEST32(debug_by_vmm);
GUEST32(debug_stepped);

#define MOE_WATCHPOINT	(10 << 2)

TEST(itself)
{
	struct vcpu *vcpu = program32_vcpu(guest32_debug_itself);

	program_run_to(vcpu, DEBUG_SET_UP);
	EXPECT_EQ(DBGBCR_ON, reg_get(vcpu, REG_DBGBCR(0)));
	EXPECT_EQ(DBGWCR_STORES, reg_get(vcpu, REG_DBGWCR(0)));
	EXPECT_EQ(MDSCR_MDE | MOE_WATCHPOINT, reg_get(vcpu, REG_MDSCR_EL1));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* Userspace puts MOE back as well, as what the CPU has written. */
TEST(moe_travels)
{
	struct vcpu *vcpu = program32_vcpu(guest32_debug_itself);

	program_run_to(vcpu, DEBUG_SET_UP);
	reg_set(vcpu, REG_MDSCR_EL1, 0);
	EXPECT_EQ(0, reg_get(vcpu, REG_MDSCR_EL1));
	reg_set(vcpu, REG_MDSCR_EL1, MDSCR_MDE | MOE_WATCHPOINT);
	EXPECT_EQ(MDSCR_MDE | MOE_WATCHPOINT, reg_get(vcpu, REG_MDSCR_EL1));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(os_lock)
{
	struct vcpu *vcpu = program32_vcpu(guest32_debug_locked);

	program_run_to(vcpu, DEBUG_LOCKED);
	EXPECT_EQ(OSLSR_OSLM | OSLSR_OSLK, reg_get(vcpu, REG_OSLSR_EL1));
	EXPECT_EQ(DEBUG_VCR, reg_get(vcpu, REG_DBGVCR32_EL2));
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* The exit must be by a debug exception. Return: where the guest is. */
static u64 debug_expect(struct vcpu *vcpu, u64 class)
{
	u32 exit = vcpu_run(vcpu);

	if (exit != KVM_EXIT_DEBUG || ESR_EC((u64)vcpu->run->debug.arch.hsr) != class)
		fail("exit %u, syndrome %#x, and not a debug exception of class %#llx", exit,
		     vcpu->run->debug.arch.hsr, class);
	return reg_get(vcpu, REG_PC);
}

static void debug_set(struct vcpu *vcpu, u32 control, u64 breakpoint)
{
	struct kvm_guest_debug debug = { .control = control };

	debug.arch.dbg_bvr[0] = breakpoint;
	debug.arch.dbg_bcr[0] = DBGBCR_ON;
	vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

/* Stopped at a function, stepped through it, stopped there again, and at a BKPT. */
TEST(by_its_vmm)
{
	struct vcpu *vcpu = program32_vcpu(guest32_debug_by_vmm);
	const u64 function = (u64)guest32_debug_stepped;
	unsigned int i;

	program_run_to(vcpu, DEBUG_SET_UP);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW, function);
	EXPECT_EQ(function, debug_expect(vcpu, ESR_EC_BREAKPOINT));
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, 0);
	for (i = 1; i <= DEBUG_STEPS; i++)
		ASSERT_EQ(function + 4 * i, debug_expect(vcpu, ESR_EC_STEP));
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW, function);
	EXPECT_EQ(function, debug_expect(vcpu, ESR_EC_BREAKPOINT));
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, 0);
	debug_expect(vcpu, ESR_EC_BKPT32);
	EXPECT_EQ(5, vcpu->run->debug.arch.hsr & 0xffff);
	reg_set(vcpu, REG_PC, reg_get(vcpu, REG_PC) + 4);
	program_run_to(vcpu, DEBUG_LOCKED);
	debug_set(vcpu, 0, 0);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
