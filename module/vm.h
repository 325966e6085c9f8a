/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine: the VMM's memory seen through stage-2 tables, and vCPUs.
 */
#ifndef SETWAY_VM_H
#define SETWAY_VM_H

#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/srcu.h>
#include <linux/xarray.h>

#include "irqs/coalesced.h"
#include "irqs/irqfd.h"
#include "irqs/routing.h"
#include "memory/memslot.h"
#include "stage2/stage2.h"
#include "stats/counters.h"
#include "vgic/vgic.h"
#include "memory/vmid.h"

/* vCPU ids are 0 to VM_MAX_VCPUS - 1, see affinity.h. */
#define VM_MAX_VCPUS	512

struct dentry;

/**
 * struct vm_smccc - what a VM's firmware is, as registers of the API have it
 * @psci_version: KVM_REG_ARM_PSCI_VERSION, 0: the newest
 * @standard: KVM_REG_ARM_STD_BMAP
 * @hypervisor: KVM_REG_ARM_STD_HYP_BMAP
 * @vendor: KVM_REG_ARM_VENDOR_HYP_BMAP
 *
 * The bitmaps are fixed once a vCPU has run.
 */
struct vm_smccc {
	u32 psci_version;
	u64 standard;
	u64 hypervisor;
	u64 vendor;
};

/**
 * struct vm - one virtual machine
 * @users: file descriptors (the VM's and each vCPU's) that keep it
 * @lock: creation of vCPUs, changes of memslots, policy, first run; premapping
 *	may hold it for long, so every ioctl that waits for it can be killed
 * @mm: the VMM's address space; KVM_RUN is refused from any other
 * @notifier: keeps stage-2 in step with @mm
 * @memslots: what is mapped where; read under @srcu, changed under @lock
 * @srcu: protects readers of @memslots
 * @invalidate_seq: invalidations that ended (memory/fault.h); under stage2.lock
 * @invalidate_count: invalidations under way; under stage2.lock
 * @stage2: translation tables
 * @policy: the one that was chosen; &stage2.policy is what is left of it with
 *	&stage2.coherent
 * @vmid: see memory/vmid.h
 * @running: CPUs that run this VM's guest or walk its tables, interrupts off
 * @last_vcpu: per CPU, id of the vCPU that ran there last, -1 before
 * @vcpus: struct vcpu by id
 * @nr_vcpus: entries in @vcpus
 * @power_lock: power state of all vCPUs
 * @has_run: a vCPU has been started once; mapped memory was idle until then
 * @nisv_to_user: KVM_CAP_ARM_NISV_TO_USER is on
 * @system_suspend: KVM_CAP_ARM_SYSTEM_SUSPEND is on
 * @dirty_log_manual: options of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2; under @lock
 * @smccc: firmware calls that guests find
 * @cntvoff: CNTVOFF_EL2 of all vCPUs, so that their counter starts at 0
 * @cntpoff: the same for the physical counter; 0, the host's, unless userspace says so
 * @counters_fixed: by KVM_ARM_SET_COUNTER_OFFSET; under a vCPU's lock
 * @vtimer_intid: PPI of the virtual timers; fixed once a vCPU has run
 * @ptimer_intid: PPI of the physical timers; likewise
 * @vgic: interrupt controller
 * @irqfds: eventfds that raise interrupts
 * @ioeventfds: &struct ioeventfd; read under RCU, changed under @lock
 * @routing: which SPI a GSI is; read under RCU, changed under @lock; NULL: the default
 * @coalesced: stores that wait for userspace
 * @root_invalidations: TLB flushes of the whole VMID
 * @missed: &stage2_ops.missed
 * @list: on the list of all VMs, under vm_list_lock
 * @debugfs: directory of this VM, or an error pointer
 * @name: "<pid>-<fd>", as KVM has it; never changes
 */
struct vm {
	refcount_t users;
	struct mutex lock;		/* vCPUs, memslots, policy, first run; killable */
	struct mm_struct *mm;
	struct mmu_notifier notifier;
	struct memslots __rcu *memslots;
	struct srcu_struct srcu;
	unsigned long invalidate_seq;
	unsigned int invalidate_count;

	struct stage2 stage2;
	enum stage2_policy policy;
	struct vmid vmid;
	cpumask_t running;
	int __percpu *last_vcpu;

	struct xarray vcpus;
	unsigned int nr_vcpus;
	spinlock_t power_lock;		/* power state of all vCPUs */
	bool has_run;
	bool nisv_to_user;
	bool system_suspend;
	u64 dirty_log_manual;
	struct vm_smccc smccc;
	u64 cntvoff;
	u64 cntpoff;
	bool counters_fixed;
	u32 vtimer_intid;
	u32 ptimer_intid;
	struct vgic vgic;
	struct irqfds irqfds;
	struct list_head ioeventfds;
	struct routing __rcu *routing;
	struct coalesced coalesced;

	atomic64_t root_invalidations;
	atomic64_t missed;
	struct list_head list;
	struct dentry *debugfs;
	char name[32];
};

/* All VMs, from vm_create() until stats_retire_vm(); innermost of the mutexes. */
extern struct list_head vm_list;
extern struct mutex vm_list_lock;

/**
 * vm_create() - a VM without vCPUs or memory, for the current process
 * @ia_bits: size of the IPA space, already checked
 * @fd: the file descriptor that it is going to have, for its name
 *
 * Context: process, may sleep.
 * Return: the VM with one user, or an error pointer (-ENOMEM, -EINTR).
 */
struct vm *vm_create(unsigned int ia_bits, int fd);

/**
 * vm_get() - one more file descriptor keeps the VM
 * @vm: has a user already
 */
void vm_get(struct vm *vm);

/**
 * vm_put() - one file descriptor less; the last one destroys the VM
 * @vm: not to be used by the caller any more
 *
 * Context: process, may sleep.
 */
void vm_put(struct vm *vm);

/**
 * vm_start() - note that a vCPU of the VM is about to run
 * @vm: any
 *
 * From here on the policy, premapping and the GIC's addresses are fixed.
 *
 * Context: may sleep.
 * Return: 0; -EINTR when the thread is being killed; or what vgic_start() says of
 * a GIC that is not complete.
 */
int vm_start(struct vm *vm);

/**
 * vm_vcpu_by_index() - a vCPU by the order of creation
 * @vm: any
 * @index: 0 is the one that was created first
 *
 * Return: it, or NULL.
 */
struct vcpu *vm_vcpu_by_index(struct vm *vm, unsigned int index);

/**
 * vm_vcpu_by_affinity() - the vCPU that a guest names by its affinity
 * @vm: any
 * @affinity: Aff3 in bits 39:32, Aff2 to Aff0 in 23:0, as in MPIDR_EL1
 *
 * Return: it, or NULL.
 */
struct vcpu *vm_vcpu_by_affinity(struct vm *vm, u64 affinity);

/* VTTBR_EL2 (ARM DDI 0487J.a, D19.2.149); BADDR is the root's address itself. */
#define VTTBR_VMID	GENMASK_ULL(63, 48)

/**
 * vm_vttbr() - VTTBR_EL2 of a VM, with the VMID it has now
 * @vm: any
 *
 * VMID in bits 63:48, the root's physical address in 47:1, CnP clear
 * (ARM DDI 0487J.a, D19.2.149).
 */
static inline u64 vm_vttbr(const struct vm *vm)
{
	return FIELD_PREP(VTTBR_VMID, (u64)READ_ONCE(vm->vmid.id)) | vm->stage2.root_pa;
}

#endif /* SETWAY_VM_H */
