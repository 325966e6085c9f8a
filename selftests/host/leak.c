// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest can read is its own: nothing of the host's, nothing of another
 * guest's that ran on the same CPU before.
 */
#include <stdlib.h>

#include "../lib/cpu.h"
#include "../lib/gic.h"
#include "../lib/module.h"
#include "../lib/scan.h"
#include "../lib/test.h"

#define SCAN_SLOT	0
#define COMPLAINTS	10
#define KERNEL_ADDRESS	GENMASK(63, 48)
#define SECRET		0x5ec2e75ec2e75ec2ULL
#define REG_ID_SYSREG	(KVM_REG_ARM64 | KVM_REG_ARM64_SYSREG | KVM_REG_SIZE_U64)
#define REG_ID_INDEX	0x7fff		/* of an op0 of 2 or 3: as in lib/scan.h */
#define CPACR_FPEN	(3ULL << 20)

/* Written by the guest's own start, or by the exceptions of the scan. */
static const unsigned int guests_own[] = {
	SCAN_INDEX(3, 0, 4, 0, 0),	/* SPSR_EL1 */
	SCAN_INDEX(3, 0, 4, 0, 1),	/* ELR_EL1 */
	SCAN_INDEX(3, 0, 5, 2, 0),	/* ESR_EL1 */
	SCAN_INDEX(3, 0, 6, 0, 0),	/* FAR_EL1 */
	SCAN_INDEX(3, 0, 12, 0, 0),	/* VBAR_EL1 */
	SCAN_INDEX(3, 0, 13, 0, 4),	/* TPIDR_EL1 */
};

static void guest_reads(void)
{
	scan_guest_read();
}

/* What another guest leaves in all registers, FP and SIMD included. */
static void guest_writes(void)
{
	asm volatile("msr cpacr_el1, %0\n\tisb" : : "r" (CPACR_FPEN));
	asm volatile("dup v0.2d, %0\n\t"
		     "mov v31.16b, v0.16b\n\t"
		     "msr fpcr, %0\n\t"
		     "msr fpsr, %0"
		     : : "r" (SECRET));
	scan_guest_write(SECRET);
	for (;;)
		guest_sync(1);
}

static struct vcpu *scan_vcpu(const void *function)
{
	struct vcpu *vcpu = program_vcpu(function);

	scan_add(vcpu->vm, SCAN_SLOT);
	return vcpu;
}

/* Return: a copy of what a new guest reads on a CPU. */
static struct scan_result *scan_run(unsigned int cpu)
{
	struct scan_result *results = calloc(SCAN_NR, sizeof(*results));
	struct vcpu *vcpu = scan_vcpu(guest_reads);

	cpu_bind(cpu);
	program_finish(vcpu);
	memcpy(results, scan_results(vcpu->vm), SCAN_NR * sizeof(*results));
	vm_destroy(vcpu->vm);
	return results;
}

static bool is_guests_own(unsigned int index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(guests_own); i++)
		if (guests_own[i] == index)
			return true;
	return false;
}

/* The first vCPU of each VM must read the same everywhere. */
static unsigned int results_differ(const struct scan_result *a, const struct scan_result *b)
{
	unsigned int i, differ = 0;
	char name[SCAN_NAME];

	for (i = 0; i < SCAN_NR; i++) {
		if (scan_is_timely(i) || (a[i].esr == b[i].esr && a[i].value == b[i].value))
			continue;
		if (differ++ < COMPLAINTS)
			printf("# %s: %#llx (ESR %#llx), then %#llx (ESR %#llx)\n",
			       scan_name(i, name), a[i].value, a[i].esr, b[i].value, b[i].esr);
	}
	fflush(stdout);
	return differ;
}

static bool is_timers(unsigned int index)
{
	return index >= SCAN_INDEX(3, 3, 14, 0, 0) && index <= SCAN_INDEX(3, 3, 14, 3, 7);
}

static u64 last_cpu(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

TEST(guests_read_the_same_after_another_guest)
{
	struct scan_result *before = scan_run(last_cpu()), *after;
	struct vcpu *writer = scan_vcpu(guest_writes);

	program_run_to(writer, 1);
	/* it stays where it is, its registers perhaps in the CPU */
	after = scan_run(last_cpu());
	EXPECT_EQ(0, results_differ(before, after));
	program_run_to(writer, 1);
	free(after);
	after = scan_run(0);
	EXPECT_EQ(0, results_differ(before, after));
	vm_destroy(writer->vm);
}

TEST(guests_read_no_kernel_address)
{
	struct scan_result *results = scan_run(0);
	unsigned int i, read = 0;
	char name[SCAN_NAME];

	for (i = 0; i < SCAN_NR; i++) {
		if (results[i].esr)
			continue;
		read++;
		EXPECT_NE(KERNEL_ADDRESS, results[i].value & KERNEL_ADDRESS)
			TH_LOG("%s: %#llx", scan_name(i, name), results[i].value);
		EXPECT_NE(getpid(), (int)results[i].value)
			TH_LOG("%s: %#llx is the host's CONTEXTIDR_EL1", scan_name(i, name),
			       results[i].value);
	}
	/* ID registers at least */
	EXPECT_LT(50, read);
}

/* The guest finds in its registers what userspace reads there before the first run. */
TEST(guests_start_with_what_userspace_sees)
{
	struct vcpu *vcpu = scan_vcpu(guest_reads);
	struct scan_result *results = scan_results(vcpu->vm);
	struct kvm_reg_list *list = reg_list(vcpu);
	u64 *values = calloc(list->n, sizeof(*values));
	unsigned int compared = 0;
	char name[SCAN_NAME];
	u64 i, index;

	/* ID registers tell userspace of the GIC that there may be. */
	gic_create(vcpu->vm);
	for (i = 0; i < list->n; i++)
		if ((list->reg[i] & ~0xffffULL) == REG_ID_SYSREG)
			values[i] = reg_get(vcpu, list->reg[i]);
	program_finish(vcpu);
	for (i = 0; i < list->n; i++) {
		index = list->reg[i] & REG_ID_INDEX;
		if ((list->reg[i] & ~0xffffULL) != REG_ID_SYSREG || is_guests_own(index))
			continue;
		/*
		 * The list has registers that are not there for a guest in AArch64 (more
		 * debug registers than the CPU, DISR_EL1, AArch32's), and timers move on.
		 */
		if (results[index].esr || is_timers(index))
			continue;
		EXPECT_EQ(values[i], results[index].value)
			TH_LOG("%s", scan_name(index, name));
		compared++;
	}
	EXPECT_LT(20, compared);
	free(values);
	free(list);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
