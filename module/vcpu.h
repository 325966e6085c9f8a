/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual CPU: its registers, what it waits for, and what it owes.
 */
#ifndef SETWAY_VCPU_H
#define SETWAY_VCPU_H

#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/rcuwait.h>
#include <linux/signal_types.h>
#include <asm/kvm_arm.h>
#include <asm/ptrace.h>

#include "el2/context.h"
#include "power.h"
#include "stage2/stage2.h"
#include "stats/counters.h"
#include "trap/debug.h"
#include "trap/setway.h"
#include "vgic/vgic.h"
#include "timer/timer.h"

struct dentry;
struct task_struct;
struct vm;

/**
 * struct mmio_access - an MMIO exit that userspace has not answered yet
 * @pending: there is one
 * @rt: register to load into, 31 for XZR
 * @len: 1, 2, 4 or 8 bytes
 * @is_write: a store: nothing to load
 * @sign_extend: extend from @len
 * @sixty_four: to 64 bits rather than 32
 */
struct mmio_access {
	bool pending;
	u8 rt;
	u8 len;
	bool is_write;
	bool sign_extend;
	bool sixty_four;
};

/**
 * struct stolen_time - KVM_ARM_VCPU_PVTIME_CTRL (firmware/pvtime.c)
 * @ipa: where the guest reads it, or STOLEN_TIME_NONE
 * @last: nanoseconds that the thread had waited by the last update
 */
struct stolen_time {
	u64 ipa;
	u64 last;
};

#define STOLEN_TIME_NONE	(~0ULL)

/**
 * struct vcpu - one virtual CPU
 * @el2: what EL2 works on; in the linear map
 * @vm: never changes
 * @id: KVM's vcpu id, and the affinity in MPIDR_EL1
 * @index: how many were created before it
 * @lock: KVM_RUN and every other ioctl on the vCPU; outermost
 * @run: page shared with userspace
 * @initialized: KVM_ARM_VCPU_INIT has been done
 * @features: bits of struct kvm_vcpu_init, as given
 * @power: whether it is on
 * @wait: where its thread sleeps when it is powered off, suspended or in WFI; can be
 *	woken with interrupts off, whatever the kernel's preemption model
 * @irq_lines: HCR_EL2.VI and VF, driven by userspace where there is no GIC
 * @stolen: time that the guest is told it did not get
 * @runner: the thread, while it is in the guest or about to enter; for RCU readers
 * @atomic: it is, with interrupts off: traps that would sleep return TRAP_SLEEPS
 * @vgic: redistributor and CPU interface
 * @vtimer: virtual timer
 * @ptimer: physical timer
 * @timers_bound: the interrupts of both have been connected, see timer_bind()
 * @mmio: open MMIO exit
 * @debug: debug registers
 * @setway: Set/Way state machine
 * @pool: table pages for the next fault
 * @sigset: from KVM_SET_SIGNAL_MASK, when @sigset_active
 * @sigset_active: see @sigset
 * @counters: written by the vCPU's thread, read by anyone
 * @debugfs: directory, or an error pointer
 */
struct vcpu {
	struct el2_vcpu el2;
	struct vm *vm;
	unsigned int id;
	unsigned int index;
	struct mutex lock;		/* every ioctl on the vCPU */
	struct kvm_run *run;

	bool initialized;
	u32 features[7];
	struct power power;
	struct rcuwait wait;

	unsigned long irq_lines;
	struct stolen_time stolen;
	struct task_struct *runner;
	bool atomic;
	struct vgic_cpu vgic;
	struct vtimer vtimer;
	struct ptimer ptimer;
	bool timers_bound;

	struct mmio_access mmio;
	struct vcpu_debug debug;
	struct setway setway;
	struct stage2_pool pool;
	sigset_t sigset;
	bool sigset_active;

	struct counters counters;
	struct dentry *debugfs;
};

/**
 * vcpu_reg() - a general-purpose register, XZR as 0
 * @vcpu: not running
 * @rt: 0 to 31
 */
static inline u64 vcpu_reg(const struct vcpu *vcpu, unsigned int rt)
{
	return rt == 31 ? 0 : vcpu->el2.regs[rt];
}

/**
 * vcpu_set_reg() - write a general-purpose register, XZR ignored
 * @vcpu: not running
 * @rt: 0 to 31
 * @value: 64 bits
 */
static inline void vcpu_set_reg(struct vcpu *vcpu, unsigned int rt, u64 value)
{
	if (rt != 31)
		vcpu->el2.regs[rt] = value;
}

/**
 * vcpu_sysreg() - a system register of the guest's context
 * @vcpu: not running
 * @reg: which
 */
static inline u64 *vcpu_sysreg(struct vcpu *vcpu, enum el2_sysreg reg)
{
	return &vcpu->el2.context.sysregs[reg];
}

/**
 * vcpu_el1_is_aarch32() - was the vCPU made for a 32-bit guest?
 * @vcpu: initialised
 */
static inline bool vcpu_el1_is_aarch32(const struct vcpu *vcpu)
{
	return !(vcpu->el2.hcr_el2 & HCR_RW);
}

/**
 * vcpu_in_aarch32() - is the vCPU executing AArch32 now, at EL1 or EL0?
 * @vcpu: not running
 */
static inline bool vcpu_in_aarch32(const struct vcpu *vcpu)
{
	return vcpu->el2.pstate & PSR_MODE32_BIT;
}

/* SCTLR_EL1: M, C */
#define VCPU_SCTLR_CACHES	(BIT_ULL(0) | BIT_ULL(2))

/**
 * vcpu_caches_enabled() - are the vCPU's MMU and data cache both on?
 * @vcpu: not running
 */
static inline bool vcpu_caches_enabled(struct vcpu *vcpu)
{
	return (*vcpu_sysreg(vcpu, EL2_REG_SCTLR_EL1) & VCPU_SCTLR_CACHES) == VCPU_SCTLR_CACHES;
}

/**
 * vcpu_caches_switched() - has the vCPU switched its caches since setway_settle() looked?
 * @vcpu: not running
 *
 * setway_settle() has to know before the vCPU's next fault is answered.
 */
static inline bool vcpu_caches_switched(struct vcpu *vcpu)
{
	return vcpu->setway.uncached == vcpu_caches_enabled(vcpu);
}

/**
 * vcpu_alloc() - a vCPU that is on no list yet
 * @vm: the VM that it is for
 * @id: KVM's vcpu id, below VM_MAX_VCPUS
 *
 * Context: may sleep.
 * Return: the vCPU, in the linear map, or NULL.
 */
struct vcpu *vcpu_alloc(struct vm *vm, unsigned int id);

/**
 * vcpu_free() - undo vcpu_alloc()
 * @vcpu: of a dying VM, or on no list
 */
void vcpu_free(struct vcpu *vcpu);

/**
 * __vcpu_init() - KVM_ARM_VCPU_INIT
 * @vcpu: locked, and its VM
 * @init: as userspace gave it
 *
 * If the vCPU has run before, all of the guest's memory is unmapped.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: another target, a feature that this host does not have, or other
 * features than those of the first time or of another vCPU; -ENOENT: an unknown feature.
 */
int __vcpu_init(struct vcpu *vcpu, const struct kvm_vcpu_init *init);

/**
 * vcpus_trylock() - keep all vCPUs out of ioctls
 * @vm: its lock is held
 *
 * Return: true; or false if one of them is in an ioctl, and then none is locked.
 */
bool vcpus_trylock(struct vm *vm);

/**
 * vcpus_unlock() - undo vcpus_trylock()
 * @vm: its lock is still held
 */
void vcpus_unlock(struct vm *vm);

/** vcpu_aarch32_available() - can guests have EL1 in AArch32 on this host? */
bool vcpu_aarch32_available(void);

/**
 * vcpu_destroy_all() - free a dying VM's vCPUs
 * @vm: without users
 */
void vcpu_destroy_all(struct vm *vm);

/**
 * vcpu_is_big_endian() - are explicit data accesses of the guest big-endian?
 * @vcpu: not running
 */
bool vcpu_is_big_endian(struct vcpu *vcpu);

/**
 * vcpu_set_big_endian() - make the guest's data accesses at EL1 big-endian
 * @vcpu: not running, out of reset
 */
void vcpu_set_big_endian(struct vcpu *vcpu);

/**
 * vcpu_skip_insn() - go on after the trapped instruction (trap/insn.c)
 * @vcpu: not running, its ESR_EL2 that of the instruction
 */
void vcpu_skip_insn(struct vcpu *vcpu);

/**
 * vcpu_reset() - KVM_ARM_VCPU_INIT's effect on registers (reset.c)
 * @vcpu: locked
 *
 * EL1h, all interrupts masked, MMU and caches off (ARM DDI 0487J.a, D1.9), pc 0.
 */
void vcpu_reset(struct vcpu *vcpu);

/**
 * vcpu_run() - KVM_RUN (run.c)
 * @vcpu: locked, initialised
 *
 * Context: process, the VM's own mm.
 * Return: 0 with an exit in vcpu->run; -EINTR, -EFAULT, -ENOSYS as in KVM;
 * -ERESTARTNOHAND: call it again once the thread's TIF_NOTIFY_RESUME is dealt with.
 */
int vcpu_run(struct vcpu *vcpu);

#endif /* SETWAY_VCPU_H */
