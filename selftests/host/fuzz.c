// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nonsense: random ioctls with random arguments on files of all kinds, by several
 * threads that also close them, unmap what they point to, and fork.  Whatever is
 * answered, the host goes on, the errno is one that a program can expect, and
 * nothing is left.  $SETWAY_SEED repeats the choices, if not their order.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "../../module/api/uapi.h"
#include "../lib/leak.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define SECONDS		2	/* a stretch */
#define SECONDS_LONG	15
#define THREADS		3
#define TICK_US		3000
#define LEAK_LEAST	4	/* of anything, in a stretch: there is more of all that works */
#define IDS_MAX		512

#define FIRST_FILE	4	/* below are the test's own */
#define FILES		24	/* a third of each kind */
#define FILES_MAX	200
#define POOL_SIZE	(4 * SZ_2M)
#define STRUCT_SIZE	2048
#define STATES		32	/* registers to be set before a run */

#define ERRNO_MAX	134

/* What the threads share, and fight for; the process that looks on has it, too. */
struct fuzz {
	atomic_int files[FILES];
	char *pool;		/* guest memory, and what parts of it are used for */
	char *edge;		/* the last byte that is mapped, plus one */
	u64 ids[IDS_MAX];	/* of registers that there are */
	unsigned int nr_ids;
	atomic_bool stop;
	atomic_uint running;
	atomic_ulong calls;
	atomic_ulong by_errno[ERRNO_MAX];
};

static struct fuzz *fuzz;

/* Not these: what a program cannot expect of this API (-ERESTARTSYS, ...). */
static const int errnos_expected[] = {
	0, EPERM, ENOENT, EINTR, EIO, E2BIG, ENOEXEC, EBADF, EAGAIN, ENOMEM, EACCES, EFAULT,
	EBUSY, EEXIST, ENODEV, EINVAL, ENFILE, EMFILE, ENOTTY, EOVERFLOW, ENXIO,
	38,	/* "not implemented": KVM_RUN, of an access that it cannot describe */
};

static const u64 device_cmds[] = {
	KVM_GET_API_VERSION, KVM_CREATE_VM, KVM_CHECK_EXTENSION, KVM_GET_VCPU_MMAP_SIZE,
};

static const u64 vm_cmds[] = {
	KVM_CREATE_VCPU, KVM_SET_USER_MEMORY_REGION, KVM_SET_USER_MEMORY_REGION,
	KVM_SET_USER_MEMORY_REGION, KVM_ARM_PREFERRED_TARGET, KVM_CHECK_EXTENSION,
	KVM_ENABLE_CAP, SETWAY_SET_POLICY, SETWAY_GET_POLICY, SETWAY_PREMAP,
	KVM_CREATE_IRQCHIP, KVM_CREATE_DEVICE, KVM_GET_DIRTY_LOG, KVM_IRQ_LINE, KVM_SIGNAL_MSI,
	KVM_IRQFD, KVM_IOEVENTFD, KVM_SET_GSI_ROUTING, KVM_ARM_SET_DEVICE_ADDR,
	KVM_REGISTER_COALESCED_MMIO, KVM_UNREGISTER_COALESCED_MMIO,
	KVM_ARM_MTE_COPY_TAGS, KVM_CLEAR_DIRTY_LOG, KVM_SET_DEVICE_ATTR,
	_IOW(KVMIO, 0xb5, u64[2]),	/* KVM_ARM_SET_COUNTER_OFFSET, of Linux 6.4 */
};

static const u64 vcpu_cmds[] = {
	KVM_RUN, KVM_RUN, KVM_RUN, KVM_ARM_VCPU_INIT, KVM_ARM_VCPU_INIT, KVM_GET_ONE_REG,
	KVM_SET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST, KVM_GET_MP_STATE, KVM_SET_MP_STATE,
	KVM_SET_SIGNAL_MASK, KVM_ARM_VCPU_FINALIZE, KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS,
	KVM_SET_SREGS, KVM_GET_FPU, KVM_SET_FPU, KVM_TRANSLATE, KVM_INTERRUPT, KVM_NMI,
	KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, KVM_SET_GUEST_DEBUG, KVM_ENABLE_CAP,
	KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR,
};

static u64 pick(const u64 *list, u64 size, u64 *seed)
{
	return list[random_next(seed) % (size / sizeof(*list))];
}

/* What a file is meant to be; others get there by mistake. */
enum kind {
	DEVICE,
	VM,
	VCPU,
	KINDS
};

static enum kind pick_kind(u64 *seed)
{
	u64 value = random_next(seed) % 16;

	return value < 2 ? DEVICE : value < 7 ? VM : VCPU;
}

static u64 pick_cmd(enum kind kind, u64 *seed)
{
	switch (random_next(seed) % 16) {
	case 0:
		/* any number of KVM's, any direction and size */
		return _IOC(random_next(seed) % 4, KVMIO, random_next(seed) % 256,
			    random_next(seed) % 512);
	case 1:
		return _IOC(random_next(seed) % 4, SETWAY_IO, random_next(seed) % 8,
			    random_next(seed) % 16);
	case 2:
		return random_next(seed);
	case 3:
		kind = pick_kind(seed);
		break;
	}
	if (kind == DEVICE)
		return pick(device_cmds, sizeof(device_cmds), seed);
	if (kind == VM)
		return pick(vm_cmds, sizeof(vm_cmds), seed);
	return pick(vcpu_cmds, sizeof(vcpu_cmds), seed);
}

static u64 pick_ipa(u64 *seed)
{
	static const u64 bases[] = {
		0, SZ_2M, SZ_1G, 1ULL << 32, 1ULL << 39, (1ULL << 40) - SZ_2M, 1ULL << 40,
		~0ULL << 12,
	};

	return pick(bases, sizeof(bases), seed) + random_next(seed) % 8 * SZ_4K;
}

static u64 pick_hva(u64 *seed)
{
	switch (random_next(seed) % 8) {
	case 0:
		return random_next(seed);
	case 1:
		return random_next(seed) & GENMASK(47, 12);
	case 2:
		/* runs out of what is mapped */
		return (u64)fuzz->edge - SZ_4K;
	default:
		return (u64)fuzz->pool + random_next(seed) % (POOL_SIZE / SZ_4K) * SZ_4K;
	}
}

static void fill_region(struct kvm_userspace_memory_region *region, u64 *seed)
{
	region->slot = random_next(seed) % 16 ? random_next(seed) % 6 : random_next(seed);
	region->flags = random_next(seed) % 4 ? 0 : random_next(seed) % 8;
	region->guest_phys_addr = pick_ipa(seed);
	region->memory_size = random_next(seed) % 4 ?
		random_next(seed) % 1024 * SZ_4K : random_next(seed);
	region->userspace_addr = pick_hva(seed);
}

static void fill_one_reg(struct kvm_one_reg *reg, u64 *seed)
{
	static const u64 kinds[] = {
		KVM_REG_ARM_CORE, KVM_REG_ARM_CORE, KVM_REG_ARM64_SYSREG, KVM_REG_ARM64_SYSREG,
		KVM_REG_ARM_FW, KVM_REG_ARM_DEMUX, 0,
	};

	reg->id = KVM_REG_ARM64 | pick(kinds, sizeof(kinds), seed) | (random_next(seed) % 8) << 52 |
		  (random_next(seed) & 0xffff);
	if (random_next(seed) % 4 == 0)
		reg->id = (reg->id & ~0xffffULL) | random_next(seed) % 0x200;
	if (random_next(seed) % 64 == 0)
		reg->id = random_next(seed);
	reg->addr = random_next(seed) % 8 ?
		(u64)fuzz->pool + random_next(seed) % (POOL_SIZE - 256) : random_next(seed);
}

static void fill_init(struct kvm_vcpu_init *init, u64 *seed)
{
	init->target = random_next(seed) % 8 ? KVM_ARM_TARGET_GENERIC_V8 : random_next(seed);
	init->features[0] = random_next(seed) % 4 ? BIT(KVM_ARM_VCPU_PSCI_0_2) :
						    random_next(seed);
}

/* A structure that makes some sense for the command, or none for any. */
static void fill(void *at, u64 cmd, u64 *seed)
{
	u64 *word = at;
	unsigned int i;

	for (i = 0; i < STRUCT_SIZE / sizeof(u64); i++)
		word[i] = random_next(seed) % 4 ? 0 : random_next(seed);
	switch (cmd) {
	case KVM_SET_USER_MEMORY_REGION:
		return fill_region(at, seed);
	case KVM_GET_ONE_REG:
	case KVM_SET_ONE_REG:
		return fill_one_reg(at, seed);
	case KVM_ARM_VCPU_INIT:
		return fill_init(at, seed);
	case KVM_GET_REG_LIST:
		((struct kvm_reg_list *)at)->n = random_next(seed) % 400;
		break;
	case KVM_SET_SIGNAL_MASK:
		/* or the thread would not be stopped any more */
		memset(at, 0, STRUCT_SIZE);
		((struct kvm_signal_mask *)at)->len = random_next(seed) % 4 ? 8 : random_next(seed);
		break;
	}
}

static u64 pick_argument(void *own, u64 cmd, u64 *seed)
{
	fill(own, cmd, seed);
	switch (random_next(seed) % 16) {
	case 0:
		return random_next(seed) % 1024;
	case 1:
		return random_next(seed);
	case 2:
		/* half of the structure is not there */
		memcpy(fuzz->edge - 16, own, 16);
		return (u64)fuzz->edge - random_next(seed) % 64;
	case 3:
		return GENMASK(63, 48) | random_next(seed);
	case 4:
		return (u64)fuzz->pool + random_next(seed) % (POOL_SIZE - STRUCT_SIZE);
	case 5:
		return 0;
	default:
		return cmd == KVM_RUN || cmd == KVM_CREATE_VM ? 0 :
			cmd == KVM_CREATE_VCPU ? random_next(seed) % 6 : (u64)own;
	}
}

static unsigned int pick_place(enum kind kind, u64 *seed)
{
	return kind * (FILES / KINDS) + random_next(seed) % (FILES / KINDS);
}

static int pick_file(enum kind kind, u64 *seed)
{
	int fd = fuzz->files[pick_place(kind, seed)];

	return random_next(seed) % 64 ? fd : (int)(FIRST_FILE + random_next(seed) % FILES_MAX);
}

/* The one that was there before goes, though somebody may be using it. */
static void keep_file(enum kind kind, int fd, u64 *seed)
{
	close(atomic_exchange(&fuzz->files[pick_place(kind, seed)], fd));
}

static void count(long result)
{
	unsigned int i;
	int error = result < 0 ? errno : 0;

	fuzz->calls++;
	for (i = 0; i < ARRAY_SIZE(errnos_expected); i++) {
		if (errnos_expected[i] == error) {
			fuzz->by_errno[error]++;
			return;
		}
	}
	fail("an errno that nobody expects: %d (%s)", error, strerror(error));
}

static void do_ioctl(void *own, u64 *seed)
{
	enum kind kind = pick_kind(seed);
	u64 cmd = pick_cmd(kind, seed), argument = pick_argument(own, cmd, seed);
	int result = ioctl(pick_file(kind, seed), cmd, argument);

	count(result);
	if (result > 2 && (cmd == KVM_CREATE_VM || cmd == KVM_CREATE_VCPU))
		keep_file(cmd == KVM_CREATE_VM ? VM : VCPU, result, seed);
}

static void do_open(u64 *seed)
{
	int fd = open(device_path(), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	keep_file(VM, ioctl(fd, KVM_CREATE_VM, 0UL), seed);
	keep_file(DEVICE, fd, seed);
	if (random_next(seed) % 16 == 0)
		keep_file(pick_kind(seed), eventfd(0, 0), seed);
}

/* A vCPU that can run, on memory that may be there, with any state. */
static void do_machine(void *own, u64 *seed)
{
	struct kvm_vcpu_init init = { .target = KVM_ARM_TARGET_GENERIC_V8 };
	struct kvm_userspace_memory_region region = {
		.memory_size = POOL_SIZE, .userspace_addr = (u64)fuzz->pool,
	};
	struct kvm_one_reg reg = { .addr = (u64)own };
	int vm = pick_file(VM, seed), vcpu;
	unsigned int i;

	ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
	vcpu = ioctl(vm, KVM_CREATE_VCPU, random_next(seed) % 6);
	if (vcpu < 0)
		return;
	ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	for (i = 0; i < STATES; i++) {
		reg.id = pick(fuzz->ids, fuzz->nr_ids * sizeof(u64), seed);
		fill(own, 0, seed);
		count(ioctl(vcpu, KVM_SET_ONE_REG, &reg));
	}
	keep_file(VCPU, vcpu, seed);
	count(ioctl(vcpu, KVM_RUN, 0UL));
}

static void do_mmap(u64 *seed)
{
	u64 size = (1 + random_next(seed) % 4) * SZ_4K;
	u64 offset = random_next(seed) % 4 ? 0 : random_next(seed) % 8 * SZ_4K;
	char *at = mmap(NULL, size, random_next(seed) % 4,
			random_next(seed) % 2 ? MAP_SHARED : MAP_PRIVATE,
			pick_file(VCPU, seed), offset);

	if (at == MAP_FAILED)
		return;
	/* a system call meets what is not there with EFAULT, not with a signal */
	count(fcntl(fuzz->files[0], F_GETLK, at));
	count(ioctl(pick_file(VM, seed), SETWAY_PREMAP, at));
	munmap(at, size);
}

static void do_memory(u64 *seed)
{
	u64 at = random_next(seed) % (POOL_SIZE / SZ_4K) * SZ_4K;
	u64 size = random_next(seed) % 64 * SZ_4K;

	if (size > POOL_SIZE - at)
		size = POOL_SIZE - at;
	switch (random_next(seed) % 4) {
	case 0:
		madvise(fuzz->pool + at, size, MADV_DONTNEED);
		break;
	case 1:
		mprotect(fuzz->pool + at, size, PROT_READ);
		break;
	case 2:
		mprotect(fuzz->pool + at, size, PROT_READ | PROT_WRITE);
		break;
	case 3:
		mmap(fuzz->pool + at, size, PROT_READ | PROT_WRITE,
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	}
}

/* VMs and vCPUs are the process's that made them: a child gets EIO. */
static void do_fork(u64 *seed)
{
	static const u64 cmds[] = { KVM_CREATE_VCPU, KVM_RUN, KVM_GET_ONE_REG, SETWAY_PREMAP };
	unsigned int i;
	int status;
	pid_t child = fork();

	if (!child) {
		for (i = 0; i < FILES; i++) {
			int result = ioctl(fuzz->files[i], pick(cmds, sizeof(cmds), seed), 0UL);

			if (result >= 0 || (errno != EIO && errno != ENOTTY && errno != EBADF))
				_exit(1);
		}
		_exit(0);
	}
	if (child < 0)
		return;
	while (waitpid(child, &status, 0) != child)
		;
	if (status)
		fail("a child could use its parent's VM: status %#x", status);
}

static void *fuzz_thread(void *argument)
{
	u64 seed = (u64)argument;
	void *own = malloc(STRUCT_SIZE);

	while (!fuzz->stop) {
		switch (random_next(&seed) % 64) {
		case 0:
			do_open(&seed);
			break;
		case 1:
		case 2:
			do_machine(own, &seed);
			break;
		case 3:
			do_mmap(&seed);
			break;
		case 4:
			do_memory(&seed);
			break;
		case 5:
			if (random_next(&seed) % 16 == 0)
				do_fork(&seed);
			break;
		case 6:
			keep_file(pick_kind(&seed), dup(pick_file(pick_kind(&seed), &seed)), &seed);
			break;
		default:
			do_ioctl(own, &seed);
			break;
		}
	}
	free(own);
	fuzz->running--;
	return NULL;
}

static void on_tick(int signal)
{
	(void)signal;
}

static void fuzz_prepare(void)
{
	const struct rlimit files = { FILES_MAX, FILES_MAX };
	const struct sigaction action = { .sa_handler = on_tick };
	unsigned int i;
	char *edge;

	setrlimit(RLIMIT_NOFILE, &files);
	sigaction(SIGUSR1, &action, NULL);
	fuzz->pool = memory_alloc(POOL_SIZE, SZ_2M);
	edge = mmap(NULL, 2 * SZ_4K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + SZ_4K, SZ_4K);
	fuzz->edge = edge + SZ_4K;
	for (i = 0; i < FILES; i++)
		fuzz->files[i] = -1;
}

static void fuzz_learn_ids(void)
{
	struct vm *vm = vm_create();
	struct kvm_reg_list *list = reg_list(vcpu_add(vm, 0));

	fuzz->nr_ids = list->n < IDS_MAX ? list->n : IDS_MAX;
	memcpy(fuzz->ids, list->reg, fuzz->nr_ids * sizeof(u64));
	free(list);
	vm_destroy(vm);
}

/* A guest that runs for ever is stopped by the next tick. */
static void fuzz_run(u64 seed, unsigned int seconds)
{
	pthread_t threads[THREADS];
	time_t end = time(NULL) + seconds;
	unsigned int i;

	fuzz->running = THREADS;
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, fuzz_thread, (void *)random_next(&seed)))
			fail("cannot create a thread");
	}
	while (fuzz->running) {
		fuzz->stop = time(NULL) >= end;
		usleep(TICK_US);
		for (i = 0; i < THREADS; i++)
			pthread_kill(threads[i], SIGUSR1);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* Fuzz in a process of its own, so that its memory is gone.  Return: its status. */
static int fuzz_child(u64 seed, unsigned int seconds)
{
	pid_t child = fork();
	int status = -1;

	if (!child) {
		fuzz_learn_ids();
		fuzz_prepare();
		fuzz_run(seed, seconds);
		close_range(FIRST_FILE, ~0U, 0);
		_exit(module_holds_nothing() ? 0 : 1);
	}
	waitpid(child, &status, 0);
	return status;
}

FIXTURE(fuzz)
{
};

FIXTURE_SETUP(fuzz)
{
	fuzz = mmap(NULL, sizeof(*fuzz), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, fuzz);
	log_mark();
}

FIXTURE_TEARDOWN(fuzz)
{
	EXPECT_TRUE(module_holds_nothing());
	EXPECT_TRUE(log_is_clean());
	munmap(fuzz, sizeof(*fuzz));
}

/* The first stretch warms the kernel up. */
TEST_F_TIMEOUT(fuzz, nonsense_is_refused, 590)
{
	unsigned int i, seconds = is_long_run() ? SECONDS_LONG : SECONDS;
	struct leak *leak = NULL;
	u64 seed = random_seed();

	TH_LOG("seed %llu", seed);
	for (i = 0; i <= LEAK_STRETCHES; i++) {
		EXPECT_EQ(0, fuzz_child(seed + i, seconds));
		if (leak)
			leak_count(leak);
		else
			leak = leak_begin();
	}
	EXPECT_TRUE(leak_is_none(leak, LEAK_LEAST));
	TH_LOG("%lu calls", fuzz->calls);
	for (i = 0; i < ERRNO_MAX; i++)
		if (fuzz->by_errno[i])
			TH_LOG("%lu: %s", fuzz->by_errno[i], i ? strerror(i) : "fine");
	/* with enough sense in it to get somewhere */
	EXPECT_LT(100, fuzz->by_errno[0]);
	EXPECT_LT(10, fuzz->by_errno[EINTR]);
}

TEST_HARNESS_MAIN
