// SPDX-License-Identifier: GPL-2.0-only
/*
 * May EL2 be taken?  Each case in which it may not has a line in the log that
 * says what to do.  The order follows from what can be asked safely: without an
 * EL2 an HVC is undefined, and a KVM that is idle has given EL2 back to the stub
 * and answers like the stub.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitfield.h>
#include <linux/device.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/virt.h>

#include "el2.h"
#include "takeover.h"

#define PFR0_EL2	GENMASK_ULL(11, 8)
#define MMFR0_TGRAN4	GENMASK_ULL(31, 28)
#define TGRAN4_NONE	0xf

static const struct file_operations no_fops = {
	.owner = THIS_MODULE,
};

/*
 * KVM shows by its misc device.  The class of misc devices is not exported, so
 * register one of our own for a moment and take its class.
 *
 * Return: 1 if KVM is there, 0 if not, or a negative errno.
 */
static int kvm_is_present(void)
{
	struct miscdevice probe = {
		.minor = MISC_DYNAMIC_MINOR,
		.name = KBUILD_MODNAME "-probe",
		.fops = &no_fops,
	};
	struct device *kvm;
	int err;

	err = misc_register(&probe);
	if (err)
		return err;
	kvm = class_find_device_by_name(probe.this_device->class, "kvm");
	misc_deregister(&probe);
	put_device(kvm);
	return kvm ? 1 : 0;
}

static int refuse_kvm(void)
{
	int present = kvm_is_present();

	if (present < 0)
		return present;
	if (!present)
		return 0;
	pr_err("KVM is present and uses EL2: boot with kvm-arm.mode=none\n");
	return -EBUSY;
}

/* Another copy of this runtime answers like the stub, except to PROBE. */
bool el2_is_stub(void)
{
	return el2_hvc(EL2_STUB_PROBE, 0, 0, 0, 0) == EL2_STUB_ERR &&
	       el2_hvc(EL2_HVC_PROBE, 0, 0, 0, 0) == EL2_STUB_ERR;
}

/* Cortex-A57 832075, Cortex-A77 1508412: a guest need only not work around it. */
void el2_warn_of_guests(void)
{
	if (cpus_have_cap(ARM64_WORKAROUND_DEVICE_LOAD_ACQUIRE) ||
	    cpus_have_cap(ARM64_WORKAROUND_1508412))
		pr_warn("guests that do not work around an erratum of this CPU can deadlock the machine: run only guests that you trust\n");
}

int el2_probe_refusals(void)
{
	int err;

	if (is_kernel_in_hyp_mode()) {
		pr_err("VHE: the kernel itself runs at EL2: boot with id_aa64mmfr1.vh=0 kvm-arm.mode=none\n");
		return -ENODEV;
	}
	if (!FIELD_GET(PFR0_EL2, read_cpuid(ID_AA64PFR0_EL1))) {
		pr_err("no EL2 on this machine: a CPU with virtualization is needed, not hidden by firmware or a hypervisor\n");
		return -ENODEV;
	}
	if (FIELD_GET(MMFR0_TGRAN4, read_cpuid(ID_AA64MMFR0_EL1)) == TGRAN4_NONE) {
		pr_err("no 4 KiB translation granule on this CPU: another CPU is needed\n");
		return -ENODEV;
	}
	err = refuse_kvm();
	if (err)
		return err;
	if (!el2_is_stub()) {
		pr_err("EL2 is not the kernel's stub: unload what took it, or boot with kvm-arm.mode=none and on no hypervisor\n");
		return -EBUSY;
	}
	return 0;
}
