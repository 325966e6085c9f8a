#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# CPUs go offline and come back while guests run: a CPU that comes has the
# runtime as long as the module is loaded, one that goes has given EL2 back, and
# no guest notices.

bin=$(dirname "$0")/../../bin
. "$bin/life.sh"

times=5
[ "${SETWAY_LONG:-0}" = 0 ] || times=100

hotpluggable() {
	ls /sys/devices/system/cpu/cpu[0-9]*/online
}

all() {
	for online in $(hotpluggable); do
		echo "$1" >"$online" || return 1
	done
}

# A CPU that has been offline has something else in EL2's unused stack pointer.
all_have_been_offline() {
	for online in $(hotpluggable); do
		echo 0 >"$online" && echo 1 >"$online" || return 1
	done
}

# One CPU after the other, so that at last there was none that stayed online.
guest_survives() {
	for online in $(hotpluggable); do
		echo 0 >"$online" && busy_goes_on || return 1
		echo 1 >"$online" && busy_goes_on || return 1
	done
}

guest_survives_alone() {
	for online in $(hotpluggable | sed 1d); do
		echo 0 >"$online" || return 1
	done
	busy_goes_on && all 1 && busy_goes_on
}

guest_survives_haste() {
	for _ in $(seq "$times"); do
		all_have_been_offline || return 1
	done
	busy_goes_on
}

# Loaded, then unloaded, without a CPU that is there at other times.
comes_to_the_runtime() {
	last=$(hotpluggable | tail -n 1)
	echo 0 >"$last" && load && el2_is_the_runtime || return 1
	echo 1 >"$last" && el2_is_the_runtime
}

comes_to_the_stub() {
	last=$(hotpluggable | tail -n 1)
	echo 0 >"$last" && unload && el2_is_the_stub || return 1
	echo 1 >"$last" && el2_is_the_stub
}

el2_is_as_found() {
	cat $probe/el2 >/tmp/el2.after
	is_same EL2 /tmp/el2.before /tmp/el2.after
}

if [ "$(hotpluggable 2>/dev/null | wc -l)" -lt 2 ]; then
	echo "1..0 # SKIP there is one CPU"
	exit 4
fi
plan 15
check "the module unloads" unload
check "the probe loads" probe_load
check "CPUs go and come without the module" all_have_been_offline
cat $probe/el2 >/tmp/el2.before
log_begin
check "a CPU that comes after loading has the runtime" comes_to_the_runtime
busy_start
check "a guest runs on all CPUs" busy_goes_on
check "it goes on when its CPUs go and come" guest_survives
check "every CPU has the runtime" el2_is_the_runtime
check "it goes on when but one CPU is left" guest_survives_alone
check "it goes on when CPUs go and come in haste" guest_survives_haste
check "every CPU has the runtime again" el2_is_the_runtime
check "nothing was wrong in the guest" busy_ends_well
check "a CPU that comes after unloading has the stub" comes_to_the_stub
check "EL2 is as it was found" el2_is_as_found
check "nothing in the kernel's log" log_is_clean
check "the module loads" load
rmmod el2_probe
finish
