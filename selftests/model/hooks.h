/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stub headers in include/ and the model's cmo.h come down to.  Each
 * program brings its own: unit.c for the unit tests, where they count and fail
 * on demand; sim.c for the random model, where each is a point at which another
 * CPU may go on.
 */
#ifndef MODEL_HOOKS_H
#define MODEL_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

struct model_lock;

/**
 * model_step() - a word of memory is about to be read or written
 * @where: which
 */
void model_step(const void *where);

/**
 * model_swap_failed() - a compare-and-swap found something else
 * @where: in this word
 */
void model_swap_failed(const void *where);

/**
 * model_lock() - take a lock
 * @lock: initialised
 */
void model_lock(struct model_lock *lock);

/**
 * model_unlock() - release a lock
 * @lock: held
 */
void model_unlock(struct model_lock *lock);

/**
 * model_assert_held() - fail unless a lock is held
 * @lock: struct model_lock, or what begins with one
 * @who: function that needs it
 */
void model_assert_held(const void *lock, const char *who);

/**
 * model_resched() - cond_resched()
 */
void model_resched(void);

/**
 * model_signal_pending() - is there a signal for the current thread?
 */
bool model_signal_pending(void);

/**
 * model_warn() - fail when a WARN_ON() hits
 * @condition: true to fail
 * @text: the condition
 *
 * Return: @condition.
 */
bool model_warn(bool condition, const char *text);

/**
 * model_pages_alloc() - zeroed memory for tables
 * @gfp: ignored
 * @order: log2 of the number of pages
 *
 * Return: address, or 0.
 */
unsigned long model_pages_alloc(unsigned int gfp, unsigned int order);

/**
 * model_pages_free() - free memory of tables
 * @addr: from model_pages_alloc()
 * @order: the same
 */
void model_pages_free(unsigned long addr, unsigned int order);

/**
 * model_kvcalloc() - zeroed memory for anything; loops_test.c has it
 * @n: how many
 * @size: bytes each
 *
 * Return: the memory, or NULL.
 */
void *model_kvcalloc(size_t n, size_t size);

/**
 * model_kvfree() - free it
 * @memory: from model_kvcalloc(), or NULL
 */
void model_kvfree(void *memory);

/**
 * model_chunk() - STAGE2_CHUNK, where it is not the real one
 */
unsigned int model_chunk(void);

/**
 * model_ctr() - CTR_EL0
 */
unsigned long long model_ctr(void);

/**
 * model_clean_line() - DC CIVAC
 * @addr: line
 */
void model_clean_line(unsigned long addr);

/**
 * model_forget_line() - IC IVAU
 * @addr: line
 */
void model_forget_line(unsigned long addr);

/**
 * model_forget_all() - IC IALLUIS
 */
void model_forget_all(void);

/**
 * model_sync() - a barrier that waits for maintenance
 */
void model_sync(void);

/**
 * model_publish() - a barrier that waits for what was written to the tables
 */
void model_publish(void);

#endif /* MODEL_HOOKS_H */
