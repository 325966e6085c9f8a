// SPDX-License-Identifier: GPL-2.0-only
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "irqfd.h"

int irqfd_set(struct vm *vm, int fd, u32 gsi, u32 flags, int resample)
{
	struct kvm_irqfd args = {
		.fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resample,
	};

	return ioctl(vm->fd, KVM_IRQFD, &args);
}

int event_create(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	if (fd < 0)
		fail("no eventfd: %s", strerror(errno));
	return fd;
}

void event_signal(int fd)
{
	u64 one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		fail("an eventfd cannot be written: %s", strerror(errno));
}

u64 event_count(int fd)
{
	u64 count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}
