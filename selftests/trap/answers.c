// SPDX-License-Identifier: GPL-2.0-only
/*
 * What EL2 answers without the host: the guest cannot tell who answered, and nothing is
 * counted twice or not at all.  The module's parameter "answers" turns it off.
 */
#include <errno.h>
#include <string.h>

#include "../lib/counter.h"
#include "../lib/file.h"
#include "../lib/module.h"
#include "../lib/require.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define PARAMETER	"/sys/module/setway/parameters/answers"
#define TRACE_EXIT	"/sys/kernel/tracing/events/setway/exit/enable"
#define TRACE_TOUCH	"/sys/kernel/tracing/events/setway/revalidate/enable"

/* MRS X0, sys_reg(3, op1, 0, crm, op2), and RET */
#define INSN_MRS(op1, crm, op2)	(0xd5380000 | (op1) << 16 | (crm) << 8 | (op2) << 5)
#define INSN_RET	0xd65f03c0
#define CODE_BASE	0x10000000UL

#define ID_ROWS		7	/* CRm 1 to 7 */
#define CACHES		4	/* CSSELR_EL1: two levels, data and instructions */
#define VALUES		(ID_ROWS * 8 + 3 * CACHES + 2)
#define PAGES		64

struct values {
	u64 seen[VALUES];
};

static struct values values;

static u64 guest_mrs(u32 insn)
{
	register u64 value asm("x0");
	u64 code = CODE_BASE;

	guest_write(code, (u64)INSN_RET << 32 | insn);
	asm volatile("dc cvau, %1\n\t"
		     "dsb ish\n\t"
		     "ic ivau, %1\n\t"
		     "dsb ish\n\t"
		     "isb\n\t"
		     "blr %1" : "=r" (value) : "r" (code) : "x30", "memory");
	return value;
}

/* Everything once; what comes before the first stage brings the pages in. */
static void guest_reads_all(void)
{
	u32 crm, op2, cache, n = 0;

	guest_mrs(INSN_RET);
	guest_sync(0);
	for (crm = 1; crm <= ID_ROWS; crm++)
		for (op2 = 0; op2 < 8; op2++)
			values.seen[n++] = guest_mrs(INSN_MRS(0, crm, op2));
	for (cache = 0; cache < CACHES; cache++) {
		asm volatile("msr csselr_el1, %0\n\tisb" : : "r" (~0xfUL | cache));
		asm volatile("mrs %0, csselr_el1" : "=r" (values.seen[n++]));
		asm volatile("mrs %0, ccsidr_el1" : "=r" (values.seen[n++]));
		/* to nowhere */
		asm volatile("mrs xzr, ccsidr_el1");
		values.seen[n++] = cache;
	}
	asm volatile("mrs %0, clidr_el1" : "=r" (values.seen[n++]));
	asm volatile("mrs %0, ctr_el0" : "=r" (values.seen[n++]));
	guest_sync(1);
}

/*
 * One value of each cache is no access; one access has no value, and one is a write.  CTR
 * does not trap if the CPU can do without.
 */
static u64 accesses(void)
{
	return VALUES + CACHES - module_does("evt");
}

FIXTURE(answers)
{
};

static void set(const char *path, const char *value)
{
	if (file_write(path, value))
		fail("%s: %s", path, strerror(errno));
}

FIXTURE_SETUP(answers)
{
	set(PARAMETER, "1");
}

FIXTURE_TEARDOWN(answers)
{
	set(PARAMETER, "1");
	set(TRACE_EXIT, "0");
	set(TRACE_TOUCH, "0");
}

static struct values read_all(struct __test_metadata *_metadata, bool by_el2)
{
	struct vcpu *vcpu = program_vcpu(guest_reads_all);
	struct vm *vm = vcpu->vm;
	struct values seen;
	u64 exits, answered;

	vm_memory_add(vm, MEMORY_SLOT, CODE_BASE, SZ_4K, 0);
	program_run_to(vcpu, 0);
	exits = counter_read(vm, "exits_sysreg");
	answered = counter_read(vm, "el2_sysreg");
	program_run_to(vcpu, 1);
	EXPECT_EQ(by_el2 ? 0 : accesses(), counter_read(vm, "exits_sysreg") - exits);
	EXPECT_EQ(by_el2 ? accesses() : 0, counter_read(vm, "el2_sysreg") - answered);
	memcpy(&seen, vm_hva(vm, (u64)&values, sizeof(values)), sizeof(seen));
	vm_destroy(vm);
	return seen;
}

TEST_F(answers, are_the_hosts)
{
	struct values by_el2 = read_all(_metadata, true), by_host;
	int i;

	set(PARAMETER, "0");
	by_host = read_all(_metadata, false);
	for (i = 0; i < VALUES; i++)
		EXPECT_EQ(by_host.seen[i], by_el2.seen[i])
			TH_LOG("register %d", i);
}

/* All exits are traced, so there is one. */
TEST_F(answers, are_traced_as_exits)
{
	set(TRACE_EXIT, "1");
	read_all(_metadata, false);
	set(TRACE_EXIT, "0");
	read_all(_metadata, true);
}

/*
 * Two batches, and what is touched after each.  With the caches off each first touch
 * would have to clean, which is the host's.
 */
__own_page static void guest_touches(u64 pages)
{
	guest_mmu_on();
	guest_touch(MEMORY_IPA, pages, SZ_4K);
	guest_sync(0);
	guest_flush(GUEST_CISW, 0);
	guest_touch(MEMORY_IPA, pages, SZ_4K);
	guest_flush(GUEST_CISW, 0);
	guest_sync(1);
}

/* @off: a file that turns EL2's answers off, or NULL; after EL2 has answered some. */
static struct tally touch(struct __test_metadata *_metadata, const char *off, const char *value)
{
	struct vm *vm = vm_watched(PAGES);
	struct vcpu *vcpu = vcpu_add(vm, 0);
	struct tally before, tally;
	u64 answered;

	program_enter(vcpu, guest_touches, PAGES, 0, 0);
	program_run_to(vcpu, 0);
	if (off)
		set(off, value);
	before = tally_read(vm);
	answered = counter_read(vm, "el2_revalidations");
	program_run_to(vcpu, 1);
	tally = tally_since(vm, &before);
	answered = counter_read(vm, "el2_revalidations") - answered;
	EXPECT_EQ(off ? 0 : tally.revalidations, answered);
	vm_destroy(vm);
	return tally;
}

static void expect_same(struct __test_metadata *_metadata, const struct tally *one,
			const struct tally *other)
{
	EXPECT_LE(PAGES, one->revalidations);
	EXPECT_EQ(one->revalidations, other->revalidations);
	EXPECT_EQ(one->faults, other->faults);
	EXPECT_EQ(one->batches, other->batches);
	EXPECT_EQ(one->cleaned, other->cleaned);
	EXPECT_EQ(one->skipped, other->skipped);
}

TEST_F(answers, of_faults_count_as_the_hosts)
{
	struct tally by_el2 = touch(_metadata, NULL, NULL);
	struct tally by_host = touch(_metadata, PARAMETER, "0");

	expect_same(_metadata, &by_host, &by_el2);
}

TEST_F(answers, of_faults_are_the_hosts_if_traced)
{
	struct tally by_el2 = touch(_metadata, NULL, NULL);
	struct tally by_host = touch(_metadata, TRACE_TOUCH, "1");

	expect_same(_metadata, &by_host, &by_el2);
}

TEST_HARNESS_MAIN
