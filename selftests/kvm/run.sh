#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run upstream's KVM selftests inside the QEMU host, against /dev/kvm as it is or,
# if the module is to be loaded, against /dev/setway by that name.
#
#   usage: run.sh LIST LIMIT
#
# A line for each test, "result: WHAT: TEST", where WHAT is pass, fail, skip or
# hang; and before one that did not pass, what it said.
list=$1 limit=$2
here=$(dirname "$0")

[ -e /dev/kvm ] || { insmod /setway.ko && ln -s /dev/setway /dev/kvm; } || exit 1

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
}

while read -r line; do
	case $line in
	'#'*|'') continue ;;
	esac
	test=${line%%|*} tries=1
	case $test in
	try=*) tries=${test%% *} tries=${tries#try=} test=${test#* } ;;
	esac
	# shellcheck disable=SC2086 # a command line
	set -- $test
	while :; do
		attempt "$@"
		tries=$((tries - 1))
		case $result in pass|skip) break ;; esac
		[ $tries -gt 0 ] || break
	done
	[ $result = pass ] || tail -n 12 /tmp/said | sed 's/^/# /'
	echo "result: $result: $*"
done <"$list"
