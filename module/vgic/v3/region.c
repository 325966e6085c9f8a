// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the GIC is in the guest's address space.  Userspace sets the address of
 * the distributor and regions for redistributors: any number of numbered regions,
 * each with room for a number of vCPUs; or, the older way, a single region that is
 * as large as necessary.  vCPUs fill the regions in the order of their creation,
 * whether they are created before or after a region.
 *
 * Whether the parts overlap is known only when all vCPUs exist.  Each step
 * checks what it can see, and vgic_start() everything.
 */
#include <linux/align.h>
#include <linux/kvm.h>
#include <linux/slab.h>

#include "../../vcpu.h"
#include "../../vm.h"
#include "../mmio.h"

/* All callers hold vm->lock and vgic.lock. */
static void region_assert_locked(struct vm *vm)
{
	lockdep_assert_held(&vm->lock);
	lockdep_assert_held(&vm->vgic.lock);
}

static bool ranges_overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static u64 region_size(const struct vm *vm, u32 count)
{
	return (u64)(count ?: vm->nr_vcpus) * KVM_VGIC_V3_REDIST_SIZE;
}

/* Return: 0, -EINVAL or -E2BIG, in KVM's order. */
static int range_check(const struct vm *vm, u64 base, u64 size)
{
	u64 limit = BIT_ULL(vm->stage2.ia_bits);

	if (!IS_ALIGNED(base, SZ_64K) || base + size < base)
		return -EINVAL;
	return base >= limit || base + size > limit ? -E2BIG : 0;
}

static bool overlaps_dist(const struct vm *vm, u64 base, u64 size)
{
	u64 dist = vm->vgic.dist_base;

	return dist != VGIC_ADDR_UNDEF && ranges_overlap(base, size, dist, KVM_VGIC_V3_DIST_SIZE);
}

static bool overlaps_region(const struct vm *vm, u64 base, u64 size)
{
	const struct vgic_rd_region *region;

	list_for_each_entry(region, &vm->vgic.rd_regions, list)
		if (ranges_overlap(base, size, region->base, region_size(vm, region->count)))
			return true;
	return false;
}

/* Is all of it in the IPA space, and does nothing overlap the distributor? */
static bool layout_is_sane(const struct vm *vm)
{
	const struct vgic_rd_region *region;

	list_for_each_entry(region, &vm->vgic.rd_regions, list)
		if (range_check(vm, region->base, region_size(vm, region->count)))
			return false;
	return vm->vgic.dist_base == VGIC_ADDR_UNDEF ||
	       !overlaps_region(vm, vm->vgic.dist_base, KVM_VGIC_V3_DIST_SIZE);
}

static struct vgic_rd_region *region_with_room(struct vgic *vgic)
{
	struct vgic_rd_region *region;

	list_for_each_entry(region, &vgic->rd_regions, list)
		if (!region->count || region->used < region->count)
			return region;
	return NULL;
}

static int frames_store(struct vgic *vgic, u64 base, struct vcpu *vcpu)
{
	unsigned long frame = base >> VGIC_FRAME_SHIFT;
	int ret;

	ret = xa_err(xa_store(&vgic->frames, frame, vcpu, GFP_KERNEL_ACCOUNT));
	if (ret)
		return ret;
	ret = xa_err(xa_store(&vgic->frames, frame + 1, vcpu, GFP_KERNEL_ACCOUNT));
	if (ret)
		xa_erase(&vgic->frames, frame);
	return ret;
}

static void frames_erase(struct vgic *vgic, u64 base)
{
	xa_erase(&vgic->frames, base >> VGIC_FRAME_SHIFT);
	xa_erase(&vgic->frames, (base >> VGIC_FRAME_SHIFT) + 1);
}

/* A vCPU gets a redistributor, if there is room for one. */
static int __vcpu_place(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct vgic_rd_region *region = region_with_room(vgic);
	u64 base;
	int ret;

	if (vcpu->vgic.rd_base != VGIC_ADDR_UNDEF || !region)
		return 0;
	if (!layout_is_sane(vcpu->vm))
		return -EINVAL;
	base = region->base + region->used * KVM_VGIC_V3_REDIST_SIZE;
	ret = frames_store(vgic, base, vcpu);
	if (ret)
		return ret;
	vcpu->vgic.rd_base = base;
	vcpu->vgic.rd_region = region;
	region->used++;
	return 0;
}

static void __vcpu_remove(struct vcpu *vcpu)
{
	frames_erase(&vcpu->vm->vgic, vcpu->vgic.rd_base);
	vcpu->vgic.rd_base = VGIC_ADDR_UNDEF;
	vcpu->vgic.rd_region = NULL;
}

int vgic_vcpu_place(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	int ret = 0;

	lockdep_assert_held(&vm->lock);
	mutex_lock(&vm->vgic.lock);
	if (vm->vgic.created)
		ret = __vcpu_place(vcpu);
	mutex_unlock(&vm->vgic.lock);
	return ret;
}

void vgic_vcpu_remove(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;

	lockdep_assert_held(&vcpu->vm->lock);
	mutex_lock(&vgic->lock);
	if (vcpu->vgic.rd_region) {
		vcpu->vgic.rd_region->used--;
		__vcpu_remove(vcpu);
	}
	mutex_unlock(&vgic->lock);
}

static int place_all(struct vm *vm)
{
	unsigned int index;
	int ret = 0;

	for (index = 0; index < vm->nr_vcpus && !ret; index++)
		ret = __vcpu_place(vm_vcpu_by_index(vm, index));
	return ret;
}

static void region_remove(struct vm *vm, struct vgic_rd_region *region)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		if (vcpu->vgic.rd_region == region)
			__vcpu_remove(vcpu);
	list_del(&region->list);
	kfree(region);
}

/* May a region with this number, and this way of counting, follow the existing ones? */
static int region_check_order(const struct vgic *vgic, u32 index, u32 count)
{
	const struct vgic_rd_region *last;

	if (list_empty(&vgic->rd_regions))
		return index ? -EINVAL : 0;
	last = list_last_entry(&vgic->rd_regions, struct vgic_rd_region, list);
	if (!count)
		return last->count ? -EINVAL : -EEXIST;
	return index == last->index + 1 && last->count ? 0 : -EINVAL;
}

static int region_check(const struct vm *vm, u32 index, u64 base, u32 count)
{
	u64 size = region_size(vm, count);
	int ret;

	if (base + size < base)
		return -EINVAL;
	ret = region_check_order(&vm->vgic, index, count);
	if (ret)
		return ret;
	if ((!count && overlaps_dist(vm, base, size)) || overlaps_region(vm, base, size))
		return -EINVAL;
	return range_check(vm, base, size);
}

int vgic_region_add(struct vm *vm, u32 index, u64 base, u32 count)
{
	struct vgic_rd_region *region;
	int ret;

	region_assert_locked(vm);
	/* All vCPUs have theirs, and the guest's accesses look at the list. */
	if (vm->vgic.ready)
		return -EBUSY;
	ret = region_check(vm, index, base, count);
	if (ret)
		return ret;
	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;
	region->index = index;
	region->base = base;
	region->count = count;
	list_add_tail(&region->list, &vm->vgic.rd_regions);
	ret = place_all(vm);
	if (ret)
		region_remove(vm, region);
	return ret;
}

struct vgic_rd_region *vgic_region_find(struct vgic *vgic, u32 index)
{
	struct vgic_rd_region *region;

	lockdep_assert_held(&vgic->lock);
	list_for_each_entry(region, &vgic->rd_regions, list)
		if (region->index == index)
			return region;
	return NULL;
}

void vgic_region_remove_all(struct vm *vm)
{
	struct vgic_rd_region *region, *next;

	region_assert_locked(vm);
	list_for_each_entry_safe(region, next, &vm->vgic.rd_regions, list)
		region_remove(vm, region);
}

int vgic_set_dist_base(struct vm *vm, u64 base)
{
	int ret;

	region_assert_locked(vm);
	if (vm->vgic.dist_base != VGIC_ADDR_UNDEF)
		return -EEXIST;
	ret = range_check(vm, base, KVM_VGIC_V3_DIST_SIZE);
	if (!ret)
		vm->vgic.dist_base = base;
	return ret;
}

/* For the guest, adjacent regions are one row of redistributors. */
static bool region_is_followed(const struct vm *vm, const struct vgic_rd_region *region)
{
	const struct vgic_rd_region *other;

	list_for_each_entry(other, &vm->vgic.rd_regions, list)
		if (other->used && other->base == region->base + region_size(vm, region->count))
			return true;
	return false;
}

bool vgic_redist_is_last(const struct vcpu *vcpu)
{
	const struct vgic_rd_region *region = vcpu->vgic.rd_region;
	u64 nth;

	if (!region)
		return false;
	nth = (vcpu->vgic.rd_base - region->base) / KVM_VGIC_V3_REDIST_SIZE + 1;
	if (nth < region->used)
		return false;
	return nth != region->count || !region_is_followed(vcpu->vm, region);
}

static int __vgic_start(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long id;

	xa_for_each(&vm->vcpus, id, vcpu)
		if (vcpu->vgic.rd_base == VGIC_ADDR_UNDEF)
			return -ENXIO;
	if (vm->vgic.dist_base == VGIC_ADDR_UNDEF)
		return -ENXIO;
	if (!layout_is_sane(vm))
		return -EINVAL;
	return vm->vgic.initialized ? 0 : -EBUSY;
}

int vgic_start(struct vm *vm)
{
	int ret = 0;

	lockdep_assert_held(&vm->lock);
	mutex_lock(&vm->vgic.lock);
	if (vm->vgic.created && !vm->vgic.ready) {
		ret = __vgic_start(vm);
		if (!ret)
			/* The addresses are final; pairs with vgic_mmio(). */
			smp_store_release(&vm->vgic.ready, true);
	}
	mutex_unlock(&vm->vgic.lock);
	return ret;
}
