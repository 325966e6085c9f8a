// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading Linux by its boot protocols (Documentation/arm64/booting.rst and
 * Documentation/arm/booting.rst in its source).
 *
 *   RAM_BASE               + 2 MiB, or + 32 MiB     + 128 MiB
 *   |                      |                        |
 *   ...                    kernel ...           DT  initramfs ...
 */
#include "kernel.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/device.h"
#include "../lib/onereg.h"
#include "file.h"
#include "layout.h"

#define IMAGE_TEXT_OFFSET	8
#define IMAGE_MAGIC_OFFSET	56
#define IMAGE_MAGIC		0x644d5241	/* "ARM\x64" */
#define ZIMAGE_MAGIC_OFFSET	36
#define ZIMAGE_MAGIC		0x016f2818
#define HEADER_SIZE		64

#define IMAGE_ALIGNMENT		(2 * SZ_1M)
#define ZIMAGE_OFFSET		(32 * SZ_1M)	/* clear of where it unpacks itself to */
#define INITRD_OFFSET		(128 * SZ_1M)
#define ANY_MACHINE		(~0U)		/* it is in the device tree */

static u32 word(const u8 *header, unsigned int offset)
{
	u32 value;

	memcpy(&value, header + offset, sizeof(value));
	return value;
}

static void header_read(const char *path, u8 *header)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, header, HEADER_SIZE) != HEADER_SIZE)
		fail("cannot read a kernel from %s", path);
	close(fd);
}

bool kernel_is_aarch32(const char *path)
{
	u8 header[HEADER_SIZE];

	header_read(path, header);
	if (word(header, ZIMAGE_MAGIC_OFFSET) == ZIMAGE_MAGIC)
		return true;
	if (word(header, IMAGE_MAGIC_OFFSET) != IMAGE_MAGIC)
		fail("%s is neither an arm64 Image nor a 32-bit zImage", path);
	return false;
}

static u64 text_offset(const char *path)
{
	u8 header[HEADER_SIZE];

	header_read(path, header);
	return IMAGE_ALIGNMENT + word(header, IMAGE_TEXT_OFFSET);
}

struct kernel kernel_load(const char *path, const char *initrd, void *ram, u64 ram_size)
{
	struct kernel kernel = {
		.aarch32 = kernel_is_aarch32(path),
		.dt = RAM_BASE + INITRD_OFFSET - DT_SIZE,
		.initrd = RAM_BASE + INITRD_OFFSET,
		.initrd_end = RAM_BASE + INITRD_OFFSET,
	};
	u64 offset = kernel.aarch32 ? ZIMAGE_OFFSET : text_offset(path);

	if (ram_size <= INITRD_OFFSET)
		fail("a kernel needs more than %llu bytes of RAM: --mem", INITRD_OFFSET);
	file_read(path, ram + offset, INITRD_OFFSET - DT_SIZE - offset);
	kernel.entry = RAM_BASE + offset;
	if (initrd)
		kernel.initrd_end += file_read(initrd, ram + INITRD_OFFSET,
					       ram_size - INITRD_OFFSET);
	return kernel;
}

void kernel_start(const struct kernel *kernel, struct vcpu *vcpu)
{
	reg_set(vcpu, REG_PC, kernel->entry);
	if (kernel->aarch32) {
		reg_set(vcpu, REG_X(1), ANY_MACHINE);
		reg_set(vcpu, REG_X(2), kernel->dt);
	} else {
		reg_set(vcpu, REG_X(0), kernel->dt);
	}
}
