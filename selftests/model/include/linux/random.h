/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_RANDOM_H
#define MODEL_LINUX_RANDOM_H

#define get_random_u32()	0x12345678U

#endif /* MODEL_LINUX_RANDOM_H */
