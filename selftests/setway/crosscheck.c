// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter "crosscheck": what bit[0] says of a page is compared with what the
 * CPU's access flags say.  A batch misses nothing that the CPU has used.
 */
#include <sys/ioctl.h>

#include "../lib/file.h"
#include "../lib/program.h"
#include "../lib/setway_stages.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PARAMETER	"/sys/module/setway/parameters/crosscheck"
#define PAGES_WATCHED	1024
#define FAR_SLOT	2
#define FAR_IPA		(700ULL * SZ_1G)	/* in another page of the root */
#define FAR_PAGES	16
#define ROUNDS		8

/* More pages each time, and some in the far memory; then none. */
static void __own_page guest_use_and_flush(void)
{
	u64 round;

	for (round = 0; round < ROUNDS; round++) {
		guest_touch(MEMORY_IPA, round * 64, SZ_4K);
		guest_touch(FAR_IPA, round, SZ_4K);
		guest_sync(TOUCHED);
		guest_flush(GUEST_CISW, 0);
		guest_sync(FLUSHED);
	}
}

FIXTURE(crosscheck)
{
	struct vm *vm;
	struct vcpu *vcpu;
	bool there;
	char before[8];
};

FIXTURE_SETUP(crosscheck)
{
	file_read(PARAMETER, self->before, sizeof(self->before));
	self->there = !file_write(PARAMETER, "1");
	if (!self->there && errno != EOPNOTSUPP)
		fail("%s: %s", PARAMETER, strerror(errno));
	self->vm = vm_watched(PAGES_WATCHED);
	vm_memory_add(self->vm, FAR_SLOT, FAR_IPA, FAR_PAGES * SZ_4K, 0);
	self->vcpu = vcpu_add(self->vm, 0);
	program_enter(self->vcpu, guest_use_and_flush, 0, 0, 0);
}

FIXTURE_TEARDOWN(crosscheck)
{
	vm_destroy(self->vm);
	EXPECT_EQ(0, file_write(PARAMETER, self->before));
}

TEST_F(crosscheck, misses_nothing)
{
	struct vm *vm = self->vm;
	u64 accessed, witnessed;
	unsigned int i;

	if (!self->there)
		SKIP(return, NO_ACCESS_FLAGS);
	for (i = 0; i < ROUNDS; i++) {
		program_run_to(self->vcpu, TOUCHED);
		accessed = accessed_pages(vm);
		witnessed = counter_read(vm, "witnessed");
		EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
		/* Each page that bit[0] tells of has been used: nothing speculates here. */
		EXPECT_EQ(witnessed + accessed, counter_read(vm, "witnessed"));
		EXPECT_EQ(0, counter_read(vm, "missed"));
	}
}

/* There is nothing to compare with. */
TEST_F(crosscheck, is_for_exact_alone)
{
	if (!self->there)
		SKIP(return, NO_ACCESS_FLAGS);
	vm_set_policy(self->vm, SETWAY_POLICY_AF);
	program_run_to(self->vcpu, TOUCHED);
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_EQ(0, counter_read(self->vm, "witnessed"));
}

TEST_F(crosscheck, is_refused_where_the_cpus_cannot)
{
	char value[8];

	EXPECT_EQ(vm_has_policy(self->vm, SETWAY_POLICY_AF), self->there);
	file_read(PARAMETER, value, sizeof(value));
	EXPECT_STREQ(self->there ? "Y\n" : "N\n", value);
	EXPECT_EQ(-1, file_write(PARAMETER, "perhaps"));
	EXPECT_EQ(EINVAL, errno);
}

TEST_HARNESS_MAIN
