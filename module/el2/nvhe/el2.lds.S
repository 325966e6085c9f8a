/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of the runtime's image.  It is copied to any physical page and runs
 * there, read-only, so it must have no relocations, no writable data and
 * nothing that needs patching at run time.  .forbidden collects such things,
 * and must be empty.
 */
OUTPUT_ARCH(aarch64)
ENTRY(el2_init)

SECTIONS
{
	. = 0;
	.text : {
		*(.head.text)
		*(.text .text.*)
	}
	.rodata : {
		*(.rodata .rodata.*)
	}
	ASSERT(el2_init == 0, "EL2 image: el2_init must come first")

	.forbidden : {
		*(.data .data.* .bss .bss.* COMMON)
		*(.rela .rela.*)
		*(.altinstructions .altinstr_replacement)
		*(__bug_table __ex_table __jump_table __patchable_function_entries)
	}
	ASSERT(SIZEOF(.forbidden) == 0, "EL2 image: writable data, a relocation or code patching")

	/* ld always makes a header for it; an entry in use has a relocation. */
	.got : {
		*(.got .got.plt)
	}

	/DISCARD/ : {
		*(.interp .dynamic .dynsym .dynstr .hash .gnu.hash)
		*(.comment .note .note.* .modinfo .discard .discard.* .eh_frame)
	}
}
