/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers as guest code uses them: one at a time, the virtual or the physical; and
 * a VM for such a guest.
 */
#ifndef SELFTESTS_LIB_TIMER_H
#define SELFTESTS_LIB_TIMER_H

#include "types.h"

struct vcpu;

/* CNTx_CTL_EL0, ARM DDI 0487J.a, D19.12.14 */
#define CTL_ENABLE	BIT(0)
#define CTL_IMASK	BIT(1)
#define CTL_ISTATUS	BIT(2)

/* In ticks. */
#define MS(n)		(counter_frequency() * (n) / 1000)

/** enum timer - which there are */
enum timer { VIRTUAL, PHYSICAL };

/* The guest's choice, for the functions below. */
extern enum timer timer;

/** counter_frequency() - ticks in a second */
static inline u64 counter_frequency(void)
{
	u64 value;

	asm volatile("mrs %0, cntfrq_el0" : "=r" (value));
	return value;
}

/** timer_now() - the timer's counter */
static inline u64 timer_now(void)
{
	u64 value;

	if (timer == VIRTUAL)
		asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (value) : : "memory");
	else
		asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r" (value) : : "memory");
	return value;
}

/**
 * timer_ctl() - write the control register
 * @value: of CTL_*
 */
static inline void timer_ctl(u64 value)
{
	if (timer == VIRTUAL)
		asm volatile("msr cntv_ctl_el0, %0\n\tisb" : : "r" (value) : "memory");
	else
		asm volatile("msr cntp_ctl_el0, %0\n\tisb" : : "r" (value) : "memory");
}

/** timer_status() - read the control register */
static inline u64 timer_status(void)
{
	u64 value;

	if (timer == VIRTUAL)
		asm volatile("isb\n\tmrs %0, cntv_ctl_el0" : "=r" (value) : : "memory");
	else
		asm volatile("isb\n\tmrs %0, cntp_ctl_el0" : "=r" (value) : : "memory");
	return value;
}

/**
 * timer_cval() - set when it is due
 * @value: by timer_now()
 */
static inline void timer_cval(u64 value)
{
	if (timer == VIRTUAL)
		asm volatile("msr cntv_cval_el0, %0\n\tisb" : : "r" (value) : "memory");
	else
		asm volatile("msr cntp_cval_el0, %0\n\tisb" : : "r" (value) : "memory");
}

/** timer_due() - read when it is due */
static inline u64 timer_due(void)
{
	u64 value;

	if (timer == VIRTUAL)
		asm volatile("isb\n\tmrs %0, cntv_cval_el0" : "=r" (value) : : "memory");
	else
		asm volatile("isb\n\tmrs %0, cntp_cval_el0" : "=r" (value) : : "memory");
	return value;
}

/**
 * timer_tval() - set when it is due, from now
 * @value: ticks
 */
static inline void timer_tval(u64 value)
{
	if (timer == VIRTUAL)
		asm volatile("msr cntv_tval_el0, %0\n\tisb" : : "r" (value) : "memory");
	else
		asm volatile("msr cntp_tval_el0, %0\n\tisb" : : "r" (value) : "memory");
}

/** timer_intid() - the interrupt that the timer has unless the VMM chooses another */
u32 timer_intid(void);

/**
 * timer_init() - choose a timer; the GIC and the timer's interrupt on
 * @which: of the two
 * @interrupt: as for guest_gic_init()
 */
void timer_init(enum timer which, void (*interrupt)(u64 vector));

/* Host code */

/**
 * timer_vcpu() - create a VM with a GIC, this program and one vCPU
 *
 * Return: vCPU 0; vm_destroy(vcpu->vm) frees both.
 */
struct vcpu *timer_vcpu(void);

/**
 * timer_run() - run a guest function until it is done
 * @vcpu: from timer_vcpu()
 * @guest: takes the timer
 * @which: to use
 */
void timer_run(struct vcpu *vcpu, void (*guest)(u64 which), enum timer which);

#endif /* SELFTESTS_LIB_TIMER_H */
