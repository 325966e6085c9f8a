// SPDX-License-Identifier: GPL-2.0-only
/*
 * irqfds: eventfds that raise interrupts.  A signal to one raises the SPI of its
 * GSI: it is an edge, or it raises the line of a level-sensitive SPI, which stays
 * high.  An irqfd may have a second eventfd, resamplefd.  Then the line falls when
 * the guest has deactivated the interrupt, and resamplefd is signalled, so that
 * the device can raise the line again if it has to.  Devices may share a line.
 *
 * Whoever signals an eventfd holds the lock of its wait queue, with interrupts off.
 * irqfd_wakeup() is called there, so it takes no lock but those inside
 * vgic_set_line() and, when the file is closed, irqfds.lock.  Nobody signals an
 * eventfd or takes its wait queue's lock with irqfds.lock held.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../compat.h"
#include "irqfd.h"
#include "routing.h"
#include "../vm.h"

#define IRQFD_FLAGS	(KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE)

/**
 * struct irqfd - one of them
 * @list: on irqfds.list, until it is taken off
 * @is_off: it has been; under irqfds.lock
 * @vm: whose
 * @gsi: what it raises
 * @eventfd: what raises it
 * @resample: what to signal when it has been deactivated, or NULL
 * @wait: on @eventfd's wait queue
 * @poll: how it gets there
 * @work: frees it
 * @next: likewise off the list, to be freed with its VM
 */
struct irqfd {
	struct list_head list;
	bool is_off;
	struct vm *vm;
	u32 gsi;
	struct eventfd_ctx *eventfd;
	struct eventfd_ctx *resample;
	wait_queue_entry_t wait;
	poll_table poll;
	struct work_struct work;
	struct irqfd *next;
};

/* Frees irqfds whose eventfd was closed: that is found out with interrupts off. */
static struct workqueue_struct *irqfd_reaper;

static void pin_set_line(struct vm *vm, int pin, bool level)
{
	if (pin >= 0)
		vgic_set_line(vm, NULL, pin + VGIC_NR_PRIVATE, level, false);
}

static void irqfd_raise(const struct irqfd *irqfd)
{
	rcu_read_lock();
	pin_set_line(irqfd->vm, routing_gsi_to_pin(irqfd->vm, irqfd->gsi), true);
	rcu_read_unlock();
}

/* May it keep that line high?  RCU read side is held. */
static bool irqfd_resamples(const struct irqfd *irqfd, int pin)
{
	return irqfd->resample && routing_gsi_to_pin(irqfd->vm, irqfd->gsi) == pin;
}

/* Is there an irqfd that may keep the line high?  RCU read side is held. */
static bool pin_has_resampler(struct vm *vm, int pin)
{
	struct irqfd *irqfd;

	list_for_each_entry_rcu(irqfd, &vm->irqfds.list, list)
		if (irqfd_resamples(irqfd, pin))
			return true;
	return false;
}

/*
 * Lower a line that only a removed irqfd kept high.  The lock is held: an irqfd
 * that is just being added would not learn that its line has fallen.
 */
static void irqfd_leave_line(const struct irqfd *irqfd)
{
	struct vm *vm = irqfd->vm;
	unsigned long flags;
	int pin;

	spin_lock_irqsave(&vm->irqfds.lock, flags);
	rcu_read_lock();
	pin = routing_gsi_to_pin(vm, irqfd->gsi);
	if (!pin_has_resampler(vm, pin))
		pin_set_line(vm, pin, false);
	rcu_read_unlock();
	spin_unlock_irqrestore(&vm->irqfds.lock, flags);
}

static void irqfd_put_eventfds(struct irqfd *irqfd)
{
	if (irqfd->resample)
		eventfd_ctx_put(irqfd->resample);
	eventfd_ctx_put(irqfd->eventfd);
}

/* From here on nobody finds it on the list. */
static void __irqfd_free(struct irqfd *irqfd)
{
	u64 unread;

	/* From here on irqfd_wakeup() does not run any more. */
	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &unread);
	if (irqfd->resample)
		irqfd_leave_line(irqfd);
	irqfd_put_eventfds(irqfd);
	kfree(irqfd);
}

static void irqfd_free(struct irqfd *irqfd)
{
	/* irqfd_acked() may still have found it on the list. */
	synchronize_rcu();
	__irqfd_free(irqfd);
}

static void irqfd_reap(struct work_struct *work)
{
	irqfd_free(container_of(work, struct irqfd, work));
}

/* Whoever takes it off the list frees it. */
static void __irqfd_take(struct irqfd *irqfd)
{
	lockdep_assert_held(&irqfd->vm->irqfds.lock);
	list_del_rcu(&irqfd->list);
	irqfd->is_off = true;
}

static void irqfd_hang_up(struct irqfd *irqfd)
{
	struct irqfds *irqfds = &irqfd->vm->irqfds;
	unsigned long flags;

	spin_lock_irqsave(&irqfds->lock, flags);
	if (!irqfd->is_off) {
		__irqfd_take(irqfd);
		queue_work(irqfd_reaper, &irqfd->work);
	}
	spin_unlock_irqrestore(&irqfds->lock, flags);
}

static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	__poll_t events = key_to_poll(key);
	u64 count;

	if (events & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->eventfd, &count);
		irqfd_raise(irqfd);
	}
	if (events & EPOLLHUP)
		irqfd_hang_up(irqfd);
	return events & EPOLLIN ? 1 : 0;
}

static void irqfd_enqueue(struct file *file, wait_queue_head_t *queue, poll_table *poll)
{
	struct irqfd *irqfd = container_of(poll, struct irqfd, poll);

	/* At the head of the queue: this reads the eventfd before other readers do. */
	add_wait_queue_priority(queue, &irqfd->wait);
}

/*
 * The guest has deactivated a level-sensitive SPI: see what its devices say now.
 *
 * Several devices may share the line.  It falls once, before the first device is
 * told.  A device that was told may raise it at once, while others have not been
 * told yet; if the line fell after that, nobody would ask again.
 */
static void irqfd_acked(struct vm *vm, u32 intid)
{
	int pin = intid - VGIC_NR_PRIVATE;
	struct irqfd *irqfd;

	rcu_read_lock();
	/* KVM_IRQ_LINE drives a line without resamplers: leave it alone. */
	if (pin_has_resampler(vm, pin))
		pin_set_line(vm, pin, false);
	list_for_each_entry_rcu(irqfd, &vm->irqfds.list, list)
		if (irqfd_resamples(irqfd, pin))
			compat_eventfd_signal(irqfd->resample);
	rcu_read_unlock();
}

static struct irqfd *irqfd_alloc(struct vm *vm, const struct kvm_irqfd *args)
{
	struct irqfd *irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);

	if (!irqfd)
		return NULL;
	irqfd->vm = vm;
	irqfd->gsi = args->gsi;
	INIT_LIST_HEAD(&irqfd->list);
	INIT_WORK(&irqfd->work, irqfd_reap);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_enqueue);
	return irqfd;
}

static int irqfd_get_eventfds(struct irqfd *irqfd, struct file *file,
			      const struct kvm_irqfd *args)
{
	struct eventfd_ctx *eventfd, *resample = NULL;

	eventfd = eventfd_ctx_fileget(file);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	if (args->flags & KVM_IRQFD_FLAG_RESAMPLE)
		resample = eventfd_ctx_fdget(args->resamplefd);
	if (IS_ERR(resample)) {
		eventfd_ctx_put(eventfd);
		return PTR_ERR(resample);
	}
	irqfd->eventfd = eventfd;
	irqfd->resample = resample;
	return 0;
}

static int irqfd_publish(struct irqfd *irqfd)
{
	struct irqfds *irqfds = &irqfd->vm->irqfds;
	struct irqfd *other;
	unsigned int nr = 0;
	int ret = 0;

	spin_lock_irq(&irqfds->lock);
	list_for_each_entry(other, &irqfds->list, list) {
		if (other->eventfd == irqfd->eventfd)
			ret = -EBUSY;
		nr++;
	}
	if (!ret && nr >= IRQFDS_MAX)
		ret = -ENOSPC;
	if (!ret)
		list_add_tail_rcu(&irqfd->list, &irqfds->list);
	spin_unlock_irq(&irqfds->lock);
	return ret;
}

/* From here on it works; a signal from before counts as well. */
static int irqfd_start(struct irqfd *irqfd, struct file *file)
{
	int ret;

	if (irqfd->resample)
		WRITE_ONCE(irqfd->vm->vgic.acked, irqfd_acked);
	ret = irqfd_publish(irqfd);
	if (!ret && (vfs_poll(file, &irqfd->poll) & EPOLLIN))
		irqfd_raise(irqfd);
	return ret;
}

static int irqfd_assign_file(struct vm *vm, const struct kvm_irqfd *args, struct file *file)
{
	struct irqfd *irqfd = irqfd_alloc(vm, args);
	int ret;

	if (!irqfd)
		return -ENOMEM;
	ret = irqfd_get_eventfds(irqfd, file, args);
	if (ret)
		goto free;
	ret = irqfd_start(irqfd, file);
	if (ret)
		goto put;
	return 0;

put:
	irqfd_put_eventfds(irqfd);
free:
	kfree(irqfd);
	return ret;
}

static int irqfd_assign(struct vm *vm, const struct kvm_irqfd *args)
{
	struct file *file;
	int ret;

	if (!READ_ONCE(vm->vgic.initialized))
		return -EAGAIN;
	/* The eventfd cannot hang up while we hold the file. */
	file = fget(args->fd);
	if (!file)
		return -EBADF;
	ret = irqfd_assign_file(vm, args, file);
	fput(file);
	return ret;
}

/* Take an irqfd that fits off the list; @eventfd NULL: any. */
static struct irqfd *irqfd_take(struct vm *vm, const struct eventfd_ctx *eventfd, u32 gsi)
{
	struct irqfds *irqfds = &vm->irqfds;
	struct irqfd *irqfd, *taken = NULL;

	spin_lock_irq(&irqfds->lock);
	list_for_each_entry(irqfd, &irqfds->list, list) {
		if (!eventfd || (irqfd->eventfd == eventfd && irqfd->gsi == gsi)) {
			__irqfd_take(irqfd);
			taken = irqfd;
			break;
		}
	}
	spin_unlock_irq(&irqfds->lock);
	return taken;
}

static int irqfd_deassign(struct vm *vm, const struct kvm_irqfd *args)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(args->fd);
	struct irqfd *irqfd;

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	while ((irqfd = irqfd_take(vm, eventfd, args->gsi)))
		irqfd_free(irqfd);
	eventfd_ctx_put(eventfd);
	return 0;
}

int irqfd_set(struct vm *vm, const struct kvm_irqfd *args)
{
	int ret;

	if (args->flags & ~IRQFD_FLAGS)
		return -EINVAL;
	/* Nobody frees an irqfd before it is complete. */
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	if (args->flags & KVM_IRQFD_FLAG_DEASSIGN)
		ret = irqfd_deassign(vm, args);
	else
		ret = irqfd_assign(vm, args);
	mutex_unlock(&vm->lock);
	return ret;
}

void irqfds_vm_init(struct vm *vm)
{
	spin_lock_init(&vm->irqfds.lock);
	INIT_LIST_HEAD(&vm->irqfds.list);
}

/* Wait once for all of them: waiting takes long. */
static void irqfd_free_all(struct vm *vm)
{
	struct irqfd *irqfd, *all = NULL;

	while ((irqfd = irqfd_take(vm, NULL, 0))) {
		irqfd->next = all;
		all = irqfd;
	}
	if (!all)
		return;
	synchronize_rcu();
	while (all) {
		irqfd = all;
		all = irqfd->next;
		__irqfd_free(irqfd);
	}
}

void irqfds_vm_destroy(struct vm *vm)
{
	irqfd_free_all(vm);
	/* Wait also for those that were being freed already. */
	flush_workqueue(irqfd_reaper);
}

int irqfd_init(void)
{
	irqfd_reaper = alloc_workqueue("setway-irqfd", 0, 0);
	return irqfd_reaper ? 0 : -ENOMEM;
}

void irqfd_exit(void)
{
	destroy_workqueue(irqfd_reaper);
}
