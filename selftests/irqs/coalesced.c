// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO: stores of the guest that wait in a ring, as long as there is room,
 * instead of ending KVM_RUN.
 */
#include <sys/mman.h>

#include "../lib/test.h"

#define ADDR		0x0a000000ULL
#define ZONE		0x1000ULL
#define VALUE		0x8877665544332211ULL
#define ENTRIES		((SZ_4K - sizeof(struct kvm_coalesced_mmio_ring)) / \
			 sizeof(struct kvm_coalesced_mmio))
#define ZONES_MAX	1000

/* Words in a row, each time anew. */
static void guest_stores(u64 address, u64 count, u64 value)
{
	u64 i;

	for (;;) {
		for (i = 0; i < count; i++)
			guest_write(address + i * sizeof(u64), value + i);
		guest_sync(1);
	}
}

static void guest_stores_narrow(u64 address, u64 value)
{
	asm volatile("strb %w1, [%0]\n\t"
		     "strh %w1, [%0, #2]\n\t"
		     "str %w1, [%0, #4]"
		     : : "r" (address), "r" (value) : "memory");
	guest_sync(1);
}

static void guest_reads(u64 address)
{
	guest_report(1, guest_read(address), 0);
}

FIXTURE(coalesced)
{
	struct vm *vm;
	struct vcpu *vcpu;
	int size;
	char *shared;
	struct kvm_coalesced_mmio_ring *ring;
};

FIXTURE_SETUP(coalesced)
{
	int page = device_capability(KVM_CAP_COALESCED_MMIO);

	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
	self->size = ioctl(self->vm->device_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	ASSERT_LT(0, page);
	ASSERT_LE((page + 1) * SZ_4K, (u64)self->size);
	self->shared = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    self->vcpu->fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	self->ring = (void *)(self->shared + page * SZ_4K);
}

FIXTURE_TEARDOWN(coalesced)
{
	munmap(self->shared, self->size);
	vm_destroy(self->vm);
}

static int zone_ioctl(struct vm *vm, unsigned long cmd, u64 addr, u32 size, u32 pio)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = addr, .size = size, .pio = pio };

	return ioctl(vm->fd, cmd, &zone);
}

static int zone_add(struct vm *vm, u64 addr, u32 size)
{
	return zone_ioctl(vm, KVM_REGISTER_COALESCED_MMIO, addr, size, 0);
}

static int zone_remove(struct vm *vm, u64 addr, u32 size)
{
	return zone_ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, addr, size, 0);
}

/* The guest's next exit is an access to this address. */
static void expect_exit_at(struct __test_metadata *_metadata, struct vcpu *vcpu, u64 address)
{
	EXPECT_EQ(KVM_EXIT_MMIO, vcpu_run(vcpu));
	EXPECT_EQ(address, vcpu->run->mmio.phys_addr);
}

static u64 entry_value(const struct kvm_coalesced_mmio *entry)
{
	u64 value;

	memcpy(&value, entry->data, sizeof(value));
	return value;
}

TEST_F(coalesced, errors)
{
	struct vm *vm = self->vm;

	EXPECT_ERRNO(EINVAL, zone_ioctl(vm, KVM_REGISTER_COALESCED_MMIO, ADDR, ZONE, 2));
	EXPECT_ERRNO(EINVAL, zone_ioctl(vm, KVM_UNREGISTER_COALESCED_MMIO, ADDR, ZONE, 2));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_UNREGISTER_COALESCED_MMIO, BAD_ADDRESS));
	/* what is not there need not go */
	EXPECT_EQ(0, zone_remove(vm, ADDR, ZONE));
	EXPECT_LT(0, device_capability(KVM_CAP_COALESCED_PIO));
}

TEST_F(coalesced, stores_wait_in_order)
{
	u32 i;

	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	program_enter(self->vcpu, guest_stores, ADDR, 4, VALUE);
	program_run_to(self->vcpu, 1);
	EXPECT_EQ(0, self->ring->first);
	ASSERT_EQ(4, self->ring->last);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(ADDR + i * 8, self->ring->coalesced_mmio[i].phys_addr);
		EXPECT_EQ(8, self->ring->coalesced_mmio[i].len);
		EXPECT_EQ(0, self->ring->coalesced_mmio[i].pio);
		EXPECT_EQ(VALUE + i, entry_value(&self->ring->coalesced_mmio[i]));
	}
}

TEST_F(coalesced, narrow_stores)
{
	const struct kvm_coalesced_mmio *entry = self->ring->coalesced_mmio;

	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	program_enter(self->vcpu, guest_stores_narrow, ADDR, VALUE, 0);
	program_run_to(self->vcpu, 1);
	ASSERT_EQ(3, self->ring->last);
	EXPECT_EQ(1, entry[0].len);
	EXPECT_EQ(0, memcmp(entry[0].data, "\x11", 1));
	EXPECT_EQ(ADDR + 2, entry[1].phys_addr);
	EXPECT_EQ(2, entry[1].len);
	EXPECT_EQ(0, memcmp(entry[1].data, "\x11\x22", 2));
	EXPECT_EQ(4, entry[2].len);
	EXPECT_EQ(0, memcmp(entry[2].data, "\x11\x22\x33\x44", 4));
}

TEST_F(coalesced, all_vcpus_share_the_ring)
{
	struct vcpu *other = vcpu_add(self->vm, 1);

	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	program_enter(self->vcpu, guest_stores, ADDR, 1, VALUE);
	program_enter(other, guest_stores, ADDR + 8, 1, VALUE + 1);
	program_run_to(other, 1);
	program_run_to(self->vcpu, 1);
	ASSERT_EQ(2, self->ring->last);
	EXPECT_EQ(VALUE + 1, entry_value(&self->ring->coalesced_mmio[0]));
	EXPECT_EQ(VALUE, entry_value(&self->ring->coalesced_mmio[1]));
}

TEST_F(coalesced, a_full_ring_is_an_exit)
{
	u32 last = ENTRIES - 1;

	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	program_enter(self->vcpu, guest_stores, ADDR, ENTRIES + 1, VALUE);
	expect_exit_at(_metadata, self->vcpu, ADDR + last * 8);
	EXPECT_EQ(last, self->ring->last);
	/* there is room again, over the end */
	self->ring->first = 2;
	program_run_to(self->vcpu, 1);
	EXPECT_EQ(0, self->ring->last);
	EXPECT_EQ(VALUE + ENTRIES, entry_value(&self->ring->coalesced_mmio[last]));
}

TEST_F(coalesced, other_accesses_are_exits)
{
	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	/* beyond the zone, and across its end */
	program_enter(self->vcpu, guest_stores, ADDR + ZONE, 1, VALUE);
	expect_exit_at(_metadata, self->vcpu, ADDR + ZONE);
	ASSERT_EQ(0, zone_remove(self->vm, ADDR, ZONE));
	ASSERT_EQ(0, zone_add(self->vm, ADDR, 4));
	program_run_to(self->vcpu, 1);
	program_enter(self->vcpu, guest_stores, ADDR, 1, VALUE);
	expect_exit_at(_metadata, self->vcpu, ADDR);
	program_run_to(self->vcpu, 1);
	/* loads */
	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	program_enter(self->vcpu, guest_reads, ADDR, 0, 0);
	expect_exit_at(_metadata, self->vcpu, ADDR);
	EXPECT_EQ(0, self->ring->last);
}

TEST_F(coalesced, ports_are_elsewhere)
{
	ASSERT_EQ(0, zone_ioctl(self->vm, KVM_REGISTER_COALESCED_MMIO, ADDR, ZONE, 1));
	program_enter(self->vcpu, guest_stores, ADDR, 1, VALUE);
	expect_exit_at(_metadata, self->vcpu, ADDR);
	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	/* each goes by its own */
	ASSERT_EQ(0, zone_ioctl(self->vm, KVM_UNREGISTER_COALESCED_MMIO, ADDR, ZONE, 1));
	program_run_to(self->vcpu, 1);
	program_run_to(self->vcpu, 1);
	EXPECT_EQ(1, self->ring->last);
}

/* A zone goes when what is named lies in it. */
TEST_F(coalesced, removal)
{
	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	ASSERT_EQ(0, zone_remove(self->vm, ADDR, 2 * ZONE));
	program_enter(self->vcpu, guest_stores, ADDR, 1, VALUE);
	program_run_to(self->vcpu, 1);
	EXPECT_EQ(1, self->ring->last);
	ASSERT_EQ(0, zone_remove(self->vm, ADDR + 8, 8));
	expect_exit_at(_metadata, self->vcpu, ADDR);
	EXPECT_EQ(1, self->ring->last);
}

/* Whatever userspace writes into the page, it is userspace's own loss. */
TEST_F(coalesced, nonsense_in_the_ring)
{
	static const u32 nonsense[] = { ENTRIES, ENTRIES + 1, SZ_4K, 1U << 31, ~0U };
	unsigned int i;

	ASSERT_EQ(0, zone_add(self->vm, ADDR, ZONE));
	program_enter(self->vcpu, guest_stores, ADDR, 1, VALUE);
	for (i = 0; i < ARRAY_SIZE(nonsense); i++) {
		memset(self->ring, 0xff, SZ_4K);
		self->ring->last = nonsense[i];
		self->ring->first = 0;
		expect_exit_at(_metadata, self->vcpu, ADDR);
		EXPECT_EQ(nonsense[i], self->ring->last);
		program_run_to(self->vcpu, 1);
	}
	self->ring->first = ~0U;
	self->ring->last = ENTRIES - 1;
	program_run_to(self->vcpu, 1);
	EXPECT_EQ(0, self->ring->last);
	EXPECT_EQ(VALUE, entry_value(&self->ring->coalesced_mmio[ENTRIES - 1]));
}

TEST_F(coalesced, as_many_zones_as_there_is_room_for)
{
	unsigned int i;

	for (i = 0; i < ZONES_MAX && !zone_add(self->vm, ADDR + i * 8, 8); i++)
		;
	EXPECT_ERRNO(ENOSPC, zone_add(self->vm, ADDR + i * 8, 8));
	EXPECT_EQ(0, zone_remove(self->vm, ADDR, 8));
	EXPECT_EQ(0, zone_add(self->vm, ADDR + i * 8, 8));
}

TEST_HARNESS_MAIN
