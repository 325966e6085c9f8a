#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo, inside the QEMU host: run U-Boot under the policies full and exact,
# and show side by side what each step cost.
#
#   usage: demo.sh [VMM-OPTION...]
#
# Fails if the guest does not say what it should at each step, or if its image
# does not find what U-Boot wrote.

here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
device=${SETWAY_DEVICE:-/dev/setway}
rom=/u-boot/qemu_arm64.bin

if [ ! -e "$device" ]; then
	# shellcheck disable=SC2086 # a list of parameters
	insmod /setway.ko $MODULE_ARGS || exit 1
fi

# Where U-Boot has its page tables, which it first touches between its Set/Way loop
# and its turning the caches on; it depends on the version.
tables() {
	"$here/vmm" --mem 256M --expect 'stop autoboot' --send '\r' --expect '=> ' \
		--send 'bdinfo\r' --expect 'TLB addr' --expect '=> ' "$rom" </dev/null |
	sed -n 's/^TLB addr *= 0x0*\([0-9a-f]*\).*/0x\1/p'
}

hole=$(tables)
if [ -z "$hole" ]; then
	echo "U-Boot's bdinfo does not say where its page tables are."
	exit 1
fi

for policy in full exact; do
	echo "Policy $policy:"
	"$here/vmm" --policy $policy --mem 256M --premap --quiet \
		--image "$here/demo.image@0x44000000" --hole "$hole" \
		--script "$here/demo.script" --report "$work/$policy" "$@" "$rom" \
		2>&1 | sed 's/^/  /'
	# the last step's line is there only if all went well
	if ! grep -q '^Second start-up' "$work/$policy"; then
		echo "The demo failed under the policy $policy."
		exit 1
	fi
done

awk -F '\t' -f "$here/demo.awk" "$work/full" "$work/exact"
