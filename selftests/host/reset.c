// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU loses the runtime behind the module's back: anybody in the kernel can call the
 * stub's HVC_RESET_VECTORS.  The VMM goes on there, and takes memory away from a guest
 * that runs on another CPU: which must not see it any more.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "../lib/cpu.h"
#include "../lib/hostpage.h"
#include "../lib/module.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define RESET_FILE	"/sys/kernel/debug/el2-probe/reset"
#define VMM_CPU		0
#define GUEST_CPU	1
#define ROUNDS		20

/* Pages of the memory that the tests watch. */
#define FLAG		MEMORY_PAGE(0)
#define DATA		MEMORY_PAGE(1)

/* Words of the flag's page: the guest has been here; the data is gone. */
enum { SEEN, GONE };

#define OLD		0x5e7aULL

/* Look at the data all the time; when it is gone, say what there is. */
static void guest_looks(void)
{
	u64 round, gone, data;

	for (round = 1;; round++) {
		do {
			gone = guest_read(FLAG + GONE * sizeof(u64));
			data = guest_read(DATA);
			guest_write(FLAG + SEEN * sizeof(u64), data);
		} while (gone != round);
		guest_report(round, data, 0);
	}
}

struct guest {
	struct vcpu *vcpu;
	u64 data;
};

static void *guest_round(void *data)
{
	struct guest *guest = data;
	struct ucall ucall;

	cpu_bind(GUEST_CPU);
	program_run(guest->vcpu, &ucall);
	guest->data = ucall.args[1];
	return NULL;
}

/* Return: what the guest sees of memory that has been taken away from it. */
static u64 taken_from_guest(struct guest *guest, u64 round)
{
	u64 *flag = vm_hva(guest->vcpu->vm, FLAG, SZ_4K);
	u64 *data = vm_hva(guest->vcpu->vm, DATA, SZ_4K);
	pthread_t thread;

	WRITE_ONCE(flag[SEEN], 0);
	WRITE_ONCE(*data, OLD);
	if (pthread_create(&thread, NULL, guest_round, guest))
		fail("no thread");
	while (READ_ONCE(flag[SEEN]) != OLD)
		continue;
	if (madvise(data, SZ_4K, MADV_DONTNEED))
		fail("MADV_DONTNEED: %s", strerror(errno));
	WRITE_ONCE(flag[GONE], round);
	pthread_join(thread, NULL);
	return guest->data;
}

TEST(memory_is_taken_away)
{
	struct guest guest;
	u64 round;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	probe_load();
	guest.vcpu = program_vcpu(guest_looks);
	vm_watch(guest.vcpu->vm, 2);
	cpu_bind(VMM_CPU);
	ASSERT_EQ(0, taken_from_guest(&guest, 1));

	ASSERT_TRUE(hostpage_write(RESET_FILE, "1"));
	for (round = 2; round < ROUNDS; round++)
		ASSERT_EQ(0, taken_from_guest(&guest, round));
	vm_destroy(guest.vcpu->vm);

	/* the CPU has it again from the next time on that the module is loaded */
	EXPECT_EQ(0, module_unload());
	EXPECT_TRUE(probe_calls(PROBE_STUB));
	probe_unload();
	ASSERT_EQ(0, module_load(""));
}

TEST_HARNESS_MAIN
