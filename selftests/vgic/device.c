// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a GICv3: KVM_CREATE_DEVICE, its attributes, and every way in which they
 * can be refused.
 */
#include "../lib/gic_fixture.h"

#define UNSET		(~0ULL)
#define SZ_2G		(2 * SZ_1G)
#define IPA_SIZE	BIT(40)

#define GICD_IIDR	0x0008
#define GICD_TYPER2	0x000c
#define IIDR_REVISION(n)	((u32)(n) << 12)
#define IIDR_REVISION_BITS	IIDR_REVISION(0xf)

/* Like SYSREG_PMR */
#define SYSREG_SRE		0xc665	/* ICC_SRE_EL1: 3, 0, 12, 12, 5 */
#define SYSREG_NONE		0xc000

static int line(struct vm *vm, u32 type, u32 vcpu, u32 number)
{
	struct kvm_irq_level line = {
		.irq = type << KVM_ARM_IRQ_TYPE_SHIFT | vcpu << KVM_ARM_IRQ_VCPU_SHIFT | number,
		.level = 1,
	};

	return ioctl(vm->fd, KVM_IRQ_LINE, &line);
}

TEST(types)
{
	struct vm *vm = vm_create();
	int fd;

	EXPECT_EQ(0, gic_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_CREATE_DEVICE_TEST, &fd));
	EXPECT_EQ(-1, fd);
	EXPECT_ERRNO(ENODEV, gic_device(vm, KVM_DEV_TYPE_ARM_VGIC_V2, KVM_CREATE_DEVICE_TEST, &fd));
	EXPECT_ERRNO(ENODEV, gic_device(vm, KVM_DEV_TYPE_XICS, 0, &fd));
	EXPECT_ERRNO(ENODEV, gic_device(vm, ~0U, 0, &fd));
	if (device_is_setway())
		EXPECT_ERRNO(ENODEV, gic_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS,
						KVM_CREATE_DEVICE_TEST, &fd));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_CREATE_DEVICE, BAD_ADDRESS));
	/* these make or place a GICv2 */
	EXPECT_ERRNO(ENODEV, ioctl(vm->fd, KVM_CREATE_IRQCHIP));
	vm_destroy(vm);
}

TEST(set_device_addr)
{
	struct kvm_arm_device_addr addr = {
		.id = KVM_ARM_DEVICE_VGIC_V2 << KVM_ARM_DEVICE_ID_SHIFT,
		.addr = GIC_DIST_BASE,
	};
	struct vm *vm = vm_create();

	EXPECT_ERRNO(ENODEV, ioctl(vm->fd, KVM_ARM_SET_DEVICE_ADDR, &addr));
	addr.id = 7 << KVM_ARM_DEVICE_ID_SHIFT;
	EXPECT_ERRNO(ENODEV, ioctl(vm->fd, KVM_ARM_SET_DEVICE_ADDR, &addr));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_ARM_SET_DEVICE_ADDR, BAD_ADDRESS));
	vm_destroy(vm);
}

TEST(capabilities)
{
	EXPECT_EQ(1, device_capability(KVM_CAP_IRQCHIP));
	EXPECT_EQ(1, device_capability(KVM_CAP_DEVICE_CTRL));
	EXPECT_EQ(1, device_capability(KVM_CAP_IRQFD));
	EXPECT_EQ(1, device_capability(KVM_CAP_IRQFD_RESAMPLE));
	EXPECT_EQ(4096, device_capability(KVM_CAP_IRQ_ROUTING));
	EXPECT_EQ(1, device_capability(KVM_CAP_ARM_IRQ_LINE_LAYOUT_2));
	EXPECT_EQ(1, device_capability(KVM_CAP_VCPU_ATTRIBUTES));
	if (device_is_setway())
		EXPECT_EQ(0, device_capability(KVM_CAP_SIGNAL_MSI));
}

TEST_F(gic, twice)
{
	int fd;

	EXPECT_ERRNO(EEXIST, gic_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0, &fd));
	/* which says what could be, not what is */
	EXPECT_EQ(0, gic_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_CREATE_DEVICE_TEST, &fd));
}

/* KVM keeps it, but a VMM that finds it incomplete tries another kind. */
TEST_F(gic, closed_unused)
{
	u64 value = 0;

	if (!device_is_setway())
		SKIP(return, "KVM's GIC stays");
	gic_place(self->fd);
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, gic_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0, &self->fd));
	EXPECT_EQ(0, attr_get(self->fd, ADDR, DIST, &value));
	EXPECT_EQ(UNSET, value);
	gic_place(self->fd);
	EXPECT_EQ(0, gic_init(self->fd));
	/* from now on it stays */
	ASSERT_EQ(0, close(self->fd));
	EXPECT_ERRNO(EEXIST, gic_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0, &self->fd));
}

TEST_F(gic, has)
{
	EXPECT_EQ(0, attr_has(self->fd, ADDR, DIST));
	EXPECT_EQ(0, attr_has(self->fd, ADDR, REDIST));
	EXPECT_EQ(0, attr_has(self->fd, ADDR, REGION));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, ADDR, ~0ULL));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
			      KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_ITS_SAVE_TABLES));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 1 << 10));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 0));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 0));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, 99, 0));
}

TEST_F(gic, has_registers)
{
	u64 nr = 64;

	ASSERT_EQ(0, gic_attr(self->fd, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			      &nr));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_ISENABLER + 4));
	/* interrupt 64 is one too many */
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_ISENABLER + 8));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR + 2));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0070));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, OF_VCPU(1, GICR_TYPER)));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
				     OF_VCPU(1, 0x0050)));
	EXPECT_ERRNO(EINVAL, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
				      OF_VCPU(2, GICR_TYPER)));
	EXPECT_EQ(0, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, OF_VCPU(0, SYSREG_PMR)));
	EXPECT_ERRNO(ENXIO, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				     OF_VCPU(0, SYSREG_NONE)));
	EXPECT_ERRNO(EINVAL, attr_has(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				      OF_VCPU(9, SYSREG_PMR)));
}

TEST_F(gic, attr_errors)
{
	u64 value = 0;

	EXPECT_ERRNO(EFAULT, ioctl(self->fd, KVM_SET_DEVICE_ATTR, BAD_ADDRESS));
	EXPECT_ERRNO(ENOTTY, ioctl(self->fd, KVM_RUN, 0));
	EXPECT_ERRNO(ENXIO, attr_set(self->fd, 99, 0, 0));
	EXPECT_ERRNO(ENXIO, attr_get(self->fd, 99, 0, &value));
	EXPECT_ERRNO(ENXIO, attr_set(self->fd, ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, 0));
	EXPECT_ERRNO(ENXIO, attr_get(self->fd, ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU, &value));
	EXPECT_ERRNO(ENXIO, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL, 99, 0));
	EXPECT_ERRNO(ENXIO, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_VGIC_CTRL_INIT, &value));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_SET_DEVICE_ATTR, ADDR, DIST, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_GET_DEVICE_ATTR, ADDR, DIST, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_GET_DEVICE_ATTR, ADDR, REGION,
				      BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_SET_DEVICE_ATTR,
				      KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, BAD_ADDRESS));
}

TEST_F(gic, distributor)
{
	u64 value = 0;

	EXPECT_EQ(0, attr_get(self->fd, ADDR, DIST, &value));
	EXPECT_EQ(UNSET, value);
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, DIST, GIC_DIST_BASE + SZ_4K));
	EXPECT_ERRNO(E2BIG, attr_set(self->fd, ADDR, DIST, IPA_SIZE));
	EXPECT_EQ(0, attr_set(self->fd, ADDR, DIST, IPA_SIZE - SZ_64K));
	EXPECT_ERRNO(EEXIST, attr_set(self->fd, ADDR, DIST, GIC_DIST_BASE));
	EXPECT_EQ(0, attr_get(self->fd, ADDR, DIST, &value));
	EXPECT_EQ(IPA_SIZE - SZ_64K, value);
}

TEST_F(gic, redistributors)
{
	u64 value = 0;

	EXPECT_EQ(0, attr_get(self->fd, ADDR, REDIST, &value));
	EXPECT_EQ(UNSET, value);
	EXPECT_EQ(0, attr_set(self->fd, ADDR, DIST, GIC_DIST_BASE));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REDIST, GIC_REDIST_BASE + SZ_4K));
	EXPECT_ERRNO(E2BIG, attr_set(self->fd, ADDR, REDIST, IPA_SIZE - GIC_REDIST_SIZE));
	/* on the distributor */
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REDIST, GIC_DIST_BASE - SZ_64K));
	EXPECT_EQ(0, attr_set(self->fd, ADDR, REDIST, GIC_REDIST_BASE));
	EXPECT_ERRNO(EEXIST, attr_set(self->fd, ADDR, REDIST, 0));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(2, SZ_1G, 0, 0)));
	EXPECT_EQ(0, attr_get(self->fd, ADDR, REDIST, &value));
	EXPECT_EQ(GIC_REDIST_BASE, value);
}

TEST_F(gic, regions)
{
	u64 value;

	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(0, SZ_1G, 0, 0)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_1G, 1, 0)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_1G, 0, 1)));
	EXPECT_ERRNO(E2BIG, attr_set(self->fd, ADDR, REGION, gic_region(1, IPA_SIZE, 0, 0)));
	EXPECT_EQ(0, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_1G, 0, 0)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_2G, 0, 0)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_2G, 0, 2)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_1G + SZ_64K, 0, 1)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, ADDR, REDIST, SZ_2G));
	EXPECT_EQ(0, attr_set(self->fd, ADDR, REGION, gic_region(3, SZ_2G, 0, 1)));
	value = gic_region(0, 0, 0, 1);
	EXPECT_EQ(0, attr_get(self->fd, ADDR, REGION, &value));
	EXPECT_EQ(gic_region(3, SZ_2G, 0, 1), value);
	value = gic_region(0, 0, 0, 2);
	EXPECT_ERRNO(ENOENT, attr_get(self->fd, ADDR, REGION, &value));
}

TEST_F(gic, number_of_interrupts)
{
	static const u32 bad[] = { 0, 32, 63, 65, 1023, 1024 };
	u32 value = 0, good = 992;
	unsigned int i;

	EXPECT_EQ(0, gic_attr(self->fd, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			      &value));
	EXPECT_EQ(32, value);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_ERRNO(EINVAL, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, bad[i]));
	EXPECT_EQ(0, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, good));
	EXPECT_ERRNO(EBUSY, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, good));
	EXPECT_EQ(0, gic_attr(self->fd, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			      &value));
	EXPECT_EQ(good, value);
}

TEST_F(gic, initialised)
{
	u32 value = 0;

	EXPECT_EQ(0, gic_init(self->fd));
	/* again does no harm */
	EXPECT_EQ(0, gic_init(self->fd));
	EXPECT_EQ(0, gic_attr(self->fd, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0,
			      &value));
	EXPECT_EQ(256, value);
	EXPECT_ERRNO(EBUSY, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, 64));
	EXPECT_ERRNO(EBUSY, ioctl(self->vm->fd, KVM_CREATE_VCPU, 2UL));
	/* addresses can come later */
	EXPECT_EQ(0, attr_set(self->fd, ADDR, DIST, GIC_DIST_BASE));
	EXPECT_EQ(0, attr_set(self->fd, ADDR, REDIST, GIC_REDIST_BASE));
}

/* A GIC without vCPUs, as none can be created any more: it drops all interrupts. */
TEST(initialised_without_vcpus)
{
	struct vm *vm = vm_create();
	u64 value = 0;
	int fd;

	ASSERT_EQ(0, gic_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0, &fd));
	EXPECT_EQ(0, attr_set(fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, 64));
	EXPECT_EQ(0, gic_init(fd));
	EXPECT_EQ(0, gic_init(fd));
	EXPECT_EQ(0, attr_get(fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &value));
	EXPECT_EQ(64, value);
	EXPECT_ERRNO(EBUSY, ioctl(vm->fd, KVM_CREATE_VCPU, 0UL));
	EXPECT_EQ(0, attr_set(fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
			      KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, 0));
	EXPECT_ERRNO(EINVAL, attr_get(fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, &value));
	EXPECT_EQ(0, line(vm, KVM_ARM_IRQ_TYPE_SPI, 0, 32));
	EXPECT_EQ(0, line(vm, KVM_ARM_IRQ_TYPE_SPI, 0, 63));
	EXPECT_ERRNO(EINVAL, line(vm, KVM_ARM_IRQ_TYPE_SPI, 0, 64));
	EXPECT_ERRNO(EINVAL, line(vm, KVM_ARM_IRQ_TYPE_PPI, 0, 16));
	close(fd);
	vm_destroy(vm);
}

TEST_F(gic, save_pending_tables)
{
	EXPECT_ERRNO(ENXIO, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, 0));
	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_EQ(0, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
			      KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, 0));
}

TEST_F(gic, registers_before_init)
{
	u64 value = 0;

	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_TYPER, &value));
	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
				     OF_VCPU(0, GICR_TYPER), &value));
	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				     OF_VCPU(0, SYSREG_PMR), &value));
	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0, &value));
}

TEST_F(gic, registers)
{
	u64 value = 0;
	u32 iidr;

	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_ERRNO(EINVAL, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
				      OF_VCPU(2, GICR_TYPER), &value));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_SET_DEVICE_ATTR,
				      KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, BAD_ADDRESS));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_GET_DEVICE_ATTR,
				      KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, BAD_ADDRESS));
	/* what there is not reads as 0 */
	value = ~0ULL;
	EXPECT_EQ(0, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0x0070, &value));
	EXPECT_EQ(0, (u32)value);
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_TYPER2, 1));

	EXPECT_EQ(0, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR, &value));
	iidr = value & ~IIDR_REVISION_BITS;
	EXPECT_EQ(0x4b00043b, iidr);
	EXPECT_EQ(0, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR,
			      iidr | IIDR_REVISION(2)));
	EXPECT_EQ(0, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR, &value));
	EXPECT_EQ(iidr | IIDR_REVISION(2), (u32)value);
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR,
				      iidr | IIDR_REVISION(9)));
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR,
				      (iidr + 1) | IIDR_REVISION(2)));
}

TEST_F(gic, cpu_interface)
{
	u64 value = 0x80;

	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_EQ(0, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, OF_VCPU(1, SYSREG_PMR),
			      0x80));
	EXPECT_EQ(0, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, OF_VCPU(1, SYSREG_PMR),
			      &value));
	EXPECT_EQ(0x80, value);
	EXPECT_EQ(0, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, OF_VCPU(0, SYSREG_PMR),
			      &value));
	EXPECT_EQ(0, value);
	EXPECT_ERRNO(ENOENT, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				      OF_VCPU(0, SYSREG_NONE), &value));
	EXPECT_ERRNO(EINVAL, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				      OF_VCPU(9, SYSREG_PMR), &value));
	EXPECT_ERRNO(EFAULT, gic_attr(self->fd, KVM_SET_DEVICE_ATTR,
				      KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				      OF_VCPU(0, SYSREG_PMR), BAD_ADDRESS));
	/* system registers cannot be turned off */
	EXPECT_ERRNO(EINVAL, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				      OF_VCPU(0, SYSREG_SRE), 0));
}

static u32 levels(int fd, u64 attr)
{
	u32 value = 0;

	if (gic_attr(fd, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, attr, &value))
		fail("attribute %#llx cannot be read", attr);
	return value;
}

TEST_F(gic, levels)
{
	u64 value = 0;

	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_ERRNO(EINVAL, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 33, &value));
	EXPECT_ERRNO(EINVAL, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 1 << 10, &value));
	/* SPIs are edge-triggered at first */
	gic_line(self->vm, GIC_SPI(1), true);
	EXPECT_EQ(0, levels(self->fd, 32));
	EXPECT_EQ(0, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_ICFGR + 8, 0));
	gic_line(self->vm, GIC_SPI(2), true);
	EXPECT_EQ(0, line(self->vm, KVM_ARM_IRQ_TYPE_PPI, 1, 20));
	/* KVM_IRQ_LINE counts vCPUs as they were made; 6.1's KVM does so twice */
	EXPECT_EQ(BIT(20), levels(self->fd, OF_VCPU(device_is_setway() ? 0 : 1, 0)));
	EXPECT_EQ(0, levels(self->fd, OF_VCPU(device_is_setway() ? 1 : 0, 0)));
	EXPECT_EQ(BIT(2), levels(self->fd, 32));
	EXPECT_EQ(0, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 32, BIT(5)));
	EXPECT_EQ(BIT(5), levels(self->fd, 32));
}

TEST(lines_without_gic)
{
	struct vm *vm = vm_create();

	vcpu_add(vm, 0);
	EXPECT_ERRNO(ENXIO, line(vm, KVM_ARM_IRQ_TYPE_SPI, 0, 32));
	EXPECT_ERRNO(ENXIO, line(vm, KVM_ARM_IRQ_TYPE_PPI, 0, 16));
	EXPECT_EQ(0, line(vm, KVM_ARM_IRQ_TYPE_CPU, 0, KVM_ARM_IRQ_CPU_IRQ));
	EXPECT_EQ(0, line(vm, KVM_ARM_IRQ_TYPE_CPU, 0, KVM_ARM_IRQ_CPU_FIQ));
	EXPECT_ERRNO(EINVAL, line(vm, KVM_ARM_IRQ_TYPE_CPU, 0, 2));
	EXPECT_ERRNO(EINVAL, line(vm, KVM_ARM_IRQ_TYPE_CPU, 1, 0));
	EXPECT_ERRNO(EINVAL, line(vm, 3, 0, 32));
	EXPECT_ERRNO(EFAULT, ioctl(vm->fd, KVM_IRQ_LINE, BAD_ADDRESS));
	vm_destroy(vm);
}

TEST_F(gic, lines)
{
	EXPECT_ERRNO(EBUSY, line(self->vm, KVM_ARM_IRQ_TYPE_SPI, 0, 32));
	EXPECT_ERRNO(EBUSY, line(self->vm, KVM_ARM_IRQ_TYPE_PPI, 0, 16));
	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_EQ(0, line(self->vm, KVM_ARM_IRQ_TYPE_SPI, 0, 32));
	EXPECT_EQ(0, line(self->vm, KVM_ARM_IRQ_TYPE_SPI, 0, 255));
	EXPECT_ERRNO(EINVAL, line(self->vm, KVM_ARM_IRQ_TYPE_SPI, 0, 256));
	EXPECT_ERRNO(EINVAL, line(self->vm, KVM_ARM_IRQ_TYPE_SPI, 0, 31));
	EXPECT_EQ(0, line(self->vm, KVM_ARM_IRQ_TYPE_PPI, 1, 16));
	EXPECT_ERRNO(EINVAL, line(self->vm, KVM_ARM_IRQ_TYPE_PPI, 2, 16));
	EXPECT_ERRNO(EINVAL, line(self->vm, KVM_ARM_IRQ_TYPE_PPI, 0, 15));
	EXPECT_ERRNO(EINVAL, line(self->vm, KVM_ARM_IRQ_TYPE_PPI, 0, 32));
	EXPECT_ERRNO(ENXIO, line(self->vm, KVM_ARM_IRQ_TYPE_CPU, 0, 0));
}

TEST_HARNESS_MAIN
