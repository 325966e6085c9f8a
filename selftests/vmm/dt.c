// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's device tree: memory, a CPU, PSCI, the timer, a serial port and
 * its clock.  Nothing raises interrupts, so there is no interrupt controller;
 * whoever wants the timer's must poll.
 */
#include "dt.h"

#include <libfdt.h>
#include <string.h>

#include "../lib/device.h"
#include "layout.h"
#include "pl011.h"

#define PHANDLE_CLOCK	1
#define UART_CLOCK_HZ	24000000

/* Bindings of an interrupt: private peripheral, level-triggered and low */
#define GIC_PPI			1
#define IRQ_LEVEL_LOW		8

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

static void write_cpus(void *fdt)
{
	check(fdt_begin_node(fdt, "cpus"));
	check(fdt_property_u32(fdt, "#address-cells", 1));
	check(fdt_property_u32(fdt, "#size-cells", 0));
	check(fdt_begin_node(fdt, "cpu@0"));
	STRINGS(fdt, "device_type", "cpu");
	STRINGS(fdt, "compatible", "arm,armv8");
	STRINGS(fdt, "enable-method", "psci");
	check(fdt_property_u32(fdt, "reg", 0));
	check(fdt_end_node(fdt));
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
		cells[3 * i + 2] = cpu_to_fdt32(IRQ_LEVEL_LOW);
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

static void write_uart(void *fdt)
{
	fdt32_t clocks[] = { cpu_to_fdt32(PHANDLE_CLOCK), cpu_to_fdt32(PHANDLE_CLOCK) };

	check(fdt_begin_node(fdt, "pl011@9000000"));
	STRINGS(fdt, "compatible", "arm,pl011\0arm,primecell");
	STRINGS(fdt, "clock-names", "uartclk\0apb_pclk");
	check(fdt_property(fdt, "clocks", clocks, sizeof(clocks)));
	reg(fdt, UART_BASE, PL011_SIZE);
	check(fdt_end_node(fdt));
}

static void write_chosen(void *fdt)
{
	check(fdt_begin_node(fdt, "chosen"));
	STRINGS(fdt, "stdout-path", "/pl011@9000000");
	check(fdt_end_node(fdt));
}

void dt_write(void *buffer, u64 ram_size)
{
	memset(buffer, 0, DT_SIZE);
	check(fdt_create(buffer, DT_SIZE));
	check(fdt_finish_reservemap(buffer));
	check(fdt_begin_node(buffer, ""));
	STRINGS(buffer, "compatible", "linux,dummy-virt");
	check(fdt_property_u32(buffer, "#address-cells", 2));
	check(fdt_property_u32(buffer, "#size-cells", 2));
	write_chosen(buffer);
	write_memory(buffer, ram_size);
	write_cpus(buffer);
	write_psci(buffer);
	write_timer(buffer);
	write_clock(buffer);
	write_uart(buffer);
	check(fdt_end_node(buffer));
	check(fdt_finish(buffer));
	/* room for what the guest adds to it */
	check(fdt_open_into(buffer, buffer, DT_SIZE));
}
