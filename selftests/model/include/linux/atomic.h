/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_ATOMIC_H
#define MODEL_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

struct model_atomic64 {
	long long counter;
};

#define atomic64_t		struct model_atomic64
#define atomic64_read(v)	((v)->counter)
#define atomic64_set(v, n)	((v)->counter = (n))
#define atomic64_add(n, v)	((v)->counter += (n))
#define atomic64_sub(n, v)	((v)->counter -= (n))
#define atomic64_inc(v)		((v)->counter++)
#define atomic64_dec(v)		((v)->counter--)
#define atomic64_add_return(n, v)	((v)->counter += (n))

static inline long long atomic64_xchg(struct model_atomic64 *v, long long n)
{
	long long was = v->counter;

	v->counter = n;
	return was;
}

/* There is one thread of execution, which may only change hands in a step. */
#define smp_store_release(p, value)	WRITE_ONCE(*(p), value)

static inline u64 model_swap(u64 *slot, const u64 *expected, u64 new)
{
	u64 was;

	model_step(slot);
	was = *slot;
	if (!expected || was == *expected)
		*slot = new;
	else
		model_swap_failed(slot);
	return was;
}

static inline u64 xchg(u64 *slot, u64 new)
{
	return model_swap(slot, NULL, new);
}

static inline u64 cmpxchg(u64 *slot, u64 old, u64 new)
{
	return model_swap(slot, &old, new);
}

static inline bool try_cmpxchg(u64 *slot, u64 *old, u64 new)
{
	u64 expected = *old;

	*old = model_swap(slot, &expected, new);
	return *old == expected;
}

/* The model has no weaker order. */
#define try_cmpxchg_relaxed(slot, old, new)	try_cmpxchg(slot, old, new)

static inline u64 atomic64_fetch_andnot_relaxed(u64 bits, atomic64_t *v)
{
	u64 was;

	model_step(v);
	was = v->counter;
	v->counter = was & ~bits;
	return was;
}

#endif /* MODEL_LINUX_ATOMIC_H */
