/* SPDX-License-Identifier: GPL-2.0-only */
/* The EL2 runtime's image as module/el2 links it. */
#include <linux/linkage.h>

	.section .rodata
	.balign 8
SYM_DATA_START(el2_image_start)
	.incbin "el2.bin"
SYM_DATA_END_LABEL(el2_image_start, SYM_L_GLOBAL, el2_image_end)
