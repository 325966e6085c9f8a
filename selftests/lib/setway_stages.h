/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stages of guests that flush their caches, 64-bit and 32-bit ones alike.
 */
#ifndef SELFTESTS_LIB_SETWAY_STAGES_H
#define SELFTESTS_LIB_SETWAY_STAGES_H

/** enum setway_stage - where the guest is */
enum setway_stage {
	TOUCHED = 1,
	FLUSHED,
	TOUCHED_AGAIN,
	FLUSHED_AGAIN,
	STARTED,
	OFF,
	TOUCHED_OFF,
	ON,
	TOUCHED_ON,
	OFF_UNSEEN,
	CACHES_ALONE,
	WRITTEN,
};

/** enum setway_between - what comes between two halves of a loop */
enum setway_between {
	NOTHING,
	ACCESSES,
	CACHE_ID,
	MMIO,
	HYPERCALL,
	SECURE_CALL,
	WAIT,
	SCTLR_WRITE,
	CONTEXT_SWITCH,
	SGI,
	SGI_GROUP0,
};

/** enum setway_switched - what a guest writes when it switches between processes */
enum setway_switched {
	SWITCH_CONTEXTIDR,
	SWITCH_TTBR0,
	SWITCH_TTBR0_64,	/* by MCRR */
	SWITCH_DACR,
	SWITCH_SCTLR,
};

/* How often it does, between two stages. */
#define SWITCHES	1000

/* How many buffers firmware flushes for DMA. */
#define DMA_BUFFERS	4

#endif /* SELFTESTS_LIB_SETWAY_STAGES_H */
