// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files calls and el2.
 *
 * The kernel's stub runs any code for HVC_SOFT_RESTART, at EL2 with the MMU off,
 * ELR_EL2 and SPSR_EL2 leading back to the caller.  So two instructions read a
 * register: MRS x0, ERET.  There is such a pair for each register in one page.
 */
#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "abi.h"
#include "probe.h"

/* MRS x0, ...; MOV x0, sp; ERET (ARM DDI 0487J.a, C6.2). */
#define INSN_MRS_X0		0xd5200000
#define INSN_MOV_X0_SP		0x910003e0
#define INSN_ERET		0xd69f03e0

#define ID_FIELD		GENMASK(3, 0)
#define PFR0_EL2_SHIFT		8

/* Which ID register, and which field in it, says that a register exists. */
enum el2_id {
	ID_NONE,
	ID_PFR0,
	ID_MMFR0,
	ID_MMFR1,
	ID_DFR0,
};

/**
 * struct el2_register - a register of EL2
 * @name: as the architecture has it
 * @instruction: that puts it into x0
 * @id: where to find out whether it exists
 * @shift: of the field there
 */
struct el2_register {
	const char *name;
	u32 instruction;
	enum el2_id id;
	unsigned int shift;
};

#define MRS(op0, op1, crn, crm, op2) (INSN_MRS_X0 | sys_reg(op0, op1, crn, crm, op2))

/* Those that control something; what the last exception left is not in it. */
static const struct el2_register el2_registers[] = {
	{ "sp_el2",		INSN_MOV_X0_SP },
	{ "vbar_el2",		MRS(3, 4, 12, 0, 0) },
	{ "sctlr_el2",		MRS(3, 4, 1, 0, 0) },
	{ "actlr_el2",		MRS(3, 4, 1, 0, 1) },
	{ "hcr_el2",		MRS(3, 4, 1, 1, 0) },
	{ "mdcr_el2",		MRS(3, 4, 1, 1, 1) },
	{ "cptr_el2",		MRS(3, 4, 1, 1, 2) },
	{ "hstr_el2",		MRS(3, 4, 1, 1, 3) },
	{ "hacr_el2",		MRS(3, 4, 1, 1, 7) },
	{ "ttbr0_el2",		MRS(3, 4, 2, 0, 0) },
	{ "tcr_el2",		MRS(3, 4, 2, 0, 2) },
	{ "vttbr_el2",		MRS(3, 4, 2, 1, 0) },
	{ "vtcr_el2",		MRS(3, 4, 2, 1, 2) },
	{ "mair_el2",		MRS(3, 4, 10, 2, 0) },
	{ "amair_el2",		MRS(3, 4, 10, 3, 0) },
	{ "tpidr_el2",		MRS(3, 4, 13, 0, 2) },
	{ "vpidr_el2",		MRS(3, 4, 0, 0, 0) },
	{ "vmpidr_el2",		MRS(3, 4, 0, 0, 5) },
	{ "cntvoff_el2",	MRS(3, 4, 14, 0, 3) },
	{ "cnthctl_el2",	MRS(3, 4, 14, 1, 0) },
	{ "cnthp_ctl_el2",	MRS(3, 4, 14, 2, 1) },
	{ "cnthp_cval_el2",	MRS(3, 4, 14, 2, 2) },
	{ "icc_sre_el2",	MRS(3, 4, 12, 9, 5),	ID_PFR0, 24 },
	{ "ich_hcr_el2",	MRS(3, 4, 12, 11, 0),	ID_PFR0, 24 },
	{ "vsesr_el2",		MRS(3, 4, 5, 2, 3),	ID_PFR0, 28 },
	{ "vdisr_el2",		MRS(3, 4, 12, 1, 1),	ID_PFR0, 28 },
	{ "mpam2_el2",		MRS(3, 4, 10, 5, 0),	ID_PFR0, 40 },
	{ "hcrx_el2",		MRS(3, 4, 1, 2, 2),	ID_MMFR1, 40 },
	{ "hfgrtr_el2",		MRS(3, 4, 1, 1, 4),	ID_MMFR0, 56 },
	{ "hfgwtr_el2",		MRS(3, 4, 1, 1, 5),	ID_MMFR0, 56 },
	{ "hfgitr_el2",		MRS(3, 4, 1, 1, 6),	ID_MMFR0, 56 },
	{ "hdfgrtr_el2",	MRS(3, 4, 3, 1, 4),	ID_MMFR0, 56 },
	{ "hdfgwtr_el2",	MRS(3, 4, 3, 1, 5),	ID_MMFR0, 56 },
	{ "trfcr_el2",		MRS(3, 4, 1, 2, 1),	ID_DFR0, 40 },
};

/* One entry a register. */
struct el2_code {
	__le32 mrs;
	__le32 eret;
};

static struct el2_code *el2_code;

static_assert(ARRAY_SIZE(el2_registers) * sizeof(struct el2_code) <= PAGE_SIZE);

u64 el2_hvc(u64 call, u64 entry)
{
	register u64 x0 asm("x0") = call;
	register u64 x1 asm("x1") = entry;

	asm volatile("hvc #0"
		     : "+r" (x0), "+r" (x1)
		     :
		     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		       "x13", "x14", "x15", "x16", "x17", "cc", "memory");
	return x0;
}

static bool id_says_so(enum el2_id id, unsigned int shift)
{
	switch (id) {
	case ID_PFR0:
		return read_cpuid(ID_AA64PFR0_EL1) >> shift & ID_FIELD;
	case ID_MMFR0:
		return read_cpuid(ID_AA64MMFR0_EL1) >> shift & ID_FIELD;
	case ID_MMFR1:
		return read_cpuid(ID_AA64MMFR1_EL1) >> shift & ID_FIELD;
	case ID_DFR0:
		return read_cpuid(ID_AA64DFR0_EL1) >> shift & ID_FIELD;
	default:
		return true;
	}
}

struct el2_values {
	u64 value[ARRAY_SIZE(el2_registers)];
	bool busy;
};

static void el2_read(void *info)
{
	struct el2_values *values = info;
	unsigned int i;

	values->busy = el2_hvc(EL2_HVC_PROBE, 0) != EL2_STUB_ERR;
	if (values->busy)
		return;
	for (i = 0; i < ARRAY_SIZE(el2_registers); i++) {
		const struct el2_register *reg = &el2_registers[i];

		values->value[i] = id_says_so(reg->id, reg->shift) ?
			el2_hvc(EL2_STUB_SOFT_RESTART, virt_to_phys(&el2_code[i])) : 0;
	}
}

int el2_show(struct seq_file *m, void *unused)
{
	struct el2_values values;
	unsigned int cpu, i;
	int err = 0;

	if (!id_says_so(ID_PFR0, PFR0_EL2_SHIFT))
		return -ENODEV;
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, el2_read, &values, 1);
		err = values.busy ? -EBUSY : 0;
		if (err)
			break;
		for (i = 0; i < ARRAY_SIZE(el2_registers); i++)
			seq_printf(m, "cpu%u %s 0x%llx\n", cpu, el2_registers[i].name,
				   values.value[i]);
	}
	cpus_read_unlock();
	return err;
}

ssize_t reset_write(struct file *file, const char __user *text, size_t size, loff_t *unused)
{
	el2_hvc(EL2_STUB_RESET_VECTORS, 0);
	return size;
}

struct el2_answers {
	u64 unknown;
	u64 probe;
	u64 set_vectors;
};

static void el2_call(void *info)
{
	struct el2_answers *answers = info;

	answers->unknown = el2_hvc(EL2_STUB_PROBE, 0);
	answers->probe = el2_hvc(EL2_HVC_PROBE, 0);
	if (answers->probe == EL2_ABI_VERSION)
		answers->set_vectors = el2_hvc(EL2_STUB_SET_VECTORS, 0);
}

int calls_show(struct seq_file *m, void *unused)
{
	unsigned int cpu;

	if (!id_says_so(ID_PFR0, PFR0_EL2_SHIFT))
		return -ENODEV;
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		struct el2_answers answers = { };

		smp_call_function_single(cpu, el2_call, &answers, 1);
		seq_printf(m, "cpu%u 0x%llx 0x%llx", cpu, answers.unknown, answers.probe);
		if (answers.probe == EL2_ABI_VERSION)
			seq_printf(m, " 0x%llx", answers.set_vectors);
		seq_puts(m, "\n");
	}
	cpus_read_unlock();
	return 0;
}

int el2_init(void)
{
	unsigned int i;

	el2_code = (struct el2_code *)get_zeroed_page(GFP_KERNEL);
	if (!el2_code)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(el2_registers); i++) {
		el2_code[i].mrs = cpu_to_le32(el2_registers[i].instruction);
		el2_code[i].eret = cpu_to_le32(INSN_ERET);
		/* It is fetched with the caches of EL2 off. */
		asm volatile("dc civac, %0" : : "r" (&el2_code[i]) : "memory");
	}
	dsb(sy);	/* complete before the first HVC that goes there */
	return 0;
}

void el2_exit(void)
{
	free_page((unsigned long)el2_code);
}
