# SPDX-License-Identifier: GPL-2.0-only
#
# For scripts in the QEMU host: run a Linux guest in vmm, from power-on to
# power-off, and say what came of it.  Sourced.

bin=/selftests/bin
guests=/guest
work=/tmp/guest
console=$work/console	# what the guest printed
report=$work/report	# what the hypervisor counted, see vmm/report.h
errors=$work/errors	# what vmm complained of
mkdir -p $work
results=0 failures=0 skips=0

result() {	# STATUS NAME: a line of TAP
	results=$((results + 1))
	if [ "$1" = 0 ]; then
		echo "ok $results - $2"
	else
		failures=$((failures + 1))
		echo "not ok $results - $2"
	fi
}

skip() {	# NAME WHY
	results=$((results + 1)) skips=$((skips + 1))
	echo "ok $results - $1 # SKIP $2"
}

# Fails if any result was a failure.
results_end() {
	echo "1..$results"
	echo "# totals: $((results - failures - skips)) passed, $failures failed, $skips skipped"
	[ $failures = 0 ]
}

# guest_run KERNEL CPUS POLICY [CHECKS [SECONDS]]: POLICY is full, exact, or kvm
# for stock KVM; CHECKS are those of the guest's init, with commas.  Fails if the
# guest does not get to userspace and through its checks to power-off.  $pin=1 ties
# its CPUs to the host's.
guest_run() {
	guest_kernel=$1 guest_cpus=$2 guest_policy=$3 guest_checks=$4 guest_seconds=${5:-10}
	case $guest_kernel in
	armmp*) initrd=$guests/armhf.cpio.gz ;;
	*) initrd=$guests/arm64.cpio.gz ;;
	esac
	case $guest_policy in
	kvm) set -- --device /dev/kvm ;;
	*) set -- --device /dev/setway --policy "$guest_policy" ;;
	esac
	guest_script >$work/script
	timeout -k 5 $((1200 + 6 * guest_seconds)) $bin/vmm "$@" \
		--kernel "$guests/$guest_kernel" --initrd $initrd --mem 256M \
		--cpus "$guest_cpus" ${pin:+--pin} --no-reboot --script $work/script --report $report \
		--append "console=ttyAMA0 quiet panic=-1 checks=$guest_checks seconds=$guest_seconds" \
		>$console 2>$errors
}

# Every wait is for what the guest's init says.
guest_script() {
	echo "timeout $((500 + 3 * guest_seconds))"
	echo "wait guest: userspace"
	echo "step userspace"
	case ,$guest_checks, in
	*,keys,*)
		echo "wait guest: keys wanted"
		echo "type the quick brown fox jumps over the lazy dog\r"
		;;
	esac
	case ,$guest_checks, in
	*,clock,*)
		echo "wait guest: clock starts"
		echo "step clock starts"
		echo "wait guest: clock ends"
		echo "step clock ends"
		;;
	esac
	echo "wait guest: off"
	echo "step off"
	echo "off"
}

# guest_said PATTERN: the guest's words, as sed's \1 has them
guest_said() {
	tr -d '\r' <$console | sed -n "s/^guest: $1.*/\1/p"
}

# guest_counted STEP COLUMN [CPU]: what a step added to a counter
guest_counted() {
	awk -F '\t' -v step="$1" -v name="$2" -v cpu="${3:-all}" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
		NR > 1 && $1 == step && $column["cpu"] == cpu { print $column[name] }' $report
}

# What init found, of as many CPUs as there should be.
checks_passed() {
	tr -d '\r' <$console | sed -n 's/^guest: not ok/# the guest: not ok/p' | grep . && return 1
	[ "$(guest_said 'cpus \(.*\)')" = "$guest_cpus" ] && return
	echo "# $(guest_said 'cpus \(.*\)') CPUs instead of $guest_cpus"
	return 1
}

# Was it that this CPU cannot run such a guest at all?
guest_impossible() {
	grep -q 'no 32-bit guests' $errors
}

# Why a guest failed, for people.
guest_explain() {
	sed 's/^/# /' $errors
	tr -d '\r' <$console | grep -v '^guest: ok' | tail -n "${1:-40}" | sed 's/^/# > /'
}
