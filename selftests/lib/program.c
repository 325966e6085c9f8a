// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test program as a guest.
 */
#include "program.h"

#include <string.h>

#include "device.h"
#include "onereg.h"

/* From the linker: where this program begins and ends, without holes. */
extern char __executable_start[], _end[];

#define PSTATE_AARCH32	BIT(4)	/* M[4] */

void program_load(struct vm *vm)
{
	u64 size = _end - __executable_start;
	char *memory = vm_memory_add(vm, PROGRAM_SLOT, GUEST_PROGRAM_BASE,
				     GUEST_PROGRAM_SIZE, 0);

	/* half of the memory is for stacks */
	if ((u64)__executable_start != GUEST_PROGRAM_BASE ||
	    size > GUEST_PROGRAM_SIZE / 2)
		fail("the program is too large, or not where a guest should be");
	memcpy(memory, __executable_start, size);
}

void program_enter(struct vcpu *vcpu, const void *function, u64 a, u64 b, u64 c)
{
	reg_set(vcpu, REG_PC, (u64)guest_start);
	reg_set(vcpu, REG_X(0), (u64)function);
	reg_set(vcpu, REG_X(1), a);
	reg_set(vcpu, REG_X(2), b);
	reg_set(vcpu, REG_X(3), c);
}

struct vcpu *program_vcpu(const void *function)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, 0);

	program_load(vm);
	program_enter(vcpu, function, 0, 0, 0);
	return vcpu;
}

bool ucall_get(struct vcpu *vcpu, struct ucall *ucall)
{
	struct kvm_run *run = vcpu->run;
	u64 command = (run->mmio.phys_addr - GUEST_UCALL_BASE) / sizeof(u64);

	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
	    run->mmio.phys_addr < GUEST_UCALL_BASE || command >= UCALLS)
		return false;
	ucall->command = command;
	ucall->args[0] = 0;
	memcpy(&ucall->args[0], run->mmio.data, run->mmio.len);
	ucall->args[1] = reg_get(vcpu, REG_X(2));
	ucall->args[2] = reg_get(vcpu, REG_X(3));
	return true;
}

static void __noreturn fail_at_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u64 pc = reg_get(vcpu, REG_PC);

	if (run->exit_reason == KVM_EXIT_MMIO)
		fail("vCPU %u: unexpected %s of %u bytes at %#llx, PC %#llx",
		     vcpu->id, run->mmio.is_write ? "write" : "read",
		     run->mmio.len, run->mmio.phys_addr, pc);
	fail("vCPU %u: unexpected exit %u, PC %#llx", vcpu->id,
	     run->exit_reason, pc);
}

/* As 32-bit code has it. */
struct guest_site32 {
	u32 file;
	u32 line;
	u32 text;
};

static const void *guest_memory(struct vcpu *vcpu, u64 address, u64 size)
{
	const void *hva = vm_hva(vcpu->vm, address, size);

	if (!hva)
		fail("vCPU %u: an assertion at %#llx, where no memory is", vcpu->id, address);
	return hva;
}

/* A 64-bit guest is this program, and has everything at the same address. */
static struct guest_site guest_site(struct vcpu *vcpu, u64 address)
{
	const struct guest_site32 *site;

	if (!(reg_get(vcpu, REG_PSTATE) & PSTATE_AARCH32))
		return *(const struct guest_site *)address;
	site = guest_memory(vcpu, address, sizeof(*site));
	return (struct guest_site){
		.file = guest_memory(vcpu, site->file, 1),
		.line = site->line,
		.text = guest_memory(vcpu, site->text, 1),
	};
}

void program_run(struct vcpu *vcpu, struct ucall *ucall)
{
	struct guest_site site;

	vcpu_run(vcpu);
	if (!ucall_get(vcpu, ucall))
		fail_at_exit(vcpu);
	switch (ucall->command) {
	case UCALL_ASSERT:
		site = guest_site(vcpu, ucall->args[0]);
		fail("vCPU %u: %s:%u: '%s' does not hold (%#llx, %#llx)",
		     vcpu->id, site.file, site.line, site.text,
		     ucall->args[1], ucall->args[2]);
	case UCALL_EXCEPTION:
		fail("vCPU %u: exception: ESR (or vector) %#llx, ELR %#llx, FAR %#llx",
		     vcpu->id, ucall->args[0], ucall->args[1], ucall->args[2]);
	default:
		break;
	}
}

void program_run_to(struct vcpu *vcpu, u64 stage)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	if (ucall.command == UCALL_DONE)
		fail("vCPU %u is done, not at stage %llu", vcpu->id, stage);
	if (ucall.args[0] != stage)
		fail("vCPU %u is at stage %llu, not %llu", vcpu->id,
		     ucall.args[0], stage);
}

void program_finish(struct vcpu *vcpu)
{
	struct ucall ucall;

	program_run(vcpu, &ucall);
	if (ucall.command != UCALL_DONE)
		fail("vCPU %u is at stage %llu, not done", vcpu->id, ucall.args[0]);
}
