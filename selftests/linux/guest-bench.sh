#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark's guests, inside the QEMU host: run one to its end, for whoever counts
# from outside what that takes.
#
#   usage: guest-bench.sh armmp|arm64|u-boot|u-boot32 CPUS full|exact|kvm

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

# u_boot_run 64|32 POLICY
u_boot_run() {
	bits=$1 policy=$2
	u_boot_script "$bits" >$work/script
	case $policy in
	kvm) set -- --device /dev/kvm ;;
	*) set -- --policy "$policy" --premap ;;
	esac
	case $bits in
	64) set -- "$@" --image $bin/demo.image@0x44000000 /u-boot/qemu_arm64.bin ;;
	*) set -- "$@" --aarch32 /u-boot/qemu_arm.bin ;;
	esac
	timeout -k 5 1000 $bin/vmm --mem 256M --script $work/script "$@" >$console 2>$errors
}

guest=$1 cpus=$2 policy=$3
case $guest in
u-boot) u_boot_run 64 "$policy" ;;
u-boot32) u_boot_run 32 "$policy" ;;
*) guest_run "$guest" "$cpus" "$policy" ;;
esac && exit
guest_explain
exit 1
