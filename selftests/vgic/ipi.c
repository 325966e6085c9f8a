// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts from one vCPU to others: whom they reach, whom they do not, and
 * that they come whatever the target is doing.
 */
#include "../lib/gic.h"
#include "../lib/test.h"

#define ROUNDS		100
#define SGI_GO		1
#define SGI_BACK	2
#define SGI_ANY		5
#define CPUS		4
#define FIQ_SGI		6
#define RESCHEDULING	"Rescheduling interrupts"

/* The guest's own: what each vCPU has taken, by its number and the interrupt's. */
static u32 taken[CPUS][16];
static bool ready[CPUS], over;
/* Which SGI is answered by which, 0 for none. */
static u32 answer[16];
static u32 order[16], ordered;

static u32 me(void)
{
	return guest_vcpu_id() % CPUS;
}

static void sgi_send(u64 value)
{
	asm volatile("dsb sy" : : : "memory");
	icc_write(ICC_SGI1R_EL1, value);
}

static void handler(u64 vector)
{
	u64 intid = vector == GUEST_VECTOR_IRQ ? icc_read(ICC_IAR1_EL1) : icc_read(ICC_IAR0_EL1);

	GUEST_ASSERT(intid < 16);
	WRITE_ONCE(taken[me()][intid], READ_ONCE(taken[me()][intid]) + 1);
	order[ordered % ARRAY_SIZE(order)] = intid;
	WRITE_ONCE(ordered, ordered + 1);
	if (vector == GUEST_VECTOR_IRQ)
		icc_write(ICC_EOIR1_EL1, intid);
	else
		icc_write(ICC_EOIR0_EL1, intid);
	if (READ_ONCE(answer[intid]))
		sgi_send(gic_sgi_to(0, READ_ONCE(answer[intid])));
}

static void wait_ready(u32 cpus)
{
	u32 cpu;

	for (cpu = 0; cpu < cpus; cpu++) {
		while (!READ_ONCE(ready[cpu]))
			;
	}
}

static void init(void)
{
	guest_gic_init(handler);
	WRITE_ONCE(ready[me()], true);
}

/* vCPUs that are there to be interrupted, asleep or not */

static void guest_sleeps(void)
{
	init();
	while (!READ_ONCE(over))
		guest_wait();
}

static void guest_spins(void)
{
	init();
	guest_irq_enable();
	while (!READ_ONCE(over))
		;
}

static void finish(void)
{
	WRITE_ONCE(over, true);
	sgi_send(GIC_SGI_TO_OTHERS(SGI_ANY));
}

static void guest_goes_and_comes(void)
{
	u32 i;

	init();
	wait_ready(2);
	WRITE_ONCE(answer[SGI_GO], SGI_BACK);
	for (i = 1; i <= ROUNDS; i++) {
		sgi_send(gic_sgi_to(1, SGI_GO));
		while (READ_ONCE(taken[0][SGI_BACK]) < i)
			guest_wait();
	}
	GUEST_ASSERT_EQ(ROUNDS, READ_ONCE(taken[1][SGI_GO]));
	GUEST_ASSERT_EQ(ROUNDS, READ_ONCE(taken[0][SGI_BACK]));
	finish();
}

/* SGIs 0, 1 and 2 */
static u32 taken_of_three(u32 cpu)
{
	return READ_ONCE(taken[cpu][0]) + READ_ONCE(taken[cpu][1]) + READ_ONCE(taken[cpu][2]);
}

static void guest_broadcasts(void)
{
	u32 i, cpu;

	init();
	wait_ready(CPUS);
	for (i = 1; i <= ROUNDS; i++) {
		sgi_send(GIC_SGI_TO_OTHERS(i % 3));
		for (cpu = 1; cpu < CPUS; cpu++) {
			while (taken_of_three(cpu) < i)
				;
		}
	}
	/* What there is for this one comes now. */
	guest_irq_enable();
	asm volatile("isb" : : : "memory");
	guest_irq_disable();
	GUEST_ASSERT_EQ(0, taken_of_three(0));
	finish();
}

/* The other takes them without ever leaving by itself. */
static void guest_sends_again(void)
{
	u32 i;

	init();
	wait_ready(2);
	for (i = 1; i <= ROUNDS; i++) {
		sgi_send(gic_sgi_to(1, SGI_GO));
		while (READ_ONCE(taken[1][SGI_GO]) < i)
			;
	}
	finish();
}

/* Two of the four, once; then nobody, in three ways. */
static void guest_chooses(void)
{
	init();
	wait_ready(CPUS);
	sgi_send(BIT(1) | BIT(3) | (u64)SGI_GO << 24);
	while (!READ_ONCE(taken[1][SGI_GO]) || !READ_ONCE(taken[3][SGI_GO]))
		;
	sgi_send(BIT(7) | (u64)SGI_GO << 24);		/* no such vCPU */
	sgi_send(BIT(1) | BIT(16) | (u64)SGI_GO << 24);	/* nor in cluster 1 */
	sgi_send((u64)SGI_GO << 24);
	sgi_send(gic_sgi_to(2, SGI_BACK));
	while (!READ_ONCE(taken[2][SGI_BACK]))
		;
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0][SGI_GO]));
	GUEST_ASSERT_EQ(1, READ_ONCE(taken[1][SGI_GO]));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[2][SGI_GO]));
	GUEST_ASSERT_EQ(1, READ_ONCE(taken[3][SGI_GO]));
	finish();
}

static void guest_to_itself(void)
{
	u32 i;

	init();
	for (i = 1; i <= ROUNDS; i++) {
		sgi_send(gic_sgi_to(guest_vcpu_id(), SGI_GO));
		while (READ_ONCE(taken[me()][SGI_GO]) < i)
			guest_wait();
	}
	GUEST_ASSERT_EQ(ROUNDS, READ_ONCE(taken[me()][SGI_GO]));
}

/* More than there are list registers anywhere, each of its own priority. */
static void guest_sends_all(void)
{
	u32 i;

	init();
	/* 7 is coprime to 16: all are different, and in no order */
	for (i = 0; i < 16; i++)
		gic_priority(i, (i * 7 % 16) << 3);
	for (i = 0; i < 16; i++)
		sgi_send(gic_sgi_to(0, i));
	guest_irq_enable();
	while (READ_ONCE(ordered) < 16)
		;
	for (i = 0; i < 16; i++)
		GUEST_ASSERT_EQ(i, order[i] * 7 % 16);
}

/* What the mask keeps away is pending until the mask lets it through. */
static void guest_is_masked(void)
{
	init();
	gic_priority(SGI_GO, 0x80);
	gic_priority(SGI_BACK, 0x40);
	icc_write(ICC_PMR_EL1, 0x80);
	guest_irq_enable();
	sgi_send(gic_sgi_to(0, SGI_GO));
	sgi_send(gic_sgi_to(0, SGI_BACK));
	while (!READ_ONCE(taken[0][SGI_BACK]))
		;
	GUEST_ASSERT(gic_get(GICD_ISPENDR, SGI_GO));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0][SGI_GO]));
	icc_write(ICC_PMR_EL1, 0x88);
	while (!READ_ONCE(taken[0][SGI_GO]))
		;
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, SGI_GO));
}

/* What comes while the distributor is off waits until it is on. */
static void guest_turns_it_off(void)
{
	init();
	gic_write(GIC_DIST_BASE + GICD_CTLR, GICD_CTLR_ARE);
	sgi_send(gic_sgi_to(0, SGI_GO));
	guest_irq_enable();
	GUEST_ASSERT(gic_get(GICD_ISPENDR, SGI_GO));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0][SGI_GO]));
	gic_write(GIC_DIST_BASE + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
	while (!READ_ONCE(taken[0][SGI_GO]))
		;
}

/* An SGI of group 0 is an FIQ; ICC_SGI0R_EL1 and ICC_ASGI1R_EL1 raise no others. */
static void guest_has_groups(void)
{
	u64 groups = gic_reg(GICD_IGROUPR, 0);

	init();
	gic_write(groups, gic_read(groups) & ~BIT(FIQ_SGI));
	icc_write(ICC_IGRPEN0_EL1, 1);
	guest_irq_enable();
	icc_write(ICC_SGI0R_EL1, gic_sgi_to(0, SGI_GO));
	icc_write(ICC_ASGI1R_EL1, gic_sgi_to(0, SGI_GO));
	icc_write(ICC_SGI0R_EL1, gic_sgi_to(0, FIQ_SGI));
	while (READ_ONCE(taken[0][FIQ_SGI]) < 1)
		;
	sgi_send(gic_sgi_to(0, FIQ_SGI));
	while (READ_ONCE(taken[0][FIQ_SGI]) < 2)
		;
	GUEST_ASSERT(!gic_get(GICD_ISPENDR, SGI_GO));
	GUEST_ASSERT_EQ(0, READ_ONCE(taken[0][SGI_GO]));
}

static struct vm *vm_of(unsigned int cpus, const void *first, const void *others)
{
	struct vm *vm = vm_create();
	unsigned int i;

	for (i = 0; i < cpus; i++)
		vcpu_add(vm, i);
	gic_create(vm);
	program_load(vm);
	for (i = 0; i < cpus; i++)
		program_enter(vm->vcpus[i], i ? others : first, 0, 0, 0);
	return vm;
}

static void run(unsigned int cpus, const void *first, const void *others)
{
	struct vm *vm = vm_of(cpus, first, others);

	gic_run_all(vm);
	vm_destroy(vm);
}

TEST(reaches_a_sleeper)
{
	run(2, guest_goes_and_comes, guest_sleeps);
}

TEST(reaches_a_busy_one)
{
	run(2, guest_goes_and_comes, guest_spins);
}

/* How often the CPUs of the host have interrupted each other, for kicks among others. */
static u64 host_kicks(void)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[4096], *at;
	u64 kicks = 0;

	if (!file)
		fail("/proc/interrupts cannot be read");
	while (fgets(line, sizeof(line), file)) {
		if (!strstr(line, RESCHEDULING))
			continue;
		for (at = strchr(line, ':') + 1; *at != 'R'; at += strspn(at, " "))
			kicks += strtoull(at, &at, 10);
	}
	fclose(file);
	return kicks;
}

/* Each of them interrupts, not only that which finds the target without any. */
TEST(interrupts_a_busy_one_each_time)
{
	u64 kicks = host_kicks();

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	run(2, guest_sends_again, guest_spins);
	EXPECT_LE(ROUNDS * 3 / 4, host_kicks() - kicks);
}

TEST(reaches_all_others)
{
	run(CPUS, guest_broadcasts, guest_sleeps);
}

TEST(reaches_all_others_when_busy)
{
	run(CPUS, guest_broadcasts, guest_spins);
}

TEST(reaches_those_in_the_list)
{
	run(CPUS, guest_chooses, guest_sleeps);
}

TEST(reaches_the_sender)
{
	run(1, guest_to_itself, NULL);
}

/* The second cluster: affinity 1.1 */
TEST(reaches_vcpu_17)
{
	struct vm *vm;
	struct vcpu *vcpu;

	/* Linux 6.1's KVM takes the id for an index, and warns in its log. */
	if (!device_is_setway())
		SKIP(return, "not for KVM: it has a bug here");
	vm = vm_create();
	vcpu_add(vm, 0);
	vcpu = vcpu_add(vm, 17);
	gic_create(vm);
	program_load(vm);
	program_enter(vcpu, guest_to_itself, 0, 0, 0);
	program_finish(vcpu);
	vm_destroy(vm);
}

TEST(come_by_priority)
{
	run(1, guest_sends_all, NULL);
}

TEST(wait_for_the_mask)
{
	run(1, guest_is_masked, NULL);
}

TEST(wait_for_the_distributor)
{
	run(1, guest_turns_it_off, NULL);
}

TEST(have_groups)
{
	run(1, guest_has_groups, NULL);
}

TEST_HARNESS_MAIN
