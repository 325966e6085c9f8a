// SPDX-License-Identifier: GPL-2.0-only
/*
 * WFI and WFE: a guest that waits gives its CPU to the host.
 */
#include <sys/resource.h>
#include <time.h>

#include "../lib/gic.h"
#include "../lib/test.h"

#define SGI		5
#define SHARED_BASE	0x10000000ULL
#define WAKES		100

static void guest_wfe(void)
{
	int i;

	for (i = 0; i < 1000; i++)
		asm volatile("wfe");
	guest_sync(0);
}

static void guest_sev(void)
{
	/* the event is there already: WFE does not wait */
	asm volatile("sev\n\twfe\n\tsevl\n\twfe");
	guest_sync(0);
}

static void guest_wfi(void)
{
	guest_sync(0);
	for (;;)
		asm volatile("wfi");
}

static void guest_wfi_once(void)
{
	guest_sync(0);
	asm volatile("wfi");
	guest_sync(1);
}

static void unexpected(u64 vector)
{
	GUEST_ASSERT_EQ(0, vector);
}

/* Count how often it wakes up, while something is pending that must not wake it. */
static void guest_counts_wakes(void)
{
	guest_gic_init(unexpected);
	gic_priority(SGI, 0x80);
	icc_write(ICC_PMR_EL1, 0x80);
	icc_write(ICC_SGI1R_EL1, gic_sgi_to(0, SGI));
	GUEST_ASSERT(gic_get(GICD_ISPENDR, SGI));
	guest_sync(0);
	for (;;) {
		asm volatile("wfi");
		guest_write(SHARED_BASE, guest_read(SHARED_BASE) + 1);
	}
}

static u64 now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

TEST(wfe_goes_on)
{
	struct vcpu *vcpu = program_vcpu(guest_wfe);

	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

TEST(sev_makes_wfe_go_on)
{
	struct vcpu *vcpu = program_vcpu(guest_sev);

	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
}

/* Nothing interrupts the guest, so it sleeps, and uses no time. */
TEST(wfi_sleeps)
{
	struct vcpu *vcpu = program_vcpu(guest_wfi);
	u64 time, used;
	int i;

	program_run_to(vcpu, 0);
	time = now_ns(CLOCK_MONOTONIC);
	used = now_ns(CLOCK_THREAD_CPUTIME_ID);
	alarm_every(300);
	for (i = 0; i < 3; i++)
		EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	time = now_ns(CLOCK_MONOTONIC) - time;
	used = now_ns(CLOCK_THREAD_CPUTIME_ID) - used;
	EXPECT_LT(500000000, time);
	EXPECT_GT(time / 4, used)
		TH_LOG("it used %llu ns of %llu", used, time);
	vm_destroy(vcpu->vm);
}

/* What the priority mask keeps away does not wake it; a signal may, and the host's own. */
TEST(wfi_sleeps_on_what_is_masked)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);
	int gic = gic_create(vm);
	u64 *wakes;
	int i;

	program_load(vm);
	wakes = vm_memory_add(vm, 0, SHARED_BASE, SZ_4K, 0);
	program_enter(vcpu, guest_counts_wakes, 0, 0, 0);
	program_run_to(vcpu, 0);
	alarm_every(300);
	for (i = 0; i < 3; i++)
		EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	EXPECT_GT(WAKES, READ_ONCE(*wakes));
	close(gic);
	vm_destroy(vm);
}

/* A signal ends the sleep; WFI may end for any reason, so the guest goes on. */
TEST(wfi_is_over_after_a_signal)
{
	struct vcpu *vcpu = program_vcpu(guest_wfi_once);

	program_run_to(vcpu, 0);
	alarm_every(100);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	EXPECT_EQ(KVM_EXIT_INTR, vcpu->run->exit_reason);
	program_run_to(vcpu, 1);
	alarm_every(0);
	vm_destroy(vcpu->vm);
}

TEST(a_waiting_vcpu_is_runnable)
{
	struct vcpu *vcpu = program_vcpu(guest_wfi);
	struct kvm_mp_state state;

	program_run_to(vcpu, 0);
	alarm_every(100);
	EXPECT_ERRNO(EINTR, __vcpu_run(vcpu));
	alarm_every(0);
	vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state);
	EXPECT_EQ(KVM_MP_STATE_RUNNABLE, state.mp_state);
	vm_destroy(vcpu->vm);
}

TEST_HARNESS_MAIN
