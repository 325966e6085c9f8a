// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module for tests: shows in /sys/kernel/debug/el2-probe what userspace
 * cannot see of a CPU, and does to a thread what it cannot do.
 *
 *	calls	what EL2 answers to hypercalls
 *	el2	the registers of EL2, while EL2 is the kernel's stub
 *	el1	the kernel's own registers
 *	reset	has the stub's vectors back on the CPU that writes to it
 *	answer	makes functions return what one likes, see answer.c
 *	serror	makes EL2 find SErrors, see serror.c
 *	hold	keeps a thread where it is for a moment
 *	mmfr2	ID_AA64MMFR2_EL1 of one CPU
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

#include "probe.h"

static struct dentry *probe_directory;
static u64 mmfr2;

DEFINE_SHOW_ATTRIBUTE(calls);
DEFINE_SHOW_ATTRIBUTE(el1);
DEFINE_SHOW_ATTRIBUTE(el2);

static const struct file_operations reset_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = reset_write,
	.llseek = noop_llseek,
};

static const struct file_operations answer_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = answer_write,
};

static int serror_open(struct inode *inode, struct file *file)
{
	return single_open(file, serror_show, NULL);
}

static const struct file_operations serror_fops = {
	.owner = THIS_MODULE,
	.open = serror_open,
	.read = seq_read,
	.write = serror_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int hold_open(struct inode *inode, struct file *file)
{
	return single_open(file, hold_show, NULL);
}

static const struct file_operations hold_fops = {
	.owner = THIS_MODULE,
	.open = hold_open,
	.read = seq_read,
	.write = hold_write,
	.llseek = noop_llseek,
	.release = single_release,
};

static int __init probe_init(void)
{
	int err = serror_init();

	if (err)
		return err;
	err = el2_init();
	if (err) {
		serror_exit();
		return err;
	}
	probe_directory = debugfs_create_dir("el2-probe", NULL);
	debugfs_create_file("calls", 0400, probe_directory, NULL, &calls_fops);
	debugfs_create_file("el1", 0400, probe_directory, NULL, &el1_fops);
	debugfs_create_file("el2", 0400, probe_directory, NULL, &el2_fops);
	debugfs_create_file("reset", 0200, probe_directory, NULL, &reset_fops);
	debugfs_create_file("answer", 0200, probe_directory, NULL, &answer_fops);
	debugfs_create_file("serror", 0600, probe_directory, NULL, &serror_fops);
	debugfs_create_file("hold", 0600, probe_directory, NULL, &hold_fops);
	mmfr2 = read_cpuid(ID_AA64MMFR2_EL1);
	debugfs_create_x64("mmfr2", 0400, probe_directory, &mmfr2);
	return 0;
}

static void __exit probe_exit(void)
{
	debugfs_remove(probe_directory);
	hold_exit();
	answer_exit();
	el2_exit();
	serror_exit();
}

module_init(probe_init);
module_exit(probe_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The setway developers");
MODULE_DESCRIPTION("Shows what EL2 answers and has in its registers");
