// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots of VMs.
 */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"
#include "gic.h"
#include "onereg.h"

#define REG_BYTES	16	/* of the largest register */
#define GIC_VALUES	2048
#define PRIVATE		32	/* SGIs and PPIs */
#define IROUTER_BITS	64	/* of SPIs only */
#define TIMER_ISTATUS	BIT(2)

/* ICC_* as attributes: op0, op1, CRn, CRm, op2, packed. */
#define ICC(crm, op2)	(3 << 14 | 12 << 7 | (crm) << 3 | (op2))
#define ICC_PMR_ATTR	(3 << 14 | 4 << 7 | 6 << 3 | 0)

/**
 * struct vcpu_state - of one vCPU
 * @id: as given to KVM_CREATE_VCPU
 * @mp_state: whether it runs
 * @events: what it has not taken yet
 * @list: its registers
 * @values: their values, REG_BYTES each
 */
struct vcpu_state {
	u32 id;
	struct kvm_mp_state mp_state;
	struct kvm_vcpu_events events;
	struct kvm_reg_list *list;
	u8 (*values)[REG_BYTES];
};

/**
 * struct snapshot - of a VM
 * @way: in which it was taken
 * @slots: memory; the content is the snapshot's own
 * @nr_vcpus: how many
 * @vcpus: in the order of their creation
 * @nr_values: of the GIC
 * @gic: the values, in the order in which gic_walk() comes by
 */
struct snapshot {
	enum snapshot_way way;
	struct memslot slots[VM_MEMSLOTS];
	unsigned int nr_vcpus;
	struct vcpu_state vcpus[VM_VCPUS];
	unsigned int nr_values;
	u64 gic[GIC_VALUES];
};

/**
 * struct gic_field - a property of each interrupt
 * @offset: of the register of interrupt 0
 * @bits: for each interrupt
 */
struct gic_field {
	u32 offset;
	u32 bits;
};

/* In an order that puts nothing back to what it was: clear, then set. */
static const struct gic_field gic_fields[] = {
	{ GICD_ICENABLER, 1 },
	{ GICD_ISENABLER, 1 },
	{ GICD_IGROUPR, 1 },
	{ GICD_IROUTER, IROUTER_BITS },
	{ GICD_ICFGR, 2 },
	{ GICD_ICPENDR, 1 },
	{ GICD_ISPENDR, 1 },
	{ GICD_ICACTIVER, 1 },
	{ GICD_ISACTIVER, 1 },
	{ GICD_IPRIORITYR, 8 },
};

/* SRE, CTLR, IGRPEN0, IGRPEN1, PMR, BPR0, BPR1, AP0R0, AP1R0 */
static const u32 cpu_attrs[] = {
	ICC(12, 5), ICC(12, 4), ICC(12, 6), ICC(12, 7), ICC_PMR_ATTR, ICC(8, 3), ICC(12, 3),
	ICC(8, 4), ICC(9, 0),
};

void machine_destroy(struct machine *machine)
{
	close(machine->gic);
	vm_destroy(machine->vm);
	*machine = (struct machine){};
}

void vcpu_complete(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!__vcpu_run(vcpu) || errno != EINTR)
		fail("vCPU %u runs in spite of immediate_exit", vcpu->id);
	vcpu->run->immediate_exit = 0;
}

/**
 * struct gic_walk - a way through all that is saved of a GIC
 * @gic: its file descriptor
 * @request: KVM_GET_DEVICE_ATTR or KVM_SET_DEVICE_ATTR
 * @value: the next value
 */
struct gic_walk {
	int gic;
	unsigned long request;
	u64 *value;
};

static void walk_attr(struct gic_walk *walk, u32 group, u64 attr)
{
	if (gic_attr(walk->gic, walk->request, group, attr, walk->value++))
		fail("the GIC's attribute %u, %#llx: %s", group, attr, strerror(errno));
}

static void walk_range(struct gic_walk *walk, u32 group, u64 first, u32 size)
{
	u32 offset;

	for (offset = 0; offset < size; offset += sizeof(u32))
		walk_attr(walk, group, first + offset);
}

static void walk_dist(struct gic_walk *walk)
{
	const u32 group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
	u32 i;

	walk_attr(walk, group, GICD_CTLR);
	for (i = 0; i < ARRAY_SIZE(gic_fields); i++)
		walk_range(walk, group, gic_fields[i].offset + PRIVATE * gic_fields[i].bits / 8,
			   (GIC_NR_IRQS - PRIVATE) * gic_fields[i].bits / 8);
}

static void walk_redist(struct gic_walk *walk, u64 vcpu)
{
	const u32 group = KVM_DEV_ARM_VGIC_GRP_REDIST_REGS;
	u32 i;

	walk_attr(walk, group, vcpu << 32 | GICR_WAKER);
	for (i = 0; i < ARRAY_SIZE(gic_fields); i++)
		if (gic_fields[i].bits != IROUTER_BITS)
			walk_range(walk, group,
				   vcpu << 32 | (GIC_SGI_FRAME + gic_fields[i].offset),
				   PRIVATE * gic_fields[i].bits / 8);
}

static void walk_cpu_interface(struct gic_walk *walk, u64 vcpu)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cpu_attrs); i++)
		walk_attr(walk, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, vcpu << 32 | cpu_attrs[i]);
}

static void gic_walk(struct snapshot *snapshot, int gic, unsigned long request)
{
	struct gic_walk walk = { .gic = gic, .request = request, .value = snapshot->gic };
	u32 i;

	walk_dist(&walk);
	for (i = 0; i < snapshot->nr_vcpus; i++) {
		walk_redist(&walk, snapshot->vcpus[i].id);
		walk_cpu_interface(&walk, snapshot->vcpus[i].id);
	}
	if (snapshot->way == SNAPSHOT_GIC_FIRST)
		for (i = PRIVATE; i < GIC_NR_IRQS; i += 32)
			walk_attr(&walk, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, i);
	snapshot->nr_values = walk.value - snapshot->gic;
	if (snapshot->nr_values > GIC_VALUES)
		fail("the GIC has too many registers");
}

static void take_vcpu(struct vcpu_state *state, struct vcpu *vcpu)
{
	u64 i;

	state->id = vcpu->id;
	vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state->mp_state);
	vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, &state->events);
	state->list = reg_list(vcpu);
	state->values = calloc(state->list->n, REG_BYTES);
	if (!state->values)
		fail("out of memory");
	for (i = 0; i < state->list->n; i++)
		if (__reg_get(vcpu, state->list->reg[i], state->values[i]))
			fail("register %#llx: %s", state->list->reg[i], strerror(errno));
}

static void *memory_copy(const void *memory, u64 size)
{
	void *copy = malloc(size);

	if (!copy)
		fail("out of memory");
	return memcpy(copy, memory, size);
}

struct snapshot *snapshot_take(const struct machine *machine, enum snapshot_way way)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const struct vm *vm = machine->vm;
	unsigned int i;

	if (!snapshot)
		fail("out of memory");
	snapshot->way = way;
	snapshot->nr_vcpus = vm->nr_vcpus;
	for (i = 0; i < vm->nr_vcpus; i++)
		take_vcpu(&snapshot->vcpus[i], vm->vcpus[i]);
	if (gic_attr(machine->gic, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_CTRL,
		     KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL))
		fail("KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES: %s", strerror(errno));
	gic_walk(snapshot, machine->gic, KVM_GET_DEVICE_ATTR);
	for (i = 0; i < VM_MEMSLOTS; i++) {
		snapshot->slots[i] = vm->slots[i];
		if (vm->slots[i].size)
			snapshot->slots[i].hva = memory_copy(vm->slots[i].hva, vm->slots[i].size);
	}
	return snapshot;
}

static void restore_memory(struct vm *vm, const struct snapshot *snapshot)
{
	u32 i;

	for (i = 0; i < VM_MEMSLOTS; i++) {
		const struct memslot *slot = &snapshot->slots[i];

		if (slot->size)
			memcpy(vm_memory_add(vm, i, slot->ipa, slot->size, slot->flags), slot->hva,
			       slot->size);
	}
}

/* All but the first wait for PSCI when they are new, as in every VMM. */
static void restore_vcpu(struct vcpu *vcpu, const struct vcpu_state *state)
{
	struct kvm_vcpu_events events = state->events;
	struct kvm_mp_state mp_state = state->mp_state;
	u64 i;

	vcpu_reset(vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2) |
			 (vcpu == vcpu->vm->vcpus[0] ? 0 : BIT(KVM_ARM_VCPU_POWER_OFF)));
	for (i = 0; i < state->list->n; i++)
		if (__reg_set(vcpu, state->list->reg[i], state->values[i]))
			fail("register %#llx: %s", state->list->reg[i], strerror(errno));
	vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &mp_state);
	vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static void restore_vcpus(struct vm *vm, const struct snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < snapshot->nr_vcpus; i++)
		restore_vcpu(vm->vcpus[i], &snapshot->vcpus[i]);
}

struct machine snapshot_restore(const struct snapshot *snapshot)
{
	struct snapshot copy = *snapshot;
	struct machine machine = { .vm = vm_create() };
	unsigned int i;

	restore_memory(machine.vm, snapshot);
	for (i = 0; i < snapshot->nr_vcpus; i++)
		vcpu_reset(vcpu_create(machine.vm, snapshot->vcpus[i].id),
			   BIT(KVM_ARM_VCPU_PSCI_0_2) | (i ? BIT(KVM_ARM_VCPU_POWER_OFF) : 0));
	machine.gic = gic_create(machine.vm);
	if (snapshot->way == SNAPSHOT_VCPUS_FIRST)
		restore_vcpus(machine.vm, snapshot);
	gic_walk(&copy, machine.gic, KVM_SET_DEVICE_ATTR);
	if (snapshot->way == SNAPSHOT_GIC_FIRST)
		restore_vcpus(machine.vm, snapshot);
	return machine;
}

/* What time alone changes of a register. */
static u64 reg_passing(u64 id)
{
	switch (id) {
	case KVM_REG_ARM_TIMER_CNT:
	case KVM_REG_ARM_PTIMER_CNT:
		return ~0ULL;
	case KVM_REG_ARM_TIMER_CTL:
	case KVM_REG_ARM_PTIMER_CTL:
		return TIMER_ISTATUS;
	default:
		return 0;
	}
}

static void compare_reg(u64 id, const u8 *a, const u8 *b)
{
	u64 x, y, passing = reg_passing(id);

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (passing ? ((x ^ y) & ~passing) != 0 : memcmp(a, b, REG_BYTES) != 0)
		fail("register %#llx was %#llx and is %#llx", id, x, y);
}

static void compare_vcpu(const struct vcpu_state *a, const struct vcpu_state *b)
{
	u64 i;

	if (a->mp_state.mp_state != b->mp_state.mp_state)
		fail("vCPU %u was in state %u and is in %u", a->id, a->mp_state.mp_state,
		     b->mp_state.mp_state);
	if (memcmp(&a->events, &b->events, sizeof(a->events)))
		fail("vCPU %u has other events than before", a->id);
	if (a->list->n != b->list->n)
		fail("vCPU %u had %llu registers and has %llu", a->id, a->list->n, b->list->n);
	for (i = 0; i < a->list->n; i++)
		compare_reg(a->list->reg[i], a->values[i], b->values[i]);
}

void snapshot_compare(const struct snapshot *a, const struct snapshot *b)
{
	unsigned int i;

	for (i = 0; i < a->nr_vcpus; i++)
		compare_vcpu(&a->vcpus[i], &b->vcpus[i]);
	for (i = 0; i < a->nr_values; i++)
		if (a->gic[i] != b->gic[i])
			fail("value %u of the GIC was %#llx and is %#llx", i, a->gic[i], b->gic[i]);
}

void snapshot_free(struct snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < snapshot->nr_vcpus; i++) {
		free(snapshot->vcpus[i].list);
		free(snapshot->vcpus[i].values);
	}
	for (i = 0; i < VM_MEMSLOTS; i++)
		if (snapshot->slots[i].size)
			free(snapshot->slots[i].hva);
	free(snapshot);
}
