/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's registers, by the ids of KVM_GET_ONE_REG and KVM_SET_ONE_REG.
 */
#ifndef SELFTESTS_LIB_ONEREG_H
#define SELFTESTS_LIB_ONEREG_H

#include "vm.h"

#define REG_CORE_U64(member)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | \
				 KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(member))
#define REG_X(n)		(REG_CORE_U64(regs.regs[0]) + 2 * (n))
#define REG_SP_EL0		REG_CORE_U64(regs.sp)
#define REG_PC			REG_CORE_U64(regs.pc)
#define REG_PSTATE		REG_CORE_U64(regs.pstate)
#define REG_SP_EL1		REG_CORE_U64(sp_el1)
#define REG_ELR_EL1		REG_CORE_U64(elr_el1)
#define REG_SPSR_EL1		REG_CORE_U64(spsr[KVM_SPSR_EL1])

/* 128-bit; the index of a core register counts 32-bit words */
#define REG_V(n)		(KVM_REG_ARM64 | KVM_REG_SIZE_U128 | \
				 KVM_REG_ARM_CORE | \
				 (KVM_REG_ARM_CORE_REG(fp_regs.vregs[0]) + \
				  4 * (n)))
/* 32-bit */
#define REG_FPSR		(KVM_REG_ARM64 | KVM_REG_SIZE_U32 | \
				 KVM_REG_ARM_CORE | \
				 KVM_REG_ARM_CORE_REG(fp_regs.fpsr))
#define REG_FPCR		(KVM_REG_ARM64 | KVM_REG_SIZE_U32 | \
				 KVM_REG_ARM_CORE | \
				 KVM_REG_ARM_CORE_REG(fp_regs.fpcr))

/* ARM DDI 0487J.a, C5.3: op0, op1, CRn, CRm, op2 */
#define REG_MDSCR_EL1		ARM64_SYS_REG(2, 0, 0, 2, 2)
#define REG_MIDR_EL1		ARM64_SYS_REG(3, 0, 0, 0, 0)
#define REG_MPIDR_EL1		ARM64_SYS_REG(3, 0, 0, 0, 5)
#define REG_SCTLR_EL1		ARM64_SYS_REG(3, 0, 1, 0, 0)
#define REG_CPACR_EL1		ARM64_SYS_REG(3, 0, 1, 0, 2)
#define REG_TTBR0_EL1		ARM64_SYS_REG(3, 0, 2, 0, 0)
#define REG_TTBR1_EL1		ARM64_SYS_REG(3, 0, 2, 0, 1)
#define REG_TCR_EL1		ARM64_SYS_REG(3, 0, 2, 0, 2)
#define REG_AFSR0_EL1		ARM64_SYS_REG(3, 0, 5, 1, 0)
#define REG_AFSR1_EL1		ARM64_SYS_REG(3, 0, 5, 1, 1)
#define REG_ESR_EL1		ARM64_SYS_REG(3, 0, 5, 2, 0)
#define REG_FAR_EL1		ARM64_SYS_REG(3, 0, 6, 0, 0)
#define REG_PAR_EL1		ARM64_SYS_REG(3, 0, 7, 4, 0)
#define REG_MAIR_EL1		ARM64_SYS_REG(3, 0, 10, 2, 0)
#define REG_AMAIR_EL1		ARM64_SYS_REG(3, 0, 10, 3, 0)
#define REG_VBAR_EL1		ARM64_SYS_REG(3, 0, 12, 0, 0)
#define REG_CONTEXTIDR_EL1	ARM64_SYS_REG(3, 0, 13, 0, 1)
#define REG_TPIDR_EL1		ARM64_SYS_REG(3, 0, 13, 0, 4)
#define REG_CNTKCTL_EL1		ARM64_SYS_REG(3, 0, 14, 1, 0)
#define REG_CSSELR_EL1		ARM64_SYS_REG(3, 2, 0, 0, 0)
#define REG_TPIDR_EL0		ARM64_SYS_REG(3, 3, 13, 0, 2)
#define REG_TPIDRRO_EL0		ARM64_SYS_REG(3, 3, 13, 0, 3)

/**
 * reg_get() - read a register of up to 64 bits
 * @vcpu: the vCPU
 * @id: the register
 *
 * Return: its value.
 */
u64 reg_get(struct vcpu *vcpu, u64 id);

/**
 * reg_set() - write a register of up to 64 bits
 * @vcpu: the vCPU
 * @id: the register
 * @value: its new value
 */
void reg_set(struct vcpu *vcpu, u64 id, u64 value);

/**
 * __reg_get() - KVM_GET_ONE_REG, and nothing else
 * @vcpu: the vCPU
 * @id: the register
 * @value: where to put it: as many bytes as the id says
 *
 * Return: 0, or -1 with errno set.
 */
int __reg_get(struct vcpu *vcpu, u64 id, void *value);

/**
 * __reg_set() - KVM_SET_ONE_REG, and nothing else
 * @vcpu: the vCPU
 * @id: the register
 * @value: its new value: as many bytes as the id says
 *
 * Return: 0, or -1 with errno set.
 */
int __reg_set(struct vcpu *vcpu, u64 id, const void *value);

/**
 * reg_list() - KVM_GET_REG_LIST
 * @vcpu: the vCPU
 *
 * Return: the list, to be freed by free().
 */
struct kvm_reg_list *reg_list(struct vcpu *vcpu);

#endif /* SELFTESTS_LIB_ONEREG_H */
