// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's interrupt controller, made by KVM_CREATE_DEVICE.
 */
#include "gic.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../lib/device.h"
#include "layout.h"

#define GIC_IRQS	64	/* 32 private ones and 32 shared */
#define SPI_BASE	32

static void attribute_set(int fd, u32 group, u64 attr, const void *value)
{
	struct kvm_device_attr attribute = {
		.group = group,
		.attr = attr,
		.addr = (unsigned long)value,
	};

	if (ioctl(fd, KVM_SET_DEVICE_ATTR, &attribute))
		fail("the GIC's attribute %u, %llu: %s", group, attr, strerror(errno));
}

void gic_create(struct vm *vm)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	const u64 dist = GIC_DIST_BASE, redist = GIC_REDIST_BASE;
	const u32 irqs = GIC_IRQS;

	vm_ioctl(vm, KVM_CREATE_DEVICE, &device);
	attribute_set(device.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs);
	attribute_set(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	attribute_set(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST,
		      &redist);
	attribute_set(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

void gic_spi_set(struct vm *vm, u32 spi, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (SPI_BASE + spi),
		.level = level,
	};

	vm_ioctl(vm, KVM_IRQ_LINE, &line);
}
