// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IRQ_LINE: lines that userspace drives, of the GIC or, without a GIC, of
 * the vCPU itself.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/kvm.h>
#include <linux/uaccess.h>
#include <asm/kvm_arm.h>

#include "../kick.h"
#include "../vcpu.h"
#include "../vm.h"
#include "api.h"

/* struct kvm_irq_level.irq */
#define IRQ_VCPU2	GENMASK(31, 28)
#define IRQ_TYPE	GENMASK(27, 24)
#define IRQ_VCPU	GENMASK(23, 16)
#define IRQ_NUMBER	GENMASK(15, 0)

static struct vcpu *irq_vcpu(struct vm *vm, u32 irq)
{
	unsigned int index = FIELD_GET(IRQ_VCPU2, irq) * (FIELD_MAX(IRQ_VCPU) + 1) +
			     FIELD_GET(IRQ_VCPU, irq);

	return vm_vcpu_by_index(vm, index);
}

/* HCR_EL2.VI and VF: the vCPU's thread copies them when it enters. */
static int irq_set_cpu_line(struct vm *vm, u32 irq, bool level)
{
	struct vcpu *vcpu = irq_vcpu(vm, irq);
	unsigned int bit;
	bool was;

	if (vm->vgic.created)
		return -ENXIO;
	if (!vcpu || FIELD_GET(IRQ_NUMBER, irq) > KVM_ARM_IRQ_CPU_FIQ)
		return -EINVAL;
	bit = FIELD_GET(IRQ_NUMBER, irq) == KVM_ARM_IRQ_CPU_IRQ ? __ffs(HCR_VI) : __ffs(HCR_VF);
	was = level ? test_and_set_bit(bit, &vcpu->irq_lines) :
		      test_and_clear_bit(bit, &vcpu->irq_lines);
	if (was != level)
		vcpu_request(vcpu, VCPU_REQUEST_IRQ);
	return 0;
}

static int irq_set_ppi(struct vm *vm, u32 irq, bool level)
{
	struct vcpu *vcpu = irq_vcpu(vm, irq);
	u32 intid = FIELD_GET(IRQ_NUMBER, irq);

	if (!vm->vgic.created)
		return -ENXIO;
	if (!vcpu || intid < VGIC_NR_SGIS || intid >= VGIC_NR_PRIVATE)
		return -EINVAL;
	return vgic_set_line(vm, vcpu, intid, level, false);
}

static int irq_set_spi(struct vm *vm, u32 irq, bool level)
{
	u32 intid = FIELD_GET(IRQ_NUMBER, irq);

	if (!vm->vgic.created)
		return -ENXIO;
	if (intid < VGIC_NR_PRIVATE)
		return -EINVAL;
	return vgic_set_line(vm, NULL, intid, level, false);
}

static int irq_set(struct vm *vm, const struct kvm_irq_level *line)
{
	switch (FIELD_GET(IRQ_TYPE, line->irq)) {
	case KVM_ARM_IRQ_TYPE_CPU:
		return irq_set_cpu_line(vm, line->irq, line->level);
	case KVM_ARM_IRQ_TYPE_PPI:
		return irq_set_ppi(vm, line->irq, line->level);
	case KVM_ARM_IRQ_TYPE_SPI:
		return irq_set_spi(vm, line->irq, line->level);
	default:
		return -EINVAL;
	}
}

int irq_line(struct vm *vm, unsigned int cmd, void __user *arg)
{
	struct kvm_irq_level line;
	int ret;

	if (copy_from_user(&line, arg, sizeof(line)))
		return -EFAULT;
	ret = irq_set(vm, &line);
	/* KVM_IRQ_LINE_STATUS: the same, and the argument comes back as it was. */
	if (!ret && cmd == KVM_IRQ_LINE_STATUS && copy_to_user(arg, &line, sizeof(line)))
		return -EFAULT;
	return ret;
}

/* The ioctl makes a GICv2, and the address is that of a GICv2.  There is no GICv2. */
int irq_create_chip(void)
{
	return vgic_available() ? -ENODEV : -ENXIO;
}

int irq_set_device_addr(const void __user *arg)
{
	struct kvm_arm_device_addr addr;

	if (copy_from_user(&addr, arg, sizeof(addr)))
		return -EFAULT;
	if ((addr.id & KVM_ARM_DEVICE_ID_MASK) >> KVM_ARM_DEVICE_ID_SHIFT !=
	    KVM_ARM_DEVICE_VGIC_V2)
		return -ENODEV;
	return irq_create_chip();
}
