// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU that sets access flags by itself (FEAT_HAFDBS) writes to the guest's tables in
 * the middle of a walk, whatever the walk is for.  Where stage 2 lets it only read the
 * table the host has to do what it does for a store; where the guest may not write, the
 * access ends in an external abort.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/hostpage.h"
#include "../lib/test.h"

#define TABLES		0x80000000UL	/* of levels 0 to 2 */
#define TABLE		0x90000000UL	/* of level 3: all this is about it */
#define PAGES		0xa0000000UL	/* what it maps: a page of code, one of data */
#define TABLE_SLOT	3
#define VIRTUAL		(300UL << GIB_SHIFT)
#define MAGIC		0x5e7a
#define INSN_RET	0xd65f03c0

/* VMSAv8-64, ARM DDI 0487J.a, D8.3.1 */
#define DESC_TABLE	3
#define DESC_PAGE	3
#define DESC_BLOCK	1
#define DESC_DEVICE	BIT(2)	/* of guest_mmu_on()'s kinds of memory */
#define DESC_AF		BIT(10)
#define GIB_SHIFT	30
#define ENTRIES		(SZ_4K / sizeof(u64))

#define TCR_HA		BIT(39)
#define MMFR1_HAFDBS	0xf
#define REG_MMFR1	ARM64_SYS_REG(3, 0, 0, 7, 1)
#define FSC_TRANSLATION_LEVEL_3	0x07

#define PATIENCE_MS	20000

enum { CODE, DATA };		/* pages, and entries of the table */
enum { READY, DONE };		/* stages */

static u64 guest_access(u64 page)
{
	u64 where = VIRTUAL + page * SZ_4K;

	if (page == CODE)
		return GUEST_TRY("blr %0", "+r" (where));
	return GUEST_TRY("ldr %0, [%0]", "+r" (where));
}

static void guest_main(u64 page)
{
	u64 tcr;

	guest_mmu_on_48bit(TABLES);
	asm volatile("mrs %0, tcr_el1" : "=r" (tcr));
	asm volatile("msr tcr_el1, %0\n\tisb\n\ttlbi vmalle1\n\tdsb nsh\n\tisb"
		     : : "r" (tcr | TCR_HA) : "memory");
	guest_sync(READY);
	for (;;)
		guest_report(DONE, guest_access(page), guest_cpu()->far);
}

enum table_is { PLAIN, LOGGED, FORKED, OF_A_FILE, MERGED, ZERO, READ_ONLY };

FIXTURE(access_flag)
{
	struct vcpu *vcpu;
	u64 *table;
	pid_t child;
};

FIXTURE_VARIANT(access_flag)
{
	u64 page;
	enum table_is table_is;
};

FIXTURE_VARIANT_ADD(access_flag, fetch_plain) { .page = CODE, .table_is = PLAIN };
FIXTURE_VARIANT_ADD(access_flag, load_plain) { .page = DATA, .table_is = PLAIN };
FIXTURE_VARIANT_ADD(access_flag, fetch_logged) { .page = CODE, .table_is = LOGGED };
FIXTURE_VARIANT_ADD(access_flag, load_logged) { .page = DATA, .table_is = LOGGED };
FIXTURE_VARIANT_ADD(access_flag, fetch_forked) { .page = CODE, .table_is = FORKED };
FIXTURE_VARIANT_ADD(access_flag, load_forked) { .page = DATA, .table_is = FORKED };
FIXTURE_VARIANT_ADD(access_flag, fetch_of_a_file) { .page = CODE, .table_is = OF_A_FILE };
FIXTURE_VARIANT_ADD(access_flag, load_of_a_file) { .page = DATA, .table_is = OF_A_FILE };
FIXTURE_VARIANT_ADD(access_flag, fetch_merged) { .page = CODE, .table_is = MERGED };
FIXTURE_VARIANT_ADD(access_flag, load_merged) { .page = DATA, .table_is = MERGED };
FIXTURE_VARIANT_ADD(access_flag, fetch_zero) { .page = CODE, .table_is = ZERO };
FIXTURE_VARIANT_ADD(access_flag, load_zero) { .page = DATA, .table_is = ZERO };
FIXTURE_VARIANT_ADD(access_flag, fetch_read_only) { .page = CODE, .table_is = READ_ONLY };
FIXTURE_VARIANT_ADD(access_flag, load_read_only) { .page = DATA, .table_is = READ_ONLY };

static void tables_fill(u64 *tables)
{
	u64 i, kind;

	tables[0] = (TABLES + SZ_4K) | DESC_TABLE;
	for (i = 0; i < ENTRIES; i++) {
		kind = i == GUEST_UCALL_BASE >> GIB_SHIFT ? DESC_DEVICE : 0;
		tables[ENTRIES + i] = i << GIB_SHIFT | DESC_AF | DESC_BLOCK | kind;
	}
	tables[ENTRIES + (VIRTUAL >> GIB_SHIFT)] = (TABLES + 2 * SZ_4K) | DESC_TABLE;
	tables[2 * ENTRIES] = TABLE | DESC_TABLE;
}

/* No access flag is set yet. */
static void table_fill(u64 *table)
{
	table[CODE] = (PAGES + CODE * SZ_4K) | DESC_PAGE;
	table[DATA] = (PAGES + DATA * SZ_4K) | DESC_PAGE;
}

/* A page of a file that nobody has written to, mapped privately. */
static u64 *table_of_a_file(void)
{
	u64 page[ENTRIES] = { 0 };
	int file = memfd_create("table", MFD_CLOEXEC);
	u64 *table;

	table_fill(page);
	if (file < 0 || write(file, page, sizeof(page)) != sizeof(page))
		fail("no file: %s", strerror(errno));
	table = mmap(NULL, SZ_4K, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	close(file);
	return table;
}

static u64 *table_make(enum table_is table_is)
{
	u64 *table = table_is == OF_A_FILE ? table_of_a_file() : memory_alloc(SZ_4K, SZ_4K);

	if (table_is != OF_A_FILE && table_is != ZERO)
		table_fill(table);
	return table;
}

FIXTURE_SETUP(access_flag)
{
	struct vm *vm;
	u32 *pages;

	self->vcpu = program_vcpu(guest_main);
	vm = self->vcpu->vm;
	reg_set(self->vcpu, REG_X(1), variant->page);
	tables_fill(vm_memory_add(vm, 0, TABLES, 3 * SZ_4K, 0));
	pages = vm_memory_add(vm, 1, PAGES, 2 * SZ_4K, 0);
	pages[0] = INSN_RET;
	self->table = table_make(variant->table_is);
	vm_memslot_add(vm, TABLE_SLOT, (struct memslot){
		.ipa = TABLE, .size = SZ_4K, .hva = self->table,
		.flags = variant->table_is == READ_ONLY ? KVM_MEM_READONLY : 0,
	});
	self->child = 0;
}

FIXTURE_TEARDOWN(access_flag)
{
	if (self->child) {
		kill(self->child, SIGKILL);
		waitpid(self->child, NULL, 0);
	}
	vm_destroy(self->vcpu->vm);
}

static pid_t fork_asleep(void)
{
	pid_t child = fork();

	while (!child)
		pause();
	return child;
}

/* A guest whose walk faults again and again is as good as lost. */
static bool runs_to(struct vcpu *vcpu, u64 stage, struct ucall *ucall)
{
	int ret;

	alarm_every(PATIENCE_MS);
	ret = __vcpu_run(vcpu);
	alarm_every(0);
	return !ret && ucall_get(vcpu, ucall) && ucall->command == UCALL_SYNC &&
	       ucall->args[0] == stage;
}

static u64 log_read(struct vm *vm)
{
	u64 bits = 0;
	struct kvm_dirty_log log = { .slot = TABLE_SLOT, .dirty_bitmap = &bits };

	if (ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log))
		fail("no log: %s", strerror(errno));
	return bits;
}

static u64 external_abort(u64 page)
{
	return page == CODE ? ESR_EC_IABT_SAME : ESR_EC_DABT_SAME;
}

TEST_F(access_flag, is_set)
{
	struct vcpu *vcpu = self->vcpu;
	struct ucall ucall;

	if (!(reg_get(vcpu, REG_MMFR1) & MMFR1_HAFDBS))
		SKIP(return, "the CPU does not set access flags");
	ASSERT_TRUE(runs_to(vcpu, READY, &ucall));

	if (variant->table_is == LOGGED)
		ASSERT_EQ(0, __vm_memslot_set(vcpu->vm, TABLE_SLOT, KVM_MEM_LOG_DIRTY_PAGES,
					      TABLE, SZ_4K, self->table));
	if (variant->table_is == FORKED)
		self->child = fork_asleep();
	if (variant->table_is == MERGED && !hostpage_merge(self->table))
		SKIP(return, "KSM does not merge the page");
	if (variant->table_is == ZERO) {
		/* nothing to be set there; the guest has the page of zeroes read-only now */
		ASSERT_TRUE(runs_to(vcpu, DONE, &ucall));
		EXPECT_EQ(external_abort(variant->page), ESR_EC(ucall.args[1]));
		EXPECT_EQ(FSC_TRANSLATION_LEVEL_3, ESR_FSC(ucall.args[1]));
		table_fill(self->table);
	}

	ASSERT_TRUE(runs_to(vcpu, DONE, &ucall))
		TH_LOG("the guest hangs, or does what it should not");
	if (variant->table_is == READ_ONLY) {
		EXPECT_EQ(external_abort(variant->page), ESR_EC(ucall.args[1]));
		EXPECT_EQ(ESR_FSC_SEA, ESR_FSC(ucall.args[1]));
		EXPECT_EQ(VIRTUAL + variant->page * SZ_4K, ucall.args[2]);
		EXPECT_EQ(0, self->table[variant->page] & DESC_AF);
		return;
	}
	EXPECT_EQ(0, ucall.args[1]);
	EXPECT_NE(0, self->table[variant->page] & DESC_AF);
	if (variant->table_is == LOGGED)
		EXPECT_EQ(1, log_read(vcpu->vm));
}

TEST_HARNESS_MAIN
