/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Premapping a memslot.
 */
#ifndef SETWAY_MEMORY_PREMAP_H
#define SETWAY_MEMORY_PREMAP_H

struct memslot;
struct vm;

/**
 * memslot_premap() - map a whole memslot idle (SETWAY_PREMAP)
 * @vm: its lock is held, no vCPU has run
 * @slot: memslot
 *
 * Return: 0, -EFAULT, -ENOMEM, -EINTR.
 */
int memslot_premap(struct vm *vm, const struct memslot *slot);

#endif /* SETWAY_MEMORY_PREMAP_H */
