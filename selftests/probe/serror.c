// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file serror: physical SErrors where the runtime has to expect them.
 *
 *	on			find the places in EL2's image and take hold of them
 *	exits COUNT ISS		the next exits of any guest: an SError comes after each
 *	entries COUNT		at the next entries an SError of the host's is pending
 *	off			the image as it was
 *
 * QEMU's CPUs never have an SError.  What one would do to the registers is done by
 * other instructions in the places where the runtime looks for it (serror_code.S);
 * all that follows is the runtime's own code, as it was built.
 */
#include <linux/debugfs.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/barrier.h>
#include <asm/cacheflush.h>

#include "probe.h"
#include "serror.h"

#define IMAGE_WORDS	(32768 / sizeof(u32))	/* more than it has */

/* Instructions (ARM DDI 0487J.a, C6.2). */
#define INSN_RT			GENMASK(4, 0)
#define INSN_MRS_ISR		0xd538c100
#define INSN_MRS_DISR		0xd538c120
#define INSN_UNMASK_SERROR	0xd50344ff	/* MSR DAIFClr, #4 */
#define INSN_DSB_SY		0xd5033f9f
#define INSN_ISB		0xd5033fdf
#define INSN_ESB		0xd503221f
#define INSN_NOP		0xd503201f
#define INSN_MOV_ISR_A		0xd2802000	/* MOV Xt, #0x100 */
#define INSN_B			0x14000000
#define INSN_B_OFFSET		GENMASK(25, 0)

#define ESR_SERROR		0xbe000000ULL	/* the class, and IL */
#define DISR_A			0x80000000ULL

/**
 * struct serror_orders - what the code at EL2 looks at
 * @exits: how many exits are to find an SError
 * @entries: how many entries
 * @esr: ESR_EL2 of one that is taken
 * @disr: DISR_EL1 of one that is deferred
 */
struct serror_orders {
	u64 exits;
	u64 entries;
	u64 esr;
	u64 disr;
};

static_assert(offsetof(struct serror_orders, exits) == SERROR_EXITS);
static_assert(offsetof(struct serror_orders, entries) == SERROR_ENTRIES);
static_assert(offsetof(struct serror_orders, esr) == SERROR_ESR);
static_assert(offsetof(struct serror_orders, disr) == SERROR_DISR);

static bool is_read(u32 insn, u32 mrs)
{
	return (insn & ~INSN_RT) == mrs;
}

/* The look at ISR_EL1 at an exit follows DSB and ISB. */
static bool is_at_exit(const u32 *insn)
{
	return is_read(insn[0], INSN_MRS_ISR) &&
	       (insn[-2] == INSN_DSB_SY || insn[-3] == INSN_DSB_SY);
}

static bool is_at_entry(const u32 *insn)
{
	return is_read(insn[0], INSN_MRS_ISR) && !is_at_exit(insn);
}

static bool is_window(const u32 *insn)
{
	return insn[-1] == INSN_UNMASK_SERROR && insn[0] == INSN_ISB;
}

static bool is_esb(const u32 *insn)
{
	return insn[0] == INSN_ESB && is_read(insn[1], INSN_MRS_DISR);
}

static struct serror_place {
	bool (*is_it)(const u32 *insn);
	const u32 *template, *template_end;
	u32 *insn;		/* while the place is held */
	u32 original;
	u32 *code;		/* in what was padding */
} serror_places[] = {
	{ is_at_entry, serror_at_entry, serror_at_entry_end },
	{ is_at_exit, serror_at_exit, serror_at_exit_end },
	{ is_window, serror_taken, serror_taken_end },
	{ is_esb, serror_deferred, serror_deferred_end },
};

static struct serror_orders *serror_orders;
static bool serror_on;

/* Of a function that the module does not export: where its image is. */
static u32 *image_find(void)
{
	struct kprobe probe = { .symbol_name = "el2_image_pa" };
	phys_addr_t (*image_pa)(void);

	if (register_kprobe(&probe))
		return NULL;
	image_pa = (void *)probe.addr;
	unregister_kprobe(&probe);
	return phys_to_virt(image_pa());
}

static u32 *insn_find(u32 *image, bool (*is_it)(const u32 *insn))
{
	unsigned int i;

	for (i = 3; i < IMAGE_WORDS; i++)
		if (is_it(image + i))
			return image + i;
	return NULL;
}

/* Between two vectors, where nothing is ever executed; at a multiple of 8 bytes. */
static u32 *padding_find(u32 *image, unsigned int words)
{
	unsigned int i, run = 0;

	for (i = 0; i < IMAGE_WORDS; i++) {
		run = image[i] == INSN_NOP ? run + 1 : 0;
		if (run > words)
			return PTR_ALIGN(image + i - run + 1, sizeof(u64));
	}
	return NULL;
}

static u32 insn_branch(const u32 *from, const u32 *to)
{
	return INSN_B | ((to - from) & INSN_B_OFFSET);
}

static void address_fill(u32 *code, phys_addr_t address)
{
	code[0] = lower_32_bits(address);
	code[1] = upper_32_bits(address);
}

static void code_fill(const struct serror_place *place, u32 *code)
{
	switch (*code) {
	case SERROR_INSTRUCTION:
		*code = place->original;
		break;
	case SERROR_BACK:
		*code = insn_branch(code, place->insn + 1);
		break;
	case SERROR_PENDING:
		*code = INSN_MOV_ISR_A | (place->original & INSN_RT);
		break;
	case SERROR_ORDERS:
		address_fill(code, virt_to_phys(serror_orders));
		break;
	case SERROR_NEXT:
		address_fill(code, virt_to_phys(place->insn + 1));
		break;
	}
}

static void code_sync(u32 *code, unsigned int words)
{
	caches_clean_inval_pou((unsigned long)code, (unsigned long)(code + words));
}

static int place_take(struct serror_place *place, u32 *image)
{
	unsigned int i, words = place->template_end - place->template;

	place->insn = insn_find(image, place->is_it);
	place->code = padding_find(image, words);
	if (!place->insn || !place->code)
		return -ENOENT;
	place->original = *place->insn;
	memcpy(place->code, place->template, words * sizeof(u32));
	for (i = 0; i < words; i++)
		code_fill(place, place->code + i);
	code_sync(place->code, words);
	WRITE_ONCE(*place->insn, insn_branch(place->insn, place->code));
	code_sync(place->insn, 1);
	return 0;
}

static void place_leave(struct serror_place *place)
{
	unsigned int i;

	WRITE_ONCE(*place->insn, place->original);
	code_sync(place->insn, 1);
	for (i = 0; i < place->template_end - place->template; i++)
		place->code[i] = INSN_NOP;
}

static void places_leave(unsigned int nr)
{
	while (nr--)
		place_leave(&serror_places[nr]);
	serror_on = false;
}

static int places_take(void)
{
	u32 *image = image_find();
	unsigned int i;
	int err;

	if (!image)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(serror_places); i++) {
		err = place_take(&serror_places[i], image);
		if (err) {
			pr_info("el2_probe: no place %u for an SError\n", i);
			places_leave(i);
			return err;
		}
	}
	serror_on = true;
	return 0;
}

static int serror_order(const char *order)
{
	u64 iss, count;

	if (!strcmp(order, "on"))
		return serror_on ? 0 : places_take();
	if (!serror_on)
		return -EINVAL;
	if (!strcmp(order, "off")) {
		places_leave(ARRAY_SIZE(serror_places));
		return 0;
	}
	if (sscanf(order, "exits %llu %llx", &count, &iss) == 2) {
		serror_orders->esr = ESR_SERROR | iss;
		serror_orders->disr = DISR_A | iss;
		smp_wmb();	/* the code at EL2 looks at the number first */
		WRITE_ONCE(serror_orders->exits, count);
		return 0;
	}
	if (sscanf(order, "entries %llu", &count) != 1)
		return -EINVAL;
	WRITE_ONCE(serror_orders->entries, count);
	return 0;
}

ssize_t serror_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char order[64];
	int err;

	if (size >= sizeof(order))
		return -EINVAL;
	if (copy_from_user(order, from, size))
		return -EFAULT;
	order[size] = '\0';
	err = serror_order(strim(order));
	return err ? err : size;
}

/* "exits entries": the orders that are still to be carried out. */
int serror_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%llu %llu\n", READ_ONCE(serror_orders->exits),
		   READ_ONCE(serror_orders->entries));
	return 0;
}

int serror_init(void)
{
	serror_orders = (struct serror_orders *)get_zeroed_page(GFP_KERNEL);
	return serror_orders ? 0 : -ENOMEM;
}

void serror_exit(void)
{
	/* The image may be gone by now: who has taken hold of it has to let go. */
	WARN_ON(serror_on);
	free_page((unsigned long)serror_orders);
}
