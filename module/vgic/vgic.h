/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GICv3 for guests (ARM IHI 0069H): its state, and what may be done to it.
 *
 *   registers (MMIO), KVM device attributes, IRQ_LINE, irqfd, timers, SGIs
 *        |  vgic_irq_*(), vgic_set_line()                             irq.c v3/sgi.c
 *        v
 *   struct vgic_irq ----- queued when pending or active -----> owner's queue
 *        ^                                                        |
 *        |  vgic_fold(), after each exit      vgic_load(), before each entry
 *        `------------------ list registers <--------------------'    lr.c
 *
 * Every interrupt has an owner: the vCPU on whose queue it is when there is
 * something to deliver.  The lock of that vCPU protects all of its state.  An
 * SGI or PPI never changes its owner.  An SPI that is routed to another vCPU
 * changes its owner, as soon as it is neither active nor in a list register.
 * So whoever takes the lock has to check the owner again afterwards
 * (vgic_irq_lock()).  Nobody ever holds the locks of two vCPUs.
 *
 * vgic_irq_unlock() does what a change of state makes necessary: it queues the
 * interrupt, hands it to another owner, wakes or kicks the vCPU.  Whoever
 * changes a field need not care.
 */
#ifndef SETWAY_VGIC_VGIC_H
#define SETWAY_VGIC_VGIC_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "../el2/context.h"

struct sysreg_access;
struct vcpu;
struct vm;

/* INTIDs: 0 to 15 SGIs, 16 to 31 PPIs, from 32 on SPIs; 1020 up are special. */
#define VGIC_NR_SGIS		16
#define VGIC_NR_PRIVATE		32
#define VGIC_MAX_SPI		1019
#define VGIC_NR_IRQS_DEFAULT	256	/* as in KVM, unless NR_IRQS is set */

/* Priorities have 5 bits, at the top of the byte, and 32 levels. */
#define VGIC_PRIORITY_BITS	5
#define VGIC_PRIORITY_MASK	GENMASK(7, 8 - VGIC_PRIORITY_BITS)

/* Deactivations between two exits: those in list registers, and EOIcount's 5 bits. */
#define VGIC_MAX_ACKED		(EL2_VGIC_MAX_LRS + 31)

/* A base address that has not been set. */
#define VGIC_ADDR_UNDEF		(~0ULL)

/* A redistributor is two frames of 64 KiB, at a multiple of that. */
#define VGIC_FRAME_SHIFT	16

/**
 * struct vgic_irq - one interrupt of a guest
 * @intid: its number; never changes
 * @spi: it is shared between vCPUs; never changes
 * @owner: vCPU whose lock protects all that follows; itself under the old owner's
 * @list: on the owner's queue, or empty
 * @target: vCPU that it is routed to, NULL when the route leads to none
 * @affinity: GICD_IROUTER of an SPI: Aff3 in bits 39:32, Aff2 to Aff0 in 23:0
 * @priority: 0 is the highest; only VGIC_PRIORITY_MASK's bits
 * @group: 0 or 1, the GICD_IGROUPR bit
 * @level: level-sensitive rather than edge-triggered, GICD_ICFGR
 * @enabled: GICD_ISENABLER
 * @line: level of the input, of level-sensitive ones
 * @latch: pending by an edge, an SGI or a write to GICD_ISPENDR
 * @active: acknowledged, not deactivated yet
 * @loaded: in a list register since vgic_load()
 * @ended: another vCPU has deactivated it meanwhile; vgic_fold() heeds that
 * @presented: and there as pending; vgic_fold() takes that back if it still is
 * @latched: @latch was set then, and is to be again if it is taken back
 * @internal: the line belongs to this module (timers): not to be driven by userspace
 * @hw: deactivation by the guest deactivates the host's interrupt @hwintid on
 *	the CPU where the guest runs
 * @hwintid: INTID of the host's GIC, if @hw
 *
 * To be read and written between vgic_irq_lock() and vgic_irq_unlock().  Of the state
 * there are these combinations, at vgic_irq_unlock(), which checks them; all others of
 * @loaded, @presented, @latched, @active and @ended are mistakes::
 *
 *	loaded presented latched active ended
 *	no     no        no      no     no	on the queue if it can be delivered
 *	no     no        no      yes    no	on the queue: the vCPU is not in the guest,
 *						or there was no list register left
 *	yes    yes       no      no     any	pending there, by its line
 *	yes    yes       yes     any    any	pending there, by an edge or the like; of
 *						those, active ones can be pending besides
 *	yes    no        no      yes    any	active there
 *	yes    no        no      no     any	the guest or userspace has cleared what was
 *						pending there: it is taken back
 *
 * @ended can be there whatever the list register had at first, as the guest may have
 * taken the interrupt since.  @enabled, @group, @priority and @target are free, and so
 * are @level, @line and @latch, but that SGIs have no line.  @hw is @internal, and
 * @internal is a PPI.  What is on the queue has no say in what is possible: it follows.
 */
struct vgic_irq {
	u32 intid;
	bool spi;
	struct vcpu *owner;
	struct list_head list;
	struct vcpu *target;
	u64 affinity;
	u8 priority;
	u8 group;
	bool level;
	bool enabled;
	bool line;
	bool latch;
	bool active;
	bool loaded;
	bool ended;
	bool presented;
	bool latched;
	bool internal;
	bool hw;
	u32 hwintid;
};

/**
 * struct vgic_rd_region - KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, of the MMIO side
 * @list: on &struct vgic.rd_regions, by index
 * @index: as userspace numbers them
 * @base: guest physical address, 64 KiB aligned
 * @count: redistributors that fit, 0: as many as there are vCPUs (legacy REDIST)
 * @used: redistributors that have a vCPU
 */
struct vgic_rd_region {
	struct list_head list;
	u32 index;
	u64 base;
	u32 count;
	u32 used;
};

/**
 * struct vgic - a VM's distributor
 * @lock: creation, initialisation, base addresses, regions; inside vm->lock
 * @created: KVM_CREATE_DEVICE; never goes back once a vCPU has run
 * @initialized: vgic_init() has been done; never goes back
 * @enabled: GICD_CTLR.EnableGrp1, see vgic_set_enabled()
 * @nr_spis: 0 until it is set or vgic_init() chooses; then @spis has as many
 * @spis: by intid - VGIC_NR_PRIVATE; from vgic_init() on, NULL without a vCPU
 * @frozen: vgic_freeze() less vgic_thaw(): no vCPU enters while it is not 0
 * @acked: told of each level-sensitive SPI that a guest has deactivated, at the
 *	exit that this causes, in the vCPU's thread without any lock but
 *	vcpu->lock; NULL until somebody waits for that (irqfd), then fixed
 * @dist_base: guest physical address of the distributor, or VGIC_ADDR_UNDEF
 * @rd_regions: &struct vgic_rd_region, ordered by index
 * @frames: whose redistributor (&struct vcpu) a frame belongs to, by address
 * @iidr_revision: GICD_IIDR.Revision that userspace has chosen
 * @ready: the MMIO side has checked the addresses, at the first KVM_RUN
 */
struct vgic {
	struct mutex lock;		/* what is set up before the first run */
	bool created;
	bool initialized;
	bool enabled;
	u32 nr_spis;
	struct vgic_irq *spis;
	atomic_t frozen;
	void (*acked)(struct vm *vm, u32 intid);

	u64 dist_base;
	struct list_head rd_regions;
	struct xarray frames;
	u32 iidr_revision;
	bool ready;
};

/**
 * struct vgic_cpu - a vCPU's redistributor and CPU interface
 * @lock: the queue, and every interrupt whose owner this vCPU is; taken with
 *	interrupts off, from any context
 * @queue: interrupts that are pending and enabled, or active
 * @private: SGIs and PPIs, by intid
 * @spilled: active interrupts that got no list register at the last vgic_load()
 * @looked: see vgic_look_again()
 * @acked: SPIs whose deactivation vgic.acked has to be told of
 * @nr_acked: how many of them; both belong to the vCPU's thread
 * @rd_base: guest physical address of the redistributor, or VGIC_ADDR_UNDEF
 * @rd_region: the region that it is in, or NULL
 *
 * The CPU interface's registers (ICH_VMCR_EL2 and so on) are in
 * vcpu->el2.vgic: to be looked at by vgic_icc_read() and vgic_icc_write().
 */
struct vgic_cpu {
	raw_spinlock_t lock;		/* irqs owned, innermost */
	struct list_head queue;
	struct vgic_irq private[VGIC_NR_PRIVATE];
	unsigned int spilled;
	bool looked;
	u32 acked[VGIC_MAX_ACKED];
	unsigned int nr_acked;

	u64 rd_base;
	struct vgic_rd_region *rd_region;
};

/* init.c: from nothing to a GIC and back */

/**
 * vgic_vm_init() - no GIC yet
 * @vm: being created
 */
void vgic_vm_init(struct vm *vm);

/**
 * vgic_vm_destroy() - free what vgic_init() and the MMIO side have allocated
 * @vm: dying, its vCPUs still there
 */
void vgic_vm_destroy(struct vm *vm);

/**
 * vgic_vcpu_init() - a vCPU's private interrupts, out of reset
 * @vcpu: being created
 */
void vgic_vcpu_init(struct vcpu *vcpu);

/**
 * vgic_init() - KVM_DEV_ARM_VGIC_CTRL_INIT: make the SPIs, route them to vCPU 0
 * @vm: locked (vm->lock and vgic.lock), GIC created
 *
 * Does nothing if it was done before.  From here on no vCPU can be created: if
 * there is none, interrupts are accepted and dropped.
 * Return: 0, -ENODEV when there is no GIC, -ENOMEM.
 */
int vgic_init(struct vm *vm);

/**
 * vgic_reset_cpu() - the CPU interface as it is out of reset
 * @vcpu: not running
 *
 * For a start by PSCI.  Interrupts keep their state.
 */
void vgic_reset_cpu(struct vcpu *vcpu);

/* irq.c: one interrupt */

/**
 * vgic_irq_get() - an interrupt by its number
 * @vm: its GIC is initialised
 * @vcpu: whose, for SGIs and PPIs; may be NULL if @intid is an SPI
 * @intid: any
 *
 * Return: it, with a reference for vgic_irq_put(), or NULL when there is no such
 * interrupt.
 */
struct vgic_irq *vgic_irq_get(struct vm *vm, struct vcpu *vcpu, u32 intid);

/**
 * vgic_irq_put() - be done with an interrupt
 * @irq: from vgic_irq_get(), unlocked
 *
 * SGIs, PPIs and SPIs stay until the VM goes, so there is nothing to count: it is for
 * interrupts that a guest can discard.
 * Context: any.
 */
static inline void vgic_irq_put(struct vgic_irq *irq)
{
}

/**
 * vgic_irq_lock() - look at an interrupt or change it
 * @irq: any
 *
 * Context: any.  Interrupts are off until vgic_irq_unlock().
 * Return: flags for that.
 */
unsigned long vgic_irq_lock(struct vgic_irq *irq) __acquires(&irq->owner->vgic.lock);

/**
 * vgic_irq_unlock() - and make the vCPUs concerned see it
 * @irq: locked
 * @flags: from vgic_irq_lock()
 */
void vgic_irq_unlock(struct vgic_irq *irq, unsigned long flags)
	__releases(&irq->owner->vgic.lock);

/**
 * __vgic_irq_is_pending() - the pending state
 * @irq: locked
 *
 * An interrupt counts that is pending in a list register and not yet
 * acknowledged.
 */
static inline bool __vgic_irq_is_pending(const struct vgic_irq *irq)
{
	return irq->latch || irq->presented || (irq->level && irq->line);
}

/**
 * __vgic_irq_is_deliverable() - could it be in a list register as pending?
 * @irq: locked
 *
 * An active interrupt can be pending as well only if that does not depend on
 * its line: the line is checked again when the interrupt is deactivated.
 */
static inline bool __vgic_irq_is_deliverable(const struct vgic_irq *irq)
{
	if (!irq->enabled || irq->target != irq->owner)
		return false;
	if (irq->active && (irq->level || irq->hw))
		return false;
	return __vgic_irq_is_pending(irq);
}

/**
 * __vgic_irq_clear_pending() - a write to ICPENDR
 * @irq: locked
 *
 * A level-sensitive interrupt whose line is high stays pending.  If another vCPU
 * has the interrupt in a list register, that vCPU is made to exit, which takes
 * it back.
 */
void __vgic_irq_clear_pending(struct vgic_irq *irq);

/**
 * __vgic_irq_route() - a write to GICD_IROUTER
 * @vm: whose it is
 * @irq: locked, an SPI
 * @affinity: as in &struct vgic_irq.affinity
 */
void __vgic_irq_route(struct vm *vm, struct vgic_irq *irq, u64 affinity);

/**
 * vgic_set_line() - an input line of the GIC changes
 * @vm: any
 * @vcpu: whose, for a PPI; may be NULL for an SPI
 * @intid: a PPI or SPI
 * @level: of the line; of an edge-triggered interrupt true is an edge
 * @internal: the caller is this module's own device, not userspace
 *
 * KVM_IRQ_LINE, irqfd, timers.  Userspace's calls for internal lines succeed
 * and do nothing, as in KVM.
 *
 * Context: any.
 * Return: 0; -EBUSY as long as the GIC is not initialised; -EINVAL: no such line.
 */
int vgic_set_line(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level, bool internal);

/**
 * vgic_irq_set_line() - an input line that is known to exist
 * @irq: a PPI or SPI
 * @level: as with vgic_set_line()
 *
 * Context: any.
 */
void vgic_irq_set_line(struct vgic_irq *irq, bool level);

/**
 * vgic_set_enabled() - GICD_CTLR.EnableGrp1
 * @vm: GIC initialised
 * @enabled: off: nothing new is delivered
 */
void vgic_set_enabled(struct vm *vm, bool enabled);

/**
 * vgic_freeze() - keep all vCPUs out of the guest, and wait until they are
 * @vm: any
 *
 * From here to vgic_thaw() no interrupt is in a list register, so that
 * vgic_irq.active can be read and written and means what it says.  Needed for
 * ISACTIVER and ICACTIVER, unless the vCPU does so to its own SGIs and PPIs.
 *
 * Context: process, interrupts on, no spinlock held.  Nests.
 */
void vgic_freeze(struct vm *vm);

/**
 * vgic_is_frozen() - are vCPUs to stay out of the guest?
 * @vgic: any
 */
static inline bool vgic_is_frozen(const struct vgic *vgic)
{
	return atomic_read(&vgic->frozen);
}

/**
 * vgic_thaw() - the end of vgic_freeze()
 * @vm: frozen
 */
void vgic_thaw(struct vm *vm);

/* lr.c: between the queues and the list registers */

/**
 * vgic_load() - fill the list registers
 * @vcpu: about to enter the guest
 *
 * Context: the vCPU's thread, interrupts off.
 */
void vgic_load(struct vcpu *vcpu);

/**
 * vgic_fold() - take back what the guest did to the list registers
 * @vcpu: just left the guest
 *
 * Context: the vCPU's thread, interrupts off.
 */
void vgic_fold(struct vcpu *vcpu);

/**
 * vgic_look_again() - an access to the CPU interface has trapped: for this reason?
 * @vcpu: stopped at the instruction
 *
 * The guest may be about to acknowledge the interrupt of a timer that it has moved
 * since.
 * Return: true: let the CPU do the access again.  The next vgic_load(), which goes by
 * the line as it is now, does not have it trap.
 */
bool vgic_look_again(struct vcpu *vcpu);

/**
 * vgic_pending() - is there an interrupt that the guest would take?
 * @vcpu: not running
 *
 * Asks for priority and group, not for PSTATE.I: as WFI does.
 * Context: any.
 */
bool vgic_pending(struct vcpu *vcpu);

/**
 * vgic_deactivate() - the guest deactivates an interrupt, and the CPU has not
 * @vcpu: not running
 * @intid: any; if it is not active, then nothing happens
 */
void vgic_deactivate(struct vcpu *vcpu, u32 intid);

/**
 * vgic_notify_acked() - tell of the level-sensitive SPIs that were deactivated
 * @vcpu: not running
 *
 * Context: the vCPU's thread, interrupts on.
 */
void vgic_notify_acked(struct vcpu *vcpu);

/* v3/lr.c: what the host's GIC has for guests */

/**
 * vgic_host_init() - find out what the host's GIC has for guests
 *
 * At load, once EL2 is taken.
 */
void vgic_host_init(void);

/** vgic_available() - can guests of this host have a GICv3? */
bool vgic_available(void);

/* v3/sgi.c: interrupts between vCPUs */

/**
 * vgic_send_sgi() - a write to ICC_SGI1R_EL1, ICC_ASGI1R_EL1 or ICC_SGI0R_EL1
 * @vcpu: the sender
 * @value: the 64-bit register, of AArch32 both halves
 * @group: 0 for ICC_SGI0R_EL1 and ICC_ASGI1R_EL1, which raise SGIs of group 0
 *	only; 1 for ICC_SGI1R_EL1, which raises both
 */
void vgic_send_sgi(struct vcpu *vcpu, u64 value, unsigned int group);

/* v3/icc.c: the CPU interface's registers */

/**
 * vgic_icc_read() - KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, reading
 * @vcpu: not running, GIC initialised
 * @encoding: sys_reg() of an ICC_*_EL1 register
 * @value: filled in
 *
 * Return: 0 or -ENXIO.
 */
int vgic_icc_read(struct vcpu *vcpu, u32 encoding, u64 *value);

/**
 * vgic_icc_write() - KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, writing
 * @vcpu: not running, GIC initialised
 * @encoding: sys_reg() of an ICC_*_EL1 register
 * @value: to be written
 *
 * Return: 0, -ENXIO, or -EINVAL for a value that this GIC cannot have.
 */
int vgic_icc_write(struct vcpu *vcpu, u32 encoding, u64 value);

/**
 * vgic_trap_icc() - a trapped access of the guest to the CPU interface
 * @vcpu: stopped at the instruction
 * @access: see there
 * @unused: a row's argument
 *
 * Return: false when the access is UNDEFINED.
 */
bool vgic_trap_icc(struct vcpu *vcpu, struct sysreg_access *access, unsigned int unused);

/* The side of the registers and of userspace: mmio.c v3/region.c device.c attr.c */

/**
 * vgic_tables_init() - make the indexes of the registers in memory
 *
 * Return: true; false when a row is in the wrong place, and so would be a register that
 * is not there.
 */
bool vgic_tables_init(void);

/**
 * vgic_mmio() - an access of the guest outside its memory
 * @vcpu: stopped at the access
 * @ipa: address
 * @len: bytes
 * @is_write: a store
 * @value: little-endian: what is stored, or, filled in, what is loaded
 *
 * Return: 1; 0 when there is no register of the GIC at that address; TRAP_SLEEPS.
 */
int vgic_mmio(struct vcpu *vcpu, u64 ipa, unsigned int len, bool is_write, u64 *value);

/**
 * vgic_vcpu_place() - give a new vCPU its redistributor, if there is a region
 * @vcpu: being created: not counted in its VM's nr_vcpus yet; vm->lock is held
 *
 * Return: 0; -EINVAL when regions and distributor are found to overlap; -ENOMEM.
 */
int vgic_vcpu_place(struct vcpu *vcpu);

/**
 * vgic_vcpu_remove() - undo vgic_vcpu_place()
 * @vcpu: the last one that was placed; vm->lock is held
 */
void vgic_vcpu_remove(struct vcpu *vcpu);

/**
 * vgic_start() - a vCPU is about to run for the first time
 * @vm: its lock is held
 *
 * Return: 0; -ENXIO when the distributor or a redistributor has no address,
 * -EINVAL when they overlap, -EBUSY when the GIC is not initialised.
 */
int vgic_start(struct vm *vm);

/**
 * vgic_create_device() - KVM_CREATE_DEVICE of KVM_DEV_TYPE_ARM_VGIC_V3
 * @vm: not locked
 * @test: only say whether that would be possible
 *
 * Return: a file descriptor, or 0 for a test; -ENODEV, -EEXIST, -EBUSY, -EINTR.
 */
int vgic_create_device(struct vm *vm, bool test);

struct kvm_device_attr;

/**
 * vgic_attr_set() - KVM_SET_DEVICE_ATTR of what the GIC has in registers
 * @vm: not locked
 * @attr: as userspace gave it
 *
 * Return: 0; -ENXIO: no such group; -EINVAL: no such vCPU, or a value that is not
 * possible; -EFAULT; -EBUSY: a vCPU is in an ioctl, or the GIC not initialised;
 * -ENOENT: no such system register; -EINTR: the thread is being killed.
 */
int vgic_attr_set(struct vm *vm, const struct kvm_device_attr *attr);

/**
 * vgic_attr_get() - KVM_GET_DEVICE_ATTR of what the GIC has in registers
 * @vm: not locked
 * @attr: as userspace gave it
 *
 * Return: as vgic_attr_set().
 */
int vgic_attr_get(struct vm *vm, const struct kvm_device_attr *attr);

/**
 * vgic_attr_has() - KVM_HAS_DEVICE_ATTR of what the GIC has in registers
 * @vm: not locked
 * @attr: as userspace gave it
 *
 * Return: 0, -ENXIO, or -EINVAL: no such vCPU.
 */
int vgic_attr_has(struct vm *vm, const struct kvm_device_attr *attr);

#endif /* SETWAY_VGIC_VGIC_H */
