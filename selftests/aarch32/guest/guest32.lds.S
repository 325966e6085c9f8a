/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flat image, all of it in the file: where a 64-bit test has its program.
 */
#include "../../lib/guest_layout.h"

ENTRY(guest_start)

SECTIONS
{
	. = GUEST_PROGRAM_BASE;
	.image : {
		*(.text .text.*)
		*(.rodata .rodata.*)
		*(.data .data.*)
		*(.bss .bss.* COMMON)
	}
	/DISCARD/ : { *(.comment .note* .ARM.*) }
}
