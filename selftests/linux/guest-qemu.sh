#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU as a client of the KVM API, inside the QEMU host: Debian's own, for arm64,
# on /dev/kvm or on what bears that name, boots Linux with a virtio disk and a
# virtio console, and data go both ways on both.  TAP.
#
#   usage: guest-qemu.sh CPUS|armmp...	(armmp: Debian's 32-bit kernel, 2 CPUs)

. "$(dirname "$0")/guest.sh"
disk=$work/disk
line=$work/line		# the console's end here: $line.in to write to, $line.out to read

[ -e /dev/kvm ] || ln -s "${SETWAY_DEVICE:-/dev/setway}" /dev/kvm
mkfifo $line.in $line.out
seq 1 1000000 | head -c 4194304 >$disk.before
seq 500000 540000 >$line.sent

sum() { sha256sum | cut -c 1-64; }

# What is for the guest goes there when the guest says that it listens.
line_send() {
	until grep -q '^guest: port open' $console; do
		sleep 1
	done
	exec cat $line.sent >$line.in
}

# qemu OPTION...: what all guests have
qemu() {
	timeout -k 5 900 qemu-system-aarch64 -nodefaults -display none -no-reboot \
		-M virt,gic-version=3,its=off,accel=kvm -m 256M -smp $guest_cpus \
		-serial stdio "$@" </dev/null >$console 2>$errors
}

switched_off() { tr -d '\r' <$console | grep -q '^guest: off'; }

# qemu_run: fails unless the guest switches itself off
qemu_run() {
	cp $disk.before $disk
	: >$console
	cat $line.out >$line.received &
	reader=$!
	line_send &
	sender=$!
	qemu -cpu host \
		-kernel $guests/arm64 -initrd $guests/virtio.cpio.gz -append \
		"console=ttyAMA0 quiet panic=-1 checks=disk,port,clock bytes=$(wc -c <$line.sent)" \
		-drive if=none,id=disk,format=raw,file=$disk -device virtio-blk-pci,drive=disk \
		-chardev pipe,id=line,path=$line \
		-device virtio-serial-device -device virtconsole,chardev=line
	status=$?
	# without QEMU they wait for nobody
	[ $status = 0 ] || kill $reader 2>/dev/null
	kill $sender 2>/dev/null
	wait $reader $sender
	[ $status = 0 ] && switched_off
}

qemu_run_32bit() {
	qemu -cpu host,aarch64=off -kernel $guests/armmp -initrd $guests/armhf.cpio.gz \
		-append "console=ttyAMA0 quiet panic=-1 checks=clock,fpsimd,load seconds=5" &&
		switched_off
}

# same WHAT OURS THEIRS
same() {
	[ "$2" = "$3" ] && return
	echo "# $1: $2 here, $3 in the guest"
	return 1
}

# booted RUN: the first two results of a guest; fails if there can be no others
booted() {
	started=$(date +%s)
	"$1"
	status=$?
	if grep -q 'unless KVM is enabled and 32-bit EL1 is supported' $errors; then
		skip "$name" "no 32-bit guests on this CPU"
		return 1
	fi
	[ $status = 0 ] || guest_explain
	result $status "$name: Linux from power-on to power-off in $(($(date +%s) - started)) s"
	[ $status = 0 ] || return
	checks_passed
	result $? "$name: all is well inside"
}

guest() {
	guest_cpus=$1
	name="QEMU on $(readlink -f /dev/kvm), $1 CPUs"
	booted qemu_run || return
	same read "$(sum <$disk.before)" "$(guest_said 'disk read \([0-9a-f]*\)')" &&
		same written "$(sum <$disk)" "$(guest_said 'disk written \([0-9a-f]*\)')"
	result $? "$name: 4 MiB are read from a virtio disk and written to it by all CPUs"
	same sent "$(sum <$line.sent)" "$(guest_said 'port read \([0-9a-f]*\)')" &&
		same received "$(sum <$line.received)" "$(guest_said 'port written \([0-9a-f]*\)')"
	result $? "$name: $(wc -c <$line.sent) bytes go to a virtio console, $(wc -c <$line.received) come back"
}

guest_32bit() {
	guest_cpus=2
	name="QEMU on $(readlink -f /dev/kvm), 2 CPUs, 32-bit"
	booted qemu_run_32bit
}

for one; do
	case $one in
	armmp) guest_32bit ;;
	*) guest "$one" ;;
	esac
done
results_end
