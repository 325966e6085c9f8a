/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two sides of the test of MMIO agree on.
 */
#ifndef SELFTESTS_GUEST32_AARCH32_MMIO_H
#define SELFTESTS_GUEST32_AARCH32_MMIO_H

#include "../../lib/types.h"

/**
 * struct mmio_access - a load or store by R1
 * @pc: where it is
 * @text: in assembly, an address in the guest
 * @bytes: how many it accesses
 * @is_load: it loads
 * @is_signed: and extends the sign
 * @rt: number of the register
 * @is_thumb: it is T32
 * @length: of the instruction
 */
struct mmio_access {
	u32 pc;
	u32 text;
	u8 bytes;
	u8 is_load;
	u8 is_signed;
	u8 rt;
	u8 is_thumb;
	u8 length;
	u8 reserved[2];
};

#endif /* SELFTESTS_GUEST32_AARCH32_MMIO_H */
