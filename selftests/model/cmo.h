/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for module/stage2/cmo.h: it is included first, by the compiler's
 * command line, and has the same guard.
 */
#ifndef SETWAY_STAGE2_CMO_H
#define SETWAY_STAGE2_CMO_H

#include <linux/types.h>
#include "hooks.h"

static inline u64 cache_ctr(void)
{
	return model_ctr();
}

static inline void cache_clean_inval_line(unsigned long addr)
{
	model_clean_line(addr);
}

static inline void cache_inval_insn_line(unsigned long addr)
{
	model_forget_line(addr);
}

static inline void cache_inval_insn_all(void)
{
	model_forget_all();
}

static inline void cache_sync(void)
{
	model_sync();
}

static inline void cache_publish_entries(void)
{
	model_publish();
}

#endif /* SETWAY_STAGE2_CMO_H */
