// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioeventfds: eventfds that are signalled by a store of the guest to an address
 * outside its memory, instead of an exit to userspace.  Length and value of the
 * store may be given, or may be any.
 */
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "../compat.h"
#include "ioeventfd.h"
#include "../vm.h"

/* All buses that the API has a number for. */
#define IOEVENTFD_FLAGS		GENMASK(kvm_ioeventfd_flag_nr_max - 1, 0)
/*
 * Buses that other architectures have: such ioeventfds are kept, and nothing signals
 * them.
 */
#define IOEVENTFD_BUS		(KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY)

/**
 * struct ioeventfd - one of them
 * @list: on &struct vm.ioeventfds
 * @addr: guest physical address
 * @len: of the store, 0: any
 * @bus: flags in IOEVENTFD_BUS; 0: memory
 * @any: whatever is stored
 * @value: what has to be stored otherwise
 * @eventfd: what is signalled
 */
struct ioeventfd {
	struct list_head list;
	u64 addr;
	u32 len;
	u32 bus;
	bool any;
	u64 value;
	struct eventfd_ctx *eventfd;
};

static bool ioeventfd_is_sane(const struct kvm_ioeventfd *args)
{
	if (args->len > sizeof(u64) || (args->len & (args->len - 1)))
		return false;
	if (args->addr + args->len < args->addr || (args->flags & ~IOEVENTFD_FLAGS))
		return false;
	return args->len || !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);
}

static struct ioeventfd ioeventfd_make(const struct kvm_ioeventfd *args,
				       struct eventfd_ctx *eventfd)
{
	bool any = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);

	return (struct ioeventfd) {
		.addr = args->addr,
		.len = args->len,
		.bus = args->flags & IOEVENTFD_BUS,
		.any = any,
		.value = any ? 0 : args->datamatch,
		.eventfd = eventfd,
	};
}

/* Would some store signal both? */
static bool ioeventfds_collide(const struct ioeventfd *a, const struct ioeventfd *b)
{
	if (a->bus != b->bus || a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	return a->len == b->len && (a->any || b->any || a->value == b->value);
}

static bool ioeventfds_are_same(const struct ioeventfd *a, const struct ioeventfd *b)
{
	return a->eventfd == b->eventfd && a->bus == b->bus && a->addr == b->addr &&
	       a->len == b->len && a->any == b->any && a->value == b->value;
}

static int __ioeventfd_add(struct vm *vm, struct ioeventfd *new)
{
	struct ioeventfd *other;
	unsigned int nr = 0;

	lockdep_assert_held(&vm->lock);
	list_for_each_entry(other, &vm->ioeventfds, list) {
		if (ioeventfds_collide(other, new))
			return -EEXIST;
		nr++;
	}
	if (nr >= IOEVENTFDS_MAX)
		return -ENOSPC;
	list_add_tail_rcu(&new->list, &vm->ioeventfds);
	return 0;
}

static int ioeventfd_assign(struct vm *vm, const struct ioeventfd *what)
{
	struct ioeventfd *new = kmemdup(what, sizeof(*what), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!new)
		return -ENOMEM;
	ret = mutex_lock_killable(&vm->lock);
	if (!ret) {
		ret = __ioeventfd_add(vm, new);
		mutex_unlock(&vm->lock);
	}
	if (ret)
		kfree(new);
	return ret;
}

static struct ioeventfd *__ioeventfd_take(struct vm *vm, const struct ioeventfd *what)
{
	struct ioeventfd *ioeventfd;

	lockdep_assert_held(&vm->lock);
	list_for_each_entry(ioeventfd, &vm->ioeventfds, list) {
		if (ioeventfds_are_same(ioeventfd, what)) {
			list_del_rcu(&ioeventfd->list);
			return ioeventfd;
		}
	}
	return NULL;
}

static void ioeventfd_free(struct ioeventfd *ioeventfd)
{
	/* ioeventfd_write() may still have found it on the list. */
	synchronize_rcu();
	eventfd_ctx_put(ioeventfd->eventfd);
	kfree(ioeventfd);
}

static int ioeventfd_deassign(struct vm *vm, const struct ioeventfd *what)
{
	struct ioeventfd *found;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	found = __ioeventfd_take(vm, what);
	mutex_unlock(&vm->lock);
	if (!found)
		return -ENOENT;
	ioeventfd_free(found);
	return 0;
}

int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args)
{
	bool deassign = args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN;
	struct eventfd_ctx *eventfd;
	struct ioeventfd what;
	int ret;

	/* Removal needs no check: it finds only what was assigned. */
	if (!deassign && !ioeventfd_is_sane(args))
		return -EINVAL;
	eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	what = ioeventfd_make(args, eventfd);
	ret = deassign ? ioeventfd_deassign(vm, &what) : ioeventfd_assign(vm, &what);
	/* An ioeventfd that was assigned keeps the reference. */
	if (deassign || ret)
		eventfd_ctx_put(eventfd);
	return ret;
}

void ioeventfds_vm_init(struct vm *vm)
{
	INIT_LIST_HEAD(&vm->ioeventfds);
}

void ioeventfds_vm_destroy(struct vm *vm)
{
	struct ioeventfd *ioeventfd, *next;

	list_for_each_entry_safe(ioeventfd, next, &vm->ioeventfds, list) {
		eventfd_ctx_put(ioeventfd->eventfd);
		kfree(ioeventfd);
	}
}

static bool ioeventfd_matches(const struct ioeventfd *ioeventfd, u64 ipa, unsigned int len,
			      u64 value)
{
	if (ioeventfd->bus || ioeventfd->addr != ipa)
		return false;
	if (!ioeventfd->len)
		return true;
	return ioeventfd->len == len && (ioeventfd->any || ioeventfd->value == value);
}

bool ioeventfd_write(struct vm *vm, u64 ipa, unsigned int len, u64 value)
{
	struct ioeventfd *ioeventfd;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(ioeventfd, &vm->ioeventfds, list) {
		if (ioeventfd_matches(ioeventfd, ipa, len, value)) {
			compat_eventfd_signal(ioeventfd->eventfd);
			found = true;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}
