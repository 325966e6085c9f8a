#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tracepoints tell the same story as the counters: each batch begins and
# ends, and all that is counted as cleaned was said to be cleaned.

here=$(dirname "$0")
bin=$here/../../bin
. "$bin/life.sh"

tracing=/sys/kernel/tracing
debugfs=/sys/kernel/debug/setway
trace=/tmp/trace.$$

# events NAME: how many
events() {
	grep -c " $1: " $trace
}

# Pages in all clean_range events; there are few sizes.
pages_traced() {
	sed -n 's/.* clean_range: .* size=\(0x[0-9a-f]*\)$/\1/p' $trace | sort | uniq -c |
	{
		sum=0
		while read -r times size; do
			sum=$((sum + times * (size / 4096)))
		done
		echo $sum
	}
}

if [ ! -d $tracing/events/setway ]; then
	echo "1..0 # SKIP no tracefs, or no events in it"
	exit 0
fi
plan 6

echo 1 >$tracing/tracing_on
echo 16384 >$tracing/buffer_size_kb
echo >$tracing/trace
cleaned=$(cat $debugfs/pages_cleaned)
revalidations=$(cat $debugfs/revalidations)
echo 1 >$tracing/events/setway/enable
"$here/../setway/batch" >/dev/null
echo 0 >$tracing/events/setway/enable
cat $tracing/trace >$trace
cleaned=$(($(cat $debugfs/pages_cleaned) - cleaned))
revalidations=$(($(cat $debugfs/revalidations) - revalidations))

check "there are batches" [ "$(events batch_begin)" -gt 0 ]
check "each batch that begins ends" [ "$(events batch_begin)" = "$(events batch_end)" ]
check "each entry has its exit" [ "$(events entry)" = "$(events exit)" ]
check "pages traced as cleaned are those counted" [ "$(pages_traced)" = $cleaned ]
check "idle pages are revalidated" [ "$(events revalidate)" -gt 0 ]
check "no revalidation is traced and not counted" [ "$(events revalidate)" -le $revalidations ]

rm -f $trace
finish
