// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/setway:
 *
 *	<counter>			totals: all VMs, the dead ones included
 *	vms, vcpus			that live now
 *	mitigations			of CPUs' branch predictors
 *	<pid>-<fd>/<counter>		of one VM
 *	<pid>-<fd>/policy, cluster, fwb, stage2, accessed
 *	<pid>-<fd>/vcpu<N>/<counter>	of one vCPU
 *
 * A file's inode has its row of the tables, and the inode of its directory has
 * the VM, or NULL for all VMs.  debugfs waits for a file's readers when it
 * removes the file, so a VM that removes its directory first has no reader
 * later.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

#include "../host/el2.h"
#include "../policy.h"
#include "../vcpu.h"
#include "../vm.h"
#include "debugfs.h"

enum counter_how {
	COUNTER_SUM,
	COUNTER_MAX,
};

/* What vCPUs count, by enum counter. */
static const struct counter_row {
	const char *file;
	enum counter_how how;
} counter_rows[NR_COUNTERS] = {
#define VCPU_COUNTER(id, file, how, unit, doc) { #file, COUNTER_##how },
#include "rows.h"
};

/* What a VM as a whole counts. */
static const struct vm_counter_row {
	const char *file;
	size_t where;
} vm_counter_rows[] = {
#define VM_COUNTER(file, field, what, doc) { #file, offsetof(struct vm, field) },
#include "rows.h"
};

static struct dentry *stats_top;

/* What dead VMs have counted; under vm_list_lock. */
static struct counters retired_counters;
static s64 retired_vm_counters[ARRAY_SIZE(vm_counter_rows)];

static u64 counter_combine(enum counter counter, u64 a, u64 b)
{
	return counter_rows[counter].how == COUNTER_MAX ? max(a, b) : a + b;
}

u64 stats_vm_counter(struct vm *vm, enum counter counter)
{
	struct vcpu *vcpu;
	unsigned long id;
	u64 value = 0;

	xa_for_each(&vm->vcpus, id, vcpu)
		value = counter_combine(counter, value,
					READ_ONCE(vcpu->counters.value[counter]));
	return value;
}

static u64 total_counter(enum counter counter)
{
	struct vm *vm;
	u64 value;

	mutex_lock(&vm_list_lock);
	value = retired_counters.value[counter];
	list_for_each_entry(vm, &vm_list, list)
		value = counter_combine(counter, value, stats_vm_counter(vm, counter));
	mutex_unlock(&vm_list_lock);
	return value;
}

static s64 vm_vm_counter(struct vm *vm, const struct vm_counter_row *row)
{
	return atomic64_read((atomic64_t *)((void *)vm + row->where));
}

static s64 total_vm_counter(const struct vm_counter_row *row)
{
	struct vm *vm;
	s64 value;

	mutex_lock(&vm_list_lock);
	value = retired_vm_counters[row - vm_counter_rows];
	list_for_each_entry(vm, &vm_list, list)
		value += vm_vm_counter(vm, row);
	mutex_unlock(&vm_list_lock);
	return value;
}

/* Return: the VM whose directory a file is in, or NULL for the totals. */
static struct vm *stats_vm(const struct seq_file *m)
{
	return d_inode(m->file->f_path.dentry->d_parent)->i_private;
}

static int counter_show(struct seq_file *m, void *unused)
{
	const struct counter_row *row = m->private;
	enum counter counter = row - counter_rows;
	struct vm *vm = stats_vm(m);

	seq_printf(m, "%llu\n", vm ? stats_vm_counter(vm, counter) : total_counter(counter));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counter);

static int vm_counter_show(struct seq_file *m, void *unused)
{
	const struct vm_counter_row *row = m->private;
	struct vm *vm = stats_vm(m);

	seq_printf(m, "%lld\n", vm ? vm_vm_counter(vm, row) : total_vm_counter(row));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vm_counter);

static int vms_show(struct seq_file *m, void *unused)
{
	unsigned int nr = 0;
	struct vm *vm;

	mutex_lock(&vm_list_lock);
	list_for_each_entry(vm, &vm_list, list)
		nr++;
	mutex_unlock(&vm_list_lock);
	seq_printf(m, "%u\n", nr);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vms);

static int vcpus_show(struct seq_file *m, void *unused)
{
	unsigned int nr = 0;
	struct vm *vm;

	mutex_lock(&vm_list_lock);
	list_for_each_entry(vm, &vm_list, list)
		nr += READ_ONCE(vm->nr_vcpus);
	mutex_unlock(&vm_list_lock);
	seq_printf(m, "%u\n", nr);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vcpus);

static int mitigations_show(struct seq_file *m, void *unused)
{
	el2_show_mitigations(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(mitigations);

static int policy_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%s\n", policy_name(READ_ONCE(stats_vm(m)->policy)));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(policy);

static int cluster_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%u\n", READ_ONCE(stats_vm(m)->stage2.cluster));
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(cluster);

static int fwb_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%u\n", stats_vm(m)->stage2.coherent);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(fwb);

/*
 * The dumps: one line for each range.  The position in the file is the IPA, in
 * pages, from which the next range is searched.  So reading continues where it
 * stopped, even if mappings come and go in between.
 */
static void *stage2_seek(struct seq_file *m, loff_t pos)
{
	struct stage2_range *range = m->private;
	struct stage2 *s2 = &stats_vm(m)->stage2;

	if (pos < 0 || pos >= BIT_ULL(s2->ia_bits) >> PAGE_SHIFT)
		return NULL;
	return stage2_next_range(s2, (u64)pos << PAGE_SHIFT, range) ? range : NULL;
}

static void *stage2_start(struct seq_file *m, loff_t *pos)
{
	return stage2_seek(m, *pos);
}

static void *stage2_next(struct seq_file *m, void *v, loff_t *pos)
{
	const struct stage2_range *range = v;

	*pos = (range->ipa + range->size) >> PAGE_SHIFT;
	return stage2_seek(m, *pos);
}

static void stage2_stop(struct seq_file *m, void *v)
{
}

static const char *stage2_leaf_name(u64 size)
{
	switch (size) {
	case SZ_4K:
		return "4K";
	case SZ_2M:
		return "2M";
	default:
		return "1G";
	}
}

static int stage2_show(struct seq_file *m, void *v)
{
	const struct stage2_range *range = v;

	seq_printf(m, "0x%llx-0x%llx %s %s %s%s%s\n",
		   range->ipa, range->ipa + range->size,
		   range->state == STAGE2_ACCESSED ? "accessed" : "idle",
		   stage2_leaf_name(range->leaf_size),
		   range->writable ? "rw" : "ro",
		   range->pending ? " pending" : "",
		   range->stale ? " stale" : "");
	return 0;
}

static const struct seq_operations stage2_seq_ops = {
	.start = stage2_start,
	.next = stage2_next,
	.stop = stage2_stop,
	.show = stage2_show,
};

static int stage2_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &stage2_seq_ops, sizeof(struct stage2_range));
}

static const struct file_operations stage2_fops = {
	.owner = THIS_MODULE,
	.open = stage2_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* Find the next accessed range, and join those that follow it directly. */
static void *accessed_seek(struct seq_file *m, loff_t pos)
{
	struct stage2_range *range = stage2_seek(m, pos);
	struct stage2 *s2 = &stats_vm(m)->stage2;
	struct stage2_range next;

	while (range && range->state != STAGE2_ACCESSED)
		range = stage2_seek(m, (range->ipa + range->size) >> PAGE_SHIFT);
	if (!range)
		return NULL;
	while (range->ipa + range->size < BIT_ULL(s2->ia_bits) &&
	       stage2_next_range(s2, range->ipa + range->size, &next) &&
	       next.ipa == range->ipa + range->size && next.state == STAGE2_ACCESSED)
		range->size += next.size;
	return range;
}

static void *accessed_start(struct seq_file *m, loff_t *pos)
{
	return accessed_seek(m, *pos);
}

static void *accessed_next(struct seq_file *m, void *v, loff_t *pos)
{
	const struct stage2_range *range = v;

	*pos = (range->ipa + range->size) >> PAGE_SHIFT;
	return accessed_seek(m, *pos);
}

static int accessed_show(struct seq_file *m, void *v)
{
	const struct stage2_range *range = v;

	seq_printf(m, "0x%llx-0x%llx\n", range->ipa, range->ipa + range->size);
	return 0;
}

static const struct seq_operations accessed_seq_ops = {
	.start = accessed_start,
	.next = accessed_next,
	.stop = stage2_stop,
	.show = accessed_show,
};

static int accessed_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &accessed_seq_ops, sizeof(struct stage2_range));
}

static const struct file_operations accessed_fops = {
	.owner = THIS_MODULE,
	.open = accessed_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* The files that a VM's directory and the top have in common. */
static void stats_add_counters(struct dentry *directory)
{
	unsigned int i;

	for (i = 0; i < NR_COUNTERS; i++)
		debugfs_create_file(counter_rows[i].file, 0444, directory,
				    (void *)&counter_rows[i], &counter_fops);
	for (i = 0; i < ARRAY_SIZE(vm_counter_rows); i++)
		debugfs_create_file(vm_counter_rows[i].file, 0444, directory,
				    (void *)&vm_counter_rows[i], &vm_counter_fops);
}

void stats_init(void)
{
	stats_top = debugfs_create_dir("setway", NULL);
	stats_add_counters(stats_top);
	debugfs_create_file("vms", 0444, stats_top, NULL, &vms_fops);
	debugfs_create_file("vcpus", 0444, stats_top, NULL, &vcpus_fops);
	debugfs_create_file("mitigations", 0444, stats_top, NULL, &mitigations_fops);
}

void stats_exit(void)
{
	debugfs_remove(stats_top);
}

void stats_add_vm(struct vm *vm)
{
	vm->debugfs = debugfs_create_dir(vm->name, stats_top);
	if (IS_ERR(vm->debugfs))
		return;
	d_inode(vm->debugfs)->i_private = vm;
	stats_add_counters(vm->debugfs);
	debugfs_create_file("policy", 0444, vm->debugfs, NULL, &policy_fops);
	debugfs_create_file("cluster", 0444, vm->debugfs, NULL, &cluster_fops);
	debugfs_create_file("fwb", 0444, vm->debugfs, NULL, &fwb_fops);
	debugfs_create_file("stage2", 0444, vm->debugfs, NULL, &stage2_fops);
	debugfs_create_file("accessed", 0444, vm->debugfs, NULL, &accessed_fops);
}

void stats_remove_vm(struct vm *vm)
{
	debugfs_remove(vm->debugfs);
}

void stats_retire_vm(struct vm *vm)
{
	unsigned int i;

	mutex_lock(&vm_list_lock);
	for (i = 0; i < NR_COUNTERS; i++)
		retired_counters.value[i] = counter_combine(i, retired_counters.value[i],
							    stats_vm_counter(vm, i));
	for (i = 0; i < ARRAY_SIZE(vm_counter_rows); i++)
		retired_vm_counters[i] += vm_vm_counter(vm, &vm_counter_rows[i]);
	list_del(&vm->list);
	mutex_unlock(&vm_list_lock);
}

void stats_add_vcpu(struct vcpu *vcpu)
{
	char name[sizeof("vcpu") + 10];
	unsigned int i;

	snprintf(name, sizeof(name), "vcpu%u", vcpu->id);
	vcpu->debugfs = debugfs_create_dir(name, vcpu->vm->debugfs);
	for (i = 0; i < NR_COUNTERS; i++)
		debugfs_create_u64(counter_rows[i].file, 0444, vcpu->debugfs,
				   &vcpu->counters.value[i]);
}
