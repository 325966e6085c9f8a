/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the image's two halves, in assembly and in C, have of each other.
 */
#ifndef SELFTESTS_VMM_IMAGE_IMAGE_H
#define SELFTESTS_VMM_IMAGE_IMAGE_H

#include "../../lib/types.h"

/** image_main() - the C part; does not return */
void image_main(void);

/**
 * psci_call() - call PSCI
 * @function: function id, of a function without arguments
 *
 * Return: what PSCI returns, if it does.
 */
u64 psci_call(u64 function);

#endif /* SELFTESTS_VMM_IMAGE_IMAGE_H */
