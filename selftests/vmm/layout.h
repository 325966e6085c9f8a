/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the machine has what: the part of QEMU's virt board that U-Boot's
 * qemu_arm64 needs, and an interrupt controller for Linux.
 */
#ifndef SELFTESTS_VMM_LAYOUT_H
#define SELFTESTS_VMM_LAYOUT_H

#define ROM_BASE	0x00000000ULL
#define ROM_MAX		0x04000000ULL
#define FLASH_BASE	0x04000000ULL	/* where U-Boot looks for its settings */
#define FLASH_SIZE	0x00040000ULL
#define GIC_DIST_BASE	0x08000000ULL
#define GIC_DIST_SIZE	0x00010000ULL
#define GIC_REDIST_BASE	0x080a0000ULL
#define GIC_REDIST_SIZE	0x00020000ULL	/* for each CPU */
#define UART_BASE	0x09000000ULL
#define UART_SPI	1
#define RAM_BASE	0x40000000ULL
#define DT_SIZE		0x00010000ULL	/* at the start of RAM */
#define HOLE_SIZE	0x00010000ULL

#endif /* SELFTESTS_VMM_LAYOUT_H */
