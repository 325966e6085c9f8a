# SPDX-License-Identifier: GPL-2.0-only
#
# The whole build; see `make help`.  Everything made lands in build/.  kbuild
# reads Kbuild instead of this file, here as on a machine of your own.

KERNEL	?= $(shell scripts/default-kernel)
CPU	?= cortex-a57
SMP	?= 2
MEM	?= 2G
export KERNEL CPU SMP MEM

CROSS_COMPILE	?= aarch64-linux-gnu-

build	:= $(CURDIR)/build
kdir	:= $(build)/kernel-$(KERNEL)/kdir
mirror	:= $(build)/module-$(KERNEL)
locked	= flock $(build)/.$@.lock
# All CPUs, unless make was told how many.
jobs	= $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all setup module selftests shell clean distclean help

all: module selftests

setup:
	@scripts/setup

# The sources are built in a copy, so that the tree stays as it is.
module: setup
	@$(locked) sh -c 'scripts/mirror $(mirror) && \
		$(MAKE) $(jobs) -C $(kdir) M=$(mirror) CROSS_COMPILE=$(CROSS_COMPILE) modules'

selftests: setup
	@$(locked) $(MAKE) $(jobs) -C selftests O=$(build)/selftests \
		CROSS_COMPILE=$(CROSS_COMPILE) KSRC=$(build)/linux-source \
		SYSROOT=$(build)/sysroot

shell: all
	@scripts/host --interactive shell 'exec sh'

clean:
	rm -rf build/module-* build/lint-* build/selftests build/logs build/host.* \
		build/initramfs.* build/.*.lock

distclean:
	rm -rf build

help:
	@echo 'make             the module and the selftests'
	@echo 'make shell       a QEMU host to work in'
	@echo 'make clean       remove what was built (distclean: what was fetched, too)'
	@echo 'KERNEL=6.1|6.12 CPU=cortex-a57|max|... SMP=$(SMP) MEM=$(MEM) select the host'
