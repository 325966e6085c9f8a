// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a vCPU whose GIC is not complete, and what of the GIC can be had while a
 * vCPU runs.
 */
#include "../lib/gic_fixture.h"
#include "../lib/runner.h"

/* Running a vCPU needs a GIC that is complete. */
static void guest_does_nothing(void)
{
}

static struct vcpu *with_program(struct vm *vm)
{
	program_load(vm);
	program_enter(vm->vcpus[0], guest_does_nothing, 0, 0, 0);
	return vm->vcpus[0];
}

TEST_F(gic, run_without_addresses)
{
	struct vcpu *vcpu = with_program(self->vm);

	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_ERRNO(ENXIO, __vcpu_run(vcpu));
}

TEST_F(gic, run_without_distributor)
{
	struct vcpu *vcpu = with_program(self->vm);

	ASSERT_EQ(0, gic_init(self->fd));
	ASSERT_EQ(0, attr_set(self->fd, ADDR, REDIST, GIC_REDIST_BASE));
	EXPECT_ERRNO(ENXIO, __vcpu_run(vcpu));
}

TEST_F(gic, run_with_too_few_redistributors)
{
	struct vcpu *vcpu = with_program(self->vm);

	ASSERT_EQ(0, gic_init(self->fd));
	ASSERT_EQ(0, attr_set(self->fd, ADDR, DIST, GIC_DIST_BASE));
	ASSERT_EQ(0, attr_set(self->fd, ADDR, REGION, gic_region(1, GIC_REDIST_BASE, 0, 0)));
	EXPECT_ERRNO(ENXIO, __vcpu_run(vcpu));
}

TEST_F(gic, run_without_init)
{
	struct vcpu *vcpu = with_program(self->vm);

	gic_place(self->fd);
	EXPECT_ERRNO(EBUSY, __vcpu_run(vcpu));
}

TEST_F(gic, run_with_an_overlap)
{
	struct vcpu *vcpu = with_program(self->vm);

	ASSERT_EQ(0, attr_set(self->fd, ADDR, REDIST, GIC_REDIST_BASE));
	ASSERT_EQ(0, attr_set(self->fd, ADDR, DIST, GIC_REDIST_BASE + GIC_REDIST_SIZE));
	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_ERRNO(EINVAL, __vcpu_run(vcpu));
}

TEST_F(gic, mended_after_a_refusal)
{
	struct vcpu *vcpu = with_program(self->vm);

	if (!device_is_setway())
		SKIP(return, "KVM gives such a VM up");
	EXPECT_ERRNO(ENXIO, __vcpu_run(vcpu));
	gic_place(self->fd);
	EXPECT_ERRNO(EBUSY, __vcpu_run(vcpu));
	ASSERT_EQ(0, gic_init(self->fd));
	program_finish(vcpu);
	/* it is too late for all of these now */
	EXPECT_ERRNO(EEXIST, attr_set(self->fd, ADDR, DIST, 0));
	EXPECT_ERRNO(EBUSY, attr_set(self->fd, ADDR, REDIST, 0));
}

TEST(made_too_late)
{
	struct vcpu *vcpu = program_vcpu(guest_does_nothing);
	int fd;

	program_finish(vcpu);
	EXPECT_ERRNO(EBUSY, gic_device(vcpu->vm, KVM_DEV_TYPE_ARM_VGIC_V3, 0, &fd));
	vm_destroy(vcpu->vm);
}

/* The ID registers */

#define REG_PFR0	ARM64_SYS_REG(3, 0, 0, 4, 0)
#define PFR0_GIC(pfr0)	((pfr0) >> 24 & 0xf)

static void guest_reports_pfr0(void)
{
	u64 value;

	asm volatile("mrs %0, id_aa64pfr0_el1" : "=r" (value));
	guest_sync(PFR0_GIC(value));
}

TEST(shown_to_the_guest_that_has_one)
{
	struct vcpu *vcpu = program_vcpu(guest_reports_pfr0);

	program_run_to(vcpu, 0);
	vm_destroy(vcpu->vm);
	vcpu = program_vcpu(guest_reports_pfr0);
	gic_create(vcpu->vm);
	program_run_to(vcpu, 1);
	vm_destroy(vcpu->vm);
}

/* A VMM reads all registers, makes the GIC, and writes them. */
TEST(shown_to_userspace_before_there_is_one)
{
	struct vcpu *vcpu = program_vcpu(guest_does_nothing);
	u64 before = reg_get(vcpu, REG_PFR0);

	EXPECT_EQ(1, PFR0_GIC(before));
	gic_create(vcpu->vm);
	EXPECT_EQ(before, reg_get(vcpu, REG_PFR0));
	reg_set(vcpu, REG_PFR0, before);
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

static void guest_stays(void)
{
	guest_sync(1);
	for (;;)
		asm volatile("wfi");
}

TEST_F(gic, while_a_vcpu_runs)
{
	struct vcpu *vcpu = with_program(self->vm);
	struct runner runner;
	u64 value = 0;

	gic_place(self->fd);
	ASSERT_EQ(0, gic_init(self->fd));
	program_enter(vcpu, guest_stays, 0, 0, 0);
	program_run_to(vcpu, 1);
	runner_start(&runner, vcpu);
	runner_wait_asleep(&runner);
	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_TYPER, &value));
	EXPECT_ERRNO(EBUSY, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
				     OF_VCPU(0, GICR_TYPER), 0));
	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				     OF_VCPU(0, SYSREG_PMR), &value));
	EXPECT_ERRNO(EBUSY, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 0, &value));
	EXPECT_ERRNO(EBUSY, attr_set(self->fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, 0));
	/* but not for those, which no vCPU knows of */
	EXPECT_EQ(0, gic_init(self->fd));
	EXPECT_EQ(0, attr_get(self->fd, ADDR, DIST, &value));
	EXPECT_EQ(EINTR, runner_stop(&runner));
	EXPECT_EQ(0, attr_get(self->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_TYPER, &value));
}

/* GICR_TYPER: the vCPU's number and affinity, and whether it is the last. */
static u64 typer(int fd, u32 vcpu)
{
	u64 low = 0, high = 0;

	if (attr_get(fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, OF_VCPU(vcpu, GICR_TYPER), &low) ||
	    attr_get(fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, OF_VCPU(vcpu, GICR_TYPER + 4), &high))
		fail("GICR_TYPER of vCPU %u cannot be read", vcpu);
	return (u32)low | (u64)(u32)high << 32;
}

#define LAST		BIT(4)

static u64 typer_of(u32 vcpu)
{
	return (u64)vcpu << 32 | vcpu << 8;
}

TEST_F(gic, order_of_redistributors)
{
	ASSERT_EQ(0, gic_init(self->fd));
	EXPECT_EQ(typer_of(0), typer(self->fd, 0));
	/* vCPU 1 was made first */
	ASSERT_EQ(0, attr_set(self->fd, ADDR, REGION, gic_region(1, SZ_1G, 0, 0)));
	EXPECT_EQ(typer_of(1) | LAST, typer(self->fd, 1));
	EXPECT_EQ(typer_of(0), typer(self->fd, 0));
	/* the second region follows the first */
	ASSERT_EQ(0, attr_set(self->fd, ADDR, REGION,
			      gic_region(1, SZ_1G + GIC_REDIST_SIZE, 0, 1)));
	EXPECT_EQ(typer_of(1), typer(self->fd, 1));
	EXPECT_EQ(typer_of(0) | LAST, typer(self->fd, 0));
}

TEST_HARNESS_MAIN
