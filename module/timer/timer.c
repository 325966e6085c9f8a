// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's timers.
 *
 *                 virtual                         physical
 *   registers     the CPU's, switched at EL2      struct ptimer, accesses trap
 *   while running the host's PPI ends the run     an hrtimer kicks the vCPU
 *   in WFI        an hrtimer wakes the vCPU       the same hrtimer wakes it
 *
 * Whatever ended the run, the lines to the GIC are computed from the registers
 * before each entry, and before the guest reads them in its redistributor: a
 * timer has fired if its registers say so.
 *
 * An hrtimer is started first, and the line is read after that.  In the other
 * order neither would see a timer that fires in between.
 */
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/math64.h>
#include <clocksource/arm_arch_timer.h>

#include "../compat.h"
#include "../host/ppi.h"
#include "../trap/sysreg.h"
#include "../kick.h"
#include "../vcpu.h"
#include "../vm.h"
#include "timer.h"

/* The longest sleep for a timer. */
#define TIMER_SECONDS_MAX	3600ULL

#define TIMER_LIVE	(ARCH_TIMER_CTRL_ENABLE | ARCH_TIMER_CTRL_IT_MASK)
#define TIMER_CTL_BITS	TIMER_LIVE

/*
 * The kernel's own accessor knows the errata of counters.  On a machine with EL2 it
 * reads the physical counter.
 */
static u64 counter_physical(void)
{
	return arch_timer_read_counter();
}

static u64 counter_virtual(const struct vcpu *vcpu)
{
	return counter_physical() - READ_ONCE(vcpu->vm->cntvoff);
}

/* Return: the guest's physical counter. */
static u64 counter_guest_physical(const struct vcpu *vcpu)
{
	return counter_physical() - READ_ONCE(vcpu->vm->cntpoff);
}

static bool timer_is_live(u64 ctl)
{
	return (ctl & TIMER_LIVE) == ARCH_TIMER_CTRL_ENABLE;
}

static bool vtimer_line(const struct vcpu *vcpu)
{
	return timer_is_live(vcpu->el2.cntv_ctl_el0) &&
	       vcpu->el2.cntv_cval_el0 <= counter_virtual(vcpu);
}

static bool ptimer_line(const struct vcpu *vcpu)
{
	return timer_is_live(vcpu->ptimer.ctl) &&
	       vcpu->ptimer.cval <= counter_guest_physical(vcpu);
}

/*
 * Return: time until a timer fires, 0 if it has fired, KTIME_MAX: never.
 * Rounded up, so that nobody wakes up too early.  A guest may set a timer
 * thousands of years ahead, which no ktime_t holds: whoever wakes up before that
 * looks again.
 */
static ktime_t timer_left(u64 ctl, u64 cval, u64 now)
{
	u64 rate = arch_timer_get_cntfrq();
	u64 ticks;

	if (!timer_is_live(ctl))
		return KTIME_MAX;
	if (cval <= now)
		return 0;
	ticks = min(cval - now, TIMER_SECONDS_MAX * rate);
	return mul_u64_u64_div_u64(ticks, NSEC_PER_SEC, rate) + 1;
}

bool timer_fired(const struct vcpu *vcpu)
{
	return vtimer_line(vcpu) || ptimer_line(vcpu);
}

u64 timer_lines(const struct vcpu *vcpu)
{
	return (vtimer_line(vcpu) ? KVM_ARM_DEV_EL1_VTIMER : 0) |
	       (ptimer_line(vcpu) ? KVM_ARM_DEV_EL1_PTIMER : 0);
}

/*
 * NTP may make it a little early.  Whoever then finds that the timer has not fired
 * starts it again.
 */
static enum hrtimer_restart vtimer_expired(struct hrtimer *hrtimer)
{
	vcpu_request(container_of(hrtimer, struct vcpu, vtimer.hrtimer), VCPU_REQUEST_IRQ);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart ptimer_expired(struct hrtimer *hrtimer)
{
	vcpu_request(container_of(hrtimer, struct vcpu, ptimer.hrtimer), VCPU_REQUEST_IRQ);
	return HRTIMER_NORESTART;
}

static void timer_arm(struct hrtimer *hrtimer, ktime_t left)
{
	if (left > 0 && left != KTIME_MAX)
		hrtimer_start(hrtimer, left, HRTIMER_MODE_REL_HARD);
}

void vtimer_watch(struct vcpu *vcpu)
{
	timer_arm(&vcpu->vtimer.hrtimer, timer_left(vcpu->el2.cntv_ctl_el0,
						    vcpu->el2.cntv_cval_el0,
						    counter_virtual(vcpu)));
}

void vtimer_unwatch(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->vtimer.hrtimer);
}

static void ptimer_arm(struct vcpu *vcpu)
{
	struct ptimer *ptimer = &vcpu->ptimer;

	ptimer->offset = READ_ONCE(vcpu->vm->cntpoff);
	timer_arm(&ptimer->hrtimer, timer_left(ptimer->ctl, ptimer->cval,
					       counter_physical() - ptimer->offset));
}

/* Compute the time anew: userspace may have set the counter since. */
static bool ptimer_is_armed(struct vcpu *vcpu)
{
	return hrtimer_is_queued(&vcpu->ptimer.hrtimer) &&
	       vcpu->ptimer.offset == READ_ONCE(vcpu->vm->cntpoff);
}

void timer_vm_init(struct vm *vm)
{
	vm->cntvoff = counter_physical();
	vm->vtimer_intid = VTIMER_INTID_DEFAULT;
	vm->ptimer_intid = PTIMER_INTID_DEFAULT;
}

void timer_vcpu_init(struct vcpu *vcpu)
{
	hrtimer_init(&vcpu->vtimer.hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	vcpu->vtimer.hrtimer.function = vtimer_expired;
	hrtimer_init(&vcpu->ptimer.hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	vcpu->ptimer.hrtimer.function = ptimer_expired;
}

void timer_vcpu_destroy(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->vtimer.hrtimer);
	hrtimer_cancel(&vcpu->ptimer.hrtimer);
}

void timer_reset(struct vcpu *vcpu)
{
	vcpu->el2.cntv_ctl_el0 = 0;
	vcpu->el2.cntv_cval_el0 = 0;
	vcpu->ptimer.ctl = 0;
	vcpu->ptimer.cval = 0;
	hrtimer_cancel(&vcpu->ptimer.hrtimer);
}

static struct vgic_irq *timer_bind_irq(struct vcpu *vcpu, u32 intid, bool hw, u32 hwintid)
{
	struct vgic_irq *irq = &vcpu->vgic.private[intid];
	unsigned long flags = vgic_irq_lock(irq);

	irq->internal = true;
	irq->hw = hw;
	irq->hwintid = hwintid;
	vgic_irq_unlock(irq, flags);
	return irq;
}

int timer_bind(struct vcpu *vcpu)
{
	u32 hwintid = 0;
	bool hw;

	if (vcpu->vm->vtimer_intid == vcpu->vm->ptimer_intid)
		return -EINVAL;
	hw = ppi_vtimer_intid(&hwintid);
	vcpu->vtimer.irq = timer_bind_irq(vcpu, vcpu->vm->vtimer_intid, hw, hwintid);
	vcpu->ptimer.irq = timer_bind_irq(vcpu, vcpu->vm->ptimer_intid, false, 0);
	vcpu->timers_bound = true;
	return 0;
}

/* Only the vCPU's thread writes the line, so it can read it without the lock. */
static void timer_set_line(struct vgic_irq *irq, bool level)
{
	if (READ_ONCE(irq->line) != level)
		vgic_irq_set_line(irq, level);
}

static noinline void timer_update_lines(struct vcpu *vcpu)
{
	if (!ppi_vtimer_available())
		vtimer_watch(vcpu);
	if (timer_is_live(vcpu->ptimer.ctl) && !ptimer_is_armed(vcpu))
		ptimer_arm(vcpu);
	timer_set_line(vcpu->vtimer.irq, vtimer_line(vcpu));
	timer_set_line(vcpu->ptimer.irq, ptimer_line(vcpu));
}

/* Neither runs, and neither line is high from when it did. */
static bool timers_are_off(const struct vcpu *vcpu)
{
	return !timer_is_live(vcpu->el2.cntv_ctl_el0) && !timer_is_live(vcpu->ptimer.ctl) &&
	       !READ_ONCE(vcpu->vtimer.irq->line) && !READ_ONCE(vcpu->ptimer.irq->line);
}

void timer_update(struct vcpu *vcpu)
{
	vcpu->el2.cntvoff_el2 = READ_ONCE(vcpu->vm->cntvoff);
	vcpu->el2.cntpct_traps = READ_ONCE(vcpu->vm->cntpoff);
	if (!timers_are_off(vcpu))
		timer_update_lines(vcpu);
}

void vtimer_load(struct vcpu *vcpu)
{
	const struct vgic_irq *irq = vcpu->vtimer.irq;

	ppi_vtimer_mask(irq->line || !list_empty(&irq->list));
}

static u64 timer_read_ctl(u64 ctl, u64 cval, u64 now)
{
	return cval <= now ? ctl | ARCH_TIMER_CTRL_IT_STAT : ctl;
}

static u64 ptimer_read(const struct vcpu *vcpu, u32 encoding)
{
	const struct ptimer *ptimer = &vcpu->ptimer;
	u64 now = counter_guest_physical(vcpu);

	switch (encoding) {
	case SYS_CNTP_TVAL_EL0:
		return lower_32_bits(ptimer->cval - now);
	case SYS_CNTP_CTL_EL0:
		return timer_read_ctl(ptimer->ctl, ptimer->cval, now);
	default:
		return ptimer->cval;
	}
}

static void ptimer_write(struct vcpu *vcpu, u32 encoding, u64 value)
{
	struct ptimer *ptimer = &vcpu->ptimer;

	switch (encoding) {
	case SYS_CNTP_TVAL_EL0:
		ptimer->cval = counter_guest_physical(vcpu) + (s32)value;
		break;
	case SYS_CNTP_CTL_EL0:
		ptimer->ctl = value & TIMER_CTL_BITS;
		break;
	default:
		ptimer->cval = value;
		break;
	}
	hrtimer_cancel(&ptimer->hrtimer);
	ptimer_arm(vcpu);
}

bool ptimer_trap(struct vcpu *vcpu, struct sysreg_access *access, unsigned int unused)
{
	if (access->is_read)
		access->value = ptimer_read(vcpu, access->encoding);
	else
		ptimer_write(vcpu, access->encoding, access->value);
	return true;
}

bool counter_trap(struct vcpu *vcpu, struct sysreg_access *access, unsigned int unused)
{
	if (!access->is_read)
		return false;
	access->value = counter_guest_physical(vcpu);
	return true;
}

/*
 * The virtual timer's, under the ids that are the API: those of the counter and
 * of the compare value are each other's encodings, for ever.
 */
static const u64 timer_regs[] = {
	KVM_REG_ARM_TIMER_CTL, KVM_REG_ARM_TIMER_CNT, KVM_REG_ARM_TIMER_CVAL,
	KVM_REG_ARM_PTIMER_CTL, KVM_REG_ARM_PTIMER_CVAL, COMPAT_PTIMER_CNT_LISTED,
};

u64 timer_reg_id(unsigned int index)
{
	return index < ARRAY_SIZE(timer_regs) ? timer_regs[index] : 0;
}

int timer_get_reg(struct vcpu *vcpu, u64 id, u64 *value)
{
	switch (id) {
	case KVM_REG_ARM_TIMER_CTL:
		*value = timer_read_ctl(vcpu->el2.cntv_ctl_el0 & TIMER_CTL_BITS,
					vcpu->el2.cntv_cval_el0, counter_virtual(vcpu));
		return 0;
	case KVM_REG_ARM_TIMER_CNT:
		*value = counter_virtual(vcpu);
		return 0;
	case KVM_REG_ARM_TIMER_CVAL:
		*value = vcpu->el2.cntv_cval_el0;
		return 0;
	case KVM_REG_ARM_PTIMER_CTL:
		*value = ptimer_read(vcpu, SYS_CNTP_CTL_EL0);
		return 0;
	case KVM_REG_ARM_PTIMER_CNT:
		*value = counter_guest_physical(vcpu);
		return 0;
	case KVM_REG_ARM_PTIMER_CVAL:
		*value = vcpu->ptimer.cval;
		return 0;
	default:
		return -ENOENT;
	}
}

/* No vCPU sleeps for a timer now, so nobody has to be told. */
void timer_set_offset(struct vm *vm, u64 offset)
{
	WRITE_ONCE(vm->cntvoff, offset);
	WRITE_ONCE(vm->cntpoff, offset);
	vm->counters_fixed = true;
}

static void counter_set(struct vm *vm, u64 *offset, u64 value)
{
	if (vm->counters_fixed)
		return;
	WRITE_ONCE(*offset, counter_physical() - value);
	/* vCPUs that sleep until a timer fires have to sleep for another time now. */
	vm_request(vm, VCPU_REQUEST_IRQ);
}

int timer_set_reg(struct vcpu *vcpu, u64 id, u64 value)
{
	switch (id) {
	case KVM_REG_ARM_TIMER_CTL:
		vcpu->el2.cntv_ctl_el0 = value & TIMER_CTL_BITS;
		return 0;
	case KVM_REG_ARM_TIMER_CNT:
		counter_set(vcpu->vm, &vcpu->vm->cntvoff, value);
		return 0;
	case KVM_REG_ARM_TIMER_CVAL:
		vcpu->el2.cntv_cval_el0 = value;
		return 0;
	case KVM_REG_ARM_PTIMER_CTL:
		ptimer_write(vcpu, SYS_CNTP_CTL_EL0, value);
		return 0;
	case KVM_REG_ARM_PTIMER_CNT:
		counter_set(vcpu->vm, &vcpu->vm->cntpoff, value);
		return 0;
	case KVM_REG_ARM_PTIMER_CVAL:
		ptimer_write(vcpu, SYS_CNTP_CVAL_EL0, value);
		return 0;
	default:
		return -ENOENT;
	}
}

static u32 *timer_find_intid(struct vm *vm, u64 attr)
{
	switch (attr) {
	case KVM_ARM_VCPU_TIMER_IRQ_VTIMER:
		return &vm->vtimer_intid;
	case KVM_ARM_VCPU_TIMER_IRQ_PTIMER:
		return &vm->ptimer_intid;
	default:
		return NULL;
	}
}

int timer_get_attr(struct vcpu *vcpu, u64 attr, u32 *intid)
{
	const u32 *where = timer_find_intid(vcpu->vm, attr);

	if (!where)
		return -ENXIO;
	*intid = READ_ONCE(*where);
	return 0;
}

static int __timer_set_intid(struct vm *vm, u64 attr, u32 intid)
{
	u32 *where = timer_find_intid(vm, attr);

	if (!vm->vgic.created || intid < VGIC_NR_SGIS || intid >= VGIC_NR_PRIVATE)
		return -EINVAL;
	if (vm->has_run)
		return -EBUSY;
	if (!where)
		return -ENXIO;
	WRITE_ONCE(*where, intid);
	return 0;
}

int timer_set_attr(struct vcpu *vcpu, u64 attr, u32 intid)
{
	struct vm *vm = vcpu->vm;
	int ret;

	/* Excludes another vCPU's first run, which binds the interrupts that it finds. */
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = __timer_set_intid(vm, attr, intid);
	mutex_unlock(&vm->lock);
	return ret;
}
