// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts.
 */
#include "gic.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"
#include "guest.h"
#include "program.h"

#define GICR_WAKER_SLEEP	BIT(1)
#define GICR_WAKER_ASLEEP	BIT(2)
#define GICR_TYPER_LAST		BIT(4)
#define NR_PRIVATE		32

int gic_attr(int fd, unsigned long request, u32 group, u64 attr, void *value)
{
	struct kvm_device_attr attribute = {
		.group = group,
		.attr = attr,
		.addr = (u64)value,
	};

	return ioctl(fd, request, &attribute);
}

static void gic_attr_set(int fd, u32 group, u64 attr, void *value)
{
	if (gic_attr(fd, KVM_SET_DEVICE_ATTR, group, attr, value))
		fail("the GIC's attribute %u, %#llx: %s", group, attr, strerror(errno));
}

int gic_create(struct vm *vm)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	u64 dist = GIC_DIST_BASE, redist = GIC_REDIST_BASE;
	u32 irqs = GIC_NR_IRQS;

	vm_ioctl(vm, KVM_CREATE_DEVICE, &device);
	gic_attr_set(device.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs);
	gic_attr_set(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	gic_attr_set(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
	gic_attr_set(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	return device.fd;
}

void gic_line(struct vm *vm, u32 intid, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | intid,
		.level = level,
	};

	vm_ioctl(vm, KVM_IRQ_LINE, &line);
}

static void *vcpu_thread(void *vcpu)
{
	program_finish(vcpu);
	return NULL;
}

void gic_run_all(struct vm *vm)
{
	pthread_t threads[VM_VCPUS];
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		if (pthread_create(&threads[i], NULL, vcpu_thread, vm->vcpus[i]))
			fail("cannot create a thread");
	}
	for (i = 0; i < vm->nr_vcpus; i++)
		pthread_join(threads[i], NULL);
}

u32 gic_read(u64 address)
{
	u32 value;

	asm volatile("ldr %w0, [%1]" : "=r" (value) : "r" (address) : "memory");
	return value;
}

void gic_write(u64 address, u32 value)
{
	asm volatile("str %w0, [%1]" : : "r" (value), "r" (address) : "memory");
}

/* The one that has this vCPU's affinity: Aff3 to Aff0 in GICR_TYPER's high half. */
static u64 gic_redist(void)
{
	u64 redist, mpidr;

	asm volatile("mrs %0, mpidr_el1" : "=r" (mpidr));
	for (redist = GIC_REDIST_BASE;; redist += GIC_REDIST_SIZE) {
		u64 typer = guest_read(redist + GICR_TYPER);

		if (typer >> 32 == (mpidr & 0xffffff))
			return redist;
		GUEST_ASSERT(!(typer & GICR_TYPER_LAST));
	}
}

/* Where the registers of an interrupt begin. */
static u64 gic_frame(u32 intid)
{
	return intid < NR_PRIVATE ? gic_redist() + GIC_SGI_FRAME : GIC_DIST_BASE;
}

u64 gic_reg(u32 offset, u32 intid)
{
	return gic_frame(intid) + offset + intid / 32 * 4;
}

void gic_set(u32 offset, u32 intid)
{
	gic_write(gic_reg(offset, intid), BIT(intid % 32));
}

bool gic_get(u32 offset, u32 intid)
{
	return gic_read(gic_reg(offset, intid)) >> (intid % 32) & 1;
}

void gic_priority(u32 intid, u8 priority)
{
	u64 address = gic_frame(intid) + GICD_IPRIORITYR + intid;

	asm volatile("strb %w0, [%1]" : : "r" (priority), "r" (address) : "memory");
}

void gic_edge(u32 intid, bool edge)
{
	u64 address = gic_frame(intid) + GICD_ICFGR + intid / 16 * 4;
	u32 bit = 2U << intid % 16 * 2;
	u32 value = gic_read(address);

	gic_write(address, edge ? value | bit : value & ~bit);
}

void gic_route(u32 intid, u32 vcpu)
{
	guest_write(GIC_DIST_BASE + GICD_IROUTER + intid * 8,
		    (vcpu & 0xf) | (u64)(vcpu >> 4) << 8);
}

void guest_gic_init(void (*interrupt)(u64 vector))
{
	u64 waker = gic_redist() + GICR_WAKER;

	guest_cpu()->interrupt = interrupt;
	gic_write(GIC_DIST_BASE + GICD_CTLR, GICD_CTLR_ARE);
	gic_write(GIC_DIST_BASE + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
	gic_write(waker, gic_read(waker) & ~GICR_WAKER_SLEEP);
	while (gic_read(waker) & GICR_WAKER_ASLEEP)
		;
	icc_write(ICC_SRE_EL1, icc_read(ICC_SRE_EL1) | 1);
	icc_write(ICC_PMR_EL1, 0xff);
	icc_write(ICC_IGRPEN1_EL1, 1);
}
