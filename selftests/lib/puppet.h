/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that does one thing at a time, as the host tells it: for tests in
 * which it is the host that things happen to.
 *
 * It takes orders in registers and has one page of code, no data and no stack,
 * so that all else that it accesses was ordered.  Its MMU is off.
 */
#ifndef SELFTESTS_LIB_PUPPET_H
#define SELFTESTS_LIB_PUPPET_H

#include "vm.h"

/** enum puppet_order - what to do */
enum puppet_order {
	PUPPET_READ,	/* a word */
	PUPPET_WRITE,	/* a word */
	PUPPET_FLUSH,	/* DC CISW: a batch */
};

/**
 * puppet_start() - let a vCPU be one, and run it to where it takes orders
 * @vcpu: just reset
 */
void puppet_start(struct vcpu *vcpu);

/**
 * puppet_order() - give an order, without running the vCPU
 * @vcpu: where it takes orders
 * @order: what to do
 * @ipa: the address
 * @value: what to write
 */
void puppet_order(struct vcpu *vcpu, enum puppet_order order, u64 ipa, u64 value);

/**
 * puppet_obey() - run until the order is carried out
 * @vcpu: has an order
 *
 * Return: what it read.
 */
u64 puppet_obey(struct vcpu *vcpu);

/**
 * puppet_read() - read a word
 * @vcpu: where it takes orders
 * @ipa: the address
 *
 * Return: the word.
 */
u64 puppet_read(struct vcpu *vcpu, u64 ipa);

/**
 * puppet_write() - write a word
 * @vcpu: where it takes orders
 * @ipa: the address
 * @value: the word
 */
void puppet_write(struct vcpu *vcpu, u64 ipa, u64 value);

/**
 * puppet_flush() - issue one Set/Way operation
 * @vcpu: where it takes orders
 */
void puppet_flush(struct vcpu *vcpu);

#endif /* SELFTESTS_LIB_PUPPET_H */
