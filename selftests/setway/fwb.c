// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter "fwb", on CPUs with FEAT_S2FWB: stage 2 makes all of the guest's
 * accesses Write-Back, so that they are coherent with the host's.  Then batches clean
 * nothing and track nothing, whatever the policy, and the guest sees the same memory with
 * its caches off and on.  Without the feature the parameter changes nothing.
 */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../lib/file.h"
#include "../lib/hugepages.h"
#include "../lib/module.h"
#include "../lib/program.h"
#include "../lib/setway_stages.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define PARAMETERS	"/sys/module/setway/parameters/"
#define NO_FWB		"the CPU does not have FEAT_S2FWB"
#define PAGES_WATCHED	64
#define MMFR2_FWB(value)	((value) >> 40 & 0xf)

/* Watched pages. */
#define PAGE_HOST	3	/* the VMM writes it */
#define PAGE_GUEST	5	/* the guest does */
#define PAGE_CODE	7

#define VALUE_HOST	0x1111
#define VALUE_GUEST	0x2222

/* mov w0, #value; ret */
#define CODE_MOV(value)	(0x52800000U | (value) << 5)
#define CODE_RET	0xd65f03c0U

static void __own_page guest_flush_and_look(void)
{
	guest_write(MEMORY_PAGE(PAGE_GUEST), VALUE_GUEST);
	guest_report(STARTED, guest_read(MEMORY_PAGE(PAGE_HOST)), 0);
	guest_mmu_on();
	guest_report(ON, guest_read(MEMORY_PAGE(PAGE_HOST)), guest_read(MEMORY_PAGE(PAGE_GUEST)));
	guest_touch(MEMORY_IPA, PAGES_WATCHED, SZ_4K);
	guest_sync(TOUCHED);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED);
	guest_touch(MEMORY_IPA, PAGES_WATCHED, SZ_4K);
	guest_sync(TOUCHED_AGAIN);
	guest_flush(GUEST_CISW, 0);
	guest_sync(FLUSHED_AGAIN);
	guest_write(MEMORY_PAGE(PAGE_GUEST), VALUE_GUEST + 1);
	sctlr_change(0, SCTLR_M | SCTLR_C);
	guest_report(OFF, guest_read(MEMORY_PAGE(PAGE_HOST)), guest_read(MEMORY_PAGE(PAGE_GUEST)));
}

static void __own_page guest_run_code(void)
{
	u64 result;

	for (;;) {
		asm volatile("blr %1\n\tmov %0, x0"
			     : "=r" (result) : "r" (MEMORY_PAGE(PAGE_CODE)) : "x0", "x30");
		guest_report(WRITTEN, result, 0);
	}
}

FIXTURE(fwb)
{
	struct vm *vm;
	struct vcpu *vcpu;
	bool there;
	char fwb[8];
	char crosscheck[8];
};

/* What the CPU says, not the module. */
static bool cpu_has_fwb(void)
{
	static char text[PROBE_SIZE];
	const char *name = "id_aa64mmfr2_el1 ";
	char *found;

	probe_load();
	probe_read("el1", text);
	probe_unload();
	found = strstr(text, name);
	if (!found)
		fail("el2_probe does not show %s", name);
	return MMFR2_FWB(strtoull(found + strlen(name), NULL, 0));
}

static void parameter_set(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	if (file_write(path, value) && errno != EOPNOTSUPP)
		fail("%s: %s", path, strerror(errno));
}

static void vmm_write(struct vm *vm, u64 page, u64 value)
{
	u64 *hva = vm_hva(vm, MEMORY_PAGE(page), SZ_4K);

	WRITE_ONCE(*hva, value);
}

static u64 vmm_read(struct vm *vm, u64 page)
{
	const u64 *hva = vm_hva(vm, MEMORY_PAGE(page), SZ_4K);

	return READ_ONCE(*hva);
}

static void create(FIXTURE_DATA(fwb) * self)
{
	self->vm = vm_watched(PAGES_WATCHED);
	self->vcpu = vcpu_add(self->vm, 0);
	vmm_write(self->vm, PAGE_HOST, VALUE_HOST);
	program_enter(self->vcpu, guest_flush_and_look, 0, 0, 0);
}

static void create_anew(FIXTURE_DATA(fwb) * self)
{
	vm_destroy(self->vm);
	create(self);
}

FIXTURE_SETUP(fwb)
{
	file_read(PARAMETERS "fwb", self->fwb, sizeof(self->fwb));
	file_read(PARAMETERS "crosscheck", self->crosscheck, sizeof(self->crosscheck));
	parameter_set("fwb", "1");
	parameter_set("crosscheck", "0");
	self->there = cpu_has_fwb();
	create(self);
}

FIXTURE_TEARDOWN(fwb)
{
	vm_destroy(self->vm);
	parameter_set("fwb", self->fwb);
	parameter_set("crosscheck", self->crosscheck);
}

static bool is_coherent(struct vm *vm)
{
	return counter_read(vm, "fwb");
}

/* Run to a stage, which is to report two values. */
static void expect_report(struct __test_metadata *_metadata, struct vcpu *vcpu, u64 stage,
			  u64 first, u64 second)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	EXPECT_EQ(stage, ucall.args[0]);
	EXPECT_EQ(first, ucall.args[1]);
	EXPECT_EQ(second, ucall.args[2]);
}

static void run_until(struct vcpu *vcpu, u64 stage)
{
	struct ucall ucall;

	do
		program_run(vcpu, &ucall);
	while (ucall.args[0] != stage);
}

static void expect_nothing_cleaned(struct __test_metadata *_metadata, struct vm *vm)
{
	EXPECT_EQ(0, counter_read(vm, "pages_cleaned"));
	EXPECT_EQ(0, counter_read(vm, "bytes_cleaned"));
	EXPECT_EQ(0, counter_read(vm, "stale_cleaned"));
	EXPECT_EQ(0, counter_read(vm, "idle_cleaned"));
	EXPECT_EQ(0, counter_read(vm, "harvest_ns"));
	EXPECT_EQ(0, counter_read(vm, "revalidations"));
}

/* Where the CPU does not have it, batches clean as ever. */
TEST_F(fwb, follows_the_cpu)
{
	EXPECT_EQ(self->there, is_coherent(self->vm));
	if (self->there)
		return;
	run_until(self->vcpu, TOUCHED);
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_EQ(0, counter_read(self->vm, "batches_skipped"));
}

TEST_F(fwb, skips_batches)
{
	struct vm *vm = self->vm;
	struct tally before, cost;
	u64 mapped, skipped;

	if (!self->there)
		SKIP(return, NO_FWB);
	run_until(self->vcpu, TOUCHED);
	mapped = counter_read(vm, "mapped_pages");
	skipped = counter_read(vm, "batches_skipped");
	before = tally_read(vm);
	program_run_to(self->vcpu, FLUSHED);
	cost = tally_since(vm, &before);
	EXPECT_EQ(1, cost.batches);
	EXPECT_EQ(skipped + 1, counter_read(vm, "batches_skipped"));
	EXPECT_EQ(mapped, cost.skipped);

	/* all stays where it is */
	EXPECT_ACCESSED(vm, pages_at(0, PAGES_WATCHED));
	before = tally_read(vm);
	program_run_to(self->vcpu, TOUCHED_AGAIN);
	cost = tally_since(vm, &before);
	EXPECT_EQ(0, cost.faults);
	program_run_to(self->vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(skipped + 2, counter_read(vm, "batches_skipped"));
	expect_nothing_cleaned(_metadata, vm);
}

/* From reset, with the caches off, over both toggles. */
TEST_F(fwb, shows_one_memory_with_caches_on_and_off)
{
	struct vm *vm = self->vm;

	if (!self->there)
		SKIP(return, NO_FWB);
	expect_report(_metadata, self->vcpu, STARTED, VALUE_HOST, 0);
	EXPECT_EQ(VALUE_GUEST, vmm_read(vm, PAGE_GUEST));
	vmm_write(vm, PAGE_HOST, VALUE_HOST + 1);
	expect_report(_metadata, self->vcpu, ON, VALUE_HOST + 1, VALUE_GUEST);
	run_until(self->vcpu, FLUSHED_AGAIN);
	vmm_write(vm, PAGE_HOST, VALUE_HOST + 2);
	expect_report(_metadata, self->vcpu, OFF, VALUE_HOST + 2, VALUE_GUEST + 1);
	EXPECT_EQ(2, counter_read(vm, "cache_toggles"));
	EXPECT_EQ(4, counter_read(vm, "batches_skipped"));
	EXPECT_EQ(0, counter_read(vm, "uncached_starts"));
	expect_nothing_cleaned(_metadata, vm);
}

static void vmm_write_code(struct vm *vm, u32 value)
{
	u32 *hva = vm_hva(vm, MEMORY_PAGE(PAGE_CODE), SZ_4K);

	hva[0] = CODE_MOV(value);
	hva[1] = CODE_RET;
}

/* Of each page that comes, instruction caches forget what was there. */
TEST_F(fwb, lets_code_come_and_go)
{
	struct vm *vm = self->vm;
	u32 value;

	if (!self->there)
		SKIP(return, NO_FWB);
	program_enter(self->vcpu, guest_run_code, 0, 0, 0);
	for (value = 1; value <= 4; value++) {
		vmm_write_code(vm, value);
		expect_report(_metadata, self->vcpu, WRITTEN, value, 0);
		ASSERT_EQ(0, madvise(vm_hva(vm, MEMORY_PAGE(PAGE_CODE), SZ_4K), SZ_4K,
				     MADV_DONTNEED));
	}
	expect_nothing_cleaned(_metadata, vm);
}

/* As nothing is tracked, blocks stay whole, and are there before the first access. */
TEST_F(fwb, keeps_blocks)
{
	struct mapping mapping;
	void *hva = memory_2m();

	if (!self->there || !hva)
		SKIP(return, "%s", self->there ? "no page of 2 MiB" : NO_FWB);
	vm_memory_remove(self->vm, MEMORY_SLOT);
	ASSERT_EQ(0, __vm_memslot_set(self->vm, MEMORY_SLOT, 0, MEMORY_IPA, SZ_2M, hva));
	vm_premap(self->vm, MEMORY_SLOT);
	run_until(self->vcpu, FLUSHED_AGAIN);
	ASSERT_EQ(1, mappings_read(self->vm, MEMORY_WINDOW, &mapping, 1));
	EXPECT_EQ(SZ_2M, mapping.leaf_size);
	EXPECT_TRUE(mapping.accessed);
	EXPECT_FALSE(mapping.stale);
	EXPECT_FALSE(mapping.pending);
	expect_nothing_cleaned(_metadata, self->vm);
	munmap(hva, SZ_2M);
	hugepages_restore();
}

/* It is remembered, and nothing comes of it. */
TEST_F(fwb, makes_policies_and_clusters_void)
{
	const u32 policies[] = { SETWAY_POLICY_FULL, SETWAY_POLICY_EXACT, SETWAY_POLICY_AF };
	u32 policy, cluster = 8;
	unsigned int i;

	if (!self->there)
		SKIP(return, NO_FWB);
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		create_anew(self);
		if (!vm_has_policy(self->vm, policies[i]))
			continue;
		EXPECT_EQ(0, ioctl(self->vm->fd, SETWAY_GET_POLICY, &policy));
		EXPECT_EQ(policies[i], policy);
		EXPECT_EQ(0, ioctl(self->vm->fd, SETWAY_SET_CLUSTER, &cluster));
		run_until(self->vcpu, OFF);
		EXPECT_EQ(4, counter_read(self->vm, "batches_skipped"));
		expect_nothing_cleaned(_metadata, self->vm);
	}
}

/* A VM is what it was made: its vCPUs and entries go by it. */
TEST_F(fwb, is_decided_when_a_vm_is_made)
{
	if (!self->there)
		SKIP(return, NO_FWB);
	parameter_set("fwb", "0");
	EXPECT_TRUE(is_coherent(self->vm));
	run_until(self->vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(3, counter_read(self->vm, "batches_skipped"));
	expect_nothing_cleaned(_metadata, self->vm);

	create_anew(self);
	parameter_set("fwb", "1");
	EXPECT_FALSE(is_coherent(self->vm));
	run_until(self->vcpu, TOUCHED);
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_EQ(0, counter_read(self->vm, "batches_skipped"));
}

/* Batches that are to be checked have to clean. */
TEST_F(fwb, gives_way_to_crosscheck)
{
	if (!self->there)
		SKIP(return, NO_FWB);
	if (file_write(PARAMETERS "crosscheck", "1"))
		SKIP(return, NO_ACCESS_FLAGS);
	/* made before: there is nothing to be checked */
	vm_set_policy(self->vm, SETWAY_POLICY_EXACT);
	run_until(self->vcpu, FLUSHED_AGAIN);
	EXPECT_EQ(0, counter_read(self->vm, "witnessed"));
	expect_nothing_cleaned(_metadata, self->vm);

	create_anew(self);
	EXPECT_FALSE(is_coherent(self->vm));
	run_until(self->vcpu, TOUCHED);
	EXPECT_EXACT_BATCH(self->vcpu, FLUSHED);
	EXPECT_LT(0, counter_read(self->vm, "witnessed"));
	EXPECT_EQ(0, counter_read(self->vm, "missed"));
}

TEST_F(fwb, is_a_parameter_of_yes_or_no)
{
	char value[8];

	EXPECT_EQ(-1, file_write(PARAMETERS "fwb", "perhaps"));
	EXPECT_EQ(EINVAL, errno);
	file_read(PARAMETERS "fwb", value, sizeof(value));
	EXPECT_STREQ("Y\n", value);
}

TEST_HARNESS_MAIN
