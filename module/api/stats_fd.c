// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_STATS_FD: a file with the same statistics as debugfs, of a VM or of a
 * vCPU, in KVM's binary form:
 *
 *   struct kvm_stats_header | id string | descriptors | values, 64 bits each
 *
 * The file of a VM has what its vCPUs count, and what the VM counts itself.
 * Each read makes the contents anew.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../stats/debugfs.h"
#include "../vcpu.h"
#include "../vm.h"
#include "api.h"

#define NAME_SIZE	48

#define UNIT_ONE	(KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10)
#define UNIT_NS		(KVM_STATS_UNIT_SECONDS | KVM_STATS_BASE_POW10)
#define UNIT_BYTES	(KVM_STATS_UNIT_BYTES | KVM_STATS_BASE_POW2)
#define EXPONENT_ONE	0
#define EXPONENT_NS	(-9)
#define EXPONENT_BYTES	0
#define HOW_SUM		KVM_STATS_TYPE_CUMULATIVE
#define HOW_MAX		KVM_STATS_TYPE_PEAK
#define WHAT_TOTAL	KVM_STATS_TYPE_CUMULATIVE
#define WHAT_NOW	KVM_STATS_TYPE_INSTANT

/**
 * struct stats_row - a descriptor to be
 * @name: the debugfs file's
 * @flags: KVM_STATS_*
 * @exponent: of the base that @flags name
 * @where: in struct vm, of what a VM counts itself
 */
struct stats_row {
	const char *name;
	u32 flags;
	s16 exponent;
	size_t where;
};

/* By enum counter, then those of a VM. */
static const struct stats_row stats_rows[] = {
#define VCPU_COUNTER(id, file, how, unit, doc) \
	{ #file, HOW_##how | UNIT_##unit, EXPONENT_##unit },
#include "../stats/rows.h"
#define VM_COUNTER(file, field, what, doc) \
	{ #file, WHAT_##what | UNIT_ONE, EXPONENT_ONE, offsetof(struct vm, field) },
#include "../stats/rows.h"
};

/**
 * struct stats_desc - struct kvm_stats_desc, with room for the name
 * @flags: see there
 * @exponent: see there
 * @size: values, 1
 * @offset: of the value, from the first one
 * @bucket_size: of histograms, which there are none of
 * @name: zero-terminated
 */
struct stats_desc {
	u32 flags;
	s16 exponent;
	u16 size;
	u32 offset;
	u32 bucket_size;
	char name[NAME_SIZE];
};

/**
 * struct stats_file - all that a file has
 * @header: where the rest is
 * @id: zero-terminated
 * @desc: as many as there are
 * @value: as many, right behind the last descriptor
 */
struct stats_file {
	struct kvm_stats_header header;
	char id[NAME_SIZE];
	struct stats_desc desc[ARRAY_SIZE(stats_rows)];
	u64 value[ARRAY_SIZE(stats_rows)];
};

static_assert(offsetof(struct stats_desc, exponent) == offsetof(struct kvm_stats_desc, exponent));
static_assert(offsetof(struct stats_desc, offset) == offsetof(struct kvm_stats_desc, offset));
static_assert(offsetof(struct stats_desc, name) == offsetof(struct kvm_stats_desc, name));
static_assert(sizeof(struct stats_desc) ==
	      offsetof(struct kvm_stats_desc, name) + NAME_SIZE);

static void stats_describe(struct stats_file *file, unsigned int nr)
{
	unsigned int i;

	file->header = (struct kvm_stats_header) {
		.name_size = NAME_SIZE,
		.num_desc = nr,
		.id_offset = offsetof(struct stats_file, id),
		.desc_offset = offsetof(struct stats_file, desc),
		.data_offset = offsetof(struct stats_file, value),
	};
	for (i = 0; i < nr; i++) {
		file->desc[i] = (struct stats_desc) {
			.flags = stats_rows[i].flags,
			.exponent = stats_rows[i].exponent,
			.size = 1,
			.offset = i * sizeof(u64),
		};
		strscpy(file->desc[i].name, stats_rows[i].name, NAME_SIZE);
	}
}

static void stats_fill_vm(struct stats_file *file, struct vm *vm)
{
	unsigned int i;

	stats_describe(file, ARRAY_SIZE(stats_rows));
	snprintf(file->id, NAME_SIZE, "kvm-%s", vm->name);
	for (i = 0; i < NR_COUNTERS; i++)
		file->value[i] = stats_vm_counter(vm, i);
	for (; i < ARRAY_SIZE(stats_rows); i++)
		file->value[i] = atomic64_read((atomic64_t *)((void *)vm + stats_rows[i].where));
}

static void stats_fill_vcpu(struct stats_file *file, const struct vcpu *vcpu)
{
	unsigned int i;

	stats_describe(file, NR_COUNTERS);
	snprintf(file->id, NAME_SIZE, "kvm-%s/vcpu-%u", vcpu->vm->name, vcpu->id);
	for (i = 0; i < NR_COUNTERS; i++)
		file->value[i] = READ_ONCE(vcpu->counters.value[i]);
}

static ssize_t stats_to_user(const struct stats_file *file, char __user *user, size_t size,
			     loff_t *pos)
{
	size_t end = offsetof(struct stats_file, value) + file->header.num_desc * sizeof(u64);

	return simple_read_from_buffer(user, size, pos, file, end);
}

static ssize_t stats_vm_read(struct file *f, char __user *user, size_t size, loff_t *pos)
{
	struct stats_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	ssize_t ret;

	if (!file)
		return -ENOMEM;
	stats_fill_vm(file, f->private_data);
	ret = stats_to_user(file, user, size, pos);
	kfree(file);
	return ret;
}

static ssize_t stats_vcpu_read(struct file *f, char __user *user, size_t size, loff_t *pos)
{
	struct stats_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	ssize_t ret;

	if (!file)
		return -ENOMEM;
	stats_fill_vcpu(file, f->private_data);
	ret = stats_to_user(file, user, size, pos);
	kfree(file);
	return ret;
}

static int stats_vm_release(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static int stats_vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;

	vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations stats_vm_fops = {
	.owner = THIS_MODULE,
	.read = stats_vm_read,
	.release = stats_vm_release,
	.llseek = noop_llseek,
};

static const struct file_operations stats_vcpu_fops = {
	.owner = THIS_MODULE,
	.read = stats_vcpu_read,
	.release = stats_vcpu_release,
	.llseek = noop_llseek,
};

/* The file keeps the VM. */
static int stats_fd(struct vm *vm, const char *name, const struct file_operations *fops,
		    void *what)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	vm_get(vm);
	file = anon_inode_getfile(name, fops, what, O_RDONLY);
	if (IS_ERR(file)) {
		vm_put(vm);
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	/* pread(): the usual way is to read the values again and again. */
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return fd;
}

int stats_vm_fd(struct vm *vm)
{
	return stats_fd(vm, "setway-vm-stats", &stats_vm_fops, vm);
}

int stats_vcpu_fd(struct vcpu *vcpu)
{
	return stats_fd(vcpu->vm, "setway-vcpu-stats", &stats_vcpu_fops, vcpu);
}
