/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: the VM's GICv3, made by the host, and what guest code does with
 * it (ARM IHI 0069H, 12).
 *
 * Guest code is to leave the MMU off: where the GIC is, the tables that it could
 * turn on have normal memory.
 */
#ifndef SELFTESTS_LIB_GIC_H
#define SELFTESTS_LIB_GIC_H

#include "gic_layout.h"
#include "vm.h"

/* CPU interface, by encoding: the assembler may be too old for the names. */
#define ICC_PMR_EL1		"s3_0_c4_c6_0"
#define ICC_IAR0_EL1		"s3_0_c12_c8_0"
#define ICC_EOIR0_EL1		"s3_0_c12_c8_1"
#define ICC_DIR_EL1		"s3_0_c12_c11_1"
#define ICC_RPR_EL1		"s3_0_c12_c11_3"
#define ICC_SGI1R_EL1		"s3_0_c12_c11_5"
#define ICC_ASGI1R_EL1		"s3_0_c12_c11_6"
#define ICC_SGI0R_EL1		"s3_0_c12_c11_7"
#define ICC_IAR1_EL1		"s3_0_c12_c12_0"
#define ICC_EOIR1_EL1		"s3_0_c12_c12_1"
#define ICC_HPPIR1_EL1		"s3_0_c12_c12_2"
#define ICC_BPR1_EL1		"s3_0_c12_c12_3"
#define ICC_CTLR_EL1		"s3_0_c12_c12_4"
#define ICC_SRE_EL1		"s3_0_c12_c12_5"
#define ICC_IGRPEN0_EL1		"s3_0_c12_c12_6"
#define ICC_IGRPEN1_EL1		"s3_0_c12_c12_7"

#define icc_read(name) ({						\
	u64 __value;							\
									\
	asm volatile("mrs %0, " name "\n\tdsb sy" : "=r" (__value) : : "memory"); \
	__value;							\
})

#define icc_write(name, value) ({					\
	asm volatile("msr " name ", %0\n\tisb" : : "r" ((u64)(value)) : "memory"); \
})

/**
 * gic_create() - give a VM a GICv3, with GIC_NR_IRQS interrupts
 * @vm: has all of its vCPUs
 *
 * Return: the device's file descriptor.
 */
int gic_create(struct vm *vm);

/**
 * gic_line() - KVM_IRQ_LINE of a shared interrupt
 * @vm: the VM
 * @intid: GIC_SPI(n)
 * @level: high
 */
void gic_line(struct vm *vm, u32 intid, bool level);

/**
 * gic_attr() - KVM_GET_DEVICE_ATTR or KVM_SET_DEVICE_ATTR
 * @fd: of the GIC or a vCPU
 * @request: which of the two
 * @group: attribute group
 * @attr: attribute
 * @value: of the size that the attribute has
 *
 * Return: 0, or -1 with errno set.
 */
int gic_attr(int fd, unsigned long request, u32 group, u64 attr, void *value);

/**
 * gic_run_all() - run all vCPUs of a VM until each of them is done
 * @vm: its guests do not stop at stages
 *
 * Each in a thread of its own.
 */
void gic_run_all(struct vm *vm);

/* Guest code */

/**
 * guest_gic_init() - distributor, own redistributor and CPU interface on
 * @interrupt: called at each IRQ, with IRQs masked
 *
 * All interrupts are still disabled but the SGIs, and IRQs masked.
 */
void guest_gic_init(void (*interrupt)(u64 vector));

/**
 * guest_irq_enable() - let interrupts come
 */
static inline void guest_irq_enable(void)
{
	asm volatile("msr daifclr, #3" : : : "memory");
}

/**
 * guest_irq_disable() - keep interrupts away
 */
static inline void guest_irq_disable(void)
{
	asm volatile("msr daifset, #3\n\tisb" : : : "memory");
}

/**
 * guest_wait() - sleep until there is an interrupt, then take it
 *
 * With interrupts masked before and after, so that none is missed in between.
 */
static inline void guest_wait(void)
{
	asm volatile("dsb sy\n\twfi\n\tmsr daifclr, #3\n\tisb\n\tmsr daifset, #3\n\tisb"
		     : : : "memory");
}

/**
 * gic_read() - read a 32-bit register
 * @address: in the distributor or a redistributor
 */
u32 gic_read(u64 address);

/**
 * gic_write() - write a 32-bit register
 * @address: in the distributor or a redistributor
 * @value: what to write
 */
void gic_write(u64 address, u32 value);

/**
 * gic_reg() - a 32-bit register with a bit for each interrupt
 * @offset: GICD_*
 * @intid: the interrupt
 *
 * Return: its address, of an SGI or PPI in the own redistributor.
 */
u64 gic_reg(u32 offset, u32 intid);

/**
 * gic_set() - write the bit of an interrupt, and no other
 * @offset: GICD_ISENABLER and the like
 * @intid: the interrupt
 */
void gic_set(u32 offset, u32 intid);

/**
 * gic_get() - read the bit of an interrupt
 * @offset: GICD_ISENABLER and the like
 * @intid: the interrupt
 */
bool gic_get(u32 offset, u32 intid);

/**
 * gic_priority() - set an interrupt's priority
 * @intid: the interrupt
 * @priority: 0 is the highest
 */
void gic_priority(u32 intid, u8 priority);

/**
 * gic_edge() - choose how an interrupt is triggered
 * @intid: the interrupt
 * @edge: by an edge, not by a level
 */
void gic_edge(u32 intid, bool edge);

/**
 * gic_route() - route a shared interrupt to a vCPU
 * @intid: the interrupt
 * @vcpu: its id
 */
void gic_route(u32 intid, u32 vcpu);

#endif /* SELFTESTS_LIB_GIC_H */
