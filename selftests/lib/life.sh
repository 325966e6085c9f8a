# SPDX-License-Identifier: GPL-2.0-only
#
# What the shell tests share: TAP, the module, the probe, a guest that is busy.
# To be sourced as "$bin"/life.sh, with $bin the folder that it is in.

number=0 failures=0
probe=/sys/kernel/debug/el2-probe
stub=0xbadca11		# what the kernel's stub answers to a call it does not know
busy_status=/tmp/busy.$$

plan() {
	echo "1..$1"
}

# check NAME COMMAND...: one result.
check() {
	name=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		failures=$((failures + 1))
		echo "not ok $number - $name"
	fi
}

# skip NAME WHY
skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

finish() {
	[ $failures = 0 ]
	exit $?
}

# is_same WHAT FILE FILE: say where they are not.
is_same() {
	diff "$2" "$3" >/tmp/diff.$$ && return
	sed "s/^/# $1: /" /tmp/diff.$$
	return 1
}

is_loaded() {
	grep -q '^setway ' /proc/modules
}

load() {
	# shellcheck disable=SC2086 # a list of parameters
	insmod /setway.ko $MODULE_ARGS && is_loaded
}

unload() {
	rmmod setway && ! is_loaded
}

probe_load() {
	[ -e $probe ] || insmod /selftests/el2_probe.ko
}

cpus_online() {
	grep -c '^processor' /proc/cpuinfo
}

# each_cpu_answers ANSWERS: every CPU that is online, to the probe's calls.
each_cpu_answers() {
	cut -d ' ' -f 2- $probe/calls >/tmp/calls.$$
	[ "$(grep -cx "$1" /tmp/calls.$$)" = "$(cpus_online)" ] && return
	sed 's/^/# /' $probe/calls
	return 1
}

el2_is_the_stub() {
	each_cpu_answers "$stub $stub"
}

# A call that nobody knows, the runtime's version, and SET_VECTORS, refused.
el2_is_the_runtime() {
	each_cpu_answers "$stub 0x1 $stub"
}

# What any kernel says that is slow, or whose CPUs go while threads run there.
harmless='hrtimer: interrupt took|no longer affine|callbacks suppressed'
# What the module says of the CPU that is emulated.
harmless="$harmless|can deadlock the machine"

# log_begin; ...; log_is_clean: nothing of warning level or above came between.
log_begin() {
	echo "selftests: begin $$" >/dev/kmsg
}

log_is_clean() {
	dmesg -r | sed "1,/selftests: begin $$/d" | grep '^<[0-4]>' |
		grep -vE "$harmless" >/tmp/warnings.$$ || return 0
	sed 's/^/# /' /tmp/warnings.$$
	return 1
}

busy_start() {
	rm -f $busy_status
	"$bin/busy" "$@" $busy_status &
	busy=$!
}

# busy_goes_on [ROUNDS]: every vCPU does that many more, within ten seconds.
busy_goes_on() {
	cp $busy_status $busy_status.before 2>/dev/null || : >$busy_status.before
	for _ in $(seq 100); do
		kill -0 $busy 2>/dev/null || break
		[ -s $busy_status ] && awk -v more="${1:-3}" '
			FILENAME == ARGV[1] { for (i = 1; i <= NF; i++) before[i] = $i; next }
			{ for (i = 1; i <= NF; i++) if ($i < before[i] + more) exit 1 }
		' $busy_status.before $busy_status && return
		sleep 0.1
	done
	echo "# a vCPU has stopped: $(cat $busy_status.before), now $(cat $busy_status)"
	return 1
}

busy_ends_well() {
	kill -TERM $busy
	wait $busy
}

# CPUs that the kernel says are about to lose what they have, or have it back.
pm_trace_begin() {
	echo 'p:life/pm setway:el2_pm_notify action=%x1:u8' >/sys/kernel/tracing/kprobe_events
	echo 1 >/sys/kernel/tracing/events/life/pm/enable
}

# CPU_PM_ENTER and CPU_PM_EXIT both came; 0 and 2, see <linux/cpu_pm.h>.
pm_trace_came() {
	enter=$(grep -c 'pm: .* action=0' /sys/kernel/tracing/trace)
	exit=$(grep -c 'pm: .* action=2' /sys/kernel/tracing/trace)
	echo "# CPU_PM_ENTER: $enter, CPU_PM_EXIT: $exit"
	[ "$enter" -gt 0 ] && [ "$exit" -gt 0 ]
}

pm_trace_end() {
	echo 0 >/sys/kernel/tracing/events/life/pm/enable
	echo >/sys/kernel/tracing/kprobe_events
	echo >/sys/kernel/tracing/trace
}
