// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quiet: there was no batch for so long that the next one is not worth waiting for.
 *
 * A revalidation is paid for by the next batch, which passes over what was not touched.
 * Most guests flush while they start, and then never again: what they touch later faults
 * once for nothing.  So a VM is quiet when it has had twice as many revalidations since
 * the last batch as between any two before, and then a fault lets the guest in to the
 * largest cluster at once.
 *
 * A batch ends it.  What came in with a large cluster is accessed like any other page, so
 * that batch misses nothing; it cleans more, and the VM waits twice as long the next time.
 */
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "quiet.h"

/* As many revalidations are no silence; 8 in selftests/model. */
#ifndef STAGE2_QUIET_LEAST
#define STAGE2_QUIET_LEAST	256
#endif

void quiet_count(struct stage2 *s2, u64 revalidations)
{
	u64 since = atomic64_add_return(revalidations, &s2->revalidations);
	u64 most = max_t(u64, 2 * READ_ONCE(s2->revalidations_most), STAGE2_QUIET_LEAST);

	if (since > most && !READ_ONCE(s2->quiet))
		WRITE_ONCE(s2->quiet, true);
}

void __quiet_end(struct stage2 *s2)
{
	u64 since = atomic64_xchg(&s2->revalidations, 0);

	lockdep_assert_held(&s2->batch_lock);
	WRITE_ONCE(s2->revalidations_most, max(s2->revalidations_most, since));
	WRITE_ONCE(s2->quiet, false);
}
