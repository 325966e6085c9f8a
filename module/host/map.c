// SPDX-License-Identifier: GPL-2.0-only
/*
 * The runtime's own translation: VA = PA, 48 bits, 4 KiB granule.
 *
 *   level 0 (512 GiB) -> level 1 (1 GiB) -> level 2 (2 MiB blocks) -> level 3
 *
 * System RAM is mapped read-write and never executable, in blocks of 2 MiB
 * where it covers them; memory is plugged and unplugged in larger units, so
 * hotplug never has to split a block that is in use.  The image alone is
 * executable, and read-only.  Nothing else is mapped: the runtime cannot reach
 * devices or the firmware's memory.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/ioport.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <asm/barrier.h>

#include "takeover.h"

/* Stage 1 descriptors of EL2, ARM DDI 0487J.a, D8.3. */
#define PTE_IS_VALID	BIT_ULL(0)
#define PTE_IS_TABLE	BIT_ULL(1)	/* a page, at level 3 */
#define PTE_AP1		BIT_ULL(6)	/* RES1 where there is one privilege level */
#define PTE_READ_ONLY	BIT_ULL(7)
#define PTE_SH_INNER	(3ULL << 8)
#define PTE_ACCESSED	BIT_ULL(10)
#define PTE_NO_EXEC	BIT_ULL(54)
#define PTE_ADDRESS	GENMASK_ULL(47, 12)

/* Attribute index 0: EL2_MAIR. */
#define MAP_NORMAL	(PTE_IS_VALID | PTE_AP1 | PTE_SH_INNER | PTE_ACCESSED)
#define MAP_RAM		(MAP_NORMAL | PTE_NO_EXEC)
#define MAP_IMAGE	(MAP_NORMAL | PTE_READ_ONLY)

#define MAP_LAST_LEVEL	3
#define MAP_BLOCK_LEVEL	2
#define MAP_ENTRIES	512
#define MAP_SHIFT(level) (12 + 9 * (MAP_LAST_LEVEL - (level)))
#define MAP_SIZE(level)	BIT_ULL(MAP_SHIFT(level))
#define MAP_LIMIT	BIT_ULL(48)

static u64 *map_root;
static DEFINE_MUTEX(map_lock);

/**
 * struct map_range - what a walk does
 * @attributes: of the leaves to make; 0 removes
 * @replace: also where something is mapped already
 */
struct map_range {
	u64 attributes;
	bool replace;
};

static u64 *table_of(u64 entry)
{
	return phys_to_virt(entry & PTE_ADDRESS);
}

static bool entry_is_table(u64 entry, int level)
{
	return level < MAP_LAST_LEVEL && (entry & PTE_IS_VALID) && (entry & PTE_IS_TABLE);
}

static u64 leaf_entry(u64 pa, int level, u64 attributes)
{
	return pa | attributes | (level == MAP_LAST_LEVEL ? PTE_IS_TABLE : 0);
}

/* A walker on another CPU must see the table's contents before the table. */
static void entry_publish(u64 *entry, u64 value)
{
	dma_wmb();
	WRITE_ONCE(*entry, value);
}

/* Make a table for an empty entry, or one that maps the same as the block it replaces. */
static u64 *table_make(u64 *entry, u64 va, int level)
{
	u64 *table = (u64 *)get_zeroed_page(GFP_KERNEL);
	u64 step = MAP_SIZE(level + 1);
	u64 block = *entry;
	int i;

	if (!table)
		return NULL;
	va &= ~(MAP_SIZE(level) - 1);
	for (i = 0; block && i < MAP_ENTRIES; i++)
		table[i] = leaf_entry(va + i * step, level + 1, block & ~PTE_ADDRESS);
	entry_publish(entry, virt_to_phys(table) | PTE_IS_VALID | PTE_IS_TABLE);
	return table;
}

static bool leaf_fits(u64 va, u64 end, int level)
{
	u64 size = MAP_SIZE(level);

	return level >= MAP_BLOCK_LEVEL && !(va & (size - 1)) && end - va >= size;
}

static int table_walk(u64 *table, u64 va, u64 end, int level, const struct map_range *range);

static int entry_walk(u64 *entry, u64 va, u64 end, int level, const struct map_range *range)
{
	u64 *table;

	if (entry_is_table(*entry, level))
		return table_walk(table_of(*entry), va, end, level + 1, range);
	if (*entry && !range->replace)
		return 0;
	if (leaf_fits(va, end, level)) {
		entry_publish(entry, range->attributes ?
			      leaf_entry(va, level, range->attributes) : 0);
		return 0;
	}
	if (!*entry && !range->attributes)
		return 0;
	table = table_make(entry, va, level);
	return table ? table_walk(table, va, end, level + 1, range) : -ENOMEM;
}

static int table_walk(u64 *table, u64 va, u64 end, int level, const struct map_range *range)
{
	int err = 0;

	while (va < end && !err) {
		u64 next = min(end, (va | (MAP_SIZE(level) - 1)) + 1);

		err = entry_walk(&table[va >> MAP_SHIFT(level) & (MAP_ENTRIES - 1)],
				 va, next, level, range);
		va = next;
	}
	return err;
}

/* Whole pages within [start, end); complete for later walks on return. */
static int map_walk(u64 start, u64 end, u64 attributes, bool replace)
{
	const struct map_range range = { .attributes = attributes, .replace = replace };
	int err;

	start = PAGE_ALIGN(start);
	end &= PAGE_MASK;
	if (end > MAP_LIMIT) {
		pr_err("RAM above 48 bits of physical address: not supported\n");
		return -EFBIG;
	}
	mutex_lock(&map_lock);
	err = table_walk(map_root, start, end, 0, &range);
	mutex_unlock(&map_lock);
	dsb(ishst);	/* before an HVC makes EL2 look for the new entries */
	return err;
}

static int map_resource(struct resource *res, void *unused)
{
	return map_walk(res->start, res->end + 1, MAP_RAM, false);
}

static void table_free(u64 *table, int level)
{
	int i;

	for (i = 0; i < MAP_ENTRIES; i++)
		if (entry_is_table(table[i], level))
			table_free(table_of(table[i]), level + 1);
	free_page((unsigned long)table);
}

static void map_remove(u64 start, u64 end)
{
	/* Hotplug units are multiples of blocks: nothing is split, nothing fails. */
	WARN_ON(map_walk(start, end, 0, true));
	el2_tlb_flush_own();
}

static int map_memory_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct memory_notify *memory = data;
	u64 start = PFN_PHYS(memory->start_pfn);
	u64 end = start + PFN_PHYS(memory->nr_pages);

	switch (action) {
	case MEM_GOING_ONLINE:
		return notifier_from_errno(map_walk(start, end, MAP_RAM, false));
	case MEM_CANCEL_ONLINE:
	case MEM_OFFLINE:
		map_remove(start, end);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block map_memory_nb = {
	.notifier_call = map_memory_notify,
};

int el2_map_create(void)
{
	int err;

	map_root = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!map_root)
		return -ENOMEM;
	err = register_memory_notifier(&map_memory_nb);
	if (err)
		goto free_root;
	err = walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
				  0, -1, NULL, map_resource);
	if (err)
		goto unregister_notifier;
	return 0;

unregister_notifier:
	unregister_memory_notifier(&map_memory_nb);
free_root:
	table_free(map_root, 0);
	return err;
}

int el2_map_image(phys_addr_t start, size_t size)
{
	return map_walk(start, start + size, MAP_IMAGE, true);
}

void el2_map_destroy(void)
{
	unregister_memory_notifier(&map_memory_nb);
	table_free(map_root, 0);
	map_root = NULL;
}

u64 el2_map_ttbr(void)
{
	return virt_to_phys(map_root);
}
