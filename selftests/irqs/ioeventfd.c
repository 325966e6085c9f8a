// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores of the guest that signal an eventfd instead of ending KVM_RUN: of one
 * length or any, of one value or any.
 */
#include <sys/eventfd.h>

#include "../lib/test.h"

#define ADDR		0x0a000000ULL
#define DATAMATCH	KVM_IOEVENTFD_FLAG_DATAMATCH
#define DEASSIGN	KVM_IOEVENTFD_FLAG_DEASSIGN
#define PIO		KVM_IOEVENTFD_FLAG_PIO
#define MANY		100
#define LIMIT		4096

static void store(u64 address, u32 len, u64 value)
{
	switch (len) {
	case 1:
		asm volatile("strb %w0, [%1]" : : "r" (value), "r" (address) : "memory");
		break;
	case 2:
		asm volatile("strh %w0, [%1]" : : "r" (value), "r" (address) : "memory");
		break;
	case 4:
		asm volatile("str %w0, [%1]" : : "r" (value), "r" (address) : "memory");
		break;
	default:
		asm volatile("str %0, [%1]" : : "r" (value), "r" (address) : "memory");
		break;
	}
}

/* Store what the host leaves in x0 (address), x1 (length) and x2 (value). */
static void guest_stores(void)
{
	register u64 command asm("x0");
	register u64 stage asm("x1");
	register u64 value asm("x2");

	for (;;) {
		command = UCALL_SYNC;
		stage = 1;
		asm volatile("bl guest_ucall"
			     : "+r" (command), "+r" (stage), "=r" (value)
			     : : "x3", "x9", "x30", "memory");
		store(command, stage, value);
	}
}

FIXTURE(ioeventfd)
{
	struct vm *vm;
	struct vcpu *vcpu;
	int event;
	int other;
};

FIXTURE_SETUP(ioeventfd)
{
	self->vcpu = program_vcpu(guest_stores);
	self->vm = self->vcpu->vm;
	self->event = eventfd(0, EFD_NONBLOCK);
	self->other = eventfd(0, EFD_NONBLOCK);
	ASSERT_LE(0, self->event);
	ASSERT_LE(0, self->other);
	program_run_to(self->vcpu, 1);
}

FIXTURE_TEARDOWN(ioeventfd)
{
	close(self->event);
	close(self->other);
	vm_destroy(self->vm);
}

static int ioeventfd(struct vm *vm, int fd, u64 addr, u32 len, u32 flags, u64 value)
{
	struct kvm_ioeventfd args = {
		.fd = fd, .addr = addr, .len = len, .flags = flags, .datamatch = value,
	};

	return ioctl(vm->fd, KVM_IOEVENTFD, &args);
}

/* Let the guest store.  Return: whether userspace saw that. */
static bool guest_store(struct vcpu *vcpu, u64 address, u32 len, u64 value)
{
	struct ucall ucall;

	reg_set(vcpu, REG_X(0), address);
	reg_set(vcpu, REG_X(1), len);
	reg_set(vcpu, REG_X(2), value);
	if (vcpu_run(vcpu) != KVM_EXIT_MMIO)
		fail("exit %u", vcpu->run->exit_reason);
	if (ucall_get(vcpu, &ucall))
		return false;
	if (vcpu->run->mmio.phys_addr != address || vcpu->run->mmio.len != len)
		fail("an access to %#llx", vcpu->run->mmio.phys_addr);
	program_run_to(vcpu, 1);
	return true;
}

static u64 event_count(int fd)
{
	u64 count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

#define EXPECT_SIGNALLED(fd, vcpu, address, len, value) do {		\
	EXPECT_FALSE(guest_store(vcpu, address, len, value));		\
	EXPECT_EQ(1, event_count(fd));					\
} while (0)

TEST_F(ioeventfd, errors)
{
	struct vm *vm = self->vm;
	int fd = self->event;

	EXPECT_ERRNO(EINVAL, ioeventfd(vm, fd, ADDR, 3, 0, 0));
	EXPECT_ERRNO(EINVAL, ioeventfd(vm, fd, ADDR, 16, 0, 0));
	EXPECT_ERRNO(EINVAL, ioeventfd(vm, fd, ~0ULL, 4, 0, 0));
	EXPECT_ERRNO(EINVAL, ioeventfd(vm, fd, ADDR, 4, 1 << kvm_ioeventfd_flag_nr_max, 0));
	/* no length is no value either */
	EXPECT_ERRNO(EINVAL, ioeventfd(vm, fd, ADDR, 0, DATAMATCH, 0));
	EXPECT_ERRNO(EBADF, ioeventfd(vm, -1, ADDR, 4, 0, 0));
	EXPECT_ERRNO(EINVAL, ioeventfd(vm, vm->fd, ADDR, 4, 0, 0));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_IOEVENTFD, BAD_ADDRESS));
	EXPECT_ERRNO(ENOENT, ioeventfd(vm, fd, ADDR, 4, DEASSIGN, 0));
	EXPECT_ERRNO(EBADF, ioeventfd(vm, -1, ADDR, 4, DEASSIGN, 0));
}

TEST_F(ioeventfd, collisions)
{
	struct vm *vm = self->vm;
	int fd = self->event;

	EXPECT_EQ(0, ioeventfd(vm, fd, ADDR, 4, DATAMATCH, 1));
	EXPECT_ERRNO(EEXIST, ioeventfd(vm, self->other, ADDR, 4, DATAMATCH, 1));
	EXPECT_ERRNO(EEXIST, ioeventfd(vm, self->other, ADDR, 4, 0, 0));
	EXPECT_ERRNO(EEXIST, ioeventfd(vm, self->other, ADDR, 0, 0, 0));
	EXPECT_EQ(0, ioeventfd(vm, self->other, ADDR, 4, DATAMATCH, 2));
	EXPECT_EQ(0, ioeventfd(vm, self->other, ADDR, 2, 0, 0));
	EXPECT_EQ(0, ioeventfd(vm, self->other, ADDR + 4, 4, 0, 0));
	/* ports are somewhere else */
	EXPECT_EQ(0, ioeventfd(vm, self->other, ADDR, 4, PIO | DATAMATCH, 1));
	/* only exactly what was assigned can be taken away */
	EXPECT_ERRNO(ENOENT, ioeventfd(vm, fd, ADDR, 4, DEASSIGN, 0));
	EXPECT_ERRNO(ENOENT, ioeventfd(vm, fd, ADDR, 2, DEASSIGN | DATAMATCH, 1));
	EXPECT_ERRNO(ENOENT, ioeventfd(vm, fd, ADDR, 4, DEASSIGN | DATAMATCH, 2));
	EXPECT_ERRNO(ENOENT, ioeventfd(vm, fd, ADDR, 4, DEASSIGN | PIO | DATAMATCH, 1));
	EXPECT_ERRNO(ENOENT, ioeventfd(vm, self->other, ADDR, 4, DEASSIGN | DATAMATCH, 1));
	EXPECT_EQ(0, ioeventfd(vm, fd, ADDR, 4, DEASSIGN | DATAMATCH, 1));
	EXPECT_EQ(0, ioeventfd(vm, self->other, ADDR, 4, DATAMATCH, 1));
}

TEST_F(ioeventfd, each_length)
{
	u32 len;

	for (len = 1; len <= 8; len *= 2) {
		ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, len, 0, 0));
		EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, len, 0x1122334455667788);
		/* neither of another length nor elsewhere */
		EXPECT_TRUE(guest_store(self->vcpu, ADDR, len == 8 ? 4 : 8, 0));
		EXPECT_TRUE(guest_store(self->vcpu, ADDR + 8, len, 0));
		EXPECT_EQ(0, event_count(self->event));
		ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, len, DEASSIGN, 0));
		EXPECT_TRUE(guest_store(self->vcpu, ADDR, len, 0));
		EXPECT_EQ(0, event_count(self->event));
	}
}

TEST_F(ioeventfd, any_length)
{
	u32 len;

	ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, 0, 0, 0));
	for (len = 1; len <= 8; len *= 2)
		EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, len, 0);
	EXPECT_TRUE(guest_store(self->vcpu, ADDR + 1, 1, 0));
	EXPECT_EQ(0, event_count(self->event));
}

TEST_F(ioeventfd, one_value)
{
	u32 len;
	u64 value;

	for (len = 1; len <= 8; len *= 2) {
		value = 0x8877665544332281 & (~0ULL >> (64 - 8 * len));
		ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, len, DATAMATCH, value));
		/* what is above the stored bytes does not count */
		EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, len, 0x8877665544332281);
		EXPECT_TRUE(guest_store(self->vcpu, ADDR, len, value + 1));
		EXPECT_EQ(0, event_count(self->event));
		ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, len, DEASSIGN | DATAMATCH,
				       value));
	}
}

TEST_F(ioeventfd, different_values)
{
	ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, 4, DATAMATCH, 1));
	ASSERT_EQ(0, ioeventfd(self->vm, self->other, ADDR, 4, DATAMATCH, 2));
	EXPECT_SIGNALLED(self->other, self->vcpu, ADDR, 4, 2);
	EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, 4, 1);
	EXPECT_TRUE(guest_store(self->vcpu, ADDR, 4, 3));
}

TEST_F(ioeventfd, ports)
{
	ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, 4, PIO, 0));
	EXPECT_TRUE(guest_store(self->vcpu, ADDR, 4, 0));
	EXPECT_EQ(0, event_count(self->event));
}

TEST_F(ioeventfd, behind_memory)
{
	vm_memory_add(self->vm, 0, ADDR, SZ_64K, 0);
	ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, 4, 0, 0));
	EXPECT_FALSE(guest_store(self->vcpu, ADDR, 4, 0));
	EXPECT_EQ(0, event_count(self->event));
	vm_memory_remove(self->vm, 0);
	EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, 4, 0);
}

TEST_F(ioeventfd, closed_eventfd)
{
	ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR, 4, 0, 0));
	close(self->event);
	self->event = -1;
	/* it is kept */
	EXPECT_FALSE(guest_store(self->vcpu, ADDR, 4, 0));
}

TEST_F(ioeventfd, many)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, ioeventfd(self->vm, self->event, ADDR + 8 * i, 8, 0, 0));
	EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, 8, 0);
	EXPECT_SIGNALLED(self->event, self->vcpu, ADDR + 8 * (MANY - 1), 8, 0);
	EXPECT_TRUE(guest_store(self->vcpu, ADDR + 8 * MANY, 8, 0));
}

/* Each store of the guest walks them: there is an end to that. */
TEST_F(ioeventfd, too_many)
{
	struct vm *vm = self->vm;
	unsigned int i;

	if (!device_is_setway())
		SKIP(return, "KVM has no limit");
	for (i = 0; i < LIMIT; i++)
		ASSERT_EQ(0, ioeventfd(vm, self->event, ADDR, 8, DATAMATCH, i));
	EXPECT_ERRNO(ENOSPC, ioeventfd(vm, self->event, ADDR, 8, DATAMATCH, LIMIT));
	EXPECT_ERRNO(ENOSPC, ioeventfd(vm, self->event, ADDR, 8, PIO | DATAMATCH, 0));
	EXPECT_SIGNALLED(self->event, self->vcpu, ADDR, 8, LIMIT - 1);
	EXPECT_EQ(0, ioeventfd(vm, self->event, ADDR, 8, DEASSIGN | DATAMATCH, 0));
	EXPECT_EQ(0, ioeventfd(vm, self->event, ADDR, 8, DATAMATCH, LIMIT));
}

TEST_HARNESS_MAIN
