/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of registers of KVM_GET_ONE_REG, one file each.
 */
#ifndef SETWAY_API_ONEREG_H
#define SETWAY_API_ONEREG_H

#include <linux/types.h>

struct vcpu;

/**
 * union onereg_value - a value in transit
 * @u64: of up to 64 bits
 * @u128: of 128 bits
 */
union onereg_value {
	u64 u64;
	__uint128_t u128;
};

/**
 * struct onereg_cursor - the list on its way to userspace
 * @next: where the next id goes, or NULL to count only
 * @nr: ids so far
 */
struct onereg_cursor {
	u64 __user *next;
	u64 nr;
};

/**
 * onereg_emit() - one more id for the list
 * @cursor: moved on
 * @id: of a register
 *
 * Return: 0 or -EFAULT.
 */
int onereg_emit(struct onereg_cursor *cursor, u64 id);

/**
 * struct onereg_kind - registers that are read, written and listed alike
 * @read: fill in a value; 0, -ENOENT: no such register, -EINVAL: not in this size
 * @write: after @read has found the register; 0, -EINVAL: not this value, -EBUSY: too late
 * @list: emit the id of each; 0 or -EFAULT
 *
 * The vCPU is locked and initialised, and so not running.
 */
struct onereg_kind {
	int (*read)(struct vcpu *vcpu, u64 id, union onereg_value *value);
	int (*write)(struct vcpu *vcpu, u64 id, const union onereg_value *value);
	int (*list)(struct vcpu *vcpu, struct onereg_cursor *cursor);
};

extern const struct onereg_kind onereg_core;		/* onereg_core.c */
extern const struct onereg_kind onereg_sysreg;		/* onereg_sysreg.c */
extern const struct onereg_kind onereg_demux;		/* onereg_sysreg.c */
extern const struct onereg_kind onereg_firmware;	/* onereg_firmware.c */

#endif /* SETWAY_API_ONEREG_H */
