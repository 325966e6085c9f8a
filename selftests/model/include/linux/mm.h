/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_MM_H
#define MODEL_LINUX_MM_H

#include <linux/types.h>

#define PAGE_SIZE	4096UL

/* Physical memory is identity mapped. */
#define phys_to_virt(pa)	((void *)(unsigned long)(pa))
#define virt_to_phys(va)	((u64)(unsigned long)(va))

#endif /* MODEL_LINUX_MM_H */
