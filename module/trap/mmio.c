// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses outside guest memory.  The syndrome describes them; the GIC, an
 * ioeventfd or userspace does them.  Stores may wait for userspace in a ring
 * (coalesced.h).  When userspace calls KVM_RUN again, its store is done or its
 * load gets the value; only then is the instruction skipped.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#include <asm/sysreg.h>

#include "../irqs/ioeventfd.h"
#include "../vm.h"
#include "setway.h"
#include "trap.h"

/* Convert a register's value to the bytes that the access puts into memory. */
static void mmio_to_bytes(struct vcpu *vcpu, u64 value, u8 *data, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		data[vcpu_is_big_endian(vcpu) ? len - 1 - i : i] = value;
		value >>= BITS_PER_BYTE;
	}
}

static u64 mmio_from_bytes(struct vcpu *vcpu, const u8 *data, unsigned int len)
{
	u64 value = 0;
	unsigned int i;

	for (i = len; i-- > 0; )
		value = (value << BITS_PER_BYTE) | data[vcpu_is_big_endian(vcpu) ? len - 1 - i : i];
	return value;
}

static struct mmio_access mmio_decode(u64 esr)
{
	return (struct mmio_access) {
		.pending = true,
		.rt = FIELD_GET(ESR_ELx_SRT_MASK, esr),
		.len = 1 << ((esr & ESR_ELx_SAS) >> ESR_ELx_SAS_SHIFT),
		.is_write = esr & ESR_ELx_WNR,
		.sign_extend = esr & ESR_ELx_SSE,
		.sixty_four = esr & ESR_ELx_SF,
	};
}

/* No valid syndrome: a pair, a writeback, a SIMD register, an exclusive. */
static int mmio_undescribed(struct vcpu *vcpu, u64 ipa)
{
	if (!vcpu->vm->nisv_to_user)
		return -ENOSYS;
	vcpu->run->exit_reason = KVM_EXIT_ARM_NISV;
	vcpu->run->arm_nisv.esr_iss = vcpu->el2.esr_el2 & ESR_ELx_ISS_MASK;
	vcpu->run->arm_nisv.fault_ipa = ipa;
	return 0;
}

/* Give a load its value, and skip the instruction. */
static void mmio_complete(struct vcpu *vcpu, const struct mmio_access *mmio, const u8 *data)
{
	u64 value;

	if (!mmio->is_write) {
		value = mmio_from_bytes(vcpu, data, mmio->len);
		if (mmio->sign_extend)
			value = sign_extend64(value, mmio->len * BITS_PER_BYTE - 1);
		if (!mmio->sixty_four)
			value = lower_32_bits(value);
		vcpu_set_reg(vcpu, mmio->rt, value);
	}
	vcpu_skip_insn(vcpu);
}

/* Try the GIC and ioeventfds, which are little-endian. */
static bool mmio_little_endian(struct vcpu *vcpu, const struct mmio_access *mmio, u64 ipa, u8 *data)
{
	__le64 bytes;
	u64 value;

	memcpy(&bytes, data, sizeof(bytes));
	value = le64_to_cpu(bytes);
	if (!vgic_mmio(vcpu, ipa, mmio->len, mmio->is_write, &value))
		return mmio->is_write && ioeventfd_write(vcpu->vm, ipa, mmio->len, value);
	bytes = cpu_to_le64(value);
	memcpy(data, &bytes, sizeof(bytes));
	return true;
}

static bool mmio_in_kernel(struct vcpu *vcpu, const struct mmio_access *mmio, u64 ipa, u8 *data)
{
	return mmio_little_endian(vcpu, mmio, ipa, data) ||
	       (mmio->is_write && coalesced_write(vcpu->vm, ipa, mmio->len, data));
}

static void mmio_to_user(struct vcpu *vcpu, u64 ipa, const u8 *data)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = ipa;
	run->mmio.len = vcpu->mmio.len;
	run->mmio.is_write = vcpu->mmio.is_write;
	memcpy(run->mmio.data, data, sizeof(run->mmio.data));
}

int mmio_trap(struct vcpu *vcpu, u64 ipa)
{
	u64 esr = vcpu->el2.esr_el2;
	struct mmio_access mmio;
	u8 data[sizeof(u64)] = { 0 };

	setway_end_loop(vcpu);
	if (!(esr & ESR_ELx_ISV)) {
		counter_add(&vcpu->counters, COUNTER_EXITS_MMIO, 1);
		return mmio_undescribed(vcpu, ipa);
	}
	mmio = mmio_decode(esr);
	mmio.rt = aarch32_transfer_reg(vcpu, mmio.rt);
	if (mmio.is_write)
		mmio_to_bytes(vcpu, vcpu_reg(vcpu, mmio.rt), data, mmio.len);
	if (mmio_in_kernel(vcpu, &mmio, ipa, data)) {
		counter_add(&vcpu->counters, COUNTER_MMIO_KERNEL, 1);
		mmio_complete(vcpu, &mmio, data);
		return 1;
	}
	counter_add(&vcpu->counters, COUNTER_EXITS_MMIO, 1);
	vcpu->mmio = mmio;
	mmio_to_user(vcpu, ipa, data);
	return 0;
}

void mmio_finish(struct vcpu *vcpu)
{
	if (!vcpu->mmio.pending)
		return;
	vcpu->mmio.pending = false;
	/* Use the module's own copy: userspace can change the shared page. */
	mmio_complete(vcpu, &vcpu->mmio, vcpu->run->mmio.data);
}
