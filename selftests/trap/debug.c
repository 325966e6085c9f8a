// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest debugs itself: its breakpoints, watchpoints and steps stop it, and nobody else;
 * they survive exits, other vCPUs on the same CPU, and a journey to another VM.
 */
#include <stdlib.h>

#include "../lib/cpu.h"
#include "../lib/debug.h"
#include "../lib/test.h"

#define ROUNDS		20
#define PATTERN		0x0000123456789abcULL

/* Guest code */

static u64 watched[2];

static void stepped_on(void)
{
	asm volatile("" : : : "memory");
}

static void stepped_beside(void)
{
	asm volatile("nop" : : : "memory");
}

/* Call a function. Return: the syndrome of what stopped its first instruction. */
static u64 try_call(void (*function)(void))
{
	u64 esr = GUEST_TRY("blr %0", "+r" (function));

	if (esr)
		GUEST_ASSERT_EQ((u64)function, guest_cpu()->elr);
	return esr;
}

static u64 try_store(u64 *where, u64 value)
{
	return GUEST_TRY("str %0, [%1]", "+r" (value), "+r" (where));
}

static u64 try_load(u64 *where)
{
	u64 value;

	return GUEST_TRY("ldr %0, [%1]", "=r" (value), "+r" (where));
}

static void breakpoint_set(void (*function)(void))
{
	DEBUG_SET("dbgbvr", 0, function);
	DEBUG_SET("dbgbcr", 0, DBGBCR_ON);
}

static void watchpoint_set(u64 *where, u64 control)
{
	DEBUG_SET("dbgwvr", 0, where);
	DEBUG_SET("dbgwcr", 0, control);
}

static void breakpoint_assert(void (*function)(void), bool fires)
{
	u64 esr = try_call(function);

	if (fires)
		GUEST_ASSERT_EQ(ESR_EC_BREAKPOINT + ESR_EC_SAME, ESR_EC(esr));
	else
		GUEST_ASSERT_EQ(0, esr);
}

static void watchpoint_assert(u64 *where, u64 esr, bool fires)
{
	if (!fires) {
		GUEST_ASSERT_EQ(0, esr);
		return;
	}
	GUEST_ASSERT_EQ(ESR_EC_WATCHPOINT + ESR_EC_SAME, ESR_EC(esr));
	GUEST_ASSERT_EQ((u64)where, guest_cpu()->far);
}

/* Each enable by itself is not enough. */
static void guest_has_a_breakpoint(void)
{
	breakpoint_set(stepped_on);
	breakpoint_assert(stepped_on, false);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	breakpoint_assert(stepped_on, false);
	debug_unmask();
	breakpoint_assert(stepped_on, true);
	breakpoint_assert(stepped_beside, false);
	guest_sync(0);
	breakpoint_assert(stepped_on, true);
	debug_mdscr(MDSCR_MDE);
	breakpoint_assert(stepped_on, false);
	debug_mdscr(MDSCR_KDE);
	breakpoint_assert(stepped_on, false);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	DEBUG_SET("dbgbcr", 0, DBGBCR_ON & ~1ULL);
	breakpoint_assert(stepped_on, false);
	DEBUG_SET("dbgbvr", 1, stepped_beside);
	DEBUG_SET("dbgbcr", 1, DBGBCR_ON);
	breakpoint_assert(stepped_beside, true);
	breakpoint_assert(stepped_on, false);
}

/* The last that the CPUs here have. */
static void guest_has_the_last_of_each(void)
{
	u64 dfr0;

	asm volatile("mrs %0, id_aa64dfr0_el1" : "=r" (dfr0));
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	debug_unmask();
	if (DFR0_BRPS(dfr0) == 5) {
		DEBUG_SET("dbgbvr", 5, stepped_on);
		DEBUG_SET("dbgbcr", 5, DBGBCR_ON);
		breakpoint_assert(stepped_on, true);
	}
	if (DFR0_WRPS(dfr0) == 3) {
		DEBUG_SET("dbgwvr", 3, &watched[0]);
		DEBUG_SET("dbgwcr", 3, DBGWCR_ON);
		watchpoint_assert(&watched[0], try_store(&watched[0], 1), true);
	}
	guest_report(0, DFR0_BRPS(dfr0), DFR0_WRPS(dfr0));
}

static void guest_has_a_watchpoint(void)
{
	watchpoint_set(&watched[0], DBGWCR_STORES);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	debug_unmask();
	watchpoint_assert(&watched[0], try_store(&watched[0], 1), true);
	GUEST_ASSERT_EQ(0, READ_ONCE(watched[0]));
	guest_sync(0);
	watchpoint_assert(&watched[0], try_load(&watched[0]), false);
	watchpoint_assert(&watched[1], try_store(&watched[1], 1), false);
	DEBUG_SET("dbgwcr", 0, DBGWCR_ON);
	watchpoint_assert(&watched[0], try_load(&watched[0]), true);
	DEBUG_SET("dbgwcr", 0, 0);
	watchpoint_assert(&watched[0], try_store(&watched[0], 2), false);
	GUEST_ASSERT_EQ(2, READ_ONCE(watched[0]));
	DEBUG_SET("dbgwvr", 1, &watched[1]);
	DEBUG_SET("dbgwcr", 1, DBGWCR_ON);
	watchpoint_assert(&watched[1], try_store(&watched[1], 2), true);
}

/* NOP, and SVC #0, which ends it */
static const u32 el0_code[] = { 0xd503201f, 0xd4000001 };
/* LDR X0, [X1], and SVC #0 */
static const u32 el0_load[] = { 0xf9400020, 0xd4000001 };

/* EL0's come whatever EL1 masks. */
static void guest_debugs_el0(void)
{
	struct guest_trip trip;

	debug_mdscr(MDSCR_MDE);
	DEBUG_SET("dbgbvr", 0, el0_code);
	DEBUG_SET("dbgbcr", 0, DBGBCR_ON);
	trip = guest_at_el0(el0_code, GUEST_EL0, 0);
	GUEST_ASSERT_EQ(ESR_EC_BREAKPOINT, ESR_EC(trip.esr));
	GUEST_ASSERT_EQ((u64)el0_code, trip.elr);
	watchpoint_set(&watched[0], DBGWCR_ON);
	trip = guest_at_el0(el0_load, GUEST_EL0, (u64)&watched[0]);
	GUEST_ASSERT_EQ(ESR_EC_WATCHPOINT, ESR_EC(trip.esr));
	GUEST_ASSERT_EQ((u64)el0_load, trip.elr);
	debug_mdscr(0);
	GUEST_ASSERT_EQ(ESR_EC_SVC, ESR_EC(guest_at_el0(el0_code, GUEST_EL0, 0).esr));
}

/*
 * EL1 steps itself, over instructions that the CPU does, the hypervisor does in the guest's
 * place, or EL2 does without it.  The last is there not to be reached.
 */
static const u32 stepped[] = {
	0xd503201f,	/* NOP */
	0xd53b0020,	/* MRS X0, CTR_EL0 */
	0xd5390020,	/* MRS X0, CLIDR_EL1 */
	0xd5380600,	/* MRS X0, ID_AA64ISAR0_EL1 */
	0xd5381020,	/* MRS X0, ACTLR_EL1 */
	0xd5300240,	/* MRS X0, MDSCR_EL1 */
	0xd4000002,	/* HVC #0 */
	0xd503201f,	/* NOP */
};

static void guest_steps_itself(void)
{
	struct guest_trip trip;
	unsigned int i;

	debug_mdscr(MDSCR_SS | MDSCR_KDE);
	for (i = 0; i < ARRAY_SIZE(stepped) - 1; i++) {
		trip = guest_at_el0(&stepped[i], GUEST_EL1_STEP, 0);
		GUEST_ASSERT_EQ(ESR_EC_STEP + ESR_EC_SAME, ESR_EC(trip.esr));
		GUEST_ASSERT_EQ((u64)&stepped[i + 1], trip.elr);
	}
	debug_mdscr(0);
}

static u64 oslsr_read(void)
{
	u64 value;

	asm volatile("mrs %0, oslsr_el1" : "=r" (value));
	return value;
}

static void oslar_write(u64 value)
{
	asm volatile("msr oslar_el1, %0\n\tisb" : : "r" (value) : "memory");
}

/* Locked, nothing fires but BRK; what is enabled stays so. */
static void guest_locks_the_os_lock(void)
{
	u64 mdscr;

	GUEST_ASSERT_EQ(OSLSR_OSLM, oslsr_read());
	breakpoint_set(stepped_on);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	debug_unmask();
	breakpoint_assert(stepped_on, true);
	oslar_write(1);
	GUEST_ASSERT_EQ(OSLSR_OSLM | OSLSR_OSLK, oslsr_read());
	breakpoint_assert(stepped_on, false);
	GUEST_ASSERT_EQ(ESR_EC_BRK, ESR_EC(GUEST_TRY("brk #0")));
	asm volatile("mrs %0, mdscr_el1" : "=r" (mdscr));
	GUEST_ASSERT_EQ(MDSCR_MDE | MDSCR_KDE, mdscr);
	debug_mdscr(MDSCR_SS);
	GUEST_ASSERT_EQ(ESR_EC_SVC, ESR_EC(guest_at_el0(el0_code, GUEST_EL0_STEP, 0).esr));
	guest_sync(0);
	oslar_write(0);
	GUEST_ASSERT_EQ(OSLSR_OSLM, oslsr_read());
	GUEST_ASSERT_EQ(ESR_EC_STEP, ESR_EC(guest_at_el0(el0_code, GUEST_EL0_STEP, 0).esr));
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	debug_unmask();
	breakpoint_assert(stepped_on, true);
}

/* @function stops it, if that is not NULL, and the other never. */
static void guest_is_stopped_by(void (*function)(void))
{
	u64 i;

	if (function) {
		breakpoint_set(function);
		watchpoint_set(&watched[function == stepped_on], DBGWCR_ON);
		debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	}
	debug_unmask();
	for (i = 0; i < ROUNDS; i++) {
		breakpoint_assert(stepped_on, function == stepped_on);
		breakpoint_assert(stepped_beside, function == stepped_beside);
		watchpoint_assert(&watched[0], try_store(&watched[0], i),
				  function == stepped_beside);
		watchpoint_assert(&watched[1], try_store(&watched[1], i), function == stepped_on);
		guest_sync(i);
	}
}

/* Another vCPU, in another VM, gets its registers after the first stage. */
static void guest_travels(void)
{
	breakpoint_set(stepped_on);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE);
	debug_unmask();
	breakpoint_assert(stepped_on, true);
	guest_sync(0);
	breakpoint_assert(stepped_on, true);
	breakpoint_assert(stepped_beside, false);
}

static void guest_finds_nothing_set(void)
{
	u64 value;

	asm volatile("mrs %0, mdscr_el1" : "=r" (value));
	GUEST_ASSERT_EQ(0, value);
	asm volatile("mrs %0, dbgbvr0_el1" : "=r" (value));
	GUEST_ASSERT_EQ(0, value);
	asm volatile("mrs %0, dbgbcr0_el1" : "=r" (value));
	GUEST_ASSERT_EQ(0, value);
	asm volatile("mrs %0, dbgwcr1_el1" : "=r" (value));
	GUEST_ASSERT_EQ(0, value);
	GUEST_ASSERT_EQ(OSLSR_OSLM, oslsr_read());
}

static void guest_sets_all(void)
{
	breakpoint_set(stepped_on);
	watchpoint_set(&watched[0], DBGWCR_ON);
	DEBUG_SET("dbgwcr", 1, DBGWCR_ON);
	debug_mdscr(MDSCR_MDE | MDSCR_KDE | MDSCR_SS);
	oslar_write(1);
	guest_sync(0);
}

/* DBGBVRn and DBGWVRn are as many as ID_AA64DFR0_EL1 says: the last, and one more. */
static void guest_counts_them(void)
{
	u64 dfr0, value;

	asm volatile("mrs %0, id_aa64dfr0_el1" : "=r" (dfr0));
	GUEST_ASSERT_EQ(6, DFR0_VERSION(dfr0));
	GUEST_ASSERT(DFR0_BRPS(dfr0) >= 1);
	GUEST_ASSERT(DFR0_WRPS(dfr0) >= 1);
	GUEST_ASSERT_EQ(0, GUEST_TRY("mrs %0, dbgbvr1_el1", "=r" (value)));
	GUEST_ASSERT_EQ(0, GUEST_TRY("mrs %0, dbgwvr1_el1", "=r" (value)));
	if (DFR0_BRPS(dfr0) < 15)
		GUEST_ASSERT_EQ(ESR_EC_UNKNOWN,
				ESR_EC(GUEST_TRY("mrs %0, dbgbcr15_el1", "=r" (value))));
	if (DFR0_WRPS(dfr0) < 15)
		GUEST_ASSERT(GUEST_TRY("msr dbgwcr15_el1, xzr"));
	GUEST_ASSERT(GUEST_TRY("msr s2_0_c1_c1_4, xzr"));	/* OSLSR_EL1 */
}

/* The host */

static void guest_run(const void *function)
{
	struct vcpu *vcpu = program_vcpu(function);
	struct ucall ucall;

	do
		program_run(vcpu, &ucall);
	while (ucall.command != UCALL_DONE);
	vm_destroy(vcpu->vm);
}

TEST(breakpoints)
{
	guest_run(guest_has_a_breakpoint);
}

TEST(the_last_of_each)
{
	struct vcpu *vcpu = program_vcpu(guest_has_the_last_of_each);
	struct ucall ucall;

	program_run(vcpu, &ucall);
	if (ucall.args[1] != 5 || ucall.args[2] != 3)
		SKIP(goto out, "not 6 breakpoints and 4 watchpoints");
	program_finish(vcpu);
out:
	vm_destroy(vcpu->vm);
}

TEST(watchpoints)
{
	guest_run(guest_has_a_watchpoint);
}

TEST(at_el0)
{
	guest_run(guest_debugs_el0);
}

TEST(steps)
{
	guest_run(guest_steps_itself);
}

TEST(os_lock)
{
	guest_run(guest_locks_the_os_lock);
}

TEST(as_many_as_the_guest_is_told)
{
	guest_run(guest_counts_them);
}

/* On one CPU, one after the other, and one that has none; of one VM, and of two. */
TEST(of_each_vcpu_alone)
{
	struct vm *vm = vm_create(), *other = vm_create();
	struct vcpu *vcpus[4];
	unsigned int i, round;

	cpu_bind(0);
	program_load(vm);
	program_load(other);
	for (i = 0; i < 3; i++)
		vcpus[i] = vcpu_add(vm, i);
	vcpus[3] = vcpu_add(other, 0);
	program_enter(vcpus[0], guest_is_stopped_by, (u64)stepped_on, 0, 0);
	program_enter(vcpus[1], guest_is_stopped_by, (u64)stepped_beside, 0, 0);
	program_enter(vcpus[2], guest_is_stopped_by, 0, 0, 0);
	program_enter(vcpus[3], guest_is_stopped_by, (u64)stepped_beside, 0, 0);
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < ARRAY_SIZE(vcpus); i++)
			program_run_to(vcpus[i], round);
	for (i = 0; i < ARRAY_SIZE(vcpus); i++)
		program_finish(vcpus[i]);
	vm_destroy(other);
	vm_destroy(vm);
}

static const u64 *each_of_16(void)
{
	static u64 ids[4 * REG_DEBUG_EACH];
	unsigned int n;

	for (n = 0; n < REG_DEBUG_EACH; n++) {
		ids[4 * n] = REG_DBGBVR(n);
		ids[4 * n + 1] = REG_DBGBCR(n);
		ids[4 * n + 2] = REG_DBGWVR(n);
		ids[4 * n + 3] = REG_DBGWCR(n);
	}
	return ids;
}

TEST(userspace_keeps_them)
{
	struct vcpu *vcpu = program_vcpu(guest_travels);
	const u64 *ids = each_of_16();
	unsigned int i;

	for (i = 0; i < 4 * REG_DEBUG_EACH; i++)
		reg_set(vcpu, ids[i], PATTERN + i);
	reg_set(vcpu, REG_MDSCR_EL1, MDSCR_MDE | MDSCR_SS);
	reg_set(vcpu, REG_MDCCINT_EL1, PATTERN);
	reg_set(vcpu, REG_DBGVCR32_EL2, PATTERN + 1);
	reg_set(vcpu, REG_OSLSR_EL1, OSLSR_OSLM | OSLSR_OSLK);
	for (i = 0; i < 4 * REG_DEBUG_EACH; i++)
		EXPECT_EQ(PATTERN + i, reg_get(vcpu, ids[i]));
	EXPECT_EQ(MDSCR_MDE | MDSCR_SS, reg_get(vcpu, REG_MDSCR_EL1));
	EXPECT_EQ(PATTERN, reg_get(vcpu, REG_MDCCINT_EL1));
	EXPECT_EQ(PATTERN + 1, reg_get(vcpu, REG_DBGVCR32_EL2));
	EXPECT_EQ(OSLSR_OSLM | OSLSR_OSLK, reg_get(vcpu, REG_OSLSR_EL1));
	vm_destroy(vcpu->vm);
}

/* Of OSLSR_EL1, OSLK can be written, and nothing else. */
TEST(oslsr_is_checked)
{
	struct vcpu *vcpu = program_vcpu(guest_travels);
	u64 value;

	for (value = 0; value < 16; value++) {
		int error = (value & ~OSLSR_OSLK) == OSLSR_OSLM ? 0 : EINVAL;

		EXPECT_ERRNO(error, __reg_set(vcpu, REG_OSLSR_EL1, &value));
	}
	EXPECT_EQ(OSLSR_OSLM | OSLSR_OSLK, reg_get(vcpu, REG_OSLSR_EL1));
	vm_destroy(vcpu->vm);
}

static size_t register_size(u64 id)
{
	return 1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

/* The guest's memory is the program's, and it has none that it wrote. */
TEST(they_travel)
{
	struct vcpu *from = program_vcpu(guest_travels), *to = program_vcpu(guest_travels);
	struct kvm_reg_list *list = reg_list(from);
	u64 i, value[2];

	program_run_to(from, 0);
	memcpy(vm_hva(to->vm, GUEST_PROGRAM_BASE, GUEST_PROGRAM_SIZE),
	       vm_hva(from->vm, GUEST_PROGRAM_BASE, GUEST_PROGRAM_SIZE), GUEST_PROGRAM_SIZE);
	/* Past the store that tells: it is done, and KVM_RUN completes it. */
	from->run->immediate_exit = 1;
	EXPECT_ERRNO(EINTR, __vcpu_run(from));
	for (i = 0; i < list->n; i++) {
		if (register_size(list->reg[i]) > sizeof(value))
			continue;
		ASSERT_EQ(0, __reg_get(from, list->reg[i], value));
		ASSERT_EQ(0, __reg_set(to, list->reg[i], value));
	}
	free(list);
	vm_destroy(from->vm);
	program_finish(to);
	vm_destroy(to->vm);
}

TEST(reset_clears_them)
{
	struct vcpu *vcpu = program_vcpu(guest_sets_all);

	program_run_to(vcpu, 0);
	EXPECT_EQ(DBGBCR_ON, reg_get(vcpu, REG_DBGBCR(0)));
	EXPECT_EQ((u64)stepped_on, reg_get(vcpu, REG_DBGBVR(0)));
	EXPECT_EQ((u64)&watched[0], reg_get(vcpu, REG_DBGWVR(0)));
	EXPECT_EQ(MDSCR_MDE | MDSCR_KDE | MDSCR_SS, reg_get(vcpu, REG_MDSCR_EL1));
	EXPECT_EQ(OSLSR_OSLM | OSLSR_OSLK, reg_get(vcpu, REG_OSLSR_EL1));
	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	EXPECT_EQ(0, reg_get(vcpu, REG_DBGBCR(0)));
	EXPECT_EQ(0, reg_get(vcpu, REG_MDSCR_EL1));
	EXPECT_EQ(OSLSR_OSLM, reg_get(vcpu, REG_OSLSR_EL1));
	program_enter(vcpu, guest_finds_nothing_set, 0, 0, 0);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
