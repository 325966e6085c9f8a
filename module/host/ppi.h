/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's private interrupts that have to do with guests: the GIC's
 * maintenance interrupt and the virtual timer's.
 */
#ifndef SETWAY_HOST_PPI_H
#define SETWAY_HOST_PPI_H

#include <linux/types.h>

/**
 * ppi_init() - find the interrupts in the device tree and enable them
 *
 * On every CPU, present and future.  Without the maintenance interrupt, list
 * registers are refilled at the next exit; without the timer's, guests' timers
 * are watched by software.
 *
 * Context: process, may sleep.
 * Return: 0, or a negative errno with nothing left enabled.
 */
int ppi_init(void);

/** ppi_exit() - undo ppi_init(); no guest runs any more */
void ppi_exit(void);

/** ppi_vtimer_available() - does a guest's virtual timer interrupt the host? */
bool ppi_vtimer_available(void);

/**
 * ppi_vtimer_intid() - how the host's GIC calls the virtual timer's interrupt
 * @intid: filled in
 *
 * Return: true if a guest can deactivate it by a list register.
 */
bool ppi_vtimer_intid(u32 *intid);

/**
 * ppi_vtimer_mask() - keep the virtual timer's interrupt from this CPU, or not
 * @masked: the guest has it already, so that it must not end the guest's run
 *
 * Context: interrupts off, right before a guest is entered.
 */
void ppi_vtimer_mask(bool masked);

/**
 * ppi_vtimer_deactivated() - a guest has ended ppi_vtimer_mask() by itself
 *
 * Context: interrupts off, on the CPU where it ran.
 */
void ppi_vtimer_deactivated(void);

#endif /* SETWAY_HOST_PPI_H */
