// SPDX-License-Identifier: GPL-2.0-only
/*
 * SErrors at the border between the worlds: one that the guest has caused, and that
 * comes only after it has left, is the guest's; one that is pending before it enters
 * is the host's.  No emulated CPU has any, so el2_probe makes EL2 see them.
 */
#include <fcntl.h>
#include <linux/psci.h>

#include "../lib/counter.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define ESR_EC_SERROR	0x2f
#define ISS_IDS		BIT(24)		/* of the implementation's own making */
#define ISS_DFSC	0x11		/* an SError, by FEAT_RAS ... */
#define ISS_CORRECTED	(6 << 10 | ISS_DFSC)
#define ISS_RESTARTABLE	(2 << 10 | ISS_DFSC)
#define ISS_RECOVERABLE	(3 << 10 | ISS_DFSC)

#define NEW_PAGE	0x10000000ULL
#define NOWHERE		0x0a000000ULL
#define SERROR_FILE	"/sys/kernel/debug/el2-probe/serror"

/* Each exit that was dropped has to happen after all, and once. */
static void guest_does_everything_once(void)
{
	register u64 kept asm("x19") = 0x1234;
	u64 version, value, esr;

	guest_sync(1);
	version = guest_psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0);
	guest_sync(2);
	GUEST_ASSERT_EQ(version, guest_psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0));
	guest_sync(3);
	guest_write(NEW_PAGE, kept);
	guest_sync(4);
	value = guest_read(NOWHERE);
	guest_sync(5);
	asm volatile("mrs %0, id_aa64isar1_el1" : "=r" (esr));
	guest_report(6, value, kept);
}

static void guest_takes_serrors(void)
{
	u64 esr;

	for (;;) {
		guest_sync(1);
		guest_psci(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0);
		esr = GUEST_TRY("msr daifclr, #4\n\tisb");
		asm volatile("msr daifset, #4");
		guest_report(2, esr, 0);
	}
}

/* The host */

static void serror_order(const char *order)
{
	int fd = open(SERROR_FILE, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, order, strlen(order)) < 0)
		fail("el2_probe: %s: %s", order, strerror(errno));
	close(fd);
}

static void serror_exits(unsigned int count, u64 iss)
{
	char order[64];

	snprintf(order, sizeof(order), "exits %u 0x%llx", count, (unsigned long long)iss);
	serror_order(order);
}

FIXTURE(serror)
{
	struct vcpu *vcpu;
	u64 before;
};

FIXTURE_SETUP(serror)
{
	probe_load();
	serror_order("on");
	self->vcpu = program_vcpu(guest_takes_serrors);
	program_run_to(self->vcpu, 1);
	self->before = counter_read_vcpu(self->vcpu, "exits_serror");
	EXPECT_EQ(0, self->before);
}

FIXTURE_TEARDOWN(serror)
{
	serror_order("off");
	probe_unload();
	vm_destroy(self->vcpu->vm);
}

/* Return: what the guest took when it let it come. */
static u64 guest_took(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	if (ucall.args[0] != 2)
		fail("the guest is at stage %llu", ucall.args[0]);
	return ucall.args[1];
}

static bool has_ras(void)
{
	return device_capability(KVM_CAP_ARM_INJECT_SERROR_ESR);
}

TEST_F(serror, none)
{
	EXPECT_EQ(0, guest_took(self->vcpu));
	EXPECT_EQ(0, counter_read_vcpu(self->vcpu, "exits_serror"));
}

TEST_F(serror, after_an_exit_is_the_guests)
{
	u64 esr;

	serror_exits(1, ISS_IDS);
	esr = guest_took(self->vcpu);
	EXPECT_EQ(ESR_EC_SERROR, ESR_EC(esr));
	if (has_ras())
		EXPECT_EQ(ISS_IDS, ESR_ISS(esr));
	EXPECT_EQ(1, counter_read_vcpu(self->vcpu, "exits_serror"));
	/* and it was one */
	program_run_to(self->vcpu, 1);
	EXPECT_EQ(0, guest_took(self->vcpu));
}

TEST_F(serror, several_exits)
{
	serror_exits(5, ISS_IDS);
	EXPECT_EQ(ESR_EC_SERROR, ESR_EC(guest_took(self->vcpu)));
	EXPECT_EQ(5, counter_read_vcpu(self->vcpu, "exits_serror"));
}

TEST_F(serror, that_harm_nothing)
{
	if (!has_ras())
		SKIP(return, "the CPU has no FEAT_RAS");
	serror_exits(1, ISS_CORRECTED);
	EXPECT_EQ(0, guest_took(self->vcpu));
	program_run_to(self->vcpu, 1);
	serror_exits(1, ISS_RESTARTABLE);
	EXPECT_EQ(0, guest_took(self->vcpu));
	EXPECT_EQ(2, counter_read_vcpu(self->vcpu, "exits_serror"));
	program_run_to(self->vcpu, 1);
	serror_exits(1, ISS_RECOVERABLE);
	EXPECT_EQ(ESR_EC_SERROR, ESR_EC(guest_took(self->vcpu)));
}

TEST_F(serror, before_an_entry_is_the_hosts)
{
	u64 irqs = counter_read_vcpu(self->vcpu, "exits_irq");

	serror_order("entries 50");
	EXPECT_EQ(0, guest_took(self->vcpu));
	EXPECT_EQ(0, counter_read_vcpu(self->vcpu, "exits_serror"));
	EXPECT_LE(irqs + 50, counter_read_vcpu(self->vcpu, "exits_irq"));
}

/* An MMIO read that userspace has to answer. */
static void answer_mmio(struct vcpu *vcpu, u64 value)
{
	if (vcpu_run(vcpu) != KVM_EXIT_MMIO || vcpu->run->mmio.phys_addr != NOWHERE)
		fail("no MMIO: exit reason %u", vcpu->run->exit_reason);
	memcpy(vcpu->run->mmio.data, &value, sizeof(value));
}

TEST_F(serror, exits_of_all_kinds_happen_once)
{
	struct vcpu *vcpu = program_vcpu(guest_does_everything_once);
	struct ucall ucall;
	u64 *page;

	page = vm_memory_add(vcpu->vm, 0, NEW_PAGE, SZ_4K, 0);
	program_run_to(vcpu, 1);
	program_run_to(vcpu, 2);
	serror_exits(3, ISS_IDS);
	program_run_to(vcpu, 3);
	serror_exits(3, ISS_IDS);
	program_run_to(vcpu, 4);
	EXPECT_EQ(0x1234, *page);
	serror_exits(3, ISS_IDS);
	answer_mmio(vcpu, 0x5678);
	program_run_to(vcpu, 5);
	serror_exits(3, ISS_IDS);
	program_run(vcpu, &ucall);
	EXPECT_EQ(6, ucall.args[0]);
	EXPECT_EQ(0x5678, ucall.args[1]);
	EXPECT_EQ(0x1234, ucall.args[2]);
	EXPECT_EQ(12, counter_read_vcpu(vcpu, "exits_serror"));
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
