#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The Linux guests as tests, inside the QEMU host.  TAP.
#
#   usage: guests.sh SELECTION...
#
#	short	one guest of each kernel, with all checks
#	matrix	each kernel with 1, 2, 4 and 8 CPUs under each policy
#	repeat	4 CPUs, 20 times in a row
#	soak	a minute of load on 4 CPUs
#	pages	pages cleaned until userspace, under each policy and by Xen
#
# $SETWAY_DEVICE=/dev/kvm runs them on stock KVM, which has no policies and whose
# batches are not counted.

. "$(dirname "$0")/guest.sh"

# The guest's times are rounded to 10 ms.
clock_right() {
	case ,$guest_checks, in
	*,clock,*) ;;
	*) return 0 ;;
	esac
	ours=$(($(guest_counted "clock ends" ms) - $(guest_counted "clock starts" ms)))
	from=$(guest_said 'clock from \([0-9]*\)')
	to=$(guest_said 'clock from .* to \([0-9]*\)')
	[ $ours -ge $((from - 20)) ] && [ $ours -le $((to + 20)) ] && return
	echo "# from $from to $to ms in the guest were $ours ms outside"
	return 1
}

# counted CPU BATCHES TOGGLES: from power-on to userspace
counted() {
	found="$(guest_counted userspace setway_batches "$1") $(guest_counted userspace cache_toggles "$1")"
	[ "$found" = "$2 $3" ] && return
	echo "# CPU $1: Set/Way batches and toggles are $found instead of $2 $3"
	return 1
}

# The kernel's own code says how many there are.  32-bit: v7_invalidate_l1 and the
# MMU on, for each CPU; the first one's decompressor turns the MMU on as well, and
# then there is flush_cache_all.  64-bit: the MMU on, for each CPU.
counts_right() {
	case $guest_kernel in
	armmp*) first="2 2" other="1 1" ;;
	*) first="0 1" other="0 1" ;;
	esac
	wrong=0
	cpu=0
	while [ $cpu -lt "$guest_cpus" ]; do
		[ "$guest_cpus" != 1 ] || cpu=all
		# shellcheck disable=SC2046,SC2086 # two numbers
		counted $cpu $([ $cpu = all ] || [ $cpu = 0 ] && echo $first || echo $other) || wrong=1
		[ $cpu != all ] || break
		cpu=$((cpu + 1))
	done
	later=$(($(guest_counted off setway_batches) + $(guest_counted off cache_toggles)))
	[ $later = 0 ] || { echo "# $later batches after userspace was there"; wrong=1; }
	return $wrong
}

# guest KERNEL CPUS POLICY [CHECKS [SECONDS]]: one guest, one result for each claim
guest() {
	name="$1, $2 CPUs, $3${4:+ ($4${5:+, $5 s})}"
	started=$(date +%s)
	guest_run "$@"
	status=$?
	if guest_impossible; then
		skip "$name" "$(cat $errors)"
		return
	fi
	[ $status = 0 ] || guest_explain
	result $status "$name: from power-on to power-off in $(($(date +%s) - started)) s"
	[ $status = 0 ] || return
	checks_passed && clock_right
	status=$?
	[ $status = 0 ] || guest_explain 60
	result $status "$name: all is well inside"
	guest_said 'load of .* gzip \(.*\)' >>$work/sums
	[ "$3" != kvm ] || return
	counts_right
	result $? "$name: batches are those of the kernel's code"
}

each_policy() {
	for policy in $policies; do
		guest "$1" "$2" "$policy" "$3" "$4"
	done
}

run_short() {
	guest armmp 4 "$favourite" keys,clock,fpsimd,load 5
	guest armmp-lpae 2 "${policies%% *}" keys,clock
	guest arm64 4 "$favourite" keys,clock,fpsimd,load 5
}

run_matrix() {
	for kernel in armmp armmp-lpae arm64; do
		for cpus in 1 2 4 8; do
			each_policy $kernel $cpus
		done
	done
}

run_repeat() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		guest armmp 4 "$favourite"
		guest arm64 4 "$favourite"
	done
}

# Every guest's load is the same, and so are its checksums.
run_soak() {
	: >$work/sums
	for kernel in armmp armmp-lpae arm64; do
		each_policy $kernel 4 keys,clock,fpsimd,load 60
	done
	result "$([ "$(sort -u $work/sums | wc -l)" = 1 ]; echo $?)" \
		"the load's checksum is the same in all $(wc -l <$work/sums) guests"
}

# What Xen 4.21 cleans for this guest, which it tracks by blocks of 2 MiB.
xen_pages=22528

run_pages() {
	for policy in $policies; do
		guest armmp 2 "$policy"
		name="armmp, 2 CPUs, $policy: fewer pages cleaned than by Xen"
		if guest_impossible; then
			[ "$policy" != exact ] || skip "$name" "$(cat $errors)"
			continue
		fi
		pages=$(guest_counted userspace pages_cleaned)
		echo "# armmp, 2 CPUs, $policy: $pages pages cleaned until userspace; Xen 4.21: $xen_pages"
		[ "$policy" != exact ] || result "$([ "$pages" -lt $xen_pages ]; echo $?)" "$name"
	done
}

case ${SETWAY_DEVICE:-/dev/setway} in
/dev/setway) policies="full exact" favourite=exact ;;
*) policies=kvm favourite=kvm ;;
esac
for selection; do
	"run_$selection"
done
results_end
