/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LINUX_GFP_H
#define MODEL_LINUX_GFP_H

#include "hooks.h"

#define GFP_KERNEL_ACCOUNT		0
#define __GFP_ZERO			0
#define __get_free_pages(gfp, order)	model_pages_alloc((gfp), (order))
#define __get_free_page(gfp)		model_pages_alloc((gfp), 0)
#define free_pages(addr, order)		model_pages_free((addr), (order))
#define free_page(addr)			model_pages_free((addr), 0)

#endif /* MODEL_LINUX_GFP_H */
