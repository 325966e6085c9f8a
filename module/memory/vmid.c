// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMIDs by generation: each VM keeps its VMID until all VMIDs are used up.
 * Then a new generation starts: every guest is made to exit, all VMIDs are
 * flushed from the TLBs, and each VM gets a new VMID when it next runs.  A VM
 * gives nothing back when it dies, so nothing can be lost.
 */
#include <linux/bitfield.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "../host/el2.h"
#include "vmid.h"

#define VMID_FIRST		1	/* 0 is the host's */
#define VMID_BITS_MIN		2
#define VMID_BITS_SMALL		8
#define VMID_BITS_LARGE		16
#define MMFR1_VMIDBITS		GENMASK_ULL(7, 4)
#define MMFR1_VMIDBITS_16	2

static unsigned int vmid_bits;
module_param(vmid_bits, uint, 0444);
MODULE_PARM_DESC(vmid_bits, "use fewer VMID bits than the CPUs have, to test the rollover (2 to 16)");

static DEFINE_SPINLOCK(vmid_lock);		/* innermost */
atomic64_t vmid_generation = ATOMIC64_INIT(1);
static u32 vmid_next = VMID_FIRST;

unsigned int vmid_bits_hw(void)
{
	u64 mmfr1 = read_sanitised_ftr_reg(SYS_ID_AA64MMFR1_EL1);

	return FIELD_GET(MMFR1_VMIDBITS, mmfr1) == MMFR1_VMIDBITS_16 ?
		VMID_BITS_LARGE : VMID_BITS_SMALL;
}

void vmid_init(void)
{
	if (vmid_bits < VMID_BITS_MIN || vmid_bits > vmid_bits_hw())
		vmid_bits = vmid_bits_hw();
}

static void vmid_leave_guest(void *unused)
{
	/* The interrupt itself has taken the CPU out of the guest. */
}

static void __vmid_rollover(void)
{
	atomic64_inc(&vmid_generation);
	vmid_next = VMID_FIRST;
	/*
	 * A CPU that checked vmid_is_current() before the increment has
	 * interrupts off until its guest exits, so this waits for it.
	 */
	smp_call_function(vmid_leave_guest, NULL, true);
	el2_tlb_flush_all();
}

void vmid_renew(struct vmid *vmid)
{
	spin_lock(&vmid_lock);
	if (!vmid_is_current(vmid)) {
		if (vmid_next >= BIT(vmid_bits))
			__vmid_rollover();
		WRITE_ONCE(vmid->id, vmid_next++);
		atomic64_set_release(&vmid->generation, atomic64_read(&vmid_generation));
		/*
		 * Others see the new VMID before any walk uses it.  So if an
		 * entry is changed after such a walk, the flush is for this VMID.
		 * Pairs with the DSB in vm_flush_vttbr().
		 */
		dsb(ish);
	}
	spin_unlock(&vmid_lock);
}
