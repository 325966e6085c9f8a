#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What takes a boot of its own, and often ends it: run by scripts/check-lifecycle,
# which knows how each case has to end.
#
#	usage: boot.sh CASE
#
# A case that goes on in another kernel has "boot.number=N" on that one's command
# line: so many results there were before.

bin=$(dirname "$0")
. "$bin/life.sh"

second=$(sed -n 's/.*boot\.number=\([0-9]*\).*/\1/p' /proc/cmdline)

# A guest on all CPUs, for as long as there is a machine.
start() {
	check "the probe loads" probe_load
	check "the module loads" load
	busy_start "$@"
	check "a guest runs" busy_goes_on
}

end() {
	check "nothing was wrong in the guest" busy_ends_well
	check "the module unloads" unload
	check "every CPU has the stub" el2_is_the_stub
}

# Only one CPU was brought up at boot.
case_maxcpus() {
	plan 10
	check "there is one CPU" [ "$(cpus_online)" = 1 ]
	start
	for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
		echo 1 >"$online"
	done
	check "there are more" [ "$(cpus_online)" -gt 1 ]
	check "they have the runtime" el2_is_the_runtime
	check "the guest goes on" busy_goes_on
	end
}

# For what gives EL2 back first: the guest may see that, and is not to say so in
# the middle of a result.
start_quiet() {
	start 2>/dev/null
}

# What was said so far gets out before the machine ends.
last_words() {
	sleep 1
}

case_reboot() {
	plan 3
	start_quiet
	last_words
	reboot -f
}

case_poweroff() {
	plan 3
	start_quiet
	last_words
	poweroff -f
}

# No notifier, no shutdown: as it is.
case_reset() {
	plan 3
	start
	last_words
	echo b >/proc/sysrq-trigger
}

# The parts of this initramfs that the next kernel's tests need.
initrd() {
	cd / && {
		find init bin sbin usr host root setway.ko
		ls -d tmp dev proc sys selftests selftests/bin
		ls selftests/bin/busy selftests/bin/*.sh selftests/el2_probe.ko
	} | cpio -o -H newc >/tmp/initrd 2>/dev/null
}

# next load|panic: a kernel to come after this one
next() {
	initrd
	"$bin/kexec" "$1" /Image /tmp/initrd \
		"$(sed 's/crashkernel=[^ ]*/maxcpus=1/' /proc/cmdline) boot.number=$number"
}

is_stub_again() {
	probe_load && el2_is_the_stub
}

again() {
	number=$second
	check "the next kernel's EL2 is the stub's" is_stub_again
	start
	end
}

case_kexec() {
	[ -z "$second" ] || { again; return; }
	plan 11
	start_quiet
	check "a kernel is loaded" next load
	last_words
	"$bin/kexec" run
}

case_crash() {
	[ -z "$second" ] || { again; return; }
	plan 11
	start
	check "a kernel is loaded" next panic
	last_words
	echo c >/proc/sysrq-trigger
}

# The second boot goes on in the middle of this, by resume= on its command line.
# The page of 1 GiB would be written and read again.
case_hibernate() {
	plan 10
	echo 0 >/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages
	start
	check "there is a swap" sh -c 'mkswap /dev/nvme0n1 >/dev/null && swapon /dev/nvme0n1'
	pm_trace_begin
	echo shutdown >/sys/power/disk
	check "the machine hibernates and comes back" sh -c 'echo disk >/sys/power/state'
	check "its CPUs were asleep" pm_trace_came
	pm_trace_end
	check "the guest goes on" busy_goes_on
	end
}

case_resumed() {
	echo "# the image was not found"
	exit 1
}

# CPUs that lose their state when they are idle: one has something to do.
case_idle() {
	plan 10
	check "the probe loads" probe_load
	check "the idle state is there" grep -q cpu-sleep \
		/sys/devices/system/cpu/cpu0/cpuidle/state1/name
	check "the module loads" load
	pm_trace_begin
	busy_start -v 1
	check "a guest runs" busy_goes_on 200
	check "CPUs were asleep meanwhile" pm_trace_came
	pm_trace_end
	check "every CPU has the runtime" el2_is_the_runtime
	check "the guest goes on" busy_goes_on
	end
}

"case_$1"
finish
