// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_GUEST_DEBUG: userspace steps a guest, stops it at breakpoints and watchpoints,
 * and the guest does not notice.
 */

#include "../lib/counter.h"
#include "../lib/cpu.h"
#include "../lib/debug.h"
#include "../lib/test.h"

#define MMIO_BASE	0x0a000000UL
#define MMIO_VALUE	0x5aa5
#define ROUNDS		10
#define GUEST_OWN_BVR	0x123456789abc0ULL

/* Guest code */

static u64 watched[2];

/*
 * What is stepped: instructions that the CPU does, EL2 does, the host does, and userspace
 * does; a branch; and one that is an exception of the guest's own, to EL1.
 */
static const u32 stepped[] = {
	0xd503201f,	/* NOP */
	0xd53b0020,	/* MRS X0, CTR_EL0 */
	0xd5390020,	/* MRS X0, CLIDR_EL1 */
	0xd5380600,	/* MRS X0, ID_AA64ISAR0_EL1 */
	0xd5381020,	/* MRS X0, ACTLR_EL1 */
	0xd5300240,	/* MRS X0, MDSCR_EL1 */
	0xd2b08000,	/* MOV X0, #0x84000000: PSCI_VERSION */
	0xd4000002,	/* HVC #0 */
	0xd2800061,	/* MOV X1, #3 */
	0xf1000421,	/* SUBS X1, X1, #1 */
	0x54ffffe1,	/* B.NE to that */
	0xd2a14001,	/* MOV X1, #0x0a000000 */
	0xb9400020,	/* LDR W0, [X1] */
	0xb9000420,	/* STR W0, [X1, #4] */
	0xd503201f,	/* NOP */
	0xd65f03c0,	/* RET */
};

static const u32 *const stepped_loop = &stepped[9];
static const u32 *const stepped_mmio = &stepped[12];

static u64 guest_calls_stepped(void)
{
	register u64 x0 asm("x0");

	asm volatile("blr %1" : "=r" (x0) : "r" (stepped)
		     : "x1", "x2", "x3", "x30", "cc", "memory");
	return x0;
}

static void guest_is_stepped(void)
{
	u64 mdscr;

	guest_sync(0);
	GUEST_ASSERT_EQ(MMIO_VALUE, guest_calls_stepped());
	guest_sync(1);
	asm volatile("mrs %0, mdscr_el1" : "=r" (mdscr));
	GUEST_ASSERT_EQ(0, mdscr);
}

static void stepped_on(void)
{
	asm volatile("nop" : : : "memory");
}

/* Called, loaded and stored in this order, round after round. */
static void guest_steps_on_them(void)
{
	void (*call)(void) = stepped_on;
	u64 i;

	for (i = 0; i < ROUNDS; i++) {
		asm volatile("blr %0" : : "r" (call) : "x30", "memory");
		READ_ONCE(watched[0]);
		WRITE_ONCE(watched[1], i);
		guest_sync(i);
	}
	GUEST_ASSERT_EQ(ROUNDS - 1, watched[1]);
}

/* It has breakpoints of its own, of which it can tell whether they fired. */
static void guest_has_its_own(void)
{
	void (*call)(void) = stepped_on;
	u64 value;

	DEBUG_SET("dbgbvr", 0, stepped_on);
	DEBUG_SET("dbgbcr", 0, DBGBCR_ON);
	DEBUG_SET("dbgbvr", 1, GUEST_OWN_BVR);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	debug_unmask();
	guest_sync(0);
	GUEST_ASSERT_EQ(0, GUEST_TRY("blr %0", "+r" (call)));
	asm volatile("mrs %0, dbgbvr1_el1" : "=r" (value));
	GUEST_ASSERT_EQ(GUEST_OWN_BVR, value);
	asm volatile("mrs %0, mdscr_el1" : "=r" (value));
	GUEST_ASSERT_EQ(MDSCR_MDE | MDSCR_KDE, value);
	guest_sync(1);
	GUEST_ASSERT_EQ(ESR_EC_BREAKPOINT + ESR_EC_SAME,
			ESR_EC(GUEST_TRY("blr %0", "+r" (call))));
}

/* MDE is clear: a breakpoint that is set is no breakpoint. */
static void guest_has_one_disabled(void)
{
	DEBUG_SET("dbgbvr", 0, stepped_on);
	DEBUG_SET("dbgbcr", 0, DBGBCR_ON);
	debug_unmask();
	guest_sync(0);
	asm volatile("blr %0" : : "r" (stepped_on) : "x30", "memory");
	guest_sync(1);
}

/* BRK #7, and RET */
static const u32 brk_here[] = { 0xd42000e0, 0xd65f03c0 };

static void guest_breaks(void)
{
	guest_sync((u64)brk_here);
	asm volatile("blr %0" : : "r" (brk_here) : "x30", "memory");
	guest_sync(1);
	GUEST_ASSERT_EQ(ESR_EC_BRK, ESR_EC(GUEST_TRY("brk #8")));
}

/* The host */

static void debug_set(struct vcpu *vcpu, u32 control)
{
	struct kvm_guest_debug debug = { .control = control };

	vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

static void debug_set_hw(struct vcpu *vcpu, unsigned int nth, const void *code,
			 const void *data, u64 wcr)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW,
	};

	debug.arch.dbg_bvr[nth] = (u64)code;
	debug.arch.dbg_bcr[nth] = code ? DBGBCR_ON : 0;
	debug.arch.dbg_wvr[nth] = (u64)data;
	debug.arch.dbg_wcr[nth] = data ? wcr : 0;
	vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

/* The exit must be by a debug exception. Return: where the guest is. */
static u64 debug_expect(struct vcpu *vcpu, u64 class)
{
	u32 exit = vcpu_run(vcpu);

	if (exit != KVM_EXIT_DEBUG)
		fail("exit %u at %#llx, and not for debugging", exit, reg_get(vcpu, REG_PC));
	if (ESR_EC((u64)vcpu->run->debug.arch.hsr) != class)
		fail("a debug exception of class %#llx, and not %#llx",
		     ESR_EC((u64)vcpu->run->debug.arch.hsr), class);
	return reg_get(vcpu, REG_PC);
}

/* Step until the guest is somewhere. */
static void step_to(struct vcpu *vcpu, const void *where)
{
	unsigned int i;

	for (i = 0; i < 10000; i++)
		if (debug_expect(vcpu, ESR_EC_STEP) == (u64)where)
			return;
	fail("the guest never comes to %p", where);
}

#define STEP	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP)

TEST(each_instruction_is_one_step)
{
	struct vcpu *vcpu = program_vcpu(guest_is_stepped);
	const u32 *pc;
	unsigned int turns = 0;

	program_run_to(vcpu, 0);
	debug_set(vcpu, STEP);
	step_to(vcpu, stepped);
	for (pc = stepped; pc < stepped_mmio;) {
		EXPECT_EQ(0, reg_get(vcpu, REG_PSTATE) & PSTATE_SS);
		pc++;
		if (pc == stepped_loop + 2 && ++turns < 3)
			pc = stepped_loop;
		ASSERT_EQ((u64)pc, debug_expect(vcpu, ESR_EC_STEP));
	}
	if (!device_is_setway())
		SKIP(goto out, "KVM of 6.1 does not stop behind MMIO");
	/* The step is over when userspace has answered. */
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ((u64)stepped_mmio, reg_get(vcpu, REG_PC));
	*(u32 *)vcpu->run->mmio.data = MMIO_VALUE;
	EXPECT_EQ((u64)(stepped_mmio + 1), debug_expect(vcpu, ESR_EC_STEP));
	EXPECT_EQ(MMIO_VALUE, reg_get(vcpu, REG_X(0)));
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(MMIO_BASE + 4, vcpu->run->mmio.phys_addr);
	EXPECT_EQ((u64)(stepped_mmio + 2), debug_expect(vcpu, ESR_EC_STEP));
	debug_set(vcpu, 0);
	program_run_to(vcpu, 1);
	program_finish(vcpu);
out:
	vm_destroy(vcpu->vm);
}

/* Userspace may do all it likes between two steps. */
TEST(a_step_survives_what_userspace_does)
{
	struct vcpu *vcpu = program_vcpu(guest_is_stepped);
	unsigned int i;
	u64 pstate;

	program_run_to(vcpu, 0);
	debug_set(vcpu, STEP);
	step_to(vcpu, stepped);
	for (i = 1; i <= 5; i++) {
		pstate = reg_get(vcpu, REG_PSTATE);
		reg_set(vcpu, REG_PSTATE, pstate | PSTATE_SS);
		EXPECT_EQ(pstate | PSTATE_SS, reg_get(vcpu, REG_PSTATE));
		reg_set(vcpu, REG_PSTATE, pstate);
		EXPECT_EQ(pstate, reg_get(vcpu, REG_PSTATE));
		debug_set(vcpu, STEP);
		ASSERT_EQ((u64)&stepped[i], debug_expect(vcpu, ESR_EC_STEP));
	}
	/* Stepping ends and begins again, from somewhere else. */
	debug_set(vcpu, 0);
	reg_set(vcpu, REG_PC, (u64)stepped);
	debug_set(vcpu, STEP);
	ASSERT_EQ((u64)&stepped[1], debug_expect(vcpu, ESR_EC_STEP));
	vm_destroy(vcpu->vm);
}

/* The guest's own PSTATE.SS waits until the VMM's is not needed any more. */
TEST(the_guests_own_step_is_kept)
{
	struct vcpu *vcpu = program_vcpu(guest_is_stepped);
	u64 pstate;

	program_run_to(vcpu, 0);
	pstate = reg_get(vcpu, REG_PSTATE) | PSTATE_SS;
	reg_set(vcpu, REG_PSTATE, pstate);
	debug_set(vcpu, STEP);
	EXPECT_EQ(pstate, reg_get(vcpu, REG_PSTATE));
	debug_expect(vcpu, ESR_EC_STEP);
	EXPECT_EQ(PSTATE_SS, reg_get(vcpu, REG_PSTATE) & PSTATE_SS);
	debug_set(vcpu, 0);
	EXPECT_EQ(PSTATE_SS, reg_get(vcpu, REG_PSTATE) & PSTATE_SS);
	vm_destroy(vcpu->vm);
}

TEST(a_reset_vcpu_is_stepped_from_its_first_instruction)
{
	struct vcpu *vcpu = program_vcpu(guest_is_stepped);

	program_run_to(vcpu, 0);
	debug_set(vcpu, STEP);
	debug_expect(vcpu, ESR_EC_STEP);
	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	program_enter(vcpu, stepped, 0, 0, 0);
	reg_set(vcpu, REG_PC, (u64)stepped);
	EXPECT_EQ((u64)&stepped[1], debug_expect(vcpu, ESR_EC_STEP));
	vm_destroy(vcpu->vm);
}

TEST(software_breakpoints)
{
	struct vcpu *vcpu = program_vcpu(guest_breaks);
	struct ucall ucall;

	program_run(vcpu, &ucall);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
	EXPECT_EQ(ucall.args[0], debug_expect(vcpu, ESR_EC_BRK));
	EXPECT_EQ(7, vcpu->run->debug.arch.hsr & 0xffff);
	/* It stays there until userspace does something about it. */
	EXPECT_EQ(ucall.args[0], debug_expect(vcpu, ESR_EC_BRK));
	reg_set(vcpu, REG_PC, ucall.args[0] + 4);
	program_run_to(vcpu, 1);
	debug_set(vcpu, 0);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* The exception comes before the instruction: userspace lets it pass without. */
static void hw_round(struct vcpu *vcpu, unsigned int nth, u64 round)
{
	debug_set_hw(vcpu, nth, stepped_on, NULL, 0);
	if (debug_expect(vcpu, ESR_EC_BREAKPOINT) != (u64)stepped_on)
		fail("stopped beside the breakpoint");
	debug_set_hw(vcpu, nth, NULL, &watched[0], DBGWCR_ON);
	debug_expect(vcpu, ESR_EC_WATCHPOINT);
	if (vcpu->run->debug.arch.far != (u64)&watched[0])
		fail("stopped by an access to %#llx", vcpu->run->debug.arch.far);
	debug_set_hw(vcpu, nth, NULL, &watched[1], DBGWCR_STORES);
	debug_expect(vcpu, ESR_EC_WATCHPOINT);
	if (vcpu->run->debug.arch.far != (u64)&watched[1])
		fail("stopped by an access to %#llx", vcpu->run->debug.arch.far);
	debug_set(vcpu, 0);
	program_run_to(vcpu, round);
}

TEST(hardware_breakpoints)
{
	struct vcpu *vcpu = program_vcpu(guest_steps_on_them);
	unsigned int bps = ioctl(vcpu->vm->device_fd, KVM_CHECK_EXTENSION,
				 KVM_CAP_GUEST_DEBUG_HW_BPS);
	unsigned int wps = ioctl(vcpu->vm->device_fd, KVM_CHECK_EXTENSION,
				 KVM_CAP_GUEST_DEBUG_HW_WPS);
	u64 round;

	ASSERT_LE(2, bps);
	ASSERT_LE(2, wps);
	for (round = 0; round < ROUNDS; round++)
		hw_round(vcpu, round % (wps < bps ? wps : bps), round);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(the_guests_own_wait_meanwhile)
{
	struct vcpu *vcpu = program_vcpu(guest_has_its_own);

	program_run_to(vcpu, 0);
	debug_set_hw(vcpu, 0, NULL, &watched[0], DBGWCR_ON);
	program_run_to(vcpu, 1);
	EXPECT_EQ((u64)stepped_on, reg_get(vcpu, REG_DBGBVR(0)));
	EXPECT_EQ(MDSCR_MDE | MDSCR_KDE, reg_get(vcpu, REG_MDSCR_EL1));
	debug_set(vcpu, 0);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

/* Without any of the VMM's, the guest's own stop it, and userspace is told. */
TEST(the_guests_own_are_reported)
{
	struct vcpu *vcpu = program_vcpu(guest_has_its_own);

	program_run_to(vcpu, 0);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
	EXPECT_EQ((u64)stepped_on, debug_expect(vcpu, ESR_EC_BREAKPOINT));
	vm_destroy(vcpu->vm);
}

TEST(the_guests_own_need_their_enable)
{
	struct vcpu *vcpu = program_vcpu(guest_has_one_disabled);

	program_run_to(vcpu, 0);
	debug_set(vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
	program_run_to(vcpu, 1);
	vm_destroy(vcpu->vm);
}

/* One after the other on one CPU. */
TEST(another_vcpu_is_not_debugged)
{
	struct vcpu *vcpu = program_vcpu(guest_steps_on_them);
	struct vcpu *other = program_vcpu(guest_steps_on_them);
	u64 round;

	cpu_bind(0);
	for (round = 0; round < ROUNDS; round++) {
		debug_set_hw(vcpu, 0, stepped_on, NULL, 0);
		EXPECT_EQ((u64)stepped_on, debug_expect(vcpu, ESR_EC_BREAKPOINT));
		program_run_to(other, round);
		debug_set(vcpu, STEP);
		EXPECT_EQ((u64)stepped_on + 4, debug_expect(vcpu, ESR_EC_STEP));
		debug_set(vcpu, 0);
		program_run_to(vcpu, round);
	}
	program_finish(other);
	program_finish(vcpu);
	vm_destroy(other->vm);
	vm_destroy(vcpu->vm);
}

TEST(what_is_asked_for_is_checked)
{
	struct vcpu *vcpu = program_vcpu(guest_is_stepped);
	struct kvm_guest_debug debug = {};
	const u32 known = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP |
			  KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW;
	unsigned int bit;

	EXPECT_EQ(1, ioctl(vcpu->vm->device_fd, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG));
	EXPECT_EQ((int)known,
		  ioctl(vcpu->vm->device_fd, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG2));
	for (bit = 0; bit < 32; bit++) {
		debug.control = 1U << bit;
		EXPECT_ERRNO(known & debug.control ? 0 : EINVAL,
			     ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug));
	}
	EXPECT_ERRNO(EFAULT, ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, BAD_ADDRESS));
	/* Without KVM_GUESTDBG_ENABLE nothing is asked for. */
	debug_set(vcpu, KVM_GUESTDBG_SINGLESTEP);
	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

TEST(before_the_first_reset)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm, 0);

	debug_set(vcpu, STEP);
	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	program_load(vm);
	reg_set(vcpu, REG_PC, (u64)stepped);
	EXPECT_EQ((u64)&stepped[1], debug_expect(vcpu, ESR_EC_STEP));
	vm_destroy(vm);
}

TEST(exits_are_counted)
{
	struct vcpu *vcpu;
	u64 before;

	if (!device_is_setway())
		SKIP(return, "the counter is setway's");
	vcpu = program_vcpu(guest_is_stepped);
	program_run_to(vcpu, 0);
	debug_set(vcpu, STEP);
	step_to(vcpu, stepped);
	before = counter_read(vcpu->vm, "exits_debug");
	debug_expect(vcpu, ESR_EC_STEP);
	debug_expect(vcpu, ESR_EC_STEP);
	EXPECT_EQ(before + 2, counter_read(vcpu->vm, "exits_debug"));
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
