// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty log: pages that the guest has written to since the log was last read,
 * all of those, and no others.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../lib/counter.h"
#include "../lib/test.h"

#include "../../module/api/uapi.h"

#define SLOT		3
#define BASE		(1 * SZ_1G)
#define PAGES		1024		/* two blocks */
#define SIZE		(PAGES * SZ_4K)
#define WORDS		(PAGES / 64)
#define LOG		KVM_MEM_LOG_DIRTY_PAGES
#define MANUAL		KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE
#define INITIALLY_SET	KVM_DIRTY_LOG_INITIALLY_SET

#define SCRIBBLES	1000
#define FLUSH_EVERY	64
#define FORK_EVERY	256

enum { STOP, READ, WRITE, WRITE_SPARSE, SCRIBBLE };

/* Anywhere, with a flush now and then: what was harvested is idle, and logged still. */
static void scribble(void)
{
	u64 state = 1, i;

	for (i = 1; i <= SCRIBBLES; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		guest_write(BASE + (state >> 33) % PAGES * SZ_4K + 16, i);
		if (i % FLUSH_EVERY == 0)
			guest_setway(GUEST_CISW, i / FLUSH_EVERY % 4);
	}
}

/*
 * Go over pages @x1 up to @x2, as x0 says; @x3 is the value.  The host leaves its
 * wishes in the registers.
 */
static void guest_accesses(void)
{
	register u64 what asm("x0");
	register u64 first asm("x1");
	register u64 end asm("x2");
	register u64 value asm("x3");
	u64 page;

	guest_mmu_on();
	for (;;) {
		what = UCALL_SYNC;
		first = 1;
		asm volatile("bl guest_ucall"
			     : "+r" (what), "+r" (first), "=r" (end), "=r" (value)
			     : : "x9", "x30", "memory");
		if (what == SCRIBBLE)
			scribble();
		for (page = first; page < end; page += what == WRITE_SPARSE ? 7 : 1) {
			if (what == READ)
				guest_read(BASE + page * SZ_4K);
			else
				guest_write(BASE + page * SZ_4K + 8, value);
		}
	}
}

FIXTURE(log)
{
	struct vm *vm;
	struct vcpu *vcpu;
	void *memory;
	u64 bits[WORDS];
};

FIXTURE_VARIANT(log)
{
	bool full;	/* the policy, if there are policies */
	bool populate;	/* so that there can be blocks */
};

FIXTURE_VARIANT_ADD(log, exact) { .populate = true };
FIXTURE_VARIANT_ADD(log, full) { .full = true, .populate = true };
FIXTURE_VARIANT_ADD(log, unpopulated) { };

FIXTURE_SETUP(log)
{
	u32 policy = variant->full ? SETWAY_POLICY_FULL : SETWAY_POLICY_EXACT;
	struct memslot slot = { .ipa = BASE, .size = SIZE };

	self->vcpu = program_vcpu(guest_accesses);
	self->vm = self->vcpu->vm;
	if (device_is_setway())
		vm_ioctl(self->vm, SETWAY_SET_POLICY, &policy);
	slot.hva = memory_alloc(SIZE, SZ_2M);
	madvise(slot.hva, SIZE, MADV_HUGEPAGE);
	if (variant->populate)
		memset(slot.hva, 0x55, SIZE);
	vm_memslot_add(self->vm, SLOT, slot);
	self->memory = slot.hva;
	program_run_to(self->vcpu, 1);
}

FIXTURE_TEARDOWN(log)
{
	vm_destroy(self->vm);
}

static void guest(struct vcpu *vcpu, u64 what, u64 first, u64 end)
{
	reg_set(vcpu, REG_X(0), what);
	reg_set(vcpu, REG_X(1), first);
	reg_set(vcpu, REG_X(2), end);
	reg_set(vcpu, REG_X(3), 0xd1d1d1d1);
	program_run_to(vcpu, 1);
}

static int slot_flags(struct vm *vm, u32 flags)
{
	return __vm_memslot_set(vm, SLOT, flags, BASE, SIZE, vm->slots[SLOT].hva);
}

static void log_on(struct vm *vm)
{
	if (slot_flags(vm, LOG))
		fail("the log cannot be turned on: %s", strerror(errno));
}

static int __log_get(struct vm *vm, u32 slot, void *bits)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bits };

	return ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log);
}

static int __log_clear(struct vm *vm, u32 slot, u64 first, u32 nr, void *bits)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = nr, .dirty_bitmap = bits,
	};

	return ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, &log);
}

static void log_get(struct vm *vm, u64 *bits)
{
	memset(bits, 0xee, WORDS * sizeof(u64));
	if (__log_get(vm, SLOT, bits))
		fail("the log cannot be read: %s", strerror(errno));
}

static int manual(struct vm *vm, u64 options)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { options },
	};

	return ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static bool is_dirty(const u64 *bits, u64 page)
{
	return bits[page / 64] & BIT(page % 64);
}

/* Are just these pages dirty: from @first up to @end, each @step-th? */
static bool only(const u64 *bits, u64 first, u64 end, u64 step)
{
	u64 page;
	bool wanted;

	for (page = 0; page < PAGES; page++) {
		wanted = page >= first && page < end && (page - first) % step == 0;
		if (is_dirty(bits, page) == wanted)
			continue;
		fprintf(stderr, "page %llu is%s dirty\n", page, wanted ? " not" : "");
		return false;
	}
	return true;
}

/* The log, read and compared. */
static bool dirty_are(struct vm *vm, u64 first, u64 end)
{
	u64 bits[WORDS];

	log_get(vm, bits);
	return only(bits, first, end, 1);
}

static bool none_dirty(struct vm *vm)
{
	return dirty_are(vm, 0, 0);
}

TEST_F(log, errors)
{
	struct vm *vm = self->vm;

	EXPECT_ERRNO(ENOENT, __log_get(vm, SLOT, self->bits));
	EXPECT_ERRNO(ENOENT, __log_get(vm, SLOT + 1, self->bits));
	EXPECT_ERRNO(EINVAL, __log_get(vm, ~0U, self->bits));
	EXPECT_ERRNO(EINVAL, __log_get(vm, 1 << 16 | SLOT, self->bits));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_GET_DIRTY_LOG, BAD_ADDRESS));
	EXPECT_ERRNO(ENOENT, __log_clear(vm, SLOT, 0, 64, self->bits));
	EXPECT_ERRNO(EINVAL, __log_clear(vm, ~0U, 0, 64, self->bits));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, BAD_ADDRESS));
	log_on(vm);
	EXPECT_ERRNO(EFAULT, __log_get(vm, SLOT, BAD_ADDRESS));
	EXPECT_ERRNO(EINVAL, __log_clear(vm, SLOT, 1, 64, self->bits));
	EXPECT_ERRNO(EINVAL, __log_clear(vm, SLOT, 0, PAGES + 64, self->bits));
	EXPECT_ERRNO(EINVAL, __log_clear(vm, SLOT, PAGES + 64, 64, self->bits));
	EXPECT_ERRNO(EINVAL, __log_clear(vm, SLOT, 0, 65, self->bits));
	EXPECT_ERRNO(EFAULT, __log_clear(vm, SLOT, 0, 64, BAD_ADDRESS));
	EXPECT_EQ(0, __log_clear(vm, SLOT, 64, 64, self->bits));
	EXPECT_EQ(0, __log_clear(vm, SLOT, PAGES, 0, self->bits));
	EXPECT_EQ(0, slot_flags(vm, 0));
	EXPECT_ERRNO(ENOENT, __log_get(vm, SLOT, self->bits));
}

TEST_F(log, flags)
{
	/* on and off at will, but nothing else may change */
	EXPECT_EQ(0, slot_flags(self->vm, LOG));
	EXPECT_EQ(0, slot_flags(self->vm, LOG));
	EXPECT_ERRNO(EINVAL, slot_flags(self->vm, LOG | KVM_MEM_READONLY));
	EXPECT_ERRNO(EINVAL, __vm_memslot_set(self->vm, SLOT, LOG, BASE, SIZE / 2, self->memory));
	EXPECT_ERRNO(EINVAL, slot_flags(self->vm, LOG | 1 << 5));
	EXPECT_EQ(0, slot_flags(self->vm, 0));
}

TEST_F(log, capability)
{
	EXPECT_EQ(MANUAL | INITIALLY_SET,
		  device_capability(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2));
	EXPECT_ERRNO(EINVAL, manual(self->vm, INITIALLY_SET));
	EXPECT_ERRNO(EINVAL, manual(self->vm, MANUAL | 1 << 7));
	EXPECT_EQ(0, manual(self->vm, MANUAL | INITIALLY_SET));
	EXPECT_EQ(0, manual(self->vm, MANUAL));
	EXPECT_EQ(0, manual(self->vm, 0));
}

TEST_F(log, writes)
{
	log_on(self->vm);
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 10, 20);
	EXPECT_TRUE(dirty_are(self->vm, 10, 20));
	EXPECT_TRUE(none_dirty(self->vm));
	/* the same pages again, and the edges of the blocks */
	guest(self->vcpu, WRITE, 15, 16);
	EXPECT_TRUE(dirty_are(self->vm, 15, 16));
	guest(self->vcpu, WRITE, 511, 513);
	EXPECT_TRUE(dirty_are(self->vm, 511, 513));
	guest(self->vcpu, WRITE, PAGES - 1, PAGES);
	EXPECT_TRUE(dirty_are(self->vm, PAGES - 1, PAGES));
	guest(self->vcpu, WRITE_SPARSE, 3, PAGES);
	log_get(self->vm, self->bits);
	EXPECT_TRUE(only(self->bits, 3, PAGES, 7));
	EXPECT_EQ(0xd1d1d1d1, *(u64 *)(self->memory + 10 * SZ_4K + 8));
}

TEST_F(log, reads)
{
	log_on(self->vm);
	guest(self->vcpu, READ, 0, PAGES);
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 100, 101);
	guest(self->vcpu, READ, 0, PAGES);
	EXPECT_TRUE(dirty_are(self->vm, 100, 101));
	guest(self->vcpu, READ, 0, PAGES);
	EXPECT_TRUE(none_dirty(self->vm));
}

/* What was writable before the log was on is seen as well. */
TEST_F(log, turned_on_late)
{
	guest(self->vcpu, WRITE, 0, PAGES);
	log_on(self->vm);
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 500, 600);
	EXPECT_TRUE(dirty_are(self->vm, 500, 600));
	ASSERT_EQ(0, slot_flags(self->vm, 0));
	guest(self->vcpu, WRITE, 0, PAGES);
	log_on(self->vm);
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 7, 8);
	EXPECT_TRUE(dirty_are(self->vm, 7, 8));
}

/* The slot has a log from the start. */
TEST_F(log, there_from_the_start)
{
	ASSERT_EQ(0, __vm_memslot_set(self->vm, SLOT, 0, BASE, 0, self->memory));
	log_on(self->vm);
	guest(self->vcpu, READ, 0, PAGES);
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 1, 3);
	EXPECT_TRUE(dirty_are(self->vm, 1, 3));
}

/* The VMM's memory goes and comes: what the guest writes then counts. */
TEST_F(log, memory_comes_anew)
{
	log_on(self->vm);
	guest(self->vcpu, WRITE, 0, 10);
	EXPECT_TRUE(dirty_are(self->vm, 0, 10));
	ASSERT_EQ(0, madvise(self->memory, SIZE, MADV_DONTNEED));
	guest(self->vcpu, READ, 0, 10);
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 2, 4);
	EXPECT_TRUE(dirty_are(self->vm, 2, 4));
}

TEST_F(log, manual)
{
	u64 mask[WORDS] = { 0 };

	ASSERT_EQ(0, manual(self->vm, MANUAL));
	log_on(self->vm);
	guest(self->vcpu, WRITE, 60, 70);
	/* looking changes nothing */
	EXPECT_TRUE(dirty_are(self->vm, 60, 70));
	EXPECT_TRUE(dirty_are(self->vm, 60, 70));
	mask[0] = ~0ULL;
	EXPECT_EQ(0, __log_clear(self->vm, SLOT, 0, 64, mask));
	EXPECT_TRUE(dirty_are(self->vm, 64, 70));
	/* only what is named is cleared */
	mask[0] = BIT(1);
	EXPECT_EQ(0, __log_clear(self->vm, SLOT, 64, 64, mask));
	log_get(self->vm, self->bits);
	EXPECT_EQ(0, self->bits[0]);
	EXPECT_EQ(0x3d, self->bits[1]);
	guest(self->vcpu, WRITE, 60, 66);
	log_get(self->vm, self->bits);
	EXPECT_EQ(GENMASK(63, 60), self->bits[0]);
	EXPECT_EQ(0x3f, self->bits[1]);
	memset(mask, 0xff, sizeof(mask));
	EXPECT_EQ(0, __log_clear(self->vm, SLOT, 0, PAGES, mask));
	EXPECT_TRUE(none_dirty(self->vm));
}

TEST_F(log, initially_set)
{
	u64 mask[WORDS];

	memset(mask, 0xff, sizeof(mask));
	guest(self->vcpu, WRITE, 0, PAGES);
	ASSERT_EQ(0, manual(self->vm, MANUAL | INITIALLY_SET));
	log_on(self->vm);
	EXPECT_TRUE(dirty_are(self->vm, 0, PAGES));
	guest(self->vcpu, WRITE, 0, PAGES);
	EXPECT_EQ(0, __log_clear(self->vm, SLOT, 0, 512, mask));
	EXPECT_TRUE(dirty_are(self->vm, 512, PAGES));
	guest(self->vcpu, WRITE, 4, 5);
	log_get(self->vm, self->bits);
	EXPECT_EQ(BIT(4), self->bits[0]);
	EXPECT_EQ(0, __log_clear(self->vm, SLOT, 0, PAGES, mask));
	EXPECT_TRUE(none_dirty(self->vm));
	guest(self->vcpu, WRITE, 900, 910);
	EXPECT_TRUE(dirty_are(self->vm, 900, 910));
}

/* A slot that is moved takes its log along. */
TEST_F(log, moved)
{
	log_on(self->vm);
	guest(self->vcpu, WRITE, 8, 9);
	ASSERT_EQ(0, __vm_memslot_set(self->vm, SLOT, LOG, BASE + SZ_1G, SIZE, self->memory));
	ASSERT_EQ(0, __vm_memslot_set(self->vm, SLOT, LOG, BASE, SIZE, self->memory));
	EXPECT_TRUE(dirty_are(self->vm, 8, 9));
	guest(self->vcpu, WRITE, 9, 10);
	EXPECT_TRUE(dirty_are(self->vm, 9, 10));
}

/* A log takes nothing from the tracker, and a batch nothing from the log. */
TEST_F(log, with_batches)
{
	u64 accessed;

	if (!counter_present(self->vm))
		SKIP(return, "KVM does not track what is accessed");
	log_on(self->vm);
	guest(self->vcpu, WRITE, 0, 16);
	guest(self->vcpu, READ, 16, 32);
	accessed = accessed_pages(self->vm);
	EXPECT_TRUE(dirty_are(self->vm, 0, 16));
	EXPECT_EQ(accessed, accessed_pages(self->vm));
	EXPECT_LE(32, accessed);
	guest(self->vcpu, WRITE, 16, 24);
	EXPECT_TRUE(dirty_are(self->vm, 16, 24));
}

static atomic_bool scribbling;

static void *scribble_thread(void *vcpu)
{
	guest(vcpu, SCRIBBLE, 0, 0);
	scribbling = false;
	return NULL;
}

/* All pages are the VMM's anew, one after the other, as they are written to. */
static void copy_on_write(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

/* Bring a copy up to date with what the log says is another by now. */
static void copy_dirty(struct _test_data_log *self, char *copy, bool by_hand)
{
	u64 page;

	log_get(self->vm, self->bits);
	if (by_hand && __log_clear(self->vm, SLOT, 0, PAGES, self->bits))
		fail("the log cannot be cleared: %s", strerror(errno));
	for (page = 0; page < PAGES; page++)
		if (is_dirty(self->bits, page))
			memcpy(copy + page * SZ_4K, self->memory + page * SZ_4K, SZ_4K);
}

static void follow(struct _test_data_log *self, bool by_hand)
{
	char *copy = malloc(SIZE);
	pthread_t thread;
	u32 n;

	memcpy(copy, self->memory, SIZE);
	log_on(self->vm);
	scribbling = true;
	if (pthread_create(&thread, NULL, scribble_thread, self->vcpu))
		fail("cannot create a thread");
	for (n = 1; scribbling; n++) {
		copy_dirty(self, copy, by_hand);
		if (n % FORK_EVERY == 0)
			copy_on_write();
	}
	pthread_join(thread, NULL);
	copy_dirty(self, copy, by_hand);
	if (memcmp(copy, self->memory, SIZE))
		fail("a write is not in the log");
	free(copy);
}

/* As a migration does: the log is taken while the guest writes and flushes. */
TEST_F(log, loses_nothing)
{
	follow(self, false);
}

TEST_F(log, loses_nothing_by_hand)
{
	ASSERT_EQ(0, manual(self->vm, MANUAL));
	follow(self, true);
}

TEST_F(log, loses_nothing_of_all)
{
	ASSERT_EQ(0, manual(self->vm, MANUAL | INITIALLY_SET));
	follow(self, true);
}

TEST_HARNESS_MAIN
