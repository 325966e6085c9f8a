/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_KERNEL_H
#define MODEL_LINUX_KERNEL_H

#define upper_32_bits(n)	((u32)((n) >> 32))
#define lower_32_bits(n)	((u32)(n))

#endif /* MODEL_LINUX_KERNEL_H */
