// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_STATS_FD: the file's form, and that it says what debugfs says.
 */
#include <fcntl.h>

#include "../lib/counter.h"
#include "../lib/test.h"

#define STATS_MAX	128

static void guest_calls(void)
{
	unsigned int i;

	for (i = 0; i < 100; i++)
		guest_psci(0, 0, 0, 0);
	guest_sync(1);
}

/**
 * struct stats - a file, read and understood
 * @header: its first bytes
 * @id: what it is of
 * @name: of each value
 * @flags: of each value
 * @value: each value; KVM has histograms too, of these the first
 */
struct stats {
	struct kvm_stats_header header;
	char id[64];
	char name[STATS_MAX][64];
	u32 flags[STATS_MAX];
	u64 value[STATS_MAX];
};

static void read_at(int fd, void *buffer, size_t size, off_t offset)
{
	if (pread(fd, buffer, size, offset) != (ssize_t)size)
		fail("%zu bytes at %lu: %s", size, (unsigned long)offset, strerror(errno));
}

static void stats_read(int fd, struct stats *stats)
{
	struct kvm_stats_header *header = &stats->header;
	struct kvm_stats_desc desc;
	off_t where;
	u32 i;

	read_at(fd, header, sizeof(*header), 0);
	if (header->num_desc > STATS_MAX || header->name_size > sizeof(stats->id))
		fail("%u values, names of %u bytes", header->num_desc, header->name_size);
	read_at(fd, stats->id, header->name_size, header->id_offset);
	for (i = 0; i < header->num_desc; i++) {
		where = header->desc_offset + i * (sizeof(desc) + header->name_size);
		read_at(fd, &desc, sizeof(desc), where);
		read_at(fd, stats->name[i], header->name_size, where + sizeof(desc));
		stats->flags[i] = desc.flags;
		read_at(fd, &stats->value[i], sizeof(u64), header->data_offset + desc.offset);
	}
}

static s32 stats_find(const struct stats *stats, const char *name)
{
	u32 i;

	for (i = 0; i < stats->header.num_desc; i++)
		if (!strcmp(stats->name[i], name))
			return i;
	return -1;
}

FIXTURE(stats)
{
	struct vcpu *vcpu;
	struct vm *vm;
	struct stats stats;
};

FIXTURE_SETUP(stats)
{
	self->vcpu = program_vcpu(guest_calls);
	self->vm = self->vcpu->vm;
	program_run_to(self->vcpu, 1);
}

FIXTURE_TEARDOWN(stats)
{
	vm_destroy(self->vm);
}

TEST_F(stats, capability)
{
	EXPECT_EQ(1, device_capability(KVM_CAP_BINARY_STATS_FD));
}

TEST_F(stats, vcpu)
{
	int fd = ioctl(self->vcpu->fd, KVM_GET_STATS_FD, NULL);
	struct stats *stats = &self->stats;
	s32 exits;

	ASSERT_LE(0, fd);
	stats_read(fd, stats);
	EXPECT_EQ(0, strncmp(stats->id, "kvm-", 4));
	exits = stats_find(stats, "exits");
	ASSERT_LE(0, exits);
	EXPECT_LE(100, stats->value[exits]);
	EXPECT_EQ(KVM_STATS_TYPE_CUMULATIVE, stats->flags[exits] & KVM_STATS_TYPE_MASK);
	close(fd);
}

TEST_F(stats, file)
{
	int fd = ioctl(self->vm->fd, KVM_GET_STATS_FD, NULL);
	char byte = 0;

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDONLY, fcntl(fd, F_GETFL) & O_ACCMODE);
	EXPECT_ERRNO(EBADF, write(fd, &byte, 1));
	/* it ends somewhere, and can be read from there on as well */
	EXPECT_EQ(0, pread(fd, &byte, 1, 1 << 20));
	close(fd);
}

/* All that debugfs has of a VM or a vCPU, with the same values. */
static bool is_as_in_debugfs(const struct stats *stats, struct vm *vm, struct vcpu *vcpu)
{
	u64 value;
	u32 i;

	for (i = 0; i < stats->header.num_desc; i++) {
		value = vcpu ? counter_read_vcpu(vcpu, stats->name[i]) :
			       counter_read(vm, stats->name[i]);
		if (value == stats->value[i])
			continue;
		fprintf(stderr, "%s: %llu, in debugfs %llu\n", stats->name[i], stats->value[i],
			value);
		return false;
	}
	return true;
}

TEST_F(stats, as_in_debugfs)
{
	struct stats *stats = &self->stats;
	int fd;

	if (!counter_present(self->vm))
		SKIP(return, "KVM's debugfs is another");
	fd = ioctl(self->vcpu->fd, KVM_GET_STATS_FD, NULL);
	stats_read(fd, stats);
	EXPECT_TRUE(is_as_in_debugfs(stats, self->vm, self->vcpu));
	EXPECT_EQ(-1, stats_find(stats, "mapped_pages"));
	close(fd);
	fd = ioctl(self->vm->fd, KVM_GET_STATS_FD, NULL);
	stats_read(fd, stats);
	EXPECT_TRUE(is_as_in_debugfs(stats, self->vm, NULL));
	EXPECT_LE(0, stats_find(stats, "mapped_pages"));
	EXPECT_EQ(KVM_STATS_TYPE_INSTANT,
		  stats->flags[stats_find(stats, "mapped_pages")] & KVM_STATS_TYPE_MASK);
	EXPECT_EQ(KVM_STATS_UNIT_SECONDS,
		  stats->flags[stats_find(stats, "clean_ns")] & KVM_STATS_UNIT_MASK);
	close(fd);
}

/* The file keeps what it is about. */
TEST(outlives_the_files)
{
	static struct stats stats;
	struct vcpu *vcpu = program_vcpu(guest_calls);
	int fd = ioctl(vcpu->fd, KVM_GET_STATS_FD, NULL);

	ASSERT_LE(0, fd);
	program_run_to(vcpu, 1);
	vm_destroy(vcpu->vm);
	stats_read(fd, &stats);
	EXPECT_LE(100, stats.value[stats_find(&stats, "exits")]);
	close(fd);
}

TEST_HARNESS_MAIN
