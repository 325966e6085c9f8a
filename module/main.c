// SPDX-License-Identifier: GPL-2.0-only
/*
 * setway: a small hypervisor that makes guests' cache maintenance by Set/Way
 * correct and cheap.  Loading takes EL2 from the kernel's stub, unloading gives
 * it back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "api/api.h"
#include "host/el2.h"
#include "host/ppi.h"
#include "stage2/cmo.h"
#include "stats/debugfs.h"
#include "trap/sysreg.h"
#include "vm.h"
#include "memory/vmid.h"

static int __init setway_init(void)
{
	int ret;

	if (WARN_ON(!sysreg_tables_init() || !vgic_tables_init()))
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
	sysreg_host_init();
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
