/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's private interrupts that have to do with guests: the GIC's
 * maintenance interrupt and the virtual timer's.
 */
#ifndef SETWAY_HOST_PPI_H
#define SETWAY_HOST_PPI_H

#include <linux/percpu.h>
#include <linux/types.h>

/**
 * enum ppi_vtimer - what this CPU's GIC was last told of the virtual timer's interrupt
 * @PPI_VTIMER_UNKNOWN: nothing, or it has lost it
 * @PPI_VTIMER_OPEN: it interrupts the host
 * @PPI_VTIMER_MASKED: it does not
 */
enum ppi_vtimer {
	PPI_VTIMER_UNKNOWN,
	PPI_VTIMER_OPEN,
	PPI_VTIMER_MASKED,
};

DECLARE_PER_CPU(enum ppi_vtimer, ppi_vtimer);

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
 * ppi_vtimer_set() - tell this CPU's GIC
 * @state: &PPI_VTIMER_OPEN or &PPI_VTIMER_MASKED
 *
 * Context: interrupts off.
 */
void ppi_vtimer_set(enum ppi_vtimer state);

/**
 * ppi_vtimer_mask() - keep the virtual timer's interrupt from this CPU, or not
 * @masked: the guest has it already, so that it must not end the guest's run
 *
 * Context: interrupts off, right before a guest is entered.
 */
static inline void ppi_vtimer_mask(bool masked)
{
	enum ppi_vtimer state = masked ? PPI_VTIMER_MASKED : PPI_VTIMER_OPEN;

	if (__this_cpu_read(ppi_vtimer) != state)
		ppi_vtimer_set(state);
}

/**
 * ppi_vtimer_deactivated() - a guest has ended ppi_vtimer_mask() by itself
 *
 * Context: interrupts off, on the CPU where it ran.
 */
void ppi_vtimer_deactivated(void);

#endif /* SETWAY_HOST_PPI_H */
