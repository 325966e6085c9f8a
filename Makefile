# SPDX-License-Identifier: GPL-2.0-only
#
# The whole build; see `make help`.  Everything made lands in build/.  kbuild
# reads Kbuild instead of this file, here as on a machine of your own.

KERNEL	:= $(or $(KERNEL),$(shell scripts/lib/default-kernel))
CPU	?= cortex-a57
SMP	?= 2
MEM	?= 3G
CROSS_COMPILE	?= aarch64-linux-gnu-
export KERNEL CPU SMP MEM CROSS_COMPILE
MAKEFLAGS += --no-print-directory

build	:= $(CURDIR)/build
kdir	:= $(build)/kernel-$(KERNEL)/kdir
mirror	:= $(build)/module-$(KERNEL)
# Two makes at once take turns.
locked	= flock $(build)/.$@-$(KERNEL).lock
# V=1 shows the compilers' command lines.
quiet	= $(if $(V),,-s)
# All CPUs, unless make was told how many.
jobs	= $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all setup module probe selftests guests tools model bench bench-fixed bench-geometry bench-readme check check-all check-kvm check-qemu lint demo \
	demo-uboot shell clean distclean help

all: module probe selftests

setup:
	@scripts/setup

# The sources are built in a copy, so that the tree stays as it is.
module: setup
	@+$(locked) sh -c 'scripts/lib/mirror $(mirror) && \
		scripts/lib/kbuild $(kdir) $(mirror) $(jobs) CROSS_COMPILE=$(CROSS_COMPILE)'

# A module for tests only: selftests/probe.
probe: setup
	@+$(locked) sh -c 'mkdir -p $(build)/probe-$(KERNEL) && \
		cp -up selftests/probe/* module/el2/nvhe/abi.h module/el2/switched.h $(build)/probe-$(KERNEL) && \
		scripts/lib/kbuild $(kdir) $(build)/probe-$(KERNEL) $(jobs) CROSS_COMPILE=$(CROSS_COMPILE)'

in_selftests = flock $(build)/.selftests.lock $(MAKE) $(quiet) $(jobs) -C selftests O=$(build)/selftests \
	CROSS_COMPILE=$(CROSS_COMPILE) KSRC=$(build)/linux-source SYSROOT=$(build)/sysroot

selftests: setup
	@+$(in_selftests)

# The Linux guests' kernels and initramfs.
guests:
	@scripts/setup guests
	@+flock $(build)/.$@.lock $(MAKE) $(quiet) -C selftests/linux O=$(build)/guest \
		BUSYBOX_arm64=$(build)/busybox BUSYBOX_armhf=$(build)/busybox-armhf

# Built for this machine and run on it.
model: setup
	@+$(in_selftests) model

tools: setup $(build)/tools/kvm-busy

$(build)/tools/%: scripts/lib/%.c | setup
	@mkdir -p $(@D)
	$(CROSS_COMPILE)gcc -O2 -Wall -Wextra -Werror -static -o $@ $<

# Modules that the benchmark compares ours with, each by a patch of that name.
bench-fixed bench-geometry: bench-%: setup
	@$(locked) sh -c 'scripts/lib/variant scripts/lib/bench/$*.patch $(mirror)-$* && \
		$(MAKE) $(jobs) -C $(kdir) M=$(mirror)-$* CROSS_COMPILE=$(CROSS_COMPILE) modules >/dev/null'

bench_modules = $(if $(filter clusters,$(or $(BENCH),clusters)),bench-fixed) $(if $(filter geometry,$(BENCH)),bench-geometry)

bench: all guests $(bench_modules) $(build)/bench/meter.so
	@scripts/setup bench
	@+$(in_selftests) growth
	@scripts/bench $(BENCH)

# What it found last, in README.
bench-readme:
	@scripts/bench-readme

# A plugin of QEMU's, for this machine.
$(build)/bench/meter.so: $(wildcard scripts/lib/bench/meter/*.[ch]) | setup
	@mkdir -p $(@D)
	gcc -O2 -Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes -Werror -shared -fPIC -fvisibility=hidden \
		-o $@ $(filter %.c,$^)

check: setup
	@scripts/check

check-all: setup
	@scripts/check all

check-qemu: all guests
	@scripts/setup qemu
	@scripts/check-qemu

# Upstream's KVM selftests, against stock KVM and against setway.
check-kvm: module
	@scripts/check-kvm

# Bugs planted one by one, each of which its test must notice.
check-mutants: all
	@$(locked) scripts/check-mutants

lint: setup
	@scripts/lint

demo: all guests
	@scripts/demo

demo-uboot: all
	@scripts/host --no-tests --timeout 300 demo-uboot 'sh /selftests/bin/demo.sh'

# ADD has files or directories to put into it, FILE or FILE:PATH.
shell: all
	@scripts/host $(addprefix --add ,$(ADD)) --interactive shell 'exec sh /host/shell'

clean:
	rm -rf build/module-* build/mutants-* build/probe-* build/lint-* build/selftests build/tools build/bench build/logs \
		build/kvm-selftests \
		build/host.* build/initramfs.* build/setwax.* build/lifecycle.* build/.*-*.lock build/.selftests.lock

distclean:
	rm -rf build

help:
	@echo 'make              the module and the selftests, for arm64'
	@echo 'make demo         Linux guests under stock KVM and under setway, side by side'
	@echo 'make demo-uboot   U-Boot as a guest, the cost of its Set/Way operations step by step'
	@echo 'make check        the tests, on one host, what takes long in short; ten minutes on two cores'
	@echo 'make check-all    all of them, on every kind of host, in full; hours'
	@echo 'make check-qemu   Debian'"'"'s QEMU as a client of the KVM API, with guests of its own'
	@echo 'make check-kvm    upstream'"'"'s KVM selftests, on stock KVM and on setway'
	@echo 'make check-mutants  planted bugs, one by one, that tests must notice; MUTANTS=PATTERN'
	@echo 'make lint         only the checks of the source'
	@echo 'make model        only the tests that run on this machine'
	@echo 'make bench        count what exits and guests cost, and on stock KVM; BENCH="exits guests" are its parts'
	@echo 'make bench-readme put into README what it found last'
	@echo 'make shell        a host to work in, module loaded (Ctrl-A X quits);'
	@echo '                  ADD=FILE puts a file or directory of your own into it, at /FILE'
	@echo 'make clean        remove what was built'
	@echo 'make distclean    remove what was fetched as well'
	@echo
	@echo 'KERNEL=6.1|6.12 CPU=cortex-a57|max|... SMP=2 MEM=3G select the host'
	@echo '(now: KERNEL=$(KERNEL) CPU=$(CPU) SMP=$(SMP) MEM=$(MEM)).'
	@echo 'V=1 shows the commands; CROSS_COMPILE= is the compiler'"'"'s prefix.'
	@echo 'The first run installs the tools and fetches the packages it needs.'
