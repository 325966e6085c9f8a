/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System registers of the guest that the hypervisor answers for.
 */
#ifndef SETWAY_TRAP_SYSREG_H
#define SETWAY_TRAP_SYSREG_H

#include <linux/bits.h>
#include <linux/types.h>

struct vcpu;

/*
 * Where an encoding has CRn, op1 and op0, as sys_reg() packs them.  By what is above CRm
 * tables of registers have their indexes.
 */
#define SYSREG_CRN_SHIFT	12
#define SYSREG_OP1_SHIFT	16
#define SYSREG_OP0_SHIFT	19
#define SYSREG_BITS		21

/**
 * idreg_read() - value of an ID register as a guest sees it
 * @encoding: as sys_reg(op0, op1, CRn, CRm, op2)
 * @value: filled in
 *
 * Features that guests do not get are hidden.
 * Return: true; false when there is no such ID register.
 */
bool idreg_read(u32 encoding, u64 *value);

/**
 * idreg_with_gic() - what an ID register is where the VM has a GIC
 * @encoding: of an ID register or any other
 * @value: what it is without one
 */
u64 idreg_with_gic(u32 encoding, u64 value);

/**
 * idreg_read_vcpu() - likewise, with what depends on how the VM is made up
 * @vcpu: whose
 * @encoding: as sys_reg(op0, op1, CRn, CRm, op2)
 * @value: filled in
 *
 * Return: as idreg_read().
 */
bool idreg_read_vcpu(const struct vcpu *vcpu, u32 encoding, u64 *value);

/* Values of CSSELR_EL1 that select a cache: data, and instructions, of level 1. */
#define SYSREG_NR_CACHES	2

/**
 * sysreg_ccsidr() - CCSIDR_EL1 as a guest sees it
 * @csselr: CSSELR_EL1
 */
u64 sysreg_ccsidr(u64 csselr);

/**
 * sysreg_host_init() - find out what this host's CPUs can leave untrapped
 */
void sysreg_host_init(void);

/**
 * sysreg_cache_traps() - what makes reads of the caches' geometry trap
 *
 * Return: bits of HCR_EL2: TID2, which traps CTR_EL0 as well, or TID4, which does not.
 */
u64 sysreg_cache_traps(void);

/**
 * enum sysreg_half - what of a 64-bit register an access is about
 * @SYSREG_WHOLE: all of it
 * @SYSREG_LOW_HALF: bits 31:0, as most AArch32 registers
 * @SYSREG_HIGH_HALF: bits 63:32, as MAIR1 or IFAR
 */
enum sysreg_half {
	SYSREG_WHOLE,
	SYSREG_LOW_HALF,
	SYSREG_HIGH_HALF,
};

/**
 * struct sysreg_access - one trapped access to a system register or operation
 * @encoding: as sys_reg(op0, op1, CRn, CRm, op2); for an AArch32 access, that of
 *	the AArch64 register it is mapped to
 * @is_read: MRS and the like
 * @half: of the register
 * @value: what is written, or, filled in, what is read
 */
struct sysreg_access {
	u32 encoding;
	bool is_read;
	enum sysreg_half half;
	u64 value;
};

/**
 * sysreg_write_half() - store what a write writes
 * @value: the register; the other half of it stays
 * @access: a write
 */
void sysreg_write_half(u64 *value, const struct sysreg_access *access);

/**
 * sysreg_answer() - do what an access asks for
 * @vcpu: stopped at the instruction
 * @access: what it is
 *
 * Return: false when the access is UNDEFINED.
 */
bool sysreg_answer(struct vcpu *vcpu, struct sysreg_access *access);

/**
 * sysreg_is_setway() - is it cache maintenance by Set/Way?
 * @encoding: of the operation
 */
bool sysreg_is_setway(u32 encoding);

/**
 * sysreg_sleeps() - may sysreg_answer() sleep?
 * @encoding: of the register or operation
 */
bool sysreg_sleeps(u32 encoding);

/**
 * sysreg_count() - count an exit by a system register, or by Set/Way
 * @vcpu: stopped at the instruction
 * @encoding: of the register or operation
 */
void sysreg_count(struct vcpu *vcpu, u32 encoding);

/**
 * sysreg_refuse() - an access that nobody answers for
 * @vcpu: stopped at the instruction
 *
 * It is UNDEFINED for the guest.  If it trapped only because of vgic_look_again(), the
 * CPU repeats it.
 */
void sysreg_refuse(struct vcpu *vcpu);

/**
 * sysreg_trap() - a trapped MRS, MSR or SYS instruction
 * @vcpu: stopped at the instruction
 *
 * Return: 1 to go on; TRAP_SLEEPS.
 */
int sysreg_trap(struct vcpu *vcpu);

/**
 * sysreg_tables_init() - make the indexes of the tables, AArch32's as well
 *
 * Return: true; false when a row is in the wrong place, and so would be a register that
 * is not there.
 */
bool sysreg_tables_init(void);

/** cp15_tables_init() - of these, AArch32's (cp15.c) */
bool cp15_tables_init(void);

#endif /* SETWAY_TRAP_SYSREG_H */
