// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list registers that this host's CPUs have for guests.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include "../../host/el2.h"
#include "../vgic.h"
#include "ich.h"
#include "lr.h"

/* vgic_host_init() sets it once; 0 if guests can have no GIC. */
static u64 host_vtr;
static unsigned int host_nr_lrs;

unsigned long long vgic_vtr(void)
{
	return host_vtr;
}

unsigned int vgic_nr_lrs(void)
{
	return host_nr_lrs;
}

bool vgic_available(void)
{
	return host_nr_lrs;
}

/* Called on one CPU after the other; keeps the least that any of them has. */
static void vtr_read_here(void *unused)
{
	u64 vtr = el2_gic_vtr();
	unsigned int nr_lrs = vtr ? FIELD_GET(ICH_VTR_LRS, vtr) + 1 : 0;

	if (nr_lrs >= host_nr_lrs)
		return;
	host_nr_lrs = nr_lrs;
	host_vtr = vtr;
}

void vgic_host_init(void)
{
	unsigned int cpu;

	host_nr_lrs = EL2_VGIC_MAX_LRS + 1;
	cpus_read_lock();
	for_each_online_cpu(cpu)
		smp_call_function_single(cpu, vtr_read_here, NULL, 1);
	cpus_read_unlock();
	if (vgic_available())
		pr_info("guests can have a GICv3, with %u list registers\n", host_nr_lrs);
	else
		pr_info("guests can have no GIC: the host's is no GICv3\n");
}
