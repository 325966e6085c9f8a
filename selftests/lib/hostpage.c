// SPDX-License-Identifier: GPL-2.0-only
/*
 * See hostpage.h: pagemap, kpageflags and kpagecount, and KSM.
 */
#include "hostpage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "vm.h"

/* An entry of pagemap, as the kernel's documentation has it. */
#define PAGEMAP_PRESENT	BIT(63)
#define PAGEMAP_FRAME	(BIT(55) - 1)

#define KSM		"/sys/kernel/mm/ksm/"
#define MERGE_TRIES	600
#define MERGE_PAUSE_US	100000

static u64 word_of(const char *path, u64 index)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	u64 word;

	if (fd < 0 || pread(fd, &word, sizeof(word), index * sizeof(word)) != sizeof(word))
		fail("%s: %s", path, strerror(errno));
	close(fd);
	return word;
}

u64 hostpage_frame(const void *hva)
{
	u64 entry = word_of("/proc/self/pagemap", (u64)hva / SZ_4K);

	return entry & PAGEMAP_PRESENT ? entry & PAGEMAP_FRAME : 0;
}

bool hostpage_frame_has(u64 frame, unsigned int flag)
{
	return word_of("/proc/kpageflags", frame) & BIT(flag);
}

u64 hostpage_frame_mapped(u64 frame)
{
	return word_of("/proc/kpagecount", frame);
}

bool hostpage_has(const void *hva, unsigned int flag)
{
	return hostpage_frame_has(hostpage_frame(hva), flag);
}

bool hostpage_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

bool hostpage_merge(void *hva)
{
	void *other = memory_alloc(SZ_4K, SZ_4K);
	unsigned int i;

	memcpy(other, hva, SZ_4K);
	if (madvise(hva, SZ_4K, MADV_MERGEABLE) || madvise(other, SZ_4K, MADV_MERGEABLE) ||
	    !hostpage_write(KSM "pages_to_scan", "1000") || !hostpage_write(KSM "run", "1"))
		return false;
	for (i = 0; i < MERGE_TRIES && !hostpage_has(hva, KPF_KSM); i++)
		usleep(MERGE_PAUSE_US);
	hostpage_write(KSM "run", "0");
	return hostpage_has(hva, KPF_KSM);
}
