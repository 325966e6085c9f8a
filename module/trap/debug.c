// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's debug registers.  They always trap (MDCR_EL2.TDA, TDOSA, TDRA), so that what
 * the guest reads and what takes effect can differ, and nothing has to be read back from
 * the CPU.  debug_update() chooses what takes effect; el2/debug.c loads it.
 *
 * Of MDSCR_EL1 only the enables take effect, and none but TDCC while the OS lock is
 * locked.  The debug communications channel has nobody at its other end: its registers
 * read as 0 and ignore writes, as do those that say what a debugger outside of the CPU
 * may do.
 *
 * When the VMM debugs the guest (KVM_SET_GUEST_DEBUG) then debug exceptions go to EL2
 * (MDCR_EL2.TDE) and become KVM_EXIT_DEBUG.  What is loaded then:
 *
 *	MDE		always, as it is by this that EL2 sees that there is something to load
 *	breakpoints	the VMM's, if it has any (USE_HW); else the guest's, if the guest
 *			has MDE; else none
 *	SS		if the VMM steps; the guest does not step itself meanwhile
 *
 * A step is made by PSTATE.SS: set, the next instruction is executed; clear, it is over,
 * and the exception comes before the next instruction.  The CPU clears it, and so does
 * whoever does an instruction in the guest's place, or lets it take an exception.  So it is
 * set when stepping begins and after each step's exception, and then stays what it is over
 * all exits, those to userspace as well.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/string.h>
#include <asm/esr.h>
#include <asm/kvm_arm.h>
#include <asm/memory.h>
#include <asm/sysreg.h>

#include "../el2/sysreg.h"
#include "../vcpu.h"
#include "debug.h"
#include "syndrome.h"
#include "sysreg.h"

/* DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn_EL1: CRm is n, op2 says which. */
#define REG_CRM		GENMASK(11, 8)
#define REG_OP2		GENMASK(7, 5)
#define REG_BVR0	sys_reg(2, 0, 0, 0, 4)
#define OP2_BVR		4
#define OP2_BCR		5
#define OP2_WVR		6
#define OP2_WCR		7

#define MDSCR_ENABLES	(EL2_MDSCR_EL1_SS | EL2_MDSCR_EL1_TDCC | EL2_MDSCR_EL1_KDE | \
			 EL2_MDSCR_EL1_MDE)

/* OSLAR_EL1.OSLK, OSLSR_EL1.OSLK; OSLSR_EL1.OSLM = 0b10: there is an OS lock. */
#define OSLAR_OSLK	BIT_ULL(0)
#define OSLSR_OSLK	BIT_ULL(1)
#define OSLSR_OSLM	BIT_ULL(3)

/* ID_AA64DFR0_EL1: these three less one. */
#define DFR0_CTX_CMPS	GENMASK_ULL(31, 28)

/* DBGDIDR (ARM DDI 0487J.a, G8.3.12): WRPs | BRPs | CTX_CMPs | Version; bit 15 is RES1. */
#define DIDR_WRPS	GENMASK(31, 28)
#define DIDR_BRPS	GENMASK(27, 24)
#define DIDR_CTX_CMPS	GENMASK(23, 20)
#define DIDR_VERSION	GENMASK(19, 16)
#define DIDR_RES1	BIT(15)
#define DIDR_ARMV8	6

static bool debug_is_stepping(const struct vcpu *vcpu)
{
	return vcpu->debug.control & KVM_GUESTDBG_SINGLESTEP;
}

/* PSTATE is the guest's. */
static void debug_step_begin(struct vcpu *vcpu)
{
	if (!debug_is_stepping(vcpu))
		return;
	vcpu->debug.own_ss = vcpu->el2.pstate & EL2_SPSR_SS;
	vcpu->el2.pstate |= EL2_SPSR_SS;
}

static void debug_step_end(struct vcpu *vcpu)
{
	vcpu->el2.pstate = (vcpu->el2.pstate & ~EL2_SPSR_SS) | vcpu->debug.own_ss;
}

static u64 debug_dfr0(void)
{
	u64 dfr0;

	return idreg_read(SYS_ID_AA64DFR0_EL1, &dfr0) ? dfr0 : 0;
}

unsigned int debug_nr_breakpoints(void)
{
	return FIELD_GET(EL2_DFR0_BRPS, debug_dfr0()) + 1;
}

unsigned int debug_nr_watchpoints(void)
{
	return FIELD_GET(EL2_DFR0_WRPS, debug_dfr0()) + 1;
}

u32 debug_dbgdidr(void)
{
	u64 dfr0 = debug_dfr0();

	return FIELD_PREP(DIDR_WRPS, FIELD_GET(EL2_DFR0_WRPS, dfr0)) |
	       FIELD_PREP(DIDR_BRPS, FIELD_GET(EL2_DFR0_BRPS, dfr0)) |
	       FIELD_PREP(DIDR_CTX_CMPS, FIELD_GET(DFR0_CTX_CMPS, dfr0)) |
	       FIELD_PREP(DIDR_VERSION, DIDR_ARMV8) | DIDR_RES1;
}

/*
 * What of MDSCR_EL1 the guest has in the register itself: of a 32-bit guest's DBGDSCRext
 * MOE, which the CPU writes when a debug exception is taken.
 */
static u64 debug_mdscr_of_cpu(const struct vcpu *vcpu)
{
	return vcpu_el1_is_aarch32(vcpu) ? EL2_MDSCR_EL1_MOE : 0;
}

/* Return: what becomes of the guest's enables. */
static u64 debug_update_vmm(struct vcpu *vcpu, u64 enables)
{
	struct vcpu_debug *debug = &vcpu->debug;

	vcpu->el2.mdcr_el2 = MDCR_EL2_TDE;
	if ((debug->control & KVM_GUESTDBG_USE_HW) || !(enables & EL2_MDSCR_EL1_MDE))
		vcpu->el2.debug = virt_to_phys(&debug->vmm);
	enables &= ~EL2_MDSCR_EL1_SS;
	if (debug_is_stepping(vcpu))
		enables |= EL2_MDSCR_EL1_SS;
	return enables | EL2_MDSCR_EL1_MDE;
}

void debug_update(struct vcpu *vcpu)
{
	struct vcpu_debug *debug = &vcpu->debug;
	u64 *mdscr = vcpu_sysreg(vcpu, EL2_REG_MDSCR_EL1);
	u64 enables = debug->mdscr & MDSCR_ENABLES;

	if (debug->locked)
		enables &= EL2_MDSCR_EL1_TDCC;
	vcpu->el2.debug = virt_to_phys(&debug->own);
	vcpu->el2.mdcr_el2 = 0;
	if (debug->control & KVM_GUESTDBG_ENABLE)
		enables = debug_update_vmm(vcpu, enables);
	*mdscr = enables | (*mdscr & debug_mdscr_of_cpu(vcpu));
}

void debug_reset(struct vcpu *vcpu)
{
	struct vcpu_debug *debug = &vcpu->debug;

	debug->mdscr = 0;
	debug->mdccint = 0;
	debug->locked = false;
	memset(&debug->own, 0, sizeof(debug->own));
	debug_step_begin(vcpu);
	debug_update(vcpu);
}

/* What the VMM does not use stays 0, and is loaded as such where none are wanted. */
static void debug_set_breakpoints(struct el2_debug *debug, const struct kvm_guest_debug *request)
{
	const struct kvm_guest_debug_arch *arch = &request->arch;

	memset(debug, 0, sizeof(*debug));
	if (!(request->control & KVM_GUESTDBG_USE_HW))
		return;
	memcpy(debug->bvr, arch->dbg_bvr, sizeof(debug->bvr));
	memcpy(debug->bcr, arch->dbg_bcr, sizeof(debug->bcr));
	memcpy(debug->wvr, arch->dbg_wvr, sizeof(debug->wvr));
	memcpy(debug->wcr, arch->dbg_wcr, sizeof(debug->wcr));
}

int debug_set_vmm(struct vcpu *vcpu, const struct kvm_guest_debug *request)
{
	struct vcpu_debug *debug = &vcpu->debug;
	bool was_stepping = debug_is_stepping(vcpu);

	if (request->control & ~DEBUG_CONTROLS)
		return -EINVAL;
	debug->control = request->control & KVM_GUESTDBG_ENABLE ? request->control : 0;
	debug_set_breakpoints(&debug->vmm, request);
	/* A step that is not over goes on. */
	if (was_stepping && !debug_is_stepping(vcpu))
		debug_step_end(vcpu);
	else if (!was_stepping)
		debug_step_begin(vcpu);
	debug_update(vcpu);
	return 0;
}

int debug_exception_trap(struct vcpu *vcpu)
{
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;
	u64 esr = vcpu->el2.esr_el2;

	counter_add(&vcpu->counters, COUNTER_EXITS_DEBUG, 1);
	if (trap_class(esr) == ESR_ELx_EC_SOFTSTP_LOW)
		vcpu->el2.pstate |= EL2_SPSR_SS;
	vcpu->run->exit_reason = KVM_EXIT_DEBUG;
	arch->hsr = lower_32_bits(esr);
	arch->hsr_high = upper_32_bits(esr);
	arch->far = vcpu->el2.far_el2;
	return 0;
}

u64 debug_pstate(const struct vcpu *vcpu)
{
	if (!debug_is_stepping(vcpu))
		return vcpu->el2.pstate;
	return (vcpu->el2.pstate & ~EL2_SPSR_SS) | vcpu->debug.own_ss;
}

void debug_set_pstate(struct vcpu *vcpu, u64 pstate)
{
	if (debug_is_stepping(vcpu)) {
		vcpu->debug.own_ss = pstate & EL2_SPSR_SS;
		pstate = (pstate & ~EL2_SPSR_SS) | (vcpu->el2.pstate & EL2_SPSR_SS);
	}
	vcpu->el2.pstate = pstate;
}

static bool is_breakpoint(u32 encoding)
{
	return (encoding & ~(REG_CRM | REG_OP2)) == (REG_BVR0 & ~REG_OP2) &&
	       FIELD_GET(REG_OP2, encoding) >= OP2_BVR;
}

static u64 *debug_breakpoint(struct el2_debug *debug, u32 encoding)
{
	unsigned int n = FIELD_GET(REG_CRM, encoding);

	switch (FIELD_GET(REG_OP2, encoding)) {
	case OP2_BVR:
		return &debug->bvr[n];
	case OP2_BCR:
		return &debug->bcr[n];
	case OP2_WVR:
		return &debug->wvr[n];
	default:
		return &debug->wcr[n];
	}
}

/* Return: where a register is kept, or NULL. */
static u64 *debug_reg(struct vcpu *vcpu, u32 encoding)
{
	switch (encoding) {
	case SYS_MDSCR_EL1:
		return &vcpu->debug.mdscr;
	case SYS_MDCCINT_EL1:
		return &vcpu->debug.mdccint;
	case SYS_DBGVCR32_EL2:
		return &vcpu->debug.own.dbgvcr32_el2;
	}
	return is_breakpoint(encoding) ? debug_breakpoint(&vcpu->debug.own, encoding) : NULL;
}

static u64 debug_oslsr(const struct vcpu *vcpu)
{
	return OSLSR_OSLM | (vcpu->debug.locked ? OSLSR_OSLK : 0);
}

int debug_read(struct vcpu *vcpu, u32 encoding, u64 *value)
{
	u64 cpus = debug_mdscr_of_cpu(vcpu);
	u64 *where = debug_reg(vcpu, encoding);

	if (encoding == SYS_OSLSR_EL1)
		*value = debug_oslsr(vcpu);
	else if (encoding == SYS_MDSCR_EL1)
		*value = (*where & ~cpus) | (*vcpu_sysreg(vcpu, EL2_REG_MDSCR_EL1) & cpus);
	else if (where)
		*value = *where;
	else
		return -ENOENT;
	return 0;
}

static int oslsr_write(struct vcpu *vcpu, u64 value)
{
	if ((value ^ debug_oslsr(vcpu)) & ~OSLSR_OSLK)
		return -EINVAL;
	vcpu->debug.locked = value & OSLSR_OSLK;
	debug_update(vcpu);
	return 0;
}

int debug_write(struct vcpu *vcpu, u32 encoding, u64 value)
{
	u64 *where = debug_reg(vcpu, encoding);

	if (encoding == SYS_OSLSR_EL1)
		return oslsr_write(vcpu, value);
	if (!where)
		return -ENOENT;
	*where = value;
	/* debug_update() takes of it what is the CPU's, and chooses the rest. */
	if (encoding == SYS_MDSCR_EL1)
		*vcpu_sysreg(vcpu, EL2_REG_MDSCR_EL1) = value;
	debug_update(vcpu);
	return 0;
}

static bool trap_oslar(struct vcpu *vcpu, const struct sysreg_access *access)
{
	if (access->is_read)
		return false;
	vcpu->debug.locked = access->value & OSLAR_OSLK;
	debug_update(vcpu);
	return true;
}

static bool trap_write(struct vcpu *vcpu, const struct sysreg_access *access)
{
	u64 value;

	if (debug_read(vcpu, access->encoding, &value))
		return true;
	sysreg_write_half(&value, access);
	return !debug_write(vcpu, access->encoding, value);
}

bool debug_trap(struct vcpu *vcpu, struct sysreg_access *access)
{
	if (access->encoding == SYS_OSLAR_EL1)
		return trap_oslar(vcpu, access);
	if (!access->is_read)
		return access->encoding != SYS_OSLSR_EL1 && trap_write(vcpu, access);
	if (debug_read(vcpu, access->encoding, &access->value))
		access->value = 0;
	return true;
}
