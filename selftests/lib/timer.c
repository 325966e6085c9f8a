// SPDX-License-Identifier: GPL-2.0-only
#include "timer.h"

#include "gic.h"
#include "program.h"

enum timer timer;

u32 timer_intid(void)
{
	return timer == VIRTUAL ? GIC_PPI_VTIMER : GIC_PPI_PTIMER;
}

void timer_init(enum timer which, void (*interrupt)(u64 vector))
{
	timer = which;
	guest_gic_init(interrupt);
	gic_set(GICD_ISENABLER, timer_intid());
}

struct vcpu *timer_vcpu(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);

	gic_create(vm);
	program_load(vm);
	return vcpu;
}

void timer_run(struct vcpu *vcpu, void (*guest)(u64 which), enum timer which)
{
	program_enter(vcpu, guest, which, 0, 0);
	program_finish(vcpu);
}
