/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host's kernel knows of the page behind an address of this process.
 */
#ifndef SELFTESTS_LIB_HOSTPAGE_H
#define SELFTESTS_LIB_HOSTPAGE_H

#include "types.h"

/**
 * hostpage_frame() - which page frame is it?
 * @hva: any address
 *
 * Return: its number, 0 if nothing is mapped there.
 */
u64 hostpage_frame(const void *hva);

/**
 * hostpage_frame_has() - does a page frame have a flag?
 * @frame: its number
 * @flag: KPF_*
 */
bool hostpage_frame_has(u64 frame, unsigned int flag);

/**
 * hostpage_frame_mapped() - how many processes map a page frame?
 * @frame: its number
 */
u64 hostpage_frame_mapped(u64 frame);

/**
 * hostpage_has() - does the page behind an address have a flag?
 * @hva: the address, mapped
 * @flag: KPF_*
 */
bool hostpage_has(const void *hva, unsigned int flag);

/**
 * hostpage_write() - write a word to a file of the kernel's
 * @path: file
 * @text: what
 *
 * Return: false if the kernel says no.
 */
bool hostpage_write(const char *path, const char *text);

/**
 * hostpage_merge() - let KSM merge a page with another one of the same content
 * @hva: the page, anonymous and private, not all zeroes
 *
 * Return: false if it did not, in a minute.
 */
bool hostpage_merge(void *hva);

#endif /* SELFTESTS_LIB_HOSTPAGE_H */
