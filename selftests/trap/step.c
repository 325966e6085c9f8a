// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL0 is stepped: an instruction that the hypervisor does in the guest's place is one
 * step, like any other.  The guest itself cannot write MDSCR_EL1, so the host does.
 */
#include "../lib/test.h"

#define SCTLR_UCT	BIT(15)	/* EL0 may read CTR_EL0 */
#define MMIO_BASE	0x0a000000UL
#define MDSCR_SS	BIT(0)	/* ARM DDI 0487J.a, D19.3.20 */
#define ESR_EC_STEP	0x32	/* from a lower EL; ARM DDI 0487J.a, D19.2.37 */

/**
 * struct step - one step at EL0
 * @elr: where it ended
 * @esr: what ended it
 */
struct step {
	u64 elr;
	u64 esr;
};

struct step guest_step(const void *insn, u64 x1);
extern const char insn_nop[], insn_ctr[], insn_load[];

/*
 * struct step guest_step(const void *insn, u64 x1): x1 is what the instruction finds
 * in X1.  MDSCR_EL1.SS is set; SPSR_EL1.SS (bit 21) is for one step.  Its exception
 * comes to the vector at 0x400.
 */
asm("	.text\n"
"	.balign	0x800\n"
"step_vectors:\n"
"	.skip	0x400\n"
"	mrs	x0, elr_el1\n"
"	mrs	x1, esr_el1\n"
"	msr	vbar_el1, x10\n"
"	isb\n"
"	ret\n"
"guest_step:\n"
"	mrs	x10, vbar_el1\n"
"	adr	x9, step_vectors\n"
"	msr	vbar_el1, x9\n"
"	msr	elr_el1, x0\n"
"	mov	x9, #0x1c0\n"			/* EL0t, and A, I and F masked */
"	orr	x9, x9, #0x200000\n"
"	msr	spsr_el1, x9\n"
"	isb\n"
"	eret\n"
"insn_nop:\n"
"	nop\n"
"	nop\n"
"insn_ctr:\n"
"	mrs	x0, ctr_el0\n"
"	nop\n"
"insn_load:\n"
"	ldr	w0, [x1]\n"
"	nop\n");

static void guest_step_is_one(const char *insn)
{
	struct step step = guest_step(insn, MMIO_BASE);

	GUEST_ASSERT_EQ(ESR_EC_STEP, ESR_EC(step.esr));
	GUEST_ASSERT_EQ((u64)insn + 4, step.elr);
}

static void guest_steps(void)
{
	guest_sctlr_change(SCTLR_UCT, 0);
	guest_step_is_one(insn_nop);
	guest_step_is_one(insn_ctr);
	guest_sync(0);
	guest_step_is_one(insn_load);
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
