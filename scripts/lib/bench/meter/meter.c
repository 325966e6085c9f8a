// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU that meters a hypervisor from outside: how many instructions it
 * executes for each exit of a guest, and where.  It knows no hypervisor.
 *
 *	-plugin meter.so,log=FILE,out=FILE[,blocks=on][,host=off] -d int -D FILE
 *
 * Who runs is told by QEMU's log of exceptions, which is read wherever an exception may
 * just have been taken or returned from: at addresses that can be a vector's, and after
 * each ERET.  All instructions are counted in one variable by inline code, and
 * what it grew by from one block to the next is the former's: exact, also for blocks
 * that an exception ended early.
 *
 * One CPU only.  Documentation/bench.rst describes what is written.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "log.h"
#include "plugin.h"
#include "world.h"

#define A64_ERET	0xd69f03e0U
#define A64_DC_CIVAC	0xd50b7e20U	/* and a register */
#define A64_DC_ZVA	0xd50b7420U	/* likewise */
#define A64_REGISTER	0x0000001fU
/* HINT #64 to HINT #127 do nothing on any CPU: marks, set by who wants a section to end. */
#define A64_HINT_64	0xd503281fU
#define A64_HINT_NUMBER	0x000007e0U
#define A64_HINT_SHIFT	5
#define MARKS		64
/*
 * How a function makes its frame: STP Xt, Xu, [SP, #n]! and STR Xt, [SP, #n]!, or, if that
 * is large, with STP X29, X30, [SP, #n] among others.
 */
#define A64_STP_NEW	0xa98003e0U
#define A64_STP_NEW_MASK	0xffc003e0U
#define A64_STR_NEW	0xf8000fe0U
#define A64_STR_NEW_MASK	0xffe00fe0U
#define A64_FRAME	0xa9007bfdU
#define A64_FRAME_MASK	0xffc07fffU
#define A64_SIZE	4
#define VECTOR_MASK	0x7fULL
#define KERNEL_HALF	0x8000000000000000ULL

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API;

static uint64_t executed;	/* instructions, by inline code */
static uint64_t cleaned;	/* lines, likewise */
static uint64_t executed_seen;
static uint64_t cleaned_seen;
static uint64_t guest;		/* instructions */
static struct block *last;	/* that ran */

static enum region region_of(const struct block *block)
{
	if (world.now == WORLD_EL2)
		return REGION_EL2;
	return block->va & KERNEL_HALF ? REGION_KERNEL : REGION_USER;
}

/* What was executed since the last time is @last's. */
static void settle(void)
{
	uint64_t insns = executed - executed_seen;

	if (world.now == WORLD_GUEST) {
		guest += insns;
	} else if (world.thread && world.thread->exited) {
		counts_add(world.thread, last, region_of(last), insns);
		world.thread->cost.cleaned += cleaned - cleaned_seen;
	}
	executed_seen = executed;
	cleaned_seen = cleaned;
}

static void section(const char *name)
{
	counts_write(name, guest, world.host_vector);
	guest = 0;
}

void world_reached(void)
{
	section("userspace");
}

static void on_block(unsigned int cpu, void *data)
{
	struct block *block = data;

	settle();
	if (block->may_be_vector || (last && last->returns))
		log_poll(world_event);
	last = block;
}

static void on_frame(unsigned int cpu, uint32_t info, uint64_t address, void *data)
{
	struct thread *thread = world_stack(address);

	if (!thread || thread == world.thread)
		return;
	settle();
	world.thread = thread;
}

/* A mark of the host's begins another guest. */
static void on_mark(unsigned int cpu, void *data)
{
	char name[sizeof("mark-00")];

	settle();
	snprintf(name, sizeof(name), "mark-%u", (unsigned int)(uintptr_t)data % MARKS);
	if (world.now == WORLD_HOST)
		world_arm();
	section(name);
}

static uint32_t insn_code(const struct qemu_plugin_insn *insn)
{
	uint32_t code = 0;

	if (qemu_plugin_insn_size(insn) == A64_SIZE)
		memcpy(&code, qemu_plugin_insn_data(insn), A64_SIZE);
	return code;
}

static bool insn_makes_frame(uint32_t code)
{
	return (code & A64_STP_NEW_MASK) == A64_STP_NEW ||
	       (code & A64_STR_NEW_MASK) == A64_STR_NEW ||
	       (code & A64_FRAME_MASK) == A64_FRAME;
}

static void insn_watch(struct qemu_plugin_insn *insn)
{
	uint32_t code = insn_code(insn);
	uintptr_t mark;

	qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_INLINE_ADD_U64, &executed, 1);
	if ((code & ~A64_REGISTER) == A64_DC_CIVAC)
		qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_INLINE_ADD_U64,
							   &cleaned, 1);
	if (insn_makes_frame(code))
		qemu_plugin_register_vcpu_mem_cb(insn, on_frame, PLUGIN_NO_REGS, PLUGIN_WRITE,
						 NULL);
	if ((code & ~A64_HINT_NUMBER) == A64_HINT_64) {
		mark = (code & A64_HINT_NUMBER) >> A64_HINT_SHIFT;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, PLUGIN_NO_REGS,
						       (void *)mark);
	}
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;
	struct block *block;
	uint32_t final;
	size_t i;

	final = insn_code(qemu_plugin_tb_get_insn(tb, count - 1));
	block = block_get(qemu_plugin_tb_vaddr(tb), count, final == A64_ERET);
	block->may_be_vector = !(block->va & VECTOR_MASK);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, PLUGIN_NO_REGS, block);
	for (i = 0; i < count; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		insn_watch(insn);
		if ((insn_code(insn) & ~A64_REGISTER) == A64_DC_ZVA)
			block->zeroes = true;
	}
}

static void on_end(uint64_t id, void *data)
{
	settle();
	section("end");
}

static const char *option(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);
	int i;

	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return argv[i] + length + 1;
	return "";
}

PLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	log_open(option(argc, argv, "log"));
	counts_open(option(argc, argv, "out"), !strcmp(option(argc, argv, "blocks"), "on"));
	world.no_host = !strcmp(option(argc, argv, "host"), "off");
	world.now = world.no_host ? WORLD_EL2 : WORLD_HOST;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_end, NULL);
	return 0;
}
