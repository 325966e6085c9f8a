// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory that is a file on a disk.  The file system writes its pages back when it
 * likes, takes the right to write away first, and wants to be asked before the next
 * write: so a page that the guest can write to is dirty, one that it cannot is not made
 * dirty, and all that it writes reaches the disk.
 */
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/hold.h"
#include "../lib/hostpage.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PAGES		128
#define SIZE		(PAGES * SZ_4K)
#define ROUNDS		5

#define DISK		"/dev/nvme0n2"
#define DIRECTORY	"/tmp/disk"
#define FILE_NAME	DIRECTORY "/guest"

/* Each round's number to each page, as fast as can be. */
static void guest_writes(void)
{
	u64 round, i;

	for (round = 1;; round++) {
		for (i = 0; i < PAGES; i++)
			guest_write(MEMORY_PAGE(i), round);
		guest_sync(round);
	}
}

/* Looks at all, writes to none. */
static void guest_reads(void)
{
	u64 i;

	for (i = 0; i < PAGES; i++)
		guest_read(MEMORY_PAGE(i));
	guest_sync(1);
}

FIXTURE(file)
{
	struct vm *vm;
	struct vcpu *vcpu;
	int file;
	u64 *hva;
};

FIXTURE_VARIANT(file)
{
	u32 policy;
};

FIXTURE_VARIANT_ADD(file, exact) { .policy = SETWAY_POLICY_EXACT };
FIXTURE_VARIANT_ADD(file, full) { .policy = SETWAY_POLICY_FULL };

/* Nobody has written to it but by write(2), and that is on the disk. */
static int file_make(void)
{
	static const u64 page[SZ_4K / sizeof(u64)];
	int file;
	u64 i;

	if (system("mke2fs -F " DISK " >/dev/null 2>&1"))
		fail("no file system on " DISK);
	mkdir(DIRECTORY, 0700);
	if (mount(DISK, DIRECTORY, "ext4", 0, NULL))
		fail("no ext4: %s", strerror(errno));
	file = open(FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (i = 0; i < PAGES; i++)
		if (write(file, page, SZ_4K) != SZ_4K)
			fail("no file: %s", strerror(errno));
	if (fsync(file))
		fail("fsync: %s", strerror(errno));
	return file;
}

FIXTURE_SETUP(file)
{
	self->vm = vm_create();
	self->vcpu = vcpu_add(self->vm, 0);
	program_load(self->vm);
	vm_set_policy(self->vm, variant->policy);
	self->file = file_make();
	self->hva = memory_alloc(SIZE, SZ_2M);
	self->hva = mmap(self->hva, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 self->file, 0);
	ASSERT_NE(MAP_FAILED, self->hva);
	vm_memslot_add(self->vm, MEMORY_SLOT, (struct memslot){
		.ipa = MEMORY_IPA, .size = SIZE, .hva = self->hva,
	});
}

FIXTURE_TEARDOWN(file)
{
	vm_destroy(self->vm);
	close(self->file);
	EXPECT_EQ(0, umount(DIRECTORY));
}

static void *page_at(void *hva, u64 n)
{
	return hva + n * SZ_4K;
}

/* Which pages can the guest write to? */
static void writable_read(struct vm *vm, bool writable[PAGES])
{
	static struct mapping mappings[PAGES];
	unsigned int n = mappings_read(vm, pages_at(0, PAGES), mappings, PAGES);
	u64 ipa;

	memset(writable, 0, PAGES * sizeof(*writable));
	while (n--)
		for (ipa = mappings[n].range.start; ipa < mappings[n].range.end; ipa += SZ_4K)
			writable[(ipa - MEMORY_IPA) / SZ_4K] = mappings[n].writable;
}

/* Return: pages that are dirty and not to be written to, or the other way round. */
static unsigned int pages_at_odds(struct vm *vm, void *hva)
{
	static bool writable[PAGES];
	unsigned int odd = 0;
	u64 i;

	writable_read(vm, writable);
	for (i = 0; i < PAGES; i++)
		odd += hostpage_has(page_at(hva, i), KPF_DIRTY) != writable[i];
	return odd;
}

static unsigned int pages_dirty(void *hva)
{
	unsigned int dirty = 0;
	u64 i;

	for (i = 0; i < PAGES; i++)
		dirty += hostpage_has(page_at(hva, i), KPF_DIRTY);
	return dirty;
}

/* How much of what the guest wrote is not on the disk? */
static unsigned int pages_not_on_disk(u64 content)
{
	int disk = open(FILE_NAME, O_RDONLY | O_DIRECT | O_CLOEXEC);
	u64 *page = memory_alloc(SZ_4K, SZ_4K);
	unsigned int missing = 0;
	u64 i;

	for (i = 0; i < PAGES; i++)
		if (pread(disk, page, SZ_4K, i * SZ_4K) != SZ_4K || page[0] != content)
			missing++;
	munmap(page, SZ_4K);
	close(disk);
	return missing;
}

TEST_F(file, reaches_the_disk)
{
	u64 round;

	program_enter(self->vcpu, guest_writes, 0, 0, 0);
	for (round = 1; round <= 3; round++) {
		program_run_to(self->vcpu, round);
		EXPECT_EQ(PAGES, pages_dirty(self->hva));
		EXPECT_EQ(0, pages_at_odds(self->vm, self->hva));
		ASSERT_EQ(0, fdatasync(self->file));
		EXPECT_EQ(0, pages_dirty(self->hva));
		EXPECT_EQ(0, pages_at_odds(self->vm, self->hva));
		EXPECT_EQ(0, pages_not_on_disk(round));
	}
}

TEST_F(file, is_not_dirty_by_being_read)
{
	program_enter(self->vcpu, guest_reads, 0, 0, 0);
	program_run_to(self->vcpu, 1);
	EXPECT_LT(0, pages_mapped(self->vm, pages_at(0, PAGES)));
	EXPECT_EQ(0, pages_dirty(self->hva));
}

struct writer_back {
	pthread_t thread;
	int file;
	atomic_bool done;
	unsigned int times;
};

static void *write_back(void *data)
{
	struct writer_back *writer = data;

	while (!writer->done) {
		if (fdatasync(writer->file))
			fail("fdatasync: %s", strerror(errno));
		writer->times++;
	}
	return NULL;
}

/* In the middle of writing; each time that both have come to rest all fits together. */
TEST_F(file, is_written_back_while_it_is_written)
{
	unsigned int times = 0;
	u64 round;

	program_enter(self->vcpu, guest_writes, 0, 0, 0);
	for (round = 1; round <= ROUNDS; round++) {
		struct writer_back writer = { .file = self->file };

		ASSERT_EQ(0, pthread_create(&writer.thread, NULL, write_back, &writer));
		program_run_to(self->vcpu, round);
		writer.done = true;
		pthread_join(writer.thread, NULL);
		times += writer.times;
		ASSERT_EQ(0, pages_at_odds(self->vm, self->hva));
	}
	EXPECT_LT(0, times);
	ASSERT_EQ(0, fdatasync(self->file));
	EXPECT_EQ(0, pages_not_on_disk(ROUNDS));
}

/* Only for KVM_RUN to end. */
static void signal_ignore(int signal)
{
	(void)signal;
}

static void *run_once(void *vcpu)
{
	return (void *)(long)(__vcpu_run(vcpu) ? errno : 0);
}

/*
 * The guest's fault has looked up the page, for writing; before it maps it, the file
 * system writes the page back and takes the right to write away.  The vCPU's thread is
 * held there, and has a signal, so that the guest does not fault again.
 *
 * Return: false if the machine was too busy for the time that a thread is held.
 */
static bool write_back_during_fault(FIXTURE_DATA(file) * self)
{
	bool held;
	pthread_t thread;
	void *error;

	hold_arm("get_user_pages_unlocked");
	if (pthread_create(&thread, NULL, run_once, self->vcpu))
		fail("no thread");
	if (!hold_wait())
		fail("the guest's fault does not come");
	if (fdatasync(self->file))
		fail("fdatasync: %s", strerror(errno));
	pthread_kill(thread, SIGUSR1);
	held = hold_release();
	pthread_join(thread, &error);
	return held && (long)error == EINTR;
}

TEST_F(file, is_not_dirty_by_a_fault_that_comes_too_late)
{
	const struct sigaction ignore = { .sa_handler = signal_ignore };
	unsigned int tries = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU: nothing can happen while a thread is held");
	sigaction(SIGUSR1, &ignore, NULL);
	puppet_start(self->vcpu);
	puppet_order(self->vcpu, PUPPET_WRITE, MEMORY_PAGE(0), 1);
	while (!write_back_during_fault(self)) {
		ASSERT_GT(ROUNDS, ++tries);
		puppet_obey(self->vcpu);
		ASSERT_EQ(0, fdatasync(self->file));
		puppet_order(self->vcpu, PUPPET_WRITE, MEMORY_PAGE(0), 1);
	}
	EXPECT_EQ(0, pages_at_odds(self->vm, self->hva));
	EXPECT_EQ(0, pages_dirty(self->hva));
	puppet_obey(self->vcpu);
	EXPECT_EQ(1, pages_dirty(self->hva));
}

TEST_HARNESS_MAIN
