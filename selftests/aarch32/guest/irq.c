// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that sends, takes and ends interrupts, through the CPU interface in CP15.
 */
#include "gic32.h"
#include "irq.h"

#define SGI_ONE		1
#define SGI_TWO		2
#define SGI_FIQ		6
#define SGI_OVER	7
#define SGIS		16
#define VCPUS		2
#define ROUNDS		20
#define RPR_IDLE	0xff

#define CNTFRQ		"p15, 0, %0, c14, c0, 0"
#define CNTP_TVAL	"p15, 0, %0, c14, c2, 0"
#define CNTP_CTL	"p15, 0, %0, c14, c2, 1"
#define CNTV_TVAL	"p15, 0, %0, c14, c3, 0"
#define CNTV_CTL	"p15, 0, %0, c14, c3, 1"
#define CTL_ENABLE	1
#define CTL_ISTATUS	4

/* What has been taken: by the vCPU and the SGI, of the others, and as what. */
static u32 taken[VCPUS][SGIS], taken_else, irqs, fiqs;
static bool deactivate_apart, is_level;
static bool ready[VCPUS];

static u32 me(void)
{
	return READ("p15, 0, %0, c0, c0, 5") & 0xff;	/* MPIDR */
}

static void count(u32 intid)
{
	if (intid < SGIS)
		WRITE_ONCE(taken[me()][intid], READ_ONCE(taken[me()][intid]) + 1);
	else
		WRITE_ONCE(taken_else, READ_ONCE(taken_else) + 1);
}

/* Whatever asks for an interrupt by a level has to be told to stop. */
static void quiet(u32 intid)
{
	if (intid == GIC_PPI_VTIMER)
		WRITE(0, CNTV_CTL);
	else if (intid == GIC_PPI_PTIMER)
		WRITE(0, CNTP_CTL);
	else if (is_level)
		guest_sync(IRQ_TAKEN);
}

static void take_irq(void)
{
	u32 intid = READ(ICC_IAR1);

	if (intid == GIC_SPURIOUS)
		return;
	WRITE_ONCE(irqs, READ_ONCE(irqs) + 1);
	count(intid);
	quiet(intid);
	WRITE(intid, ICC_EOIR1);
	if (!deactivate_apart)
		return;
	GUEST_ASSERT_EQ(RPR_IDLE, READ(ICC_RPR));
	GUEST_ASSERT(gic_get(GICD_ISACTIVER, intid));
	WRITE(intid, ICC_DIR);
	GUEST_ASSERT(!gic_get(GICD_ISACTIVER, intid));
}

static void handler(u32 vector)
{
	u32 intid;

	if (vector == VECTOR_IRQ) {
		take_irq();
		return;
	}
	WRITE_ONCE(fiqs, READ_ONCE(fiqs) + 1);
	intid = READ(ICC_IAR0);
	count(intid);
	WRITE(intid, ICC_EOIR0);
}

static void init(void)
{
	gic_init(me(), handler);
	if (deactivate_apart)
		WRITE(ICC_CTLR_EOIMODE, ICC_CTLR);
	WRITE_ONCE(ready[me()], true);
}

static void sgi_send(u64 value)
{
	asm volatile("dsb sy" : : : "memory");
	WRITE64(value, ICC_SGI1R);
}

static void sgis_to_itself(void)
{
	u32 i;

	init();
	for (i = 1; i <= ROUNDS; i++) {
		sgi_send(gic_sgi_to(me(), SGI_ONE));
		while (READ_ONCE(taken[me()][SGI_ONE]) < i)
			irq_wait();
	}
	GUEST_ASSERT_EQ(ROUNDS, READ_ONCE(irqs));
}

void irq_to_itself(void)
{
	sgis_to_itself();
}

void irq_deactivated_apart(void)
{
	deactivate_apart = true;
	sgis_to_itself();
}

/* As long as it is masked, by CPSR or by priority, it is pending. */
void irq_masked(void)
{
	init();
	sgi_send(gic_sgi_to(0, SGI_ONE));
	while (READ(ICC_HPPIR1) != SGI_ONE)
		;
	GUEST_ASSERT_EQ(0, READ_ONCE(irqs));
	WRITE(0, ICC_PMR);
	GUEST_ASSERT_EQ(0, READ(ICC_PMR));
	irq_enable();
	GUEST_ASSERT_EQ(0, READ_ONCE(irqs));
	GUEST_ASSERT(gic_get(GICD_ISPENDR, SGI_ONE));
	WRITE(0xf8, ICC_PMR);
	while (!READ_ONCE(irqs))
		;
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, SGI_ONE));
}

/* Of group 0: an FIQ.  ICC_SGI0R and ICC_ASGI1R raise no others. */
void irq_groups(void)
{
	u32 groups = gic_reg(GICD_IGROUPR, 0);

	init();
	guest_write(groups, guest_read(groups) & ~(1U << SGI_FIQ));
	WRITE(1, ICC_IGRPEN0);
	irq_enable();
	WRITE64(gic_sgi_to(0, SGI_ONE), ICC_SGI0R);
	WRITE64(gic_sgi_to(0, SGI_ONE), ICC_ASGI1R);
	WRITE64(gic_sgi_to(0, SGI_FIQ), ICC_SGI0R);
	while (READ_ONCE(taken[0][SGI_FIQ]) < 1)
		;
	sgi_send(gic_sgi_to(0, SGI_FIQ));
	while (READ_ONCE(taken[0][SGI_FIQ]) < 2)
		;
	sgi_send(gic_sgi_to(0, SGI_TWO));
	while (!READ_ONCE(taken[0][SGI_TWO]))
		;
	GUEST_ASSERT_EQ(2, READ_ONCE(fiqs));
	GUEST_ASSERT_EQ(1, READ_ONCE(irqs));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0][SGI_ONE]));
}

/* The host raises the line, and lowers it when the guest says that it has it. */
void irq_of_a_device(void)
{
	u32 i;

	is_level = true;
	init();
	gic_set(GICD_IGROUPR, IRQ_DEVICE);
	gic_set(GICD_ISENABLER, IRQ_DEVICE);
	for (i = 1; i <= IRQ_DEVICE_ROUNDS; i++) {
		guest_sync(IRQ_READY);
		while (READ_ONCE(taken_else) < i)
			irq_wait();
	}
	GUEST_ASSERT_EQ(IRQ_DEVICE_ROUNDS, READ_ONCE(irqs));
}

static void timer_start(bool is_virtual)
{
	u32 ticks = READ(CNTFRQ) / 1000;

	if (is_virtual) {
		WRITE(ticks, CNTV_TVAL);
		WRITE(CTL_ENABLE, CNTV_CTL);
	} else {
		WRITE(ticks, CNTP_TVAL);
		WRITE(CTL_ENABLE, CNTP_CTL);
	}
}

void irq_of_a_timer(u32 is_virtual)
{
	u32 i;

	init();
	gic_set(GICD_ISENABLER, is_virtual ? GIC_PPI_VTIMER : GIC_PPI_PTIMER);
	for (i = 1; i <= ROUNDS; i++) {
		timer_start(is_virtual);
		while (READ_ONCE(taken_else) < i)
			irq_wait();
	}
	GUEST_ASSERT_EQ(ROUNDS, READ_ONCE(irqs));
}

/*
 * T32 code that is in IT blocks most of the time, until all the interrupts have
 * come.  Return: what must not have been executed.
 */
static __attribute__((target("thumb"))) u32 it_blocks(const u32 *taken, u32 until)
{
	u32 wrong = 0, right = 0, now;

	asm volatile("1:\tcmp %[right], %[right]\n\t"
		     "itete eq\n\t"
		     "addeq %[right], #1\n\t"
		     "addne %[wrong], #1\n\t"
		     "addeq %[right], #1\n\t"
		     "addne %[wrong], #1\n\t"
		     "iteet ne\n\t"
		     "addne %[wrong], #1\n\t"
		     "addeq %[right], #1\n\t"
		     "addeq %[right], #1\n\t"
		     "addne %[wrong], #1\n\t"
		     "ldr %[now], [%[taken]]\n\t"
		     "cmp %[now], %[until]\n\t"
		     "bne 1b"
		     : [right] "+l" (right), [wrong] "+l" (wrong), [now] "=&l" (now)
		     : [taken] "l" (taken), [until] "l" (until) : "cc", "memory");
	return wrong + right % 4;
}

void irq_in_it_blocks(void)
{
	u32 i;

	init();
	gic_set(GICD_ISENABLER, GIC_PPI_VTIMER);
	irq_enable();
	for (i = 1; i <= ROUNDS; i++) {
		timer_start(true);
		GUEST_ASSERT_EQ(0, it_blocks(&taken_else, i));
	}
	irq_disable();
}

/* Two vCPUs that wake each other up; then one tells all others to end. */
void irq_first(void)
{
	u32 i;

	init();
	while (!READ_ONCE(ready[1]))
		;
	for (i = 1; i <= ROUNDS; i++) {
		sgi_send(gic_sgi_to(1, SGI_ONE));
		while (READ_ONCE(taken[0][SGI_TWO]) < i)
			irq_wait();
	}
	GUEST_ASSERT_EQ(ROUNDS, READ_ONCE(taken[1][SGI_ONE]));
	sgi_send(GIC_SGI_TO_OTHERS(SGI_OVER));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0][SGI_OVER]));
}

void irq_second(void)
{
	u32 seen = 0;

	init();
	while (!READ_ONCE(taken[1][SGI_OVER])) {
		irq_wait();
		if (READ_ONCE(taken[1][SGI_ONE]) == seen)
			continue;
		seen++;
		sgi_send(gic_sgi_to(0, SGI_TWO));
	}
}
