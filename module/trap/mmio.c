// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses outside guest memory.  The syndrome describes them; the GIC, an
 * ioeventfd or userspace does them.  Stores may wait for userspace in a ring
 * (coalesced.h).  When userspace calls KVM_RUN again, its store is done or its
 * load gets the value; only then is the instruction skipped.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <asm/byteorder.h>
#include <asm/sysreg.h>

#include "../irqs/ioeventfd.h"
#include "../vm.h"
#include "setway.h"
#include "trap.h"

/*
 * Between what is in a register and the bytes that an access has in memory, the first of
 * them lowest.  Of either, @len bytes count.
 */
static u64 mmio_convert(struct vcpu *vcpu, u64 value, unsigned int len)
{
	unsigned int unused = (sizeof(value) - len) * BITS_PER_BYTE;

	if (vcpu_is_big_endian(vcpu))
		return swab64(value) >> unused;
	return value << unused >> unused;
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
static void mmio_complete(struct vcpu *vcpu, const struct mmio_access *mmio, u64 bytes)
{
	u64 value;

	if (!mmio->is_write) {
		value = mmio_convert(vcpu, bytes, mmio->len);
		if (mmio->sign_extend)
			value = sign_extend64(value, mmio->len * BITS_PER_BYTE - 1);
		if (!mmio->sixty_four)
			value = lower_32_bits(value);
		vcpu_set_reg(vcpu, mmio->rt, value);
	}
	vcpu_skip_insn(vcpu);
}

/* Does anything in the kernel but the GIC wait for stores? */
static bool mmio_is_awaited(const struct vm *vm)
{
	return !list_empty(&vm->ioeventfds) || READ_ONCE(vm->coalesced.nr_zones);
}

static bool mmio_store(struct vcpu *vcpu, unsigned int len, u64 ipa, u64 bytes)
{
	__le64 data = cpu_to_le64(bytes);

	/* The GIC and ioeventfds are little-endian. */
	if (ioeventfd_write(vcpu->vm, ipa, len, bytes))
		return true;
	return coalesced_write(vcpu->vm, ipa, len, (u8 *)&data);
}

/* Return: 1 when that was all; 0: it is for userspace; TRAP_SLEEPS. */
static int mmio_in_kernel(struct vcpu *vcpu, const struct mmio_access *mmio, u64 ipa, u64 *bytes)
{
	int ret = vgic_mmio(vcpu, ipa, mmio->len, mmio->is_write, bytes);

	if (ret || !mmio->is_write || !mmio_is_awaited(vcpu->vm))
		return ret;
	return vcpu->atomic ? TRAP_SLEEPS : mmio_store(vcpu, mmio->len, ipa, *bytes);
}

static void mmio_to_user(struct vcpu *vcpu, u64 ipa, u64 bytes)
{
	struct kvm_run *run = vcpu->run;
	__le64 data = cpu_to_le64(bytes);

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = ipa;
	run->mmio.len = vcpu->mmio.len;
	run->mmio.is_write = vcpu->mmio.is_write;
	memcpy(run->mmio.data, &data, sizeof(run->mmio.data));
}

int mmio_trap(struct vcpu *vcpu, u64 ipa)
{
	u64 esr = vcpu->el2.esr_el2;
	struct mmio_access mmio;
	u64 bytes = 0;
	int ret;

	setway_end_loop(&vcpu->setway);
	if (!(esr & ESR_ELx_ISV)) {
		counter_add(&vcpu->counters, COUNTER_EXITS_MMIO, 1);
		return mmio_undescribed(vcpu, ipa);
	}
	mmio = mmio_decode(esr);
	mmio.rt = aarch32_transfer_reg(vcpu, mmio.rt);
	if (mmio.is_write)
		bytes = mmio_convert(vcpu, vcpu_reg(vcpu, mmio.rt), mmio.len);
	ret = mmio_in_kernel(vcpu, &mmio, ipa, &bytes);
	if (ret < 0)
		return ret;
	if (ret) {
		counter_add(&vcpu->counters, COUNTER_MMIO_KERNEL, 1);
		mmio_complete(vcpu, &mmio, bytes);
		return 1;
	}
	counter_add(&vcpu->counters, COUNTER_EXITS_MMIO, 1);
	vcpu->mmio = mmio;
	mmio_to_user(vcpu, ipa, bytes);
	return 0;
}

void mmio_finish(struct vcpu *vcpu)
{
	__le64 data;

	if (!vcpu->mmio.pending)
		return;
	vcpu->mmio.pending = false;
	/* Use the module's own copy: userspace can change the shared page. */
	memcpy(&data, vcpu->run->mmio.data, sizeof(data));
	mmio_complete(vcpu, &vcpu->mmio, le64_to_cpu(data));
}
