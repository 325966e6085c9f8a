/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels that setway builds for, and nothing else.
 */
#ifndef SETWAY_COMPAT_H
#define SETWAY_COMPAT_H

#include <linux/bits.h>
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/sched.h>
#include <linux/task_work.h>
#include <linux/version.h>
#include <asm/kvm_arm.h>
#include <asm/sysreg.h>

/*
 * What Linux 6.8 added to the API.  guest_memfd itself is absent, but clients that
 * know it set all their memslots by this ioctl.
 */
#ifndef KVM_CAP_USER_MEMORY2
#define KVM_CAP_USER_MEMORY2	231

/**
 * struct kvm_userspace_memory_region2 - the argument of KVM_SET_USER_MEMORY_REGION2
 * @slot: number of the slot
 * @flags: KVM_MEM_*
 * @guest_phys_addr: address in the guest
 * @memory_size: bytes
 * @userspace_addr: address in the VMM
 * @guest_memfd_offset: for KVM_MEM_GUEST_MEMFD
 * @guest_memfd: likewise
 * @pad1: nothing
 * @pad2: nothing
 */
struct kvm_userspace_memory_region2 {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
	__u64 guest_memfd_offset;
	__u32 guest_memfd;
	__u32 pad1;
	__u64 pad2[14];
};

#define KVM_SET_USER_MEMORY_REGION2	\
	_IOW(KVMIO, 0x49, struct kvm_userspace_memory_region2)
#endif

/* What Linux 6.4 added: it sets both counters at once, and fixes them. */
#ifndef KVM_CAP_COUNTER_OFFSET
#define KVM_CAP_COUNTER_OFFSET	227

/**
 * struct kvm_arm_counter_offset - the argument of KVM_ARM_SET_COUNTER_OFFSET
 * @counter_offset: what the guest's counters are behind the host's
 * @reserved: 0
 */
struct kvm_arm_counter_offset {
	__u64 counter_offset;
	__u64 reserved;
};

#define KVM_ARM_SET_COUNTER_OFFSET	_IOW(KVMIO, 0xb5, struct kvm_arm_counter_offset)
#endif

/* FEAT_EVT: TID2 without CTR_EL0.  Linux 6.3 named it. */
#ifndef HCR_TID4
#define HCR_TID4	BIT_ULL(49)
#endif

/* The field that says so is there only if the kernel has what it is for. */
static inline bool compat_resume_memcg(void)
{
#ifdef CONFIG_MEMCG
	return current->memcg_nr_pages_over_high;
#else
	return false;
#endif
}

/* Likewise.  Linux 6.3 renamed it. */
static inline bool compat_resume_blkcg(void)
{
#if !defined(CONFIG_BLK_CGROUP)
	return false;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return current->throttle_disk;
#else
	return current->throttle_queue;
#endif
}

/**
 * compat_resume_work() - is there more to do for TIF_NOTIFY_RESUME than to update rseq?
 *
 * That is what resume_user_mode_work() does for the current thread: work that others gave
 * to it, and the time that its control groups want it to wait.
 */
static inline bool compat_resume_work(void)
{
	return task_work_pending(current) || compat_resume_memcg() || compat_resume_blkcg();
}

/**
 * compat_immediate_exit() - the VMM asks KVM_RUN to come back at once
 * @run: the page shared with the VMM
 *
 * From 6.11 on the kernel's own view of the structure renames the field, as a
 * reminder that userspace may change it at any time.
 */
static inline bool compat_immediate_exit(const struct kvm_run *run)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	return READ_ONCE(run->immediate_exit__unsafe);
#else
	return READ_ONCE(run->immediate_exit);
#endif
}

#ifndef SYS_CNTPCT_EL0
#define SYS_CNTPCT_EL0	sys_reg(3, 3, 14, 0, 1)
#endif

/*
 * The physical counter's register, or 0 if KVM_GET_REG_LIST has none: KVM lists it from
 * Linux 6.4 on, and clients compare the list with that of their kernel's KVM.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define COMPAT_PTIMER_CNT_LISTED	KVM_REG_ARM_PTIMER_CNT
#else
#define COMPAT_PTIMER_CNT_LISTED	0
#endif

/**
 * compat_eventfd_signal() - add 1 to an eventfd
 * @eventfd: any
 *
 * From 6.8 on there is no other number to add.
 */
static inline void compat_eventfd_signal(struct eventfd_ctx *eventfd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(eventfd);
#else
	eventfd_signal(eventfd, 1);
#endif
}

#endif /* SETWAY_COMPAT_H */
