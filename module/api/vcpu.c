// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs as userspace sees them: a file, a shared page, and ioctls.  A vCPU
 * lives as long as its VM: closing its file keeps its id taken, as in KVM.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "../power.h"
#include "../stats/debugfs.h"
#include "../trap/trap.h"
#include "../vcpu.h"
#include "../vm.h"
#include "api.h"

static_assert(sizeof(struct kvm_run) <= PAGE_SIZE);
static_assert(COALESCED_RING_PGOFF == KVM_COALESCED_MMIO_PAGE_OFFSET);

static int vcpu_init(struct vcpu *vcpu, const void __user *arg)
{
	struct vm *vm = vcpu->vm;
	struct kvm_vcpu_init init;
	int ret;

	if (copy_from_user(&init, arg, sizeof(init)))
		return -EFAULT;
	/* One vCPU after the other, as all have to be alike. */
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = __vcpu_init(vcpu, &init);
	mutex_unlock(&vm->lock);
	return ret;
}

static int vcpu_get_mp_state(struct vcpu *vcpu, void __user *arg)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };

	if (!power_is_on(vcpu))
		state.mp_state = KVM_MP_STATE_STOPPED;
	else if (READ_ONCE(vcpu->power.suspended))
		state.mp_state = KVM_MP_STATE_SUSPENDED;
	return copy_to_user(arg, &state, sizeof(state)) ? -EFAULT : 0;
}

static int vcpu_set_mp_state(struct vcpu *vcpu, const void __user *arg)
{
	struct kvm_mp_state state;

	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;
	/* A start by PSCI has reset the registers already when this comes. */
	if (vcpu->initialized)
		power_apply(vcpu);
	switch (state.mp_state) {
	case KVM_MP_STATE_RUNNABLE:
		power_set(vcpu, false, false);
		return 0;
	case KVM_MP_STATE_STOPPED:
		power_set(vcpu, true, false);
		return 0;
	case KVM_MP_STATE_SUSPENDED:
		power_set(vcpu, false, true);
		return 0;
	default:
		return -EINVAL;
	}
}

static int vcpu_set_signal_mask(struct vcpu *vcpu, const struct kvm_signal_mask __user *arg)
{
	struct kvm_signal_mask mask;
	sigset_t sigset;

	if (!arg) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (copy_from_user(&mask, arg, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(sigset))
		return -EINVAL;
	if (copy_from_user(&sigset, arg->sigset, sizeof(sigset)))
		return -EFAULT;
	sigdelsetmask(&sigset, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = sigset;
	vcpu->sigset_active = true;
	return 0;
}

/*
 * Run under the mask of KVM_SET_SIGNAL_MASK.  real_blocked says what is blocked
 * besides: such a signal ends KVM_RUN and stays pending afterwards, so it must
 * not be thrown away for being ignored.
 */
static int vcpu_run_masked(struct vcpu *vcpu)
{
	int ret;

	if (!vcpu->sigset_active)
		return vcpu_run(vcpu);
	sigprocmask(SIG_SETMASK, &vcpu->sigset, &current->real_blocked);
	ret = vcpu_run(vcpu);
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
	return ret;
}

/*
 * The kernel's work for a thread on its way to userspace (rseq, NUMA balancing, task
 * work of io_uring, ...) is not for modules to call.  So the thread goes there, and comes back
 * at once: the flag makes the kernel look at what a system call returned, without a
 * signal.  It is set last, as changing the signal mask clears it.
 */
static int vcpu_run_or_restart(struct vcpu *vcpu)
{
	int ret = vcpu_run_masked(vcpu);

	if (ret == -ERESTARTNOHAND)
		set_thread_flag(TIF_SIGPENDING);
	return ret;
}

static int vcpu_one_reg(struct vcpu *vcpu, unsigned int cmd, const void __user *arg)
{
	struct kvm_one_reg reg;

	if (copy_from_user(&reg, arg, sizeof(reg)))
		return -EFAULT;
	/* A start by PSCI comes before what userspace does to the registers. */
	power_apply(vcpu);
	return cmd == KVM_SET_ONE_REG ? onereg_set(vcpu, &reg) : onereg_get(vcpu, &reg);
}

static int vcpu_set_guest_debug(struct vcpu *vcpu, const void __user *arg)
{
	struct kvm_guest_debug request;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	/* A start by PSCI resets PSTATE, and a step is begun there. */
	if (vcpu->initialized)
		power_apply(vcpu);
	return debug_set_vmm(vcpu, &request);
}

/* KVM has features to finalize that are not here. */
static int vcpu_finalize(const int __user *arg)
{
	int feature;

	return get_user(feature, arg) ? -EFAULT : -EINVAL;
}

/* What needs KVM_ARM_VCPU_INIT first. */
static long __vcpu_ioctl_initialized(struct vcpu *vcpu, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	if (cmd == KVM_RUN && arg)
		return -EINVAL;
	if (!vcpu->initialized)
		return -ENOEXEC;
	switch (cmd) {
	case KVM_RUN:
		return vcpu_run_or_restart(vcpu);
	case KVM_GET_ONE_REG:
	case KVM_SET_ONE_REG:
		return vcpu_one_reg(vcpu, cmd, user);
	case KVM_GET_REG_LIST:
		return onereg_list(vcpu, user);
	case KVM_GET_VCPU_EVENTS:
		power_apply(vcpu);
		return vcpu_get_events(vcpu, user);
	case KVM_SET_VCPU_EVENTS:
		power_apply(vcpu);
		return vcpu_set_events(vcpu, user);
	default:
		return vcpu_finalize(user);
	}
}

static long __vcpu_ioctl(struct vcpu *vcpu, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVM_RUN:
	case KVM_GET_ONE_REG:
	case KVM_SET_ONE_REG:
	case KVM_GET_REG_LIST:
	case KVM_GET_VCPU_EVENTS:
	case KVM_SET_VCPU_EVENTS:
	case KVM_ARM_VCPU_FINALIZE:
		return __vcpu_ioctl_initialized(vcpu, cmd, arg);
	case KVM_ARM_VCPU_INIT:
		return vcpu_init(vcpu, user);
	case KVM_GET_MP_STATE:
		return vcpu_get_mp_state(vcpu, user);
	case KVM_SET_MP_STATE:
		return vcpu_set_mp_state(vcpu, user);
	case KVM_SET_GUEST_DEBUG:
		return vcpu_set_guest_debug(vcpu, user);
	case KVM_SET_SIGNAL_MASK:
		return vcpu_set_signal_mask(vcpu, user);
	case KVM_SET_DEVICE_ATTR:
	case KVM_GET_DEVICE_ATTR:
	case KVM_HAS_DEVICE_ATTR:
		return vcpu_attr(vcpu, cmd, user);
	case KVM_GET_STATS_FD:
		return stats_vcpu_fd(vcpu);
	case KVM_GET_REGS:
	case KVM_SET_REGS:
	case KVM_GET_SREGS:
	case KVM_SET_SREGS:
	case KVM_GET_FPU:
	case KVM_SET_FPU:
	case KVM_TRANSLATE:
		/* Known, but of other architectures; arm64 has KVM_GET_ONE_REG. */
		return -EINVAL;
	default:
		return -ENOTTY;
	}
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;
	long ret;

	if (vcpu->vm->mm != current->mm)
		return -EIO;
	/* Another thread may be in KVM_RUN for ever. */
	if (mutex_lock_killable(&vcpu->lock))
		return -EINTR;
	ret = __vcpu_ioctl(vcpu, cmd, arg);
	mutex_unlock(&vcpu->lock);
	return ret;
}

static vm_fault_t vcpu_run_fault(struct vm_fault *vmf)
{
	struct vcpu *vcpu = vmf->vma->vm_file->private_data;

	if (!vmf->pgoff)
		vmf->page = virt_to_page(vcpu->run);
	else if (vmf->pgoff == COALESCED_RING_PGOFF)
		vmf->page = coalesced_page(vcpu->vm);
	else
		return VM_FAULT_SIGBUS;
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_run_vm_ops = {
	.fault = vcpu_run_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_run_vm_ops;
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;

	setway_stop(vcpu);
	vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_release,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = device_compat_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
};

/* A file for the vCPU, not installed yet.  It keeps the VM. */
static struct file *vcpu_make_file(struct vcpu *vcpu)
{
	struct file *file;

	vm_get(vcpu->vm);
	file = anon_inode_getfile("setway-vcpu", &vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file))
		vm_put(vcpu->vm);
	return file;
}

/*
 * Reserve the id first: once the file exists, its release is the only way back,
 * so nothing may fail after that.
 */
static int __vcpu_publish(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct file *file;
	int fd, ret;

	if (vm->vgic.initialized)
		return -EBUSY;
	ret = xa_insert(&vm->vcpus, vcpu->id, NULL, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret == -EBUSY ? -EEXIST : ret;
	ret = vgic_vcpu_place(vcpu);
	if (ret)
		goto release_id;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		ret = fd;
		goto remove_redist;
	}
	file = vcpu_make_file(vcpu);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto put_fd;
	}
	vcpu->index = vm->nr_vcpus;
	xa_store(&vm->vcpus, vcpu->id, vcpu, GFP_KERNEL_ACCOUNT);
	WRITE_ONCE(vm->nr_vcpus, vm->nr_vcpus + 1);	/* debugfs reads it */
	stats_add_vcpu(vcpu);
	fd_install(fd, file);
	return fd;

put_fd:
	put_unused_fd(fd);
remove_redist:
	vgic_vcpu_remove(vcpu);
release_id:
	xa_release(&vm->vcpus, vcpu->id);
	return ret;
}

int vcpu_create_fd(struct vm *vm, unsigned long id)
{
	struct vcpu *vcpu;
	int ret;

	if (id >= VM_MAX_VCPUS)
		return -EINVAL;
	vcpu = vcpu_alloc(vm, id);
	if (!vcpu)
		return -ENOMEM;
	ret = mutex_lock_killable(&vm->lock);
	if (!ret) {
		ret = __vcpu_publish(vcpu);
		mutex_unlock(&vm->lock);
	}
	if (ret < 0)
		vcpu_free(vcpu);
	return ret;
}
