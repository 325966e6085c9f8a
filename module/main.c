// SPDX-License-Identifier: GPL-2.0-only
/*
 * setway: a small hypervisor that makes guests' cache maintenance by Set/Way
 * correct and cheap.  Loading takes EL2 from the kernel's stub, unloading gives
 * it back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#include "api/api.h"
#include "host/el2.h"
#include "host/ppi.h"
#include "stage2/cmo.h"
#include "stats/debugfs.h"
#include "trap/sysreg.h"
#include "vm.h"
#include "memory/vmid.h"

unsigned int default_policy = STAGE2_POLICY_EXACT;

static const char * const policy_names[] = {
	[STAGE2_POLICY_FULL]	= "full",
	[STAGE2_POLICY_EXACT]	= "exact",
};

static int policy_set(const char *value, const struct kernel_param *param)
{
	int policy = sysfs_match_string(policy_names, value);

	if (policy < 0)
		return policy;
	default_policy = policy;
	return 0;
}

static int policy_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", policy_names[default_policy]);
}

static const struct kernel_param_ops policy_ops = {
	.set = policy_set,
	.get = policy_get,
};

module_param_cb(policy, &policy_ops, NULL, 0644);
MODULE_PARM_DESC(policy, "what a batch of Set/Way operations cleans in new VMs: full or exact (default)");

static int __init setway_init(void)
{
	int ret;

	if (WARN_ON(!sysreg_tables_are_sorted() || !vgic_tables_are_sorted()))
		return -EINVAL;
	ret = el2_probe_refusals();
	if (ret)
		return ret;
	ret = el2_take();
	if (ret)
		return ret;
	ret = ppi_init();
	if (ret)
		goto err_give_back;
	vgic_host_init();
	ret = irqfd_init();
	if (ret)
		goto err_ppi_exit;
	cmo_init();
	vmid_init();
	stats_init();
	ret = chardev_register();
	if (ret)
		goto err_stats_exit;
	return 0;

err_stats_exit:
	stats_exit();
	irqfd_exit();
err_ppi_exit:
	ppi_exit();
err_give_back:
	el2_give_back();
	return ret;
}

static void __exit setway_exit(void)
{
	chardev_unregister();
	stats_exit();
	irqfd_exit();
	ppi_exit();
	el2_give_back();
}

module_init(setway_init);
module_exit(setway_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The setway developers");
MODULE_DESCRIPTION("A hypervisor with correct and cheap cache maintenance by Set/Way");
