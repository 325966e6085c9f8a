/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the meter uses of the interface of QEMU's plugins (version 1, QEMU 7.2), for
 * which Debian has no header.  The names are QEMU's.
 */
#ifndef METER_PLUGIN_H
#define METER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT	__attribute__((visibility("default")))
#define PLUGIN_API	1

struct qemu_plugin_tb;
struct qemu_plugin_insn;

/** enum plugin_regs - what a callback does to registers: nothing */
enum plugin_regs {
	PLUGIN_NO_REGS,
};

/** enum plugin_op - what inline code does to a variable: add to it */
enum plugin_op {
	PLUGIN_INLINE_ADD_U64,
};

/** enum plugin_access - of memory */
enum plugin_access {
	PLUGIN_READ	= 1,
	PLUGIN_WRITE	= 2,
};

/**
 * qemu_plugin_install() - the plugin's; called when it was loaded
 * @id: of the plugin, for all calls
 * @info: about the target, unused
 * @argc: number of @argv
 * @argv: "NAME=VALUE" as on the command line
 *
 * Return: 0, or not 0 to end QEMU
 */
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

/**
 * qemu_plugin_register_vcpu_tb_trans_cb() - be told of each translated block
 * @id: of the plugin
 * @callback: gets @id and the block, which is valid until it returns
 */
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*callback)(uint64_t, struct qemu_plugin_tb *));

/**
 * qemu_plugin_register_vcpu_tb_exec_cb() - be told when a block is about to run
 * @tb: the block
 * @callback: gets the CPU and @data
 * @flags: PLUGIN_NO_REGS
 * @data: for @callback
 */
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*callback)(unsigned int, void *),
					  enum plugin_regs flags, void *data);

/**
 * qemu_plugin_register_vcpu_insn_exec_cb() - be told when an instruction is about to run
 * @insn: the instruction
 * @callback: gets the CPU and @data
 * @flags: PLUGIN_NO_REGS
 * @data: for @callback
 */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*callback)(unsigned int, void *),
					    enum plugin_regs flags, void *data);

/**
 * qemu_plugin_register_vcpu_insn_exec_inline() - count an instruction
 * @insn: the instruction
 * @op: PLUGIN_INLINE_ADD_U64
 * @counter: where to add
 * @value: what to add
 */
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						enum plugin_op op, void *counter,
						uint64_t value);

/**
 * qemu_plugin_register_vcpu_mem_cb() - be told when an instruction has accessed memory
 * @insn: the instruction
 * @callback: gets the CPU, how it was accessed, the address and @data
 * @flags: PLUGIN_NO_REGS
 * @access: what to be told of
 * @data: for @callback
 */
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*callback)(unsigned int, uint32_t, uint64_t, void *),
				      enum plugin_regs flags, enum plugin_access access,
				      void *data);

/**
 * qemu_plugin_register_atexit_cb() - be told of QEMU's end
 * @id: of the plugin
 * @callback: gets @id and @data
 * @data: for @callback
 */
void qemu_plugin_register_atexit_cb(uint64_t id, void (*callback)(uint64_t, void *),
				    void *data);

/** qemu_plugin_tb_n_insns() - the number of instructions of a block */
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);

/** qemu_plugin_tb_vaddr() - the address of a block */
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

/** qemu_plugin_tb_get_insn() - an instruction of a block, by its number */
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);

/** qemu_plugin_insn_data() - the bytes of an instruction */
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);

/** qemu_plugin_insn_size() - their number */
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#endif
