// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page of the VMM's memory that the machine has lost to a hardware error: the
 * vCPU's thread is told by SIGBUS when the guest wants it, as a process is that
 * touches such a page itself, and may put another one in its place.
 */
#include <signal.h>
#include <sys/mman.h>

#include "../lib/puppet.h"
#include "../lib/test.h"

#define IPA	0x40000000UL
#define SIZE	SZ_2M
#define PAGE	(IPA + 7 * SZ_4K)
#define LEFT	(IPA + 8 * SZ_4K)	/* another one, which is well */
#define VALUE	0x5e7aULL

static siginfo_t told;

static void sigbus_take(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	told = *info;
}

FIXTURE(poison)
{
	struct vcpu *vcpu;
	void *hva;
};

FIXTURE_SETUP(poison)
{
	struct sigaction action = { .sa_sigaction = sigbus_take, .sa_flags = SA_SIGINFO };
	struct vm *vm = vm_create();

	sigaction(SIGBUS, &action, NULL);
	self->vcpu = vcpu_add(vm, 0);
	program_load(vm);
	puppet_start(self->vcpu);
	vm_memory_add(vm, 0, IPA, SIZE, 0);
	self->hva = vm_hva(vm, PAGE, SZ_4K);
}

FIXTURE_TEARDOWN(poison)
{
	vm_destroy(self->vcpu->vm);
}

/* The guest is stopped at its access, and its thread knows why. */
static void expect_told(struct __test_metadata *_metadata, struct vcpu *vcpu, void *hva)
{
	told.si_code = 0;
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_EQ(BUS_MCEERR_AR, told.si_code);
	EXPECT_EQ(hva, told.si_addr);
	EXPECT_EQ(12, told.si_addr_lsb);
}

static bool page_lose(void *hva)
{
	return !madvise(hva, SZ_4K, MADV_HWPOISON);
}

static void page_replace(void *hva)
{
	if (mmap(hva, SZ_4K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 -1, 0) != hva)
		fail("cannot map another page");
}

TEST_F(poison, of_a_page_in_use)
{
	puppet_write(self->vcpu, PAGE, VALUE);
	puppet_write(self->vcpu, LEFT, VALUE);
	if (!page_lose(self->hva))
		SKIP(return, "the kernel cannot inject memory failures");
	EXPECT_EQ(VALUE, puppet_read(self->vcpu, LEFT));
	puppet_order(self->vcpu, PUPPET_READ, PAGE, 0);
	expect_told(_metadata, self->vcpu, self->hva);
	/* again, for as long as nothing is done about it */
	expect_told(_metadata, self->vcpu, self->hva);
	page_replace(self->hva);
	EXPECT_EQ(0, puppet_obey(self->vcpu));
	puppet_write(self->vcpu, PAGE, VALUE);
	EXPECT_EQ(VALUE, puppet_read(self->vcpu, PAGE));
}

TEST_F(poison, of_an_idle_page)
{
	puppet_write(self->vcpu, PAGE, VALUE);
	puppet_flush(self->vcpu);
	if (!page_lose(self->hva))
		SKIP(return, "the kernel cannot inject memory failures");
	puppet_order(self->vcpu, PUPPET_WRITE, PAGE, VALUE);
	expect_told(_metadata, self->vcpu, self->hva);
	page_replace(self->hva);
	puppet_obey(self->vcpu);
	EXPECT_EQ(VALUE, *(u64 *)self->hva);
}

TEST_HARNESS_MAIN
