// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's private interrupts that have to do with guests.
 *
 * Both are asserted only while a guest's state is loaded.  They serve to end
 * the guest's run, and nothing else: their handlers may never be called.
 *
 * The virtual timer's line stays high until the guest has dealt with it, so the
 * interrupt must not reach the CPU meanwhile.  It is made active in the host's
 * GIC though nobody has taken it.  The list register that presents it to the
 * guest deactivates it together with the guest's own interrupt.  If the GIC
 * driver cannot leave an interrupt to a guest, the interrupt is disabled and
 * enabled instead.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu_pm.h>
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include <linux/percpu.h>
#include <linux/printk.h>

#include "ppi.h"

/*
 * Index of the virtual timer's among the interrupts in the device tree, if they have
 * no names.
 */
#define TIMER_NODE_VIRTUAL	2

static unsigned int maintenance_irq, vtimer_irq;
/* The virtual timer's in the GIC itself; NULL if guests cannot deactivate it. */
static struct irq_data *vtimer_forwarded;
static enum cpuhp_state ppi_cpuhp_state;

/* What this CPU's GIC was last told by ppi_vtimer_mask(). */
DEFINE_PER_CPU(enum ppi_vtimer, ppi_vtimer);

static irqreturn_t maintenance_handler(int irq, void *unused)
{
	/*
	 * Nothing to do: the exit that this interrupt caused has dealt with the list
	 * registers.
	 */
	return IRQ_HANDLED;
}

static irqreturn_t vtimer_handler(int irq, void *unused)
{
	/* If a guest deactivates the interrupt, it stays active here. */
	if (vtimer_forwarded)
		__this_cpu_write(ppi_vtimer, PPI_VTIMER_MASKED);
	return IRQ_HANDLED;
}

/*
 * As irq_set_irqchip_state() does, but without a search and the descriptor's lock: the
 * state is this CPU's own, and nobody else has the interrupt.
 */
static void vtimer_set_active(struct irq_data *data, bool active)
{
	const struct irq_chip *chip = data->chip;

	chip->irq_set_irqchip_state(data, IRQCHIP_STATE_ACTIVE, active);
	/* The write must reach the GIC before the guest can end the interrupt. */
	chip->irq_get_irqchip_state(data, IRQCHIP_STATE_ACTIVE, &active);
}

void ppi_vtimer_set(enum ppi_vtimer state)
{
	bool masked = state == PPI_VTIMER_MASKED;

	__this_cpu_write(ppi_vtimer, state);
	if (!vtimer_irq)
		return;
	if (vtimer_forwarded)
		vtimer_set_active(vtimer_forwarded, masked);
	else if (masked)
		disable_percpu_irq(vtimer_irq);
	else
		enable_percpu_irq(vtimer_irq, IRQ_TYPE_NONE);
}

void ppi_vtimer_deactivated(void)
{
	__this_cpu_write(ppi_vtimer, PPI_VTIMER_OPEN);
}

bool ppi_vtimer_available(void)
{
	return vtimer_irq;
}

bool ppi_vtimer_intid(u32 *intid)
{
	if (!vtimer_forwarded)
		return false;
	*intid = irqd_to_hwirq(vtimer_forwarded);
	return true;
}

static int ppi_cpu_up(unsigned int cpu)
{
	if (maintenance_irq)
		enable_percpu_irq(maintenance_irq, IRQ_TYPE_NONE);
	if (vtimer_irq)
		enable_percpu_irq(vtimer_irq, IRQ_TYPE_NONE);
	__this_cpu_write(ppi_vtimer, PPI_VTIMER_UNKNOWN);
	return 0;
}

static int ppi_cpu_down(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	ppi_vtimer_mask(false);
	local_irq_restore(flags);
	if (vtimer_irq)
		disable_percpu_irq(vtimer_irq);
	if (maintenance_irq)
		disable_percpu_irq(maintenance_irq);
	return 0;
}

/* The GIC may have lost its state while the CPU was asleep. */
static int ppi_pm_notify(struct notifier_block *nb, unsigned long action, void *unused)
{
	if (action == CPU_PM_EXIT || action == CPU_PM_ENTER_FAILED)
		__this_cpu_write(ppi_vtimer, PPI_VTIMER_UNKNOWN);
	return NOTIFY_OK;
}

static struct notifier_block ppi_pm_nb = {
	.notifier_call = ppi_pm_notify,
};

static const struct of_device_id gic_nodes[] = {
	{ .compatible = "arm,gic-v3" },
	{ }
};

static const struct of_device_id timer_nodes[] = {
	{ .compatible = "arm,armv8-timer" },
	{ .compatible = "arm,armv7-timer" },
	{ }
};

static unsigned int find_maintenance(void)
{
	struct device_node *node = of_find_matching_node(NULL, gic_nodes);
	unsigned int irq = node ? irq_of_parse_and_map(node, 0) : 0;

	of_node_put(node);
	return irq;
}

static unsigned int find_vtimer(void)
{
	struct device_node *node = of_find_matching_node(NULL, timer_nodes);
	unsigned int irq;
	int index;

	if (!node)
		return 0;
	index = of_property_match_string(node, "interrupt-names", "virt");
	irq = irq_of_parse_and_map(node, index < 0 ? TIMER_NODE_VIRTUAL : index);
	of_node_put(node);
	return irq;
}

/* Return: @irq, or 0 if somebody else has it. */
static unsigned int ppi_request(unsigned int irq, irq_handler_t handler, const char *name)
{
	int err;

	if (!irq)
		return 0;
	/* The kernel wants a per-CPU variable with each; no handler looks at it. */
	err = request_percpu_irq(irq, handler, name, &ppi_vtimer);
	if (!err)
		return irq;
	pr_warn("%s: interrupt %u cannot be had (%d)\n", name, irq, err);
	return 0;
}

/* Any pointer will do: it says that guests deactivate the interrupt. */
static struct irq_data *vtimer_forward(void)
{
	struct irq_data *data = irq_get_irq_data(vtimer_irq);

	while (data->parent_data)
		data = data->parent_data;
	if (!data->chip->irq_set_irqchip_state || !data->chip->irq_get_irqchip_state ||
	    irq_set_vcpu_affinity(vtimer_irq, &vtimer_irq))
		return NULL;
	return data;
}

static void ppi_request_all(void)
{
	maintenance_irq = ppi_request(find_maintenance(), maintenance_handler,
				      KBUILD_MODNAME " GIC maintenance");
	vtimer_irq = ppi_request(find_vtimer(), vtimer_handler, KBUILD_MODNAME " virtual timer");
	vtimer_forwarded = vtimer_irq ? vtimer_forward() : NULL;
}

static void ppi_free_all(void)
{
	if (vtimer_forwarded)
		irq_set_vcpu_affinity(vtimer_irq, NULL);
	if (vtimer_irq)
		free_percpu_irq(vtimer_irq, &ppi_vtimer);
	if (maintenance_irq)
		free_percpu_irq(maintenance_irq, &ppi_vtimer);
	vtimer_forwarded = NULL;
	vtimer_irq = 0;
	maintenance_irq = 0;
}

int ppi_init(void)
{
	int ret;

	ppi_request_all();
	ret = cpu_pm_register_notifier(&ppi_pm_nb);
	if (ret)
		goto free_all;
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, KBUILD_MODNAME ":ppi", ppi_cpu_up,
				ppi_cpu_down);
	if (ret < 0)
		goto unregister_pm;
	ppi_cpuhp_state = ret;
	return 0;

unregister_pm:
	cpu_pm_unregister_notifier(&ppi_pm_nb);
free_all:
	ppi_free_all();
	return ret;
}

void ppi_exit(void)
{
	cpuhp_remove_state(ppi_cpuhp_state);
	cpu_pm_unregister_notifier(&ppi_pm_nb);
	ppi_free_all();
}
