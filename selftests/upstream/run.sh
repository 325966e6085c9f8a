#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run upstream's KVM selftests inside the QEMU host, against /dev/kvm as it is or,
# if the module is to be loaded, against /dev/setway by that name.
#
#   usage: run.sh LIST LIMIT
#
# For each test (see the list), what it said, and "result: WHAT: SECONDS: TEST",
# where WHAT is pass, fail, skip, hang (not done in LIMIT seconds) or leak: it
# passed, but the module holds something that it should have let go.
list=$1 limit=$2
here=$(dirname "$0")
debugfs=/sys/kernel/debug/setway

# shellcheck disable=SC2086 # a list of parameters
[ -e /dev/kvm ] || { insmod /setway.ko $MODULE_ARGS && ln -s /dev/setway /dev/kvm; } || exit 1
# for those that want huge pages behind the guest's memory
echo 64 >/proc/sys/vm/nr_hugepages

# It may take the module a moment.
nothing_left() {
	[ -d $debugfs ] || return 0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		left=$(cd $debugfs && grep -v '^0$' vms mapped_pages tables) || return 0
		sleep 0.5
	done
	echo "left behind:" $left >>/tmp/said
	return 1
}

# attempt PROGRAM ARGUMENTS...: sets $result; what it says is in /tmp/said.
attempt() {
	program=$1
	shift
	timeout -k 5 "$limit" "$here/$program" "$@" >/tmp/said 2>&1 </dev/null
	case $? in
	0) result=pass ;;
	4) result=skip ;;
	124|137|143) result=hang ;;
	*) result=fail ;;
	esac
	nothing_left || result=leak
}

while read -r line; do
	test=${line%%|*} tries=1
	test=${test#icount }
	case $test in
	try=*) tries=${test%% *} tries=${tries#try=} test=${test#* } ;;
	esac
	# shellcheck disable=SC2086 # a command line
	set -- $test
	started=$(date +%s)
	while :; do
		attempt "$@"
		tries=$((tries - 1))
		case $result in fail|hang) [ $tries -gt 0 ] || break ;; *) break ;; esac
	done
	tail -n 12 /tmp/said | sed 's/^/# /'
	echo "result: $result: $(($(date +%s) - started)): $*"
done <"$list"
