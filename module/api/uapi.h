/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What /dev/setway has beyond the KVM API: the policy of a VM, its clusters, and premapping.
 * For userspace and the module alike.
 */
#ifndef SETWAY_API_UAPI_H
#define SETWAY_API_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define SETWAY_IO	0xe5

/*
 * What a batch of Set/Way operations, or a cache toggle, cleans; if the CPUs keep the memory
 * coherent (FEAT_S2FWB), that is nothing.
 */
#define SETWAY_POLICY_FULL	0	/* everything that is mapped */
#define SETWAY_POLICY_EXACT	1	/* the pages accessed since the last batch */
#define SETWAY_POLICY_AF	2	/* the same, by the CPU's access flags */

/**
 * struct setway_premap - argument of SETWAY_PREMAP
 * @slot: memslot id, as given to KVM_SET_USER_MEMORY_REGION
 * @flags: 0
 */
struct setway_premap {
	__u32 slot;
	__u32 flags;
};

/*
 * On a VM's file descriptor, before its first vCPU has run:
 *
 * SETWAY_SET_POLICY	EINVAL: no such policy; EOPNOTSUPP: SETWAY_POLICY_AF, and the
 *			CPUs do not set access flags at stage 2 (FEAT_HAFDBS), or
 *			not rightly; EBUSY: something is mapped or a vCPU has run
 *			already
 * SETWAY_GET_POLICY	the policy in force
 * SETWAY_PREMAP	map a memslot in full, with the largest blocks that
 *			alignment and host memory allow.  ENOENT: no such slot;
 *			EINVAL: flags; EBUSY: a vCPU has run already; EFAULT: the
 *			VMM's own mapping has a hole; EINTR: a signal came (what
 *			is mapped stays, call again).  Under SETWAY_POLICY_FULL,
 *			load the guest's memory before this call, which cleans each
 *			page that it maps; the guest's first access does not
 * SETWAY_SET_CLUSTER	how many pages a fault on one lets the guest in to at most,
 *			under SETWAY_POLICY_EXACT: a power of two, 1 to 64.  With 1
 *			a batch cleans what was accessed, to the page.  EINVAL: no
 *			such number; EBUSY: a vCPU has run already
 * SETWAY_GET_CLUSTER	the number in force
 */
#define SETWAY_SET_POLICY	_IOW(SETWAY_IO, 0x00, __u32)
#define SETWAY_GET_POLICY	_IOR(SETWAY_IO, 0x01, __u32)
#define SETWAY_PREMAP		_IOW(SETWAY_IO, 0x02, struct setway_premap)
#define SETWAY_SET_CLUSTER	_IOW(SETWAY_IO, 0x03, __u32)
#define SETWAY_GET_CLUSTER	_IOR(SETWAY_IO, 0x04, __u32)

#endif /* SETWAY_API_UAPI_H */
