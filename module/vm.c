// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs: made by KVM_CREATE_VM, kept by the files of the VM and its vCPUs, and
 * taken apart in mirror order when the last of these is closed.
 *
 * Locks, outermost first: vcpu->lock, vm->lock, vm_list_lock.  What nests in
 * stage2.lock is said in stage2/.
 */
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <asm/memory.h>

#include "firmware/smccc.h"
#include "irqs/ioeventfd.h"
#include "memory/notifier.h"
#include "memory/tlb.h"
#include "policy.h"
#include "stats/debugfs.h"
#include "timer/timer.h"
#include "vcpu.h"
#include "vm.h"

LIST_HEAD(vm_list);
DEFINE_MUTEX(vm_list_lock);	/* vm_list, and what dead VMs have counted */

static bool __vm_name_taken(const char *name)
{
	struct vm *vm;

	list_for_each_entry(vm, &vm_list, list)
		if (!strcmp(vm->name, name))
			return true;
	return false;
}

/*
 * A vCPU's file can keep a VM whose own descriptor is closed and in use again,
 * so "<pid>-<fd>" alone may be taken.
 */
static void vm_add_to_list(struct vm *vm, int fd)
{
	unsigned int n = 1;

	mutex_lock(&vm_list_lock);
	snprintf(vm->name, sizeof(vm->name), "%d-%d", task_pid_nr(current), fd);
	while (__vm_name_taken(vm->name))
		snprintf(vm->name, sizeof(vm->name), "%d-%d.%u",
			 task_pid_nr(current), fd, ++n);
	list_add_tail(&vm->list, &vm_list);
	mutex_unlock(&vm_list_lock);
}

static int vm_alloc_last_vcpu(struct vm *vm)
{
	int cpu;

	vm->last_vcpu = alloc_percpu_gfp(int, GFP_KERNEL_ACCOUNT);
	if (!vm->last_vcpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		int *last = per_cpu_ptr(vm->last_vcpu, cpu);

		*last = -1;
	}
	return 0;
}

/* Initialise the parts that can fail; vm_destroy() mirrors it. */
static int vm_init_parts(struct vm *vm, unsigned int ia_bits)
{
	int ret;

	ret = init_srcu_struct(&vm->srcu);
	if (ret)
		return ret;
	ret = memslots_init(vm);
	if (ret)
		goto cleanup_srcu;
	ret = coalesced_init(vm);
	if (ret)
		goto free_memslots;
	ret = vm_alloc_last_vcpu(vm);
	if (ret)
		goto destroy_coalesced;
	ret = stage2_init(&vm->stage2, &vm_stage2_ops, ia_bits);
	if (ret)
		goto free_last_vcpu;
	policy_init(vm);
	vm->stage2.cluster = READ_ONCE(default_cluster);
	/* VMID 0 is the host's: even a flush before the first run must not name it. */
	vmid_renew(&vm->vmid);
	ret = notifier_register(vm);
	if (ret)
		goto destroy_stage2;
	return 0;

destroy_stage2:
	stage2_destroy(&vm->stage2);
free_last_vcpu:
	free_percpu(vm->last_vcpu);
destroy_coalesced:
	coalesced_destroy(vm);
free_memslots:
	memslots_free(vm);
cleanup_srcu:
	cleanup_srcu_struct(&vm->srcu);
	return ret;
}

struct vm *vm_create(unsigned int ia_bits, int fd)
{
	struct vm *vm;
	int ret;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	refcount_set(&vm->users, 1);
	mutex_init(&vm->lock);
	spin_lock_init(&vm->power_lock);
	xa_init(&vm->vcpus);
	vgic_vm_init(vm);
	irqfds_vm_init(vm);
	ioeventfds_vm_init(vm);
	smccc_vm_init(vm);
	timer_vm_init(vm);
	vm->mm = current->mm;
	mmgrab(vm->mm);

	ret = vm_init_parts(vm, ia_bits);
	if (ret) {
		mmdrop(vm->mm);
		kfree(vm);
		return ERR_PTR(ret);
	}
	vm_add_to_list(vm, fd);
	stats_add_vm(vm);
	return vm;
}

/*
 * No file refers to the VM, so no vCPU runs and no ioctl can come.  The
 * statistics are retired after the tables are destroyed, so that they show what
 * the tables did not give back.
 */
static void vm_destroy(struct vm *vm)
{
	irqfds_vm_destroy(vm);
	ioeventfds_vm_destroy(vm);
	__routing_set_default(vm);
	stats_remove_vm(vm);
	notifier_unregister(vm);
	stage2_destroy(&vm->stage2);
	stats_retire_vm(vm);
	vgic_vm_destroy(vm);
	vcpu_destroy_all(vm);
	free_percpu(vm->last_vcpu);
	coalesced_destroy(vm);
	memslots_free(vm);
	cleanup_srcu_struct(&vm->srcu);
	mmdrop(vm->mm);
	kfree(vm);
}

void vm_get(struct vm *vm)
{
	refcount_inc(&vm->users);
}

void vm_put(struct vm *vm)
{
	if (refcount_dec_and_test(&vm->users))
		vm_destroy(vm);
}

int vm_start(struct vm *vm)
{
	int ret;

	if (READ_ONCE(vm->has_run))
		return 0;
	/* Waits for SETWAY_SET_POLICY and SETWAY_PREMAP under way. */
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = vgic_start(vm);
	if (!ret)
		WRITE_ONCE(vm->has_run, true);
	mutex_unlock(&vm->lock);
	return ret;
}
