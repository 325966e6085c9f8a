// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that waits for a VM's lock can be killed, in any ioctl.  Premapping holds
 * the lock for as long as the memory takes to come: here it is userfaultfd's, and does
 * not come at all.  A process that shares the memory, and so may use the VM, waits.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../lib/gic_device.h"
#include "../lib/test.h"

#include "../../module/api/uapi.h"

REQUIRE_SETWAY();

#define SLOT		0
#define MEMORY_BASE	0x10000000ULL
#define MEMORY_SIZE	SZ_2M
#define LOG_WORDS	(MEMORY_SIZE / SZ_4K / 64)

/* A tick of waiting, and how many are enough on a busy machine. */
#define TICK_US		10000
#define TICKS		1000

#define SET_COUNTER_OFFSET	_IOW(KVMIO, 0xb5, u64[2])	/* of Linux 6.4 */
#define REG_STD_BMAP	KVM_REG_ARM_FW_FEAT_BMAP_REG(0)

FIXTURE(waiter)
{
	struct vm *vm;
	struct vcpu *vcpu;
	int gic;
	int eventfd;
	int uffd;
	pthread_t holder;
};

static int userfault_open(const struct memslot *slot)
{
	/* poll() waits for faults of a non-blocking one only. */
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (u64)slot->hva, .len = slot->size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &range))
		fail("userfaultfd: %s", strerror(errno));
	return uffd;
}

static void *thread_premaps(void *vm)
{
	struct setway_premap premap = { .slot = SLOT };

	vm_ioctl(vm, SETWAY_PREMAP, &premap);
	return NULL;
}

/* Premapping waits for the memory, and so has the lock. */
static void wait_for_holder(int uffd)
{
	struct pollfd pollfd = { .fd = uffd, .events = POLLIN };

	if (poll(&pollfd, 1, -1) != 1 || pollfd.revents != POLLIN)
		fail("poll of userfaultfd: %s, events %#x", strerror(errno), pollfd.revents);
}

FIXTURE_SETUP(waiter)
{
	struct vm *vm = vm_create();

	self->vm = vm;
	self->vcpu = vcpu_add(vm, 0);
	vm_memory_add(vm, SLOT, MEMORY_BASE, MEMORY_SIZE, KVM_MEM_LOG_DIRTY_PAGES);
	self->gic = gic_create(vm);
	self->eventfd = eventfd(0, EFD_CLOEXEC);
	self->uffd = userfault_open(&vm->slots[SLOT]);
	ASSERT_EQ(0, pthread_create(&self->holder, NULL, thread_premaps, vm));
	wait_for_holder(self->uffd);
}

FIXTURE_TEARDOWN(waiter)
{
	struct memslot *slot = &self->vm->slots[SLOT];
	struct uffdio_range range = { .start = (u64)slot->hva, .len = slot->size };

	/* the memory comes, and the lock is free */
	ASSERT_EQ(0, ioctl(self->uffd, UFFDIO_UNREGISTER, &range));
	pthread_join(self->holder, NULL);
	while (wait(NULL) > 0)
		;
	close(self->uffd);
	close(self->eventfd);
	close(self->gic);
	vm_destroy(self->vm);
}

/**
 * struct call - an ioctl that waits for the lock
 * @name: of it
 * @fd: of the VM, the vCPU or the GIC
 * @request: the ioctl
 * @argument: its argument
 */
struct call {
	const char *name;
	int fd;
	unsigned long request;
	const void *argument;
};

static int process_calls(void *argument)
{
	const struct call *call = argument;

	ioctl(call->fd, call->request, call->argument);
	return 0;
}

/* On a stack of its own, as one that is not killed goes on using it. */
static pid_t call_start(const struct call *call)
{
	char *stack = memory_alloc(SZ_64K, SZ_4K);
	pid_t pid = clone(process_calls, stack + SZ_64K, CLONE_VM | CLONE_FILES | SIGCHLD,
			  (void *)call);

	if (pid < 0)
		fail("clone: %s", strerror(errno));
	return pid;
}

/* 'D': in a lock, killable or not. */
static char process_state(pid_t pid)
{
	char path[32], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		fail("%s: %s", path, strerror(errno));
	fclose(file);
	return state;
}

static bool is_waiting(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < TICKS; i++) {
		char state = process_state(pid);

		if (state == 'D' || state == 'Z')
			return state == 'D';
		usleep(TICK_US);
	}
	return false;
}

static bool dies_when_killed(pid_t pid)
{
	unsigned int i;
	int status;

	kill(pid, SIGKILL);
	for (i = 0; i < TICKS; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		usleep(TICK_US);
	}
	return false;
}

static const struct kvm_irqfd irqfd = { .fd = -1 };
static const struct kvm_irqfd irqfd_deassign = { .fd = -1, .flags = KVM_IRQFD_FLAG_DEASSIGN };
static struct kvm_ioeventfd ioeventfd = { .addr = MEMORY_BASE + MEMORY_SIZE, .len = 4 };
static struct kvm_ioeventfd ioeventfd_deassign = {
	.addr = MEMORY_BASE + MEMORY_SIZE, .len = 4, .flags = KVM_IOEVENTFD_FLAG_DEASSIGN,
};

static const struct kvm_irq_routing routing;
static u64 log_words[LOG_WORDS];
static const struct kvm_dirty_log log_get = { .slot = SLOT, .dirty_bitmap = log_words };
static const struct kvm_clear_dirty_log log_clear = { .slot = SLOT, .dirty_bitmap = log_words };
static const struct kvm_enable_cap log_manual = {
	.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
	.args[0] = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE,
};

static const struct kvm_create_device gic_again = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
static const struct kvm_userspace_memory_region region = { .slot = SLOT };
static const struct kvm_vcpu_init init = { .target = KVM_ARM_TARGET_GENERIC_V8 };
static const u64 offset[2];
static const struct setway_premap premap = { .slot = SLOT };
static const u32 policy = SETWAY_POLICY_EXACT;

static u64 attr_value;
static const struct kvm_one_reg services = { .id = REG_STD_BMAP, .addr = (u64)&attr_value };

#define GIC_ATTR(name, which, what)					\
static const struct kvm_device_attr name = {				\
	.group = KVM_DEV_ARM_VGIC_GRP_##which, .attr = what, .addr = (u64)&attr_value, \
}

GIC_ATTR(gic_dist, ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST);
GIC_ATTR(gic_ctrl_init, CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT);
GIC_ATTR(gic_ctrl_save, CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES);
GIC_ATTR(gic_register, DIST_REGS, 0);

static u32 nr_irqs = GIC_NR_IRQS, intid = GIC_PPI_VTIMER;
static const struct kvm_device_attr gic_irqs = {
	.group = KVM_DEV_ARM_VGIC_GRP_NR_IRQS, .addr = (u64)&nr_irqs,
};

static const struct kvm_device_attr timer_intid = {
	.group = KVM_ARM_VCPU_TIMER_CTRL, .attr = KVM_ARM_VCPU_TIMER_IRQ_VTIMER,
	.addr = (u64)&intid,
};

TEST_F(waiter, is_killed)
{
	const int vm = self->vm->fd, vcpu = self->vcpu->fd, gic = self->gic;
	const struct call calls[] = {
		{ "KVM_IRQFD", vm, KVM_IRQFD, &irqfd },
		{ "KVM_IRQFD, deassign", vm, KVM_IRQFD, &irqfd_deassign },
		{ "KVM_IOEVENTFD", vm, KVM_IOEVENTFD, &ioeventfd },
		{ "KVM_IOEVENTFD, deassign", vm, KVM_IOEVENTFD, &ioeventfd_deassign },
		{ "KVM_SET_GSI_ROUTING", vm, KVM_SET_GSI_ROUTING, &routing },
		{ "KVM_GET_DIRTY_LOG", vm, KVM_GET_DIRTY_LOG, &log_get },
		{ "KVM_CLEAR_DIRTY_LOG", vm, KVM_CLEAR_DIRTY_LOG, &log_clear },
		{ "KVM_ENABLE_CAP", vm, KVM_ENABLE_CAP, &log_manual },
		{ "KVM_CREATE_DEVICE", vm, KVM_CREATE_DEVICE, &gic_again },
		{ "KVM_CREATE_VCPU", vm, KVM_CREATE_VCPU, (void *)1 },
		{ "KVM_SET_USER_MEMORY_REGION", vm, KVM_SET_USER_MEMORY_REGION, &region },
		{ "KVM_ARM_SET_COUNTER_OFFSET", vm, SET_COUNTER_OFFSET, offset },
		{ "SETWAY_SET_POLICY", vm, SETWAY_SET_POLICY, &policy },
		{ "SETWAY_PREMAP", vm, SETWAY_PREMAP, &premap },
		{ "KVM_ARM_VCPU_INIT", vcpu, KVM_ARM_VCPU_INIT, &init },
		{ "KVM_SET_ONE_REG", vcpu, KVM_SET_ONE_REG, &services },
		{ "timer's interrupt", vcpu, KVM_SET_DEVICE_ATTR, &timer_intid },
		{ "KVM_RUN", vcpu, KVM_RUN, NULL },
		{ "distributor's address", gic, KVM_SET_DEVICE_ATTR, &gic_dist },
		{ "distributor's address, read", gic, KVM_GET_DEVICE_ATTR, &gic_dist },
		{ "number of interrupts", gic, KVM_SET_DEVICE_ATTR, &gic_irqs },
		{ "CTRL_INIT", gic, KVM_SET_DEVICE_ATTR, &gic_ctrl_init },
		{ "SAVE_PENDING_TABLES", gic, KVM_SET_DEVICE_ATTR, &gic_ctrl_save },
		{ "a register of the GIC", gic, KVM_GET_DEVICE_ATTR, &gic_register },
	};
	unsigned int i;

	ioeventfd.fd = self->eventfd;
	ioeventfd_deassign.fd = self->eventfd;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		pid_t pid = call_start(&calls[i]);

		EXPECT_TRUE(is_waiting(pid))
			TH_LOG("%s does not wait", calls[i].name);
		EXPECT_TRUE(dies_when_killed(pid))
			TH_LOG("%s is not to be killed", calls[i].name);
	}
}

TEST_HARNESS_MAIN
