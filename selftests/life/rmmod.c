// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unloading the module while somebody uses it is refused, and nothing else comes
 * of it; as soon as nobody does, it works.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../lib/busy.h"
#include "../lib/counter.h"
#include "../lib/module.h"
#include "../lib/test.h"

#define RACES		10
#define RACES_LONG	300
#define RACERS		2
#define PAUSE_US	4000
#define PATIENCE_MS	2000

FIXTURE(rmmod)
{
};

FIXTURE_SETUP(rmmod)
{
	log_mark();
}

/* Files are closed for good only after their last close() has returned. */
static bool unloads(void)
{
	unsigned int ms;

	for (ms = 0; ms < PATIENCE_MS && module_unload(); ms++)
		usleep(1000);
	return !module_is_loaded();
}

FIXTURE_TEARDOWN(rmmod)
{
	EXPECT_TRUE(unloads());
	EXPECT_NE(0, access(device_path(), F_OK));
	EXPECT_EQ(0, module_load(""));
	EXPECT_TRUE(log_is_clean());
}

#define EXPECT_REFUSED() do {						\
	EXPECT_ERRNO(EWOULDBLOCK, module_unload());			\
	EXPECT_TRUE(module_is_loaded());				\
} while (0)

static int vm_open(void)
{
	int device = device_open();
	int vm = ioctl(device, KVM_CREATE_VM, 0UL);

	close(device);
	return vm;
}

/* Only the vCPU's file keeps the VM. */
static int vcpu_open(void)
{
	int vm = vm_open();
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0UL);

	close(vm);
	return vcpu;
}

TEST_F(rmmod, an_open_device)
{
	int fd = device_open();

	EXPECT_REFUSED();
	EXPECT_EQ(KVM_API_VERSION, ioctl(fd, KVM_GET_API_VERSION, 0));
	close(fd);
}

TEST_F(rmmod, a_vm)
{
	int fd = vm_open();
	int vcpu;

	ASSERT_LE(0, fd);
	EXPECT_REFUSED();
	vcpu = ioctl(fd, KVM_CREATE_VCPU, 0UL);
	EXPECT_LE(0, vcpu);
	EXPECT_REFUSED();
	close(vcpu);
	EXPECT_REFUSED();
	close(fd);
}

TEST_F(rmmod, a_vcpu_alone)
{
	int fd = vcpu_open();

	ASSERT_LE(0, fd);
	EXPECT_REFUSED();
	close(fd);
}

TEST_F(rmmod, a_mapping_of_kvm_run_alone)
{
	int fd = vcpu_open();
	struct kvm_run *run = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
				   MAP_SHARED, fd, 0);

	ASSERT_NE(MAP_FAILED, run);
	close(fd);
	EXPECT_REFUSED();
	run->immediate_exit = 1;
	EXPECT_EQ(1, run->immediate_exit);
	EXPECT_REFUSED();
	munmap(run, getpagesize());
}

TEST_F(rmmod, a_mapping_never_touched)
{
	int fd = vcpu_open();
	void *run = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, fd, 0);

	ASSERT_NE(MAP_FAILED, run);
	close(fd);
	EXPECT_REFUSED();
	munmap(run, getpagesize());
}

TEST_F(rmmod, a_guest_that_runs)
{
	struct busy *busy = busy_start(2, 4, 0);
	int i;

	busy_wait(busy, 2);
	for (i = 0; i < 20; i++)
		EXPECT_REFUSED();
	busy_wait(busy, 2);
	busy_end(busy);
}

TEST_F(rmmod, a_file_that_a_child_has_inherited)
{
	int fd = vm_open();
	int status;
	pid_t child;

	ASSERT_LE(0, fd);
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	close(fd);
	EXPECT_REFUSED();
	kill(child, SIGKILL);
	EXPECT_EQ(child, waitpid(child, &status, 0));
}

/* A file that is under way from one process to another is in no process. */
TEST_F(rmmod, a_file_in_a_socket)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int sockets[2], fd = vcpu_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	ASSERT_EQ(1, sendmsg(sockets[0], &message, 0));
	close(fd);
	EXPECT_REFUSED();
	close(sockets[0]);
	close(sockets[1]);
}

/* What is open of a VM's statistics outlives the VM, and says so. */
TEST_F(rmmod, statistics_of_a_dead_vm)
{
	static const char * const names[] = { "setway_ops", "stage2", "vcpu0/setway_ops" };
	struct vm *vm = vm_create();
	int fds[ARRAY_SIZE(names)];
	char text[64];
	unsigned int i;

	vcpu_add(vm, 0);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(text, sizeof(text), COUNTER_DIRECTORY "/%d-%d/%s", getpid(), vm->fd,
			 names[i]);
		fds[i] = open(text, O_RDONLY);
		EXPECT_LE(0, fds[i])
			TH_LOG("%s: %s", text, strerror(errno));
	}
	vm_destroy(vm);
	EXPECT_REFUSED();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_ERRNO(EIO, read(fds[i], text, sizeof(text)));
		close(fds[i]);
	}
}

TEST_F(rmmod, statistics_that_are_open)
{
	int fd = open(COUNTER_DIRECTORY "/vms", O_RDONLY);
	char text[8];

	ASSERT_LE(0, fd);
	EXPECT_REFUSED();
	EXPECT_EQ(2, read(fd, text, sizeof(text)));
	close(fd);
}

static atomic_bool racing;

/* Whatever it gets hold of is whole. */
static void *opener(void *made)
{
	while (racing) {
		int device = open(device_path(), O_RDWR | O_CLOEXEC);
		int vm, vcpu;

		if (device < 0)
			continue;
		vm = ioctl(device, KVM_CREATE_VM, 0UL);
		vcpu = ioctl(vm, KVM_CREATE_VCPU, 0UL);
		close(device);
		if (vm < 0 || vcpu < 0)
			fail("no VM on an open device: %s", strerror(errno));
		++*(atomic_uint *)made;
		close(vm);
		close(vcpu);
		/* leave the other side a chance */
		usleep(rand() % PAUSE_US);
	}
	return NULL;
}

TEST_F_TIMEOUT(rmmod, unloading_races_with_opening, 600)
{
	pthread_t threads[RACERS];
	atomic_uint made = 0;
	unsigned int races = is_long_run() ? RACES_LONG : RACES;
	unsigned int i, unloaded = 0;

	racing = true;
	for (i = 0; i < RACERS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, opener, &made));
	while (unloaded < races) {
		if (module_unload())
			continue;
		unloaded++;
		ASSERT_EQ(0, module_load(""));
	}
	racing = false;
	for (i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_LT(0, made);
}

TEST_HARNESS_MAIN
