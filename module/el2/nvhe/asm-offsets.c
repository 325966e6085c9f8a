// SPDX-License-Identifier: GPL-2.0-only
/*
 * Structure offsets and enumerators for the runtime's assembly: compiled to assembly
 * only, from which the build makes asm-offsets.h.
 */
#include <linux/kbuild.h>
#include <linux/stddef.h>

#include "../cpu.h"

int main(void);

int main(void)
{
	DEFINE(CPU_STACK_END, offsetof(struct el2_cpu, stack) + EL2_STACK_SIZE);
	DEFINE(VECTORS_SHIFT, EL2_VECTORS_SHIFT);
	OFFSET(CPU_FOUND, el2_cpu, found);
	OFFSET(CPU_PREDICTORS, el2_cpu, predictors);
	OFFSET(CPU_PREDICTORS_ARGUMENT, el2_cpu, predictors_argument);
	OFFSET(CPU_GUEST_VECTORS, el2_cpu, guest_vectors);
	OFFSET(CPU_VCPU, el2_cpu, vcpu);
	OFFSET(CPU_HOST_REGS, el2_cpu, host_regs);
	OFFSET(VCPU_REGS, el2_vcpu, regs);
	OFFSET(VCPU_CTR_ESR, el2_vcpu, ctr.esr);
	OFFSET(VCPU_CTR_VALUE, el2_vcpu, ctr.value);
	OFFSET(VCPU_REQUESTS, el2_vcpu, requests);
	OFFSET(VCPU_MAY, el2_vcpu, answers.may);
	OFFSET(VCPU_NR_IDS, el2_vcpu, answers.nr_ids);
	OFFSET(FPSIMD_FPSR, el2_fpsimd, fpsr);

	DEFINE(EL2_ANSWER_ID_BIT, EL2_ANSWER_ID_BIT);
	DEFINE(EL2_EXIT_SYNC, EL2_EXIT_SYNC);
	DEFINE(EL2_EXIT_IRQ, EL2_EXIT_IRQ);
	DEFINE(EL2_EXIT_SERROR, EL2_EXIT_SERROR);
	DEFINE(EL2_EXIT_ILLEGAL, EL2_EXIT_ILLEGAL);
	return 0;
}
