/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What setway counts, read from debugfs: one value a file, a folder a VM.
 * KVM itself has none of these: counter_present() says so.
 */
#ifndef SELFTESTS_LIB_COUNTER_H
#define SELFTESTS_LIB_COUNTER_H

#include "vm.h"

#define COUNTER_DIRECTORY	"/sys/kernel/debug/setway"

/**
 * struct range - guest-physical addresses
 * @start: the first byte
 * @end: the byte after the last
 */
struct range {
	u64 start;
	u64 end;
};

/**
 * counter_present() - does this VM have counters?
 * @vm: a VM that this process created
 *
 * Mounts debugfs if need be.
 */
bool counter_present(struct vm *vm);

/**
 * counter_read() - read one of a VM's counters
 * @vm: a VM that this process created
 * @name: the file's
 *
 * Return: the value.
 */
u64 counter_read(struct vm *vm, const char *name);

/**
 * counter_read_vcpu() - read one of a vCPU's counters
 * @vcpu: the vCPU
 * @name: the file's
 *
 * Return: the value.
 */
u64 counter_read_vcpu(struct vcpu *vcpu, const char *name);

/**
 * counter_read_total() - read a counter over all VMs
 * @name: the file's
 *
 * Return: the value.
 */
u64 counter_read_total(const char *name);

/**
 * accessed_read() - list what the guest accessed since the last batch
 * @vm: a VM that this process created
 * @ranges: room for the answer, in ascending order
 * @max: how much room
 *
 * Return: how many ranges there are; fails if there are more than @max.
 */
unsigned int accessed_read(struct vm *vm, struct range *ranges,
			   unsigned int max);

/**
 * accessed_pages() - count the pages accessed since the last batch
 * @vm: a VM that this process created
 *
 * Return: the number of 4 KiB pages.
 */
u64 accessed_pages(struct vm *vm);

#endif /* SELFTESTS_LIB_COUNTER_H */
