// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another kernel in the place of this one, by kexec_load(): as little as a test
 * of that needs.
 *
 *	usage: kexec load|panic IMAGE INITRD COMMAND-LINE
 *	       kexec run
 *
 * "load" prepares a kernel for "run", "panic" one for a crash of this one, in the
 * memory that crashkernel= has set aside.  The device tree is this kernel's.
 */
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/device.h"

/* Documentation/arm64/booting.rst: the header of an Image */
#define IMAGE_OFFSET	8	/* from a multiple of 2 MiB to where it is loaded */
#define IMAGE_SIZE	16	/* with what it uses beyond its end */
#define IMAGE_MAGIC	56
#define MAGIC		0x644d5241	/* "ARM\x64" */

#define RAM_USED	(512 * SZ_1M)	/* from the start: may be this kernel's */
#define FDT_ROOM	SZ_64K

/**
 * struct range - of physical memory
 * @start: first byte
 * @end: the byte after the last
 */
struct range {
	u64 start;
	u64 end;
};

/**
 * struct file - all of a file
 * @data: its bytes
 * @size: how many
 */
struct file {
	void *data;
	size_t size;
};

/* Entered with the MMU off: x0 is the device tree, x1 to x3 are 0. */
struct entry {
	u32 code[8];
	u64 fdt;
	u64 kernel;
};

static const struct entry entry_template = {
	.code = {
		0x58000100,	/* ldr x0, fdt */
		0xaa1f03e1,	/* mov x1, xzr */
		0xaa1f03e2,	/* mov x2, xzr */
		0xaa1f03e3,	/* mov x3, xzr */
		0x580000c4,	/* ldr x4, kernel */
		0xd61f0080,	/* br x4 */
	},
};

static struct file file_read(const char *path)
{
	struct file file;
	struct stat stat;
	int fd = open(path, O_RDONLY);
	ssize_t got;
	size_t done;

	if (fd < 0 || fstat(fd, &stat))
		fail("%s: %s", path, strerror(errno));
	file.size = stat.st_size;
	file.data = calloc(1, file.size);
	for (done = 0; done < file.size; done += got) {
		got = read(fd, file.data + done, file.size - done);
		if (got <= 0)
			fail("%s: cannot be read", path);
	}
	close(fd);
	return file;
}

/* The first range of that name, nested in another one or not. */
static struct range memory_find(const char *wanted)
{
	FILE *iomem = fopen("/proc/iomem", "r");
	unsigned long long start, end;
	char line[256], name[128];

	if (!iomem)
		fail("/proc/iomem: %s", strerror(errno));
	while (fgets(line, sizeof(line), iomem)) {
		if (sscanf(line, " %llx-%llx : %127[^\n]", &start, &end, name) == 3 &&
		    !strcmp(name, wanted)) {
			fclose(iomem);
			return (struct range) { .start = start, .end = end + 1 };
		}
	}
	fail("no %s in /proc/iomem", wanted);
}

static u64 image_field(const struct file *image, unsigned int offset)
{
	u64 value;

	memcpy(&value, image->data + offset, sizeof(value));
	return value;
}

static void fdt_check(int error, const char *what)
{
	if (error < 0)
		fail("device tree: %s: %s", what, fdt_strerror(error));
}

/* This kernel's device tree, with another kernel's /chosen. */
static struct file fdt_make(const char *command_line, struct range initrd,
			    const struct range *usable)
{
	struct file old = file_read("/sys/firmware/fdt");
	struct file fdt = { .size = old.size + FDT_ROOM };
	fdt64_t memory[2];
	int chosen;

	fdt.data = calloc(1, fdt.size);
	fdt_check(fdt_open_into(old.data, fdt.data, fdt.size), "open");
	chosen = fdt_path_offset(fdt.data, "/chosen");
	fdt_check(chosen, "/chosen");
	fdt_check(fdt_setprop_string(fdt.data, chosen, "bootargs", command_line), "bootargs");
	fdt_check(fdt_setprop_u64(fdt.data, chosen, "linux,initrd-start", initrd.start), "initrd");
	fdt_check(fdt_setprop_u64(fdt.data, chosen, "linux,initrd-end", initrd.end), "initrd");
	if (usable) {
		memory[0] = cpu_to_fdt64(usable->start);
		memory[1] = cpu_to_fdt64(usable->end - usable->start);
		fdt_check(fdt_setprop(fdt.data, chosen, "linux,usable-memory-range", memory,
				      sizeof(memory)), "memory");
	}
	free(old.data);
	return fdt;
}

static struct kexec_segment segment(const struct file *file, u64 at)
{
	return (struct kexec_segment) {
		.buf = file->data,
		.bufsz = file->size,
		.mem = (void *)at,
		.memsz = align_up(file->size, SZ_4K),
	};
}

/* From the start of the memory: kernel, initrd, device tree, entry. */
static void load(char **argv, const struct range *usable, struct range memory, unsigned long flags)
{
	struct file image = file_read(argv[0]), initrd = file_read(argv[1]), fdt, code;
	struct entry entry = entry_template;
	u64 at = align_up(memory.start, SZ_2M);
	struct range initrd_range;

	if ((u32)image_field(&image, IMAGE_MAGIC) != MAGIC)
		fail("%s is not an Image", argv[0]);
	entry.kernel = at + image_field(&image, IMAGE_OFFSET);
	initrd_range.start = align_up(entry.kernel + image_field(&image, IMAGE_SIZE), SZ_2M);
	initrd_range.end = initrd_range.start + initrd.size;
	fdt = fdt_make(argv[2], initrd_range, usable);
	entry.fdt = align_up(initrd_range.end, SZ_2M);
	at = align_up(entry.fdt + fdt.size, SZ_2M);
	if (at + SZ_4K > memory.end)
		fail("the memory is too small");
	code = (struct file) { .data = &entry, .size = sizeof(entry) };

	const struct kexec_segment segments[] = {
		segment(&image, entry.kernel), segment(&initrd, initrd_range.start),
		segment(&fdt, entry.fdt), segment(&code, at),
	};
	if (syscall(SYS_kexec_load, at, ARRAY_SIZE(segments), segments,
		    flags | KEXEC_ARCH_AARCH64))
		fail("kexec_load: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct range memory;

	if (argc == 5 && !strcmp(argv[1], "load")) {
		memory = memory_find("System RAM");
		memory.start += RAM_USED;
		load(argv + 2, NULL, memory, 0);
	} else if (argc == 5 && !strcmp(argv[1], "panic")) {
		memory = memory_find("Crash kernel");
		load(argv + 2, &memory, memory, KEXEC_ON_CRASH);
	} else if (argc == 2 && !strcmp(argv[1], "run")) {
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
			LINUX_REBOOT_CMD_KEXEC, NULL);
		fail("reboot: %s", strerror(errno));
	} else {
		fail("usage: kexec load|panic IMAGE INITRD COMMAND-LINE, or kexec run");
	}
	return 0;
}
