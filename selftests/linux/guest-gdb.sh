#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU as a client of the KVM API whose guest is debugged: Debian's U-Boot, with gdb at
# the other end of a serial port.  First it runs alone, and the hypervisor's events say
# where its Set/Way loop is; then it waits for gdb, which is told so by the line "gdb:
# ready WIDTH PC", breaks there, and lets it go on to its prompt in the end.  TAP.
#
#   usage: guest-gdb.sh 64|32 PORT

. "$(dirname "$0")/guest.sh"
width=$1 port=$2
tracing=/sys/kernel/tracing
keys=$work/keys

[ -e /dev/kvm ] || ln -s "${SETWAY_DEVICE:-/dev/setway}" /dev/kvm
mkfifo $keys
[ -e $tracing/events ] || mount -t tracefs none $tracing
case $width in
64) rom=/u-boot/qemu_arm64.bin cpu=host ;;
*) rom=/u-boot/qemu_arm.bin cpu=host,aarch64=off ;;
esac

prompted() { tr '\r' '\n' <$console | grep -q '^=>'; }

# What gdb sends before QEMU listens is lost.
announce() {
	until ls -l /proc/$qemu/fd 2>/dev/null | grep -q "$port" || ! kill -0 $qemu; do
		sleep 1
	done
	echo "gdb: ready $width $pc"
}

# uboot OPTION...: until its prompt is there; fails if it does not come
uboot() {
	: >$console
	qemu-system-aarch64 -nodefaults -display none -M virt,gic-version=3,its=off,accel=kvm \
		-cpu $cpu -m 256M -bios $rom -serial stdio "$@" <$keys >$console 2>$errors &
	qemu=$!
	exec 3>$keys
	[ $# = 0 ] || announce
	seconds=0
	while ! prompted && [ $seconds -lt 900 ] && kill -0 $qemu 2>/dev/null; do
		sleep 1
		seconds=$((seconds + 1))
		# do not boot by itself
		grep -q 'stop autoboot' $console && printf '\r' >&3
	done
	kill $qemu 2>/dev/null
	wait $qemu
	exec 3>&-
	prompted
}

# The exit before the first batch that an operation began.
loop_pc() {
	awk '/ exit: / { sub(/.*pc=/, ""); last = $0 } / batch_begin: .*op=isw/ { print last; exit }' \
		$tracing/trace
}

for event in exit batch_begin; do
	echo 1 >$tracing/events/setway/$event/enable
done
uboot
status=$?
echo 0 >$tracing/events/setway/enable
[ $status = 0 ] || guest_explain
result $status "U-Boot, $width bits: comes to its prompt without gdb in $seconds s"
pc=$(loop_pc)
[ -n "$pc" ]
result $? "U-Boot, $width bits: the first operation of its Set/Way loop is at ${pc:-nowhere}"
uboot -S -gdb "$port"
status=$?
[ $status = 0 ] || guest_explain
result $status "U-Boot, $width bits: comes to its prompt with gdb"
results_end
