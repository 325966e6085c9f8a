// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC's registers in memory (ARM IHI 0069H, 12.9 and 12.11), as the guest
 * finds them, and what userspace sees of the same.
 */
#include "../lib/gic.h"
#include "../lib/test.h"

#define NR_VCPUS	3
#define NR_WORDS	(GIC_NR_IRQS / 32)

#define GICD_IIDR	0x0008
#define GICD_TYPER2	0x000c
#define GICD_STATUSR	0x0010
#define GICD_ITARGETSR	0x0800
#define GICD_IGRPMODR	0x0d00
#define GICD_PIDR2	0xffe8
#define GICR_CTLR	0x0000
#define GICR_IIDR	0x0004
#define GICR_PROPBASER	0x0070
#define GICR_PENDBASER	0x0078
#define GICR_SYNCR	0x00c0
#define SGI_FRAME	GIC_SGI_FRAME

#define CTLR_DS		BIT(6)
#define CTLR_ARE_DS	(GICD_CTLR_ARE | CTLR_DS)
#define TYPER_LINES(typer)	((typer) & 0x1f)
#define TYPER_LPIS	BIT(17)
#define TYPER_IDBITS(typer)	((typer) >> 19 & 0x1f)
#define PIDR2_ARCH(pidr2)	((pidr2) >> 4 & 0xf)

/* The distributor and this vCPU's redistributor, which is vCPU 0's. */
static u64 dist(u32 offset)
{
	return GIC_DIST_BASE + offset;
}

static u64 redist(u32 offset)
{
	return GIC_REDIST_BASE + offset;
}

static u8 read8(u64 address)
{
	u8 value;

	asm volatile("ldrb %w0, [%1]" : "=r" (value) : "r" (address) : "memory");
	return value;
}

static void write8(u64 address, u8 value)
{
	asm volatile("strb %w0, [%1]" : : "r" (value), "r" (address) : "memory");
}

static u16 read16(u64 address)
{
	u16 value;

	asm volatile("ldrh %w0, [%1]" : "=r" (value) : "r" (address) : "memory");
	return value;
}

static void guest_identifies(void)
{
	u32 typer = gic_read(dist(GICD_TYPER));

	GUEST_ASSERT_EQ(NR_WORDS - 1, TYPER_LINES(typer));
	GUEST_ASSERT_EQ(9, TYPER_IDBITS(typer));
	GUEST_ASSERT_EQ(0, typer & TYPER_LPIS);
	GUEST_ASSERT_EQ(0x4b00043b, gic_read(dist(GICD_IIDR)) & ~0xf000);
	GUEST_ASSERT_EQ(0x4b00043b, gic_read(redist(GICR_IIDR)));
	GUEST_ASSERT_EQ(0, gic_read(dist(GICD_TYPER2)));
	GUEST_ASSERT_EQ(3, PIDR2_ARCH(gic_read(dist(GICD_PIDR2))));
	GUEST_ASSERT_EQ(3, PIDR2_ARCH(gic_read(redist(GICD_PIDR2))));
	/* these say what it is, and are not to be written */
	gic_write(dist(GICD_TYPER), ~0U);
	gic_write(dist(GICD_IIDR), 0);
	GUEST_ASSERT_EQ(typer, gic_read(dist(GICD_TYPER)));
	GUEST_ASSERT_EQ(0x4b00043b, gic_read(dist(GICD_IIDR)) & ~0xf000);
}

static void guest_controls(void)
{
	GUEST_ASSERT_EQ(CTLR_ARE_DS, gic_read(dist(GICD_CTLR)));
	gic_write(dist(GICD_CTLR), GICD_CTLR_ENABLE_GRP1);
	GUEST_ASSERT_EQ(CTLR_ARE_DS | GICD_CTLR_ENABLE_GRP1, gic_read(dist(GICD_CTLR)));
	gic_write(dist(GICD_CTLR), 0);
	GUEST_ASSERT_EQ(CTLR_ARE_DS, gic_read(dist(GICD_CTLR)));
}

/* Each bit of 32 interrupts, set and cleared by its own register. */
static void guest_sets_and_clears(u64 set, u64 clear)
{
	gic_write(clear, ~0U);
	GUEST_ASSERT_EQ(0, gic_read(set));
	gic_write(set, 0x00f00010);
	GUEST_ASSERT_EQ(0x00f00010, gic_read(set));
	GUEST_ASSERT_EQ(0x00f00010, gic_read(clear));
	/* a 0 changes nothing */
	gic_write(set, 0x80000000);
	GUEST_ASSERT_EQ(0x80f00010, gic_read(set));
	gic_write(clear, 0x00f00000);
	GUEST_ASSERT_EQ(0x80000010, gic_read(clear));
	gic_write(clear, 0x80000010);
	GUEST_ASSERT_EQ(0, gic_read(set));
}

static void guest_enables(void)
{
	/* SGIs are enabled at first */
	GUEST_ASSERT_EQ(0xffff, gic_read(redist(SGI_FRAME + GICD_ISENABLER)));
	GUEST_ASSERT_EQ(0, gic_read(dist(GICD_ISENABLER + 4)));
	guest_sets_and_clears(dist(GICD_ISENABLER + 4), dist(GICD_ICENABLER + 4));
	guest_sets_and_clears(dist(GICD_ISENABLER + 8), dist(GICD_ICENABLER + 8));
	guest_sets_and_clears(redist(SGI_FRAME + GICD_ISENABLER),
			      redist(SGI_FRAME + GICD_ICENABLER));
}

static void guest_pends(void)
{
	guest_sets_and_clears(dist(GICD_ISPENDR + 4), dist(GICD_ICPENDR + 4));
	guest_sets_and_clears(redist(SGI_FRAME + GICD_ISPENDR),
			      redist(SGI_FRAME + GICD_ICPENDR));
}

static void guest_activates(void)
{
	guest_sets_and_clears(dist(GICD_ISACTIVER + 8), dist(GICD_ICACTIVER + 8));
	guest_sets_and_clears(redist(SGI_FRAME + GICD_ISACTIVER),
			      redist(SGI_FRAME + GICD_ICACTIVER));
}

static void guest_groups(void)
{
	GUEST_ASSERT_EQ(~0U, gic_read(dist(GICD_IGROUPR + 4)));
	GUEST_ASSERT_EQ(~0U, gic_read(redist(SGI_FRAME + GICD_IGROUPR)));
	gic_write(dist(GICD_IGROUPR + 4), 0x0000ffff);
	gic_write(redist(SGI_FRAME + GICD_IGROUPR), 0x12345678);
	GUEST_ASSERT_EQ(0x0000ffff, gic_read(dist(GICD_IGROUPR + 4)));
	GUEST_ASSERT_EQ(0x12345678, gic_read(redist(SGI_FRAME + GICD_IGROUPR)));
	/* in one security state there is no modifier */
	gic_write(dist(GICD_IGRPMODR + 4), ~0U);
	GUEST_ASSERT_EQ(0, gic_read(dist(GICD_IGRPMODR + 4)));
}

static void guest_gives_priority(void)
{
	u64 word = dist(GICD_IPRIORITYR + 40), private = redist(SGI_FRAME + GICD_IPRIORITYR + 16);

	gic_write(word, 0xffa04008);
	/* five bits of each */
	GUEST_ASSERT_EQ(0xf8a04008, gic_read(word));
	GUEST_ASSERT_EQ(0x40, read8(word + 1));
	write8(word + 2, 0x57);
	GUEST_ASSERT_EQ(0xf8504008, gic_read(word));
	gic_write(private, 0x10203040);
	GUEST_ASSERT_EQ(0x10203040, gic_read(private));
	GUEST_ASSERT_EQ(0x10, read8(private + 3));
}

static void guest_triggers(void)
{
	u64 spis = dist(GICD_ICFGR + 8), sgis = redist(SGI_FRAME + GICD_ICFGR);

	/* SGIs are edges, PPIs are levels; both for ever */
	GUEST_ASSERT_EQ(0xaaaaaaaa, gic_read(sgis));
	GUEST_ASSERT_EQ(0, gic_read(sgis + 4));
	gic_write(sgis, 0);
	gic_write(sgis + 4, ~0U);
	GUEST_ASSERT_EQ(0xaaaaaaaa, gic_read(sgis));
	GUEST_ASSERT_EQ(0, gic_read(sgis + 4));
	GUEST_ASSERT_EQ(0xaaaaaaaa, gic_read(spis));
	gic_write(spis, 0x55555558);
	GUEST_ASSERT_EQ(0x00000008, gic_read(spis));
}

static void guest_routes(void)
{
	u64 router = dist(GICD_IROUTER + 8 * GIC_SPI(1));

	GUEST_ASSERT_EQ(0, guest_read(router));
	guest_write(router, 2);
	GUEST_ASSERT_EQ(2, guest_read(router));
	GUEST_ASSERT_EQ(2, gic_read(router));
	/* nobody has it: it is kept all the same */
	gic_write(router, 0x00010203);
	GUEST_ASSERT_EQ(0x00010203, guest_read(router));
	/* no Aff3, no routing to anyone */
	guest_write(router, 0xff80000001);
	GUEST_ASSERT_EQ(1, guest_read(router));
	gic_write(router + 4, ~0U);
	GUEST_ASSERT_EQ(0, gic_read(router + 4));
	/* SGIs and PPIs have no route */
	guest_write(dist(GICD_IROUTER), 1);
	GUEST_ASSERT_EQ(0, guest_read(dist(GICD_IROUTER)));
}

/* What is not there reads as 0, and nothing happens when it is written. */
static void guest_tries_the_rest(void)
{
	static const u32 offsets[] = {
		GICD_STATUSR + 4, 0x0040, 0x0070, GICD_ITARGETSR, GICD_ITARGETSR + 32,
		/* SGIs and PPIs are the redistributors' */
		GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER, GICD_IGROUPR, GICD_IPRIORITYR,
		GICD_ICFGR,
		/* beyond the last interrupt */
		GICD_ISENABLER + 4 * NR_WORDS, GICD_IPRIORITYR + GIC_NR_IRQS,
		GICD_ISPENDR + 0x7c, 0x0f00, 0xc000, 0xfffc,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		if (offsets[i] != 0xfffc)
			gic_write(dist(offsets[i]), ~0U);
		GUEST_ASSERT_EQ(0, gic_read(dist(offsets[i])));
	}
	/* of no width that the register has */
	GUEST_ASSERT_EQ(0, read16(dist(GICD_TYPER)));
	GUEST_ASSERT_EQ(0, read8(dist(GICD_TYPER)));
	GUEST_ASSERT_EQ(0, guest_read(dist(GICD_TYPER + 4)));
	GUEST_ASSERT_EQ(0, guest_read(dist(GICD_ISENABLER + 8)));
	/* and alignment */
	GUEST_ASSERT_EQ(0, read16(dist(GICD_IPRIORITYR + 40)));
}

static void guest_wakes_its_redistributor(void)
{
	GUEST_ASSERT_EQ(0, gic_read(redist(GICR_WAKER)));
	gic_write(redist(GICR_WAKER), 0);
	GUEST_ASSERT_EQ(0, gic_read(redist(GICR_WAKER)));
	GUEST_ASSERT_EQ(0, gic_read(redist(GICR_SYNCR)));
	GUEST_ASSERT_EQ(0, gic_read(redist(GICR_CTLR)) & ~0x6);
}

static void guest_has_no_lpis(void)
{
	gic_write(redist(GICR_CTLR), 1);
	GUEST_ASSERT_EQ(0, gic_read(redist(GICR_CTLR)) & 1);
	GUEST_ASSERT_EQ(0, guest_read(redist(GICR_TYPER)) & 1);
}

static void guest_finds_all_redistributors(void)
{
	u64 typer;
	u32 i;

	for (i = 0; i < NR_VCPUS; i++) {
		typer = guest_read(redist(i * GIC_REDIST_SIZE + GICR_TYPER));
		GUEST_ASSERT_EQ((u64)i << 32 | i << 8 | (i == NR_VCPUS - 1 ? BIT(4) : 0), typer);
		/* in halves as well */
		GUEST_ASSERT_EQ((u32)typer, gic_read(redist(i * GIC_REDIST_SIZE + GICR_TYPER)));
		GUEST_ASSERT_EQ(typer >> 32,
				gic_read(redist(i * GIC_REDIST_SIZE + GICR_TYPER + 4)));
	}
	/* another vCPU's is as good as one's own */
	gic_write(redist(GIC_REDIST_SIZE + SGI_FRAME + GICD_ISENABLER), BIT(20));
	GUEST_ASSERT_EQ(BIT(20) | 0xffff,
			gic_read(redist(GIC_REDIST_SIZE + SGI_FRAME + GICD_ISENABLER)));
	GUEST_ASSERT_EQ(0xffff, gic_read(redist(SGI_FRAME + GICD_ISENABLER)));
}

FIXTURE(mmio)
{
	struct vm *vm;
	int fd;
};

FIXTURE_VARIANT(mmio)
{
	const void *guest;
};

FIXTURE_VARIANT_ADD(mmio, identifies) { .guest = guest_identifies };
FIXTURE_VARIANT_ADD(mmio, controls) { .guest = guest_controls };
FIXTURE_VARIANT_ADD(mmio, enables) { .guest = guest_enables };
FIXTURE_VARIANT_ADD(mmio, pends) { .guest = guest_pends };
FIXTURE_VARIANT_ADD(mmio, activates) { .guest = guest_activates };
FIXTURE_VARIANT_ADD(mmio, groups) { .guest = guest_groups };
FIXTURE_VARIANT_ADD(mmio, gives_priority) { .guest = guest_gives_priority };
FIXTURE_VARIANT_ADD(mmio, triggers) { .guest = guest_triggers };
FIXTURE_VARIANT_ADD(mmio, routes) { .guest = guest_routes };
FIXTURE_VARIANT_ADD(mmio, tries_the_rest) { .guest = guest_tries_the_rest };
FIXTURE_VARIANT_ADD(mmio, wakes_its_redistributor) { .guest = guest_wakes_its_redistributor };
FIXTURE_VARIANT_ADD(mmio, has_no_lpis) { .guest = guest_has_no_lpis };
FIXTURE_VARIANT_ADD(mmio, finds_all_redistributors) { .guest = guest_finds_all_redistributors };

FIXTURE_SETUP(mmio)
{
	u32 i;

	self->vm = program_vcpu(variant->guest)->vm;
	for (i = 1; i < NR_VCPUS; i++)
		vcpu_add_off(self->vm, i);
	self->fd = gic_create(self->vm);
}

FIXTURE_TEARDOWN(mmio)
{
	close(self->fd);
	vm_destroy(self->vm);
}

TEST_F(mmio, guest)
{
	program_finish(self->vm->vcpus[0]);
}

/* Userspace reads and writes what the guest sees, but for the pending state. */
static void guest_lets_userspace_look(void)
{
	gic_write(dist(GICD_ICFGR + 8), 0);
	gic_write(dist(GICD_ISENABLER + 4), 0x12340000);
	gic_write(dist(GICD_IPRIORITYR + 40), 0x80402010);
	gic_write(dist(GICD_ISPENDR + 4), BIT(3));
	guest_write(dist(GICD_IROUTER + 8 * GIC_SPI(1)), 1);
	guest_sync(1);
	GUEST_ASSERT_EQ(0x00000001, gic_read(dist(GICD_ISENABLER + 4)) & 1);
	GUEST_ASSERT_EQ(0x08101820, gic_read(dist(GICD_IPRIORITYR + 40)));
	/* the line that is high, and the latch that userspace set */
	GUEST_ASSERT_EQ(BIT(2) | BIT(7), gic_read(dist(GICD_ISPENDR + 4)));
	GUEST_ASSERT_EQ(BIT(9), gic_read(dist(GICD_ISACTIVER + 4)));
	GUEST_ASSERT_EQ(2, guest_read(dist(GICD_IROUTER + 8 * GIC_SPI(1))));
}

static u32 dist_get(int fd, u32 offset)
{
	u32 value;

	if (gic_attr(fd, KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset, &value))
		fail("register %#x of the distributor: %s", offset, strerror(errno));
	return value;
}

static void dist_set(int fd, u32 offset, u32 value)
{
	if (gic_attr(fd, KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset, &value))
		fail("register %#x of the distributor: %s", offset, strerror(errno));
}

TEST(userspace)
{
	struct vcpu *vcpu = program_vcpu(guest_lets_userspace_look);
	struct vm *vm = vcpu->vm;
	int fd;

	vcpu_add_off(vm, 1);
	vcpu_add_off(vm, 2);
	fd = gic_create(vm);
	program_run_to(vcpu, 1);
	EXPECT_EQ(0x12340000, dist_get(fd, GICD_ISENABLER + 4));
	EXPECT_EQ(0x12340000, dist_get(fd, GICD_ICENABLER + 4));
	EXPECT_EQ(0x80402010, dist_get(fd, GICD_IPRIORITYR + 40));
	EXPECT_EQ(1, dist_get(fd, GICD_IROUTER + 8 * GIC_SPI(1)));
	EXPECT_EQ(0, dist_get(fd, GICD_IROUTER + 8 * GIC_SPI(1) + 4));
	/* the latch, without the line, and all of it by one register */
	gic_line(vm, GIC_SPI(2), true);
	EXPECT_EQ(BIT(3), dist_get(fd, GICD_ISPENDR + 4));
	EXPECT_EQ(0, dist_get(fd, GICD_ICPENDR + 4));
	dist_set(fd, GICD_ICPENDR + 4, ~0U);
	EXPECT_EQ(BIT(3), dist_get(fd, GICD_ISPENDR + 4));
	dist_set(fd, GICD_ISPENDR + 4, BIT(7));
	EXPECT_EQ(BIT(7), dist_get(fd, GICD_ISPENDR + 4));
	dist_set(fd, GICD_ISACTIVER + 4, BIT(9));
	EXPECT_EQ(BIT(9), dist_get(fd, GICD_ICACTIVER + 4));
	dist_set(fd, GICD_ISENABLER + 4, 1);
	dist_set(fd, GICD_IPRIORITYR + 40, 0x0f171f27);
	dist_set(fd, GICD_IROUTER + 8 * GIC_SPI(1), 2);
	program_finish(vcpu);
	close(fd);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
