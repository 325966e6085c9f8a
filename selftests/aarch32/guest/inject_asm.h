/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that are at fault, in A32 and in T32: labels to jump to.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_INJECT_ASM_H
#define SELFTESTS_GUEST32_AARCH32_INJECT_ASM_H

/* Where to begin: see inject_asm.S for the registers. */
extern char inject_a32[], inject_t32[];

/* A register that is not there; a jump; a load and a store; the mask cleared. */
extern char undef_a32[], jump_a32[], load_a32[], store_a32[], unmask_a32[];
extern char undef_t32[], jump_t32[], load_t32[], store_t32[], unmask_t32[];

#endif /* SELFTESTS_GUEST32_AARCH32_INJECT_ASM_H */
