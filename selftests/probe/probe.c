// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module for tests: shows in /sys/kernel/debug/el2-probe what userspace
 * cannot see of a CPU.
 *
 *	calls	what EL2 answers to hypercalls
 *	el2	the registers of EL2, while EL2 is the kernel's stub
 *	el1	the kernel's own registers
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "probe.h"

static struct dentry *probe_directory;

DEFINE_SHOW_ATTRIBUTE(calls);
DEFINE_SHOW_ATTRIBUTE(el1);
DEFINE_SHOW_ATTRIBUTE(el2);

static int __init probe_init(void)
{
	int err = el2_init();

	if (err)
		return err;
	probe_directory = debugfs_create_dir("el2-probe", NULL);
	debugfs_create_file("calls", 0400, probe_directory, NULL, &calls_fops);
	debugfs_create_file("el1", 0400, probe_directory, NULL, &el1_fops);
	debugfs_create_file("el2", 0400, probe_directory, NULL, &el2_fops);
	return 0;
}

static void __exit probe_exit(void)
{
	debugfs_remove(probe_directory);
	el2_exit();
}

module_init(probe_init);
module_exit(probe_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The setway developers");
MODULE_DESCRIPTION("Shows what EL2 answers and has in its registers");
