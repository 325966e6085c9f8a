#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark's guests, inside the QEMU host: run one to its end, for whoever counts
# from outside what that takes.
#
#   usage: guest-bench.sh armmp|arm64|u-boot|u-boot32|rtos CPUS full|exact|af|kvm

. "$(dirname "$0")/guest.sh"

# To what its first program says first: nothing counts after that.
guest_script() {
	echo "timeout 1000"
	echo "wait guest: userspace"
}

# To the prompt; the 64-bit one then starts an image with its caches off.
u_boot_script() {
	echo "timeout 500"
	echo "wait stop autoboot"
	echo 'type \r'
	echo "wait =>"
	[ "$1" = 64 ] || return
	echo 'type booti 0x44000000 - ${fdtcontroladdr}\r'
	echo "wait image: started, caches off"
}

# firmware_run POLICY ARGUMENT...: with all of its memory mapped before, to the script's end
firmware_run() {
	policy=$1
	shift
	case $policy in
	kvm) set -- --device /dev/kvm "$@" ;;
	*) set -- --policy "$policy" --premap "$@" ;;
	esac
	timeout -k 5 1000 $bin/vmm --mem 256M --script $work/script "$@" >$console 2>$errors
}

# u_boot_run 64|32 POLICY
u_boot_run() {
	u_boot_script "$1" >$work/script
	case $1 in
	64) firmware_run "$2" --image $bin/demo.image@0x44000000 /u-boot/qemu_arm64.bin ;;
	*) firmware_run "$2" --aarch32 /u-boot/qemu_arm.bin ;;
	esac
}

# Until $RTOS_UNTIL.
rtos_run() {
	printf 'timeout 500\nwait %s\n' "$RTOS_UNTIL" >$work/script
	firmware_run "$1" --kernel $guests/rtos
}

guest=$1 cpus=$2 policy=$3
case $guest in
u-boot) u_boot_run 64 "$policy" ;;
u-boot32) u_boot_run 32 "$policy" ;;
rtos) rtos_run "$policy" ;;
*) guest_run "$guest" "$cpus" "$policy" ;;
esac && exit
guest_explain
exit 1
