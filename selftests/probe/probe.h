/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this test module have between themselves.
 */
#ifndef EL2_PROBE_H
#define EL2_PROBE_H

#include <linux/types.h>

struct file;
struct seq_file;

/**
 * el2_hvc() - issue an HVC with arguments and result as the kernel's stub has them
 * @call: x0
 * @entry: x1
 *
 * Context: any; this CPU has an EL2.
 * Return: x0.
 */
u64 el2_hvc(u64 call, u64 entry);

/**
 * el2_init() - prepare the code that runs at EL2
 *
 * Return: 0 or -ENOMEM.
 */
int el2_init(void);

/** el2_exit() - free it */
void el2_exit(void);

/**
 * el2_show() - print all registers of EL2 of every CPU, one a line
 * @m: where to
 * @unused: ignored
 *
 * Reads them by HVC_SOFT_RESTART, and so only while EL2 is the stub's.
 *
 * Return: 0; -ENODEV without an EL2, -EBUSY when somebody has taken it.
 */
int el2_show(struct seq_file *m, void *unused);

/**
 * calls_show() - print what EL2 answers, a line for each CPU
 * @m: where to
 * @unused: ignored
 *
 * "cpu<N>", then x0 after the HVC that no stub defines and after the runtime's
 * EL2_HVC_PROBE; then, if that says that the runtime is there, after
 * HVC_SET_VECTORS, which would be the end of a stub's vectors.
 *
 * Return: 0 or -ENODEV.
 */
int calls_show(struct seq_file *m, void *unused);

/**
 * reset_write() - HVC_RESET_VECTORS on this CPU, as anybody in the kernel may call it
 * @file: reset
 * @text: ignored
 * @size: of it
 * @unused: ignored
 *
 * Return: @size.
 */
ssize_t reset_write(struct file *file, const char __user *text, size_t size, loff_t *unused);

/**
 * el1_show() - print the kernel's own system registers of every CPU, one a line
 * @m: where to
 * @unused: ignored
 *
 * Those that stay as they are from boot on unless the kernel does something
 * special, and that a guest could have changed.
 *
 * Return: 0.
 */
int el1_show(struct seq_file *m, void *unused);

/**
 * answer_write() - make a function return something else, see answer.c
 * @file: ignored
 * @from: the function and the value
 * @size: its length
 * @pos: ignored
 *
 * Return: @size, or a negative errno: -ENOENT without that function.
 */
ssize_t answer_write(struct file *file, const char __user *from, size_t size, loff_t *pos);

/** answer_exit() - let all functions answer themselves again */
void answer_exit(void);

/**
 * serror_init() - prepare the file serror
 *
 * Return: 0 or -ENOMEM.
 */
int serror_init(void);

/** serror_exit() - the opposite; what was "on" must be "off" */
void serror_exit(void);

/**
 * serror_write() - give an order, see serror.c
 * @file: ignored
 * @from: the order
 * @size: its length
 * @pos: ignored
 *
 * Return: @size; -ENODEV without the module setway, -ENOENT if a place was not found
 * in its image, -EINVAL, -EFAULT.
 */
ssize_t serror_write(struct file *file, const char __user *from, size_t size, loff_t *pos);

/**
 * serror_show() - print the orders that are left: of exits, of entries
 * @m: where to
 * @unused: ignored
 *
 * Return: 0.
 */
int serror_show(struct seq_file *m, void *unused);

/**
 * hold_write() - hold a thread of the writer's process, or let it go on
 * @file: unused
 * @text: the function at whose return, or nothing
 * @size: of @text
 * @unused: ignored
 *
 * Return: @size, or a negative errno: -ENOENT, there is no such function.
 */
ssize_t hold_write(struct file *file, const char __user *text, size_t size, loff_t *unused);

/**
 * hold_show() - print whether a thread is held
 * @m: where to
 * @unused: ignored
 *
 * Return: 0.
 */
int hold_show(struct seq_file *m, void *unused);

/** hold_exit() - hold nobody any more */
void hold_exit(void);

#endif /* EL2_PROBE_H */
