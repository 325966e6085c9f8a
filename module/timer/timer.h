/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of a guest's EL1 (ARM DDI 0487J.a, D11.2).  The virtual timer is
 * the CPU's own, and holds the guest's registers while the guest runs.  The host
 * uses the physical timer, so the guest's is emulated.
 */
#ifndef SETWAY_TIMER_TIMER_H
#define SETWAY_TIMER_TIMER_H

#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/ktime.h>
#include <linux/types.h>

struct sysreg_access;
struct vcpu;
struct vgic_irq;
struct vm;

/* The PPIs that the timers have unless userspace chooses others, as in KVM. */
#define VTIMER_INTID_DEFAULT	27
#define PTIMER_INTID_DEFAULT	30

/**
 * struct ptimer - the physical timer of a vCPU
 * @irq: its interrupt, from timer_bind() on
 * @ctl: CNTP_CTL_EL0 without ISTATUS
 * @cval: CNTP_CVAL_EL0
 * @hrtimer: wakes or kicks the vCPU when the timer fires
 * @offset: &struct vm.cntpoff by which @hrtimer was started
 */
struct ptimer {
	struct vgic_irq *irq;
	u64 ctl;
	u64 cval;
	struct hrtimer hrtimer;
	u64 offset;
};

/**
 * struct vtimer - what a vCPU's virtual timer has besides its registers
 * @irq: its interrupt, from timer_bind() on
 * @hrtimer: while the vCPU sleeps; and in place of the host's interrupt, where
 *	that cannot be had
 *
 * Its registers are in &struct el2_vcpu.
 */
struct vtimer {
	struct vgic_irq *irq;
	struct hrtimer hrtimer;
};

/**
 * timer_vm_init() - the timers' interrupts, and a counter that begins at 0
 * @vm: being created
 */
void timer_vm_init(struct vm *vm);

/**
 * timer_set_offset() - say what both counters are behind the host's, from now on
 * @vm: its vCPUs are kept out of ioctls
 * @offset: how much; from here on writing the counters does nothing
 */
void timer_set_offset(struct vm *vm, u64 offset);

/**
 * timer_vcpu_init() - a vCPU's timers, off
 * @vcpu: being created
 */
void timer_vcpu_init(struct vcpu *vcpu);

/**
 * timer_vcpu_destroy() - nothing fires from here on
 * @vcpu: dying
 */
void timer_vcpu_destroy(struct vcpu *vcpu);

/**
 * timer_reset() - both timers off
 * @vcpu: not running
 */
void timer_reset(struct vcpu *vcpu);

/**
 * timer_bind() - connect the timers to the GIC, before the vCPU runs
 * @vcpu: its first KVM_RUN
 *
 * Return: 0; -EINVAL when both timers have the same interrupt, as in KVM.
 */
int timer_bind(struct vcpu *vcpu);

/**
 * timer_update() - bring the timers' lines up to date
 * @vcpu: not running
 *
 * From here on a timer that fires wakes the vCPU or ends its run, except the
 * virtual timer in WFI: see vtimer_watch().
 *
 * Context: the vCPU's thread.
 */
void timer_update(struct vcpu *vcpu);

/**
 * vtimer_load() - make the virtual timer end the run when it fires, but not
 * if the guest has its interrupt already
 * @vcpu: about to run, after timer_update() and vgic_load()
 *
 * Context: interrupts off.
 */
void vtimer_load(struct vcpu *vcpu);

/**
 * vtimer_watch() - wake the vCPU when the virtual timer fires
 * @vcpu: going to sleep if timer_update(), called after this, sees no reason not to
 *
 * The physical timer needs no watching: it wakes the vCPU by itself.
 */
void vtimer_watch(struct vcpu *vcpu);

/**
 * vtimer_unwatch() - undo vtimer_watch()
 * @vcpu: woken up
 */
void vtimer_unwatch(struct vcpu *vcpu);

/**
 * timer_fired() - is the line of one of the timers asserted?
 * @vcpu: not running
 */
bool timer_fired(const struct vcpu *vcpu);

/* All that timer_lines() can return. */
#define TIMER_LINES	((u64)(KVM_ARM_DEV_EL1_VTIMER | KVM_ARM_DEV_EL1_PTIMER))

/**
 * timer_lines() - both lines, as userspace has them
 * @vcpu: not running
 *
 * Return: KVM_ARM_DEV_EL1_VTIMER and KVM_ARM_DEV_EL1_PTIMER, of those that are asserted.
 */
u64 timer_lines(const struct vcpu *vcpu);

/**
 * ptimer_trap() - the guest accesses CNTP_{TVAL,CTL,CVAL}_EL0
 * @vcpu: stopped at the instruction
 * @access: see there
 * @unused: a row's argument
 *
 * Return: true.
 */
bool ptimer_trap(struct vcpu *vcpu, struct sysreg_access *access, unsigned int unused);

/**
 * counter_trap() - the guest reads CNTPCT_EL0 or CNTPCTSS_EL0, which traps
 * @vcpu: stopped at the instruction
 * @access: see there
 * @unused: a row's argument
 *
 * Return: false for a write.
 */
bool counter_trap(struct vcpu *vcpu, struct sysreg_access *access, unsigned int unused);

/**
 * timer_get_reg() - KVM_GET_ONE_REG of a timer
 * @vcpu: not running
 * @id: the register
 * @value: filled in
 *
 * Return: 0, or -ENOENT for what is no timer register.
 */
int timer_get_reg(struct vcpu *vcpu, u64 id, u64 *value);

/**
 * timer_set_reg() - KVM_SET_ONE_REG of a timer
 * @vcpu: not running
 * @id: the register
 * @value: to be written; the counter's goes for all vCPUs, and is ignored after
 *	timer_set_offset()
 *
 * Return: 0, or -ENOENT for what is no timer register.
 */
int timer_set_reg(struct vcpu *vcpu, u64 id, u64 value);

/**
 * timer_reg_id() - walk the timers' registers
 * @index: 0, 1, ...
 *
 * Return: id, or 0 past the end.
 */
u64 timer_reg_id(unsigned int index);

/**
 * timer_get_attr() - KVM_GET_DEVICE_ATTR of group KVM_ARM_VCPU_TIMER_CTRL
 * @vcpu: any
 * @attr: KVM_ARM_VCPU_TIMER_IRQ_VTIMER or _PTIMER
 * @intid: filled in
 *
 * Return: 0 or -ENXIO.
 */
int timer_get_attr(struct vcpu *vcpu, u64 attr, u32 *intid);

/**
 * timer_set_attr() - KVM_SET_DEVICE_ATTR of that group, for all vCPUs
 * @vcpu: any; its VM not locked
 * @attr: KVM_ARM_VCPU_TIMER_IRQ_VTIMER or _PTIMER
 * @intid: a PPI
 *
 * Return: 0; -EINVAL without a GIC and for what is no PPI; -EBUSY when a vCPU
 * has run; -ENXIO; -EINTR when the thread is being killed.
 */
int timer_set_attr(struct vcpu *vcpu, u64 attr, u32 intid);

#endif /* SETWAY_TIMER_TIMER_H */
