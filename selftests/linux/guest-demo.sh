#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo's part inside the QEMU host: boot each kernel under each policy given
# and say what it cost, in lines for scripts/demo.
#
#   usage: guest-demo.sh CPUS POLICY...	(full, exact; or kvm, for stock KVM)

. "$(dirname "$0")/guest.sh"
tracing=/sys/kernel/tracing
cpus=$1
pin=1
shift

# Stock KVM counts neither batches nor pages.  But it has a tracepoint for both
# kinds of batches, and one function that cleans a range, called also when a page
# is mapped: what is called within a batch is the batch's.
meter_on() {
	echo 'p:demo/clean clean_dcache_guest_page size=%x1:u64' >$tracing/kprobe_events
	for function in kvm_set_way_flush kvm_toggle_cache; do
		echo "p:demo/begin_$function $function" >>$tracing/kprobe_events
		echo "r:demo/end_$function $function" >>$tracing/kprobe_events
	done
	echo 1 >$tracing/events/demo/enable
	echo 1 >$tracing/events/kvm/kvm_set_way_flush/enable
	echo 1 >$tracing/events/kvm/kvm_toggle_cache/enable
}

# meter_read: "BATCHES TOGGLES PAGES" since the last time
meter_read() {
	sed 's/([^)]*+0x[^)]*)//' $tracing/trace | awk '
		/^#/ { next }
		{ thread = $1 }
		/ begin_/ { inside[thread] = 1 }
		/ end_/ { inside[thread] = 0 }
		/ kvm_set_way_flush:/ { batches++ }
		/ kvm_toggle_cache:/ && /was off, now on|was on, now off/ { toggles++ }
		/ clean:/ && inside[thread] { sub(/.*size=/, ""); bytes += $0 }
		END { print batches + 0, toggles + 0, bytes / 4096 }'
	echo >$tracing/trace
}

costs() {
	if [ "$guest_policy" = kvm ]; then
		meter_read
	else
		for column in setway_batches cache_toggles pages_cleaned; do
			guest_counted userspace $column
		done
	fi
}

bringups() {
	guest_said 'cpu [0-9]* up in \([0-9.]*\) ms' | paste -sd , -
}

[ "$1" != kvm ] || meter_on || exit 1
for kernel in armmp arm64; do
	for policy; do
		echo "demo: begin $kernel $policy"
		if ! guest_run $kernel "$cpus" "$policy"; then
			if guest_impossible; then
				echo "demo: impossible $kernel $policy"
				continue
			fi
			guest_explain
			exit 1
		fi
		echo "demo: end $kernel $policy $(guest_counted userspace ms)" \
			"$(guest_said 'cpus \([0-9]*\)') $(bringups)" $(costs) \
			"$(guest_counted userspace exits) $(guest_said 'kernel \([^ ]*\)')"
	done
done
