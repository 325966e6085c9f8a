#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run the selftests inside the QEMU host, with the module loaded, and say how
# they went: each program's TAP as it comes, a line for each program, the totals.
#
#   usage: run.sh [PROGRAM...]		(as in selftests/order; default: all)
#
# A program fails besides its own "not ok" lines when it crashes, hangs, exits
# non-zero, prints no plan or another number of results than planned, or leaves
# something behind in the module.  A skipped test is counted as skipped.
#
# SETWAY_LONG=1	the long variants, with more time
# MODULE_ARGS	parameters for the module

here=/selftests
debugfs=/sys/kernel/debug/setway
limit=600
[ "${SETWAY_LONG:-0}" = 0 ] || limit=3600
passed=0 failed=0 skipped=0

# check NAME COMMAND...: one test of the runner's own.
check() {
	name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
	fi
}

module_load() {
	# shellcheck disable=SC2086 # a list of parameters
	grep -q '^setway ' /proc/modules || insmod /setway.ko $MODULE_ARGS
}

module_unload() {
	rmmod setway && ! grep -q '^setway ' /proc/modules
}

# The module's own count of what it holds; it may take a moment to let go.
nothing_left() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		left=
		for total in vms mapped_pages tables; do
			value=$(cat $debugfs/$total 2>/dev/null || echo missing)
			[ "$value" = 0 ] || left="$left $total: $value;"
		done
		[ -n "$left" ] || return 0
		sleep 0.2
	done
	echo "# left behind:$left"
	return 1
}

# run NAME: its TAP, then what awk makes of it.
run() {
	name=$1
	echo "# run: $name"
	started=$(date +%s)
	{ timeout -k 5 $limit "$here/tests/$name" 2>&1; echo $? >/tmp/status; } | tee /tmp/tap
	took=$(($(date +%s) - started))
	counts=$(awk -v status="$(cat /tmp/status)" -f $here/tap.awk /tmp/tap)
	# shellcheck disable=SC2046 # three numbers
	set -- $(echo "$counts" | tail -n 1)
	echo "$counts" | sed '$d'
	echo "# $name: $1 passed, $2 failed, $3 skipped ($took s)"
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

programs() {
	if [ $# = 0 ]; then
		sed 's/#.*//' $here/order
	else
		echo "$@"
	fi
}

check "the module loads" module_load
for program in $(programs "$@"); do
	run "$program"
	module_load || check "the module is loaded after $name" false
	check "$name left nothing behind" nothing_left
done
[ -n "$program" ] || check "there are programs in $here/order" false
check "the module unloads" module_unload

echo "# totals: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
