#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The host sleeps, as far as it can without anything to wake it but its clock,
# and makes an image of itself for hibernation, while guests run: they go on
# afterwards, on CPUs that have the runtime.
#
# The host's page of 1 GiB goes for that, and may not come back: this is run
# after the tests that want one.

bin=$(dirname "$0")/../../bin
. "$bin/life.sh"

harmless="$harmless|Cannot (find|get) swap"
# The end of a line that another line came into has the default level.
harmless="$harmless|\\] done\.\$"
huge_pages=/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages
alarm=/sys/class/rtc/rtc0/wakealarm

can() {
	grep -qw "$1" /sys/power/state
}

sleeps() {
	echo 0 >$alarm
	echo +2 >$alarm && echo freeze >/sys/power/state
}

# each_swap COMMAND: for each device that is swapped to now.
each_swap() {
	sed 1d /proc/swaps | while read -r device _; do "$1" "$device"; done
}

# Without a swap the image is thrown away again, after all CPUs but one have been
# offline, and that one's state was saved.  Huge pages would be copied as well.
makes_an_image() {
	each_swap echo >/tmp/swaps
	each_swap swapoff
	pages=$(cat $huge_pages)
	echo 0 >$huge_pages
	echo disk 2>/dev/null >/sys/power/state
	echo "$pages" >$huge_pages
	xargs -rn 1 swapon </tmp/swaps
	dmesg | tail -n 50 | grep -q 'hibernation: Image created' && pm_trace_came
}

survives() {
	busy_goes_on && el2_is_the_runtime
}

el2_is_as_found() {
	el2_is_the_stub && cat $probe/el2 >/tmp/el2.after &&
		is_same EL2 /tmp/el2.before /tmp/el2.after
}

plan 13
check "the module unloads" unload
check "the probe loads" probe_load
cat $probe/el2 >/tmp/el2.before
check "the module loads" load
log_begin
busy_start
check "a guest runs on all CPUs" busy_goes_on
if can freeze && [ -w $alarm ]; then
	check "the host sleeps" sleeps
	check "the guest goes on" survives
else
	skip "the host sleeps" "no suspend, or no clock to end it"
	skip "the guest goes on" "no suspend"
fi
if can disk; then
	pm_trace_begin
	check "the host makes an image of itself" makes_an_image
	pm_trace_end
	check "the guest goes on after that" survives
else
	skip "the host makes an image of itself" "no hibernation"
	skip "the guest goes on after that" "no hibernation"
fi
check "nothing was wrong in the guest" busy_ends_well
check "the module unloads afterwards" unload
check "EL2 is as it was found" el2_is_as_found
check "nothing in the kernel's log" log_is_clean
check "the module loads again" load
rmmod el2_probe
finish
