/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_BITFIELD_H
#define MODEL_LINUX_BITFIELD_H

#define FIELD_PREP(mask, value)	(((u64)(value) << __builtin_ctzll(mask)) & (mask))
#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __builtin_ctzll(mask))

#endif /* MODEL_LINUX_BITFIELD_H */
