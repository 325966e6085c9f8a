// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor's device node, and how a program of ours gives up.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../module/api/uapi.h"

#define DEVICE_DEFAULT	"/dev/setway"

static const char *device;

void fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

void device_set(const char *path)
{
	device = path;
}

const char *device_path(void)
{
	const char *path = device ?: getenv("SETWAY_DEVICE");

	return path ?: DEVICE_DEFAULT;
}

int device_open(void)
{
	int fd = open(device_path(), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		fail("cannot open %s: %s", device_path(), strerror(errno));
	return fd;
}

int device_capability(u64 capability)
{
	int fd = device_open();
	int answer = ioctl(fd, KVM_CHECK_EXTENSION, capability);

	close(fd);
	return answer < 0 ? 0 : answer;
}

bool device_is_setway(void)
{
	int fd = device_open();
	int vm = ioctl(fd, KVM_CREATE_VM, 0UL);
	u32 policy;
	bool knows;

	if (vm < 0)
		fail("%s: KVM_CREATE_VM: %s", device_path(), strerror(errno));
	knows = !ioctl(vm, SETWAY_GET_POLICY, &policy);
	close(vm);
	close(fd);
	return knows;
}
