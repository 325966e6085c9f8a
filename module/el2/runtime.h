/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the runtime's files need of each other.  All of it runs at EL2 with
 * interrupts masked, on the stack of struct el2_cpu; pointers are physical
 * addresses.
 */
#ifndef SETWAY_EL2_RUNTIME_H
#define SETWAY_EL2_RUNTIME_H

#include <asm/barrier.h>
#include <asm/kvm_arm.h>
#include <asm/sysreg.h>

#include "cpu.h"

extern const char el2_host_vectors[];

/* nvhe/entry.S */
void el2_fpsimd_save(struct el2_fpsimd *fp);
void el2_fpsimd_load(const struct el2_fpsimd *fp);

/**
 * fpsimd_guest_load() - a guest uses FP or SIMD for the first time in a stay
 * @cpu: this CPU, gets the host's registers
 * @vcpu: the guest's
 *
 * Return: true, and the guest may go on; or false if they are the guest's already.
 */
bool fpsimd_guest_load(struct el2_cpu *cpu, struct el2_vcpu *vcpu);

/**
 * fpsimd_host_load() - take the FP/SIMD registers from a guest that has them
 * @cpu: this CPU, has the host's registers
 * @vcpu: gets the guest's
 *
 * While the guest's CPTR_EL2 is in place.
 */
void fpsimd_host_load(struct el2_cpu *cpu, struct el2_vcpu *vcpu);

/**
 * debug_init() - how many breakpoints and watchpoints are there?
 * @cpu: this CPU, gets the numbers
 */
void debug_init(struct el2_cpu *cpu);

/**
 * debug_guest_load() - the guest's breakpoints and watchpoints for the host's
 * @cpu: this CPU, gets the host's
 * @vcpu: has the guest's, and what becomes of MDCR_EL2
 *
 * If the guest's MDSCR_EL1 has MDE; before controls_guest_load().
 */
void debug_guest_load(struct el2_cpu *cpu, const struct el2_vcpu *vcpu);

/**
 * debug_host_load() - undo debug_guest_load()
 * @cpu: this CPU, has the host's registers
 */
void debug_host_load(struct el2_cpu *cpu);

/**
 * serror_take() - take a physical SError that is pending
 *
 * While the guest's vectors and its HCR_EL2.AMO are in place.  ELR_EL2, SPSR_EL2 and
 * ESR_EL2 are lost.
 *
 * Return: its syndrome, or 0 if there was none after all.
 */
u64 serror_take(void);

/* nvhe/detour.S */
extern const char detour_set_mode[];
extern const char detour_read_spsr[];
u64 detour_go(u64 r0, u64 pstate, const char *pc);

/**
 * el1_is_aarch32() - is it a 32-bit guest?
 * @vcpu: the guest's
 */
static inline bool el1_is_aarch32(const struct el2_vcpu *vcpu)
{
	return !(vcpu->hcr_el2 & HCR_RW);
}

/**
 * aarch32_guest_leave() - make EL2 see the SPSR of the mode that the guest is in
 * @cpu: this CPU
 * @vcpu: the guest's, which has just left
 *
 * To be called after the exit's syndrome was read, and before SPSR_EL1 or
 * anything that aarch32_save() saves is read.
 */
void aarch32_guest_leave(const struct el2_cpu *cpu, const struct el2_vcpu *vcpu);

/**
 * aarch32_save() - take what only AArch32 has out of the CPU
 * @vcpu: gets it, and MDSCR_EL1
 *
 * The host does not use these registers, as its EL1 is AArch64.  The next guest
 * with AArch32 loads its own values.  FPEXC32_EL2 traps until the guest uses FP, and
 * goes with what traps then (fpsimd.c).
 */
void aarch32_save(struct el2_vcpu *vcpu);

/**
 * aarch32_load() - put what only AArch32 has into the CPU
 * @aarch32: the guest's
 *
 * To be called before any register is loaded that AArch64 has as well, or that one
 * can be lost (Cortex-A57 852523, A72 853709).
 */
void aarch32_load(const struct el2_aarch32 *aarch32);

/**
 * aarch32_guest_enter() - make the guest find the SPSR of the mode that it is in
 * @cpu: this CPU
 * @vcpu: the guest's
 *
 * To be called after SPSR_EL1 and what aarch32_load() loads were written, before
 * ELR_EL2, SPSR_EL2 and the guest's controls are; inside walks_stop().
 */
void aarch32_guest_enter(struct el2_cpu *cpu, const struct el2_vcpu *vcpu);

/**
 * walks_stop() - keep stage 1 of EL1&0 from being walked, speculatively or not
 * @cpu: this CPU; if it never walks EL1&0 at EL2, nothing is done
 *
 * To be called before anything that a walk depends on is changed: TTBRn_EL1,
 * VTTBR_EL2, HCR_EL2.VM and so on.  See switch.c for why.
 */
void walks_stop(const struct el2_cpu *cpu);

/**
 * walks_allow() - end what walks_stop() began
 * @sctlr: SCTLR_EL1 of the world to be
 * @tcr: TCR_EL1 of the world to be
 *
 * All else that a walk depends on must be in place; this has the ISB for it.
 * The new TCR_EL1 takes effect at the next context synchronisation, an ERET.
 */
void walks_allow(u64 sctlr, u64 tcr);

/**
 * controls_init() - read the host's &struct el2_controls, and choose a guest's
 * @cpu: gets them, and has the features that tell which exist
 */
void controls_init(struct el2_cpu *cpu);

/**
 * controls_host_save() - read what the host has written at EL1
 * @cpu: gets it
 */
void controls_host_save(struct el2_cpu *cpu);

/**
 * controls_host_load() - write the host's controls, and what it had at EL1
 * @cpu: this CPU
 *
 * Inside walks_stop() and walks_allow().
 */
void controls_host_load(const struct el2_cpu *cpu);

/**
 * controls_guest_load() - write a guest's controls
 * @cpu: has what all guests have on this CPU
 * @vcpu: has what differs between guests
 *
 * Inside walks_stop() and walks_allow().
 */
void controls_guest_load(struct el2_cpu *cpu, const struct el2_vcpu *vcpu);

/**
 * controls_guest_save() - read back what a guest can have changed
 * @cpu: has the features
 * @vcpu: gets the timer, the deferred SError and HCR_EL2.VSE
 */
void controls_guest_save(const struct el2_cpu *cpu, struct el2_vcpu *vcpu);

/**
 * gic_vtr() - ICH_VTR_EL2, what the CPU interface has for guests
 * @cpu: this CPU
 *
 * Return: never 0; 0 if the CPU interface is not in system registers.
 */
u64 gic_vtr(const struct el2_cpu *cpu);

/**
 * gic_init() - find out what the CPU interface has, and empty it
 * @cpu: gets the number of registers, and the host's controls
 *
 * While the host's registers are in place.
 */
void gic_init(struct el2_cpu *cpu);

/**
 * gic_guest_load() - a guest's interrupts, or traps if it has no GIC
 * @cpu: this CPU
 * @vgic: the guest's, which may have no GIC
 */
void gic_guest_load(const struct el2_cpu *cpu, const struct el2_vgic *vgic);

/**
 * gic_guest_save() - take a guest's interrupts out of the CPU
 * @cpu: this CPU
 * @vgic: gets them
 */
void gic_guest_save(const struct el2_cpu *cpu, struct el2_vgic *vgic);

/**
 * gic_host_load() - turn the interface for guests off
 * @cpu: this CPU
 */
void gic_host_load(const struct el2_cpu *cpu);

/**
 * profiling_stop() - nothing of the host's profiles or traces from here on
 * @cpu: gets what the host had
 *
 * To be called while the host's translation is in place: buffers are drained
 * through it.
 */
void profiling_stop(struct el2_cpu *cpu);

/**
 * profiling_resume() - undo profiling_stop()
 * @cpu: has what the host had
 *
 * To be called when the host's translation is in place again.
 */
void profiling_resume(const struct el2_cpu *cpu);

/**
 * par_el1_read() - PAR_EL1, with the barriers that some CPUs need around it
 * @cpu: this CPU
 *
 * Return: the value.
 */
static inline u64 par_el1_read(const struct el2_cpu *cpu)
{
	bool barrier = cpu->features & EL2_CPU_PAR_DMB;
	u64 par;

	/* Keep the read apart from the loads on either side of it. */
	if (barrier)
		dmb(sy);
	par = read_sysreg(par_el1);
	if (barrier)
		dmb(sy);
	return par;
}

/**
 * fault_record_abort() - put down where a stage-2 abort was
 * @cpu: this CPU
 * @vcpu: gets far_el2 and hpfar_el2
 * @esr: ESR_EL2
 *
 * While the guest's translation is in place.
 *
 * Return: as fault_record().
 */
u64 fault_record_abort(const struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 esr);

/**
 * fault_record() - put down the syndrome of a synchronous exit
 * @cpu: this CPU
 * @vcpu: gets esr_el2, far_el2 and hpfar_el2
 *
 * While the guest's translation is in place.
 *
 * Return: EL2_EXIT_SYNC, or EL2_EXIT_RETRY if the IPA cannot be found.
 */
u64 fault_record(const struct el2_cpu *cpu, struct el2_vcpu *vcpu);

/**
 * tlb_flush_vmid() - EL2_HVC_TLB_VMID, see nvhe/abi.h
 * @cpu: this CPU
 * @vttbr: VTTBR_EL2 of the VM
 */
void tlb_flush_vmid(const struct el2_cpu *cpu, u64 vttbr);

/**
 * tlb_flush_ipa() - EL2_HVC_TLB_IPA, see nvhe/abi.h
 * @cpu: this CPU
 * @vttbr: VTTBR_EL2 of the VM
 * @ipa: in bytes
 */
void tlb_flush_ipa(const struct el2_cpu *cpu, u64 vttbr, u64 ipa);

/**
 * tlb_flush_local() - EL2_HVC_TLB_LOCAL, see nvhe/abi.h
 * @cpu: this CPU
 * @vttbr: VTTBR_EL2 of the VM
 */
void tlb_flush_local(const struct el2_cpu *cpu, u64 vttbr);

/**
 * tlb_flush_all() - EL2_HVC_TLB_ALL, see nvhe/abi.h
 * @cpu: this CPU
 */
void tlb_flush_all(const struct el2_cpu *cpu);

/**
 * tlb_flush_el2() - EL2_HVC_TLB_EL2, see nvhe/abi.h
 * @cpu: this CPU
 */
void tlb_flush_el2(const struct el2_cpu *cpu);

/**
 * el2_call() - serve a hypercall other than RUN and RESTORE
 * @cpu: this CPU
 * @call: number of the call, less EL2_HVC_BASE
 * @arg1: x1 of the caller
 * @arg2: x2 of the caller
 *
 * Return: x0 for the caller.
 */
u64 el2_call(struct el2_cpu *cpu, u64 call, u64 arg1, u64 arg2);

/**
 * el2_panic() - an exception at EL2 itself
 * @cpu: this CPU
 *
 * Puts the host's state back if a guest's is loaded.
 *
 * Return: EL2_EXIT_PANIC.
 */
u64 el2_panic(struct el2_cpu *cpu);

/**
 * el2_cpu_init() - read what stays as it is for as long as EL2 is taken
 * @cpu: this CPU, with its features
 *
 * At installation, with the host's registers in place.
 */
void el2_cpu_init(struct el2_cpu *cpu);

/**
 * el2_guest_fault() - can EL2 answer a stage-2 abort itself?
 * @cpu: this CPU
 * @vcpu: the guest's
 * @esr: ESR_EL2
 *
 * As el2_guest_answer(), but X20 to X29 are where they were.
 */
bool el2_guest_fault(struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 esr);

/**
 * el2_guest_answer() - can EL2 answer another exit itself?
 * @cpu: this CPU
 * @vcpu: the guest's
 * @esr: ESR_EL2
 *
 * After a synchronous exit, in the guest's world; struct el2_vcpu.regs is saved.
 *
 * Return: true when it has done so, and the guest goes on.
 */
bool el2_guest_answer(struct el2_cpu *cpu, struct el2_vcpu *vcpu, u64 esr);

/**
 * el2_world_enter() - from the host's registers to the guest's
 * @cpu: this CPU
 * @vcpu: the guest's
 *
 * All but the general registers and the ERET.
 *
 * Return: 0; or an &enum el2_exit, with nothing changed: the host has something to
 * do first.
 */
u64 el2_world_enter(struct el2_cpu *cpu, struct el2_vcpu *vcpu);

/**
 * el2_world_leave() - from the guest's registers back to the host's
 * @cpu: this CPU
 * @code: &enum el2_exit as the vector has it
 *
 * Return: &enum el2_exit for the host.
 */
u64 el2_world_leave(struct el2_cpu *cpu, u64 code);

/*
 * Write two registers.  By two write_sysreg() the compiler would load the values one by
 * one, where LDP loads them both if they lie side by side.
 */
#define write_sysregs(value1, reg1, value2, reg2) do {			\
	u64 __first = (value1), __second = (value2);			\
									\
	asm volatile("msr " #reg1 ", %x0\n\tmsr " #reg2 ", %x1"		\
		     : : "rZ" (__first), "rZ" (__second));		\
} while (0)

#endif /* SETWAY_EL2_RUNTIME_H */
