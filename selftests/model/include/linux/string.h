/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_STRING_H
#define MODEL_LINUX_STRING_H

#include <string.h>

#endif /* MODEL_LINUX_STRING_H */
