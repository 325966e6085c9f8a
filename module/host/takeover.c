// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking EL2 and giving it back.
 *
 * The kernel's stub owns EL2 and jumps to any address for HVC_SOFT_RESTART, with
 * the MMU off and without touching VBAR_EL2; the runtime's entry notes what it
 * finds, puts itself in place and returns to the caller.  From then on the
 * runtime answers, and gives everything back when asked to.
 *
 * A CPU has the runtime while it is online and awake.  Documentation/hyp-abi.rst
 * has the steps, and what installs and restores it when.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>

#include "../el2/sysreg.h"
#include "../stage2/vtcr.h"
#include "el2.h"
#include "takeover.h"

struct cpumask el2_cpus;
DEFINE_PER_CPU(struct el2_cpu *, el2_cpu);

/*
 * CPUs that gave EL2 back to sleep, and take it again when they wake up.  A CPU
 * changes only its own bit.
 */
static struct cpumask el2_asleep;

/* Set by the reboot notifier: from here on EL2 is given back for good. */
static bool el2_closed;

static void *el2_image;
static size_t el2_image_size;
static enum cpuhp_state el2_cpuhp_state;

phys_addr_t el2_image_pa(void)
{
	return virt_to_phys(el2_image);
}

/*
 * Clean to the PoC, because the entry is fetched with EL2's caches off.  Each
 * installation does it: after hibernation the image was loaded through the
 * caches.
 */
static void image_clean(void)
{
	u64 line = 4 << cpuid_feature_extract_unsigned_field(read_cpuid(CTR_EL0), 16);
	char *p;

	for (p = el2_image; p < (char *)el2_image + el2_image_size; p += line)
		asm volatile("dc civac, %0" : : "r" (p) : "memory");
	dsb(sy);	/* complete before the HVC that jumps there */
	asm volatile("ic iallu" : : : "memory");
	dsb(nsh);
	isb();
}

static u64 tcr_el2(void)
{
	return EL2_TCR | stage2_parange(read_cpuid(ID_AA64MMFR0_EL1)) << EL2_TCR_PS_SHIFT;
}

/* On this CPU, interrupts off. */
static int __el2_install(void)
{
	struct el2_cpu *cpu = this_cpu_read(el2_cpu);
	u64 ret;

	if (!el2_is_stub()) {
		pr_err("EL2 of CPU %d is not the kernel's stub\n", smp_processor_id());
		return -EBUSY;
	}
	cpu->features = el2_cpu_features();
	cpu->hcr_set = el2_cpu_hcr();
	el2_cpu_predictors(cpu);
	image_clean();
	ret = el2_hvc(EL2_STUB_SOFT_RESTART, el2_image_pa(), virt_to_phys(cpu),
		      el2_map_ttbr(), tcr_el2());
	if (ret == EL2_INIT_E2H) {
		pr_err("EL2 of CPU %d is fixed to VHE (HCR_EL2.E2H): not supported\n",
		       smp_processor_id());
		return -ENODEV;
	}
	if (el2_hvc(EL2_HVC_PROBE, 0, 0, 0, 0) != EL2_ABI_VERSION) {
		pr_err("EL2 of CPU %d does not answer\n", smp_processor_id());
		return -EIO;
	}
	cpumask_set_cpu(smp_processor_id(), &el2_cpus);
	return 0;
}

/* On this CPU, interrupts off; returns whether there was something to restore. */
static bool __el2_restore(void)
{
	if (!cpumask_test_and_clear_cpu(smp_processor_id(), &el2_cpus))
		return false;
	el2_hvc(EL2_HVC_RESTORE, 0, 0, 0, 0);
	return true;
}

static int el2_cpu_up(unsigned int cpu)
{
	unsigned long flags;
	int err = 0;

	local_irq_save(flags);
	if (!READ_ONCE(el2_closed))
		err = __el2_install();
	local_irq_restore(flags);
	return err;
}

static int el2_cpu_down(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	__el2_restore();
	local_irq_restore(flags);
	return 0;
}

/* Called with interrupts off, on the CPU that is concerned. */
static int el2_pm_notify(struct notifier_block *nb, unsigned long action, void *unused)
{
	int cpu = smp_processor_id();

	switch (action) {
	case CPU_PM_ENTER:
		if (__el2_restore())
			cpumask_set_cpu(cpu, &el2_asleep);
		break;
	case CPU_PM_ENTER_FAILED:
	case CPU_PM_EXIT:
		if (cpumask_test_and_clear_cpu(cpu, &el2_asleep) && !READ_ONCE(el2_closed))
			__el2_install();
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block el2_pm_nb = {
	.notifier_call = el2_pm_notify,
};

static void el2_restore_here(void *unused)
{
	__el2_restore();
}

/*
 * The interrupt also ends the run of a guest.  A CPU that has to flush TLBs,
 * and has no EL2 any more, asks one that still has (tlb_call()).
 */
static int el2_reboot_notify(struct notifier_block *nb, unsigned long action, void *unused)
{
	WRITE_ONCE(el2_closed, true);
	on_each_cpu(el2_restore_here, NULL, 1);
	return NOTIFY_OK;
}

static struct notifier_block el2_reboot_nb = {
	.notifier_call = el2_reboot_notify,
};

static int image_load(void)
{
	size_t size = el2_image_end - el2_image_start;

	el2_image_size = PAGE_ALIGN(size);
	el2_image = alloc_pages_exact(el2_image_size, GFP_KERNEL | __GFP_ZERO);
	if (!el2_image)
		return -ENOMEM;
	memcpy(el2_image, el2_image_start, size);
	return 0;
}

static void image_unload(void)
{
	free_pages_exact(el2_image, el2_image_size);
	el2_image = NULL;
}

static void cpus_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_pages((unsigned long)per_cpu(el2_cpu, cpu),
			   get_order(sizeof(struct el2_cpu)));
		per_cpu(el2_cpu, cpu) = NULL;
	}
}

static int cpus_alloc(void)
{
	struct page *page;
	int cpu;

	for_each_possible_cpu(cpu) {
		page = alloc_pages_node(cpu_to_node(cpu), GFP_KERNEL | __GFP_ZERO,
					get_order(sizeof(struct el2_cpu)));
		if (!page) {
			cpus_free();
			return -ENOMEM;
		}
		per_cpu(el2_cpu, cpu) = page_address(page);
	}
	return 0;
}

static int cpus_install(void)
{
	int state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, KBUILD_MODNAME ":el2",
				      el2_cpu_up, el2_cpu_down);

	if (state < 0)
		return state;
	el2_cpuhp_state = state;
	return 0;
}

int el2_take(void)
{
	int err;

	err = image_load();
	if (err)
		return err;
	err = cpus_alloc();
	if (err)
		goto unload_image;
	err = el2_map_create();
	if (err)
		goto free_cpus;
	err = el2_map_image(el2_image_pa(), el2_image_size);
	if (err)
		goto destroy_map;
	err = cpu_pm_register_notifier(&el2_pm_nb);
	if (err)
		goto destroy_map;
	err = register_reboot_notifier(&el2_reboot_nb);
	if (err)
		goto unregister_pm;
	err = cpus_install();
	if (err)
		goto unregister_reboot;
	pr_info("EL2 is taken on %u CPUs\n", cpumask_weight(&el2_cpus));
	el2_warn_of_guests();
	return 0;

unregister_reboot:
	unregister_reboot_notifier(&el2_reboot_nb);
unregister_pm:
	cpu_pm_unregister_notifier(&el2_pm_nb);
destroy_map:
	el2_map_destroy();
free_cpus:
	cpus_free();
unload_image:
	image_unload();
	return err;
}

void el2_give_back(void)
{
	cpuhp_remove_state(el2_cpuhp_state);
	unregister_reboot_notifier(&el2_reboot_nb);
	cpu_pm_unregister_notifier(&el2_pm_nb);
	el2_map_destroy();
	cpus_free();
	image_unload();
	pr_info("EL2 is given back\n");
}
