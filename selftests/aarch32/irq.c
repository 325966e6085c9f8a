// SPDX-License-Identifier: GPL-2.0-only
/*
 * AArch32: interrupts, with the GIC's CPU interface in CP15, taken in A32 out of
 * A32 and T32; as IRQs and FIQs, by SGIs, a device and both timers.
 */
#include "../lib/gic.h"
#include "../lib/program32.h"
#include "../lib/test.h"

#include "guest/irq.h"

REQUIRE_CAPABILITY(KVM_CAP_ARM_EL1_32BIT, "the CPU has no AArch32 at EL1")

GUEST32(irq_to_itself);
GUEST32(irq_deactivated_apart);
GUEST32(irq_masked);
GUEST32(irq_groups);
GUEST32(irq_of_a_device);
GUEST32(irq_of_a_timer);
GUEST32(irq_in_it_blocks);
GUEST32(irq_first);
GUEST32(irq_second);

static struct vcpu *irq_vcpu(const void *function, u32 argument)
{
	struct vcpu *vcpu = program32_vcpu(function);

	gic_create(vcpu->vm);
	program32_enter(vcpu, function, argument, 0, 0);
	return vcpu;
}

static void irq_run(const void *function, u32 argument)
{
	struct vcpu *vcpu = irq_vcpu(function, argument);

	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(to_itself)
{
	irq_run(guest32_irq_to_itself, 0);
}

TEST(deactivated_apart)
{
	irq_run(guest32_irq_deactivated_apart, 0);
}

TEST(masked)
{
	irq_run(guest32_irq_masked, 0);
}

TEST(groups)
{
	irq_run(guest32_irq_groups, 0);
}

TEST(of_a_device)
{
	struct vcpu *vcpu = irq_vcpu(guest32_irq_of_a_device, 0);
	unsigned int i;

	for (i = 0; i < IRQ_DEVICE_ROUNDS; i++) {
		program_run_to(vcpu, IRQ_READY);
		gic_line(vcpu->vm, IRQ_DEVICE, true);
		program_run_to(vcpu, IRQ_TAKEN);
		gic_line(vcpu->vm, IRQ_DEVICE, false);
	}
	program_finish(vcpu);
	vm_destroy(vcpu->vm);
}

TEST(of_the_virtual_timer)
{
	irq_run(guest32_irq_of_a_timer, true);
}

TEST(of_the_physical_timer)
{
	irq_run(guest32_irq_of_a_timer, false);
}

TEST(in_it_blocks)
{
	irq_run(guest32_irq_in_it_blocks, 0);
}

TEST(between_two)
{
	struct vm *vm = vm_create();
	struct vcpu *first = program32_add(vm, 0), *second = program32_add(vm, 1);

	program32_load(vm);
	gic_create(vm);
	program32_enter(first, guest32_irq_first, 0, 0, 0);
	program32_enter(second, guest32_irq_second, 0, 0, 0);
	gic_run_all(vm);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
