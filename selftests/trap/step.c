// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL0 is stepped: an instruction that the hypervisor does in the guest's place is one
 * step, like any other.  The guest itself cannot write MDSCR_EL1, so the host does.
 */
#include "../lib/test.h"

#define SCTLR_UCT	BIT(15)	/* EL0 may read CTR_EL0 */
#define INSN_SIZE	4
#define MMIO_BASE	0x0a000000UL
#define MDSCR_SS	BIT(0)	/* ARM DDI 0487J.a, D19.3.20 */
#define ESR_EC_STEP	0x32	/* from a lower EL; ARM DDI 0487J.a, D19.2.37 */

/**
 * GUEST_STEP() - single-step one instruction at EL0
 * @insn: a string; it finds MMIO_BASE in X1, and may change X0
 *
 * MDSCR_EL1.SS is set; SPSR_EL1.SS (bit 21) is for one step.  What ends it comes to the
 * vector at 0x400 of a table that is right here.
 *
 * Result: how far the PC went, in bytes; *esr says what ended the step.
 */
#define GUEST_STEP(insn, esr) ({					\
	u64 __length;							\
									\
	asm volatile("mrs x10, vbar_el1\n\t"				\
		     "adr x9, 2f\n\t"					\
		     "msr vbar_el1, x9\n\t"				\
		     "adr x11, 1f\n\t"					\
		     "msr elr_el1, x11\n\t"				\
		     "mov x9, #0x1c0\n\t"	/* EL0t, A, I and F masked */ \
		     "orr x9, x9, #0x200000\n\t"			\
		     "msr spsr_el1, x9\n\t"				\
		     "mov x1, %2\n\t"					\
		     "isb\n\t"						\
		     "eret\n"						\
		     "1:\t" insn "\n\t"				\
		     "nop\n\t"						\
		     "nop\n\t"						\
		     ".balign 0x800\n"					\
		     "2:\t.skip 0x400\n\t"				\
		     "mrs %0, elr_el1\n\t"				\
		     "sub %0, %0, x11\n\t"				\
		     "mrs %1, esr_el1\n\t"				\
		     "msr vbar_el1, x10\n\t"				\
		     "isb"						\
		     : "=&r" (__length), "=&r" (*(esr))			\
		     : "r" (MMIO_BASE)					\
		     : "x0", "x1", "x9", "x10", "x11", "memory");	\
	__length;							\
})

#define GUEST_ASSERT_ONE_STEP(insn) do {				\
	u64 __esr, __bytes = GUEST_STEP(insn, &__esr);			\
									\
	GUEST_ASSERT_EQ(ESR_EC_STEP, ESR_EC(__esr));			\
	GUEST_ASSERT_EQ(INSN_SIZE, __bytes);				\
} while (0)

static void guest_steps(void)
{
	guest_sctlr_change(SCTLR_UCT, 0);
	GUEST_ASSERT_ONE_STEP("nop");
	GUEST_ASSERT_ONE_STEP("mrs x0, ctr_el0");
	guest_sync(0);
	GUEST_ASSERT_ONE_STEP("ldr w0, [x1]");
}

TEST(an_instruction_done_for_the_guest_is_one_step)
{
	struct vcpu *vcpu = program_vcpu(guest_steps);

	reg_set(vcpu, REG_MDSCR_EL1, MDSCR_SS);
	program_run_to(vcpu, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(MMIO_BASE, vcpu->run->mmio.phys_addr);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
