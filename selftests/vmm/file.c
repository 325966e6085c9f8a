// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that become guest memory.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/device.h"

u64 file_read(const char *path, void *to, u64 max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;
	char more;

	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	size = read(fd, to, max);
	if (size < 0)
		fail("cannot read %s: %s", path, strerror(errno));
	if (!size)
		fail("%s is empty", path);
	if (read(fd, &more, 1))
		fail("%s does not fit into %llu bytes", path, max);
	close(fd);
	return size;
}
