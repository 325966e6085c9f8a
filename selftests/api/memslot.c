// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_USER_MEMORY_REGION: what it takes and what it refuses, and what the
 * guest sees of slots that come, move and go.
 */
#include <sys/mman.h>

#include "../lib/test.h"

#define IPA		0x10000000ULL
#define SIZE		(16 * SZ_4K)
#define MAGIC		0x5e7a11d05e7a11d0ULL
#define MAGIC_2		0x0ddba11c0ffee000ULL

#ifndef KVM_CAP_USER_MEMORY2	/* Linux 6.8 */
#define KVM_CAP_USER_MEMORY2	231
#endif
#define MEM_GUEST_MEMFD		BIT(2)
#define REGION2_REST		16	/* more words than KVM_SET_USER_MEMORY_REGION has */

struct region2 {
	struct kvm_userspace_memory_region region;
	u64 rest[REGION2_REST];
};

#define SET_REGION2		_IOW(KVMIO, 0x49, struct region2)

/* The guest */
static void guest_reads(u64 ipa)
{
	for (;;)
		guest_report(0, guest_read(ipa), 0);
}

static void guest_reads_two(u64 first, u64 second)
{
	for (;;)
		guest_report(0, guest_read(first), guest_read(second));
}

static void guest_writes(u64 ipa, u64 value)
{
	guest_write(ipa, value);
	guest_sync(0);
	guest_write(ipa, value + 1);
}

static void guest_executes(u64 ipa)
{
	((void (*)(void))ipa)();
	guest_sync(0);
	((void (*)(void))ipa)();
}

FIXTURE(memslot)
{
	struct vm *vm;
	struct vcpu *vcpu;
	void *memory;
	u32 slots;
};

FIXTURE_SETUP(memslot)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	self->memory = memory_alloc(SIZE, SZ_2M);
	self->slots = device_capability(KVM_CAP_NR_MEMSLOTS);
	program_load(self->vm);
}

FIXTURE_TEARDOWN(memslot)
{
	vm_destroy(self->vm);
}

/* Shorter, for this file */
static int slot_set(struct _test_data_memslot *self, u32 slot, u64 ipa, u64 size)
{
	return __vm_memslot_set(self->vm, slot, 0, ipa, size, self->memory);
}

TEST_F(memslot, add_and_delete)
{
	EXPECT_EQ(0, slot_set(self, 0, IPA, SIZE));
	EXPECT_EQ(0, slot_set(self, 0, IPA, 0));
	/* where a slot was, another can be */
	EXPECT_EQ(0, slot_set(self, 1, IPA, SIZE));
}

TEST_F(memslot, ids)
{
	EXPECT_EQ(0, slot_set(self, self->slots - 1, IPA, SIZE));
	EXPECT_ERRNO(EINVAL, slot_set(self, self->slots, 2 * IPA, SIZE));
	EXPECT_ERRNO(EINVAL, slot_set(self, ~0U, 2 * IPA, SIZE));
	/* the upper half is an address space; there is but one */
	EXPECT_ERRNO(EINVAL, slot_set(self, 1U << 16, 2 * IPA, SIZE));
}

TEST_F(memslot, flags)
{
	/* no such flag */
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, 0, 1U << 31, IPA, SIZE,
					      self->memory));
	EXPECT_EQ(0, __vm_memslot_set(self->vm, 0, KVM_MEM_READONLY, IPA, SIZE,
				      self->memory));
	/* read-only is for life */
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA, SIZE));
	EXPECT_EQ(0, slot_set(self, 1, 2 * IPA, SIZE));
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, 1, KVM_MEM_READONLY,
					      2 * IPA, SIZE, self->memory));
}

TEST_F(memslot, alignment)
{
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA, SIZE + 1));
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA, 512));
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA + 512, SIZE));
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, 0, 0, IPA, SIZE,
					      self->memory + 512));
}

TEST_F(memslot, overflows)
{
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, ~0xfffULL, SIZE));
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA, ~0xfffULL));
	/* memory that is not the VMM's to give */
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, 0, 0, IPA, SIZE,
					      (void *)(1ULL << 63)));
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, 0, 0, IPA, SZ_1G << 20,
					      self->memory));
}

TEST_F(memslot, ipa_space)
{
	u64 end = 1ULL << 40;

	EXPECT_ERRNO(EFAULT, slot_set(self, 0, end, SIZE));
	EXPECT_ERRNO(EFAULT, slot_set(self, 0, end - SZ_4K, SIZE));
	EXPECT_EQ(0, slot_set(self, 0, end - SIZE, SIZE));
}

TEST_F(memslot, ipa_space_of_another_size)
{
	struct vm *vm = vm_create_sized(36);
	u64 end = 1ULL << 36;

	EXPECT_EQ(0, __vm_memslot_set(vm, 0, 0, end - SIZE, SIZE, self->memory));
	EXPECT_ERRNO(EFAULT, __vm_memslot_set(vm, 1, 0, end, SIZE, self->memory));
	vm_destroy(vm);
}

TEST_F(memslot, overlaps)
{
	ASSERT_EQ(0, slot_set(self, 0, IPA, SIZE));
	EXPECT_ERRNO(EEXIST, slot_set(self, 1, IPA, SIZE));
	EXPECT_ERRNO(EEXIST, slot_set(self, 1, IPA, SZ_4K));
	EXPECT_ERRNO(EEXIST, slot_set(self, 1, IPA + SIZE - SZ_4K, SIZE));
	EXPECT_ERRNO(EEXIST, slot_set(self, 1, IPA - SZ_4K, 2 * SZ_4K));
	/* neighbours do not overlap */
	EXPECT_EQ(0, slot_set(self, 1, IPA + SIZE, SIZE));
	EXPECT_EQ(0, slot_set(self, 2, IPA - SIZE, SIZE));
	/* and no slot can move over one */
	EXPECT_ERRNO(EEXIST, slot_set(self, 2, IPA - SZ_4K, SIZE));
}

TEST_F(memslot, changes)
{
	void *other = memory_alloc(SIZE, SZ_2M);

	ASSERT_EQ(0, slot_set(self, 0, IPA, SIZE));
	/* nothing new */
	EXPECT_EQ(0, slot_set(self, 0, IPA, SIZE));
	/* elsewhere, even over its former place */
	EXPECT_EQ(0, slot_set(self, 0, IPA + SZ_4K, SIZE));
	EXPECT_EQ(0, slot_set(self, 0, 2 * IPA, SIZE));
	/* but neither size nor memory change */
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, 2 * IPA, SIZE / 2));
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, 2 * IPA, SIZE * 2));
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, 0, 0, 2 * IPA, SIZE, other));
}

TEST_F(memslot, delete_what_is_not_there)
{
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA, 0));
	ASSERT_EQ(0, slot_set(self, 0, IPA, SIZE));
	ASSERT_EQ(0, slot_set(self, 0, IPA, 0));
	EXPECT_ERRNO(EINVAL, slot_set(self, 0, IPA, 0));
}

TEST_F(memslot, bad_pointer)
{
	EXPECT_ERRNO(EFAULT, ioctl(self->vm->fd, KVM_SET_USER_MEMORY_REGION,
				   BAD_ADDRESS));
}

/* What is behind it belongs to guest_memfd, which there is not. */
TEST_F(memslot, later_form_of_the_ioctl)
{
	struct region2 argument = { .region = {
		.slot = 1, .guest_phys_addr = IPA, .memory_size = SIZE,
		.userspace_addr = (u64)self->memory,
	} };
	char *pages = memory_alloc(2 * SZ_4K, SZ_4K);
	struct region2 *cut = (void *)(pages + SZ_4K - sizeof(cut->region));

	EXPECT_EQ(1, device_capability(KVM_CAP_USER_MEMORY2));
	memset(argument.rest, 0xff, sizeof(argument.rest));
	ASSERT_EQ(0, ioctl(self->vm->fd, SET_REGION2, &argument));
	EXPECT_ERRNO(EEXIST, slot_set(self, 2, IPA, SIZE));
	/* it is the same slot by either name */
	ASSERT_EQ(0, slot_set(self, 1, IPA, 0));
	argument.region.flags = MEM_GUEST_MEMFD;
	EXPECT_ERRNO(EINVAL, ioctl(self->vm->fd, SET_REGION2, &argument));
	argument.region.flags = 0;
	argument.region.memory_size = SIZE + 1;
	EXPECT_ERRNO(EINVAL, ioctl(self->vm->fd, SET_REGION2, &argument));
	argument.region.memory_size = SIZE;

	/* the whole of it is read first */
	memcpy(&cut->region, &argument.region, sizeof(cut->region));
	ASSERT_EQ(0, munmap(pages + SZ_4K, SZ_4K));
	EXPECT_ERRNO(EFAULT, ioctl(self->vm->fd, SET_REGION2, cut));
	EXPECT_EQ(0, slot_set(self, 2, IPA, SIZE));
}

TEST_F(memslot, many_slots)
{
	u32 slot, last = 100;

	ASSERT_LE(last, self->slots);
	for (slot = 0; slot < last; slot++) {
		/* it has the program */
		if (slot == PROGRAM_SLOT)
			continue;
		ASSERT_EQ(0, slot_set(self, slot, IPA + slot * SIZE, SIZE)) {
			TH_LOG("slot %u: %s", slot, strerror(errno));
		}
	}
	for (slot = 0; slot < last; slot++) {
		if (slot == PROGRAM_SLOT)
			continue;
		ASSERT_EQ(0, slot_set(self, slot, 0, 0));
	}
}

/* What the guest sees */

static u64 guest_sees(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	return ucall.args[1];
}

TEST_F(memslot, guest_and_host_share_the_memory)
{
	u64 *word = vm_memory_add(self->vm, 0, IPA, SIZE, 0) + SZ_4K;

	program_enter(self->vcpu, guest_writes, IPA + SZ_4K, MAGIC, 0);
	program_run_to(self->vcpu, 0);
	EXPECT_EQ(MAGIC, *word);
	program_finish(self->vcpu);
	EXPECT_EQ(MAGIC + 1, *word);
}

TEST_F(memslot, memory_added_while_the_guest_runs)
{
	u64 *memory;

	program_enter(self->vcpu, guest_reads, IPA, 0, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	EXPECT_EQ(IPA, self->vcpu->run->mmio.phys_addr);
	memset(self->vcpu->run->mmio.data, 0, 8);
	EXPECT_EQ(0, guest_sees(self->vcpu));
	memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);
	*memory = MAGIC;
	EXPECT_EQ(MAGIC, guest_sees(self->vcpu));
}

TEST_F(memslot, deleted_memory_is_gone)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);

	*memory = MAGIC;
	program_enter(self->vcpu, guest_reads, IPA, 0, 0);
	EXPECT_EQ(MAGIC, guest_sees(self->vcpu));
	vm_memory_remove(self->vm, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	EXPECT_EQ(IPA, self->vcpu->run->mmio.phys_addr);
	EXPECT_EQ(0, self->vcpu->run->mmio.is_write);
}

TEST_F(memslot, other_memory_in_the_same_place)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);

	*memory = MAGIC;
	program_enter(self->vcpu, guest_reads, IPA, 0, 0);
	EXPECT_EQ(MAGIC, guest_sees(self->vcpu));
	vm_memory_remove(self->vm, 0);
	memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);
	*memory = MAGIC_2;
	EXPECT_EQ(MAGIC_2, guest_sees(self->vcpu));
}

TEST_F(memslot, moved_memory_is_elsewhere)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);
	struct ucall ucall;

	*memory = MAGIC;
	program_enter(self->vcpu, guest_reads_two, IPA, 2 * IPA, 0);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	EXPECT_EQ(2 * IPA, self->vcpu->run->mmio.phys_addr);
	memset(self->vcpu->run->mmio.data, 0, 8);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(MAGIC, ucall.args[1]);
	EXPECT_EQ(0, ucall.args[2]);

	vm_memslot_move(self->vm, 0, 2 * IPA);
	ASSERT_EQ(KVM_EXIT_MMIO, vcpu_run(self->vcpu));
	EXPECT_EQ(IPA, self->vcpu->run->mmio.phys_addr);
	memset(self->vcpu->run->mmio.data, 0, 8);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(0, ucall.args[1]);
	EXPECT_EQ(MAGIC, ucall.args[2]);
}

TEST_F(memslot, one_memory_in_two_places)
{
	u64 *memory = self->memory;
	struct ucall ucall;

	ASSERT_EQ(0, slot_set(self, 0, IPA, SIZE));
	ASSERT_EQ(0, slot_set(self, 1, 2 * IPA, SIZE));
	*memory = MAGIC;
	program_enter(self->vcpu, guest_reads_two, IPA, 2 * IPA, 0);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(MAGIC, ucall.args[1]);
	EXPECT_EQ(MAGIC, ucall.args[2]);
}

TEST_F(memslot, both_ends_of_the_address_space)
{
	u64 *low = vm_memory_add(self->vm, 0, 0, SIZE, 0);
	u64 *high = vm_memory_add(self->vm, 1, (1ULL << 40) - SIZE, SIZE, 0);
	struct ucall ucall;

	low[1] = MAGIC;
	high[SIZE / 8 - 1] = MAGIC_2;
	program_enter(self->vcpu, guest_reads_two, 8, (1ULL << 40) - 8, 0);
	program_run(self->vcpu, &ucall);
	EXPECT_EQ(MAGIC, ucall.args[1]);
	EXPECT_EQ(MAGIC_2, ucall.args[2]);
}

/* The VMM's address space is what counts, at each moment. */
TEST_F(memslot, memory_follows_the_mapping)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);

	*memory = MAGIC;
	program_enter(self->vcpu, guest_reads, IPA, 0, 0);
	EXPECT_EQ(MAGIC, guest_sees(self->vcpu));
	ASSERT_EQ(0, madvise(memory, SIZE, MADV_DONTNEED));
	EXPECT_EQ(0, guest_sees(self->vcpu));
	*memory = MAGIC_2;
	EXPECT_EQ(MAGIC_2, guest_sees(self->vcpu));
	ASSERT_EQ(memory, mmap(memory, SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_EQ(0, guest_sees(self->vcpu));
	*memory = MAGIC;
	EXPECT_EQ(MAGIC, guest_sees(self->vcpu));
}

TEST_F(memslot, memory_that_the_vmm_has_not_got)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);

	*memory = MAGIC;
	program_enter(self->vcpu, guest_reads, IPA, 0, 0);
	EXPECT_EQ(MAGIC, guest_sees(self->vcpu));
	ASSERT_EQ(0, munmap(memory, SIZE));
	EXPECT_ERRNO(EFAULT, __vcpu_run(self->vcpu));
	/* the guest waits at the access, and can go on */
	ASSERT_EQ(memory, mmap(memory, SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	*memory = MAGIC_2;
	EXPECT_EQ(MAGIC_2, guest_sees(self->vcpu));
}

TEST_F(memslot, memory_that_the_vmm_may_not_write)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);

	*memory = 0;
	program_enter(self->vcpu, guest_writes, IPA, MAGIC, 0);
	program_run_to(self->vcpu, 0);
	ASSERT_EQ(0, mprotect(memory, SIZE, PROT_READ));
	EXPECT_ERRNO(EFAULT, __vcpu_run(self->vcpu));
	EXPECT_EQ(MAGIC, *memory);
	ASSERT_EQ(0, mprotect(memory, SIZE, PROT_READ | PROT_WRITE));
	program_finish(self->vcpu);
	EXPECT_EQ(MAGIC + 1, *memory);
}

/* A read maps the zero page or a shared one; the write must not hit that. */
TEST_F(memslot, copy_on_write)
{
	u64 *memory = vm_memory_add(self->vm, 0, IPA, SIZE, 0);
	u64 *other = vm_memory_add(self->vm, 1, 2 * IPA, SIZE, 0);

	program_enter(self->vcpu, guest_reads, IPA, 0, 0);
	EXPECT_EQ(0, guest_sees(self->vcpu));
	program_enter(self->vcpu, guest_writes, IPA, MAGIC, 0);
	program_run_to(self->vcpu, 0);
	EXPECT_EQ(MAGIC, *memory);
	EXPECT_EQ(0, *other);
}

TEST_F(memslot, code_in_read_only_memory)
{
	u32 *rom = vm_memory_add(self->vm, 0, IPA, SIZE, KVM_MEM_READONLY);

	*rom = 0xd65f03c0;	/* ret */
	__builtin___clear_cache((void *)rom, (void *)(rom + 1));
	program_enter(self->vcpu, guest_executes, IPA, 0, 0);
	program_run_to(self->vcpu, 0);
	program_finish(self->vcpu);
}

TEST_HARNESS_MAIN
