/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For upstream's KVM selftests, of which one includes a header of the kernel that
 * 6.1 has not got in its tools.
 */
#ifndef SELFTESTS_KVM_LINUX_BITFIELD_H
#define SELFTESTS_KVM_LINUX_BITFIELD_H

#define FIELD_PREP(mask, value)						\
	(((unsigned long long)(value) << __builtin_ctzll(mask)) & (mask))
#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __builtin_ctzll(mask))

#endif /* SELFTESTS_KVM_LINUX_BITFIELD_H */
