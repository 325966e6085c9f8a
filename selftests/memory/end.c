// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest gets what is in its slot and nothing else, also where the VMM's memory
 * goes on in the same huge page.
 */
#include <sys/mman.h>

#include "../../module/api/uapi.h"
#include "../lib/hugepages.h"
#include "../lib/puppet.h"
#include "../lib/test.h"
#include "../lib/tracking.h"

REQUIRE_SETWAY();

#define SIZE		SZ_1M		/* half of a huge page */
#define CONTENTS	0x1111111111111111ULL

FIXTURE(half)
{
	struct vm *vm;
	struct vcpu *vcpu;
	char *huge;
};

FIXTURE_VARIANT(half)
{
	u32 policy;
	bool premap;
};

FIXTURE_VARIANT_ADD(half, exact)
{
	.policy = SETWAY_POLICY_EXACT,
};

FIXTURE_VARIANT_ADD(half, exact_premapped)
{
	.policy = SETWAY_POLICY_EXACT,
	.premap = true,
};

FIXTURE_VARIANT_ADD(half, full)
{
	.policy = SETWAY_POLICY_FULL,
};

FIXTURE_VARIANT_ADD(half, full_premapped)
{
	.policy = SETWAY_POLICY_FULL,
	.premap = true,
};

FIXTURE_SETUP(half)
{
	self->huge = memory_2m();
	if (!self->huge)
		fail("no huge page");
	self->vm = vm_create();
	vm_set_policy(self->vm, variant->policy);
	program_load(self->vm);
	self->vcpu = vcpu_add(self->vm, 0);
}

FIXTURE_TEARDOWN(half)
{
	vm_destroy(self->vm);
	munmap(self->huge, SZ_2M);
	hugepages_restore();
}

/* All of the huge page is there, as far as the VMM is concerned. */
static void half_add(FIXTURE_DATA(half) * self, u64 first, bool premap)
{
	struct memslot memory = {
		.ipa = MEMORY_IPA + first,
		.size = SIZE,
		.hva = self->huge + first,
	};

	memset(self->huge, 0, SZ_2M);
	*(u64 *)(self->huge + first) = CONTENTS;
	vm_memslot_add(self->vm, MEMORY_SLOT, memory);
	if (premap)
		vm_premap(self->vm, MEMORY_SLOT);
	puppet_start(self->vcpu);
}

static bool access_is_outside(struct vcpu *vcpu, enum puppet_order order, u64 ipa)
{
	puppet_order(vcpu, order, ipa, 0);
	return vcpu_run(vcpu) == KVM_EXIT_MMIO && vcpu->run->mmio.phys_addr == ipa;
}

/* The guest is in its half, and not let out of it. */
static bool half_is_all(struct vcpu *vcpu, u64 first, u64 outside)
{
	if (puppet_read(vcpu, MEMORY_IPA + first) != CONTENTS)
		return false;
	puppet_write(vcpu, MEMORY_IPA + first, 0);
	return pages_mapped(vcpu->vm, MEMORY_WINDOW) <= SIZE / SZ_4K &&
	       access_is_outside(vcpu, PUPPET_WRITE, MEMORY_IPA + outside);
}

TEST_F(half, lower)
{
	half_add(self, 0, variant->premap);
	EXPECT_TRUE(half_is_all(self->vcpu, 0, SIZE));
}

TEST_F(half, upper)
{
	half_add(self, SIZE, variant->premap);
	EXPECT_TRUE(half_is_all(self->vcpu, SIZE, SIZE - SZ_4K));
}

TEST_HARNESS_MAIN
