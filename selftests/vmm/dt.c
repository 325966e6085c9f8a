// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's device tree: memory, CPUs, PSCI, the timer, a serial port and
 * its clock.  Firmware is told of no interrupt controller, and has none: it has to poll
 * the timer.
 */
#include "dt.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "../lib/device.h"
#include "kernel.h"
#include "layout.h"
#include "pl011.h"

#define PHANDLE_CLOCK	1
#define PHANDLE_GIC	2
#define UART_CLOCK_HZ	24000000

/* Bindings of an interrupt: shared or private, level-triggered */
#define GIC_SPI			0
#define GIC_PPI			1
#define IRQ_LEVEL_HIGH		4

#define CPUS_PER_CLUSTER	16	/* of vCPU ids in MPIDR.Aff0 */
#define MPIDR_AFF1_SHIFT	8

static void check(int error)
{
	if (error < 0)
		fail("device tree: %s", fdt_strerror(error));
}

static void strings(void *fdt, const char *name, const char *list, int size)
{
	check(fdt_property(fdt, name, list, size));
}

/* A property that is a list of strings, from a literal with \0 between them. */
#define STRINGS(fdt, name, literal)	strings(fdt, name, literal, sizeof(literal))

static void reg(void *fdt, u64 address, u64 size)
{
	fdt64_t cells[] = { cpu_to_fdt64(address), cpu_to_fdt64(size) };

	check(fdt_property(fdt, "reg", cells, sizeof(cells)));
}

static void write_memory(void *fdt, u64 size)
{
	check(fdt_begin_node(fdt, "memory@40000000"));
	STRINGS(fdt, "device_type", "memory");
	reg(fdt, RAM_BASE, size);
	check(fdt_end_node(fdt));
}

static void write_cpu(void *fdt, unsigned int id)
{
	u32 mpidr = (id / CPUS_PER_CLUSTER) << MPIDR_AFF1_SHIFT | id % CPUS_PER_CLUSTER;
	char name[16];

	snprintf(name, sizeof(name), "cpu@%x", mpidr);
	check(fdt_begin_node(fdt, name));
	STRINGS(fdt, "device_type", "cpu");
	STRINGS(fdt, "compatible", "arm,armv8");
	STRINGS(fdt, "enable-method", "psci");
	check(fdt_property_u32(fdt, "reg", mpidr));
	check(fdt_end_node(fdt));
}

static void write_cpus(void *fdt, unsigned int nr)
{
	unsigned int id;

	check(fdt_begin_node(fdt, "cpus"));
	check(fdt_property_u32(fdt, "#address-cells", 1));
	check(fdt_property_u32(fdt, "#size-cells", 0));
	for (id = 0; id < nr; id++)
		write_cpu(fdt, id);
	check(fdt_end_node(fdt));
}

static void write_gic(void *fdt, unsigned int nr_cpus)
{
	fdt64_t cells[] = {
		cpu_to_fdt64(GIC_DIST_BASE), cpu_to_fdt64(GIC_DIST_SIZE),
		cpu_to_fdt64(GIC_REDIST_BASE), cpu_to_fdt64(GIC_REDIST_SIZE * nr_cpus),
	};

	check(fdt_begin_node(fdt, "intc@8000000"));
	STRINGS(fdt, "compatible", "arm,gic-v3");
	check(fdt_property_u32(fdt, "#interrupt-cells", 3));
	check(fdt_property(fdt, "interrupt-controller", NULL, 0));
	check(fdt_property(fdt, "reg", cells, sizeof(cells)));
	check(fdt_property_u32(fdt, "phandle", PHANDLE_GIC));
	check(fdt_end_node(fdt));
}

static void write_psci(void *fdt)
{
	check(fdt_begin_node(fdt, "psci"));
	STRINGS(fdt, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	STRINGS(fdt, "method", "hvc");
	check(fdt_end_node(fdt));
}

/* Secure, non-secure, virtual and hypervisor timer: the usual PPIs. */
static void write_timer(void *fdt)
{
	static const u32 ppis[] = { 13, 14, 11, 10 };
	fdt32_t cells[ARRAY_SIZE(ppis) * 3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ppis); i++) {
		cells[3 * i] = cpu_to_fdt32(GIC_PPI);
		cells[3 * i + 1] = cpu_to_fdt32(ppis[i]);
		cells[3 * i + 2] = cpu_to_fdt32(IRQ_LEVEL_HIGH);
	}
	check(fdt_begin_node(fdt, "timer"));
	STRINGS(fdt, "compatible", "arm,armv8-timer");
	check(fdt_property(fdt, "interrupts", cells, sizeof(cells)));
	check(fdt_property(fdt, "always-on", NULL, 0));
	check(fdt_end_node(fdt));
}

static void write_clock(void *fdt)
{
	check(fdt_begin_node(fdt, "apb-pclk"));
	STRINGS(fdt, "compatible", "fixed-clock");
	STRINGS(fdt, "clock-output-names", "clk24mhz");
	check(fdt_property_u32(fdt, "#clock-cells", 0));
	check(fdt_property_u32(fdt, "clock-frequency", UART_CLOCK_HZ));
	check(fdt_property_u32(fdt, "phandle", PHANDLE_CLOCK));
	check(fdt_end_node(fdt));
}

static void write_uart(void *fdt, bool interrupts)
{
	fdt32_t interrupt[] = {
		cpu_to_fdt32(GIC_SPI), cpu_to_fdt32(UART_SPI), cpu_to_fdt32(IRQ_LEVEL_HIGH),
	};
	fdt32_t clocks[] = { cpu_to_fdt32(PHANDLE_CLOCK), cpu_to_fdt32(PHANDLE_CLOCK) };

	check(fdt_begin_node(fdt, "pl011@9000000"));
	STRINGS(fdt, "compatible", "arm,pl011\0arm,primecell");
	STRINGS(fdt, "clock-names", "uartclk\0apb_pclk");
	check(fdt_property(fdt, "clocks", clocks, sizeof(clocks)));
	reg(fdt, UART_BASE, PL011_SIZE);
	if (interrupts)
		check(fdt_property(fdt, "interrupts", interrupt, sizeof(interrupt)));
	check(fdt_end_node(fdt));
}

static void write_chosen(void *fdt, const struct dt *dt)
{
	const struct kernel *kernel = dt->kernel;

	check(fdt_begin_node(fdt, "chosen"));
	STRINGS(fdt, "stdout-path", "/pl011@9000000");
	if (dt->bootargs)
		check(fdt_property_string(fdt, "bootargs", dt->bootargs));
	if (kernel && kernel->initrd_end != kernel->initrd) {
		check(fdt_property_u64(fdt, "linux,initrd-start", kernel->initrd));
		check(fdt_property_u64(fdt, "linux,initrd-end", kernel->initrd_end));
	}
	check(fdt_end_node(fdt));
}

static void write_root(void *fdt, const struct dt *dt)
{
	check(fdt_begin_node(fdt, ""));
	STRINGS(fdt, "compatible", "linux,dummy-virt");
	check(fdt_property_u32(fdt, "#address-cells", 2));
	check(fdt_property_u32(fdt, "#size-cells", 2));
	if (dt->kernel)
		check(fdt_property_u32(fdt, "interrupt-parent", PHANDLE_GIC));
	write_chosen(fdt, dt);
	write_memory(fdt, dt->ram_size);
	write_cpus(fdt, dt->nr_cpus);
	write_psci(fdt);
	if (dt->kernel)
		write_gic(fdt, dt->nr_cpus);
	write_timer(fdt);
	write_clock(fdt);
	write_uart(fdt, dt->kernel);
	check(fdt_end_node(fdt));
}

void dt_write(void *buffer, const struct dt *dt)
{
	memset(buffer, 0, DT_SIZE);
	check(fdt_create(buffer, DT_SIZE));
	check(fdt_finish_reservemap(buffer));
	write_root(buffer, dt);
	check(fdt_finish(buffer));
	/* room for what the guest adds to it */
	check(fdt_open_into(buffer, buffer, DT_SIZE));
}
