// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file el1.
 */
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <asm/sysreg.h>

#include "probe.h"

/* These have the running process in them, so only a part of them stays. */
enum el1_part {
	EL1_SCTLR_SYSTEM,	/* of SCTLR_EL1, without what each task has its own way */
	EL1_CPACR_SYSTEM,	/* of CPACR_EL1, likewise */
	EL1_TTBR1_BADDR,	/* of TTBR1_EL1, without the ASID */
	EL1_CONTEXTIDR_IS_PID,	/* 1 if CONTEXTIDR_EL1 is what the kernel puts there */
	EL1_PARTS
};

/* EnIA, EnIB, EnDA, EnDB: pointer authentication; TCF0: tag checks. */
#define SCTLR_TASK	(BIT_ULL(31) | BIT_ULL(30) | BIT_ULL(27) | BIT_ULL(13) | \
			 GENMASK_ULL(39, 38))
/* What lets EL0, and not EL1, use SVE and SME: a task that has not, traps first. */
#define CPACR_TASK	(BIT_ULL(17) | BIT_ULL(25))
#define TTBR1_BADDR	GENMASK_ULL(47, 1)

static const struct el1_name {
	const char *name;
} el1_names[] = {
	[EL1_SCTLR_SYSTEM] = { "sctlr_el1.system" },
	[EL1_CPACR_SYSTEM] = { "cpacr_el1.system" },
	[EL1_TTBR1_BADDR] = { "ttbr1_el1.baddr" },
	[EL1_CONTEXTIDR_IS_PID] = { "contextidr_el1.is_pid" },
#define EL1_REGISTER(name) { #name },
#include "el1_registers.h"
};

struct el1_values {
	u64 value[ARRAY_SIZE(el1_names)];
};

static void el1_read(void *info)
{
	u64 *value = ((struct el1_values *)info)->value;

	value[EL1_SCTLR_SYSTEM] = read_sysreg(sctlr_el1) & ~SCTLR_TASK;
	value[EL1_CPACR_SYSTEM] = read_sysreg(cpacr_el1) & ~CPACR_TASK;
	value[EL1_TTBR1_BADDR] = read_sysreg(ttbr1_el1) & TTBR1_BADDR;
	value[EL1_CONTEXTIDR_IS_PID] = read_sysreg(contextidr_el1) == task_pid_nr(current);
	value += EL1_PARTS;
#define EL1_REGISTER(name) { *value++ = read_sysreg(name); }
#include "el1_registers.h"
}

int el1_show(struct seq_file *m, void *unused)
{
	struct el1_values values;
	unsigned int cpu, i;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, el1_read, &values, 1);
		for (i = 0; i < ARRAY_SIZE(el1_names); i++)
			seq_printf(m, "cpu%u %s 0x%llx\n", cpu, el1_names[i].name, values.value[i]);
	}
	cpus_read_unlock();
	return 0;
}
